//! Gates, what an event decides about them, and the phones at them.

use eventify_gate::GateWay;
use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{DeviceHealth, GateId, GatePin, GateTitle};
use crate::access::{GateDeviceId, wire};
use crate::events::EventId;
use crate::kernel::patch::Patch;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketTypeId;

wire! {
    /// A gate of an event.
    pub struct Gate {
        pub id: GateId,
        pub event_id: EventId,
        pub name: String,
        /// The directions it allows.
        pub direction: GateWay,
        /// The ticket types that may come in here; all if empty.
        pub ticket_types: Vec<TicketTypeId>,
        /// When it opens; the event's hours if absent.
        pub opens_at: Option<Timestamp>,
        /// When it closes.
        pub closes_at: Option<Timestamp>,
        /// A steward here may add a guest to the list.
        pub adds_guests: bool,
        /// Phones that stand there.
        pub devices: i64,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new gate.
    #[serde(deny_unknown_fields)]
    pub struct NewGate {
        pub name: GateTitle,
        /// Both if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub direction: Option<GateWay>,
        /// The ticket types that may come in here; all if empty.
        #[serde(default)]
        pub ticket_types: Vec<TicketTypeId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub opens_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub closes_at: Option<Timestamp>,
        /// A steward here may add a guest to the list.
        #[serde(default)]
        pub adds_guests: bool,
    }

    /// Changes to a gate.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct GatePatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<GateTitle>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub direction: Option<GateWay>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_types: Option<Vec<TicketTypeId>>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub opens_at: Patch<Timestamp>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub closes_at: Patch<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub adds_guests: Option<bool>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// The gate settings of an event.
    pub struct GateSettings {
        pub event_id: EventId,
        /// Whether guests can leave and re-enter with the same ticket.
        pub reentry: bool,
        /// Offline, genuine codes of tickets the phone does not know are admitted.
        pub offline_unknown: bool,
        /// After so many milliseconds without an answer the phone decides by itself: 500 to 3000.
        pub decide_ms: i32,
        pub version: i64,
    }

    /// Changes to what an event decides about its gates.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct GateSettingsPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reentry: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub offline_unknown: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub decide_ms: Option<i32>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// A phone that is paired with a gate.
    pub struct GateDevice {
        pub id: GateDeviceId,
        pub event_id: EventId,
        pub gate_id: GateId,
        /// The gate's name.
        pub gate: String,
        pub name: String,
        /// Whether it can admit without a PIN and undo scans.
        pub supervisor: bool,
        /// Who showed the pairing code.
        pub paired_by: Option<String>,
        pub paired_at: Timestamp,
        /// Its token ends then.
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub last_seen_at: Timestamp,
        pub health: DeviceHealth,
        /// Battery level in percent.
        pub battery: Option<i32>,
        pub app_version: Option<String>,
        /// Scans waiting to be sent.
        pub queued: i32,
        /// Rejected scans that nobody has reviewed.
        pub refused: i32,
        /// Whether the browser keeps its storage.
        pub storage_kept: Option<bool>,
        /// By how many milliseconds its clock is ahead.
        pub clock_ahead_ms: Option<i64>,
        pub version: i64,
    }

    /// A pairing code to be shown.
    #[serde(deny_unknown_fields)]
    pub struct NewPairing {
        /// The gate the phone will be used at.
        pub gate_id: GateId,
        /// A supervisor's phone: it forces without a PIN, and annuls.
        #[serde(default)]
        pub supervisor: bool,
    }

    /// A pairing code: good for one phone, one gate and ten minutes.
    pub struct Pairing {
        /// As it is typed.
        pub code: String,
        /// The content of the QR code, which opens the app and pairs it.
        pub link: String,
        /// The QR code as an SVG image.
        pub svg: String,
        pub gate_id: GateId,
        /// The gate's name.
        pub gate: String,
        pub supervisor: bool,
        pub expires_at: Timestamp,
    }

    /// Changes to a phone.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct GateDevicePatch {
        /// Moves it to another gate of its event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub gate_id: Option<GateId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<GateTitle>,
    }

    /// Why a phone is revoked.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct RevokeDevice {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }

    /// A supervisor's own PIN; `null` removes it.
    #[serde(deny_unknown_fields)]
    pub struct GatePinInput {
        pub pin: Option<GatePin>,
    }
}

impl Validate for NewGate {
    fn check(&self, errors: &mut FieldErrors) {
        if self.opens_at.zip(self.closes_at).is_some_and(|(opens, closes)| opens >= closes) {
            say(errors, "closes_at", "must be after it opens");
        }
        if self.ticket_types.len() > 100 {
            say(errors, "ticket_types", "at most 100");
        }
    }
}
impl Validate for GatePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(GatePatch { version: self.version, ..GatePatch::default() }) {
            say(errors, "name", "change at least one field");
        }
        if self.ticket_types.as_ref().is_some_and(|types| types.len() > 100) {
            say(errors, "ticket_types", "at most 100");
        }
    }
}
impl Validate for GateSettingsPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.decide_ms.is_some_and(|ms| !(500..=3000).contains(&ms)) {
            say(errors, "decide_ms", "must be between 500 and 3000");
        }
        if self.reentry.is_none() && self.offline_unknown.is_none() && self.decide_ms.is_none() {
            say(errors, "reentry", "change at least one field");
        }
    }
}
impl Validate for NewPairing {}
impl Validate for GateDevicePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.gate_id.is_none() && self.name.is_none() {
            say(errors, "gate_id", "change at least one field");
        }
    }
}
impl Validate for RevokeDevice {}
impl Validate for GatePinInput {}
