//! The way in: requests and invitations. [004 §2.6, §2.7]

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::reservations::check_answers;
use super::{Answers, InviteId, Party, RequestId, Reservation, ShareToken, TicketTypeId};
use crate::access::{EndUserId, wire};
use crate::events::{Event, EventId, Seats};
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::{Email, Note, Phone};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// Status of a request.
    pub enum RequestStatus {
        /// Waits for an answer.
        Pending "pending" "Pending",
        /// May come.
        Accepted "accepted" "Accepted",
        /// May not.
        Declined "declined" "Declined",
        /// Was withdrawn.
        Cancelled "cancelled" "Cancelled",
    }

    /// Current status of an invitation.
    pub enum InviteStatus {
        /// Waits for an answer.
        Pending "pending" "Pending",
        /// Attends.
        Accepted "accepted" "Accepted",
        /// Does not come.
        Declined "declined" "Declined",
        /// It has expired or was revoked.
        Expired "expired" "Expired",
    }

    /// How a guest is invited.
    pub enum InviteType {
        /// One person.
        Direct "direct" "Direct",
        /// Anyone with the link.
        ShareLink "share_link" "Share_Link",
    }
}

impl RequestStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: RequestStatus) -> Result<RequestStatus, Error> {
        use RequestStatus::{Accepted, Cancelled, Declined, Pending};
        match (self, to) {
            (Pending, Accepted | Declined | Cancelled) | (Accepted, Cancelled) => Ok(to),
            _ => Err(is_now("request", self.as_str())),
        }
    }
}
impl EventInvite {
    /// Whether it went to an address instead of an account.
    pub fn is_addressed(&self) -> bool {
        self.invited_email.is_some() || self.invited_phone.is_some()
    }
}
impl InviteStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: InviteStatus) -> Result<InviteStatus, Error> {
        use InviteStatus::{Accepted, Declined, Expired, Pending};
        match (self, to) {
            (Pending, Accepted | Declined | Expired) => Ok(to),
            _ => Err(is_now("invitation", self.as_str())),
        }
    }
}

