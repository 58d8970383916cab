//! What comes after the demo's sales: budgets, disputes in each state, a batch that was paid out and one that waits.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::Duration;

use super::operations::{
    BUDGET_CREATE_META, PAYMENT_CHECKOUT_META, PAYOUT_BATCH_APPROVE_META, PAYOUT_BATCH_PREPARE_META,
};
use super::provider::{About, Case, Notice, Provider, ProviderStatus, sandbox::Sandbox};
use super::settling::report::{Row, Sent};
use super::{
    BudgetId, BudgetKind, BudgetSource, DisputeOutcome, DoorMethod, FraudOutcome, FraudRule, LineTitle, NewBudgetLine,
    NewCashDeposit, NewDoorSale, Payment, PaymentId, PayoutBatchStatus, ProviderName, SettlementKind, SlipNumber,
    budgeting, capture, door, paying_out, settling, share, sql, watching,
};
use crate::access::demo::{FINANCE, TEAM, doer};
use crate::events::rules::system_cx;
use crate::events::{Event, EventStatus};
use crate::kernel::app::App;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::money::{Currency, Money};
use crate::kernel::registry::OperationMeta;
use crate::kernel::text::PersonName;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::Party;

/// What is done by this person of the demo, and said so in the audit log.
async fn by(app: &Arc<App>, email: &str, operation: &'static OperationMeta) -> Result<RequestContext> {
    let mut cx = system_cx(app, operation);
    cx.caller = doer(&mut *app.reader.acquire().await?, email, cx.now).await?;
    Ok(cx)
}

/// How a dispute of the demo stands, and why it was raised.
const CASES: &[(&str, Option<DisputeOutcome>)] = &[
    ("The cardholder does not recognise the payment.", None),
    ("The cardholder says the event was not as described.", Some(DisputeOutcome::Won)),
    ("The card was reported stolen.", Some(DisputeOutcome::Lost)),
    ("The cardholder says they could not attend.", None),
];

/// Disputes one payment of some events: `number` counts them.
pub async fn dispute(app: &Arc<App>, event: &Event, number: usize) -> Result<()> {
    let Some((reason, outcome)) = CASES.get(number).filter(|_| event.status != EventStatus::Cancelled) else {
        return Ok(());
    };
    let mut tx = Tx::begin(system_cx(app, &PAYMENT_CHECKOUT_META)).await?;
    // The first two are those that are refunded.
    if let Some(id) = sql::demo_payments(tx.conn(), event.id, 3).await?.get(2) {
        let payment = sql::payment_find(tx.conn(), PaymentId(*id)).await?;
        let name = format!("dp_{}", payment.id.0.simple());
        let due_at = tx.now.plus(Duration::hours(20 + 60 * i64::try_from(number).unwrap_or_default()));
        let case = Case { name: name.clone(), reason: (*reason).to_owned(), due_at };
        capture::apply(&mut tx, payment.provider, &notice(&payment, "dispute.opened", ProviderStatus::Disputed(case)))
            .await?;
        if let Some(outcome) = outcome {
            let said = ProviderStatus::DisputeClosed(name, *outcome);
            capture::apply(&mut tx, payment.provider, &notice(&payment, "dispute.closed", said)).await?;
        }
    }
    tx.commit().await
}

fn notice(payment: &Payment, kind: &str, said: ProviderStatus) -> Notice {
    Notice {
        id: format!("evt_{kind}_{}", payment.id.0.simple()),
        kind: kind.to_owned(),
        about: About::Attempt(payment.provider_ref.clone()),
        charge: None,
        amount: Some(payment.left()),
        said,
        body: serde_json::json!({ "type": kind }),
    }
}

/// Who came to the demo's door: how many, and how they paid.
const AT_THE_DOOR: &[(&str, i32, DoorMethod)] = &[
    ("Farhan Qureshi", 2, DoorMethod::Cash),
    ("Lena Brandt", 1, DoorMethod::Cash),
    ("Sunil Rao", 1, DoorMethod::Comp),
    ("Tara Menon", 1, DoorMethod::Cash),
];

