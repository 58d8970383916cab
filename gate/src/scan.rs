//! A scan, and its answer.

use uuid::Uuid;

use crate::wire::wire;
use crate::{Admit, Direction, Moment, Outcome, Reason, State};

wire! {
    /// A supervisor admits a guest against the rules.
    #[serde(deny_unknown_fields)]
    pub struct Force {
        /// The reason; recorded in the audit log.
        pub reason: String,
        /// The supervisor's own PIN; not needed on a phone that was paired as supervisor's, nor by a signed-in
        /// supervisor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pin: Option<String>,
    }

    /// A ticket is shown at a gate.
    #[serde(deny_unknown_fields)]
    pub struct ScanRequest {
        /// The content of the QR code, or the short code as entered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// Instead of a code: a ticket that was found by name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket: Option<Uuid>,
        /// The gate, by id or name. A phone's own gate counts, whatever it says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub gate: Option<String>,
        /// The direction; in if absent.
        #[serde(default = "inwards")]
        pub direction: Direction,
        /// Names this attempt: with the same one the first answer is given again.
        pub nonce: String,
        /// When it was scanned, by the device's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device_time: Option<Moment>,
        /// How many guests of the party are admitted; only the holder of this ticket if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub admit: Option<Admit>,
        /// `false`: look first, and let nobody in where there is something to see. `true`: it was seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub confirm: Option<bool>,
        /// A supervisor admits the guest against the rules.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub force: Option<Force>,
        /// The status of the phone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub health: Option<crate::Health>,
    }

    /// The ticket, as the gate shows it.
    pub struct ScanTicket {
        /// The ticket.
        pub id: Uuid,
        /// Its type.
        pub ticket_type_id: Uuid,
        /// The name of the type.
        pub ticket_type: String,
        /// Its present generation.
        pub generation: u32,
        /// Status after this scan.
        pub status: State,
    }

    /// The guest, as the gate shows them.
    pub struct ScanAttendee {
        /// The guest.
        pub id: Uuid,
        /// Their name, if one is known.
        pub name: Option<String>,
        /// Tickets of the party that stand.
        pub party: u16,
        /// How many of these are inside after this scan.
        pub inside: u16,
    }

    /// The use of a ticket that came first.
    pub struct FirstScan {
        /// When.
        pub at: Moment,
        /// At which gate.
        pub gate: Option<String>,
        /// The steward.
        pub by: Option<String>,
        /// The phone used.
        pub device: Option<String>,
        /// With the requesting phone.
        pub same_device: bool,
        /// It was admitted offline.
        pub offline: bool,
    }

    /// A guest's answer to a question of the event.
    pub struct ScanQuestion {
        /// The question.
        pub question: String,
        /// The answer.
        pub answer: String,
    }

    /// A gate, by id and name.
    pub struct GateName {
        /// The gate.
        pub id: Uuid,
        /// Its name.
        pub name: String,
    }

    /// Another event, of which the ticket is.
    pub struct OtherEvent {
        /// Its name.
        pub title: String,
        /// When it begins.
        pub start_at: Moment,
        /// Its time zone.
        pub timezone: String,
    }

    /// An amount that is due.
    pub struct Due {
        /// In the smallest unit of the currency.
        pub minor: i64,
        /// The currency.
        pub currency: String,
    }

    /// The result of a scan.
    pub struct ScanAnswer {
        /// The result.
        pub result: Outcome,
        /// Why not, or what to check first.
        pub reason: Option<Reason>,
        /// The record of this attempt.
        pub checkin_id: Uuid,
        /// The event whose gate it is.
        pub event_id: Option<Uuid>,
        /// The direction.
        pub direction: Direction,
        /// The gate it was judged for.
        pub gate: Option<GateName>,
        /// When it was judged, by the server's clock.
        pub at: Moment,
        /// The ticket; none if it is not one of this event.
        pub ticket: Option<ScanTicket>,
        /// The guest; none where the code is not good enough to be told.
        pub attendee: Option<ScanAttendee>,
        /// How many were admitted or checked out.
        pub admitted: u16,
        /// The holder was out and came back in.
        pub back_in: bool,
        /// Whether guests can leave and re-enter with the same ticket.
        pub may_return: bool,
        /// The rule a supervisor overrode to admit it.
        pub forced: Option<Reason>,
        /// The use that came first, where the ticket was used before.
        pub first_scan: Option<FirstScan>,
        /// The organiser's note about the guest.
        pub note: Option<String>,
        /// The guest's answers to the event's questions.
        pub questions: Vec<ScanQuestion>,
        /// From when on the ticket is good here, if it is too early.
        pub not_before: Option<Moment>,
        /// The gates where it may come in instead.
        pub go_to: Vec<GateName>,
        /// The amount to pay first.
        pub due: Option<Due>,
        /// The event it is for, if it is another of ours.
        pub other_event: Option<OtherEvent>,
        /// A ticket of the same party that was not used yet.
        pub unused_ticket: Option<Uuid>,
        /// Until when it can be undone.
        pub undo_until: Option<Moment>,
    }
}

fn inwards() -> Direction {
    Direction::In
}

#[cfg(feature = "operation")]
impl operation::Validate for ScanRequest {
    fn check(&self, errors: &mut operation::FieldErrors) {
        use crate::wire::text;
        if self.code.is_some() == self.ticket.is_some() {
            errors.entry("code".to_owned()).or_default().push("say a code or a ticket".to_owned());
        }
        // Whatever was scanned gets a verdict; only what cannot be a code at all is no input.
        if let Some(code) = &self.code
            && (code.trim().is_empty() || code.len() > 4000)
        {
            errors.entry("code".to_owned()).or_default().push("must have 1 to 4000 characters".to_owned());
        }
        if let Some(gate) = &self.gate {
            text(errors, "gate", gate, 1..=80, false);
        }
        text(errors, "nonce", &self.nonce, 1..=100, false);
        if let Some(force) = &self.force {
            force.check_fields(errors);
        }
        if let Some(health) = &self.health {
            health.check_fields(errors);
        }
    }
}

#[cfg(feature = "operation")]
impl Force {
    /// Its rules, as part of an input.
    pub fn check_fields(&self, errors: &mut operation::FieldErrors) {
        crate::wire::text(errors, "force.reason", &self.reason, 3..=500, true);
        if self
            .pin
            .as_ref()
            .is_some_and(|pin| !(4..=12).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()))
        {
            errors.entry("force.pin".to_owned()).or_default().push("must be 4 to 12 digits".to_owned());
        }
    }
}
