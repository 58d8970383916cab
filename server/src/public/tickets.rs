//! One's own tickets, on the screen and on paper.

use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use eventify::events::Event;
use eventify::events::operations::event_get;
use eventify::gate::operations::ticket_status;
use eventify::kernel::error::{Error, Result, not_found};
use eventify::kernel::text::{E164Phone, Email, PersonName, Phone, Reason, grouped};
use eventify::tickets::operations::{
    GuestLink, GuestTickets, Pass, attendee_get, attendee_tickets, ticket_code, ticket_reissue, ticket_resend,
    ticket_revoke, ticket_transfer,
};
use eventify::tickets::{
    Attendee, AttendeeStatus, Reach, ResendTicket, RevokeTicket, Ticket, TicketId, TicketStatus, TransferTicket,
};
use eventify::zones::Zone;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::art;
use super::contact::Contact;
use super::frame;
use super::sent::{Reading, Sent};
use super::ticket_acts::{acts, all_of, give_back};
use super::view::{Ground, Head, map, place, refusal, standing, tickets, when, words};
use super::visitor::{Visitor, id};
use crate::web::forms::see_other;
use crate::web::parts::{Form, Path, Query};

/// One guest's tickets, and what was done before.
#[derive(Deserialize)]
pub struct Wanted {
    of: Option<String>,
    done: Option<String>,
}

fn stands(ticket: &Ticket) -> bool {
    matches!(ticket.status, TicketStatus::Issued | TicketStatus::Inside | TicketStatus::Outside)
}

/// `GET /my/tickets?of=`: the tickets of a booking.
pub async fn list(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    let Some(user) = &visitor.user else { return visitor.sign_in_first() };
    let Some(of) = &wanted.of else { return see_other("/my") };
    let read = async { visitor.own(attendee_tickets(id(of)?, GuestLink::default())).await };
    let read = read.await;
    // Hosts look at their guests' tickets here, too.
    let own = read.as_ref().is_ok_and(|guest| guest.attendee.user_id == Some(user.id));
    passes_page(&visitor, read, (own, wanted.done.as_deref() == Some("cancelled")), "/my/tickets", "/code").await
}

/// `GET /t/{attendee}/{token}`: the link of a mail; who has it needs no session.
pub async fn by_link(visitor: Visitor, Path((attendee, token)): Path<(String, String)>) -> Response {
    let read = linked(&visitor, &attendee, &token).await;
    passes_page(&visitor, read, (false, false), &format!("/t/{attendee}/{token}"), "").await
}

async fn linked(visitor: &Visitor, attendee: &str, token: &str) -> Result<GuestTickets> {
    let link = GuestLink { token: Some(token.to_owned()) };
    let read = async { visitor.openly(attendee_tickets(id(attendee)?, link)).await };
    // A link that is not right and a guest who is not there answer alike.
    read.await.map_err(|error| if matches!(error.status(), 401 | 403) { not_found() } else { error })
}

