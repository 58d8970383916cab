//! Who takes part. [004 §2.9]

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{AttendeeId, EventInvite, EventRequest, Party, RequestId, Reservation, TicketTypeId, WaitingEntry};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::{E164Phone, Email, Note, PersonName, Phone, Reason, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// Status of a guest.
    pub enum AttendeeStatus {
        /// Attends.
        Going "going" "Going",
        /// Changed their mind, or passed the ticket on.
        NotGoing "not_going" "Not_Going",
        /// Is in, or was.
        CheckedIn "checked_in" "Checked_In",
        /// Was removed, or the event was cancelled.
        Cancelled "cancelled" "Cancelled",
    }

    /// How a guest got their tickets.
    pub enum AttendeeSource {
        /// Booked by the guest.
        Direct "direct" "Direct",
        /// Asked, and was accepted.
        Request "request" "Request",
        /// Was invited.
        Invite "invite" "Invite",
        /// Took an offer of the waiting list.
        WaitingList "waiting_list" "Waiting_List",
        /// Is the organiser's guest.
        Comp "comp" "Comp",
        /// Stood on a guest list.
        Import "import" "Import",
        /// The ticket was transferred.
        Transfer "transfer" "Transfer",
    }
}

impl AttendeeStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: AttendeeStatus) -> Result<AttendeeStatus, Error> {
        use AttendeeStatus::{Cancelled, CheckedIn, Going, NotGoing};
        match (self, to) {
            (Going, CheckedIn | NotGoing | Cancelled) => Ok(to),
            _ => Err(is_now("guest", self.as_str())),
        }
    }

    /// Whether the seats are taken.
    pub fn takes_seats(self) -> bool {
        matches!(self, AttendeeStatus::Going | AttendeeStatus::CheckedIn)
    }
}

/// How a guest is told what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach<'a> {
    /// By mail, to this address.
    Email(&'a str),
    /// By text message, to this number.
    Phone(&'a str),
    /// Not at all: there is no address, and no number that can be texted.
    Nowhere,
}

impl<'a> Reach<'a> {
    /// An address comes first; a number needs its country's code.
    pub fn of(email: Option<&'a str>, phone: Option<&'a str>) -> Self {
        match (email, phone) {
            (Some(email), _) => Reach::Email(email),
            (None, Some(phone)) if E164Phone::parse(phone).is_ok() => Reach::Phone(phone),
            _ => Reach::Nowhere,
        }
    }

    /// Where that is, for people; `None` if it is nowhere.
    pub fn address(self) -> Option<&'a str> {
        match self {
            Reach::Email(address) | Reach::Phone(address) => Some(address),
            Reach::Nowhere => None,
        }
    }
}

impl Attendee {
    /// `1 of 3 in`: of a party of which not all were admitted yet.
    pub fn partly_in(&self) -> Option<String> {
        let partly = self.status == AttendeeStatus::CheckedIn && (1..self.seats).contains(&self.seats_in);
        partly.then(|| format!("{} of {} in", self.seats_in, self.seats))
    }

    /// Whether they bought their tickets at the door, rather than book them.
    pub fn bought_at_door(&self) -> bool {
        self.at_door && self.source == AttendeeSource::Direct
    }

    /// How they came, in a word: the source, or `door`.
    pub fn came_by(&self) -> &'static str {
        if self.bought_at_door() { "door" } else { self.source.as_str() }
    }

    /// What came back, or nothing of that currency.
    fn back(&self) -> Money {
        let nothing = || Money { minor: 0, currency: self.price_paid.currency.clone() };
        self.refunded.clone().unwrap_or_else(nothing)
    }

    /// What of a booking that goes on was cancelled, where anything was: `1 ticket cancelled`.
    pub fn partly_gone(&self) -> Option<String> {
        (self.seats_gone > 0 && self.status.takes_seats())
            .then(|| format!("{} cancelled", count(i64::from(self.seats_gone), "ticket", "tickets")))
    }

    /// What came back of what was paid: `Refunded ₹900`, `₹400 of ₹900 refunded`.
    pub fn money_back(&self) -> Option<String> {
        let (paid, back) = (&self.price_paid, self.refunded.as_ref()?);
        Some(match back.minor >= paid.minor {
            true => format!("Refunded {}", back.display()),
            false => format!("{} of {} refunded", back.display(), paid.display()),
        })
    }

    /// What was paid and has not come back, where there is any: `₹500`.
    pub fn not_refunded(&self) -> Option<String> {
        let rest = Money { minor: self.price_paid.minor - self.back().minor, ..self.price_paid.clone() };
        (rest.minor > 0).then(|| rest.display())
    }

    /// How this guest is told what happens.
    pub fn reach(&self) -> Reach<'_> {
        Reach::of(self.email.as_deref(), self.phone.as_deref())
    }
}

