//! An event at a glance for those who run it: how full it is, where its guests come from, what was done to it.

use operation::Validate;
use serde::Serialize;
use uuid::Uuid;

use super::{AttendeeSource, TicketTypeId};
use crate::access::wire;
use crate::audit::words::{Words, field_name};
use crate::events::{ActivityOf, EventId, VenueHolder};
use crate::kernel::money::Money;
use crate::kernel::page::{Limit, Paging};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire! {
    /// How full an event is, and where its guests come from.
    pub struct EventSummary {
        pub event_id: EventId,
        /// When these figures were read.
        pub as_of: Timestamp,
        /// Seats of the event.
        pub capacity: i32,
        /// Seats of guests who are going or inside.
        pub booked: i32,
        /// Seats held for guests who have not completed their booking.
        pub held: i32,
        /// Seats that nobody has or holds.
        pub free: i32,
        /// Guests who are going or inside.
        pub guests: i64,
        /// Guests recorded as being in.
        pub checked_in: i64,
        /// Booked seats whose tickets were admitted.
        pub came_in: i64,
        /// Guests who were removed or cancelled.
        pub gone: i64,
        /// Their seats.
        #[serde(default)]
        pub gone_seats: i64,
        /// Requests waiting for an answer.
        pub requests: i64,
        /// Seats they ask for.
        pub requested_seats: i64,
        /// Parties on the waiting list.
        pub waiting: i64,
        /// How long an offer to one of them holds its seats, in minutes.
        pub offer_minutes: i64,
        /// Seats booked in the last seven days, of those that still count.
        pub last_week: i64,
        /// Seats booked in the seven days before.
        pub week_before: i64,
        /// Payments, one amount per currency.
        pub income: Vec<Money>,
        /// The sales of each ticket type.
        pub types: Vec<TypeSales>,
        /// The most seats first.
        pub sources: Vec<SourceSeats>,
        /// Days with bookings, in the event's time zone, earliest first.
        pub days: Vec<DaySeats>,
        /// The capacity of the venue, if known.
        pub venue_capacity: Option<i32>,
        /// Of a draft, the published event that has its venue at its hours. While there is one it cannot be published.
        #[serde(default)]
        pub venue_holder: Option<VenueHolder>,
        /// The public page; absent while it is a draft.
        pub public_url: Option<String>,
        /// The public page's address as a QR code, an SVG image.
        pub qr: Option<String>,
    }

    /// The sales of a ticket type.
    pub struct TypeSales {
        pub ticket_type_id: TicketTypeId,
        pub name: String,
        /// The price of a seat.
        pub price: Money,
        /// Seats of guests who are going or inside.
        pub booked: i32,
        /// Seats of guests who were removed or cancelled.
        #[serde(default)]
        pub gone: i32,
        /// Seats of this type; without one the event's capacity is the limit.
        pub quota: Option<i32>,
        /// Seats available now.
        pub available: i32,
        /// The payments of its guests.
        pub income: Money,
        /// Parties on its waiting list.
        pub waiting: i64,
        pub hidden: bool,
        /// It is no longer sold.
        pub retired: bool,
    }

    /// Seats by how their guests came.
    pub struct SourceSeats {
        /// The source of the guests.
        pub source: AttendeeSource,
        /// Whether they bought their tickets at the door; these are counted apart from those who booked.
        #[serde(default)]
        pub at_door: bool,
        /// Their seats.
        pub seats: i64,
    }

    /// Seats booked on a day.
    pub struct DaySeats {
        /// The day, such as `2026-11-26`.
        pub day: String,
        /// Seats booked on it.
        pub seats: i64,
    }

    /// What of an event's activity is listed.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct ActivityFilter {
        /// Only entries about this.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub of: Option<ActivityOf>,
        /// From the page before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// Rows on a page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// One thing that was done to an event, or to a guest.
    pub struct EventActivity {
        pub id: Uuid,
        pub at: Timestamp,
        /// Who did it.
        pub by: String,
        /// The action, such as `ticket_type.updated`.
        pub action: String,
        /// The type of record it was done to.
        #[serde(default)]
        pub object_type: String,
        /// Id of what it was done to.
        #[serde(default)]
        pub object_id: String,
        /// To which part or guest, by name.
        pub subject: Option<String>,
        /// The page of the Command Center that shows it, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub href: Option<String>,
        /// What changed.
        pub changes: Vec<ActivityChange>,
        /// The reason, if one was given.
        pub reason: Option<String>,
    }

    /// A field that changed.
    pub struct ActivityChange {
        /// The field.
        pub field: String,
        /// The value before, as text; absent if it is not shown or there was none.
        pub before: Option<String>,
        /// The value after, as text.
        pub after: Option<String>,
    }

    /// A mail or text message to a guest.
    pub struct GuestMessage {
        pub id: Uuid,
        /// The type, such as `tickets_issued`.
        pub about: String,
        /// Email or text message.
        pub channel: MessageChannel,
        /// Where it went.
        pub to: String,
        /// Whether it was sent.
        pub status: MessageStatus,
        /// When it was queued.
        pub created_at: Timestamp,
        /// When it was handed over, or failed.
        pub finished_at: Option<Timestamp>,
    }

    /// What was done for a guest, and the messages sent to them in the last weeks.
    pub struct GuestHistory {
        /// Newest first.
        pub activity: Vec<EventActivity>,
        /// Newest first.
        pub messages: Vec<GuestMessage>,
    }

    /// Gives a guest another ticket type.
    #[serde(deny_unknown_fields)]
    pub struct MoveGuest {
        /// The ticket type the guest gets.
        pub ticket_type_id: TicketTypeId,
    }
}