/// A booking: each ticket's code has a page of its own at `{under}/{ticket}{below}`.
async fn passes_page(
    visitor: &Visitor,
    read: Result<GuestTickets>,
    (own, one_gone): (bool, bool),
    under: &str,
    below: &str,
) -> Response {
    let read = async {
        let guest = read?;
        let (zone, contact) = tokio::try_join!(visitor.zone(&guest.event), Contact::of(visitor, &guest.event))?;
        Ok::<_, Error>((guest, zone, contact))
    };
    let (guest, zone, contact) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let (event, all) = (&guest.event, guest.tickets.len());
    let title = format!("Tickets: {}", event.title);
    if guest.tickets.is_empty() {
        let body = html! {
            h1 dir="auto" { (event.title) }
            (standing(event, visitor.now()))
            (gone(&guest))
            (refunded(&guest.attendee, own))
            (contact.line())
            (ways(event))
        };
        return visitor.page(200, &Head::own(&title).coloured(&event.title), &body);
    }
    let body = html! {
        h1 .vh { @if all > 1 { "Your tickets for " } @else { "Your ticket for " } (event.title) }
        div .flow .over-passes {
            @if one_gone { p .note data-tone="ok" role="status" { "One ticket was cancelled. " (tickets(guest.attendee.seats)) " left." } }
            (standing(event, visitor.now()))
            @if let Some(giver) = &guest.giver { p { bdi { (giver) } " transferred " @if all > 1 { "these tickets" } @else { "this ticket" } " to you." } }
        }
        div .flow .booking[all > 1] {
            @if all > 1 { (above(event, &zone)) }
            div .passes .swipe[all > 1] {
                @for (at, pass) in guest.tickets.iter().enumerate() {
                    @let stub = Stub { event, zone: &zone, pass, of: (at + 1, all), code: format!("{under}/{}{below}", pass.ticket.id) };
                    (stub.show(own))
                }
            }
            @if event.end_at > visitor.now() {
                p .hint .screen {
                    "Show the code at the door, or print this page. Tap a code to make it fill the screen."
                    @if under.starts_with("/t/") { " Keep the link to this page, and don't share it: it is all it takes to get in." }
                }
            }
        }
    };
    let below = html! {
        @if let (Some(gone), false) = (guest.attendee.partly_gone(), one_gone) { p .note { (gone) "." } }
        (refunded(&guest.attendee, own))
        (ways(event))
        (contact.line())
        @if own && guest.attendee.status == AttendeeStatus::Going && event.end_at > visitor.now() {
            div { (give_back(event, &guest.attendee, &contact, &format!("/my/tickets?of={}", guest.attendee.id))) }
        }
    };
    visitor.page(200, &Head::own(&title).on(Ground::Ink(below)), &body)
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

/// What came back of what was paid, where anything did; cash is handed back at the door.
fn refunded(guest: &Attendee, own: bool) -> Markup {
    html! {
        @if let Some(back) = guest.money_back() {
            div .note {
                p { strong { (back) } }
                @if !guest.at_door { p { "It takes a few days to reach your account." } }
                @if own { p { a href={ "/my/invoices/" (guest.id) } { "Invoice and credit notes" } } }
            }
        }
    }
}

fn ways(event: &Event) -> Markup {
    html! {
        p .acts {
            @if !event.status.is_over() {
                a .button .quiet href={ "/api/v1/events/" (event.id) "/calendar.ics" } { (art::icon(art::CALENDAR)) "Add to calendar" }
            }
            a .button .quiet href=(map(event)) rel="noopener noreferrer" { (art::icon(art::PIN)) "Map" }
            a .button .quiet href={ "/e/" (event.slug) } { "Event page" }
        }
    }
}

/// A ticket as it is shown at the gate.
struct Stub<'p> {
    event: &'p Event,
    zone: &'p Zone,
    pass: &'p Pass,
    /// Which of how many.
    of: (usize, usize),
    /// Where the code is alone.
    code: String,
}

/// What all tickets of a booking are for, once above them.
fn above(event: &Event, zone: &Zone) -> Markup {
    html! {
        section .pass aria-label="Event" {
            (art::cover(event, true, art::Wide::Page))
            div .flow { (facts_of(event, zone)) }
        }
    }
}

fn facts_of(event: &Event, zone: &Zone) -> Markup {
    html! {
        h2 dir="auto" { (event.title) }
        p { time datetime=(event.start_at.rfc3339()) { (when(event, zone)) } }
        p .hint dir="auto" { (place(event)) }
    }
}