/// `1 ticket`, `3 tickets`.
fn count(number: i64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

impl Attendee {
    /// What taking this guest off the list means, for whoever is about to: numbers and money first.
    pub fn removal(&self) -> Vec<String> {
        let tickets = count(i64::from(self.seats), "ticket", "tickets");
        let mut said = vec![format!("{tickets} will be voided and the seats offered to the waiting list.")];
        said.extend(self.not_refunded().map(|rest| format!("{rest} was paid. It is not refunded automatically.")));
        said.push(match self.reach() {
            Reach::Email(address) => format!("The reason is emailed to {address}."),
            Reach::Phone(number) => format!("A text message with a link to the reason goes to {number}."),
            Reach::Nowhere => format!("{}: this guest can't be notified.", self.unreachable()),
        });
        said
    }

    /// Why a guest cannot be told of anything.
    pub fn unreachable(&self) -> &'static str {
        if self.phone.is_some() { "No email, and a phone without country code" } else { "No email or phone" }
    }
}

impl GuestTotals {
    /// What calling the event off means, for whoever is about to: numbers and money first.
    pub fn cancellation(&self) -> Vec<String> {
        if self.guests == 0 {
            return vec!["Nobody has a ticket yet.".to_owned()];
        }
        let tickets = count(self.tickets, "ticket", "tickets");
        let told = count(self.guests - self.unreachable, "guest", "guests");
        let mut said = vec![format!("{tickets} will be voided. {told} will be notified by email or text message.")];
        if !self.paid.is_empty() {
            let paid: Vec<_> = self.paid.iter().map(Money::display).collect();
            said.push(format!(
                "{} was paid for those tickets. What was paid online is refunded automatically.",
                paid.join(" and ")
            ));
        }
        if self.unreachable > 0 {
            let others = count(self.unreachable, "guest has", "guests have");
            said.push(format!("{others} no email or phone and can't be notified."));
        }
        said
    }
}

