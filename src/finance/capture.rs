//! What follows from what a provider says. The event is locked first, then the order, so whatever comes twice, late or in
//! another order is seen one after the other; money that came becomes seats or goes back, in the same transaction.

use super::bus::{PaymentCaptured, PaymentFailed, RefundFailed, RefundProcessed};
use super::disputing::{self, Raised};
use super::invoicing;
use super::ledger::{self, Account, Journal};
use super::provider::{About, Case, Notice, ProviderStatus};
use super::refunding::{self, Back};
use super::sql::{self, BookLine};
use super::watching;
use super::{
    DisputeStatus, FraudRule, JournalKind, Payment, PaymentOrder, PaymentStatus, PostingLine, ProviderName, Refund,
    RefundId, RefundStatus,
};
use crate::events::Event;
use crate::events::rules::lock_open;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Error, Result};
use crate::tickets::paid;

/// Does what a message asks for; answers what came of it.
pub async fn apply(tx: &mut Tx, provider: ProviderName, notice: &Notice) -> Result<&'static str> {
    if sql::webhook_known(tx.conn(), provider, &notice.id).await? {
        return Ok("duplicate");
    }
    let seen = match &notice.about {
        About::Attempt(name) => sql::payment_by_ref(tx.conn(), provider, name).await?,
        About::Charge(name) => sql::payment_by_charge(tx.conn(), provider, name).await?,
        About::None => None,
    };
    let outcome = match (&seen, &notice.about) {
        (Some(seen), _) => taken(tx, seen, notice).await?,
        (None, About::None) => "ignored",
        (None, _) => "unknown_payment",
    };
    let (now, kept) = (tx.now, (notice.id.as_str(), notice.kind.as_str(), &notice.body));
    sql::webhook_insert(tx.conn(), provider, kept, (seen.map(|seen| seen.id), outcome), now).await?;
    Ok(outcome)
}

async fn taken(tx: &mut Tx, seen: &Payment, notice: &Notice) -> Result<&'static str> {
    let event = lock_open(tx, seen.event_id).await?;
    let now = tx.now;
    let order = sql::order_lock(tx.conn(), seen.order_id, now).await?;
    let payment = sql::payment_find(tx.conn(), seen.id).await?;
    let step = |to: PaymentStatus| payment.status.next(to).is_ok();
    match &notice.said {
        ProviderStatus::Authorised if step(PaymentStatus::Authorised) => {
            sql::payment_set_status(tx.conn(), payment.id, PaymentStatus::Authorised, None, now).await?;
        }
        ProviderStatus::Captured if notice.amount.as_ref() != Some(&payment.amount) => {
            tracing::error!(payment = %payment.id, "another amount came than was asked for");
            return Ok("amount_differs");
        }
        ProviderStatus::Captured if payment.captured_at.is_none() && step(PaymentStatus::Captured) => {
            if let Some(charge) = &notice.charge {
                sql::payment_set_charge(tx.conn(), payment.id, charge).await?;
            }
            captured(tx, &event, &order, &payment, notice).await?;
            let rules = [FraudRule::ManyPayments, FraudRule::OwnEvent];
            watching::look(tx, (payment.user_id, payment.id), &rules).await?;
        }
        ProviderStatus::Failed(reason) if step(PaymentStatus::Failed) => {
            sql::payment_set_status(tx.conn(), payment.id, PaymentStatus::Failed, Some(reason), now).await?;
            tx.emit(&PaymentFailed { payment_id: payment.id, event_id: event.id });
            watching::look(tx, (payment.user_id, payment.id), &[FraudRule::ManyFailures]).await?;
        }
        ProviderStatus::Refunded(refund) => return refunded(tx, &event, &payment, *refund).await,
        ProviderStatus::RefundFailed(refund, reason) => return refund_failed(tx, &payment, *refund, reason).await,
        ProviderStatus::Disputed(case) => return disputed(tx, &event, &payment, case, notice).await,
        ProviderStatus::DisputeClosed(name, outcome) => {
            return dispute_closed(tx, &event, &payment, name, (*outcome).into()).await;
        }
        _ => return Ok("ignored"),
    }
    Ok("applied")
}

