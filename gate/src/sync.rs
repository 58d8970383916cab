//! What a phone and the server tell each other beside scans: pairing, what happened without a network, how the phone is.

use uuid::Uuid;

use crate::wire::{wire, wire_enum};
use crate::{Admit, Direction, EventFacts, GateFacts, GateName, Moment, Outcome, PublicKey, Reason, SentScan};

/// What a pairing QR code begins with, before the pairing code.
pub const PAIRING_PREFIX: &str = "EVFPAIR1.";

/// The pairing code in what was scanned or typed: the QR code's text, a link that ends in `#pair=…`, or the code alone.
pub fn pairing_code(text: &str) -> Option<String> {
    let text = text.trim();
    let code = text.strip_prefix(PAIRING_PREFIX).or_else(|| text.split_once("#pair=").map(|(_, code)| code));
    crate::typed(code.unwrap_or(text))
}

wire_enum! {
    /// The result of an offline scan.
    pub enum SyncOutcome {
        /// It was recorded as it happened.
        Accepted "accepted",
        /// It was recorded as it happened and needs review: the ticket was also admitted elsewhere, or was void.
        Conflict "conflict",
        /// It was rejected; see `reason`.
        Refused "refused",
    }

    /// Why a queued scan was rejected.
    pub enum SyncRefusal {
        /// It is not one of our codes.
        Invalid "invalid",
        /// We have not signed it.
        SignatureInvalid "signature_invalid",
        /// It is another event's.
        WrongEvent "wrong_event",
        /// A genuine code of a ticket that does not exist here.
        NotInList "not_in_list",
        /// The phone was revoked: what it says is kept, and changes nothing.
        DeviceRevoked "device_revoked",
        /// It is malformed.
        Malformed "malformed",
    }
}

