//! What happened at the gates: attempts, conflicts, numbers, updates.

use eventify_gate::{Direction, LiveUpdate, Outcome};
use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{CheckinId, ConflictId, ConflictKind, GateDevice, GateId, Resolution};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::page::Limit;
use crate::kernel::text::Note;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{AttendeeId, Ticket, TicketId, TicketTypeId};

wire! {
    /// One of the admissions of a conflict.
    pub struct ConflictSide {
        pub checkin_id: CheckinId,
        /// When it happened; by the phone's clock, put right.
        pub at: Timestamp,
        /// When we learned of it.
        pub recorded_at: Timestamp,
        /// The time on the phone's clock.
        pub device_time: Option<Timestamp>,
        /// The gate's name.
        pub gate: String,
        /// The steward.
        pub by: Option<String>,
        /// The phone's name.
        pub device: Option<String>,
        /// Whether it was decided offline.
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
        /// The finding; absent while it is open.
        pub resolution: Option<Resolution>,
        pub note: Option<String>,
        pub resolved_by: Option<String>,
        pub resolved_at: Option<Timestamp>,
        pub closed_ticket_id: Option<TicketId>,
        pub version: i64,
        pub created_at: Timestamp,
    }

    /// Filter for conflicts.
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
        /// The finding; stored with your name.
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
        /// The result; `annulled` undoes an admission.
        pub result: String,
        /// Why not.
        pub reason: Option<String>,
        /// People who came in or went out.
        pub people: i32,
        /// The gate's name.
        pub gate: String,
        /// The steward. Not shown to guests.
        pub by: Option<String>,
        /// The phone's name; guests do not see it.
        pub device: Option<String>,
        /// Whether it was decided offline.
        pub offline: bool,
        /// The rule a supervisor overrode to admit it.
        pub forced: Option<String>,
        /// It was undone at that time.
        pub annulled_at: Option<Timestamp>,
    }

    /// A ticket and everything that happened to it at the gates.
    pub struct TicketStanding {
        #[serde(flatten)]
        pub ticket: Ticket,
        /// Every attempt, refused ones too, the latest first; at most 200.
        pub attempts: Vec<Attempt>,
        /// There are earlier attempts than those.
        pub more: bool,
    }

    /// An event that goes on now.
    pub struct LiveEvent {
        pub event_id: EventId,
        pub title: String,
        pub city: String,
        pub start_at: Timestamp,
        pub end_at: Timestamp,
        pub timezone: String,
        /// Valid tickets.
        pub tickets: i32,
        /// People inside now.
        pub inside: i64,
        /// Phones that are paired.
        pub devices: i64,
        /// Open conflicts.
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
        /// Valid tickets.
        pub tickets: i32,
        /// People who came in with one.
        pub came_in: i64,
        /// Guests inside.
        pub inside: i64,
        /// Of those who came in, by admissions that nobody has resolved: a ticket used twice, or a void one.
        #[serde(default)]
        pub unresolved: i64,
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

    /// The expected arrivals of a minute.
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
        /// When these numbers were computed.
        pub as_of: Timestamp,
        /// Valid tickets.
        pub tickets: i32,
        /// Attempts, all of them.
        pub scans: i64,
        /// People who came in.
        pub came_in: i64,
        /// People inside now, whatever let them in.
        pub inside: i64,
        /// Of those inside, people who came in on an earlier day of the event and were not scanned out. A day begins at
        /// 6 a.m. in local time; an event of at most one day has none.
        #[serde(default)]
        pub inside_overnight: i64,
        /// Of those who came in, by admissions that nobody has resolved: a ticket used twice, or a void one.
        #[serde(default)]
        pub unresolved: i64,
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
        /// Open conflicts.
        pub conflicts: i64,
        /// The last ten updates, pinned ones first.
        pub updates: Vec<LiveUpdate>,
    }

    /// Parameters of the list of updates.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdateFilter {
        /// Only those that came or changed after this place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub after: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Changes to an update.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct UpdatePatch {
        /// Pinned to the top.
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

impl Validate for ConflictFilter {}
impl Validate for ResolveConflict {
    fn check(&self, errors: &mut FieldErrors) {
        if self.resolution == Resolution::Annulled {
            let wrong = "undo one of its scans instead: that resolves the conflict".to_owned();
            errors.entry("resolution".to_owned()).or_default().push(wrong);
        }
    }
}
impl Validate for UpdateFilter {}
impl Validate for UpdatePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.pinned.is_none() {
            errors.entry("pinned".to_owned()).or_default().push("is required".to_owned());
        }
    }
}