/// The money came: seats for it, where there are some, and the rest goes back.
async fn captured(tx: &mut Tx, event: &Event, order: &PaymentOrder, payment: &Payment, notice: &Notice) -> Result<()> {
    let now = tx.now;
    sql::payment_set_status(tx.conn(), payment.id, PaymentStatus::Captured, None, now).await?;
    tx.emit(&PaymentCaptured { payment_id: payment.id, event_id: event.id, amount: payment.amount.clone() });
    let lines = sql::book_lines(tx.conn(), order.id).await?;
    if order.paid_at.is_some() {
        // Somebody paid twice, by two attempts: the second one goes back whole.
        post(tx, event, order, payment, &[], &lines).await?;
        let back =
            Back { amount: payment.amount.clone(), lines: Vec::new(), reason: "The order was paid already.", by: None };
        refunding::begin(tx, event, payment, &back, false).await?;
        return Ok(());
    }
    sql::order_paid(tx.conn(), order.id, (&payment.provider_ref, &notice.body), now).await?;
    let (mut seated, mut left) = (Vec::new(), Vec::new());
    for line in lines {
        match paid::seat(tx, event, line.reservation, line.fee).await? {
            true => seated.push(line),
            false => left.push(line),
        }
    }
    post(tx, event, order, payment, &seated, &left).await?;
    invoicing::issue(tx, event, order, payment, &seated).await?;
    let mut kept = payment.amount.clone();
    if !left.is_empty() {
        let mut amount = payment.amount.clone();
        amount.minor = left.iter().map(|line| line.amount).sum();
        kept.minor -= amount.minor;
        let lines = left.iter().map(|line| (line.id, line.amount)).collect();
        let back = Back { amount, lines, reason: "The seats were no longer available.", by: None };
        refunding::begin(tx, event, payment, &back, false).await?;
    }
    sql::spent(tx.conn(), order.user_id, &kept).await
}

/// What a sale is called in the books.
pub fn paid_for(reference: &str, seats: i32) -> String {
    let tickets = if seats == 1 { "1 ticket".to_owned() } else { format!("{seats} tickets") };
    format!("Order {reference}: {tickets} paid")
}

/// Posts what came: what became seats is the organiser's, less the fee; the rest is the guest's.
async fn post(
    tx: &mut Tx,
    event: &Event,
    order: &PaymentOrder,
    payment: &Payment,
    seated: &[BookLine],
    left: &[BookLine],
) -> Result<()> {
    let sum = |of: fn(&BookLine) -> i64| seated.iter().map(of).sum::<i64>();
    let (gross, fee, fee_tax) = (sum(|line| line.amount), sum(|line| line.fee), sum(|line| line.fee_tax));
    let seats: i32 = seated.iter().map(|line| line.seats).sum();
    let reference = &order.order_reference;
    let description = match (seats, left.is_empty()) {
        (0, _) => format!("Order {reference}: paid, but no seats were left"),
        (seats, true) => paid_for(reference, seats),
        (seats, false) => format!("{}, the rest to be refunded", paid_for(reference, seats)),
    };
    let (cause, rest) = (("payment", payment.id.0), payment.amount.minor - gross);
    let sale = ledger::sale(Account::of_organiser(event), payment.provider, (gross, fee, fee_tax));
    let journal = Journal::new(JournalKind::Sale, cause, Some(event.id), &payment.amount.currency, description)
        .lines(sale)
        // What is no sale came all the same, and is the guest's.
        .debit(Account::Provider(payment.provider.as_str()), PostingLine::Settlement, rest)
        .credit(Account::Refunds, PostingLine::Refund, rest);
    ledger::post(tx, journal).await.map(drop)
}

/// A refund has gone back, and who paid is told.
async fn refunded(tx: &mut Tx, event: &Event, payment: &Payment, id: RefundId) -> Result<&'static str> {
    let Some(refund) = sent_back(tx, event, payment, id).await? else { return Ok("ignored") };
    let told = (&refund.amount, payment.order_reference.as_str(), refund.reason.as_str());
    paid::money_back(tx, event, payment.user_id, told).await?;
    Ok("applied")
}

