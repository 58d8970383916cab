//! The line for seats.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{JoinWaitingList, Reservation, TakeOffer, WaitingEntry, WaitingId};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::rules::{end_user, find, find_run, lock, lock_open, this_user},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{internal, invalid_input, not_found},
        permissions::Permission::{TicketsManage, TicketsRead},
    },
    crate::tickets::errors::{event_closed, seats_are_free, sold_out},
    crate::tickets::{
        AttendeeSource, TicketType, WaitingStatus,
        bus::TicketTypeChanged,
        rules,
        seats::{self, GuestDetails},
        sql, waiting_list,
    },
};

/// List the waiting list of an event
///
/// In order. Guests see their own entries only.
#[operation(GET "/events/{id}/waiting-list", staff = TicketsRead, end_user, scoped)]
pub async fn waiting_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<WaitingEntry>> {
    let own = end_user(&db.caller);
    let runs = find_run(db, id, TicketsRead).await;
    match (runs, own) {
        (Ok(_), _) => sql::entry_list(db, id, None, &query).await,
        (Err(_), Some(user)) => {
            find(db, id).await?;
            sql::entry_list(db, id, Some(user), &query).await
        }
        (Err(error), None) => Err(error),
    }
}

/// Join the waiting list
///
/// When seats become free, they are offered in order and held for a while, until the event starts. If there are too few
/// seats for the first party, they are kept for it unless the organiser lets smaller parties go first.
#[operation(POST "/events/{id}/waiting-list", end_user, status = 201, per_key = id,
    errors(event_closed, not_admitted, already_exists, over_the_limit, sales_closed, seats_are_free, unknown_reference))]
pub async fn waiting_list_join(tx: &mut Tx, id: EventId, input: JoinWaitingList) -> Result<WaitingEntry> {
    let user = this_user(tx)?;
    let event = lock_open(tx, id).await?;
    rules::must_be_open(tx, &event).await?;
    rules::admitted(tx, &event, user).await?;
    if !rules::makes_offers(&event, tx.now) {
        return Err(event_closed().detail("The event has started: seats are no longer offered."));
    }
    let free = waiting_list::promote_waiters(tx, &event).await?;
    let (now, count) = (tx.now, input.seats.count());
    let ticket_type = rules::chosen(&free.types, input.ticket_type_id)?;
    rules::on_sale(tx, &event, ticket_type).await?;
    rules::within_limit(tx, &event, ticket_type, user, count).await?;
    if ticket_type.hidden {
        return Err(not_found());
    }
    // So many can never come free.
    let most = ticket_type.quota.unwrap_or(event.capacity).min(event.capacity);
    if count > most {
        let message = format!("must be at most {most}: there are no more {} tickets in all", ticket_type.name);
        return Err(invalid_input().field("seats", message));
    }
    if ticket_type.available >= count {
        return Err(seats_are_free().detail(format!("{}.", rules::too_few(&ticket_type.name, ticket_type.available))));
    }
    let entry = WaitingEntry {
        id: WaitingId::new(),
        event_id: id,
        ticket_type_id: ticket_type.id,
        ticket_type: ticket_type.name.clone(),
        user_id: user,
        user_name: None,
        seats: count,
        status: WaitingStatus::Waiting,
        offered_at: None,
        offer_expires_at: None,
        reservation_id: None,
        created_at: now,
    };
    sql::entry_insert(tx.conn(), &entry).await?;
    waiting_list::changed(tx, id, entry.id, WaitingStatus::Waiting);
    sql::entry_find(tx.conn(), entry.id, now).await
}

/// Accept the seats offered
///
/// Free seats are booked at once; paid seats stay held until they are paid or the offer ends.
#[operation(POST "/waiting-list/{id}/take", end_user, idempotent,
    errors(invalid_transition, event_closed, reservation_expired))]
pub async fn waiting_list_take(tx: &mut Tx, id: WaitingId, input: TakeOffer) -> Result<Reservation> {
    let (user, now) = (this_user(tx)?, tx.now);
    let seen = sql::entry_find(tx.conn(), id, now).await?;
    if seen.user_id != user {
        return Err(not_found());
    }
    let event = lock_open(tx, seen.event_id).await?;
    rules::must_be_open(tx, &event).await?;
    let entry = sql::entry_find(tx.conn(), id, now).await?;
    entry.status.next(WaitingStatus::Taken)?;
    let answers = rules::answered(tx, event.id, &input.answers).await?;
    let held = entry.reservation_id.ok_or_else(|| internal().internal("an offer without seats"))?;
    sql::reservation_set_answers(tx.conn(), held, &answers).await?;
    let reservation = sql::reservation_find(tx.conn(), held, now).await?;
    if reservation.total.minor == 0 {
        seats::consume(tx, &event, &reservation, GuestDetails::by(AttendeeSource::WaitingList)).await?;
    }
    sql::reservation_find(tx.conn(), held, now).await
}

