//! Places. [004 §2.3]

use operation::{FieldErrors, Validate};
use serde::Serialize;
use serde_json::Value;

use super::{Address, City, EventId, Seats, TimeZone, VenueId};
use crate::access::wire;
use crate::kernel::patch::Patch;
use crate::kernel::text::Title;
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;

wire! {
    /// A place where events are held.
    pub struct Venue {
        pub id: VenueId,
        pub name: String,
        pub address: String,
        pub city: String,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub timezone: String,
        /// The capacity: the most seats an event there can have.
        pub capacity: Option<i32>,
        /// The partner whose place it is.
        pub partner_id: Option<PartnerId>,
        pub partner_name: Option<String>,
        /// Published events there that are not over.
        #[serde(default)]
        pub upcoming_events: i64,
        /// The start of the first of them.
        #[serde(default)]
        pub next_event_at: Option<Timestamp>,
        /// Accessibility, indoor or outdoor, and other hints.
        pub metadata: Value,
        pub retired_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// The published event that has a venue at certain hours.
    pub struct VenueHolder {
        pub event_id: EventId,
        /// The event's title.
        pub title: String,
        /// The venue's name.
        pub venue: String,
        pub start_at: Timestamp,
        pub end_at: Timestamp,
    }

    /// Coordinates: degrees north and east.
    #[derive(Copy)]
    #[serde(deny_unknown_fields)]
    pub struct Position {
        pub latitude: f64,
        pub longitude: f64,
    }

    /// A new venue.
    #[serde(deny_unknown_fields)]
    pub struct NewVenue {
        pub name: Title,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub address: Option<Address>,
        pub city: City,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub position: Option<Position>,
        /// The organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub timezone: Option<TimeZone>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub capacity: Option<Seats>,
        /// A partner's own contacts can add venues for their partner only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
        /// An object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub metadata: Option<Value>,
    }

    /// Changes to a venue.
    #[serde(deny_unknown_fields)]
    pub struct VenuePatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<Title>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub address: Option<Address>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub city: Option<City>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub position: Patch<Position>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub capacity: Patch<Seats>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub metadata: Option<Value>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

fn check_position(errors: &mut FieldErrors, position: &Position) {
    let on_earth = (-90.0..=90.0).contains(&position.latitude) && (-180.0..=180.0).contains(&position.longitude);
    if !on_earth {
        errors.entry("position".to_owned()).or_default().push("must be degrees north and east".to_owned());
    }
}

fn check_metadata(errors: &mut FieldErrors, metadata: &Value) {
    let small = metadata.to_string().len() <= 8_000;
    if !metadata.is_object() || !small {
        errors.entry("metadata".to_owned()).or_default().push("must be an object of at most 8,000 bytes".to_owned());
    }
}

impl Validate for NewVenue {
    fn check(&self, errors: &mut FieldErrors) {
        if let Some(position) = &self.position {
            check_position(errors, position);
        }
        if let Some(metadata) = &self.metadata {
            check_metadata(errors, metadata);
        }
    }
}
impl Validate for VenuePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if let Patch::Value(position) = &self.position {
            check_position(errors, position);
        }
        if let Some(metadata) = &self.metadata {
            check_metadata(errors, metadata);
        }
    }
}
