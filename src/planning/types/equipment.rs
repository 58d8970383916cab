//! Equipment: what there is, and which event needs it when.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{
    BookingStatus, Clash, EquipmentBookingId, EquipmentCategory, EquipmentId, EquipmentName, EquipmentUnitId, PlanNote,
    SerialNumber, StageId, UnitCode, UnitState, check_hours, say,
};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::page::Limit;
use crate::kernel::patch::Patch;
use crate::kernel::text::SearchText;
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A kind of equipment, and how many there are.
    pub struct Equipment {
        pub id: EquipmentId,
        pub name: String,
        pub category: String,
        /// How many there are.
        pub units_owned: i32,
        /// How many of them are available, not counting those in repair or lost.
        pub units_usable: i64,
        /// The start of its next booking, of the events that are not over; in the past while it is in use.
        #[serde(default)]
        pub next_use_at: Option<Timestamp>,
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Filter for equipment.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct EquipmentFilter {
        /// Part of the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        /// The `next_cursor` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// How many rows it holds at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// New equipment.
    #[serde(deny_unknown_fields)]
    pub struct NewEquipment {
        pub name: EquipmentName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub category: Option<EquipmentCategory>,
        /// How many there are.
        pub units_owned: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to equipment.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct EquipmentPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<EquipmentName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub category: Option<EquipmentCategory>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub units_owned: Option<i32>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// One piece of equipment that is known by itself.
    pub struct EquipmentUnit {
        pub id: EquipmentUnitId,
        pub equipment_id: EquipmentId,
        /// The code printed on it.
        pub code: String,
        pub serial_number: Option<String>,
        pub state: UnitState,
        /// The event that has it checked out now.
        pub out_at: Option<String>,
        pub note: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new piece of equipment.
    #[serde(deny_unknown_fields)]
    pub struct NewEquipmentUnit {
        pub code: UnitCode,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub serial_number: Option<SerialNumber>,
    }

    /// Changes to a piece of equipment.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct EquipmentUnitPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub state: Option<UnitState>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub serial_number: Patch<SerialNumber>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// Equipment that an event needs.
    pub struct EquipmentBooking {
        pub id: EquipmentBookingId,
        pub event_id: EventId,
        pub equipment_id: EquipmentId,
        /// The name of the equipment.
        pub equipment: String,
        /// How many.
        pub units: i32,
        /// The unit, if a specific one is needed.
        pub unit_id: Option<EquipmentUnitId>,
        /// For which stage.
        pub stage_id: Option<StageId>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: BookingStatus,
        pub note: Option<String>,
        /// Its clashes. Returned by writes.
        #[serde(default)]
        pub clashes: Vec<Clash>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Equipment that an event is going to need.
    #[serde(deny_unknown_fields)]
    pub struct NewEquipmentBooking {
        pub event_id: EventId,
        pub equipment_id: EquipmentId,
        /// How many.
        pub units: i32,
        /// The unit, if a specific one is needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub unit_id: Option<EquipmentUnitId>,
        /// For which stage.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stage_id: Option<StageId>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// Confirmed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<BookingStatus>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Changes to equipment that an event needs.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct EquipmentBookingPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub units: Option<i32>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub unit_id: Patch<EquipmentUnitId>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub stage_id: Patch<StageId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub starts_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ends_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<BookingStatus>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub note: Patch<PlanNote>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

fn check_units(errors: &mut FieldErrors, field: &str, units: i32, least: i32) {
    if !(least..=100_000).contains(&units) {
        say(errors, field, &format!("must be between {least} and 100,000"));
    }
}

impl Validate for EquipmentFilter {}
impl Validate for NewEquipment {
    fn check(&self, errors: &mut FieldErrors) {
        check_units(errors, "units_owned", self.units_owned, 0);
    }
}
impl Validate for EquipmentPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(EquipmentPatch { version: self.version, ..EquipmentPatch::default() }) {
            say(errors, "name", "change at least one field");
        }
        check_units(errors, "units_owned", self.units_owned.unwrap_or(0), 0);
    }
}
impl Validate for NewEquipmentUnit {}
impl Validate for EquipmentUnitPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(EquipmentUnitPatch { version: self.version, ..EquipmentUnitPatch::default() }) {
            say(errors, "state", "change at least one field");
        }
    }
}
impl Validate for NewEquipmentBooking {
    fn check(&self, errors: &mut FieldErrors) {
        check_hours(errors, Some(self.starts_at), Some(self.ends_at));
        check_units(errors, "units", self.units, 1);
        if self.unit_id.is_some() && self.units != 1 {
            say(errors, "units", "must be 1 where a certain unit is chosen");
        }
        if !matches!(self.status, None | Some(BookingStatus::Pencilled | BookingStatus::Confirmed)) {
            say(errors, "status", "must be pencilled or confirmed");
        }
    }
}
impl Validate for EquipmentBookingPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self == &(EquipmentBookingPatch { version: self.version, ..EquipmentBookingPatch::default() }) {
            say(errors, "units", "change at least one field");
        }
        check_hours(errors, self.starts_at, self.ends_at);
        check_units(errors, "units", self.units.unwrap_or(1), 1);
    }
}
