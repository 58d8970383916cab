//! What one can do with a ticket, and giving seats back: each opened first, with what it means before the button.

use eventify::events::Event;
use eventify::kernel::error::Error;
use eventify::kernel::text::grouped;
use eventify::tickets::{Attendee, Ticket, TicketStatus};
use maud::{Markup, html};

use super::contact::Contact;
use super::sent::Sent;
use super::view::{Input, tickets};

/// All tickets of a booking: `Both tickets`, `All 3 tickets`.
pub fn all_of(seats: i32) -> String {
    if seats == 2 { "Both tickets".to_owned() } else { format!("All {}", tickets(seats)) }
}

/// Giving the seats back, with what it means before the button. Whoever keeps them stays `here`.
pub fn give_back(event: &Event, person: &Attendee, contact: &Contact, here: &str) -> Markup {
    let act = match person.seats {
        1 => "Cancel ticket".to_owned(),
        2 => "Cancel both tickets".to_owned(),
        more => format!("Cancel all {}", tickets(more)),
    };
    html! {
        details #cancel {
            summary { (act) }
            form method="post" action={ "/e/" (event.slug) "/step-back/" (person.id) } {
                p {
                    @if person.seats == 1 { "Your ticket will be voided and the seat offered to others." }
                    @else { "Your " (tickets(person.seats)) " will be voided and the seats offered to others." }
                }
                @if let Some(rest) = person.not_refunded() {
                    p { strong { "You paid " (rest) "." } " It is not refunded automatically: " (contact.ask()) "." }
                } @else if person.price_paid.minor == 0 {
                    p { "You paid nothing, so there is nothing to refund." }
                }
                @if person.seats > 1 {
                    p { "To cancel or transfer one of them, open that ticket." }
                } @else {
                    p { "To send a friend instead, transfer the ticket." }
                }
                label .tick { input type="checkbox" required; span { "I understand that this can't be undone" } }
                div .acts {
                    button .danger { (act) }
                    a .button .quiet href=(here) { @if person.seats == 1 { "Keep ticket" } @else { "Keep tickets" } }
                }
            }
        }
    }
}

/// Transferring, resending, cancelling and renewing one ticket.
pub fn acts(ticket: &Ticket, person: &Attendee, sent: &Sent, error: Option<&Error>, contact: &Contact) -> Markup {
    let (of, reach) = (person.seats, person.reach());
    let path = format!("/my/tickets/{}", ticket.id);
    let field = |name, label, kind, hint| {
        Input { name, label, kind, value: sent.get(name), autocomplete: "off", hint, required: true }.show(error)
    };
    html! {
        @if ticket.status == TicketStatus::Issued {
            details open[error.is_some()] {
                summary { "Transfer ticket" }
                form method="post" action={ (path) "/pass-on" } {
                    p { "They get it with a new QR code, by email or text message. Your QR code will stop working, and this can't be undone." }
                    (field("name", "Their name", "text", ""))
                    (field("to", "Their email or phone number", "text", ""))
                    button { "Transfer ticket" }
                }
            }
        }
        details {
            summary { "Resend ticket" }
            @if let Some(address) = reach.address() {
                form method="post" action={ (path) "/resend" } { button { "Send to " (grouped(address)) } }
            } @else {
                p { "You have no email address. " a href={ "/my/details?next=" (path) } { "Add your email" } " first." }
            }
        }
        details {
            summary { "Get a new QR code" }
            form method="post" action={ (path) "/reissue" } {
                p { "For a ticket that was lost or seen by someone else. The old code stops working at once, on every screen and print." }
                button { "Get a new QR code" }
            }
        }
        @if ticket.status == TicketStatus::Issued && of > 1 {
            details {
                summary { "Cancel this ticket" }
                form method="post" action={ (path) "/cancel" } {
                    p { "This ticket will be voided and its seat offered to others. Your other " @if of == 2 { "ticket stays" } @else { (tickets(of - 1)) " stay" } " valid." }
                    @if person.not_refunded().is_some() {
                        p { "What you paid for it is not refunded automatically: " (contact.ask()) "." }
                    }
                    label .tick { input type="checkbox" required; span { "I understand that this can't be undone" } }
                    button .danger { "Cancel this ticket" }
                }
            }
        }
    }
}