/// Offer seats to a guest on the waiting list out of turn
///
/// If the ticket type has too few seats, its quantity grows by as many as are missing; the event must have room for
/// them. The seats are held and the guest is notified, as with any offer. Free seats still go to those ahead first.
#[operation(POST "/waiting-list/{id}/offer", staff = TicketsManage, end_user, scoped,
    errors(event_closed, invalid_transition, sales_closed, sold_out))]
pub async fn waiting_list_offer(tx: &mut Tx, id: WaitingId) -> Result<WaitingEntry> {
    let now = tx.now;
    let seen = sql::entry_find(tx.conn(), id, now).await?;
    let event = lock(tx, seen.event_id, TicketsManage).await.map_err(reach::hidden)?;
    rules::must_be_open(tx, &event).await?;
    if !rules::makes_offers(&event, now) {
        return Err(event_closed().detail("The event has started: seats are no longer offered."));
    }
    waiting_list::promote_waiters(tx, &event).await?;
    let before = sql::entry_find(tx.conn(), id, now).await?;
    before.status.next(WaitingStatus::Offered)?;
    let types = sql::type_list(tx.conn(), event.id, now, true).await?;
    let ticket_type = rules::chosen(&types, before.ticket_type_id)?.clone();
    rules::on_sale(tx, &event, &ticket_type).await?;
    let taken = sql::seats_taken(tx.conn(), event.id, Some(ticket_type.id), now).await?;
    let seats = i64::from(before.seats);
    if i64::from(event.capacity) - taken.event < seats {
        let left = (i64::from(event.capacity) - taken.event).max(0);
        let detail =
            format!("The event has {left} seats left and this guest needs {seats}: increase its capacity first.");
        return Err(sold_out().detail(detail));
    }
    let missing = ticket_type.quota.map_or(0, |quota| (taken.of_type + seats - i64::from(quota)).max(0));
    if let (Some(quota), 1..) = (ticket_type.quota, missing) {
        let raised = i32::try_from(i64::from(quota) + missing).map_err(|_| sold_out())?;
        sql::type_update(tx.conn(), &TicketType { quota: Some(raised), ..ticket_type.clone() }).await?;
        tx.emit(&TicketTypeChanged { event_id: event.id, ticket_type_id: ticket_type.id });
    }
    waiting_list::promote(tx, &event, &before, ticket_type.price).await?;
    let after = sql::entry_find(tx.conn(), id, now).await?;
    let audit = tx.audit("waiting_list.offered", &before, &after);
    if missing > 0 {
        audit.note("seats_added", missing);
    }
    Ok(after)
}

/// Leave the waiting list, or remove a guest from it
///
/// Offered seats go to the next in the list.
#[operation(DELETE "/waiting-list/{id}", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn waiting_list_leave(tx: &mut Tx, id: WaitingId) -> Result<()> {
    let now = tx.now;
    let seen = sql::entry_find(tx.conn(), id, now).await?;
    let (event, _) = reach::may_change(tx, seen.event_id, Some(seen.user_id), TicketsManage).await?;
    let before = sql::entry_find(tx.conn(), id, now).await?;
    before.status.next(WaitingStatus::Left)?;
    if let (WaitingStatus::Offered, Some(held)) = (before.status, before.reservation_id) {
        let reservation = sql::reservation_find(tx.conn(), held, now).await?;
        seats::release(tx, &event, &reservation).await?;
    } else {
        sql::entry_set_status(tx.conn(), id, WaitingStatus::Left).await?;
        waiting_list::changed(tx, event.id, id, WaitingStatus::Left);
        // What was kept for this party goes to the next.
        waiting_list::promote_waiters(tx, &event).await?;
    }
    let after = sql::entry_find(tx.conn(), id, now).await?;
    tx.audit("waiting_list.left", &before, &after);
    Ok(())
}
