//! Taking seats. [004 §2.8]

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::tickets::{NewReservation, Reservation, ReservationId};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::rules::{lock_open, this_user},
    crate::kernel::{
        context::{Db, Reader, Tx},
        permissions::Permission::{TicketsManage, TicketsRead},
    },
    crate::tickets::errors::sales_closed,
    crate::tickets::{
        AttendeeSource, rules,
        seats::{self, GuestDetails, SeatRequest},
        sql,
    },
};

/// Reserve seats at an event
///
/// Free seats are booked at once, with tickets. Paid seats are held until `expires_at` and released automatically if
/// they are not paid by then. Seats offered to the waiting list cannot be reserved.
#[operation(POST "/events/{id}/reservations", end_user, status = 201, idempotent, per_key = id,
    errors(event_closed, sold_out, sales_closed, not_admitted, over_the_limit, promo_code_invalid, unknown_reference))]
pub async fn reservation_create(tx: &mut Tx, id: EventId, input: NewReservation) -> Result<Reservation> {
    let user = this_user(tx)?;
    let event = lock_open(tx, id).await?;
    rules::must_be_open(tx, &event).await?;
    rules::admitted(tx, &event, user).await?;
    let (now, count) = (tx.now, input.seats.count());
    let types = sql::type_list(tx.conn(), id, now, true).await?;
    let ticket_type = rules::chosen(&types, input.ticket_type_id)?;
    let code = input.promo_code.as_ref().map(|code| code.as_str());
    let price = rules::priced(tx, id, ticket_type, code, count).await?;
    if ticket_type.hidden && !price.unlocks {
        return Err(sales_closed().detail("This ticket type is hidden: it needs a promo code or an invitation."));
    }
    rules::on_sale(tx, &event, ticket_type).await?;
    rules::within_limit(tx, &event, ticket_type, user, count).await?;
    let answers = rules::answered(tx, id, &input.answers).await?;
    let minutes = tx.app().config.reservation_minutes;
    let mut seat_request = SeatRequest::new(ticket_type.id, Some(user), count, price.each, minutes);
    seat_request.promo = price.promo;
    seat_request.answers = answers;
    seats::take(tx, &event, seat_request, GuestDetails::by(AttendeeSource::Direct)).await
}

/// List the seats held for you
///
/// Those to be paid or offered by the waiting list, the first to be released first. In one page.
#[operation(GET "/me/reservations", end_user)]
pub async fn my_reservation_list(db: &mut Reader) -> Result<Page<Reservation>> {
    let (user, now) = (this_user(db)?, db.now);
    Ok(sql::reservations_open(db.conn(), user, None, now).await?.into())
}

/// Get a reservation
#[operation(GET "/reservations/{id}", staff = TicketsRead, end_user, scoped)]
pub async fn reservation_get(db: &mut Reader, id: ReservationId) -> Result<Reservation> {
    let now = db.now;
    let reservation = sql::reservation_find(db.conn(), id, now).await?;
    reach::may_see(db, reservation.event_id, reservation.user_id, TicketsRead).await?;
    Ok(reservation)
}

/// Release held seats
///
/// They are offered to the waiting list.
#[operation(DELETE "/reservations/{id}", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn reservation_release(tx: &mut Tx, id: ReservationId) -> Result<()> {
    let now = tx.now;
    let seen = sql::reservation_find(tx.conn(), id, now).await?;
    let (event, _) = reach::may_change(tx, seen.event_id, seen.user_id, TicketsManage).await?;
    let before = sql::reservation_find(tx.conn(), id, now).await?;
    seats::release(tx, &event, &before).await?;
    let after = sql::reservation_find(tx.conn(), id, now).await?;
    tx.audit("reservation.released", &before, &after);
    Ok(())
}
