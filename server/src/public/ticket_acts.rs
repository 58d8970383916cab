//! What one can do with a ticket, and giving seats back: each opened first, with what it means before the button.

use eventify::events::Event;
use eventify::kernel::error::Error;
use eventify::kernel::text::grouped;
use eventify::tickets::{Attendee, Ticket, TicketStatus};
use maud::{Markup, html};

use super::contact::Contact;
use super::sent::Sent;
use super::view::{Input, tickets};

/// Giving the seats back, with what it means before the button.
pub fn give_back(event: &Event, person: &Attendee, contact: &Contact) -> Markup {
    let act =
        if person.seats == 1 { "Cancel ticket".to_owned() } else { format!("Cancel all {}", tickets(person.seats)) };
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
                }
                @if person.seats > 1 {
                    p { "To give back one ticket, or to send a friend instead, open that ticket." }
                } @else {
                    p { "To send a friend instead, transfer the ticket." }
                }
                label .tick { input type="checkbox" required; span { "I understand that this can't be undone" } }
                div .acts {
                    button .danger { (act) }
                    a .button .quiet href="#main" { @if person.seats == 1 { "Keep ticket" } @else { "Keep tickets" } }
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
                    p { "They get it by email with a new QR code. Your QR code will stop working, and this can't be undone." }
                    (field("name", "Their name", "text", ""))
                    (field("email", "Their email", "email", ""))
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