wire! {
    /// A guest requests to attend.
    pub struct EventRequest {
        pub id: RequestId,
        pub event_id: EventId,
        pub requester_user_id: EndUserId,
        pub requester_name: Option<String>,
        pub message: String,
        pub status: RequestStatus,
        pub host_message: Option<String>,
        pub seats_requested: i32,
        pub ticket_type_id: Option<TicketTypeId>,
        pub answers: serde_json::Value,
        pub decided_at: Option<Timestamp>,
        /// The reservation of an accepted request.
        pub reservation: Option<Reservation>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Asks to come.
    #[serde(deny_unknown_fields)]
    pub struct NewRequest {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<Note>,
        #[serde(default)]
        pub seats_requested: Party,
        /// The organiser chooses if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<TicketTypeId>,
        #[serde(default)]
        pub answers: Answers,
    }

    /// The organiser's answer, or the requester's second thoughts.
    #[serde(deny_unknown_fields)]
    pub struct RequestDecision {
        /// `accepted` and `declined` are the organiser's, `cancelled` the requester's.
        pub status: RequestStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub host_message: Option<Note>,
        /// The ticket type; the requested one or else the first public one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<TicketTypeId>,
        /// Where seats are missing, the event and the ticket type grow by so many, which are this guest's: the waiting
        /// list is offered none of them. Takes `tickets.manage` too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub add_seats: Option<bool>,
    }

    /// Filter and page of requests.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct RequestFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<RequestStatus>>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// A guest is invited.
    pub struct EventInvite {
        pub id: InviteId,
        pub event_id: EventId,
        pub host_user_id: Option<EndUserId>,
        pub invited_user_id: Option<EndUserId>,
        pub invited_name: Option<String>,
        /// The address it was transferred to, if the recipient has no account.
        pub invited_email: Option<String>,
        /// The same by text message; only who signs in with this number can accept it.
        pub invited_phone: Option<String>,
        pub status: InviteStatus,
        pub message: String,
        pub invite_type: InviteType,
        pub ticket_type_id: Option<TicketTypeId>,
        /// The name of the ticket type; the first public one if absent.
        pub ticket_type: Option<String>,
        /// The price of a ticket of the chosen type.
        #[serde(default)]
        pub price: Option<Money>,
        pub seats: i32,
        /// When it was revoked, by the organiser or with its event.
        #[serde(default)]
        pub revoked_at: Option<Timestamp>,
        /// For a share link: how often it can still be used.
        pub uses_left: Option<i32>,
        /// How many bookings it led to. Shown to those who manage the event.
        pub uses: Option<i64>,
        /// For a share link. Shown to those who manage the event.
        #[cfg_attr(feature = "ssr", schemars(extend("x-secret" = true)))]
        pub link: Option<String>,
        /// Who created it. Shown to those who manage the event.
        pub created_by_name: Option<String>,
        pub expires_at: Timestamp,
        /// The reservation of an accepted invitation.
        pub reservation: Option<Reservation>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// What a share link is for, as shown to anyone with the link.
    pub struct SharedInvite {
        pub event: Event,
        /// How many seats a person can book.
        pub seats: i32,
        /// The ticket it is for, hidden ones too.
        #[serde(default)]
        pub ticket_type: Option<String>,
        /// The cost of one of them.
        #[serde(default)]
        pub price: Option<Money>,
        pub message: String,
        pub expires_at: Timestamp,
    }

    /// Invites one person, or makes a link that can be shared.
    #[serde(deny_unknown_fields)]
    pub struct NewInvite {
        pub invite_type: InviteType,
        /// For a direct invitation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invited_user_id: Option<EndUserId>,
        /// For a direct invitation to someone who may have no account. Its link works once, for anyone who has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invited_email: Option<Email>,
        /// The same by text message. Its link works once, for the person who signs in with this number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invited_phone: Option<Phone>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub message: Option<Note>,
        /// The ticket type, which can be hidden; the first public one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<TicketTypeId>,
        /// How many seats each person can book.
        #[serde(default)]
        pub seats: Party,
        /// Of a share link: how often it can be used; 50 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_uses: Option<Seats>,
        /// Two weeks if absent, and at latest when the event ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Timestamp>,
    }

    /// The answer to an invitation.
    #[serde(deny_unknown_fields)]
    pub struct InviteDecision {
        /// `accepted` and `declined` are the invited person's, `expired` takes it back.
        pub status: InviteStatus,
        #[serde(default)]
        pub answers: Answers,
    }

    /// Accepts an invitation by share link.
    #[serde(deny_unknown_fields)]
    pub struct ShareLinkUse {
        pub token: ShareToken,
        #[serde(default)]
        pub seats: Party,
        #[serde(default)]
        pub answers: Answers,
    }
}

impl Validate for NewRequest {
    fn check(&self, errors: &mut FieldErrors) {
        check_answers(errors, &self.answers);
    }
}
impl Validate for RequestDecision {
    fn check(&self, errors: &mut FieldErrors) {
        if self.status == RequestStatus::Pending {
            errors.entry("status".to_owned()).or_default().push("must be accepted, declined or cancelled".to_owned());
        }
    }
}
impl Validate for RequestFilter {}
impl Validate for NewInvite {
    fn check(&self, errors: &mut FieldErrors) {
        let mut say = |field: &str, message: &str| errors.entry(field.to_owned()).or_default().push(message.to_owned());
        let to = [self.invited_user_id.is_some(), self.invited_email.is_some(), self.invited_phone.is_some()];
        match (self.invite_type, to.iter().filter(|given| **given).count()) {
            (InviteType::Direct, 1) | (InviteType::ShareLink, 0) => {}
            (InviteType::Direct, _) => say("invited_email", "enter an email, a phone number or a user"),
            (InviteType::ShareLink, _) => say("invited_user_id", "is for direct invitations, not for share links"),
        }
        if self.invite_type == InviteType::Direct && self.max_uses.is_some() {
            say("max_uses", "is of share links");
        }
    }
}
impl Validate for InviteDecision {
    fn check(&self, errors: &mut FieldErrors) {
        check_answers(errors, &self.answers);
        if self.status == InviteStatus::Pending {
            errors.entry("status".to_owned()).or_default().push("must be accepted, declined or expired".to_owned());
        }
    }
}
impl Validate for ShareLinkUse {
    fn check(&self, errors: &mut FieldErrors) {
        check_answers(errors, &self.answers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        use RequestStatus::*;
        let allowed = [(Pending, Accepted), (Pending, Declined), (Pending, Cancelled), (Accepted, Cancelled)];
        for from in RequestStatus::ALL {
            for to in RequestStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
        for from in InviteStatus::ALL {
            for to in InviteStatus::ALL {
                let allowed = *from == InviteStatus::Pending && *to != InviteStatus::Pending;
                assert_eq!(from.next(*to).is_ok(), allowed, "{from:?} to {to:?}");
            }
        }
    }
}
