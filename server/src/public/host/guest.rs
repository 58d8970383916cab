//! One guest: what the host knows, sending the tickets again, and taking the guest off.

use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, Question};
use eventify::kernel::error::{Error, Result, not_found};
use eventify::kernel::text::{Email, Phone, Reason, grouped};
use eventify::tickets::operations::{attendee_cancel, attendee_contact_add, attendee_get, ticket_list, ticket_resend};
use eventify::tickets::{
    Attendee, AttendeeId, AttendeeStatus, CancelAttendee, GuestContact, Reach, ResendTicket, Ticket, TicketFilter,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, done_already, new_key};
use super::super::view::{Head, act, refusal, seats};
use super::super::visitor::{Visitor, id};
use super::guests::{name, standing};
use super::requests::answers;
use super::{Pairs, find, outcome, path, top};
use crate::web::parts::{Form, Path, Query};

/// What was done before.
#[derive(Default, Deserialize)]
pub struct Wanted {
    done: Option<String>,
}

/// `GET /host/{id}/guests/{guest}`
pub async fn show(
    visitor: Visitor,
    Path((event, guest)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Response {
    page(&visitor, &event, &guest, &Sent::default(), None, wanted.done.is_some()).await
}

/// `POST /host/{id}/guests/{guest}/contact`: where to tell a guest who had neither email nor phone.
pub async fn contact(
    visitor: Visitor,
    Path((event, guest)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    let added = async {
        let mut reading = Reading::of(&sent);
        let email = reading.maybe("email", Email::parse);
        let phone = reading.maybe("phone", Phone::parse);
        if sent.get("email").is_empty() && sent.get("phone").is_empty() {
            reading.say("email", "or phone is required");
        }
        reading.checked()?;
        visitor.own(attendee_contact_add(id::<AttendeeId>(&guest)?, GuestContact { email, phone })).await
    };
    let here = format!("/host/{event}/guests/{guest}");
    match outcome(&visitor, &here, &format!("{here}?done=sent"), done_already(added.await)) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, &guest, &sent, Some(&error), false).await,
    }
}

/// `POST /host/{id}/guests/{guest}/take-off`
pub async fn take_off(
    visitor: Visitor,
    Path((event, guest)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    let taken_off = async {
        let mut reading = Reading::of(&sent);
        let reason = reading.one("reason", Reason::parse);
        reading.checked()?;
        visitor.own(attendee_cancel(id::<AttendeeId>(&guest)?, CancelAttendee { reason })).await
    };
    let here = format!("/host/{event}/guests/{guest}");
    match outcome(&visitor, &here, &format!("/host/{event}/guests?removed={guest}"), done_already(taken_off.await)) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, &guest, &sent, Some(&error), false).await,
    }
}

/// `POST /host/{id}/guests/{guest}/resend`: one mail holds all tickets of the guest.
pub async fn resend(visitor: Visitor, Path((event, guest)): Path<(String, String)>) -> Response {
    let resent = async {
        let tickets = tickets(&visitor, id(&guest)?).await?;
        let ticket = tickets.iter().find(|ticket| ticket.revoked_at.is_none()).ok_or_else(not_found)?;
        visitor.own(ticket_resend(ticket.id, ResendTicket::default())).await
    };
    let here = format!("/host/{event}/guests/{guest}");
    match outcome(&visitor, &here, &format!("{here}?done=sent"), resent.await) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, &guest, &Sent::default(), Some(&error), false).await,
    }
}

async fn tickets(visitor: &Visitor, guest: AttendeeId) -> Result<Vec<Ticket>> {
    let filter = TicketFilter { attendee_id: Some(guest), ..TicketFilter::default() };
    Ok(visitor.own(ticket_list(filter)).await?.items)
}

async fn page(
    visitor: &Visitor,
    event: &str,
    guest: &str,
    sent: &Sent,
    error: Option<&Error>,
    resent: bool,
) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let guest = visitor.own(attendee_get(id(guest)?)).await?;
        if guest.event_id != event.id {
            return Err(not_found());
        }
        let questions = visitor.own(event_question_list(event.id)).await?.items;
        Ok::<_, Error>((event, guest, questions))
    };
    let (event, guest, questions) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let address = guest.reach().address();
    let body = html! {
        (top(visitor, &event, &name(&guest)))
        (refusal(error))
        @if let (true, Some(address)) = (resent, address) {
            p .note data-tone="ok" role="status" { "Tickets sent to " (grouped(address)) "." }
        }
        (facts(&guest, &questions))
        @if guest.status == AttendeeStatus::Going { (acts(&event, &guest, &Fields::new(sent, error))) }
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Guest: {}", name(&guest))), &body)
}

fn facts(guest: &Attendee, questions: &[Question]) -> Markup {
    html! {
        dl .facts {
            dt { "Status" } dd { (standing(guest)) }
            dt { "Tickets" } dd { bdi { (guest.ticket_type) } ", " (seats(guest.seats)) ", " (guest.price_paid.price()) }
            @if let Some(back) = guest.money_back() { dt { "Refund" } dd { (back) } }
            @if let Some(email) = &guest.email { dt { "Email" } dd { a href={ "mailto:" (email) } { (email) } } }
            @if let Some(phone) = &guest.phone { dt { "Phone" } dd { a href={ "tel:" (phone) } { (grouped(phone)) } } }
            @if let Some(note) = &guest.note { dt { "Note" } dd .words dir="auto" { (note) } }
            @if let Some(reason) = &guest.cancellation_reason { dt { "Why" } dd .words dir="auto" { (reason) } }
        }
        (answers(&guest.answers, questions))
    }
}

fn acts(event: &Event, guest: &Attendee, fields: &Fields<'_>) -> Markup {
    let path = format!("{}/guests/{}", path(event), guest.id);
    // Which of the forms it was that was refused.
    let fault = |field: &str| fields.error.is_some_and(|error| error.for_field(field).is_some());
    html! {
        @match guest.reach() {
            Reach::Nowhere => (unreachable(guest, &path, fields)),
            _ => (act(&format!("{path}/resend"), "Resend tickets", true)),
        }
        p { a href={ "/my/tickets?of=" (guest.id) } { "Show or print the tickets" } }
        details open[fields.error.is_some() && !fault("email") && !fault("phone")] {
            summary { "Remove guest" }
            @for said in guest.removal() { p { (said) } }
            form method="post" action={ (path) "/take-off" } {
                (new_key())
                (fields.area("reason", "Reason", 3, "", true))
                button { "Remove guest" }
            }
        }
    }
}

/// Nothing can be sent to this guest; what can be done about it.
fn unreachable(guest: &Attendee, path: &str, fields: &Fields<'_>) -> Markup {
    html! {
        div .note data-tone="warn" {
            p { strong { (guest.unreachable()) ": " bdi { (name(guest)) } " can't be notified." } }
            p { "Add an email or phone and the tickets are sent there, or show or print them yourself." }
        }
        form method="post" action={ (path) "/contact" } {
            (fields.may("email", "Email", "email", ""))
            (fields.may("phone", "Phone", "tel", "With the country code, such as +91 98450 12345. It gets text messages."))
            button { "Save and send tickets" }
        }
    }
}
