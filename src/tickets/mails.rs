//! Mails to guests. Who has no e-mail address gets none; the app tells them.

use super::jobs::{Notice, Word};
use super::sql::{self, Addressee, TicketsMail};
use super::{Attendee, EventRequest, WaitingEntry};
use crate::access::EndUserId;
use crate::events::{Event, zones};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{EventFacts, Template};

/// What every mail says of its event, and until when its reader has time: by the clocks of the event.
async fn facts(tx: &mut Tx, event: &Event, until: Option<Timestamp>) -> Result<EventFacts> {
    let zone = zones::zone(tx.conn(), &event.timezone).await?;
    let place: Vec<&str> = [event.venue_name.as_deref(), event.venue_text.as_deref(), Some(event.city.as_str())]
        .into_iter()
        .flatten()
        .collect();
    Ok(EventFacts {
        event: event.id.0,
        title: event.title.clone(),
        slug: event.slug.clone(),
        when: zone.display(event.start_at),
        place: place.join(", "),
        until: until.map(|until| zone.display(until)),
    })
}

/// The tickets are there.
pub async fn issued(tx: &mut Tx, event: &Event, person: &Attendee) -> Result<()> {
    let Some(email) = person.email.clone() else { return Ok(()) };
    let generation = sql::attendee_link_generation(tx.conn(), person.id).await?;
    let mail = Template::TicketsIssued {
        name: person.name.clone().unwrap_or_else(|| "guest".to_owned()),
        event: facts(tx, event, None).await?,
        ticket_type: person.ticket_type.clone(),
        seats: person.seats,
        attendee: person.id.0,
        generation,
    };
    crate::notify::mail(tx, &email, mail);
    Ok(())
}

/// The same for a guest of a list.
pub async fn tickets(tx: &mut Tx, event: &Event, guest: TicketsMail) -> Result<()> {
    let TicketsMail { id, name, email, link_generation, ticket_type, seats } = guest;
    let event = facts(tx, event, None).await?;
    let mail = Template::TicketsIssued { name, event, ticket_type, seats, attendee: id, generation: link_generation };
    crate::notify::mail(tx, &email, mail);
    Ok(())
}

async fn to_user(tx: &mut Tx, user: EndUserId, mail: impl FnOnce(String) -> Template) -> Result<()> {
    let now = tx.now;
    if let Some(guest) = sql::guest_find(tx.conn(), user, now).await?
        && let Some(email) = guest.email
    {
        let name = if guest.name.is_empty() { "guest".to_owned() } else { guest.name };
        crate::notify::mail(tx, &email, mail(name));
    }
    Ok(())
}

/// Seats are held for somebody in line.
pub async fn offered(tx: &mut Tx, event: &Event, entry: &WaitingEntry, until: Timestamp) -> Result<()> {
    let (event, seats) = (facts(tx, event, Some(until)).await?, entry.seats);
    to_user(tx, entry.user_id, |name| Template::SeatsOffered { name, event, seats, until }).await
}

/// A request was declined; one that was accepted brings tickets, or seats to be paid.
pub async fn answered(tx: &mut Tx, event: &Event, request: &EventRequest, pay_until: Option<Timestamp>) -> Result<()> {
    let event = facts(tx, event, pay_until).await?;
    let message = request.host_message.clone().unwrap_or_default();
    to_user(tx, request.requester_user_id, |name| match pay_until {
        Some(until) => Template::RequestAccepted { name, event, message, until },
        None => Template::RequestDeclined { name, event, message },
    })
    .await
}

/// Somebody is asked to come.
pub async fn invited(tx: &mut Tx, event: &Event, user: EndUserId, message: &str) -> Result<()> {
    let (event, message) = (facts(tx, event, None).await?, message.to_owned());
    to_user(tx, user, |name| Template::EventInvitation { name, event, message }).await
}

/// Somebody was taken off the list.
pub async fn taken_off(tx: &mut Tx, event: &Event, person: &Attendee, reason: &str) -> Result<()> {
    if let Some(email) = &person.email {
        let name = person.name.clone().unwrap_or_else(|| "guest".to_owned());
        let (event, reason) = (facts(tx, event, None).await?, reason.to_owned());
        crate::notify::mail(tx, email, Template::GuestTakenOff { name, event, reason });
    }
    Ok(())
}

/// A word to somebody who has no tickets.
pub async fn word(tx: &mut Tx, event: &Event, word: &Word, name: String, email: &str) -> Result<()> {
    let facts = facts(tx, event, None).await?;
    let mail = match word {
        Word::Cancelled => {
            let reason = event.cancellation_reason.clone().unwrap_or_default();
            Template::EventCancelled { name, event: facts, reason, tickets: false }
        }
        Word::Retired { ticket_type } => {
            Template::WaitingListClosed { name, event: facts, ticket_type: ticket_type.clone() }
        }
    };
    crate::notify::mail(tx, email, mail);
    Ok(())
}

/// A notice that goes to all guests.
pub async fn notice(tx: &mut Tx, event: &Event, notice: Notice, guest: &Addressee) -> Result<()> {
    let until = event.refund_window_until.unwrap_or(event.start_at);
    let (name, facts) = (guest.name.clone(), facts(tx, event, Some(until)).await?);
    let mail = match notice {
        Notice::Cancelled => {
            let reason = event.cancellation_reason.clone().unwrap_or_default();
            Template::EventCancelled { name, event: facts, reason, tickets: true }
        }
        Notice::Rescheduled => Template::EventRescheduled {
            name,
            event: facts,
            attendee: guest.id,
            generation: guest.link_generation,
            until,
        },
    };
    crate::notify::mail(tx, &guest.email, mail);
    Ok(())
}
