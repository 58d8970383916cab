//! Disputes: what a bank asks for is taken from the organiser and held until it is decided. The event is locked first,
//! then the order, as wherever money moves.

use super::bus::{DisputeOpened, DisputeUpdated};
use super::jobs::RefundEvent;
use super::ledger::{self, Account, Journal};
use super::sql::{self, NewDisputeRow};
use super::{
    Dispute, DisputeId, DisputeStatus, FraudRule, JournalKind, Payment, PaymentId, PaymentStatus, PostingLine,
    refunding, watching,
};
use crate::access::StaffId;
use crate::events::rules::lock_open;
use crate::events::{Event, EventStatus};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input, invalid_transition};
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::paid;

/// What a bank asks for.
pub struct Raised<'d> {
    /// How much; all that is left if absent.
    pub minor: Option<i64>,
    /// Why.
    pub reason: &'d str,
    /// Deadline for evidence.
    pub due_at: Timestamp,
    /// What the provider calls it.
    pub provider_ref: Option<&'d str>,
    /// Who told us, where the provider did not.
    pub by: Option<StaffId>,
}

/// The event and the payment, under the locks that whoever moves money holds.
pub async fn locked(tx: &mut Tx, id: PaymentId) -> Result<(Event, Payment)> {
    let seen = sql::payment_find(tx.conn(), id).await?;
    let event = lock_open(tx, seen.event_id).await?;
    let now = tx.now;
    sql::order_lock(tx.conn(), seen.order_id, now).await?;
    let payment = sql::payment_find(tx.conn(), id).await?;
    Ok((event, payment))
}

/// Opens a dispute: the organiser's money is held.
pub async fn open(tx: &mut Tx, event: &Event, payment: &Payment, raised: &Raised<'_>) -> Result<Dispute> {
    payment.status.next(PaymentStatus::Disputed)?;
    let left = payment.left();
    if left.minor == 0 {
        return Err(invalid_transition().detail("Nothing is left of this payment to dispute."));
    }
    let minor = raised.minor.unwrap_or(left.minor);
    if minor > left.minor {
        return Err(invalid_input().field("amount_minor", format!("must be at most {}", left.display())));
    }
    let (id, now, amount) = (DisputeId::new(), tx.now, Money { minor, currency: left.currency });
    let row = NewDisputeRow {
        id,
        payment: payment.id,
        amount: &amount,
        reason: raised.reason,
        due_at: raised.due_at,
        provider_ref: raised.provider_ref,
        by: raised.by,
    };
    sql::dispute_insert(tx.conn(), &row, now).await?;
    sql::payment_set_status(tx.conn(), payment.id, PaymentStatus::Disputed, None, now).await?;
    let description = format!("Order {}: {} held for a dispute", payment.order_reference, amount.display());
    let journal = Journal::new(JournalKind::Dispute, ("dispute", id.0), Some(event.id), &amount.currency, description)
        .debit(Account::of_organiser(event), PostingLine::Dispute, minor)
        .credit(Account::Disputes, PostingLine::Dispute, minor);
    ledger::post(tx, journal).await?;
    watching::look(tx, (payment.user_id, payment.id), &[FraudRule::ManyDisputes]).await?;
    tx.emit(&DisputeOpened { dispute_id: id, payment_id: payment.id, event_id: event.id, amount });
    sql::dispute_find(tx.conn(), id).await
}

/// The provider tells of a dispute that somebody opened by hand: by its name, the provider's later words find it. Whoever
/// was told of the dispute has to see to it as before.
pub async fn name(tx: &mut Tx, id: DisputeId, provider_ref: &str) -> Result<Dispute> {
    sql::dispute_name(tx.conn(), id, provider_ref).await?;
    sql::dispute_find(tx.conn(), id).await
}

