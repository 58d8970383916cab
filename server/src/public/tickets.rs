//! One's own tickets, on the screen and on paper.

use axum::extract::{Form, Path, Query};
use axum::response::Response;
use eventify::events::operations::{event_get, event_list};
use eventify::events::{Event, EventFilter, EventId, EventStatus, Zone};
use eventify::kernel::error::{Error, Result, not_found};
use eventify::kernel::page::Limit;
use eventify::kernel::text::{Email, PersonName};
use eventify::people::operations::my_profile;
use eventify::tickets::operations::{
    GuestLink, GuestTickets, Pass, attendee_tickets, my_invite_list, my_request_list, ticket_code, ticket_list,
    ticket_reissue, ticket_resend, ticket_status, ticket_transfer,
};
use eventify::tickets::{
    EventInvite, EventRequest, InviteStatus, RequestStatus, ResendTicket, Ticket, TicketFilter, TicketId, TicketStatus,
    TransferTicket,
};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::sent::{Reading, Sent};
use super::view::{Head, Input, place, refusal, seats, standing, when};
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
}

fn stands(ticket: &Ticket) -> bool {
    matches!(ticket.status, TicketStatus::Issued | TicketStatus::Inside | TicketStatus::Outside)
}

/// `GET /my/tickets`
pub async fn list(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    let Some(user) = &visitor.user else { return visitor.sign_in_first() };
    if let Some(of) = &wanted.of {
        let read = async { visitor.own(attendee_tickets(id(of)?, GuestLink::default())).await };
        return passes_page(&visitor, read.await, true).await;
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
        let zones = visitor.zones(page.items.iter().map(|ticket| ticket.event_timezone.as_str())).await?;
        Ok::<_, Error>((page, open, zones))
    };
    match read.await {
        Ok((page, open, zones)) => {
            let body = html! {
                h1 { "My tickets" }
                (open)
                @if page.items.is_empty() {
                    div .state { p { "You have no tickets yet." } p { a .button href="/e" { "See what is on" } } }
                } @else {
                    ul .events { @for ticket in &page.items { (line(ticket, &zones)) } }
                }
                @if let Some(cursor) = &page.next_cursor {
                    p .more { a .button .quiet href={ "/my/tickets?cursor=" (cursor) } rel="next" { "More tickets" } }
                }
                p { a href="/my/details" { "Your name and e-mail" } }
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
                strong { (ticket.event_title) }
                span { (ticket.ticket_type) }
                @if !stands(ticket) { span .price { "Void" } }
            }
        }
    }
}

/// Requests that wait and invitations that want an answer, with their events.
async fn open_matters(visitor: &Visitor) -> Result<Markup> {
    let mut requests: Vec<EventRequest> = visitor.own(my_request_list()).await?;
    requests.retain(|request| request.status == RequestStatus::Pending);
    requests.truncate(MOST);
    let mut invites: Vec<EventInvite> = visitor.own(my_invite_list()).await?;
    invites.retain(|invite| invite.status == InviteStatus::Pending);
    invites.truncate(MOST);
    let wanted = invites.iter().map(|invite| invite.event_id).chain(requests.iter().map(|request| request.event_id));
    let events = events(visitor, wanted.collect()).await?;
    let find = |id| events.iter().find(|event| event.id == id);
    let mut lines = Vec::new();
    for invite in &invites {
        if let Some(event) = find(invite.event_id) {
            let (path, text) = (format!("/e/{}/invite/{}", event.slug, invite.id), "Invitation: answer it");
            lines.push((path, event, text.to_owned()));
        }
    }
    for request in &requests {
        if let Some(event) = find(request.event_id) {
            let text = format!("Asked for {}: no answer yet", seats(request.seats_requested));
            lines.push((format!("/e/{}", event.slug), event, text));
        }
    }
    let zones = visitor.zones(lines.iter().map(|(_, event, _)| event.timezone.as_str())).await?;
    Ok(html! {
        @if !lines.is_empty() {
            ul .events {
                @for (path, event, text) in &lines {
                    li {
                        a .event href=(path) {
                            time datetime=(event.start_at.rfc3339()) { (zones.when(event)) }
                            strong { (event.title) }
                            span .price { (text) }
                        }
                    }
                }
            }
        }
    })
}