/// Sells at the door of an event that is on, where there are seats enough; the last one gets the cash back.
pub async fn door(app: &Arc<App>, event: &Event) -> Result<bool> {
    let wrong = |error: String| internal().internal(error);
    let mut tx = Tx::begin(by(app, TEAM[0].0, &PAYMENT_CHECKOUT_META).await?).await?;
    let Some(ticket_type_id) = sql::demo_paid_type(tx.conn(), event.id).await? else { return Ok(false) };
    if event.status != EventStatus::Live || event.capacity - event.going_count < 20 {
        return Ok(false);
    }
    let by = tx.actor();
    for (at, (name, seats, method)) in AT_THE_DOOR.iter().enumerate() {
        let (name, seats) = (PersonName::parse(name).map_err(wrong)?, Party::try_from(*seats).map_err(wrong)?);
        let input = NewDoorSale { ticket_type_id, seats, method: *method, name, email: None };
        let sale = match door::sell(&mut tx, event, input, by).await {
            Err(error) if error.code() == "sold_out" => return Ok(false),
            sale => sale?,
        };
        tx.audit_created("door_sale.made", &sale);
        if at + 1 == AT_THE_DOOR.len() {
            let why = "The guest had a ticket already.";
            let after = door::refund(&mut tx, event, &sale, why, by).await?;
            tx.audit("door_sale.refunded", &sale, &after).reason(why);
        }
    }
    let half = sql::door_takings(tx.conn(), event).await?.cash.minor / 2;
    let day: String = tx.now.rfc3339().chars().take(10).filter(char::is_ascii_digit).collect();
    let reference = SlipNumber::parse(&format!("HDFC-{day}-0042")).map_err(wrong)?;
    let made = door::deposit(&mut tx, event, &NewCashDeposit { amount_minor: half, reference }, by).await?;
    tx.audit_created("cash_deposit.made", &made);
    tx.commit().await?;
    Ok(true)
}

/// Two guests whose cards failed again and again before they paid; somebody has asked one of them.
pub async fn signals(app: &Arc<App>) -> Result<()> {
    let mut tx = Tx::begin(by(app, FINANCE, &PAYMENT_CHECKOUT_META).await?).await?;
    let (by, rule) = (tx.actor(), FraudRule::ManyFailures);
    for (at, payment) in sql::demo_captured(tx.conn(), 2).await?.into_iter().enumerate() {
        let payment = sql::payment_find(tx.conn(), PaymentId(payment)).await?;
        for minutes in 1..=rule.threshold() {
            let id = PaymentId::new();
            let began = Timestamp(payment.created_at.0 - Duration::minutes(minutes));
            sql::demo_failure_insert(tx.conn(), (id, &Sandbox.reference(id)), &payment, began).await?;
        }
        let (who, evidence) = ((payment.user_id, payment.id), i32::try_from(rule.threshold()).unwrap_or(i32::MAX));
        sql::signal_raise(tx.conn(), rule, who, evidence, payment.created_at).await?;
        if at == 1 {
            for signal in sql::signals_of(tx.conn(), payment.user_id, 1).await? {
                let said = (FraudOutcome::Dismissed, "The guest's bank had locked the card by mistake.");
                let (before, after) = watching::resolve(&mut tx, signal.id, said, by).await?;
                tx.audit("fraud_signal.resolved", &before, &after);
            }
        }
    }
    tx.commit().await
}

/// The provider sends what it took to the bank, less its fee; one payment came short, and one nobody knows of.
pub async fn settle(app: &Arc<App>) -> Result<()> {
    let mut tx = Tx::begin(by(app, FINANCE, &PAYMENT_CHECKOUT_META).await?).await?;
    let by = tx.actor();
    let currency = Currency::parse("INR").map_err(|error| internal().internal(error))?;
    let payments = sql::demo_settled(tx.conn(), currency.as_str()).await?;
    let row = |(reference, amount): &(String, i64)| Row {
        kind: SettlementKind::Payment,
        reference: reference.clone(),
        amount: *amount,
        fee: share(*amount, 200),
    };
    let mut found = BTreeMap::new();
    for (at, payments) in payments.chunks(200).enumerate() {
        let mut rows: Vec<Row> = payments.iter().map(row).collect();
        if at == 0 {
            rows[0].amount -= 5_000;
            rows.push(row(&("sb_unknown".to_owned(), 45_000)));
        }
        let settled_on = tx.now.0.date() - Duration::days(1 + i64::try_from(at).unwrap_or_default());
        let day = settled_on.to_string().replace('-', "");
        found.insert(format!("SET-{day}"), Sent { settled_on, currency: currency.clone(), rows });
    }
    let report = settling::import(&mut tx, ProviderName::Sandbox, found, by).await?;
    tx.audit_created("settlement.imported", &report);
    tx.commit().await
}

