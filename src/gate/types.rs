//! What the Command Center sends and takes of gates; what phones do stands in `eventify-gate`.

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

use crate::access::{GateDeviceId, wire};
use crate::events::EventId;
use crate::kernel::page::Limit;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Note, Reason};
use crate::kernel::timestamp::Timestamp;
use crate::partners::words;
use crate::tickets::{AttendeeId, Ticket, TicketId, TicketTypeId};
use crate::{id_type, text_type};
use eventify_gate::{Direction, GateWay, LiveUpdate, Outcome, State};

id_type! {
    /// A gate of an event.
    GateId,
    /// The record of an attempt to come in or go out.
    CheckinId,
    /// Something two records disagree on.
    ConflictId,
    /// A live update.
    LiveUpdateId,
}

fn pin_rule(text: String) -> Result<String, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { Ok(text) } else { Err("must be digits".to_owned()) }
}

text_type! {
    /// What a gate or a phone is called.
    GateTitle(1, 60, "Gate A"),
    /// A supervisor's PIN.
    GatePin(4, 12, "482910", pin_rule; "pattern" = "^[0-9]*$"),
}

words! {
    /// What a person has to look at.
    pub enum ConflictKind {
        /// One ticket let two people in.
        DoubleAdmission "double_admission" "Double_Admission",
        /// A void ticket let somebody in.
        VoidTicket "void_ticket" "Void_Ticket",
        /// A revoked phone says that it let somebody in.
        RevokedDevice "revoked_device" "Revoked_Device",
    }

    /// What happened, as a person found out.
    pub enum Resolution {
        /// Two guests of one booking showed one code: the unused ticket is closed as used.
        TwoGuests "two_guests" "Two_Guests",
        /// The same person twice, who had left without a scan: one less inside.
        SamePerson "same_person" "Same_Person",
        /// Somebody came in with a copy.
        Copied "copied" "Copied",
        /// Nobody can tell.
        Unknown "unknown" "Unknown",
    }

    /// How a phone is.
    pub enum DeviceHealth {
        /// Was heard of within two minutes, and nothing waits.
        Well "well" "Well",
        /// Has scans that wait to be sent, or that were not taken.
        Waiting "waiting" "Waiting",
        /// Was not heard of for two minutes.
        Silent "silent" "Silent",
        /// Was revoked.
        Revoked "revoked" "Revoked",
        /// Its token ran out.
        Expired "expired" "Expired",
    }
}