impl Stub<'_> {
    fn show(&self, own: bool) -> Markup {
        if self.of.1 > 1 { self.small(own) } else { self.whole(own) }
    }

    /// The only one, with its event.
    fn whole(&self, own: bool) -> Markup {
        html! {
            section .pass aria-label={ "Ticket " (self.pass.code.short_code) } {
                (art::cover(self.event, true, art::Wide::Page))
                div .flow {
                    p .head { strong dir="auto" { (self.pass.ticket.ticket_type) } }
                    (facts_of(self.event, self.zone))
                }
                div .tear .flow { (self.qr()) (self.whose(own)) }
            }
        }
    }

    /// One of several: its code, and whose it is. On paper each has its event, for they are cut apart.
    fn small(&self, own: bool) -> Markup {
        html! {
            section .pass .one-of aria-label={ "Ticket " (self.pass.code.short_code) } {
                (self.qr())
                div .flow {
                    p .head { strong dir="auto" { (self.pass.ticket.ticket_type) } span .hint { (self.of.0) " of " (self.of.1) } }
                    div .paper { (facts_of(self.event, self.zone)) }
                    (self.whose(own))
                }
            }
        }
    }

    fn qr(&self) -> Markup {
        html! {
            a .qr href=(self.code) {
                div role="img" aria-label="QR code for the door" { (PreEscaped(&self.pass.code.svg)) }
                span .vh { "Fill the screen" }
            }
        }
    }

    fn whose(&self, own: bool) -> Markup {
        let ticket = &self.pass.ticket;
        html! {
            p .short { (self.pass.code.short_code) }
            @if ticket.status == TicketStatus::Inside || ticket.status == TicketStatus::Outside {
                p .tags { span .tag data-tone="ok" { "Checked in" } }
            }
            @if let Some(name) = &ticket.holder_name { p dir="auto" { (name) } }
            @if own {
                @let ways = if self.event.status.is_over() { "Your ticket" } else { ways_of(ticket.status, self.of.1) };
                p .screen { a href={ "/my/tickets/" (ticket.id) } { (ways) } }
            }
        }
    }
}

/// What the page of one ticket of so many offers.
fn ways_of(status: TicketStatus, of: usize) -> &'static str {
    match (status, of) {
        (TicketStatus::Issued, 2..) => "Transfer, resend or cancel",
        (TicketStatus::Issued, _) => "Transfer or resend",
        _ => "Resend or get a new code",
    }
}

/// The code alone, as large as the screen; a tap leads back.
fn code_page(visitor: &Visitor, event: &Event, pass: &Pass, back: &str) -> Response {
    let body = html! {
        h1 .vh { "QR code: " (event.title) }
        a .qr href=(back) {
            div role="img" aria-label="QR code for the door" { (PreEscaped(&pass.code.svg)) }
            span .vh { "Back to the ticket" }
        }
        p .short { (pass.code.short_code) }
        p { strong dir="auto" { (event.title) } br; bdi { (pass.ticket.ticket_type) } }
        @if let Some(name) = &pass.ticket.holder_name { p dir="auto" { (name) } }
        p .screen { a href=(back) { "Back" } }
    };
    ([(CACHE_CONTROL, "no-store")], frame::bare(&visitor.brand, &Head::own(&event.title), &body)).into_response()
}

/// `GET /my/tickets/{ticket}/code`
pub async fn code(visitor: Visitor, Path(ticket): Path<String>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async {
        let ticket = visitor.own(ticket_status(id::<TicketId>(&ticket)?)).await?.ticket;
        let event = visitor.openly(event_get(ticket.event_id)).await?;
        let code = visitor.own(ticket_code(ticket.id)).await?;
        Ok::<_, Error>((event, Pass { ticket, code }))
    };
    match read.await {
        Ok((event, pass)) => code_page(&visitor, &event, &pass, &format!("/my/tickets?of={}", pass.ticket.attendee_id)),
        // A ticket without a code has a page that says why.
        Err(error) if error.status() == 409 => see_other(&format!("/my/tickets/{ticket}")),
        Err(error) => visitor.refused(&error),
    }
}

