//! What guests are told: by mail, or by text message where there is only a phone. Whoever has neither is not told,
//! and the pages of those who run the event say so.

use super::jobs::{Notice, Word};
use super::sql::{self, Addressee, Other, TicketsMail};
use super::templates::{
    EventCancelled, EventInvitation, EventRescheduled, GuestTakenOff, PaymentReceived, RefundSent, RequestAccepted,
    RequestDeclined, SeatsOffered, TicketsIssued, WaitingListClosed,
};
use super::{Attendee, EventInvite, EventRequest, Reach, WaitingEntry};
use crate::access::EndUserId;
use crate::events::{self, Event};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{EventFacts, Message, Template};
use crate::partners;
use crate::zones;

/// What somebody paid.
pub struct Bill<'b> {
    /// How much.
    pub amount: &'b Money,
    /// The order.
    pub order: uuid::Uuid,
    /// Its name.
    pub reference: &'b str,
    /// The invoice's number.
    pub invoice: &'b str,
}

/// The one way to tell a guest something.
fn tell(tx: &mut Tx, reach: Reach<'_>, notice: impl Into<Template>) {
    match reach {
        Reach::Email(email) => crate::notify::mail(tx, email, notice),
        Reach::Phone(phone) => {
            if let Ok(phone) = E164Phone::parse(phone) {
                crate::notify::text(tx, &phone, Message::Notice { notice: notice.into() });
            }
        }
        Reach::Nowhere => {}
    }
}

/// Whom a mail greets; nobody by name where no name is known.
fn name_of(person: &Attendee) -> String {
    person.name.clone().unwrap_or_default()
}

/// What every mail says of its event, and until when its reader has time: by the clocks of the event.
pub async fn facts(tx: &mut Tx, event: &Event, until: Option<Timestamp>) -> Result<EventFacts> {
    let zone = zones::zone(tx.conn(), &event.timezone).await?;
    let place: Vec<&str> = [event.venue_name.as_deref(), event.venue_text.as_deref(), Some(event.city.as_str())]
        .into_iter()
        .flatten()
        .collect();
    Ok(EventFacts {
        event: event.id.0,
        title: event.title.clone(),
        slug: event.slug.clone(),
        when: zone.display_days(event.start_at, event.end_at),
        place: place.join(", "),
        until: until.map(|until| zone.display(until)),
        account: false,
        organiser: match event.host_user_id {
            Some(host) => events::host_for_guests(tx.conn(), host).await?,
            None => event.organizer_name.clone(),
        },
        hosted: event.host_user_id.is_some(),
        // A partner's contact is who guests talk to. A host's own address is nobody's to give away.
        reply_to: match event.organizer_partner_id {
            Some(partner) => partners::answers_to(tx.conn(), partner).await?,
            None => None,
        },
    })
}

/// The same for somebody who takes part. An account's phone is proven, its email address only once it was confirmed.
async fn own_facts(tx: &mut Tx, event: &Event, person: &Attendee) -> Result<EventFacts> {
    let account = match (person.user_id, person.reach()) {
        (Some(user), Reach::Email(email)) => !sql::email_is_proven(tx.conn(), user, email).await?,
        _ => false,
    };
    Ok(EventFacts { account, ..facts(tx, event, None).await? })
}

/// The tickets are there; with what the organiser answered to a request.
pub async fn issued(tx: &mut Tx, event: &Event, person: &Attendee) -> Result<()> {
    let generation = sql::attendee_link_generation(tx.conn(), person.id).await?;
    let message = match person.request_id {
        Some(request) => sql::request_find(tx.conn(), request).await?.host_message.unwrap_or_default(),
        None => String::new(),
    };
    let notice = TicketsIssued {
        name: name_of(person),
        event: own_facts(tx, event, person).await?,
        ticket_type: person.ticket_type.clone(),
        seats: person.seats,
        message,
        attendee: person.id.0,
        generation,
    };
    tell(tx, person.reach(), notice);
    Ok(())
}

/// The same for a guest of a list.
pub async fn tickets(tx: &mut Tx, event: &Event, guest: TicketsMail) -> Result<()> {
    let TicketsMail { id, name, email, phone, link_generation, ticket_type, seats } = guest;
    let (event, message) = (facts(tx, event, None).await?, String::new());
    let (attendee, generation) = (id, link_generation);
    let notice = TicketsIssued { name, event, ticket_type, seats, message, attendee, generation };
    tell(tx, Reach::of(email.as_deref(), phone.as_deref()), notice);
    Ok(())
}

async fn to_user<M: Into<Template>>(tx: &mut Tx, user: EndUserId, mail: impl FnOnce(String) -> M) -> Result<()> {
    let now = tx.now;
    if let Some(guest) = sql::guest_find(tx.conn(), user, now).await? {
        tell(tx, Reach::of(guest.email.as_deref(), guest.phone.as_deref()), mail(guest.name));
    }
    Ok(())
}

