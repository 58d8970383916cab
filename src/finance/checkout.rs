//! From seats that are held to an attempt to pay for them. Whatever is asked twice is answered with what there is
//! already: an order for its seats, an attempt that is open for its order.

use super::bus::PaymentInitiated;
use super::provider::{self, Attempt};
use super::sql::{self, NewLine, NewOrder};
use super::{Charges, OrderState, OrderStatus, PaymentId, PaymentOrderId};
use crate::access::EndUserId;
use crate::events::rules::lock_open;
use crate::events::{Event, EventId};
use crate::finance::errors::already_in_order;
use crate::kernel::clock::random_bytes;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input, not_found};
use crate::kernel::text::letters;
use crate::tickets::errors::reservation_expired;
use crate::tickets::{Reservation, ReservationId, ReservationStatus, paid, takes_guests};

/// An order with its latest attempt, as of now.
pub async fn state(db: &mut impl Db, id: PaymentOrderId) -> Result<OrderState> {
    let now = db.cx().now;
    let order = sql::order_find(db.conn(), id, now).await?;
    let payment = sql::payment_latest(db.conn(), id).await?;
    let open = payment.as_ref().filter(|payment| payment.status.is_open() && order.status == OrderStatus::Created);
    let pay_url = match open {
        Some(payment) => {
            let app = db.cx().app();
            provider::named(app, payment.provider).ok().map(|provider| provider.pay_url(app, &payment.provider_ref))
        }
        None => None,
    };
    Ok(OrderState { order, payment, pay_url })
}

/// Begins to pay for seats that this person holds, or goes on with it.
pub async fn start(tx: &mut Tx, user: EndUserId, seats: &[ReservationId]) -> Result<OrderState> {
    let first = paid::held(tx, seats[0]).await?;
    let event = lock_open(tx, first.event_id).await?;
    let mut holds = Vec::with_capacity(seats.len());
    for id in seats {
        holds.push(paid::held(tx, *id).await?);
    }
    if holds.iter().any(|hold| hold.user_id != Some(user)) {
        return Err(not_found());
    }
    if holds.iter().any(|hold| hold.event_id != event.id) {
        return Err(invalid_input().field("reservation_ids", "must be of one event"));
    }
    let order = match sql::order_of(tx.conn(), seats).await? {
        Some((_, false)) => return Err(already_in_order().detail("All seats of that order must be paid together.")),
        Some((order, true)) => order,
        None => make(tx, &event, user, &holds).await?,
    };
    let now = tx.now;
    let known = sql::order_lock(tx.conn(), order, now).await?;
    match known.status {
        OrderStatus::Created => attempt(tx, &event, order, &holds).await?,
        OrderStatus::Failed | OrderStatus::Expired => return Err(reservation_expired()),
        // It is paid: a second click changes nothing.
        OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded => {}
    }
    state(tx, order).await
}

fn must_be_held(event: &Event, holds: &[Reservation], tx: &Tx) -> Result<()> {
    takes_guests(event, tx.now)?;
    match holds.iter().all(|hold| hold.status == ReservationStatus::Active) {
        true => Ok(()),
        false => Err(reservation_expired()),
    }
}

/// An order for these seats, with what the organiser will be charged.
async fn make(tx: &mut Tx, event: &Event, user: EndUserId, holds: &[Reservation]) -> Result<PaymentOrderId> {
    must_be_held(event, holds, tx)?;
    let provider = provider::active(tx.app())?;
    let rates = sql::rates_of(tx.conn(), event).await?;
    let currency = holds[0].total.currency.clone();
    if holds.iter().any(|hold| hold.total.minor == 0 || hold.total.currency != currency) {
        return Err(invalid_input().field("reservation_ids", "must all cost something, in one currency"));
    }
    let line = |hold: &Reservation| {
        let amount = hold.total.minor;
        NewLine {
            reservation: hold.id,
            ticket_type: hold.ticket_type_id,
            seats: hold.seats_reserved,
            amount,
            charges: Charges::of(amount, rates),
        }
    };
    let order = NewOrder {
        id: PaymentOrderId::new(),
        reference: reference("EV"),
        user,
        event: event.id,
        currency,
        provider: provider.name().as_str(),
        expires_at: holds.iter().map(|hold| hold.expires_at).min().unwrap_or(tx.now),
        lines: holds.iter().map(line).collect(),
    };
    let now = tx.now;
    sql::order_insert(tx.conn(), &order, now).await?;
    Ok(order.id)
}

/// An attempt to pay, unless one is open.
async fn attempt(tx: &mut Tx, event: &Event, id: PaymentOrderId, holds: &[Reservation]) -> Result<()> {
    let latest = sql::payment_latest(tx.conn(), id).await?;
    if latest.is_some_and(|payment| payment.status.is_open()) {
        return Ok(());
    }
    must_be_held(event, holds, tx)?;
    let (provider, now) = (provider::active(tx.app())?, tx.now);
    let order = sql::order_find(tx.conn(), id, now).await?;
    let payment = PaymentId::new();
    let attempt = Attempt {
        payment,
        order: id,
        provider: provider.name(),
        provider_ref: provider.reference(payment),
        amount: order.amount.clone(),
    };
    sql::payment_insert(tx.conn(), &attempt, now).await?;
    initiated(tx, event.id, payment, &order.amount);
    Ok(())
}

fn initiated(tx: &mut Tx, event_id: EventId, payment_id: PaymentId, amount: &crate::kernel::money::Money) {
    tx.emit(&PaymentInitiated { payment_id, event_id, amount: amount.clone() });
}

/// What people call an order (`EV`) or a batch of payouts (`PO`): letters and digits that cannot be taken for one another.
pub fn reference(prefix: &str) -> String {
    format!("{prefix}-{}", letters(&random_bytes::<10>()))
}