wire! {
    /// Trades a pairing code for a phone's own token.
    #[serde(deny_unknown_fields)]
    pub struct PairRequest {
        /// The code: what the QR says, or as it was typed.
        pub code: String,
        /// The name of the phone in lists, such as `Gate A, phone 2`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// App version, such as `1.4.0`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub app_version: Option<String>,
        /// The device this phone was before, if it was one: what it has queued is still known by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub was: Option<Uuid>,
    }

    /// A phone that is paired.
    pub struct PairAnswer {
        /// Its token, shown this once: `Authorization: Bearer evd_…`.
        pub token: String,
        /// The token ends then.
        pub expires_at: Moment,
        /// The phone and its status.
        pub device: DeviceState,
    }

    /// A phone as the server knows it.
    pub struct DeviceState {
        /// The device.
        pub id: Uuid,
        /// Its name.
        pub name: String,
        /// A supervisor's phone: it forces without a PIN, and annuls.
        pub supervisor: bool,
        /// The event.
        pub event: EventFacts,
        /// The gate it is at.
        pub gate: GateFacts,
        /// All gates of the event.
        pub gates: Vec<GateFacts>,
        /// The keys that codes and manifests may be signed with.
        pub keys: Vec<PublicKey>,
        /// It was revoked: delete the list and the token once the queue has been sent.
        pub revoked: bool,
        /// The server's clock.
        pub now: Moment,
    }

    /// The status of a phone.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct Health {
        /// Battery level in percent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub battery: Option<u8>,
        /// App version, such as `1.4.0`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub app_version: Option<String>,
        /// Scans waiting to be sent.
        #[serde(default)]
        pub queued: u32,
        /// Rejected scans that nobody has reviewed.
        #[serde(default)]
        pub refused: u32,
        /// Whether the browser keeps its storage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub storage_kept: Option<bool>,
        /// The version of its manifest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub manifest: Option<String>,
    }

    /// A scan that a phone decided by itself. What a newer app says beside it is passed over: it holds up no queue.
    pub struct QueuedScan {
        /// The scanned code, or the short code as entered.
        pub code: String,
        /// The gate at which the phone stood.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub gate: Option<Uuid>,
        /// The direction.
        pub direction: Direction,
        /// Names the attempt.
        pub nonce: String,
        /// The device that scanned, where this phone was another then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub device: Option<Uuid>,
        /// When, by the phone's clock.
        pub device_time: Moment,
        /// The result the phone gave.
        pub result: Outcome,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
        /// How many were admitted or checked out.
        #[serde(default)]
        pub admitted: u16,
        /// The seats that were requested.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub admit: Option<Admit>,
        /// The steward's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub staff: Option<String>,
        /// The rule a supervisor overrode to admit it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub forced: Option<Reason>,
        /// The supervisor's reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub force_reason: Option<String>,
    }

    /// Offline scans and the phone's status. Without scans, a heartbeat.
    #[serde(deny_unknown_fields)]
    pub struct SyncRequest {
        /// The phone's clock as it sends this.
        pub sent_at: Moment,
        /// Scans, in the order they were made; at most 200.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Vec<QueuedScan>"))]
        pub scans: Vec<SentScan>,
        /// The status of the phone.
        #[serde(default)]
        pub health: Health,
        /// The event, if a team member sends the scans for a phone that no longer can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<Uuid>,
    }

    /// The result of one scan.
    pub struct SyncedScan {
        /// The attempt.
        pub nonce: String,
        /// The outcome.
        pub outcome: SyncOutcome,
        /// Why it was rejected.
        pub reason: Option<SyncRefusal>,
        /// Its record.
        pub checkin_id: Option<Uuid>,
        /// Items that need attention.
        pub conflict_id: Option<Uuid>,
        /// It was already recorded; this is the first answer again.
        pub repeated: bool,
        /// Where the ticket was first admitted, if not by this scan.
        pub first_scan: Option<crate::FirstScan>,
    }

    /// The results of the sent scans.
    pub struct SyncAnswer {
        /// The server's clock.
        pub now: Moment,
        /// By how many milliseconds the phone's clock is ahead, as far as this call shows.
        pub clock_ahead_ms: i64,
        /// Each scan, in the order it was sent.
        pub scans: Vec<SyncedScan>,
        /// The phone and its current status; absent if a team member sent the scans.
        pub device: Option<DeviceState>,
        /// The manifest's present version: with another one than its own, the phone asks for what has changed.
        pub manifest: Option<String>,
    }

    /// Looks for people without a code.
    #[serde(deny_unknown_fields)]
    pub struct DoorQuery {
        /// Part of a name, an email or a phone number, or a whole short code or order number.
        #[cfg_attr(feature = "schema", schemars(extend("examples" = ["Pillai"])))]
        pub q: String,
    }

    /// A guest found by search. Scan the ticket to admit them.
    pub struct DoorGuest {
        /// The ticket.
        pub ticket_id: Uuid,
        /// The guest.
        pub attendee_id: Uuid,
        /// Their name, if one is known.
        pub name: Option<String>,
        /// The last digits of their phone number.
        pub phone_ends: Option<String>,
        /// The name of the ticket type.
        pub ticket_type: String,
        /// Status of the ticket.
        pub status: crate::State,
        /// Tickets of the party that stand.
        pub party: u16,
        /// How many of these are inside.
        pub inside: u16,
    }

    /// The guests found; at most 20.
    pub struct DoorFound {
        /// The guests' tickets.
        pub items: Vec<DoorGuest>,
        /// There are more: look for more letters.
        pub more: bool,
    }

    /// Undoes an admission.
    #[serde(deny_unknown_fields)]
    pub struct AnnulRequest {
        /// The reason; recorded in the audit log.
        pub reason: String,
        /// A supervisor's PIN, if neither the phone nor the signed-in person is a supervisor.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pin: Option<String>,
    }

    /// An admission that was undone.
    pub struct Annulled {
        /// The attempt that was annulled.
        pub checkin_id: Uuid,
        /// When.
        pub at: Moment,
        /// Tickets that may be used again.
        pub tickets: Vec<Uuid>,
    }

    /// A guest added at the door.
    #[serde(deny_unknown_fields)]
    pub struct DoorGuestAdd {
        /// Their name.
        #[cfg_attr(feature = "schema", schemars(extend("pattern" =
            r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$")))]
        pub name: String,
        /// The ticket type; the first that the gate takes if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<Uuid>,
        /// How many seats.
        #[serde(default = "one")]
        pub seats: u16,
        /// The note.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<String>,
    }

    /// A guest who was added at the door.
    pub struct DoorGuestAdded {
        /// The guest.
        pub attendee_id: Uuid,
        /// Their tickets, to be scanned by id.
        pub tickets: Vec<Uuid>,
        /// The gate where it was.
        pub gate: GateName,
    }
}

