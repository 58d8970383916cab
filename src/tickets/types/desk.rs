//! An event at a glance for those who run it: how full it is, where its guests come from, what was done to it.

use operation::Validate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AttendeeSource, TicketTypeId};
use crate::access::wire;
use crate::audit::words::{self as audit_words, field_name};
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::partners::words;

wire! {
    /// How full an event is, and where its guests come from.
    pub struct EventSummary {
        pub event_id: EventId,
        /// When these figures were read.
        pub as_of: Timestamp,
        /// Seats of the event.
        pub capacity: i32,
        /// Seats of those who go or are in.
        pub booked: i32,
        /// Seats held for somebody who has not finished yet.
        pub held: i32,
        /// Seats that nobody has or holds.
        pub free: i32,
        /// Guests who go or are in.
        pub guests: i64,
        /// Guests recorded as being in.
        pub checked_in: i64,
        /// Seats whose tickets were let in, of those that are booked.
        pub came_in: i64,
        /// Guests who were removed or cancelled.
        pub gone: i64,
        /// Requests that wait for an answer.
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
        /// What guests paid, one amount for each currency.
        pub income: Vec<Money>,
        /// How each ticket type sells.
        pub types: Vec<TypeSales>,
        /// The most seats first.
        pub sources: Vec<SourceSeats>,
        /// Days with bookings, by the clocks of the event, the earliest first.
        pub days: Vec<DaySeats>,
        /// How many the venue can hold, where it says so.
        pub venue_capacity: Option<i32>,
        /// The public page; absent while it is a draft.
        pub public_url: Option<String>,
        /// The public page's address as a QR code, an SVG image.
        pub qr: Option<String>,
    }

    /// How a ticket type sells.
    pub struct TypeSales {
        pub ticket_type_id: TicketTypeId,
        pub name: String,
        /// What a seat costs.
        pub price: Money,
        /// Seats of those who go or are in.
        pub booked: i32,
        /// Seats of this type; without one the event's capacity is the limit.
        pub quota: Option<i32>,
        /// Seats that can be had now.
        pub available: i32,
        /// What its guests paid.
        pub income: Money,
        /// Parties on its waiting list.
        pub waiting: i64,
        pub hidden: bool,
        /// It is not sold any more.
        pub retired: bool,
    }

    /// Seats by how their guests came.
    pub struct SourceSeats {
        /// How the guests came.
        pub source: AttendeeSource,
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

    /// One thing that was done to an event, or to a guest.
    pub struct EventActivity {
        pub id: Uuid,
        pub at: Timestamp,
        /// Who did it.
        pub by: String,
        /// What, such as `ticket_type.updated`.
        pub action: String,
        /// To which part or guest, by name.
        pub subject: Option<String>,
        /// What changed.
        pub changes: Vec<ActivityChange>,
        /// Why, where a reason was given.
        pub reason: Option<String>,
    }

    /// A field that changed.
    pub struct ActivityChange {
        /// The field.
        pub field: String,
        /// The value before, in words; absent where it is not told or there was none.
        pub before: Option<String>,
        /// The value after, in words.
        pub after: Option<String>,
    }

    /// A mail or text message to a guest.
    pub struct GuestMessage {
        pub id: Uuid,
        /// What it was about, such as `tickets_issued`.
        pub about: String,
        /// Email or text message.
        pub channel: MessageChannel,
        /// Where it went.
        pub to: String,
        /// Whether it was sent.
        pub status: MessageStatus,
        /// When it was queued.
        pub created_at: Timestamp,
        /// When it was handed over, or given up.
        pub finished_at: Option<Timestamp>,
    }

    /// What was done about a guest, and what the guest was sent in the last weeks.
    pub struct GuestHistory {
        /// The latest first.
        pub activity: Vec<EventActivity>,
        /// The latest first.
        pub messages: Vec<GuestMessage>,
    }

    /// Gives a guest another ticket type.
    #[serde(deny_unknown_fields)]
    pub struct MoveGuest {
        /// The ticket type the guest gets.
        pub ticket_type_id: TicketTypeId,
    }
}

words! {
    /// How a message goes out.
    pub enum MessageChannel {
        /// By mail.
        Email "email" "Email",
        /// By text message.
        Text "text" "Text",
    }

    /// Where a message stands.
    pub enum MessageStatus {
        /// It waits for its turn, or for another try.
        Waiting "waiting" "Waiting",
        /// It was handed over to be delivered.
        Sent "sent" "Sent",
        /// It could not be handed over.
        Failed "failed" "Failed",
    }
}

impl Validate for MoveGuest {}

/// What a message to a guest is called, for people; nothing where it is of another kind.
pub fn message_title(about: &str) -> Option<&'static str> {
    Some(match about {
        "tickets_issued" => "Tickets",
        "guest_taken_off" => "Booking cancelled",
        "event_rescheduled" => "New time or place",
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

impl EventActivity {
    /// What was done, as the rest of a sentence that begins with who did it.
    pub fn said(&self) -> String {
        let value = |field: &str| self.changes.iter().find(|change| change.field == field)?.after.clone();
        let what: Vec<String> = match self.action.as_str() {
            "attendee.moved" => value("ticket_type").into_iter().collect(),
            "attendee.list_imported" => value("imported").into_iter().collect(),
            _ => self.changes.iter().map(ActivityChange::phrase).collect(),
        };
        audit_words::said(&self.action, self.subject.as_deref(), value("status").as_deref(), &what).text()
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
        EventActivity { id, at, by, action, subject: subject.map(str::to_owned), changes, reason: None }.said()
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
        let accepted = vec![change("status", Some("pending"), Some("accepted"))];
        assert_eq!(said("event_request.decided", Some("Kabir"), accepted), "accepted the request of Kabir");
        let moved = vec![change("ticket_type", Some("Student"), Some("Standard"))];
        assert_eq!(said("attendee.moved", None, moved), "moved a guest to Standard");
        assert_eq!(said("event.stream_removed", None, Vec::new()), "removed the stream");
        assert_eq!(said("something.new_here", None, Vec::new()), "something new here");
    }
}