wire! {
    /// A guest, with one ticket per seat.
    pub struct Attendee {
        pub id: AttendeeId,
        pub event_id: EventId,
        pub user_id: Option<EndUserId>,
        pub name: Option<String>,
        pub email: Option<String>,
        pub phone: Option<String>,
        pub request_id: Option<RequestId>,
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        /// Those still valid.
        pub seats: i32,
        /// Guests whose tickets were admitted at a gate, including those who have left.
        pub seats_in: i32,
        /// Tickets of the booking that were cancelled.
        #[serde(default)]
        pub seats_gone: i32,
        pub is_paid: bool,
        pub price_paid: Money,
        /// What of the price was refunded or is being refunded, where anything was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refunded: Option<Money>,
        pub status: AttendeeStatus,
        pub source: AttendeeSource,
        /// Whether the tickets were sold or given away at the door.
        #[serde(default)]
        pub at_door: bool,
        pub checked_in_at: Option<Timestamp>,
        pub cancelled_at: Option<Timestamp>,
        pub cancellation_reason: Option<String>,
        /// To the event's questions, by the question's id.
        pub answers: serde_json::Value,
        /// What those who run the event have noted; the guest does not see it.
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Order of the guests of an event; `-` is descending.
    #[derive(Copy, Eq, Default)]
    pub enum AttendeeSort {
        /// Latest arrivals first.
        #[default]
        #[serde(rename = "-created")]
        CreatedDesc,
        #[serde(rename = "created")]
        Created,
    }

    /// Filter, order and page of the guests of an event.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct AttendeeFilter {
        /// Part of the name, email or phone.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<AttendeeStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<TicketTypeId>,
        /// Any of these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub source: Option<Vec<AttendeeSource>>,
        /// Only those whose tickets were (or were not) sold or given away at the door.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub at_door: Option<bool>,
        /// Only those who can (or cannot) be told by mail or text message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reachable: Option<bool>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        /// The newest first if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sort: Option<AttendeeSort>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Removes a guest, or cancels your own booking.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct CancelAttendee {
        /// The organiser says why; a guest need not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }

    /// The guest's contact: an email or a phone number.
    #[serde(deny_unknown_fields)]
    pub struct GuestContact {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phone: Option<Phone>,
    }

    /// The guests of an event in numbers, and what cancelling would affect.
    pub struct GuestTotals {
        /// Guests who are going or inside.
        pub guests: i64,
        /// Tickets that would be void.
        pub tickets: i64,
        /// Guests who can be told neither by mail nor by text message.
        pub unreachable: i64,
        /// The price of those tickets, one amount per currency.
        pub paid: Vec<Money>,
    }

    /// A complimentary guest: an end user, or a person by name.
    #[serde(deny_unknown_fields)]
    pub struct NewComp {
        pub ticket_type_id: TicketTypeId,
        #[serde(default)]
        pub seats: Party,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phone: Option<Phone>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<Note>,
    }

    /// The caller's own bookings, requests and invitations for an event.
    pub struct OwnPart {
        /// Seats that are taken.
        pub attendees: Vec<Attendee>,
        /// Requests that wait for an answer or were accepted, with the seats they brought.
        pub requests: Vec<EventRequest>,
        /// Waiting list entries that are waiting or have an offer.
        pub waiting: Vec<WaitingEntry>,
        /// Invitations that want an answer.
        pub invites: Vec<EventInvite>,
        /// Seats held now, to be paid or offered by the waiting list.
        #[serde(default)]
        pub held: Vec<Reservation>,
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for Attendee {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Attendee>] = &[
        ("id", |a| a.id.to_string()),
        ("name", |a| a.name.clone().unwrap_or_default()),
        ("email", |a| a.email.clone().unwrap_or_default()),
        ("phone", |a| a.phone.clone().unwrap_or_default()),
        ("ticket_type", |a| a.ticket_type.clone()),
        ("seats", |a| a.seats.to_string()),
        ("status", |a| a.status.as_str().to_owned()),
        ("source", |a| a.came_by().to_owned()),
        ("currency", |a| a.price_paid.currency.to_string()),
        ("paid", |a| a.price_paid.decimal()),
        ("refunded", |a| a.back().decimal()),
        ("note", |a| a.note.clone().unwrap_or_default()),
        ("checked_in_at", |a| a.checked_in_at.map(|at| at.rfc3339()).unwrap_or_default()),
        ("cancelled_at", |a| a.cancelled_at.map(|at| at.rfc3339()).unwrap_or_default()),
        ("cancellation_reason", |a| a.cancellation_reason.clone().unwrap_or_default()),
        ("created_at", |a| a.created_at.rfc3339()),
    ];
}

impl Validate for AttendeeFilter {}
impl Validate for CancelAttendee {}
impl Validate for GuestContact {
    fn check(&self, errors: &mut FieldErrors) {
        if self.email.is_none() && self.phone.is_none() {
            errors.entry("email".to_owned()).or_default().push("or phone is required".to_owned());
        }
    }
}
impl Validate for NewComp {
    fn check(&self, errors: &mut FieldErrors) {
        if self.user_id.is_some() == self.name.is_some() {
            errors.entry("name".to_owned()).or_default().push("enter an end user or a name".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelling_names_numbers_and_money_first() {
        let money = |minor| Money { minor, currency: crate::kernel::money::Currency::parse("INR").unwrap() };
        let totals = GuestTotals { guests: 3, tickets: 5, unreachable: 1, paid: vec![money(240_000)] };
        assert_eq!(
            totals.cancellation(),
            [
                "5 tickets will be voided. 2 guests will be notified by email or text message.".to_owned(),
                format!(
                    "{} was paid for those tickets. What was paid online is refunded automatically.",
                    money(240_000).display()
                ),
                "1 guest has no email or phone and can't be notified.".to_owned(),
            ]
        );
        let none = GuestTotals { guests: 0, tickets: 0, unreachable: 0, paid: Vec::new() };
        assert_eq!(none.cancellation(), ["Nobody has a ticket yet."]);
    }

    #[test]
    fn what_came_back_is_said_in_words() {
        let money = |minor| Money { minor, currency: crate::kernel::money::Currency::parse("INR").unwrap() };
        let guest = |back: Option<i64>| {
            let mut guest = serde_json::json!({
                "id": uuid::Uuid::nil(), "event_id": uuid::Uuid::nil(), "ticket_type_id": uuid::Uuid::nil(),
                "ticket_type": "Lawn", "seats": 1, "seats_in": 0, "is_paid": true, "price_paid": money(90_000),
                "status": "going", "source": "direct", "answers": {}, "version": 1,
                "created_at": "2026-11-25T09:00:00Z", "updated_at": "2026-11-25T09:00:00Z",
            });
            guest["refunded"] = serde_json::json!(back.map(money));
            let guest: Attendee = serde_json::from_value(guest).unwrap();
            (guest.money_back().unwrap_or_default(), guest.not_refunded().unwrap_or_default())
        };
        assert_eq!(guest(None), (String::new(), "₹900".to_owned()));
        assert_eq!(guest(Some(40_000)), ("₹400 of ₹900 refunded".to_owned(), "₹500".to_owned()));
        assert_eq!(guest(Some(90_000)), ("Refunded ₹900".to_owned(), String::new()));
    }

    #[test]
    fn guests_are_told_where_they_can_be() {
        let told = |email, phone| Reach::of(email, phone).address();
        assert_eq!(told(Some("a@b.test"), Some("+919845012345")), Some("a@b.test"));
        assert_eq!(told(None, Some("+919845012345")), Some("+919845012345"));
        // Without the country's code nobody knows whose number it is.
        assert_eq!((told(None, Some("9845012345")), told(None, None)), (None, None));
    }

    #[test]
    fn steps_are_those_of_the_table() {
        use AttendeeStatus::*;
        for from in AttendeeStatus::ALL {
            for to in AttendeeStatus::ALL {
                let allowed = *from == Going && *to != Going;
                assert_eq!(from.next(*to).is_ok(), allowed, "{from:?} to {to:?}");
            }
        }
    }
}
