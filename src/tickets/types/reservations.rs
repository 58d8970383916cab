//! Seats held for a while, and the line for seats. [004 §2.8]

use std::collections::BTreeMap;

use operation::{FieldErrors, Validate};
use serde::Serialize;
use uuid::Uuid;

use super::{AnswerText, AttendeeId, Party, PromoWord, RequestId, ReservationId, TicketTypeId, WaitingId};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::error::Error;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

/// Answers to the event's questions: the question's id → the answer.
pub type Answers = BTreeMap<Uuid, AnswerText>;

wire_enum! {
    /// Current status of a reservation.
    pub enum ReservationStatus {
        /// Its seats are held.
        Active "active" "Active",
        /// It became an attendee.
        Consumed "consumed" "Consumed",
        /// It was given back.
        Released "released" "Released",
        /// Its time is over; no writer was needed for that.
        Expired "expired" "Expired",
    }

    /// Current status of a waiting list entry.
    pub enum WaitingStatus {
        /// On the waiting list.
        Waiting "waiting" "Waiting",
        /// Seats are held for them until the offer ends.
        Offered "offered" "Offered",
        /// They accepted the offer.
        Taken "taken" "Taken",
        /// The offer ended, or the event is over.
        Lapsed "lapsed" "Lapsed",
        /// They left the waiting list.
        Left "left" "Left",
    }
}

fn not_from(thing: &str, word: &str) -> Error {
    Error::new("invalid_transition", 409, "That step is not possible from here")
        .detail(format!("The {thing} is {word} now."))
}

impl ReservationStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: ReservationStatus) -> Result<ReservationStatus, Error> {
        use ReservationStatus::{Active, Consumed, Expired, Released};
        match (self, to) {
            (Active, Consumed | Released | Expired) => Ok(to),
            _ => Err(not_from("reservation", self.as_str())),
        }
    }
}
impl Reservation {
    /// Whether its seats wait for nothing but the payment: those of a request are told with it, and those of the waiting
    /// list once they are taken.
    pub fn is_to_pay(&self, offered: &[ReservationId]) -> bool {
        self.status == ReservationStatus::Active && self.request_id.is_none() && !offered.contains(&self.id)
    }
}
impl WaitingStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: WaitingStatus) -> Result<WaitingStatus, Error> {
        use WaitingStatus::{Lapsed, Left, Offered, Taken, Waiting};
        match (self, to) {
            (Waiting, Offered | Left | Lapsed) | (Offered, Taken | Lapsed | Left) => Ok(to),
            _ => Err(not_from("waiting list entry", self.as_str())),
        }
    }
}

wire! {
    /// Seats held for a while.
    pub struct Reservation {
        pub id: ReservationId,
        pub reservation_key: Uuid,
        pub event_id: EventId,
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        pub user_id: Option<EndUserId>,
        pub seats_reserved: i32,
        pub unit_price: Money,
        pub total: Money,
        pub status: ReservationStatus,
        pub consumed: bool,
        /// Its seats are free again from then on.
        pub expires_at: Timestamp,
        pub request_id: Option<RequestId>,
        pub waiting_list_entry_id: Option<WaitingId>,
        /// The guest, once the reservation is confirmed and tickets are issued.
        pub attendee_id: Option<AttendeeId>,
        pub created_at: Timestamp,
    }

    /// Takes seats.
    #[serde(deny_unknown_fields)]
    pub struct NewReservation {
        pub ticket_type_id: TicketTypeId,
        #[serde(default)]
        pub seats: Party,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub promo_code: Option<PromoWord>,
        /// To the event's questions, by the question's id.
        #[serde(default)]
        pub answers: Answers,
    }

    /// A place in the line for seats.
    pub struct WaitingEntry {
        pub id: WaitingId,
        pub event_id: EventId,
        pub ticket_type_id: TicketTypeId,
        pub ticket_type: String,
        pub user_id: EndUserId,
        pub user_name: Option<String>,
        pub seats: i32,
        pub status: WaitingStatus,
        pub offered_at: Option<Timestamp>,
        pub offer_expires_at: Option<Timestamp>,
        /// The reservation that holds the offered seats.
        pub reservation_id: Option<ReservationId>,
        pub created_at: Timestamp,
    }

    /// Joins the line.
    #[serde(deny_unknown_fields)]
    pub struct JoinWaitingList {
        pub ticket_type_id: TicketTypeId,
        #[serde(default)]
        pub seats: Party,
    }

    /// Takes what was offered.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct TakeOffer {
        #[serde(default)]
        pub answers: Answers,
    }
}

pub(super) fn check_answers(errors: &mut FieldErrors, answers: &Answers) {
    if answers.len() > 20 {
        errors.entry("answers".to_owned()).or_default().push("must be at most 20".to_owned());
    }
}

impl Validate for NewReservation {
    fn check(&self, errors: &mut FieldErrors) {
        check_answers(errors, &self.answers);
    }
}
impl Validate for JoinWaitingList {}
impl Validate for TakeOffer {
    fn check(&self, errors: &mut FieldErrors) {
        check_answers(errors, &self.answers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        use WaitingStatus::*;
        let allowed = [
            (Waiting, Offered),
            (Waiting, Left),
            (Waiting, Lapsed),
            (Offered, Taken),
            (Offered, Lapsed),
            (Offered, Left),
        ];
        for from in WaitingStatus::ALL {
            for to in WaitingStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
        for from in ReservationStatus::ALL {
            for to in ReservationStatus::ALL {
                let allowed = *from == ReservationStatus::Active && *to != ReservationStatus::Active;
                assert_eq!(from.next(*to).is_ok(), allowed, "{from:?} to {to:?}");
            }
        }
    }
}