/// Seats are held for somebody in line.
pub async fn offered(tx: &mut Tx, event: &Event, entry: &WaitingEntry, until: Timestamp) -> Result<()> {
    let (event, seats) = (facts(tx, event, Some(until)).await?, entry.seats);
    to_user(tx, entry.user_id, |name| SeatsOffered { name, event, seats, until }).await
}

/// A request was declined; one that was accepted brings tickets, or seats to be paid.
pub async fn answered(tx: &mut Tx, event: &Event, request: &EventRequest, pay_until: Option<Timestamp>) -> Result<()> {
    let event = facts(tx, event, pay_until).await?;
    let message = request.host_message.clone().unwrap_or_default();
    to_user(tx, request.requester_user_id, |name| match pay_until {
        Some(until) => Template::from(RequestAccepted { name, event, message, until }),
        None => RequestDeclined { name, event, message }.into(),
    })
    .await
}

/// What was paid: by mail alone, as the tickets come by text message where there is only a phone.
pub async fn receipt(tx: &mut Tx, event: &Event, user: EndUserId, bill: Bill<'_>) -> Result<()> {
    let (facts, now) = (facts(tx, event, None).await?, tx.now);
    let Some(guest) = sql::guest_find(tx.conn(), user, now).await? else { return Ok(()) };
    if let Reach::Email(email) = Reach::of(guest.email.as_deref(), None) {
        let notice = PaymentReceived {
            name: guest.name.clone(),
            event: facts,
            amount: bill.amount.display(),
            order: bill.order,
            reference: bill.reference.to_owned(),
            invoice: bill.invoice.to_owned(),
        };
        crate::notify::mail(tx, email, notice);
    }
    Ok(())
}

/// Money went back to who paid.
pub async fn money_back(
    tx: &mut Tx,
    event: &Event,
    user: EndUserId,
    (amount, reference, reason): (&Money, &str, &str),
) -> Result<()> {
    let event = facts(tx, event, None).await?;
    let (amount, reference, reason) = (amount.display(), reference.to_owned(), reason.to_owned());
    to_user(tx, user, |name| RefundSent { name, event, amount, reference, reason }).await
}

/// A guest is invited.
pub async fn invited(tx: &mut Tx, event: &Event, user: EndUserId, message: &str) -> Result<()> {
    let (event, message) = (facts(tx, event, None).await?, message.to_owned());
    to_user(tx, user, |name| EventInvitation { name, event, message, invite: None }).await
}

/// The same for an address that may be nobody's here.
pub async fn invited_there(tx: &mut Tx, event: &Event, invite: &EventInvite) -> Result<()> {
    let (facts, message) = (facts(tx, event, None).await?, invite.message.clone());
    let (name, invite_id) = (String::new(), Some(invite.id.0));
    let reach = Reach::of(invite.invited_email.as_deref(), invite.invited_phone.as_deref());
    tell(tx, reach, EventInvitation { name, event: facts, message, invite: invite_id });
    Ok(())
}

/// Somebody was removed from the list, or has so many tickets left of several; with what they paid that stays where it is.
pub async fn taken_off(
    tx: &mut Tx,
    event: &Event,
    person: &Attendee,
    reason: &str,
    (left, paid): (i32, Option<String>),
) -> Result<()> {
    let generation = sql::attendee_link_generation(tx.conn(), person.id).await?;
    let (event, reason, attendee) = (own_facts(tx, event, person).await?, reason.to_owned(), person.id.0);
    let notice = GuestTakenOff { name: name_of(person), event, reason, attendee, generation, left, paid };
    tell(tx, person.reach(), notice);
    Ok(())
}

/// A word to somebody who has no tickets.
pub async fn word(tx: &mut Tx, event: &Event, word: &Word, other: Other) -> Result<()> {
    let (facts, Other { name, email, phone }) = (facts(tx, event, None).await?, other);
    let mail = match word {
        Word::Cancelled => {
            let reason = event.cancellation_reason.clone().unwrap_or_default();
            Template::from(EventCancelled { name, event: facts, reason, tickets: false })
        }
        Word::Retired { ticket_type } => {
            WaitingListClosed { name, event: facts, ticket_type: ticket_type.clone() }.into()
        }
    };
    tell(tx, Reach::of(email.as_deref(), phone.as_deref()), mail);
    Ok(())
}

/// A notice that goes to all guests.
pub async fn notice(tx: &mut Tx, event: &Event, notice: Notice, guest: &Addressee) -> Result<()> {
    let until = event.refund_window_until.unwrap_or(event.start_at);
    let (name, mut facts) = (guest.name.clone(), facts(tx, event, Some(until)).await?);
    facts.account = guest.unproven && guest.email.is_some();
    let mail = match notice {
        Notice::Cancelled => {
            let reason = event.cancellation_reason.clone().unwrap_or_default();
            Template::from(EventCancelled { name, event: facts, reason, tickets: guest.lost })
        }
        Notice::Rescheduled => {
            let (attendee, generation) = (guest.id, guest.link_generation);
            EventRescheduled { name, event: facts, attendee, generation, until }.into()
        }
    };
    tell(tx, Reach::of(guest.email.as_deref(), guest.phone.as_deref()), mail);
    Ok(())
}