wire! {
    /// A gate of an event.
    pub struct Gate {
        pub id: GateId,
        pub event_id: EventId,
        pub name: String,
        /// Which ways it lets people through.
        pub direction: GateWay,
        /// The ticket types that may come in here; all if empty.
        pub ticket_types: Vec<TicketTypeId>,
        /// It opens then; with the event's hours if absent.
        pub opens_at: Option<Timestamp>,
        /// It closes then.
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

    /// What an event decides about its gates.
    pub struct GateSettings {
        pub event_id: EventId,
        /// Who went out may come back in with the same ticket.
        pub reentry: bool,
        /// Without a network, a genuine code of a ticket that the phone does not know is let in.
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
        /// It forces without a PIN, and annuls.
        pub supervisor: bool,
        /// Who showed the pairing code.
        pub paired_by: Option<String>,
        pub paired_at: Timestamp,
        /// Its token ends then.
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub last_seen_at: Timestamp,
        pub health: DeviceHealth,
        /// Of its battery, in percent.
        pub battery: Option<i32>,
        pub app_version: Option<String>,
        /// Scans that wait to be sent.
        pub queued: i32,
        /// Scans that were not taken and that nobody has looked at.
        pub refused: i32,
        /// Its storage is kept by the browser.
        pub storage_kept: Option<bool>,
        /// By how many milliseconds its clock is ahead.
        pub clock_ahead_ms: Option<i64>,
        pub version: i64,
    }

    /// A pairing code to be shown.
    #[serde(deny_unknown_fields)]
    pub struct NewPairing {
        /// The gate the phone will stand at.
        pub gate_id: GateId,
        /// A supervisor's phone: it forces without a PIN, and annuls.
        #[serde(default)]
        pub supervisor: bool,
    }

    /// A pairing code: good for one phone, one gate and ten minutes.
    pub struct Pairing {
        /// As it is typed.
        pub code: String,
        /// What the QR code says: opens the app and pairs it.
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

    /// One of the admissions of a conflict.
    pub struct ConflictSide {
        pub checkin_id: CheckinId,
        /// When it happened; by the phone's clock, put right.
        pub at: Timestamp,
        /// When we learned of it.
        pub recorded_at: Timestamp,
        /// What the phone's clock said.
        pub device_time: Option<Timestamp>,
        /// The gate's name.
        pub gate: String,
        /// Who stood there.
        pub by: Option<String>,
        /// The phone's name.
        pub device: Option<String>,
        /// It was decided without a network.
        pub offline: bool,
        /// By how many milliseconds that phone's clock was ahead.
        pub clock_ahead_ms: Option<i64>,
    }

    /// Something two records disagree on.
    pub struct Conflict {
        pub id: ConflictId,
        pub event_id: EventId,
        pub kind: ConflictKind,
        pub ticket_id: Option<TicketId>,
        pub attendee_id: Option<AttendeeId>,
        /// The guest's name.
        pub guest: Option<String>,
        pub ticket_type: Option<String>,
        /// The admission that was known.
        pub first: Option<ConflictSide>,
        /// The one that arrived later.
        pub second: ConflictSide,
        /// By how many milliseconds the later one's clock was ahead.
        pub clock_ahead_ms: Option<i64>,
        /// A ticket of the same booking that was not used.
        pub unused_ticket_id: Option<TicketId>,
        /// What was found out; absent while it is open.
        pub resolution: Option<Resolution>,
        pub note: Option<String>,
        pub resolved_by: Option<String>,
        pub resolved_at: Option<Timestamp>,
        pub closed_ticket_id: Option<TicketId>,
        pub version: i64,
        pub created_at: Timestamp,
    }

    /// Which conflicts are asked for.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct ConflictFilter {
        /// Only those that are open, or those that are not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub open: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// What happened.
    #[serde(deny_unknown_fields)]
    pub struct ResolveConflict {
        pub resolution: Resolution,
        /// What was found out; kept with your name.
        pub note: Note,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// An attempt to come in or go out.
    pub struct Attempt {
        pub id: CheckinId,
        pub ticket_id: Option<TicketId>,
        /// When; of a scan without a network by the phone's clock, put right.
        pub at: Timestamp,
        pub direction: Direction,
        /// What it came to; `annulled` takes an admission back.
        pub result: String,
        /// Why not.
        pub reason: Option<String>,
        /// People who came in or went out.
        pub people: i32,
        /// The gate's name.
        pub gate: String,
        /// Who stood there; guests do not see it.
        pub by: Option<String>,
        /// The phone's name; guests do not see it.
        pub device: Option<String>,
        /// It was decided without a network.
        pub offline: bool,
        /// A supervisor let it in in spite of this.
        pub forced: Option<String>,
        /// It was taken back then.
        pub annulled_at: Option<Timestamp>,
    }

    /// A ticket and everything that happened to it at the gates.
    pub struct TicketStanding {
        #[serde(flatten)]
        pub ticket: Ticket,
        /// Every attempt, refused ones too, the latest first; at most 200.
        pub attempts: Vec<Attempt>,
    }

    /// An event that goes on now.
    pub struct LiveEvent {
        pub event_id: EventId,
        pub title: String,
        pub city: String,
        pub start_at: Timestamp,
        pub end_at: Timestamp,
        pub timezone: String,
        /// Tickets that stand.
        pub tickets: i32,
        /// People inside now.
        pub inside: i64,
        /// Phones that are paired.
        pub devices: i64,
        /// Conflicts that are open.
        pub conflicts: i64,
    }

    /// One gate in numbers.
    pub struct GateCount {
        /// Absent where a scan named no gate.
        pub gate_id: Option<GateId>,
        pub name: String,
        /// People who came in there.
        pub came_in: i64,
        /// People who went out there.
        pub went_out: i64,
        /// Attempts that were not admitted.
        pub refused: i64,
    }

    /// One ticket type in numbers.
    pub struct TypeCount {
        pub ticket_type_id: TicketTypeId,
        pub name: String,
        /// Tickets that stand.
        pub tickets: i32,
        /// People who came in with one.
        pub came_in: i64,
        /// Of them, who are inside.
        pub inside: i64,
    }

    /// One minute in numbers.
    pub struct MinuteCount {
        pub minute: Timestamp,
        pub came_in: i64,
        pub went_out: i64,
        pub refused: i64,
    }

    /// A reason in numbers.
    pub struct RefusalCount {
        pub reason: String,
        pub count: i64,
    }

    /// What can be expected of a minute.
    pub struct ExpectedArrivals {
        pub minute: Timestamp,
        /// People, on average.
        pub people: f64,
    }

    /// The gates of an event in numbers, at most two seconds behind the scans.
    pub struct GateBoard {
        pub event_id: EventId,
        pub title: String,
        pub timezone: String,
        pub start_at: Timestamp,
        pub end_at: Timestamp,
        /// When the figures were put together.
        pub as_of: Timestamp,
        /// Tickets that stand.
        pub tickets: i32,
        /// Attempts, all of them.
        pub scans: i64,
        /// People who came in.
        pub came_in: i64,
        /// People inside now.
        pub inside: i64,
        /// Attempts that were not admitted.
        pub refused: i64,
        pub gates: Vec<GateCount>,
        pub types: Vec<TypeCount>,
        /// The last three hours in which something happened.
        pub minutes: Vec<MinuteCount>,
        /// When guests can be expected, by a plain curve around the start.
        pub expected: Vec<ExpectedArrivals>,
        pub refusals: Vec<RefusalCount>,
        /// Phones that were not revoked.
        pub devices: Vec<GateDevice>,
        /// Conflicts that are open.
        pub conflicts: i64,
        /// The last ten updates, pinned ones first.
        pub updates: Vec<LiveUpdate>,
    }

    /// A line of the printed door list: one ticket, and so one person.
    pub struct DoorLine {
        pub ticket_id: TicketId,
        /// The holder's name.
        pub name: String,
        pub ticket_type: String,
        /// As it can be typed.
        pub short_code: String,
        /// Where the ticket stands.
        pub status: State,
        pub note: Option<String>,
    }

    /// How updates are asked for.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateFilter {
        /// Only those that came or changed after this place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Changes to an update.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdatePatch {
        /// It stays on top.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pinned: Option<bool>,
    }

    /// An attempt as it is audited, where it is.
    pub struct AuditedScan {
        pub id: CheckinId,
        pub event_id: EventId,
        pub ticket_id: Option<TicketId>,
        pub gate: String,
        pub result: Outcome,
        /// The reason that was passed over.
        pub forced: Option<String>,
        pub annulled_at: Option<Timestamp>,
    }
}

fn say(errors: &mut FieldErrors, field: &str, message: &str) {
    errors.entry(field.to_owned()).or_default().push(message.to_owned());
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
impl Validate for ConflictFilter {}
impl Validate for ResolveConflict {}
impl Validate for UpdateFilter {}
impl Validate for UpdatePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.pinned.is_none() {
            say(errors, "pinned", "is required");
        }
    }
}
