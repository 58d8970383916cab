//! The seat engine: hold, take, give back. Whoever calls holds the event's lock; ticket types are
//! locked after it, by id. Everything that is counted is counted under these locks, so any number of
//! processes may sell at once.

use serde_json::{Value, json};
use time::Duration;

use super::bus::{AttendeeConfirmed, AttendeeGone, SeatsHeld, SeatsReleased, TicketTypeChanged};
use super::sql::{self, Issued, NewReservation, Origin};
use super::{
    Attendee, AttendeeId, AttendeeSource, AttendeeStatus, InviteId, PromoCodeId, RequestId, Reservation, ReservationId,
    ReservationStatus, TicketId, TicketType, TicketTypeId, WaitingStatus, mails, rules, secrets, waiting_list,
};
use crate::access::EndUserId;
use crate::events::operations::changes;
use crate::events::{Event, EventId, Seats, counters};
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::errors::{payment_required, reservation_expired, sold_out};

/// Seats that somebody wants.
pub struct SeatRequest {
    /// Of which kind.
    pub ticket_type: TicketTypeId,
    /// For whom.
    pub user: Option<EndUserId>,
    /// How many.
    pub seats: i32,
    /// What each costs.
    pub price: Money,
    /// How long they are held.
    pub minutes: i64,
    /// The request that was accepted.
    pub request: Option<RequestId>,
    /// The invitation that was accepted.
    pub invite: Option<InviteId>,
    /// The promo code that was used.
    pub promo: Option<PromoCodeId>,
    /// Answers to the event's questions.
    pub answers: Value,
}

impl SeatRequest {
    /// Seats for somebody, with nothing beside.
    pub fn new(ticket_type: TicketTypeId, user: Option<EndUserId>, seats: i32, price: Money, minutes: i64) -> Self {
        let (request, invite, promo, answers) = (None, None, None, json!({}));
        Self { ticket_type, user, seats, price, minutes, request, invite, promo, answers }
    }

    /// As a hold from now on.
    fn held(self, event_id: EventId, now: Timestamp) -> NewReservation {
        NewReservation {
            id: ReservationId::new(),
            event_id,
            ticket_type_id: self.ticket_type,
            user_id: self.user,
            seats: self.seats,
            unit_price: self.price,
            expires_at: Timestamp(now.0 + Duration::minutes(self.minutes)),
            request_id: self.request,
            invite_id: self.invite,
            entry_id: None,
            promo_id: self.promo,
            answers: self.answers,
        }
    }
}

/// Who goes, where it is not an end user; and how it came to that.
pub struct GuestDetails {
    /// How.
    pub source: AttendeeSource,
    /// Name, email and phone of somebody without an account.
    pub name: Option<String>,
    /// See `name`.
    pub email: Option<String>,
    /// See `name`.
    pub phone: Option<String>,
    /// What the organiser notes.
    pub note: Option<String>,
    /// Whether the guest gets a mail.
    pub tell: bool,
}

impl GuestDetails {
    /// An end user.
    pub fn by(source: AttendeeSource) -> Self {
        Self { source, name: None, email: None, phone: None, note: None, tell: true }
    }
}

/// Holds seats. The waiting list comes first: what is free is offered to them before anybody else gets it.
/// 409 `sold_out` where not enough is left.
pub async fn reserve(tx: &mut Tx, event: &Event, seat_request: SeatRequest) -> Result<Reservation> {
    let free = waiting_list::promote_waiters(tx, event).await?;
    let now = tx.now;
    let ticket_type = rules::chosen(&free.types, seat_request.ticket_type)?;
    if ticket_type.available < seat_request.seats {
        return Err(sold_out().detail(format!("{}.", rules::too_few(&ticket_type.name, ticket_type.available))));
    }
    place(tx, seat_request.held(event.id, now)).await
}

/// Writes a hold that was found to fit.
pub(super) async fn place(tx: &mut Tx, hold: NewReservation) -> Result<Reservation> {
    let now = tx.now;
    sql::reservation_insert(tx.conn(), &hold, new_uuid(), now).await?;
    let (event_id, reservation_id, seats) = (hold.event_id, hold.id, hold.seats);
    tx.emit(&SeatsHeld { event_id, reservation_id, seats, expires_at: hold.expires_at });
    sql::reservation_find(tx.conn(), hold.id, now).await
}

/// Makes held seats a guest with tickets, if nothing has to be paid; else the seats stay held. The way
/// in of everybody who takes seats.
pub async fn take(tx: &mut Tx, event: &Event, seat_request: SeatRequest, going: GuestDetails) -> Result<Reservation> {
    let reservation = reserve(tx, event, seat_request).await?;
    consume_if_free(tx, event, reservation, going).await
}

