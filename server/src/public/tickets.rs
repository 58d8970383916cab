//! One's own tickets, on the screen and on paper.

use axum::extract::{Form, Path, Query};
use axum::response::Response;
use eventify::events::operations::{event_get, event_list};
use eventify::events::{Event, EventFilter, EventId, EventStatus, Zone};
use eventify::kernel::error::{Error, Result, not_found};
use eventify::kernel::page::{Limit, Paging, every};
use eventify::kernel::text::{Email, PersonName};
use eventify::tickets::operations::{
    GuestLink, GuestTickets, Pass, attendee_get, attendee_tickets, my_invite_list, my_passed_ticket_list,
    my_request_list, my_waiting_list, ticket_code, ticket_list, ticket_reissue, ticket_resend, ticket_status,
    ticket_transfer,
};
use eventify::tickets::{
    AttendeeStatus, InviteStatus, PassedTicket, Reach, RequestStatus, ResendTicket, Ticket, TicketFilter, TicketId,
    TicketStatus, TransferTicket, WaitingPlace,
};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::sent::{Reading, Sent};
use super::view::{Head, Input, nth, place, refusal, seats, standing, when, words};
use super::visitor::{Visitor, Zones, id};
use crate::web::forms::see_other;

/// How many requests and invitations are shown with their events.
const MOST: usize = 20;

/// One guest's tickets, or a page of all.
#[derive(Deserialize)]
pub struct Wanted {
    of: Option<String>,
    cursor: Option<String>,
    done: Option<String>,
    /// Whose a ticket is that was just passed on.
    sent: Option<String>,
}

fn stands(ticket: &Ticket) -> bool {
    matches!(ticket.status, TicketStatus::Issued | TicketStatus::Inside | TicketStatus::Outside)
}

