//! Who comes: the list, one guest more, and a whole list of them.

use axum::response::Response;
use eventify::events::Event;
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::{Limit, Page};
use eventify::kernel::text::{Email, Note, PersonName, Phone, SearchText, grouped};
use eventify::tickets::operations::{attendee_comp, attendee_get, attendee_list};
use eventify::tickets::{Attendee, AttendeeFilter, AttendeeStatus, NewComp, Party, Reach};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, new_key, number};
use super::super::view::{Head, seats};
use super::super::visitor::{Visitor, id};
use super::{Pairs, find, outcome, path, ticket_types, top};
use crate::web::parts::{Form, Path, Query};

/// How many guests a page shows.
const ROWS: u32 = 50;

/// Whom one looks for, and what was done before.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct Wanted {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    cursor: String,
    /// A guest who was just added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    new: Option<String>,
    /// A guest who was just removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    removed: Option<String>,
}

/// `GET /host/{id}/guests`
pub async fn show(visitor: Visitor, Path(event): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    let read = async {
        let event = find(&visitor, &event).await?;
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let filter = AttendeeFilter {
            // What is too long to be looked for finds nobody.
            q: given(&wanted.q).and_then(|q| SearchText::parse(&q.chars().take(100).collect::<String>()).ok()),
            cursor: given(&wanted.cursor),
            limit: Limit::try_from(ROWS).ok(),
            ..AttendeeFilter::default()
        };
        let guests = visitor.own(attendee_list(event.id, filter)).await?;
        let done = done(&visitor, &event, &wanted).await?;
        Ok::<_, Error>((event, guests, done))
    };
    match read.await {
        Ok((event, guests, done)) => {
            let head = Head::own(&format!("Guests: {}", event.title));
            visitor.page(200, &head, &body(&visitor, &event, (&guests, &done), &wanted))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// What was just done to one guest, and where the guest was told of it.
async fn done(visitor: &Visitor, event: &Event, wanted: &Wanted) -> Result<Markup> {
    let Some(of) = wanted.new.as_ref().or(wanted.removed.as_ref()) else { return Ok(html! {}) };
    let guest = visitor.own(attendee_get(id(of)?)).await?;
    let (removed, address) = (guest.status == AttendeeStatus::Cancelled, guest.reach().address());
    if guest.event_id != event.id || removed != wanted.removed.is_some() {
        return Ok(html! {});
    }
    Ok(html! {
        div .note data-tone=(if address.is_some() { "ok" } else { "warn" }) role="status" {
            p { strong { bdi { (name(&guest)) } @if removed { " was removed." } @else { " is on the list." } } }
            @match (removed, address) {
                (true, Some(address)) => p { "The tickets are void. The reason was sent to " (grouped(address)) "." },
                (true, None) => p { "The tickets are void. " (guest.unreachable()) ": tell them yourself." },
                (false, Some(address)) => p { "Tickets sent to " (grouped(address)) "." },
                (false, None) => p {
                    (guest.unreachable()) ": " bdi { (name(&guest)) } " can't be notified. "
                    a href={ (path(event)) "/guests/" (guest.id) } { "Add an email or phone, or show the tickets" }
                },
            }
        }
    })
}

fn body(visitor: &Visitor, event: &Event, (guests, done): (&Page<Attendee>, &Markup), wanted: &Wanted) -> Markup {
    let path = format!("{}/guests", path(event));
    html! {
        (top(visitor, event, "Guests"))
        (done)
        p { (event.going_count) " of " (seats(event.capacity)) " taken" }
        @if event.status.is_open() {
            div .acts {
                a .button href={ (path) "/new" } { "Add guest" }
                a .button .quiet href={ (path) "/list" } { "Paste a list" }
            }
        }
        form .search role="search" action=(path) {
            div .field .wide {
                label for="q" { "Name, email or phone" }
                input id="q" name="q" type="search" value=(wanted.q) maxlength="100" autocomplete="off";
            }
            button { "Search" }
        }
        @if guests.items.is_empty() {
            p { @if wanted.q.is_empty() { "No guests yet. Guests appear here once they have a ticket." } @else { "No guests match." } }
        }
        ul .events { @for guest in &guests.items { (line(&path, guest)) } }
        @if let Some(cursor) = &guests.next_cursor {
            @let next = Wanted { q: wanted.q.clone(), cursor: cursor.clone(), ..Wanted::default() };
            p .more {
                a .button .quiet href={ (path) "?" (serde_urlencoded::to_string(next).unwrap_or_default()) } rel="next" {
                    "More guests"
                }
            }
        }
    }
}

/// What a guest is called.
pub fn name(guest: &Attendee) -> String {
    let known = [&guest.name, &guest.email, &guest.phone].into_iter().flatten().find(|text| !text.is_empty());
    known.map_or_else(|| "A guest".to_owned(), |text| grouped(text))
}

/// Where a guest stands, in words.
pub fn standing(guest: &Attendee) -> String {
    if let Some(partly) = guest.partly_in() {
        return partly;
    }
    let word = match guest.status {
        AttendeeStatus::Going => "Going",
        AttendeeStatus::NotGoing => "Cancelled",
        AttendeeStatus::CheckedIn => "Checked in",
        AttendeeStatus::Cancelled => "Removed",
    };
    word.to_owned()
}

fn line(path: &str, guest: &Attendee) -> Markup {
    html! {
        li {
            a .event href={ (path) "/" (guest.id) } {
                strong dir="auto" { (name(guest)) }
                span { bdi { (guest.ticket_type) } @if guest.status.takes_seats() { " · " (seats(guest.seats)) } }
                span .price {
                    (standing(guest))
                    @if guest.status.takes_seats() && guest.reach() == Reach::Nowhere { " · " (guest.unreachable()) }
                }
            }
        }
    }
}

/// `GET /host/{id}/guests/new`
pub async fn new(visitor: Visitor, Path(event): Path<String>) -> Response {
    form_page(&visitor, &event, "Add guest", &Sent::default(), None, new_form).await
}

/// `POST /host/{id}/guests/new`
pub async fn add(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let added = async {
        let event = find(&visitor, &event).await?;
        let input = read(&sent)?;
        visitor.once(sent.key(), attendee_comp(event.id, input)).await
    };
    let added = added.await;
    let guest = added.as_ref().map_or_else(|_| String::new(), |guest| guest.id.to_string());
    match outcome(&visitor, &visitor.here, &format!("/host/{event}/guests?new={guest}"), added) {
        Ok(response) => response,
        Err(error) => form_page(&visitor, &event, "Add guest", &sent, Some(&error), new_form).await,
    }
}

fn read(sent: &Sent) -> Result<NewComp> {
    let mut reading = Reading::of(sent);
    let name = reading.one("name", PersonName::parse);
    let (email, phone) = (reading.maybe("email", Email::parse), reading.maybe("phone", Phone::parse));
    let (seats, ticket_type) = (reading.maybe("seats", number::<Party>), reading.chosen("ticket_type_id"));
    let note = reading.maybe("note", Note::parse);
    let Some(ticket_type_id) = ticket_type else {
        reading.say("ticket_type_id", "choose a ticket type");
        return Err(reading.refusal());
    };
    reading.checked()?;
    Ok(NewComp { ticket_type_id, seats: seats.unwrap_or_default(), user_id: None, name, email, phone, note })
}

fn new_form(fields: &Fields<'_>, ticket_types: &[(String, String)]) -> Markup {
    html! {
        p { "Your guests pay nothing. They get their tickets by email, or by text message where there is only a phone." }
        (fields.must("name", "Name", "text", ""))
        (fields.may("email", "Email", "email", "Where the tickets go"))
        (fields.may("phone", "Phone", "tel", "With the country code, so that it can get text messages"))
        (fields.pick("ticket_type_id", "Ticket type", ticket_types, ""))
        (fields.may("seats", "Seats", "number", "Leave empty for one"))
        (fields.may("note", "Note", "text", "For you and the team at the door"))
        button { "Add guest" }
    }
}

async fn form_page(
    visitor: &Visitor,
    event: &str,
    title: &str,
    sent: &Sent,
    error: Option<&Error>,
    form: fn(&Fields<'_>, &[(String, String)]) -> Markup,
) -> Response {
    let (event, ticket_types) = match ticket_types::choices(visitor, event).await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let fields = Fields::new(sent, error);
    let shown = html! {
        form method="post" {
            (new_key())
            (form(&fields, &ticket_types))
        }
    };
    let body = html! { (top(visitor, &event, title)) (fields.under_summary(&shown)) };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("{title}: {}", event.title)), &body)
}
