//! Who takes part. [004 §2.9]

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

use super::{AttendeeId, EventInvite, EventRequest, Party, RequestId, TicketTypeId, WaitingEntry};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::error::Error;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::{Email, Note, PersonName, Phone, Reason, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::partners::words;

words! {
    /// Where somebody who takes part stands.
    pub enum AttendeeStatus {
        /// Comes.
        Going "going" "Going",
        /// Changed their mind, or passed the ticket on.
        NotGoing "not_going" "Not_Going",
        /// Is in, or was.
        CheckedIn "checked_in" "Checked_In",
        /// Was taken off, or the event was called off.
        Cancelled "cancelled" "Cancelled",
    }

    /// How somebody came to take part.
    pub enum AttendeeSource {
        /// Took seats.
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
        /// Somebody passed the ticket on.
        Transfer "transfer" "Transfer",
    }
}

impl AttendeeStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: AttendeeStatus) -> Result<AttendeeStatus, Error> {
        use AttendeeStatus::{Cancelled, CheckedIn, Going, NotGoing};
        match (self, to) {
            (Going, CheckedIn | NotGoing | Cancelled) => Ok(to),
            _ => Err(Error::new("invalid_transition", 409, "That step is not possible from here")
                .detail(format!("The guest is {} now.", self.word().replace('_', " ")))),
        }
    }

    /// Whether the seats are taken.
    pub fn takes_seats(self) -> bool {
        matches!(self, AttendeeStatus::Going | AttendeeStatus::CheckedIn)
    }
}

wire! {
    /// Somebody who takes part, with one ticket per seat.
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
        /// Those that still stand.
        pub seats: i32,
        pub is_paid: bool,
        pub price_paid: Money,
        pub status: AttendeeStatus,
        pub source: AttendeeSource,
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

    /// Filter and page of the guests of an event, in the order they came.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct AttendeeFilter {
        /// Part of the name, e-mail or phone.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<AttendeeStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<TicketTypeId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Takes somebody off, or steps back.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct CancelAttendee {
        /// The organiser says why; a guest need not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }

    /// A guest of the organiser, who pays nothing: an end user, or somebody by name.
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

    /// What of an event is the caller's own.
    pub struct OwnPart {
        /// Seats that are taken.
        pub attendees: Vec<Attendee>,
        /// Requests that wait for an answer or were accepted, with the seats they brought.
        pub requests: Vec<EventRequest>,
        /// Places on the waiting list that wait or have an offer.
        pub waiting: Vec<WaitingEntry>,
        /// Invitations that want an answer.
        pub invites: Vec<EventInvite>,
    }

    /// How a guest list is taken.
    #[serde(deny_unknown_fields)]
    pub struct ImportQuery {
        /// The ticket type of guests whose row names none.
        pub ticket_type_id: TicketTypeId,
        /// Says what would happen; nobody is added.
        #[serde(default)]
        pub dry_run: bool,
        /// Adds the other guests where rows are wrong, and passes over unknown columns; else one wrong row
        /// refuses the list.
        #[serde(default)]
        pub skip_errors: bool,
    }

    /// A row of a guest list, and what is to be said of it.
    pub struct ImportRow {
        /// The row in the file; the one that names the columns is row 1.
        pub row: i64,
        /// The column, such as `email`; empty if it is the whole row.
        pub column: String,
        pub message: String,
    }

    /// What became of a guest list, or with `dry_run` what would.
    pub struct ImportOutcome {
        /// Guests who are new.
        pub imported: i32,
        /// Seats they take.
        pub seats: i32,
        /// Rows of guests who are on the list already: see `skipped_rows`.
        pub skipped: i32,
        /// Rows that are wrong: see `errors`.
        pub failed: i32,
        pub skipped_rows: Vec<ImportRow>,
        pub errors: Vec<ImportRow>,
        /// Columns that mean nothing to us.
        pub ignored_columns: Vec<String>,
        /// Nobody was added: it was only asked what would happen.
        pub dry_run: bool,
    }
}

impl ImportRow {
    /// As people read it: "Row 3, email: “x” is not an email address".
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.place(), self.message)
    }

    /// Where it is: "Row 3, email".
    pub fn place(&self) -> String {
        match self.column.as_str() {
            "" => format!("Row {}", self.row),
            column => format!("Row {}, {}", self.row, column.replace('_', " ")),
        }
    }
}

impl Validate for AttendeeFilter {}
impl Validate for CancelAttendee {}
impl Validate for ImportQuery {}
impl Validate for NewComp {
    fn check(&self, errors: &mut FieldErrors) {
        if self.user_id.is_some() == self.name.is_some() {
            errors.entry("name".to_owned()).or_default().push("say an end user, or a name".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