/// `GET /t/{attendee}/{token}/{ticket}`
pub async fn code_by_link(
    visitor: Visitor,
    Path((attendee, token, ticket)): Path<(String, String, String)>,
) -> Response {
    match linked(&visitor, &attendee, &token).await {
        Ok(guest) => match guest.tickets.iter().find(|pass| pass.ticket.id.to_string() == ticket) {
            Some(pass) => code_page(&visitor, &guest.event, pass, &format!("/t/{attendee}/{token}")),
            None => see_other(&format!("/t/{attendee}/{token}")),
        },
        Err(error) => visitor.refused(&error),
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
        let ticket = visitor.own(ticket_status(id::<TicketId>(ticket)?)).await?.ticket;
        let event = visitor.own(event_get(ticket.event_id)).await?;
        let code = match stands(&ticket) {
            true => Some(visitor.own(ticket_code(ticket.id)).await?),
            false => None,
        };
        let person = visitor.own(attendee_get(ticket.attendee_id)).await?;
        let (zone, contact) = tokio::try_join!(visitor.zone(&event), Contact::of(visitor, &event))?;
        Ok::<_, Error>((ticket, event, code, (person, zone, contact)))
    };
    let (ticket, event, code, (person, zone, contact)) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let (head, status) = (Head::own(&format!("Ticket: {}", event.title)), error.map_or(200, Error::status));
    let said = html! { (refusal(error)) (told(done, person.reach())) };
    let Some(code) = code else {
        let body = html! {
            h1 dir="auto" { (event.title) }
            (said)
            p .note data-tone="bad" { "This ticket was cancelled." }
            @if let Some(reason) = &ticket.revoke_reason { (words(reason)) }
            (refunded(&person, true))
            (contact.line())
            (ways(&event))
        };
        return visitor.page(status, &head.coloured(&event.title), &body);
    };
    let pass = Pass { ticket, code };
    let address = format!("/my/tickets/{}/code", pass.ticket.id);
    let body = html! {
        h1 .vh { "Your ticket for " (event.title) }
        div .flow .over-passes { (said) (standing(&event, visitor.now())) }
        div .passes { (Stub { event: &event, zone: &zone, pass: &pass, of: (1, 1), code: address }.show(false)) }
    };
    let below = html! {
        (refunded(&person, true))
        p .acts {
            @if !event.status.is_over() {
                a .button .quiet href={ "/api/v1/tickets/" (pass.ticket.id) "/calendar.ics" } { (art::icon(art::CALENDAR)) "Add to calendar" }
            }
            @if person.seats > 1 {
                a .button .quiet href={ "/my/tickets?of=" (pass.ticket.attendee_id) } { (all_of(person.seats)) }
            }
            a .button .quiet href={ "/e/" (event.slug) } { "Event page" }
        }
        (contact.line())
        section .near {
            h2 { "Manage this ticket" }
            (acts(&pass.ticket, &person, sent, error, &contact))
            // All of several are cancelled where all of them stand.
            @if person.seats == 1 && pass.ticket.status == TicketStatus::Issued && event.end_at > visitor.now() {
                (give_back(&event, &person, &contact, &format!("/my/tickets/{}", pass.ticket.id)))
            }
        }
    };
    visitor.page(status, &head.on(Ground::Ink(below)), &body)
}

/// What was done to the ticket before.
fn told(done: Option<&str>, reach: Reach<'_>) -> Markup {
    html! {
        @match (done, reach.address()) {
            (Some("sent"), address) => p .note data-tone="ok" role="status" { "Ticket sent to " (address.map_or_else(|| "you".to_owned(), grouped)) "." },
            (Some("reissued"), address) => p .note data-tone="ok" role="status" {
                "This is your new code; the old one no longer works."
                @if let Some(address) = address { " It was sent to " (grouped(address)) " too." }
            },
            _ => {}
        }
    }
}

/// Where somebody is reached: an email address, or a phone number that can be texted.
fn address(typed: &str) -> Result<(Option<Email>, Option<Phone>), String> {
    if typed.contains('@') {
        return Email::parse(typed).map(|email| (Some(email), None));
    }
    let wrong = "must be an email address or a phone number such as +91 98765 43210";
    let phone = E164Phone::typed(typed).and_then(|phone| Phone::parse(phone.as_str()));
    phone.map(|phone| (None, Some(phone))).map_err(|_| wrong.to_owned())
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
        let (name, to) = (reading.one("name", PersonName::parse), reading.one("to", address));
        reading.checked()?;
        let (email, phone) = to.unwrap_or_default();
        let input = TransferTicket { user_id: None, name, email, phone };
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

/// `POST /my/tickets/{ticket}/cancel`: this one of a booking, the others stay.
pub async fn cancel(visitor: Visitor, Path(ticket): Path<String>) -> Response {
    let cancelled = async {
        let reason = Reason::parse("Cancelled by the guest").map_err(|_| not_found())?;
        visitor.own(ticket_revoke(id(&ticket)?, RevokeTicket { reason })).await
    };
    match cancelled.await {
        Ok(gone) => see_other(&format!("/my/tickets?of={}&done=cancelled", gone.attendee_id)),
        other => back(&visitor, &ticket, other, "").await,
    }
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