/// Prepares a batch; with `paid`, another person approves it and the bank pays it.
pub async fn payout(app: &Arc<App>, paid: bool) -> Result<bool> {
    let mut tx = Tx::begin(by(app, FINANCE, &PAYOUT_BATCH_PREPARE_META).await?).await?;
    let preparer = tx.actor();
    let currency = Currency::parse("INR").map_err(|error| internal().internal(error))?;
    let id = match paying_out::prepare(&mut tx, &Money { minor: 100_000, currency }, preparer).await {
        Err(error) if error.code() == "nobody_to_pay" => return Ok(false),
        prepared => prepared?,
    };
    let made = sql::batch_find(tx.conn(), id).await?;
    tx.audit_created("payout_batch.prepared", &made);
    tx.commit().await?;
    if paid {
        let mut tx = Tx::begin(by(app, TEAM[0].0, &PAYOUT_BATCH_APPROVE_META).await?).await?;
        let approver = tx.actor();
        let (before, after) = paying_out::approve(&mut tx, id, approver).await?;
        tx.audit("payout_batch.approved", &before, &after);
        let (before, after) = paying_out::transition(&mut tx, id, PayoutBatchStatus::Processing, None).await?;
        tx.audit("payout_batch.processed", &before, &after);
        let (before, after) = paying_out::all_paid(&mut tx, id).await?;
        tx.audit("payout_batch.paid", &before, &after);
        tx.commit().await?;
    }
    Ok(true)
}

/// What the demo's events cost, in hundredths of a percent of what their tickets bring if all are sold; how much of it was
/// agreed and how much paid, in percent.
const COSTS: &[(&str, i32, i64, i64)] = &[
    ("Venue", 2_200, 100, 100),
    ("Artists", 2_800, 100, 50),
    ("Sound and light", 900, 100, 110),
    ("Crew", 700, 60, 0),
    ("Posters and ads", 400, 80, 75),
];

/// Plans every other event's budget.
pub async fn budget(app: &Arc<App>, event: &Event, number: usize) -> Result<()> {
    if number % 2 == 1 {
        return Ok(());
    }
    let mut tx = Tx::begin(by(app, FINANCE, &BUDGET_CREATE_META).await?).await?;
    let (id, now, by) = (BudgetId::new(), tx.now, tx.actor());
    let worth = sql::demo_seats_worth(tx.conn(), event.id).await?;
    // Round, as people plan.
    let round = |minor: i64| minor / 100_000 * 100_000;
    sql::budget_insert(tx.conn(), (id, event.id), &event.ticket_price.currency, by, now).await?;
    let mut lines = budgeting::usual();
    for line in &mut lines {
        let points = if line.source == Some(BudgetSource::TicketSales) { 8_000 } else { 472 };
        line.planned_minor = round(share(worth, points));
    }
    for (title, points, agreed, paid) in COSTS {
        let planned_minor = round(share(worth, *points));
        lines.push(NewBudgetLine {
            kind: BudgetKind::Cost,
            source: None,
            title: LineTitle::parse(title).map_err(|error| internal().internal(error))?,
            planned_minor,
            committed_minor: planned_minor / 100 * agreed,
            actual_minor: planned_minor / 100 * paid,
        });
    }
    for line in lines {
        sql::budget_line_insert(tx.conn(), id, &budgeting::row(line)).await?;
    }
    if let Some(made) = sql::budget_of(tx.conn(), event.id).await? {
        tx.audit_created("budget.created", &made.budget);
    }
    tx.commit().await
}
