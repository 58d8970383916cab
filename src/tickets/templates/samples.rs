//! What the mails to guests look like.

use time::Duration;
use uuid::Uuid;

use super::{
    EventCancelled, EventInvitation, EventRescheduled, GuestTakenOff, PaymentReceived, RefundSent, RequestAccepted,
    RequestDeclined, SeatsOffered, TicketsIssued, WaitingListClosed,
};
use crate::kernel::timestamp::Timestamp;
use crate::notify::samples::NAME;
use crate::notify::{EventFacts, MailAudience, Samples, Template};

inventory::submit!(Samples { to: MailAudience::Guests, place: 50, mails: samples });

fn samples(at: Timestamp) -> Vec<Template> {
    let (name, event, attendee, generation) = (|| NAME.to_owned(), EventFacts::sample, Uuid::nil(), 1);
    let reason = || "The permit was withdrawn".to_owned();
    let (ticket_type, message) = (|| "Standard".to_owned(), || "Bring a lantern".to_owned());
    let (reference, until) = (|| "EV-7K3M9Q2PXA".to_owned(), Timestamp::from(at.0 + Duration::hours(2)));
    let (kind, invite) = (ticket_type(), Some(Uuid::nil()));
    vec![
        TicketsIssued {
            name: name(),
            event: event(),
            ticket_type: kind,
            seats: 2,
            message: message(),
            attendee,
            generation,
        }
        .into(),
        SeatsOffered { name: name(), event: event(), seats: 1, until }.into(),
        RequestAccepted { name: name(), event: event(), message: message(), until }.into(),
        RequestDeclined { name: name(), event: event(), message: message() }.into(),
        EventInvitation { name: name(), event: event(), message: message(), invite }.into(),
        GuestTakenOff {
            name: name(),
            event: event(),
            reason: reason(),
            attendee,
            generation,
            left: 0,
            paid: Some("₹1,200".to_owned()),
        }
        .into(),
        EventCancelled { name: name(), event: event(), reason: reason(), tickets: true }.into(),
        WaitingListClosed { name: name(), event: event(), ticket_type: ticket_type() }.into(),
        EventRescheduled { name: name(), event: event(), attendee, generation, until }.into(),
        PaymentReceived {
            name: name(),
            event: event(),
            amount: "₹2,598".to_owned(),
            order: Uuid::nil(),
            reference: reference(),
            invoice: "INV/26-27/000042".to_owned(),
        }
        .into(),
        RefundSent {
            name: name(),
            event: event(),
            amount: "₹1,299".to_owned(),
            reference: reference(),
            reason: "The view was blocked.".to_owned(),
        }
        .into(),
    ]
}
