//! Tickets. [003 tickets, 004 §2.10]

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{AttendeeId, TicketId, TicketTypeId};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::error::{Error, is_now};
use crate::kernel::page::Limit;
use crate::kernel::text::{Email, PersonName, Phone, Reason, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// Status of a ticket.
    pub enum TicketStatus {
        /// Good for the way in.
        Issued "issued" "Issued",
        /// Its holder is inside.
        Inside "inside" "Inside",
        /// Its holder went out and may come back.
        Outside "outside" "Outside",
        /// Void.
        Revoked "revoked" "Revoked",
        /// Void, and paid back.
        Refunded "refunded" "Refunded",
    }
}

impl TicketStatus {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            TicketStatus::Issued => "Issued",
            TicketStatus::Inside => "Inside",
            TicketStatus::Outside => "Outside",
            TicketStatus::Revoked => "Void",
            TicketStatus::Refunded => "Refunded",
        }
    }

    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: TicketStatus) -> Result<TicketStatus, Error> {
        use TicketStatus::{Inside, Issued, Outside, Refunded, Revoked};
        match (self, to) {
            (Issued | Outside, Inside | Revoked | Refunded) | (Inside, Outside) => Ok(to),
            _ => Err(is_now("ticket", self.as_str())),
        }
    }

    /// Whether money for it can make it void: not where somebody is inside with it.
    pub fn can_be_refunded(self) -> bool {
        self.next(TicketStatus::Refunded).is_ok()
    }
}

wire! {
    /// A ticket: one seat.
    pub struct Ticket {
        pub id: TicketId,
        pub event_id: EventId,
        pub event_title: String,
        pub event_start_at: Timestamp,
        /// Its time zone.
        #[serde(default)]
        pub event_timezone: String,
        /// Whether the event has ended.
        #[serde(default)]
        pub event_over: bool,
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        pub attendee_id: AttendeeId,
        pub user_id: Option<EndUserId>,
        pub holder_name: Option<String>,
        pub status: TicketStatus,
        /// Increased by transfers and reissues; older codes no longer work.
        pub generation: i32,
        pub issued_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub revoke_reason: Option<String>,
        pub version: i64,
    }

    /// Filter and page of tickets, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct TicketFilter {
        /// Part of the holder's name, email or phone, or the ticket's whole short code.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub attendee_id: Option<AttendeeId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<TicketStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The codes of a ticket.
    pub struct TicketCode {
        pub ticket_id: TicketId,
        pub generation: i32,
        /// The content of the QR code.
        pub code: String,
        /// The code to enter instead.
        pub short_code: String,
        /// The QR code as an SVG image.
        pub svg: String,
        pub valid_from: Timestamp,
        pub valid_until: Timestamp,
    }

    /// Transfers a ticket to an end user, or to a name and email address.
    #[serde(deny_unknown_fields)]
    pub struct TransferTicket {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phone: Option<Phone>,
    }

    /// Voids a ticket.
    #[serde(deny_unknown_fields)]
    pub struct RevokeTicket {
        pub reason: Reason,
    }

    /// Sends a ticket again.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct ResendTicket {
        /// Issue a new code first; earlier codes stop working. For tickets that were lost or seen by others.
        #[serde(default)]
        pub reissue: bool,
    }
}

impl Validate for TicketFilter {}
impl Validate for RevokeTicket {}
impl Validate for ResendTicket {}
impl Validate for TransferTicket {
    fn check(&self, errors: &mut FieldErrors) {
        if self.user_id.is_some() == self.name.is_some() {
            errors.entry("name".to_owned()).or_default().push("enter an end user or a name".to_owned());
        }
        if self.name.is_some() && self.email.is_none() {
            errors.entry("email".to_owned()).or_default().push("is required to send the ticket".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        use TicketStatus::*;
        let allowed = [
            (Issued, Inside),
            (Issued, Revoked),
            (Issued, Refunded),
            (Inside, Outside),
            (Outside, Inside),
            (Outside, Revoked),
            (Outside, Refunded),
        ];
        for from in TicketStatus::ALL {
            for to in TicketStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
