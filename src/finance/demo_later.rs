//! What comes after the demo's sales: budgets, disputes in each state, a batch that was paid out and one that waits.

use std::sync::Arc;

use time::Duration;

use super::operations::{BUDGET_CREATE_META, PAYMENT_CHECKOUT_META, PAYOUT_BATCH_PREPARE_META};
use super::provider::{Case, Notice, Said};
use super::{
    BudgetId, BudgetKind, BudgetSource, DisputeOutcome, LineTitle, NewBudgetLine, Payment, PayoutBatchStatus,
    budgeting, capture, paying_out, share, sql,
};
use crate::access::{demo::TEAM, start};
use crate::events::rules::system_cx;
use crate::events::{Event, EventStatus};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::money::{Currency, Money};

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
        let payment = sql::payment_find(tx.conn(), super::PaymentId(*id)).await?;
        let name = format!("dp_{}", payment.id.0.simple());
        let due_at = tx.now.plus(Duration::hours(20 + 60 * i64::try_from(number).unwrap_or_default()));
        let case = Case { name: name.clone(), reason: (*reason).to_owned(), due_at };
        capture::apply(&mut tx, payment.provider, &notice(&payment, "dispute.opened", Said::Disputed(case))).await?;
        if let Some(outcome) = outcome {
            let said = Said::DisputeClosed(name, *outcome);
            capture::apply(&mut tx, payment.provider, &notice(&payment, "dispute.closed", said)).await?;
        }
    }
    tx.commit().await
}

fn notice(payment: &Payment, kind: &str, said: Said) -> Notice {
    Notice {
        id: format!("evt_{kind}_{}", payment.id.0.simple()),
        kind: kind.to_owned(),
        provider_ref: payment.provider_ref.clone(),
        amount: payment.left(),
        said,
        body: serde_json::json!({ "type": kind }),
    }
}

/// Prepares a batch; with `paid`, another person approves it and the bank pays it.
pub async fn payout(app: &Arc<App>, paid: bool) -> Result<bool> {
    let mut tx = Tx::begin(system_cx(app, &PAYOUT_BATCH_PREPARE_META)).await?;
    let preparer = start::account_id(tx.conn(), TEAM[3].0).await?;
    let approver = start::account_id(tx.conn(), TEAM[0].0).await?;
    let currency = Currency::parse("INR").map_err(|error| internal().internal(error))?;
    let id = paying_out::prepare(&mut tx, &Money { minor: 100_000, currency }, preparer).await?;
    if sql::batch_find(tx.conn(), id).await?.payouts == 0 {
        return Ok(false);
    }
    if paid {
        paying_out::approve(&mut tx, id, approver).await?;
        paying_out::step(&mut tx, id, PayoutBatchStatus::Processing, None).await?;
        paying_out::all_paid(&mut tx, id).await?;
    }
    tx.commit().await?;
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
    let mut tx = Tx::begin(system_cx(app, &BUDGET_CREATE_META)).await?;
    let by = start::account_id(tx.conn(), TEAM[3].0).await?;
    let (id, now) = (BudgetId::new(), tx.now);
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
    tx.commit().await
}
