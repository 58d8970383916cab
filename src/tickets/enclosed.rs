//! What goes along with mails about tickets: their codes, and the event for the guest's calendar.

use std::sync::Arc;

use futures::future::BoxFuture;
use uuid::Uuid;

use super::operations::TICKET_RESEND_META;
use super::templates::{EventCancelled, EventRescheduled, GuestTakenOff, TicketsIssued};
use super::{AttendeeId, secrets, sql};
use crate::events::rules::{by_id, system_cx};
use crate::events::{Event, EventId, calendar};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Reader};
use crate::kernel::error::Result;
use crate::kernel::pictures;
use crate::notify::{Code, Enclosed, Enclosing, EventFacts, Template};

inventory::submit!(Enclosing { gather });

/// A mail holds so many codes at most; its link shows all.
const MOST: usize = 10;

fn gather<'a>(app: &'a Arc<App>, mail: &'a Template) -> BoxFuture<'a, Result<Enclosed>> {
    Box::pin(async move {
        let Some((facts, guest, void)) = about(mail) else { return Ok(Enclosed::default()) };
        let mut db = system_cx(app, &TICKET_RESEND_META).reader().await?;
        let event = match by_id(db.conn(), EventId(facts.event)).await {
            Ok(event) => event,
            Err(error) if error.status() == 404 => return Ok(Enclosed::default()),
            Err(error) => return Err(error),
        };
        let calendar = Some(calendar::file(app, &event, None, void));
        // Codes go where the mail's link goes: not to an account's address that nobody has proven.
        let codes = match guest.filter(|_| !facts.account) {
            Some(guest) => codes(&mut db, &event, guest).await?,
            None => Vec::new(),
        };
        let giver = match mail.get::<TicketsIssued>() {
            Some(mail) => sql::giver_of(db.conn(), AttendeeId(mail.attendee)).await?,
            None => None,
        };
        Ok(Enclosed { codes, calendar, giver })
    })
}

/// A guest, and the generation of their link that a mail holds.
type Guest = (Uuid, i32);

/// The event, whose codes go along, and whether the tickets are void, where it is a mail about tickets.
fn about(mail: &Template) -> Option<(&EventFacts, Option<Guest>, bool)> {
    if let Some(mail) = mail.get::<TicketsIssued>() {
        return Some((&mail.event, Some((mail.attendee, mail.generation)), false));
    }
    if let Some(mail) = mail.get::<EventRescheduled>() {
        return Some((&mail.event, Some((mail.attendee, mail.generation)), false));
    }
    if let Some(mail) = mail.get::<GuestTakenOff>().filter(|mail| mail.left <= 0) {
        return Some((&mail.event, None, true));
    }
    mail.get::<EventCancelled>().filter(|mail| mail.tickets).map(|mail| (&mail.event, None, true))
}

async fn codes(db: &mut Reader, event: &Event, (attendee, generation): (Uuid, i32)) -> Result<Vec<Code>> {
    let attendee = AttendeeId(attendee);
    // A mail whose link is dead by now shows nothing either.
    if sql::attendee_link_generation(db.conn(), attendee).await? != generation {
        return Ok(Vec::new());
    }
    let mut tickets = sql::tickets_standing(db.conn(), attendee).await?;
    let all = tickets.len();
    tickets.truncate(MOST);
    let mut codes = Vec::with_capacity(tickets.len());
    for (at, ticket) in tickets.iter().enumerate() {
        let code = secrets::code(db, event, ticket).await?;
        let label =
            if all == 1 { ticket.ticket_type.clone() } else { format!("{}, {} of {all}", ticket.ticket_type, at + 1) };
        codes.push(Code { label, typed: code.short_code, png: pictures::qr_png(&code.code)? });
    }
    Ok(codes)
}
