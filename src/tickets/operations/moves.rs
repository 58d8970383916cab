//! A guest gets another ticket type.

use operation::operation;

use crate::kernel::error::Result;
use crate::tickets::{Attendee, AttendeeId, MoveGuest};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::rules::lock,
    crate::kernel::{
        context::{Db, Tx},
        error::{invalid_input, invalid_transition},
        permissions::Permission::TicketsManage,
    },
    crate::tickets::errors::sold_out,
    crate::tickets::{
        AttendeeStatus, TicketStatus, bus::TicketReissued, mails, rules, seats::count, secrets, sql, waiting_list,
    },
};

/// Move a guest to another ticket type
///
/// The tickets get new codes, which are sent to the guest; the old ones stop working. The amount paid does not change.
/// Only possible while no ticket has been used; hidden ticket types can be chosen. Seats offered to the waiting list
/// cannot be used.
#[operation(POST "/attendees/{id}/move", staff = TicketsManage, end_user, scoped,
    errors(invalid_transition, event_closed, sold_out))]
pub async fn attendee_move(tx: &mut Tx, id: AttendeeId, input: MoveGuest) -> Result<Attendee> {
    let seen = sql::attendee_find(tx.conn(), id).await?;
    let event = lock(tx, seen.event_id, TicketsManage).await.map_err(reach::hidden)?;
    rules::must_be_open(tx, &event).await?;
    let before = sql::attendee_find(tx.conn(), id).await?;
    if before.status != AttendeeStatus::Going {
        return Err(invalid_transition().detail("Only a guest who is going can be moved."));
    }
    if before.ticket_type_id == input.ticket_type_id {
        return Err(invalid_input().field("ticket_type_id", "is the ticket type the guest already has"));
    }
    let tickets = sql::tickets_standing(tx.conn(), id).await?;
    if tickets.iter().any(|ticket| ticket.status != TicketStatus::Issued) {
        return Err(invalid_transition().detail("A ticket of this guest was already used."));
    }
    // What is free goes to those in line first. Then the guest's own seats are free for a moment, which is why a full
    // event is no reason to refuse.
    waiting_list::promote_waiters(tx, &event).await?;
    count(tx, event.id, before.ticket_type_id, -before.seats).await?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), event.id, now, true).await?;
    let ticket_type = rules::chosen(&types, input.ticket_type_id)?.clone();
    if ticket_type.available < before.seats {
        return Err(sold_out().detail(format!("{}.", rules::too_few(&ticket_type.name, ticket_type.available))));
    }
    count(tx, event.id, ticket_type.id, before.seats).await?;
    sql::attendee_set_type(tx.conn(), id, ticket_type.id, &ticket_type.name).await?;
    for ticket in &tickets {
        let kept = secrets::seal(&tx.app().keys, event.id, ticket.id, ticket.generation + 1);
        sql::ticket_raise(tx.conn(), &kept).await?;
        tx.emit(&TicketReissued { event_id: event.id, ticket_id: ticket.id, generation: ticket.generation + 1 });
    }
    let after = sql::attendee_find(tx.conn(), id).await?;
    tx.audit("attendee.moved", &before, &after);
    mails::issued(tx, &event, &after).await?;
    // The seats of the type that was left are free now.
    waiting_list::promote_waiters(tx, &event).await?;
    Ok(after)
}
