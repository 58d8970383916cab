//! What follows for guests when their event takes a step, in the same transaction.

use std::collections::BTreeSet;

use futures::future::BoxFuture;

use super::bus::{InviteChanged, RequestChanged, SeatsReleased, TicketTypeChanged};
use super::jobs::{Notice, PORTION, TellGuests, TellOthers, Word};
use super::sql;
use super::{InviteStatus, RequestStatus, TicketType, TicketTypeId, WaitingStatus, waiting_list};
use crate::access::EndUserId;
use crate::events::Event;
use crate::events::hooks::{EventHook, Step};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::errors::capacity_below_taken;

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
            Step::Ended => close(tx, after, "The event is over.").await.map(|_| ()),
            Step::Cancelled => cancelled(tx, after).await,
        }
    })
}

/// A ticket type as an event gets it by itself.
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

/// An event without ticket types gets a free one, so that guests can come.
async fn published(tx: &mut Tx, event: &Event) -> Result<()> {
    let now = tx.now;
    if sql::type_list(tx.conn(), event.id, now, true).await?.is_empty() {
        let standard = plain(event, tx);
        sql::type_insert(tx.conn(), &standard).await?;
    }
    Ok(())
}

/// The same ticket types; sales windows move with the event.
async fn duplicated(tx: &mut Tx, original: &Event, copy: &Event) -> Result<()> {
    let now = tx.now;
    let by = copy.start_at.0 - original.start_at.0;
    for ticket_type in sql::type_list(tx.conn(), original.id, now, false).await? {
        let ticket_type = TicketType {
            id: TicketTypeId::new(),
            event_id: copy.id,
            sales_start_at: ticket_type.sales_start_at.map(|at| at.plus(by)),
            sales_end_at: ticket_type.sales_end_at.map(|at| at.plus(by)),
            created_at: now,
            ..ticket_type
        };
        sql::type_insert(tx.conn(), &ticket_type).await?;
    }
    Ok(())
}

/// Sales windows move with the event. What is on sale stays so: a sale that has begun begins no later.
async fn move_sales(tx: &mut Tx, before: &Event, after: &Event) -> Result<()> {
    let (now, by) = (tx.now, after.start_at.0 - before.start_at.0);
    for mut ticket_type in sql::type_list(tx.conn(), after.id, now, true).await? {
        let moved = |at: Timestamp| at.0.checked_add(by).map_or(at, Timestamp);
        let end = ticket_type.sales_end_at.map(moved);
        let start = ticket_type.sales_start_at.map(|start| match end {
            Some(end) if end <= start => moved(start),
            _ if start > now => moved(start),
            _ => start,
        });
        if (start, end) == (ticket_type.sales_start_at, ticket_type.sales_end_at) {
            continue;
        }
        (ticket_type.sales_start_at, ticket_type.sales_end_at) = (start, end);
        sql::type_update(tx.conn(), &ticket_type).await?;
        tx.emit(&TicketTypeChanged { event_id: after.id, ticket_type_id: ticket_type.id });
    }
    Ok(())
}

/// Fewer seats than are taken cannot be; more are offered to the waiting list. Sales move with the event.
async fn changed(tx: &mut Tx, before: &Event, after: &Event) -> Result<()> {
    let now = tx.now;
    if after.start_at != before.start_at {
        move_sales(tx, before, after).await?;
    }
    if after.capacity < before.capacity {
        let taken = sql::seats_taken(tx.conn(), after.id, None, now).await?.event;
        if i64::from(after.capacity) < taken {
            let detail = format!("{taken} seats are taken or held.");
            return Err(capacity_below_taken().detail(detail.clone()).field("capacity", detail));
        }
    }
    if after.capacity > before.capacity || after.smaller_parties_pass != before.smaller_parties_pass {
        waiting_list::promote_waiters(tx, after).await?;
    }
    Ok(())
}

/// Nobody comes in any more. Answers who hoped to: who asked, waited, held seats or was invited.
async fn close(tx: &mut Tx, event: &Event, message: &str) -> Result<BTreeSet<EndUserId>> {
    let (now, event_id) = (tx.now, event.id);
    let mut hoped = BTreeSet::new();
    for (reservation_id, user) in sql::reservations_release_all(tx.conn(), event_id, now).await? {
        tx.emit(&SeatsReleased { event_id, reservation_id });
        hoped.extend(user);
    }
    for (entry, user) in sql::entries_close(tx.conn(), event_id, None).await? {
        waiting_list::changed(tx, event_id, entry, WaitingStatus::Lapsed);
        hoped.insert(user);
    }
    for (request_id, user) in sql::requests_close(tx.conn(), event_id, message, now).await? {
        tx.emit(&RequestChanged { event_id, request_id, status: RequestStatus::Declined });
        hoped.insert(user);
    }
    for (invite_id, user) in sql::invites_close(tx.conn(), event_id, now).await? {
        tx.emit(&InviteChanged { event_id, invite_id, status: InviteStatus::Expired });
        hoped.extend(user);
    }
    Ok(hoped)
}

async fn cancelled(tx: &mut Tx, event: &Event) -> Result<()> {
    let now = tx.now;
    let reason = event.cancellation_reason.clone().unwrap_or_default();
    let hoped = close(tx, event, "The event was cancelled.").await?;
    tell_others(tx, event, hoped, &Word::Cancelled);
    // Who is in already is told as well, though their tickets stay.
    sql::attendees_cancel_all(tx.conn(), event.id, &reason, now).await?;
    tell(tx, event, Notice::Cancelled);
    Ok(())
}

/// A ticket type is sold no more: nobody waits for it any longer, and those who did are told.
pub async fn retired(tx: &mut Tx, event: &Event, ticket_type: &TicketType) -> Result<()> {
    let mut waited = BTreeSet::new();
    for (entry, user) in sql::entries_close(tx.conn(), event.id, Some(ticket_type.id)).await? {
        waiting_list::changed(tx, event.id, entry, WaitingStatus::Lapsed);
        waited.insert(user);
    }
    tell_others(tx, event, waited, &Word::Retired { ticket_type: ticket_type.name.clone() });
    Ok(())
}

fn tell_others(tx: &mut Tx, event: &Event, users: BTreeSet<EndUserId>, word: &Word) {
    let users: Vec<EndUserId> = users.into_iter().collect();
    for portion in users.chunks(PORTION) {
        tx.enqueue(&TellOthers { event: event.id, users: portion.to_vec(), word: word.clone() });
    }
}

fn tell(tx: &mut Tx, event: &Event, notice: Notice) {
    tx.enqueue(&TellGuests::from_start(event.id, event.sequence, notice));
}
