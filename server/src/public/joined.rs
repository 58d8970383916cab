//! "You're in": what one sees once a ticket is one's own.

use axum::response::Response;
use eventify::kernel::error::Error;
use eventify::kernel::text::grouped;
use eventify::tickets::AttendeeStatus;
use eventify::tickets::operations::{GuestLink, GuestTickets, attendee_tickets};
use maud::{Markup, html};

use super::art;
use super::contact::Contact;
use super::view::{Ground, Head, facts, share, tickets};
use super::visitor::{Visitor, id};
use crate::web::forms::see_other;
use crate::web::parts::Path;

/// `GET /my/in/{attendee}`
pub async fn show(visitor: Visitor, Path(attendee): Path<String>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async {
        let guest = visitor.own(attendee_tickets(id(&attendee)?, GuestLink::default())).await?;
        let (zone, contact) = tokio::try_join!(visitor.zone(&guest.event), Contact::of(&visitor, &guest.event))?;
        Ok::<_, Error>((guest, zone, contact))
    };
    match read.await {
        // Whoever comes back later finds the tickets, or why there are none.
        Ok((guest, ..)) if guest.attendee.status != AttendeeStatus::Going || guest.event.end_at <= visitor.now() => {
            see_other(&format!("/my/tickets?of={attendee}"))
        }
        Ok((guest, zone, contact)) => {
            let head = Head::own("You're in").coloured(&guest.event.title).on(Ground::Wide);
            let link = format!("{}/e/{}", visitor.base(), guest.event.slug);
            let event = &guest.event;
            let door = match event.start_at > visitor.now() {
                true => format!("On the day, show the QR code at the door: {}.", zone.display(event.start_at)),
                false => format!("It's on now, until {}: show the QR code at the door.", zone.brief(event.end_at)),
            };
            visitor.page(200, &head, &body(&guest, &facts(event, &zone), &contact, (&link, &door)))
        }
        Err(error) => visitor.refused(&error),
    }
}

fn body(guest: &GuestTickets, facts: &Markup, contact: &Contact, (link, door): (&str, &str)) -> Markup {
    let (person, event) = (&guest.attendee, &guest.event);
    let address = person.reach().address();
    html! {
        div .split .flow .far {
            section .ink .panel .flow {
                (art::seats(art::MINE))
                h1 { "You're in." }
                p {
                    "Your " @if person.seats == 1 { "ticket" } @else { (tickets(person.seats)) } " for " strong { bdi { (event.title) } }
                    @if person.seats == 1 { " is ready" } @else { " are ready" }
                    @if let Some(address) = address { " and sent to " bdi { (grouped(address)) } }
                    "."
                }
                p .acts {
                    a .button href={ "/my/tickets?of=" (person.id) } { (art::icon(art::TICKET)) "Show my tickets" }
                    a .button .quiet href={ "/api/v1/events/" (event.id) "/calendar.ics" } { (art::icon(art::CALENDAR)) "Add to calendar" }
                }
            }
            section .surface .flow .side aria-label="Your booking" {
                (art::cover(event, true, art::Wide::Page))
                h2 dir="auto" { a href={ "/e/" (event.slug) } { (event.title) } }
                (facts)
                dl .facts {
                    dt { (person.seats) " × " bdi { (person.ticket_type) } }
                    @match person.partly_gone() {
                        // What was paid was for more than is left.
                        Some(gone) => {
                            dd { (gone) }
                            @if person.is_paid { dt { "Paid for the booking" } dd { (person.price_paid.price()) } }
                            @if let Some(back) = person.money_back() { dt { "Of this" } dd { (back) } }
                        },
                        None => dd { (person.price_paid.price()) },
                    }
                }
                @if person.is_paid { p { a href={ "/my/invoices/" (person.id) } { "Invoice" } } }
            }
            section .flow aria-labelledby="invite" {
                h2 #invite { "Invite a friend" }
                (share(link, "Link to this event", &format!("I'm going to {}. Join me?", event.title), "link"))
            }
            section .flow aria-labelledby="next" {
                h2 #next { "What happens next" }
                ul .list {
                    @if address.is_none() { li { a href="/my/details" { "Add your email" } " to get your tickets there, too." } }
                    li { (door) }
                    li { "Plans changed? You can transfer or cancel under " a href="/my" { "My tickets" } "." }
                }
                (contact.line())
            }
        }
    }
}
