//! Tickets. [003 tickets, 004 §2.10]

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::tickets::{ResendTicket, RevokeTicket, Ticket, TicketCode, TicketFilter, TicketId, TransferTicket};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::{
        Event, calendar,
        rules::{audience, by_id},
    },
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, invalid_transition, is_now},
        money::Money,
        permissions::Permission::{TicketsManage, TicketsRead},
    },
    crate::tickets::{
        Attendee, AttendeeId, AttendeeSource, AttendeeStatus, Reach, TicketStatus,
        bus::{TicketReissued, TicketRevoked, TicketTransferred},
        mails, rules, seats, secrets, sql,
    },
};

/// List tickets
///
/// Newest first. Tickets of the events the caller manages, and the caller's own.
#[operation(GET "/tickets", staff = TicketsRead, end_user, scoped)]
pub async fn ticket_list(db: &mut Reader, query: TicketFilter) -> Result<Page<Ticket>> {
    let audience = audience(db, TicketsRead);
    sql::ticket_list(db, &audience, &query).await
}

/// Get a ticket's signed QR code and short code
#[operation(GET "/tickets/{id}/code", staff = TicketsRead, end_user, scoped, errors(invalid_transition))]
pub async fn ticket_code(db: &mut Reader, id: TicketId) -> Result<TicketCode> {
    let ticket = sql::ticket_find(db.conn(), id).await?;
    reach::may_see(db, ticket.event_id, ticket.user_id, TicketsRead).await?;
    let event = by_id(db.conn(), ticket.event_id).await?;
    secrets::code(db, &event, &ticket).await
}

/// Download a ticket's event as a calendar file
///
/// Contains nothing that grants entry, since calendars are shared. A void ticket is shown as cancelled.
#[operation(GET "/tickets/{id}/calendar.ics", staff = TicketsRead, end_user, scoped, answer = Calendar)]
pub async fn ticket_calendar(cx: &RequestContext, id: TicketId) -> Result<Answer> {
    let (ticket, event) = {
        let mut db = cx.reader().await?;
        let ticket = sql::ticket_find(db.conn(), id).await?;
        reach::may_see(&mut db, ticket.event_id, ticket.user_id, TicketsRead).await?;
        let event = by_id(db.conn(), ticket.event_id).await?;
        (ticket, event)
    };
    let void = ticket.revoked_at.is_some();
    let note = if void { format!("{}: this ticket is void", ticket.ticket_type) } else { ticket.ticket_type };
    calendar::answer(&event, &calendar::file(cx.app(), &event, Some(&note), void))
}

/// The ticket and its guest under the event's lock.
#[cfg(feature = "ssr")]
async fn locked(tx: &mut Tx, id: TicketId) -> Result<(Event, Ticket, Attendee, bool)> {
    let seen = sql::ticket_find(tx.conn(), id).await?;
    let (event, is_guest) = reach::may_change(tx, seen.event_id, seen.user_id, TicketsManage).await?;
    let ticket = sql::ticket_find(tx.conn(), id).await?;
    if is_guest && ticket.user_id != seen.user_id {
        return Err(crate::kernel::error::not_found());
    }
    let person = sql::attendee_find(tx.conn(), ticket.attendee_id).await?;
    Ok((event, ticket, person, is_guest))
}

/// New codes: whatever was shown, mailed or printed before is dead.
#[cfg(feature = "ssr")]
async fn raise(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let kept = secrets::seal(&tx.app().keys, ticket.event_id, ticket.id, ticket.generation + 1);
    sql::ticket_raise(tx.conn(), &kept).await
}

/// Transfer a ticket
///
/// To an end user, or to a name and email address. The ticket gets new codes and the old ones stop working. Only
/// possible for unused tickets and until the event is over.
#[operation(POST "/tickets/{id}/transfer", staff = TicketsManage, end_user, scoped,
    errors(invalid_transition, event_closed, not_admitted, unknown_reference, over_the_limit))]
