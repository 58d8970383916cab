//! Equipment on its way: what to bring to an event, which units are out, and what is going to be short.

use operation::Validate;
use serde::Serialize;

use super::{
    BookingStatus, EquipmentBookingId, EquipmentHandoutId, EquipmentId, EquipmentUnitId, SerialNumber, UnitState,
};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A line of a pick list: what is to be brought to an event, and how much of it is out.
    pub struct PickLine {
        pub booking_id: EquipmentBookingId,
        pub equipment_id: EquipmentId,
        /// Its name.
        pub equipment: String,
        pub category: String,
        /// How many are needed.
        pub units: i32,
        /// The code of the unit, if a specific one is needed.
        pub code: Option<String>,
        /// For which stage.
        pub stage: Option<String>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: BookingStatus,
        /// The codes of the units that are out.
        pub out: Vec<String>,
        /// How many of the units checked out by code were returned.
        pub returned: i64,
        /// When it should have been back; absent while nothing of it is late.
        pub overdue_since: Option<Timestamp>,
        pub note: Option<String>,
    }

    /// A unit that was handed out to an event.
    pub struct EquipmentHandout {
        pub id: EquipmentHandoutId,
        pub event_id: EventId,
        pub booking_id: EquipmentBookingId,
        pub unit_id: EquipmentUnitId,
        /// The code printed on it.
        pub code: String,
        /// What it is.
        pub equipment: String,
        pub out_at: Timestamp,
        /// When it came back.
        pub in_at: Option<Timestamp>,
        /// In which state it came back, where that is another one.
        #[serde(default)]
        pub state: Option<UnitState>,
        /// The status of the booking since then.
        pub booking_status: BookingStatus,
    }

    /// A unit that is handed out.
    #[serde(deny_unknown_fields)]
    pub struct UnitScan {
        /// Its code or serial number.
        pub code: SerialNumber,
    }

    /// A unit to check in.
    #[serde(deny_unknown_fields)]
    pub struct UnitReturn {
        /// Its code or serial number.
        pub code: SerialNumber,
        /// In which state; as it was if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub state: Option<UnitState>,
    }

    /// A booking that takes part in a shortage.
    pub struct ShortageBooking {
        pub booking_id: EquipmentBookingId,
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        /// Time zone of the event.
        pub timezone: String,
        /// How many it needs.
        pub units: i32,
        pub status: BookingStatus,
    }

    /// When an event uses equipment, and how much of it.
    pub struct EquipmentUse {
        pub booking_id: EquipmentBookingId,
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        /// Time zone of its times.
        pub timezone: String,
        /// How many it needs.
        pub units: i32,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: BookingStatus,
    }

    /// Equipment of which more is wanted at a time than can be used, over all events.
    pub struct Shortage {
        pub equipment_id: EquipmentId,
        /// Its name.
        pub equipment: String,
        /// From when.
        pub starts_at: Timestamp,
        /// End of the time with the same bookings.
        pub ends_at: Timestamp,
        /// How many are needed, including pencilled bookings.
        pub needed: i64,
        /// How many are available.
        pub usable: i64,
        /// Who wants them.
        pub bookings: Vec<ShortageBooking>,
    }
}

impl Shortage {
    /// How many are missing.
    pub fn missing(&self) -> i64 {
        self.needed - self.usable
    }
}

impl Validate for UnitScan {}
impl Validate for UnitReturn {}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for PickLine {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("equipment", |row| row.equipment.clone()),
        ("category", |row| row.category.clone()),
        ("units", |row| row.units.to_string()),
        ("code", |row| row.code.clone().unwrap_or_default()),
        ("stage", |row| row.stage.clone().unwrap_or_default()),
        ("needed_from", |row| row.starts_at.rfc3339()),
        ("needed_to", |row| row.ends_at.rfc3339()),
        ("status", |row| row.status.as_str().to_owned()),
        ("out", |row| row.out.join(" ")),
        ("returned", |row| row.returned.to_string()),
        ("note", |row| row.note.clone().unwrap_or_default()),
    ];
}
