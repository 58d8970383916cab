//! Who takes part. [004 §2.9]

use operation::{Answer, Validate, operation};
use serde::Serialize;

use crate::access::wire;
use crate::events::{Event, EventId};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{
    Attendee, AttendeeFilter, AttendeeId, CancelAttendee, GuestContact, GuestTotals, NewComp, Ticket, TicketCode,
};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::rules::{find_run, lock, this_user},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{invalid_input, invalid_transition, not_found},
        money::Money,
        page::Paged,
        permissions::Permission::{EventsRead, TicketsManage, TicketsRead},
        text::E164Phone,
    },
    crate::notify::guests,
    crate::tickets::{
        AttendeeSource, AttendeeStatus, Reach, mails, rules,
        seats::{self, GuestDetails, SeatRequest},
        secrets, sql,
    },
};

wire! {
    /// The parameters of a link in an email.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct GuestLink {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub token: Option<String>,
    }

    /// A ticket with what it shows at the gate.
    pub struct Pass {
        pub ticket: Ticket,
        pub code: TicketCode,
    }

    /// A guest's own tickets: for the page, the print view and the wallet.
    pub struct GuestTickets {
        pub event: Event,
        pub attendee: Attendee,
        /// The guest who transferred them, if they were.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub giver: Option<String>,
        /// Valid ones.
        pub tickets: Vec<Pass>,
    }
}
impl Validate for GuestLink {}

/// List the guests of an event
///
/// Newest first.
#[operation(GET "/events/{id}/attendees", staff = TicketsRead, end_user, scoped)]
pub async fn attendee_list(db: &mut Reader, id: EventId, query: AttendeeFilter) -> Result<Page<Attendee>> {
    find_run(db, id, TicketsRead).await?;
    sql::attendee_list(db, id, &query).await
}

/// Export the guests of an event as CSV
///
/// Every guest of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/events/{id}/attendees/export", staff = TicketsRead, end_user, scoped, answer = Csv)]
pub async fn attendee_export(
    cx: &RequestContext,
    id: EventId,
    query: AttendeeFilter,
    columns: Option<Vec<String>>,
) -> Result<Answer> {
    {
        let mut db = cx.reader().await?;
        find_run(&mut db, id, TicketsRead).await?;
    }
    csv::answer(cx, "guests", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::attendee_list(db, id, &filter).await })
    })
    .await
}

/// List your bookings
///
/// Newest first.
#[operation(GET "/me/attendances", end_user)]
pub async fn my_attendance_list(db: &mut Reader, query: Paging) -> Result<Page<Attendee>> {
    let user = this_user(db)?;
    let page = sql::attendees_of(db, user, None, &query).await?;
    Ok(page.map(|attendee| reach::as_seen(true, attendee)))
}

/// Get a guest
#[operation(GET "/attendees/{id}", staff = TicketsRead, end_user, scoped)]
pub async fn attendee_get(db: &mut Reader, id: AttendeeId) -> Result<Attendee> {
    let attendee = sql::attendee_find(db.conn(), id).await?;
    let is_guest = reach::may_see(db, attendee.event_id, attendee.user_id, TicketsRead).await?;
    Ok(reach::as_seen(is_guest, attendee))
}

/// Get a guest's tickets with their codes
///
/// Available to the guest, to anyone with the link from the guest's email, and to those who manage the event.
#[operation(GET "/attendees/{id}/tickets", staff = TicketsRead, end_user, public, scoped)]
pub async fn attendee_tickets(db: &mut Reader, id: AttendeeId, query: GuestLink) -> Result<GuestTickets> {
    let attendee = sql::attendee_find(db.conn(), id).await?;
    let by_link = match &query.token {
        Some(token) => {
            let generation = sql::attendee_link_generation(db.conn(), id).await?;
            guests::is_genuine(&db.app().keys, id.0, generation, token)
        }
        None => false,
    };
    // Who has the link is the guest, or somebody the guest has shown it to.
    let is_guest = by_link || reach::may_see(db, attendee.event_id, attendee.user_id, TicketsRead).await?;
    let attendee = reach::as_seen(is_guest, attendee);
    let event = crate::events::rules::by_id(db.conn(), attendee.event_id).await?;
    let mut tickets = Vec::new();
    for ticket in sql::tickets_standing(db.conn(), id).await? {
        let code = secrets::code(db, &event, &ticket).await?;
        tickets.push(Pass { ticket, code });
    }
    let giver = match attendee.source {
        AttendeeSource::Transfer => sql::giver_of(db.conn(), id).await?,
        _ => None,
    };
    Ok(GuestTickets { event, attendee, giver, tickets })
}

