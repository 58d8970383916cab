//! A sample of every mail, for whoever wants to see them all before they are sent.

use time::Duration;
use uuid::Uuid;

use super::enclosed::{Code, Enclosed};
use super::template::{EventFacts, PartnerFacts, Template};
use crate::kernel::error::Result;
use crate::kernel::pictures;
use crate::kernel::timestamp::Timestamp;

const NAME: &str = "Rehana Sethi";
const REASON: &str = "The picture is blurred.\nPlease scan it again.";
/// No row has it: links of samples lead nowhere.
const NOBODY: Uuid = Uuid::nil();

fn event() -> EventFacts {
    EventFacts {
        event: NOBODY,
        title: "Lantern Night".to_owned(),
        slug: "lantern-night".to_owned(),
        when: "Sat 5 Dec 2026, 19:00 IST (GMT+5:30)".to_owned(),
        place: "Riverside Pavilion, Ahmedabad".to_owned(),
        until: Some("Fri 4 Dec 2026, 12:00 IST (GMT+5:30)".to_owned()),
        account: false,
        organiser: Some("Marigold Halls".to_owned()),
        reply_to: Some("hello@marigold.example".to_owned()),
    }
}

fn partner() -> PartnerFacts {
    PartnerFacts { id: NOBODY, name: "Harbour & Sons".to_owned() }
}

/// One of each.
pub fn all(at: Timestamp) -> Vec<Template> {
    [to_staff(at), to_guests(at), to_partners(), to_crew()].concat()
}

/// To team members.
pub fn to_staff(at: Timestamp) -> Vec<Template> {
    let (name, link, invited_by) = (NAME.to_owned(), NOBODY, "Asha Rao".to_owned());
    let (ip, platform, role) = ("203.0.113.9".to_owned(), "Mac".to_owned(), "Gate Staff at Lantern Night".to_owned());
    let (url, reason) = ("https://hooks.example.com/eventify".to_owned(), "Ten messages in a row failed.".to_owned());
    vec![
        Template::Invitation { name: name.clone(), invited_by, role, partner: None, link },
        Template::PasswordReset { name: name.clone(), link },
        Template::EmailVerification { link },
        Template::PasswordChanged { name: name.clone(), at },
        Template::EmailChanged { name: name.clone(), at },
        Template::SessionsEnded { name: name.clone(), at },
        Template::AccountLocked { name: name.clone(), ip: ip.clone(), until: at },
        Template::NewDeviceSignIn { name: name.clone(), platform, ip, at },
        Template::WebhookDisabled { name: name.clone(), endpoint: NOBODY, url, reason },
        Template::Notice {
            kind: "dispute_opened".to_owned(),
            name,
            title: "A guest disputes ₹1,000".to_owned(),
            message: "For Lantern Night. Add evidence before the bank’s deadline.".to_owned(),
            href: format!("/disputes/{NOBODY}"),
        },
    ]
}

/// To guests.
pub fn to_guests(at: Timestamp) -> Vec<Template> {
    let (name, event, attendee, generation) = (NAME.to_owned(), event(), NOBODY, 1);
    let (ticket_type, message) = ("Standard".to_owned(), "Bring a lantern".to_owned());
    let (event_too, until, reason) = (event.clone(), (at.0 + Duration::hours(2)).into(), message.clone());
    vec![
        Template::TicketsIssued {
            name: name.clone(),
            event: event.clone(),
            ticket_type: ticket_type.clone(),
            seats: 2,
            message: message.clone(),
            attendee,
            generation,
        },
        Template::SeatsOffered { name: name.clone(), event: event.clone(), seats: 1, until },
        Template::RequestAccepted { name: name.clone(), event: event.clone(), message: message.clone(), until },
        Template::RequestDeclined { name: name.clone(), event: event.clone(), message: message.clone() },
        Template::EventInvitation { name: name.clone(), event: event.clone(), message, invite: Some(NOBODY) },
        Template::GuestTakenOff {
            name: name.clone(),
            event: event.clone(),
            reason: reason.clone(),
            attendee,
            generation,
            left: 0,
        },
        Template::EventCancelled { name: name.clone(), event: event.clone(), reason, tickets: true },
        Template::WaitingListClosed { name: name.clone(), event: event.clone(), ticket_type },
        Template::EventRescheduled { name: name.clone(), event: event_too, attendee, generation, until },
        Template::PaymentReceived {
            name: name.clone(),
            event: event.clone(),
            amount: "₹2,598".to_owned(),
            order: NOBODY,
            reference: "EV-7K3M9Q2PXA".to_owned(),
            invoice: "INV/26-27/000042".to_owned(),
        },
        Template::RefundSent {
            name,
            event,
            amount: "₹1,299".to_owned(),
            reference: "EV-7K3M9Q2PXA".to_owned(),
            reason: "The view was blocked.".to_owned(),
        },
    ]
}