/// The evidence goes to the bank.
pub async fn submit(tx: &mut Tx, id: DisputeId, by: Option<StaffId>) -> Result<(Dispute, Dispute)> {
    let seen = sql::dispute_find(tx.conn(), id).await?;
    locked(tx, seen.payment_id).await?;
    let before = sql::dispute_find(tx.conn(), id).await?;
    before.status.next(DisputeStatus::UnderReview)?;
    if before.evidence == 0 {
        return Err(invalid_transition().detail("Add evidence first."));
    }
    let now = tx.now;
    sql::dispute_submit(tx.conn(), id, by, now).await?;
    let after = sql::dispute_find(tx.conn(), id).await?;
    updated(tx, &after);
    Ok((before, after))
}

fn updated(tx: &mut Tx, dispute: &Dispute) {
    tx.emit(&DisputeUpdated {
        dispute_id: dispute.id,
        payment_id: dispute.payment_id,
        event_id: dispute.event_id,
        status: dispute.status,
    });
}

/// Decides a dispute, by whoever may: what was held is the organiser's again, or went back to the guest. A bank may well
/// decide before anything was handed in.
pub async fn close(
    tx: &mut Tx,
    (event, payment): (&Event, &Payment),
    id: DisputeId,
    (to, note): (DisputeStatus, Option<&str>),
    by: Option<StaffId>,
) -> Result<(Dispute, Dispute)> {
    let before = sql::dispute_find(tx.conn(), id).await?;
    match (before.status, to) {
        (DisputeStatus::Opened, DisputeStatus::Won | DisputeStatus::Lost) => {
            before.status.next(DisputeStatus::UnderReview)?.next(to)?
        }
        _ => before.status.next(to)?,
    };
    let now = tx.now;
    sql::dispute_close(tx.conn(), id, (to, note), by, now).await?;
    let lost = to == DisputeStatus::Lost;
    // What was not disputed is the organiser's still, and can be refunded or disputed as before.
    let gone = lost && before.amount.minor == payment.left().minor;
    let status = if gone { PaymentStatus::Lost } else { PaymentStatus::Captured };
    payment.status.next(status)?;
    sql::payment_set_status(tx.conn(), payment.id, status, None, now).await?;
    post_close(tx, event, payment, &before, lost).await?;
    if lost {
        let less = Money { minor: -before.amount.minor, currency: before.amount.currency.clone() };
        sql::spent(tx.conn(), payment.user_id, &less).await?;
    }
    match gone {
        true => take_back(tx, event, payment).await?,
        // Everybody else was paid back meanwhile.
        false if event.status == EventStatus::Cancelled => {
            tx.enqueue(&RefundEvent::from_start(event.id));
        }
        false => {}
    }
    let after = sql::dispute_find(tx.conn(), id).await?;
    updated(tx, &after);
    Ok((before, after))
}

async fn post_close(tx: &mut Tx, event: &Event, payment: &Payment, dispute: &Dispute, lost: bool) -> Result<()> {
    let (amount, reference) = (&dispute.amount, &payment.order_reference);
    let (kind, description) = match lost {
        true => (JournalKind::DisputeLost, format!("Order {reference}: {} lost to a dispute", amount.display())),
        false => (JournalKind::DisputeReleased, format!("Order {reference}: {} no longer held", amount.display())),
    };
    let journal = Journal::new(kind, ("dispute", dispute.id.0), Some(event.id), &amount.currency, description).debit(
        Account::Disputes,
        PostingLine::Dispute,
        amount.minor,
    );
    let journal = match lost {
        true => journal.credit(Account::Provider(payment.provider.as_str()), PostingLine::Settlement, amount.minor),
        false => journal.credit(Account::of_organiser(event), PostingLine::Dispute, amount.minor),
    };
    ledger::post(tx, journal).await.map(drop)
}

/// What tickets can still be used while the event is ahead are void: nobody has paid for them.
async fn take_back(tx: &mut Tx, event: &Event, payment: &Payment) -> Result<()> {
    if matches!(event.status, EventStatus::Published | EventStatus::Live) {
        let tickets = refunding::valid_tickets(tx, payment).await?;
        paid::pay_back(tx, event, &tickets, "The payment was reversed by the bank.").await?;
    }
    Ok(())
}
