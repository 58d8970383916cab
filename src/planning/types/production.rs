//! Stages, and what is built, tried and shown on them.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{
    Clash, PlanNote, PlanPlace, PlanStatus, PlanTitle, ProductionId, ProductionKind, StageId, StageKind, StageName,
};
use super::{check_hours, say};
use crate::access::wire;
use crate::events::{EventId, VenueId};
use crate::kernel::patch::Patch;
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A stage or a room: of a venue, for all that is held there, or of one event.
    pub struct Stage {
        pub id: StageId,
        pub venue_id: Option<VenueId>,
        pub event_id: Option<EventId>,
        pub name: String,
        pub kind: StageKind,
        /// Minutes between two entries on it.
        pub changeover_minutes: i32,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new stage.
    #[serde(deny_unknown_fields)]
    pub struct NewStage {
        pub name: StageName,
        /// A stage if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<StageKind>,
        /// Minutes between two entries on it.
        #[serde(default)]
        pub changeover_minutes: i32,
        /// Whether it belongs to the venue and is shared by all events there; otherwise it belongs to this event only.
        #[serde(default)]
        pub of_venue: bool,
    }

    /// Changes to a stage.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct StagePatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<StageName>,
        /// Minutes between two entries on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub changeover_minutes: Option<i32>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// An entry of an event's production schedule.
    pub struct ProductionEntry {
        pub id: ProductionId,
        pub event_id: EventId,
        pub title: String,
        pub kind: ProductionKind,
        /// The stage it takes.
        pub stage_id: Option<StageId>,
        /// The stage's name.
        pub stage: Option<String>,
        /// The location, if not on a stage.
        pub location: Option<String>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: PlanStatus,
        pub note: Option<String>,
        /// Its clashes. Returned by writes.
        #[serde(default)]
        pub clashes: Vec<Clash>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new entry of an event's production schedule.
    #[serde(deny_unknown_fields)]
    pub struct NewProductionEntry {
        pub event_id: EventId,
        pub title: PlanTitle,
        pub kind: ProductionKind,
        /// The stage it takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stage_id: Option<StageId>,
        /// The location, if not on a stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub location: Option<PlanPlace>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// Confirmed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<PlanStatus>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to an entry of the production schedule.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct ProductionPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<PlanTitle>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<ProductionKind>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub stage_id: Patch<StageId>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub location: Patch<PlanPlace>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub starts_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ends_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<PlanStatus>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

fn check_changeover(errors: &mut FieldErrors, minutes: i32) {
    if !(0..=600).contains(&minutes) {
        say(errors, "changeover_minutes", "must be between 0 and 600");
    }
}

impl Validate for NewStage {
    fn check(&self, errors: &mut FieldErrors) {
        check_changeover(errors, self.changeover_minutes);
    }
}
impl Validate for StagePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.name.is_none() && self.changeover_minutes.is_none() {
            say(errors, "name", "change at least one field");
        }
        check_changeover(errors, self.changeover_minutes.unwrap_or(0));
    }
}
impl Validate for NewProductionEntry {
    fn check(&self, errors: &mut FieldErrors) {
        check_hours(errors, Some(self.starts_at), Some(self.ends_at));
        if matches!(self.status, Some(PlanStatus::Done | PlanStatus::Cancelled)) {
            say(errors, "status", "must be pencilled or confirmed");
        }
    }
}
impl Validate for ProductionPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(ProductionPatch { version: self.version, ..ProductionPatch::default() }) {
            say(errors, "title", "change at least one field");
        }
        check_hours(errors, self.starts_at, self.ends_at);
    }
}