/// These events, as everybody sees them.
async fn events(visitor: &Visitor, ids: Vec<EventId>) -> Result<Vec<Event>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    use EventStatus::{Cancelled, Ended, Live, Published};
    let limit = Limit::try_from(2 * MOST as u32).ok();
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
        h1 { (guest.event.title) }
        (standing(&guest.event, visitor.now()))
        (facts(&guest.event, &zone))
        @if guest.tickets.is_empty() { p .note data-tone="plain" { "There are no tickets here that stand." } }
        div .passes { @for pass in &guest.tickets { (stub(pass, own)) } }
        @if !guest.tickets.is_empty() { p .hint .screen { "Show the code at the door, or print this page." } }
    };
    visitor.page(200, &Head::own(&format!("Tickets: {}", guest.event.title)), &body)
}

fn facts(event: &Event, zone: &Zone) -> Markup {
    html! {
        p { time datetime=(event.start_at.rfc3339()) { (when(event, zone)) } " · " (place(event)) }
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
            p { strong { (pass.ticket.ticket_type) } }
            @if let Some(name) = &pass.ticket.holder_name { p { (name) } }
            @if own {
                p .screen { a href={ "/my/tickets/" (pass.ticket.id) } { "Pass on, or send again" } }
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
        let email = visitor.own(my_profile()).await?.email;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((ticket, event, pass, (email, zone)))
    };
    let (ticket, event, code, (email, zone)) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let body = html! {
        h1 { (event.title) }
        (standing(&event, visitor.now()))
        (refusal(error))
        @match (done, email.as_deref()) {
            (Some("sent"), email) => p .note data-tone="ok" role="status" {
                "The ticket is on its way to " (email.unwrap_or("you")) "."
            },
            (Some("reissued"), email) => p .note data-tone="ok" role="status" {
                "This is your new code; the old one is void."
                @if let Some(email) = email { " It is on its way to " (email) " too." }
            },
            _ => {}
        }
        p { time datetime=(event.start_at.rfc3339()) { (when(&event, &zone)) } " · " (place(&event)) }
        @if let Some(code) = code {
            div .passes { (stub(&Pass { ticket: ticket.clone(), code }, false)) }
            p .screen {
                a href={ "/api/v1/tickets/" (ticket.id) "/calendar.ics" } { "Add to calendar" } " · "
                a href={ "/my/tickets?of=" (ticket.attendee_id) } { "All tickets of this booking" } " · "
                a href={ "/e/" (event.slug) } { "The event" }
            }
            (acts(&ticket, sent, error, email.is_some()))
        } @else {
            p .note data-tone="bad" { "This ticket is void." }
            @if let Some(reason) = &ticket.revoke_reason { p { (reason) } }
        }
    };
    let title = format!("Ticket: {}", event.title);
    visitor.page(error.map_or(200, Error::status), &Head::own(&title), &body)
}

fn acts(ticket: &Ticket, sent: &Sent, error: Option<&Error>, has_email: bool) -> Markup {
    let path = format!("/my/tickets/{}", ticket.id);
    let field = |name, label, kind, hint| {
        Input { name, label, kind, value: sent.get(name), autocomplete: "off", hint, required: true }.show(error)
    };
    html! {
        div .screen {
            details {
                summary { "Send it again" }
                @if has_email {
                    form method="post" action={ (path) "/resend" } {
                        button { "Send it to my e-mail" }
                    }
                } @else {
                    p { "It goes by e-mail: " a href={ "/my/details?next=" (path) } { "say where to" } " first." }
                }
            }
            details {
                summary { "Get a new code" }
                p { "If somebody else may have seen your code: whatever was shown, mailed or printed before becomes void." }
                form method="post" action={ (path) "/reissue" } { button { "Get a new code" } }
            }
            @if ticket.status == TicketStatus::Issued {
                details open[error.is_some()] {
                    summary { "Pass it on" }
                    p { "It goes to somebody else by e-mail, with a new code. Yours is dead then." }
                    form method="post" action={ (path) "/pass-on" } {
                        (field("name", "Their name", "text", ""))
                        (field("email", "Their e-mail", "email", ""))
                        button { "Pass it on" }
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
        Ok(_) => see_other("/my"),
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
