//! What whoever takes money needs of seats: those that are held, those that were paid for, and tickets whose money went
//! back. The event is locked.

use time::Duration;

use super::bus::TicketRevoked;
pub use super::mails::{Bill, money_back, receipt};
use super::seats::{self, GuestDetails, SeatRequest};
use super::sql;
use super::{
    Attendee, AttendeeId, AttendeeSource, Reservation, ReservationId, ReservationStatus, TicketId, TicketStatus,
    TicketTypeId, mails, rules, waiting_list,
};
use crate::events::Event;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Seats that are held, as of now; 404 where there are none of that id.
pub async fn held(tx: &mut Tx, id: ReservationId) -> Result<Reservation> {
    let now = tx.now;
    sql::reservation_find(tx.conn(), id, now).await
}

/// Makes paid seats a guest with tickets. Where their time is over they are taken anew, if they are still free; false
/// where there is no seat for the money. `fee` is what the organiser is charged for them.
pub async fn seat(tx: &mut Tx, event: &Event, id: ReservationId, fee: i64) -> Result<bool> {
    let Some(reservation) = still_there(tx, event, id).await? else { return Ok(false) };
    let source = match (reservation.request_id, reservation.waiting_list_entry_id) {
        (Some(_), _) => AttendeeSource::Request,
        (None, Some(_)) => AttendeeSource::WaitingList,
        (None, None) if sql::reservation_is_invited(tx.conn(), id).await? => AttendeeSource::Invite,
        (None, None) => AttendeeSource::Direct,
    };
    let person = seats::consume(tx, event, &reservation, GuestDetails::by(source)).await?;
    sql::attendee_set_fee(tx.conn(), person.id, fee).await?;
    Ok(true)
}

async fn still_there(tx: &mut Tx, event: &Event, id: ReservationId) -> Result<Option<Reservation>> {
    let reservation = held(tx, id).await?;
    let open = rules::takes_guests(event, tx.now).is_ok();
    match reservation.status {
        ReservationStatus::Active if open => return Ok(Some(reservation)),
        ReservationStatus::Expired if open => {}
        _ => return Ok(None),
    }
    let free = waiting_list::promote_waiters(tx, event).await?;
    let fits = |ticket_type: &super::TicketType| {
        ticket_type.id == reservation.ticket_type_id && ticket_type.available >= reservation.seats_reserved
    };
    if !free.types.iter().any(fits) {
        return Ok(None);
    }
    let until = Timestamp(tx.now.0 + Duration::MINUTE);
    sql::reservation_extend(tx.conn(), id, until).await?;
    held(tx, id).await.map(Some)
}

/// What somebody takes at the door.
pub struct AtTheDoor {
    /// Of which kind.
    pub ticket_type: TicketTypeId,
    /// How many.
    pub seats: i32,
    /// Whether they pay for it; else they are the organiser's guest.
    pub pays: bool,
    /// Who it is.
    pub name: String,
    /// The address the tickets are sent to.
    pub email: Option<String>,
}

/// Seats for somebody at the door, who has paid or need not; 409 `sold_out` where there are not enough.
pub async fn at_the_door(tx: &mut Tx, event: &Event, wanted: AtTheDoor) -> Result<(Reservation, Attendee)> {
    let now = tx.now;
    let types = sql::type_list(tx.conn(), event.id, now, false).await?;
    let mut price = rules::chosen(&types, wanted.ticket_type)?.price.clone();
    if !wanted.pays {
        price.minor = 0;
    }
    let held = seats::reserve(tx, event, SeatRequest::new(wanted.ticket_type, None, wanted.seats, price, 1)).await?;
    let source = if wanted.pays { AttendeeSource::Direct } else { AttendeeSource::Comp };
    let tell = wanted.email.is_some();
    let going = GuestDetails { name: Some(wanted.name), email: wanted.email, tell, ..GuestDetails::by(source) };
    let guest = seats::consume(tx, event, &held, going).await?;
    Ok((held, guest))
}

/// Notes what the organiser is charged for a guest.
pub async fn charged(tx: &mut Tx, guest: AttendeeId, fee: i64) -> Result<()> {
    sql::attendee_set_fee(tx.conn(), guest, fee).await
}

/// The tickets of a guest that can be void; none where one of them is inside.
pub async fn standing_of(tx: &mut Tx, guest: AttendeeId) -> Result<Option<Vec<TicketId>>> {
    let tickets = sql::tickets_standing(tx.conn(), guest).await?;
    let all = tickets.iter().all(|ticket| ticket.status.can_be_refunded());
    Ok(all.then(|| tickets.iter().map(|ticket| ticket.id).collect()))
}

/// The tickets are void as their money goes back; their seats are free, and who had them is told.
pub async fn pay_back(tx: &mut Tx, event: &Event, tickets: &[TicketId], reason: &str) -> Result<()> {
    let now = tx.now;
    sql::tickets_lock(tx.conn(), tickets).await?;
    let mut told: Vec<AttendeeId> = Vec::new();
    for id in tickets {
        let ticket = sql::ticket_find(tx.conn(), *id).await?;
        let to = ticket.status.next(TicketStatus::Refunded)?;
        let person: Attendee = sql::attendee_find(tx.conn(), ticket.attendee_id).await?;
        sql::ticket_void(tx.conn(), *id, to, reason, now).await?;
        seats::release_one(tx, event, &person, reason).await?;
        tx.emit(&TicketRevoked { event_id: event.id, ticket_id: *id });
        if !told.contains(&person.id) {
            told.push(person.id);
        }
    }
    for id in told {
        let person = sql::attendee_find(tx.conn(), id).await?;
        // A mail of its own says what is refunded.
        mails::taken_off(tx, event, &person, reason, (person.seats, None)).await?;
    }
    Ok(())
}