/// To the crew.
pub fn to_crew() -> Vec<Template> {
    let (name, event, role, place) = (NAME.to_owned(), event(), "Gate steward".to_owned(), "North gate".to_owned());
    let hours = "Sat 5 Dec 2026, 17:00 to 23:00 IST (GMT+5:30)".to_owned();
    let was = "Sat 5 Dec 2026, 16:00 to 22:00 IST (GMT+5:30)".to_owned();
    let (member, generation) = (NOBODY, 1);
    let (who, at, what, when) = (name.clone(), event.clone(), role.clone(), hours.clone());
    vec![
        Template::ShiftOffered {
            name: who.clone(),
            event: at.clone(),
            role: what.clone(),
            hours: when.clone(),
            place: place.clone(),
            member,
            generation,
        },
        Template::ShiftChanged { name: who, event: at, role: what, hours: when, was, place, member, generation },
        Template::ShiftCancelled { name, event, role, hours, member, generation },
    ]
}

/// To a partner's people.
pub fn to_partners() -> Vec<Template> {
    let (name, partner, reason) = (NAME.to_owned(), partner(), REASON.to_owned());
    let (document, last_four) = ("Company registration".to_owned(), "0042".to_owned());
    let (invited_by, of) = ("Asha Rao".to_owned(), partner.name.clone());
    let role = format!("Partner at {of}");
    vec![
        Template::Invitation {
            name: name.clone(),
            invited_by: invited_by.clone(),
            role,
            partner: Some(of.clone()),
            link: NOBODY,
        },
        Template::PartnerAccess { name: name.clone(), invited_by, partner: of },
        Template::DocumentApproved { name: name.clone(), partner: partner.clone(), document: document.clone() },
        Template::DocumentRejected { name: name.clone(), partner: partner.clone(), document, reason: reason.clone() },
        Template::PartnerVerified { name: name.clone(), partner: partner.clone() },
        Template::PartnerSuspended { name: name.clone(), partner: partner.clone(), reason: reason.clone() },
        Template::PartnerReactivated { name: name.clone(), partner: partner.clone() },
        Template::BankAccountVerified { name: name.clone(), partner: partner.clone(), last_four: last_four.clone() },
        Template::BankAccountRejected { name, partner, last_four, reason },
    ]
}

/// What goes along with a sample.
pub fn enclosed(mail: &Template) -> Result<Enclosed> {
    let Template::TicketsIssued { ticket_type, seats, .. } = mail else { return Ok(Enclosed::default()) };
    let code = |at: i32| {
        let (label, typed) = (format!("{ticket_type}, {at} of {seats}"), format!("7KQ{at}-M2XD"));
        Ok(Code { label, png: pictures::qr_png(&format!("A sample, no ticket: {typed}"))?, typed })
    };
    Ok(Enclosed { codes: (1..=*seats).map(code).collect::<Result<_>>()?, ..Enclosed::default() })
}
