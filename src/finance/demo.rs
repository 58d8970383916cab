//! The demo's money: of every guest who has paid an order, a payment and its postings; some of it refunded. Charged by the
//! same rules as all others, and written in batches.

use std::sync::Arc;

use uuid::Uuid;

use super::invoicing::{self, Sold, What};
use super::ledger::{self, Account};
use super::operations::PAYMENT_CHECKOUT_META;
use super::provider::{Provider, sandbox::Sandbox};
use super::sql::{self, DemoGuest, DemoSales};
use super::{
    Charges, FeeScheduleId, NewFeeSchedule, NewRefund, PaymentId, PostingLine, ProviderName, Rates, capture, checkout,
    demo_later, refunding,
};
use crate::access::demo::{FINANCE, doer};
use crate::events::rules::{by_id, system_cx};
use crate::events::{Event, EventId, EventStatus};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::text::Reason;

/// Adds payments to the demo's guests; where there are some already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let events = {
        let mut db = app.reader.acquire().await?;
        if !sql::fee_list(&mut db).await?.is_empty() {
            return Ok(());
        }
        sql::demo_events(&mut db).await?
    };
    let mut tx = Tx::begin(system_cx(app, &PAYMENT_CHECKOUT_META)).await?;
    let fee = NewFeeSchedule { partner_id: None, event_id: None, fee_basis_points: 500, tax_basis_points: 1_800 };
    let now = tx.now;
    sql::fee_set(tx.conn(), FeeScheduleId::new(), &fee, None, now).await?;
    tx.commit().await?;
    let mut all = Vec::new();
    for event in events {
        all.push(one(app, event).await?);
    }
    invoices(app, &all).await?;
    let (mut paid_out, mut sold) = (false, false);
    for (at, (event, sales)) in all.iter().enumerate() {
        let mut tx = Tx::begin(system_cx(app, &PAYMENT_CHECKOUT_META)).await?;
        post(&mut tx, event, sales).await?;
        tx.commit().await?;
        give_back(app, event, at).await?;
        demo_later::budget(app, event, at).await?;
        if at % 2 == 1 {
            demo_later::dispute(app, event, at / 2).await?;
        }
        if !sold {
            sold = demo_later::door(app, event).await?;
        }
        if !paid_out {
            paid_out = demo_later::payout(app, true).await?;
        }
    }
    demo_later::signals(app).await?;
    demo_later::settle(app).await?;
    demo_later::payout(app, false).await.map(drop)
}

/// What guests have paid for an event.
async fn one(app: &Arc<App>, id: EventId) -> Result<(Event, DemoSales)> {
    let mut tx = Tx::begin(system_cx(app, &PAYMENT_CHECKOUT_META)).await?;
    let event = by_id(tx.conn(), id).await?;
    let guests = sql::demo_guests(tx.conn(), id).await?;
    let rates = sql::rates_of(tx.conn(), &event).await?;
    let mut sales = DemoSales::default();
    for guest in &guests {
        sold(&mut sales, guest, rates);
    }
    let currency = event.ticket_price.currency.as_str();
    sql::demo_sales_insert(tx.conn(), id, currency, &sales).await?;
    tx.commit().await?;
    Ok((event, sales))
}

fn sold(sales: &mut DemoSales, guest: &DemoGuest, rates: Rates) {
    let (amount, payment) = (guest.unit * i64::from(guest.seats), PaymentId::new());
    let charges = Charges::of(amount, rates);
    let reference = checkout::reference("EV");
    sales.attendees.push(guest.attendee);
    sales.users.push(guest.user);
    sales.types.push(guest.ticket_type);
    sales.seats.push(guest.seats);
    sales.units.push(guest.unit);
    sales.amounts.push(amount);
    sales.taxes.push(charges.tax);
    sales.fees.push(charges.fee);
    sales.fee_taxes.push(charges.fee_tax);
    sales.times.push(guest.at);
    sales.reservations.push(new_uuid());
    sales.orders.push(new_uuid());
    sales.payments.push(payment.0);
    sales.names.push(Sandbox.reference(payment));
    sales.journals.push(new_uuid());
    sales.descriptions.push(capture::paid_for(&reference, guest.seats));
    sales.references.push(reference);
}

