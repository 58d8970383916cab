//! What follows for guests when their event takes a step, in the same transaction.

use futures::future::BoxFuture;

use super::jobs::{Notice, TellGuests};
use super::sql;
use super::{TicketType, TicketTypeId, line};
use crate::events::Event;
use crate::events::hooks::{EventHook, Step};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, capacity_below_taken};
use crate::kernel::money::Money;

inventory::submit!(EventHook(follow));

fn follow<'t>(tx: &'t mut Tx, step: Step, before: &'t Event, after: &'t Event) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        match step {
            Step::Duplicated => duplicated(tx, before, after).await,
            Step::Published => published(tx, after).await,
            Step::Changed => changed(tx, before, after).await,
            Step::Rescheduled => {
                changed(tx, before, after).await?;
                tell(tx, after, Notice::Rescheduled);
                Ok(())
            }
            Step::Ended => close(tx, after, "The event is over.").await,
            Step::Cancelled => cancelled(tx, after).await,
        }
    })
}

/// A kind of ticket as an event gets it by itself.
fn plain(event: &Event, tx: &Tx) -> TicketType {
    TicketType {
        id: TicketTypeId::new(),
        event_id: event.id,
        name: "Standard".to_owned(),
        description: String::new(),
        price: Money { minor: 0, currency: event.ticket_price.currency.clone() },
        promo_price: None,
        quota: None,
        sales_start_at: None,
        sales_end_at: None,
        per_order_limit: 4,
        hidden: false,
        position: 0,
        sold_count: 0,
        available: 0,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    }
}

/// An event without kinds of tickets gets a free one, so that guests can come.
async fn published(tx: &mut Tx, event: &Event) -> Result<()> {
    let now = tx.now;
    if sql::type_list(tx.conn(), event.id, now, true).await?.is_empty() {
        let standard = plain(event, tx);
        sql::type_insert(tx.conn(), &standard).await?;
    }
    Ok(())
}

/// The same kinds of tickets; sales windows move with the event.
async fn duplicated(tx: &mut Tx, original: &Event, copy: &Event) -> Result<()> {
    let now = tx.now;
    let by = copy.start_at.0 - original.start_at.0;
    for kind in sql::type_list(tx.conn(), original.id, now, false).await? {
        let kind = TicketType {
            id: TicketTypeId::new(),
            event_id: copy.id,
            sales_start_at: kind.sales_start_at.map(|at| at.plus(by)),
            sales_end_at: kind.sales_end_at.map(|at| at.plus(by)),
            created_at: now,
            ..kind
        };
        sql::type_insert(tx.conn(), &kind).await?;
    }
    Ok(())
}

/// Fewer seats than are taken cannot be; more are offered to those in line.
async fn changed(tx: &mut Tx, before: &Event, after: &Event) -> Result<()> {
    let now = tx.now;
    if after.capacity < before.capacity {
        let taken = sql::seats_taken(tx.conn(), after.id, None, now).await?.event;
        if i64::from(after.capacity) < taken {
            let detail = format!("{taken} seats are taken or held.");
            return Err(capacity_below_taken().detail(detail.clone()).field("capacity", detail));
        }
    }
    if after.capacity > before.capacity { line::offer(tx, after).await } else { Ok(()) }
}

/// Nobody comes in any more.
async fn close(tx: &mut Tx, event: &Event, message: &str) -> Result<()> {
    let now = tx.now;
    sql::holds_release_all(tx.conn(), event.id, now).await?;
    sql::entries_close(tx.conn(), event.id).await?;
    sql::requests_close(tx.conn(), event.id, message, now).await?;
    sql::invites_close(tx.conn(), event.id, now).await
}

async fn cancelled(tx: &mut Tx, event: &Event) -> Result<()> {
    let now = tx.now;
    let reason = event.cancellation_reason.clone().unwrap_or_default();
    close(tx, event, "The event was called off.").await?;
    if sql::attendees_cancel_all(tx.conn(), event.id, &reason, now).await? > 0 {
        tell(tx, event, Notice::Cancelled);
    }
    Ok(())
}

fn tell(tx: &mut Tx, event: &Event, notice: Notice) {
    tx.enqueue(&TellGuests::from_start(event.id, event.sequence, notice));
}