/// Notes and posts that a refund of this payment has gone back; nothing where it had, or is none of it.
pub async fn sent_back(tx: &mut Tx, event: &Event, payment: &Payment, id: RefundId) -> Result<Option<Refund>> {
    let Some(refund) = mine(sql::refund_lock(tx.conn(), id).await, payment)? else { return Ok(None) };
    if refund.status.next(RefundStatus::Processed).is_err() {
        return Ok(None);
    }
    let now = tx.now;
    sql::refund_set_status(tx.conn(), id, RefundStatus::Processed, None, now).await?;
    let description = format!("Order {}: {} sent back to the guest", payment.order_reference, refund.amount.display());
    let cause = ("refund", id.0);
    let journal = Journal::new(JournalKind::RefundPaid, cause, Some(event.id), &refund.amount.currency, description)
        .debit(Account::Refunds, PostingLine::Settlement, refund.amount.minor)
        .credit(Account::Provider(payment.provider.as_str()), PostingLine::Settlement, refund.amount.minor);
    ledger::post(tx, journal).await?;
    let amount = refund.amount.clone();
    tx.emit(&RefundProcessed { payment_id: payment.id, event_id: event.id, refund_id: id, amount });
    Ok(Some(refund))
}

/// Notes that a refund of this payment could not be sent.
pub async fn refund_failed(tx: &mut Tx, payment: &Payment, id: RefundId, reason: &str) -> Result<&'static str> {
    let Some(refund) = mine(sql::refund_lock(tx.conn(), id).await, payment)? else { return Ok("ignored") };
    if refund.status.next(RefundStatus::Failed).is_err() {
        return Ok("ignored");
    }
    let now = tx.now;
    sql::refund_set_status(tx.conn(), id, RefundStatus::Failed, Some(reason), now).await?;
    tx.emit(&RefundFailed { payment_id: payment.id, event_id: payment.event_id, refund_id: id });
    Ok("applied")
}

/// A guest's bank asks for money back: once, and never for more than is left of the payment.
async fn disputed(tx: &mut Tx, event: &Event, payment: &Payment, case: &Case, notice: &Notice) -> Result<&'static str> {
    let Some(asked) = &notice.amount else { return Ok("ignored") };
    if sql::dispute_by_ref(tx.conn(), &case.name).await?.is_some() {
        return Ok("ignored");
    }
    if let Some(by_hand) = sql::dispute_nameless(tx.conn(), payment.id).await? {
        if *asked != by_hand.amount {
            tracing::error!(payment = %payment.id, "a bank asks for another amount than was noted by hand");
            return Ok("amount_differs");
        }
        disputing::name(tx, by_hand.id, &case.name).await?;
        return Ok("applied");
    }
    if payment.status.next(PaymentStatus::Disputed).is_err() {
        return Ok("ignored");
    }
    let left = payment.left();
    if asked.currency != left.currency || asked.minor <= 0 || asked.minor > left.minor {
        tracing::error!(payment = %payment.id, "a bank asks for another amount than is left of the payment");
        return Ok("amount_differs");
    }
    let raised = Raised {
        minor: Some(asked.minor),
        reason: &case.reason,
        due_at: case.due_at,
        provider_ref: Some(&case.name),
        by: None,
    };
    disputing::open(tx, event, payment, &raised).await?;
    Ok("applied")
}

async fn dispute_closed(
    tx: &mut Tx,
    event: &Event,
    payment: &Payment,
    name: &str,
    to: DisputeStatus,
) -> Result<&'static str> {
    match sql::dispute_by_ref(tx.conn(), name).await? {
        Some(dispute) if dispute.payment_id == payment.id && dispute.status.is_open() => {
            disputing::close(tx, (event, payment), dispute.id, (to, None), None).await?;
            Ok("applied")
        }
        _ => Ok("ignored"),
    }
}

/// The refund, where it is one of this payment.
fn mine(found: Result<Refund, Error>, payment: &Payment) -> Result<Option<Refund>> {
    match found {
        Ok(refund) => Ok(Some(refund).filter(|refund| refund.payment_id == payment.id)),
        Err(error) if error.status() == 404 => Ok(None),
        Err(error) => Err(error),
    }
}