/// The same where there need not be enough seats: what is missing is added to the event and to the ticket type. They are
/// held before they are added, so that nobody who waits is offered them.
pub async fn take_more(
    tx: &mut Tx,
    event: &Event,
    seat_request: SeatRequest,
    going: GuestDetails,
) -> Result<Reservation> {
    let free = waiting_list::promote_waiters(tx, event).await?;
    let ticket_type = rules::chosen(&free.types, seat_request.ticket_type)?.clone();
    if ticket_type.available >= seat_request.seats {
        return take(tx, event, seat_request, going).await;
    }
    let reservation = place(tx, seat_request.held(event.id, tx.now)).await?;
    let now = tx.now;
    let taken = sql::seats_taken(tx.conn(), event.id, Some(ticket_type.id), now).await?;
    let grown = |seats: i32, taken: i64| i32::try_from(taken).unwrap_or(i32::MAX).max(seats);
    let capacity = grown(event.capacity, taken.event);
    if capacity > event.capacity {
        Seats::try_from(capacity).map_err(|message| sold_out().detail(format!("Seats {message}.")))?;
        changes::save(tx, "event.updated", event.clone(), Event { capacity, ..event.clone() }).await?;
    }
    if let Some(quota) = ticket_type.quota.filter(|quota| i64::from(*quota) < taken.of_type) {
        let before = ticket_type.clone();
        let wanted = TicketType { quota: Some(grown(quota, taken.of_type)), ..ticket_type };
        sql::type_update(tx.conn(), &wanted).await?;
        tx.audit("ticket_type.updated", &before, &wanted);
        tx.emit(&TicketTypeChanged { event_id: event.id, ticket_type_id: wanted.id });
    }
    consume_if_free(tx, event, reservation, going).await
}

/// Makes held seats a guest with tickets where nothing has to be paid.
async fn consume_if_free(
    tx: &mut Tx,
    event: &Event,
    reservation: Reservation,
    going: GuestDetails,
) -> Result<Reservation> {
    if reservation.total.minor == 0 {
        consume(tx, event, &reservation, going).await?;
    }
    let now = tx.now;
    sql::reservation_find(tx.conn(), reservation.id, now).await
}

