//! Somebody asks to come. [004 §2.6]

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{EventRequest, NewRequest, RequestDecision, RequestFilter, RequestId};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::{
        Event, counters,
        rules::{end_user, find, find_run, lock, lock_open, this_user},
    },
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::not_found,
        permissions::Permission::{EventsManage, EventsRead, TicketsManage},
    },
    crate::tickets::errors::over_the_limit,
    crate::tickets::{
        AttendeeSource, AttendeeStatus, RequestStatus, ReservationStatus,
        bus::RequestChanged,
        mails, rules,
        seats::{self, GuestDetails, SeatRequest},
        sql,
    },
};

/// List the requests to attend an event
///
/// Oldest first. Guests see their own requests only.
#[operation(GET "/events/{id}/requests", staff = EventsRead, end_user, scoped)]
pub async fn event_request_list(db: &mut Reader, id: EventId, query: RequestFilter) -> Result<Page<EventRequest>> {
    let own = end_user(&db.caller);
    match (find_run(db, id, EventsRead).await, own) {
        (Ok(_), _) => sql::request_list(db, id, None, &query).await,
        (Err(_), Some(user)) => {
            find(db, id).await?;
            sql::request_list(db, id, Some(user), &query).await
        }
        (Err(error), None) => Err(error),
    }
}

/// List your requests to attend events
///
/// Newest first.
#[operation(GET "/me/requests", end_user)]
pub async fn my_request_list(db: &mut Reader, query: Paging) -> Result<Page<EventRequest>> {
    let (user, now) = (this_user(db)?, db.now);
    let mut requests = sql::requests_of(db, user, None, &query).await?;
    let held = sql::reservations_of_requests(db.conn(), user, None, now).await?;
    for request in &mut requests.items {
        request.reservation = held.iter().find(|hold| hold.request_id == Some(request.id)).cloned();
    }
    Ok(requests)
}

/// Request to attend an event
#[operation(POST "/events/{id}/requests", end_user, status = 201, idempotent, per_key = id,
    errors(event_closed, not_admitted, already_exists, over_the_limit, unknown_reference, sold_out))]
pub async fn event_request_create(tx: &mut Tx, id: EventId, input: NewRequest) -> Result<EventRequest> {
    let user = this_user(tx)?;
    let event = lock_open(tx, id).await?;
    rules::must_be_open(tx, &event).await?;
    rules::admitted(tx, &event, user).await?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), id, now, true).await?;
    let ticket_type = rules::chosen_or_first(&types, input.ticket_type_id)?;
    if ticket_type.hidden {
        return Err(not_found());
    }
    rules::within_limit(tx, &event, ticket_type, user, input.seats_requested.count()).await?;
    let request = EventRequest {
        id: RequestId::new(),
        event_id: id,
        requester_user_id: user,
        requester_name: None,
        message: input.message.map(String::from).unwrap_or_default(),
        status: RequestStatus::Pending,
        host_message: None,
        seats_requested: input.seats_requested.count(),
        ticket_type_id: input.ticket_type_id,
        answers: rules::answered(tx, id, &input.answers).await?,
        decided_at: None,
        reservation: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sql::request_insert(tx.conn(), &request).await?;
    counters::requests(tx.conn(), id, 1).await?;
    tx.emit(&RequestChanged { event_id: id, request_id: request.id, status: RequestStatus::Pending });
    sql::request_find(tx.conn(), request.id).await
}

/// Get a request with its result
#[operation(GET "/requests/{id}", staff = EventsRead, end_user, scoped)]
pub async fn event_request_get(db: &mut Reader, id: RequestId) -> Result<EventRequest> {
    let now = db.now;
    let mut request = sql::request_find(db.conn(), id).await?;
    reach::may_see(db, request.event_id, Some(request.requester_user_id), EventsRead).await?;
    request.reservation = sql::reservation_of(db.conn(), Some(id), None, request.requester_user_id, now).await?;
    Ok(request)
}

/// Accept, decline or withdraw a request
///
/// The organiser accepts or declines; the guest withdraws with `cancelled`. An accepted guest gets tickets at once if
/// they are free; otherwise the seats are held until they are paid or the hold expires. Withdrawing an accepted request
/// releases its seats.
#[operation(PATCH "/requests/{id}", staff = EventsManage, end_user, scoped,
    errors(invalid_transition, event_closed, sold_out, not_admitted, over_the_limit, unknown_reference))]