/// `GET /my/tickets`
pub async fn list(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    let Some(user) = &visitor.user else { return visitor.sign_in_first() };
    if let Some(of) = &wanted.of {
        let read = async { visitor.own(attendee_tickets(id(of)?, GuestLink::default())).await };
        let read = read.await;
        // Hosts look at their guests' tickets here, too.
        let own = read.as_ref().is_ok_and(|guest| guest.attendee.user_id == Some(user.id));
        return passes_page(&visitor, read, own).await;
    }
    let filter = TicketFilter {
        user_id: Some(user.id),
        cursor: wanted.cursor.clone(),
        limit: Limit::try_from(50).ok(),
        ..TicketFilter::default()
    };
    let read = async {
        let page = visitor.own(ticket_list(filter)).await?;
        let open = open_matters(&visitor).await?;
        let passed = visitor.own(my_passed_ticket_list(Paging::default())).await?.items;
        let of_tickets = page.items.iter().map(|ticket| ticket.event_timezone.as_str());
        let zones = visitor.zones(of_tickets.chain(open.iter().map(|(_, event, _)| event.timezone.as_str()))).await?;
        Ok::<_, Error>((page, open, passed, zones))
    };
    match read.await {
        Ok((page, open, passed, zones)) => {
            let just = passed.iter().find(|one| wanted.sent.as_deref() == Some(&*one.attendee_id.to_string()));
            let body = html! {
                h1 { "My tickets" }
                @if let Some(just) = just { (passed_now(just)) }
                (open_list(&open, &zones))
                @if page.items.is_empty() && open.is_empty() && passed.is_empty() {
                    div .state { p { "No tickets yet. Your tickets appear here." } p { a .button href="/e" { "See events" } } }
                } @else {
                    ul .events { @for ticket in &page.items { (line(ticket, &zones)) } }
                }
                @if let Some(cursor) = &page.next_cursor {
                    p .more { a .button .quiet href={ "/my/tickets?cursor=" (cursor) } rel="next" { "More tickets" } }
                }
                (passed_list(&passed))
                p { a href="/my/details" { "Your name and email" } }
            };
            visitor.page(200, &Head::own("My tickets"), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

fn line(ticket: &Ticket, zones: &Zones) -> Markup {
    let starts = zones.display(&ticket.event_timezone, ticket.event_start_at);
    html! {
        li {
            a .event href={ "/my/tickets/" (ticket.id) } {
                time datetime=(ticket.event_start_at.rfc3339()) { (starts) }
                strong dir="auto" { (ticket.event_title) }
                span dir="auto" { (ticket.ticket_type) }
                @if !stands(ticket) { span .price { "Cancelled" } }
            }
        }
    }
}

/// The person and the beginning of the address: `Kabir (kabir@…)`.
fn taker(passed: &PassedTicket) -> Markup {
    html! { bdi { (passed.to_name) } @if let Some(email) = &passed.to_email { " (" (email) ")" } }
}

fn passed_now(passed: &PassedTicket) -> Markup {
    html! {
        div .note data-tone="ok" role="status" {
            p { strong { "Ticket sent to " (taker(passed)) } }
            p { "They get it with a new QR code; yours no longer works." }
            p { "You can't take it back. If it was a mistake, ask them to transfer it to you, or ask the organiser." }
        }
    }
}

fn passed_list(passed: &[PassedTicket]) -> Markup {
    html! {
        @if !passed.is_empty() {
            section aria-labelledby="passed" {
                h2 #passed { "Transferred tickets" }
                ul .events {
                    @for one in passed {
                        li {
                            a .event href={ "/e/" (one.event_slug) } {
                                strong dir="auto" { (one.event_title) }
                                span dir="auto" { (one.ticket_type) }
                                span .price { "Sent to " (taker(one)) }
                            }
                        }
                    }
                }
                p .hint { "A transferred ticket can't be taken back: its new owner can transfer it to you." }
            }
        }
    }
}

/// Something that waits for somebody, with its event: where it is dealt with, and what it is.
type Matter = (String, Event, String);

/// Offers, invitations that want an answer, requests that wait, and places in the line.
async fn open_matters(visitor: &Visitor) -> Result<Vec<Matter>> {
    let mut requests = every(|page| visitor.own(my_request_list(page))).await?;
    requests.retain(|request| request.status == RequestStatus::Pending);
    requests.truncate(MOST);
    let mut invites = every(|page| visitor.own(my_invite_list(page))).await?;
    invites.retain(|invite| invite.status == InviteStatus::Pending);
    invites.truncate(MOST);
    let mut waiting = visitor.own(my_waiting_list(Paging::default())).await?.items;
    waiting.truncate(MOST);
    let wanted = invites.iter().map(|invite| invite.event_id).chain(requests.iter().map(|request| request.event_id));
    let wanted = wanted.chain(waiting.iter().map(|place| place.entry.event_id));
    let events = events(visitor, wanted.collect()).await?;
    let find = |id| events.iter().find(|event| event.id == id).cloned();
    let mut lines = Vec::new();
    for waiting in &waiting {
        if let Some(event) = find(waiting.entry.event_id) {
            lines.push(waits(event, waiting));
        }
    }
    for invite in &invites {
        if let Some(event) = find(invite.event_id) {
            let (path, text) = (format!("/e/{}/invite/{}", event.slug, invite.id), "Invitation: answer it");
            lines.push((path, event, text.to_owned()));
        }
    }
    for request in &requests {
        if let Some(event) = find(request.event_id) {
            let text = format!("Request for {}: no answer yet", seats(request.seats_requested));
            lines.push((format!("/e/{}", event.slug), event, text));
        }
    }
    Ok(lines)
}

fn waits(event: Event, waiting: &WaitingPlace) -> Matter {
    let (entry, wanted) = (&waiting.entry, seats(waiting.entry.seats));
    match waiting.place {
        Some(place) => {
            let text = format!("{} on the waiting list for {wanted}, {}", nth(place), entry.ticket_type);
            (format!("/e/{}", event.slug), event, text)
        }
        None => {
            let text = format!("{wanted}, {}: held for you, take them now", entry.ticket_type);
            (format!("/e/{}/offer/{}", event.slug, entry.id), event, text)
        }
    }
}

fn open_list(lines: &[Matter], zones: &Zones) -> Markup {
    html! {
        @if !lines.is_empty() {
            ul .events {
                @for (path, event, text) in lines {
                    li {
                        a .event href=(path) {
                            time datetime=(event.start_at.rfc3339()) { (zones.when(event)) }
                            strong dir="auto" { (event.title) }
                            span .price dir="auto" { (text) }
                        }
                    }
                }
            }
        }
    }
}

/// These events, as everybody sees them.
async fn events(visitor: &Visitor, ids: Vec<EventId>) -> Result<Vec<Event>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    use EventStatus::{Cancelled, Ended, Live, Published};
    let limit = Limit::try_from(3 * MOST as u32).ok();
    let status = Some(vec![Published, Live, Ended, Cancelled]);
    let filter = EventFilter { id: Some(ids), status, limit, ..EventFilter::default() };
    Ok(visitor.openly(event_list(filter)).await?.items)
}

/// `GET /t/{attendee}/{token}`: the link of a mail; who has it needs no session.
pub async fn by_link(visitor: Visitor, Path((attendee, token)): Path<(String, String)>) -> Response {
    let read = async { visitor.openly(attendee_tickets(id(&attendee)?, GuestLink { token: Some(token) })).await };
    // A link that is not right and a guest who is not there answer alike.
    let read = read.await.map_err(|error| if matches!(error.status(), 401 | 403) { not_found() } else { error });
    passes_page(&visitor, read, false).await
}

async fn passes_page(visitor: &Visitor, read: Result<GuestTickets>, own: bool) -> Response {
    let read = async {
        let guest = read?;
        let zone = visitor.zone(&guest.event).await?;
        Ok::<_, Error>((guest, zone))
    };
    let (guest, zone) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let body = html! {
        h1 dir="auto" { (guest.event.title) }
        (standing(&guest.event, visitor.now()))
        (facts(&guest.event, &zone))
        @if guest.tickets.is_empty() { (gone(&guest)) }
        div .passes { @for pass in &guest.tickets { (stub(pass, own)) } }
        @if !guest.tickets.is_empty() { p .hint .screen { "Show the code at the door, or print this page." } }
    };
    visitor.page(200, &Head::own(&format!("Tickets: {}", guest.event.title)), &body)
}

/// Why there are no tickets: the text message about it has only this link.
fn gone(guest: &GuestTickets) -> Markup {
    let cancelled = guest.attendee.status == AttendeeStatus::Cancelled;
    html! {
        div .note data-tone=(if cancelled { "bad" } else { "plain" }) {
            p { @if cancelled { "This booking was cancelled." } @else { "There are no valid tickets here." } }
            @if let Some(reason) = guest.attendee.cancellation_reason.as_deref().filter(|_| cancelled) { (words(reason)) }
        }
    }
}

fn facts(event: &Event, zone: &Zone) -> Markup {
    html! {
        p { time datetime=(event.start_at.rfc3339()) { (when(event, zone)) } " · " bdi { (place(event)) } }
        p .screen {
            a href={ "/e/" (event.slug) } { "The event" } " · "
            a href={ "/api/v1/events/" (event.id) "/calendar.ics" } { "Add to calendar" }
        }
    }
}

/// A ticket as it is shown at the gate.
fn stub(pass: &Pass, own: bool) -> Markup {
    html! {
        section .pass aria-label={ "Ticket " (pass.code.short_code) } {
            div .qr role="img" aria-label="QR code for the door" { (PreEscaped(&pass.code.svg)) }
            p .short { (pass.code.short_code) }
            p dir="auto" { strong { (pass.ticket.ticket_type) } }
            @if let Some(name) = &pass.ticket.holder_name { p dir="auto" { (name) } }
            @if own {
                p .screen { a href={ "/my/tickets/" (pass.ticket.id) } { "Transfer or resend" } }
            }
        }
    }
}

/// `GET /my/tickets/{ticket}`
pub async fn show(visitor: Visitor, Path(ticket): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    ticket_page(&visitor, &ticket, &Sent::default(), None, wanted.done.as_deref()).await
}

async fn ticket_page(
    visitor: &Visitor,
    ticket: &str,
    sent: &Sent,
    error: Option<&Error>,
    done: Option<&str>,
) -> Response {
    let read = async {
        let ticket = visitor.own(ticket_status(id::<TicketId>(ticket)?)).await?;
        let event = visitor.openly(event_get(ticket.event_id)).await?;
        let pass = match stands(&ticket) {
            true => Some(visitor.own(ticket_code(ticket.id)).await?),
            false => None,
        };
        let person = visitor.own(attendee_get(ticket.attendee_id)).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((ticket, event, pass, (person, zone)))
    };
    let (ticket, event, code, (person, zone)) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let body = html! {
        h1 dir="auto" { (event.title) }
        (standing(&event, visitor.now()))
        (refusal(error))
        @match (done, person.reach().address()) {
            (Some("sent"), address) => p .note data-tone="ok" role="status" { "Ticket sent to " (address.unwrap_or("you")) "." },
            (Some("reissued"), address) => p .note data-tone="ok" role="status" {
                "This is your new code; the old one is void."
                @if let Some(address) = address { " It was sent to " (address) " too." }
            },
            _ => {}
        }
        p { time datetime=(event.start_at.rfc3339()) { (when(&event, &zone)) } " · " bdi { (place(&event)) } }
        @if let Some(code) = code {
            div .passes { (stub(&Pass { ticket: ticket.clone(), code }, false)) }
            p .screen {
                a href={ "/api/v1/tickets/" (ticket.id) "/calendar.ics" } { "Add to calendar" } " · "
                a href={ "/my/tickets?of=" (ticket.attendee_id) } { "All tickets of this booking" } " · "
                a href={ "/e/" (event.slug) } { "The event" }
            }
            (acts(&ticket, sent, error, person.reach()))
        } @else {
            p .note data-tone="bad" { "This ticket was cancelled." }
            @if let Some(reason) = &ticket.revoke_reason { (words(reason)) }
        }
    };
    let title = format!("Ticket: {}", event.title);
    visitor.page(error.map_or(200, Error::status), &Head::own(&title), &body)
}

fn acts(ticket: &Ticket, sent: &Sent, error: Option<&Error>, reach: Reach<'_>) -> Markup {
    let path = format!("/my/tickets/{}", ticket.id);
    let field = |name, label, kind, hint| {
        Input { name, label, kind, value: sent.get(name), autocomplete: "off", hint, required: true }.show(error)
    };
    html! {
        div .screen {
            details {
                summary { "Resend ticket" }
                @if let Some(address) = reach.address() {
                    form method="post" action={ (path) "/resend" } {
                        button { "Send to " (address) }
                    }
                } @else {
                    p { "There is nowhere to send it: " a href={ "/my/details?next=" (path) } { "add your email" } " first." }
                }
            }
            details {
                summary { "Get a new code" }
                p { "If somebody else may have seen your code: whatever was shown, mailed or printed before becomes void." }
                form method="post" action={ (path) "/reissue" } { button { "Get a new code" } }
            }
            @if ticket.status == TicketStatus::Issued {
                details open[error.is_some()] {
                    summary { "Transfer ticket" }
                    p { "It is emailed to somebody else with a new QR code. Yours stops working, and you can't take it back." }
                    form method="post" action={ (path) "/pass-on" } {
                        (field("name", "Their name", "text", ""))
                        (field("email", "Their email", "email", ""))
                        button { "Transfer ticket" }
                    }
                }
            }
        }
    }
}

/// `POST /my/tickets/{ticket}/pass-on`
pub async fn pass_on(
    visitor: Visitor,
    Path(ticket): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let sent = Sent(pairs);
    let passed = async {
        let mut reading = Reading::of(&sent);
        let (name, email) = (reading.one("name", PersonName::parse), reading.one("email", Email::parse));
        reading.checked()?;
        let input = TransferTicket { user_id: None, name, email, phone: None };
        visitor.own(ticket_transfer(id(&ticket)?, input)).await
    };
    match passed.await {
        Ok(passed) => see_other(&format!("/my?sent={}", passed.attendee_id)),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/my/tickets/{ticket}")),
        // It is somebody else's by now: the second click of two.
        Err(error) if error.status() == 404 => see_other("/my"),
        Err(error) => ticket_page(&visitor, &ticket, &sent, Some(&error), None).await,
    }
}

/// `POST /my/tickets/{ticket}/resend`
pub async fn resend(visitor: Visitor, Path(ticket): Path<String>) -> Response {
    let resent = async { visitor.own(ticket_resend(id(&ticket)?, ResendTicket::default())).await };
    back(&visitor, &ticket, resent.await, "sent").await
}

/// `POST /my/tickets/{ticket}/reissue`
pub async fn reissue(visitor: Visitor, Path(ticket): Path<String>) -> Response {
    let reissued = async { visitor.own(ticket_reissue(id(&ticket)?)).await };
    back(&visitor, &ticket, reissued.await, "reissued").await
}

/// Back to the ticket, which says what was done or why not.
async fn back(visitor: &Visitor, ticket: &str, outcome: Result<Ticket>, done: &str) -> Response {
    match outcome {
        Ok(_) => see_other(&format!("/my/tickets/{ticket}?done={done}")),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/my/tickets/{ticket}")),
        Err(error) => ticket_page(visitor, ticket, &Sent::default(), Some(&error), None).await,
    }
}