/// Remove a guest, or cancel your own booking
///
/// Voids the tickets and offers the seats to the waiting list. The organiser must give a reason, which is sent to the
/// guest.
#[operation(POST "/attendees/{id}/cancel", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn attendee_cancel(tx: &mut Tx, id: AttendeeId, input: CancelAttendee) -> Result<Attendee> {
    let seen = sql::attendee_find(tx.conn(), id).await?;
    let (event, is_guest) = reach::may_change(tx, seen.event_id, seen.user_id, TicketsManage).await?;
    let before = sql::attendee_find(tx.conn(), id).await?;
    let reason = input.reason.as_ref().map(|reason| reason.as_str());
    if !is_guest && reason.is_none() {
        return Err(invalid_input().field("reason", "is required: it is sent to the guest"));
    }
    let to = if is_guest { AttendeeStatus::NotGoing } else { AttendeeStatus::Cancelled };
    let after = seats::release_guest(tx, &event, &before, to, reason).await?;
    if let (false, Some(reason)) = (is_guest, reason) {
        mails::taken_off(tx, &event, &before, reason, (0, before.not_refunded())).await?;
    }
    let entry = tx.audit("attendee.cancelled", &before, &after);
    if let Some(reason) = reason {
        entry.reason(reason);
    }
    Ok(reach::as_seen(is_guest, after))
}

/// Add an email or phone to a guest who has neither
///
/// The guest is sent the tickets there, and all later notifications. Guests who already have an email or phone keep it.
#[operation(POST "/attendees/{id}/contact", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn attendee_contact_add(tx: &mut Tx, id: AttendeeId, input: GuestContact) -> Result<Attendee> {
    let seen = sql::attendee_find(tx.conn(), id).await?;
    let event = lock(tx, seen.event_id, TicketsManage).await.map_err(reach::hidden)?;
    let before = sql::attendee_find(tx.conn(), id).await?;
    if before.reach() != Reach::Nowhere {
        return Err(
            invalid_transition().detail("The guest already has an email or phone: transfer the ticket instead.")
        );
    }
    if !before.status.takes_seats() {
        return Err(invalid_transition().detail("The guest no longer has tickets."));
    }
    let phone = input.phone.map(|phone| E164Phone::given(&phone, &event.timezone)).transpose();
    let phone = phone.map_err(|error| invalid_input().field("phone", error))?;
    sql::attendee_set_contact(tx.conn(), id, input.email.as_ref(), phone.as_ref()).await?;
    let after = sql::attendee_find(tx.conn(), id).await?;
    tx.audit("attendee.contact_added", &before, &after);
    mails::issued(tx, &event, &after).await?;
    Ok(after)
}

/// Get the guest totals of an event
///
/// What cancelling the event would affect: tickets to void, guests to notify and the amounts paid.
#[operation(GET "/events/{id}/guest-totals", staff = EventsRead, end_user, scoped)]
pub async fn event_guest_totals(db: &mut Reader, id: EventId) -> Result<GuestTotals> {
    find_run(db, id, EventsRead).await?;
    sql::guest_totals(db.conn(), id).await
}

/// Add a guest free of charge
///
/// Also works for hidden ticket types and when sales are closed, as long as seats are left.
#[operation(POST "/events/{id}/attendees", staff = TicketsManage, end_user, status = 201, scoped, idempotent,
    errors(event_closed, sold_out, not_admitted, unknown_reference, over_the_limit, already_exists))]
pub async fn attendee_comp(tx: &mut Tx, id: EventId, input: NewComp) -> Result<Attendee> {
    let event = lock(tx, id, TicketsManage).await?;
    rules::must_be_open(tx, &event).await?;
    if let Some(user) = input.user_id {
        rules::takes_invites(tx, &event, user, "user_id").await?;
        rules::admitted(tx, &event, user).await?;
    }
    let free = Money { minor: 0, currency: event.ticket_price.currency.clone() };
    let seat_request = SeatRequest::new(input.ticket_type_id, input.user_id, input.seats.count(), free, 1);
    let going = GuestDetails {
        source: AttendeeSource::Comp,
        name: input.name.map(String::from),
        email: input.email.map(String::from),
        phone: input.phone.map(|phone| phone.given_in(&event.timezone)),
        note: input.note.map(String::from),
        tell: true,
    };
    let reservation = seats::take(tx, &event, seat_request, going).await?;
    let attendee = sql::attendee_find(tx.conn(), reservation.attendee_id.ok_or_else(not_found)?).await?;
    tx.audit_created("attendee.comp_issued", &attendee);
    Ok(attendee)
}