fn one() -> u16 {
    1
}

#[cfg(feature = "operation")]
mod checks {
    use operation::{FieldErrors, Validate};

    use super::*;
    use crate::wire::text;

    fn optional(errors: &mut FieldErrors, field: &str, value: Option<&String>, most: usize, lines: bool) {
        if let Some(value) = value {
            text(errors, field, value, 1..=most, lines);
        }
    }

    impl Health {
        /// Its rules, as part of an input.
        pub fn check_fields(&self, errors: &mut FieldErrors) {
            if self.battery.is_some_and(|battery| battery > 100) {
                errors.entry("health.battery".to_owned()).or_default().push("must be between 0 and 100".to_owned());
            }
            optional(errors, "health.app_version", self.app_version.as_ref(), 40, false);
            optional(errors, "health.manifest", self.manifest.as_ref(), 100, false);
        }
    }

    impl Validate for PairRequest {
        fn check(&self, errors: &mut FieldErrors) {
            text(errors, "code", &self.code, 1..=500, false);
            optional(errors, "name", self.name.as_ref(), 60, false);
            optional(errors, "app_version", self.app_version.as_ref(), 40, false);
        }
    }

    /// A scan that breaks a rule is answered by itself, so that it holds up no other.
    impl Validate for SyncRequest {
        fn check(&self, errors: &mut FieldErrors) {
            if self.scans.len() > 200 {
                errors.entry("scans".to_owned()).or_default().push("at most 200 scans at once".to_owned());
            }
            self.health.check_fields(errors);
        }
    }

    impl QueuedScan {
        /// Whether it can be taken at all.
        pub fn is_well_formed(&self) -> bool {
            let mut errors = FieldErrors::new();
            text(&mut errors, "nonce", &self.nonce, 1..=100, false);
            text(&mut errors, "code", &self.code, 1..=4000, true);
            optional(&mut errors, "staff", self.staff.as_ref(), 200, false);
            optional(&mut errors, "force_reason", self.force_reason.as_ref(), 500, true);
            errors.is_empty() && self.admitted <= 100
        }
    }

    impl Validate for DoorQuery {
        fn check(&self, errors: &mut FieldErrors) {
            text(errors, "q", &self.q, 2..=100, false);
        }
    }

    impl Validate for AnnulRequest {
        fn check(&self, errors: &mut FieldErrors) {
            text(errors, "reason", &self.reason, 3..=500, true);
            if self
                .pin
                .as_ref()
                .is_some_and(|pin| !(4..=12).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()))
            {
                errors.entry("pin".to_owned()).or_default().push("must be 4 to 12 digits".to_owned());
            }
        }
    }

    impl Validate for DoorGuestAdd {
        fn check(&self, errors: &mut FieldErrors) {
            text(errors, "name", &self.name, 1..=120, false);
            optional(errors, "note", self.note.as_ref(), 2000, true);
            if !(1..=20).contains(&self.seats) {
                errors.entry("seats".to_owned()).or_default().push("must be between 1 and 20".to_owned());
            }
        }
    }
}