pub async fn event_request_decide(tx: &mut Tx, id: RequestId, input: RequestDecision) -> Result<EventRequest> {
    let seen = sql::request_find(tx.conn(), id).await?;
    let requester = Some(seen.requester_user_id).filter(|user| end_user(&tx.caller) == Some(*user));
    let event = match (input.status, requester) {
        (RequestStatus::Cancelled, Some(_)) => lock_open(tx, seen.event_id).await?,
        (RequestStatus::Cancelled, None) => {
            lock(tx, seen.event_id, EventsManage).await.map_err(reach::hidden)?;
            return Err(crate::kernel::error::forbidden().detail("Only the requester can withdraw it."));
        }
        (_, Some(_)) => lock(tx, seen.event_id, EventsManage).await?,
        (_, None) => lock(tx, seen.event_id, EventsManage).await.map_err(reach::hidden)?,
    };
    let more = input.add_seats == Some(true) && input.status == RequestStatus::Accepted;
    if more {
        lock(tx, seen.event_id, TicketsManage).await?;
    }
    let before = sql::request_find(tx.conn(), id).await?;
    let to = before.status.next(input.status)?;
    if let Some(ticket_type) = input.ticket_type_id {
        let now = tx.now;
        rules::chosen(&sql::type_list(tx.conn(), event.id, now, true).await?, ticket_type)?;
    }
    let (now, message) = (tx.now, input.host_message.as_ref().map(|message| message.as_str()));
    sql::request_decide(tx.conn(), id, to, message, input.ticket_type_id, now).await?;
    if before.status == RequestStatus::Pending {
        counters::requests(tx.conn(), event.id, -1).await?;
    }
    let request = sql::request_find(tx.conn(), id).await?;
    match to {
        RequestStatus::Accepted => accept(tx, &event, &request, more).await?,
        RequestStatus::Cancelled => take_back(tx, &event, &request).await?,
        RequestStatus::Declined => mails::answered(tx, &event, &request, None).await?,
        RequestStatus::Pending => {}
    }
    let mut after = sql::request_find(tx.conn(), id).await?;
    tx.audit("event_request.decided", &before, &after);
    tx.emit(&RequestChanged { event_id: event.id, request_id: id, status: to });
    after.reservation = sql::reservation_of(tx.conn(), Some(id), None, after.requester_user_id, now).await?;
    Ok(after)
}

/// Seats for whoever was accepted, `more` than there are if need be: the organiser may let in by a kind that is hidden or
/// not on sale.
#[cfg(feature = "ssr")]
async fn accept(tx: &mut Tx, event: &Event, request: &EventRequest, more: bool) -> Result<()> {
    rules::must_be_open(tx, event).await?;
    let (now, user) = (tx.now, request.requester_user_id);
    rules::admitted(tx, event, user).await?;
    let types = sql::type_list(tx.conn(), event.id, now, true).await?;
    let ticket_type = rules::chosen_or_first(&types, request.ticket_type_id)?;
    if sql::seats_of(tx.conn(), ticket_type.id, user, now).await? > 0 {
        return Err(over_the_limit().detail("This person already has seats of that type."));
    }
    let minutes = seats::offer_minutes(tx);
    let mut seat_request =
        SeatRequest::new(ticket_type.id, Some(user), request.seats_requested, ticket_type.price.clone(), minutes);
    seat_request.request = Some(request.id);
    seat_request.answers = request.answers.clone();
    let going = GuestDetails::by(AttendeeSource::Request);
    let reservation = match more {
        true => seats::take_more(tx, event, seat_request, going).await?,
        false => seats::take(tx, event, seat_request, going).await?,
    };
    if reservation.status == ReservationStatus::Active {
        mails::answered(tx, event, request, Some(reservation.expires_at)).await?;
    }
    Ok(())
}

/// Gives back what an accepted request came to.
#[cfg(feature = "ssr")]
async fn take_back(tx: &mut Tx, event: &Event, request: &EventRequest) -> Result<()> {
    let now = tx.now;
    if let Some(attendee) = sql::attendee_of_request(tx.conn(), request.id).await? {
        let person = sql::attendee_find(tx.conn(), attendee).await?;
        seats::release_guest(tx, event, &person, AttendeeStatus::NotGoing, None).await?;
        return Ok(());
    }
    match sql::reservation_of(tx.conn(), Some(request.id), None, request.requester_user_id, now).await? {
        Some(held) if held.status == ReservationStatus::Active => seats::release(tx, event, &held).await,
        _ => Ok(()),
    }
}