pub async fn ticket_transfer(tx: &mut Tx, id: TicketId, input: TransferTicket) -> Result<Ticket> {
    let (event, before, giver, _) = locked(tx, id).await?;
    rules::must_be_open(tx, &event).await?;
    if before.status != TicketStatus::Issued {
        return Err(is_now("ticket", before.status.as_str()));
    }
    if input.user_id.is_some() && input.user_id == before.user_id {
        return Err(invalid_input().field("user_id", "already has the ticket"));
    }
    if let Some(user) = input.user_id {
        rules::takes_invites(tx, &event, user, "user_id").await?;
        rules::admitted(tx, &event, user).await?;
    }
    let now = tx.now;
    let taker = Attendee {
        id: AttendeeId::new(),
        user_id: input.user_id,
        name: input.name.map(String::from),
        email: input.email.map(String::from),
        phone: input.phone.map(|phone| phone.given_in(&event.timezone)),
        request_id: None,
        seats: 1,
        seats_gone: 0,
        price_paid: Money { minor: 0, currency: giver.price_paid.currency.clone() },
        is_paid: false,
        refunded: None,
        status: AttendeeStatus::Going,
        source: AttendeeSource::Transfer,
        at_door: false,
        answers: serde_json::json!({}),
        note: None,
        created_at: now,
        ..giver.clone()
    };
    let origin = sql::Origin { reservation: None, from: Some(giver.id) };
    sql::attendee_insert(tx.conn(), &taker, &origin).await?;
    sql::ticket_move(tx.conn(), id, &taker).await?;
    raise(tx, &before).await?;
    seats::decrement(tx, &giver, AttendeeStatus::NotGoing, "The ticket was transferred.").await?;
    let taker = sql::attendee_find(tx.conn(), taker.id).await?;
    let after = sql::ticket_find(tx.conn(), id).await?;
    tx.audit("ticket.transferred", &before, &after);
    tx.emit(&TicketTransferred { event_id: event.id, ticket_id: id, attendee_id: taker.id });
    mails::issued(tx, &event, &taker).await?;
    Ok(after)
}

/// Resend a ticket
///
/// By email, or by text message if the guest only has a phone; returns 409 if there is neither. With `reissue`, the
/// ticket gets new codes first and all earlier codes and links stop working.
#[operation(POST "/tickets/{id}/resend", staff = TicketsManage, end_user, scoped, rate = Costly,
    errors(invalid_transition))]
pub async fn ticket_resend(tx: &mut Tx, id: TicketId, input: ResendTicket) -> Result<Ticket> {
    send_again(tx, id, input.reissue, "ticket.resent").await
}

/// Issue new codes for a ticket
///
/// For tickets that were lost or seen by others: all earlier codes and links stop working. Guests can do this for their
/// own tickets. The new ticket is emailed if the guest has an email address.
#[operation(POST "/tickets/{id}/reissue", staff = TicketsManage, end_user, scoped, rate = Costly,
    errors(invalid_transition, event_closed))]
pub async fn ticket_reissue(tx: &mut Tx, id: TicketId) -> Result<Ticket> {
    send_again(tx, id, true, "ticket.reissued").await
}

#[cfg(feature = "ssr")]
async fn send_again(tx: &mut Tx, id: TicketId, reissue: bool, action: &'static str) -> Result<Ticket> {
    let (event, before, person, _) = locked(tx, id).await?;
    if before.revoked_at.is_some() {
        return Err(invalid_transition().detail("The ticket is void."));
    }
    if person.reach() == Reach::Nowhere && !reissue {
        return Err(invalid_transition().detail("There is no email or phone to send it to: add one first."));
    }
    if reissue {
        raise(tx, &before).await?;
        sql::attendee_raise_link(tx.conn(), person.id).await?;
    }
    let after = sql::ticket_find(tx.conn(), id).await?;
    tx.audit(action, &before, &after);
    if reissue {
        tx.emit(&TicketReissued { event_id: event.id, ticket_id: id, generation: after.generation });
    }
    mails::issued(tx, &event, &person).await?;
    Ok(after)
}

/// Void a ticket
///
/// Its seat is offered to the waiting list.
#[operation(POST "/tickets/{id}/revoke", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn ticket_revoke(tx: &mut Tx, id: TicketId, input: RevokeTicket) -> Result<Ticket> {
    let (event, before, person, is_guest) = locked(tx, id).await?;
    let to = before.status.next(TicketStatus::Revoked)?;
    let (now, reason) = (tx.now, input.reason.as_str());
    sql::ticket_void(tx.conn(), id, to, reason, now).await?;
    seats::release_one(tx, &event, &person, reason).await?;
    let after = sql::ticket_find(tx.conn(), id).await?;
    tx.audit("ticket.revoked", &before, &after).reason(reason);
    tx.emit(&TicketRevoked { event_id: event.id, ticket_id: id });
    if !is_guest {
        mails::taken_off(tx, &event, &person, reason, (person.seats - 1, person.not_refunded())).await?;
    }
    Ok(after)
}