/// Makes held seats a guest with tickets. Whoever is to pay has paid: the payment's area calls this.
/// 409 `reservation_expired` where the time is over.
pub async fn consume(tx: &mut Tx, event: &Event, reservation: &Reservation, going: GuestDetails) -> Result<Attendee> {
    if reservation.status == ReservationStatus::Expired {
        return Err(reservation_expired());
    }
    reservation.status.next(ReservationStatus::Consumed)?;
    let now = tx.now;
    let answers = sql::reservation_answers(tx.conn(), reservation.id).await?;
    let person = Attendee {
        id: AttendeeId::new(),
        event_id: event.id,
        user_id: reservation.user_id,
        name: going.name,
        email: going.email,
        phone: going.phone,
        request_id: reservation.request_id,
        ticket_type_id: reservation.ticket_type_id,
        ticket_type: reservation.ticket_type.clone(),
        seats: reservation.seats_reserved,
        seats_in: 0,
        seats_gone: 0,
        is_paid: reservation.total.minor > 0,
        price_paid: reservation.total.clone(),
        refunded: None,
        status: AttendeeStatus::Going,
        source: going.source,
        at_door: false,
        checked_in_at: None,
        cancelled_at: None,
        cancellation_reason: None,
        answers,
        note: going.note,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sql::reservation_consume(tx.conn(), reservation.id, now).await?;
    if let Some(entry) = reservation.waiting_list_entry_id {
        sql::entry_set_status(tx.conn(), entry, WaitingStatus::Taken).await?;
        waiting_list::changed(tx, event.id, entry, WaitingStatus::Taken);
    }
    let origin = Origin { reservation: Some(reservation.id), from: None };
    sql::attendee_insert(tx.conn(), &person, &origin).await?;
    count(tx, event.id, person.ticket_type_id, person.seats).await?;
    issue(tx, &person).await?;
    let person = sql::attendee_find(tx.conn(), person.id).await?;
    tx.emit(&AttendeeConfirmed { event_id: event.id, attendee_id: person.id, seats: person.seats });
    if is_booking(&person) {
        note_booked(tx, &person);
    }
    if going.tell {
        mails::issued(tx, event, &person).await?;
    }
    Ok(person)
}

/// Whether the log says of a guest's seats that they were booked: of others it says that a request or an invitation was
/// accepted, or what was done at a desk or at the door.
fn is_booking(person: &Attendee) -> bool {
    let by_themselves = matches!(person.source, AttendeeSource::Direct | AttendeeSource::WaitingList);
    person.user_id.is_some() && (person.is_paid || by_themselves)
}

/// Notes in the log that a guest has booked, and how many tickets: nothing of who it is.
pub(super) fn note_booked(tx: &mut Tx, person: &Attendee) {
    tx.audit("attendee.booked", person, person).note("tickets", person.seats);
}

/// Refuses what has to be paid first.
pub fn must_be_free(reservation: &Reservation) -> Result<()> {
    if reservation.total.minor == 0 {
        return Ok(());
    }
    Err(payment_required().detail(format!("{} must be paid first.", reservation.total.display())))
}

/// Both counters, the event's and the kind's.
pub(super) async fn count(tx: &mut Tx, event: EventId, ticket_type: TicketTypeId, seats: i32) -> Result<()> {
    counters::going(tx.conn(), event, seats).await?;
    sql::type_count_sold(tx.conn(), ticket_type, seats).await
}

/// One ticket per seat, each with its secret.
async fn issue(tx: &mut Tx, person: &Attendee) -> Result<()> {
    secrets::ensure_key(tx).await?;
    let keys = &tx.app().keys;
    let (attendee, ticket_type, user) = (person.id, person.ticket_type_id, person.user_id);
    let hashes = (0..person.seats).map(|_| secrets::seal(keys, person.event_id, TicketId::new(), 1));
    let issued: Vec<_> = hashes.map(|hashes| Issued { hashes, attendee, ticket_type, user }).collect();
    let now = tx.now;
    sql::tickets_insert(tx.conn(), person.event_id, &issued, now).await
}

/// Gives back seats that are held and not taken, and offers them to the waiting list.
pub async fn release(tx: &mut Tx, event: &Event, reservation: &Reservation) -> Result<()> {
    reservation.status.next(ReservationStatus::Released)?;
    let now = tx.now;
    sql::reservation_release(tx.conn(), reservation.id, now).await?;
    if let Some(entry) = reservation.waiting_list_entry_id {
        // Who gives an offer back does not wait any more.
        sql::entry_set_status(tx.conn(), entry, WaitingStatus::Left).await?;
        waiting_list::changed(tx, event.id, entry, WaitingStatus::Left);
    }
    tx.emit(&SeatsReleased { event_id: event.id, reservation_id: reservation.id });
    waiting_list::promote_waiters(tx, event).await?;
    Ok(())
}

/// Somebody does not go: the tickets are void, the seats are offered to the waiting list.
pub async fn release_guest(
    tx: &mut Tx,
    event: &Event,
    before: &Attendee,
    to: AttendeeStatus,
    reason: Option<&str>,
) -> Result<Attendee> {
    before.status.next(to)?;
    let now = tx.now;
    sql::tickets_void(tx.conn(), before.id, reason.unwrap_or("The guest is not going."), now).await?;
    sql::attendee_set_status(tx.conn(), before.id, to, reason, now).await?;
    count(tx, event.id, before.ticket_type_id, -before.seats).await?;
    tx.emit(&AttendeeGone { event_id: event.id, attendee_id: before.id, seats: before.seats });
    waiting_list::promote_waiters(tx, event).await?;
    sql::attendee_find(tx.conn(), before.id).await
}

/// One seat of a guest less: its ticket was voided or passed on. Whose last seat that was does not go.
pub async fn decrement(tx: &mut Tx, person: &Attendee, to: AttendeeStatus, reason: &str) -> Result<()> {
    let now = tx.now;
    if person.seats == 1 && person.status == AttendeeStatus::Going {
        sql::attendee_set_status(tx.conn(), person.id, to, Some(reason), now).await?;
    }
    sql::attendee_set_seats(tx.conn(), person.id, person.seats - 1).await?;
    Ok(())
}

/// The same, and the seat is free again.
pub async fn release_one(tx: &mut Tx, event: &Event, person: &Attendee, reason: &str) -> Result<()> {
    decrement(tx, person, AttendeeStatus::Cancelled, reason).await?;
    count(tx, event.id, person.ticket_type_id, -1).await?;
    tx.emit(&AttendeeGone { event_id: event.id, attendee_id: person.id, seats: 1 });
    waiting_list::promote_waiters(tx, event).await?;
    Ok(())
}

/// What an offer or an accepted request waits for its answer, in minutes.
pub fn offer_minutes(tx: &Tx) -> i64 {
    tx.app().config.offer_minutes
}
