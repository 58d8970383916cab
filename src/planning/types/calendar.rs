//! The calendar of all events: where each is, how much is planned for it, and whether something clashes.

use operation::{FieldErrors, Validate};
use serde::Serialize;
use uuid::Uuid;

use super::say;
use crate::access::wire;
use crate::events::{EventId, EventStatus};
use crate::kernel::timestamp::Timestamp;

/// The longest stretch that is looked at at once.
pub const LONGEST_CALENDAR: time::Duration = time::Duration::days(62);

wire! {
    /// The date range of the calendar.
    #[serde(deny_unknown_fields)]
    pub struct CalendarQuery {
        /// From when.
        pub from: Timestamp,
        /// The end: at most 62 days later. More than 5,000 events are refused.
        pub to: Timestamp,
    }

    /// An event in the calendar.
    pub struct CalendarEvent {
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        pub status: EventStatus,
        /// The venue, where it is one that is known.
        pub venue_id: Option<Uuid>,
        /// The name of the venue.
        pub place: String,
        pub city: String,
        pub timezone: String,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// The day it starts, in local time.
        pub first_day: String,
        /// The last day of the event, in local time. An event that ends before 6 a.m. ends on the day before.
        pub last_day: String,
        /// When it starts, in local time.
        pub start_time: String,
        /// When it ends, in local time.
        #[serde(default)]
        pub end_time: String,
        /// How many entries its plan has.
        pub entries: i64,
        /// Hours of crew who are asked or have accepted.
        pub crew_hours: i64,
        /// How many people are still needed.
        pub people_needed: i64,
        /// How many clashes must be fixed.
        pub must_fix: i64,
        /// How many need attention.
        pub to_check: i64,
        /// Other events at the same venue at the same time.
        pub same_venue: Vec<String>,
    }
}

impl Validate for CalendarQuery {
    fn check(&self, errors: &mut FieldErrors) {
        if self.from >= self.to {
            say(errors, "to", "must be after from");
        } else if self.to.0 - self.from.0 > LONGEST_CALENDAR {
            say(errors, "to", "must be at most 62 days after from");
        }
    }
}