wire_enum! {
    /// The channel of a message.
    pub enum MessageChannel {
        /// By mail.
        Email "email" "Email",
        /// By text message.
        Text "text" "Text",
    }

    /// Status of a message.
    pub enum MessageStatus {
        /// It is waiting to be sent or retried.
        Waiting "waiting" "Waiting",
        /// It was handed over for delivery.
        Sent "sent" "Sent",
        /// It could not be sent.
        Failed "failed" "Failed",
    }
}

impl Validate for MoveGuest {}
impl Validate for ActivityFilter {}

impl ActivityFilter {
    /// The page that is asked for.
    pub fn paging(&self) -> Paging {
        Paging { cursor: self.cursor.clone(), limit: self.limit }
    }
}

/// What a message to a guest is called, for people; nothing where it is of another kind.
pub fn message_title(about: &str) -> Option<&'static str> {
    Some(match about {
        "tickets_issued" => "Tickets",
        "guest_taken_off" => "Booking cancelled",
        "event_rescheduled" => "New time or venue",
        "event_cancelled" => "Event cancelled",
        "payment_received" => "Receipt",
        "refund_sent" => "Refund",
        _ => return None,
    })
}

impl GuestMessage {
    /// What it was about, for people.
    pub fn title(&self) -> &'static str {
        message_title(&self.about).unwrap_or("Message")
    }
}

impl ActivityChange {
    fn phrase(&self) -> String {
        let field = field_name(&self.field);
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{field} from {before} to {after}"),
            (None, Some(after)) => format!("{field} to {after}"),
            _ => field,
        }
    }
}

/// A number of tickets as a sentence has it.
fn tickets(many: &str) -> String {
    if many == "1" { "a ticket".to_owned() } else { format!("{many} tickets") }
}

impl EventActivity {
    /// What was done, as the rest of a sentence that begins with who did it.
    pub fn said(&self, words: &Words) -> String {
        let value = |field: &str| self.changes.iter().find(|change| change.field == field)?.after.clone();
        let what: Vec<String> = match self.action.as_str() {
            "attendee.moved" => value("ticket_type").into_iter().collect(),
            "attendee.list_imported" => value("imported").into_iter().collect(),
            "attendee.booked" => value("tickets").map(|many| tickets(&many)).into_iter().collect(),
            _ => {
                // By the alphabet an event would end before it starts.
                let (last, first): (Vec<_>, Vec<_>) = self.changes.iter().partition(|change| change.field == "end_at");
                first.into_iter().chain(last).map(ActivityChange::phrase).collect()
            }
        };
        let (subject, status) = (self.subject.as_deref(), value("status"));
        let outcome = words.outcome(&self.action, &self.by, subject, status.as_deref());
        words.said(&self.action, subject, outcome, &what).text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, before: Option<&str>, after: Option<&str>) -> ActivityChange {
        ActivityChange { field: field.to_owned(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    fn said(action: &str, subject: Option<&str>, changes: Vec<ActivityChange>) -> String {
        let (id, at) = (Uuid::nil(), Timestamp::parse("2026-11-26T10:00:00Z").unwrap());
        let (by, action) = ("Meera Nair".to_owned(), action.to_owned());
        let words = Words(&[&crate::events::words::WORDS, &crate::tickets::words::WORDS]);
        let (object_type, object_id) = ("event".to_owned(), id.to_string());
        let subject = subject.map(str::to_owned);
        EventActivity { id, at, by, action, object_type, object_id, subject, href: None, changes, reason: None }
            .said(&words)
    }

    #[test]
    fn what_was_done_reads_as_a_sentence() {
        let price = change("price", Some("₹1,200"), Some("₹1,400"));
        assert_eq!(
            said("ticket_type.updated", Some("Standard"), vec![price]),
            "changed Standard: price from ₹1,200 to ₹1,400"
        );
        let several = vec![change("title", Some("“A”"), Some("“B”")), change("description", None, None)];
        assert_eq!(said("event.updated", None, several), "changed title from “A” to “B” and description");
        let moved =
            vec![change("end_at", Some("22:00"), Some("23:00")), change("start_at", Some("18:00"), Some("19:00"))];
        assert_eq!(
            said("event.rescheduled", None, moved),
            "rescheduled: start from 18:00 to 19:00 and end from 22:00 to 23:00"
        );
        let accepted = vec![change("status", Some("pending"), Some("accepted"))];
        assert_eq!(said("event_request.decided", Some("Kabir"), accepted), "accepted the request of Kabir");
        let left = vec![change("status", Some("going"), Some("not going"))];
        assert_eq!(said("attendee.cancelled", Some("Ritu Das"), left), "cancelled their booking");
        let removed = vec![change("status", Some("going"), Some("cancelled"))];
        assert_eq!(said("attendee.cancelled", Some("Ritu Das"), removed), "removed Ritu Das");
        assert_eq!(said("waiting_list.left", Some("Ritu Das"), Vec::new()), "removed Ritu Das from the waiting list");
        assert_eq!(said("waiting_list.left", Some("Meera Nair"), Vec::new()), "left the waiting list");
        let booked = |many| vec![change("tickets", None, Some(many))];
        assert_eq!(said("attendee.booked", Some("Meera Nair"), booked("2")), "booked 2 tickets");
        assert_eq!(said("attendee.booked", Some("Ritu Das"), booked("1")), "booked a ticket for Ritu Das");
        let moved = vec![change("ticket_type", Some("Student"), Some("Standard"))];
        assert_eq!(said("attendee.moved", None, moved), "moved a guest to Standard");
        assert_eq!(said("event.stream_removed", None, Vec::new()), "removed the stream");
        assert_eq!(said("something.new_here", None, Vec::new()), "something new here");
    }
}