/// The invoice of each sale, numbered as they came, whichever event of their supplier they were for.
async fn invoices(app: &Arc<App>, all: &[(Event, DemoSales)]) -> Result<()> {
    let sold = |sales: &DemoSales| -> Vec<Sold> {
        let one = |at: usize| Sold {
            what: What::Order(sales.orders[at], sales.payments[at]),
            amount: sales.amounts[at],
            tax: sales.taxes[at],
            at: sales.times[at],
        };
        (0..sales.orders.len()).map(one).collect()
    };
    let all: Vec<(&Event, Vec<Sold>)> = all.iter().map(|(event, sales)| (event, sold(sales))).collect();
    let mut tx = Tx::begin(system_cx(app, &PAYMENT_CHECKOUT_META)).await?;
    invoicing::issue_each(&mut tx, &all).await?;
    tx.commit().await
}

/// What [`capture`] posts of each sale, account by account.
async fn post(tx: &mut Tx, event: &Event, sales: &DemoSales) -> Result<()> {
    let (organiser, currency) = (Account::of_organiser(event), event.ticket_price.currency.clone());
    let parts = sales.amounts.iter().zip(&sales.fees).zip(&sales.fee_taxes);
    let each: Vec<_> = parts
        .map(|((gross, fee), fee_tax)| ledger::sale(organiser.clone(), ProviderName::Sandbox, (*gross, *fee, *fee_tax)))
        .collect();
    let mut lines: Vec<(Uuid, PostingLine, Vec<i64>)> = Vec::new();
    for (at, (account, line, _)) in each.first().into_iter().flatten().enumerate() {
        let amounts = each.iter().map(|sale| sale[at].2).collect();
        lines.push((ledger::account(tx, account, &currency).await?.0, *line, amounts));
    }
    // In the order in which all others take the accounts.
    lines.sort_by_key(|(account, ..)| *account);
    sql::demo_journals_insert(tx.conn(), event.id, sales).await?;
    for (account, line, amounts) in &lines {
        let of = (*account, line.as_str(), currency.as_str());
        sql::demo_postings_insert(tx.conn(), event.id, of, amounts, sales).await?;
    }
    Ok(())
}

/// A cancelled event paid everybody back; elsewhere some were refunded, whole or in part.
async fn give_back(app: &Arc<App>, event: &Event, at: usize) -> Result<()> {
    let cancelled = event.status == EventStatus::Cancelled;
    let mut cx = system_cx(app, &PAYMENT_CHECKOUT_META);
    if !cancelled {
        cx.caller = doer(&mut *app.reader.acquire().await?, FINANCE, cx.now).await?;
    }
    let mut tx = Tx::begin(cx).await?;
    let by = tx.actor();
    let payments = sql::demo_payments(tx.conn(), event.id, if cancelled { 1_000 } else { 2 }).await?;
    let reason = |text: &str| Reason::parse(text).map_err(|e| internal().internal(e));
    for (number, payment) in payments.into_iter().map(PaymentId).enumerate() {
        if cancelled {
            refunding::refund_rest(&mut tx, payment, "The event was cancelled.").await?;
        } else if at.is_multiple_of(2) {
            let half = sql::payment_find(tx.conn(), payment).await?.amount.minor / 2;
            let input = match number {
                0 => NewRefund { amount_minor: None, ticket_ids: None, reason: reason("The guest fell ill.")? },
                _ => NewRefund { amount_minor: Some(half), ticket_ids: None, reason: reason("The view was blocked.")? },
            };
            let refund = refunding::refund(&mut tx, payment, &input, by).await?;
            tx.audit_created("payment.refunded", &refund).reason(input.reason.as_str());
        }
        sent(&mut tx, event, payment).await?;
    }
    tx.commit().await
}

/// The provider has sent back what was asked for. Nobody is told: the guests are made up.
async fn sent(tx: &mut Tx, event: &Event, id: PaymentId) -> Result<()> {
    let payment = sql::payment_find(tx.conn(), id).await?;
    for refund in sql::refunds_of(tx.conn(), id).await? {
        capture::sent_back(tx, event, &payment, refund.id).await?;
    }
    Ok(())
}
