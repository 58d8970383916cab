//! Plans as calendars to subscribe to (RFC 5545). Times are moments, so that a calendar tells them by its own clocks
//! and a night with an hour more is as long as it is.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};
use operation::Answer;
use time::macros::format_description;
use uuid::Uuid;

use super::{AssignmentStatus, OwnShifts, PlanStatus, SharedPlan, TalentBooking};
use crate::kernel::error::{Result, internal};
use crate::kernel::timestamp::Timestamp;

struct Entry<'e> {
    id: Uuid,
    version: i64,
    summary: String,
    description: String,
    place: String,
    hours: (Timestamp, Timestamp),
    status: EventStatus,
    now: &'e Timestamp,
}

impl Entry<'_> {
    fn done(self) -> Event {
        let stamp = self.now.0.format(format_description!("[year][month][day]T[hour][minute][second]Z"));
        Event::new()
            .uid(&format!("{}@eventify", self.id))
            .add_property("DTSTAMP", stamp.unwrap_or_default())
            .sequence(u32::try_from(self.version).unwrap_or(u32::MAX))
            .summary(&self.summary)
            .description(&self.description)
            .location(&self.place)
            .starts(self.hours.0.0)
            .ends(self.hours.1.0)
            .status(self.status)
            .done()
    }
}

fn named(name: &str) -> Calendar {
    let mut calendar = Calendar::new();
    calendar.name(name).append_property(("REFRESH-INTERVAL;VALUE=DURATION", "PT15M"));
    calendar
}

/// What a link shows of a plan.
pub fn of_plan(now: Timestamp, plan: &SharedPlan) -> String {
    let mut calendar = named(&format!("Plan: {}", plan.event));
    for entry in &plan.entries {
        let units = if entry.units > 1 { format!(" × {}", entry.units) } else { String::new() };
        let place: Vec<&str> = [entry.place.as_deref(), Some(plan.place.as_str())].into_iter().flatten().collect();
        let one = Entry {
            id: entry.id,
            version: entry.version,
            summary: format!("{}{units}", entry.title),
            description: entry.kind.detail_title(&entry.detail),
            place: place.join(", "),
            hours: (entry.starts_at, entry.ends_at),
            status: if plan.cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed },
            now: &now,
        };
        calendar.push(one.done());
    }
    calendar.done().to_string()
}

/// Somebody's own shifts.
pub fn of_shifts(now: Timestamp, own: &OwnShifts) -> String {
    let mut calendar = named(&format!("Shifts: {}", own.organisation));
    for shift in own.shifts.iter().filter(|shift| shift.status != AssignmentStatus::Declined) {
        let lead = match (&shift.lead, &shift.lead_phone) {
            (Some(lead), Some(phone)) => format!("Lead: {lead}, {phone}"),
            (Some(lead), None) => format!("Lead: {lead}"),
            _ => String::new(),
        };
        let place: Vec<&str> = [shift.place.as_deref(), Some(shift.venue.as_str())].into_iter().flatten().collect();
        let offered = shift.status == AssignmentStatus::Offered;
        let one = Entry {
            id: shift.id.0,
            version: shift.version,
            summary: format!("{}, {}", shift.role, shift.event),
            description: if offered { format!("Offered: not answered yet. {lead}") } else { lead },
            place: place.join(", "),
            hours: (shift.starts_at, shift.ends_at),
            status: if offered { EventStatus::Tentative } else { EventStatus::Confirmed },
            now: &now,
        };
        calendar.push(one.done());
    }
    calendar.done().to_string()
}

/// An artist's own slots.
pub fn of_talent(now: Timestamp, name: &str, bookings: &[TalentBooking]) -> String {
    let mut calendar = named(&format!("Slots: {name}"));
    for (booking, slot) in bookings.iter().flat_map(|booking| booking.slots.iter().map(move |slot| (booking, slot))) {
        let place: Vec<&str> = [slot.stage.as_deref(), Some(booking.place.as_str())].into_iter().flatten().collect();
        let one = Entry {
            id: slot.id.0,
            version: slot.version,
            summary: format!("{}, {}", slot.kind.title(), booking.event),
            description: String::new(),
            place: place.join(", "),
            hours: (slot.starts_at, slot.ends_at),
            status: if slot.status == PlanStatus::Pencilled { EventStatus::Tentative } else { EventStatus::Confirmed },
            now: &now,
        };
        calendar.push(one.done());
    }
    calendar.done().to_string()
}

/// The file as an answer.
pub fn answer(file: &str) -> Result<Answer> {
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/calendar; charset=utf-8")
        .header(CONTENT_DISPOSITION, "attachment; filename=\"plan.ics\"")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CACHE_CONTROL, "private, max-age=60")
        .body(Body::from(file.to_owned()))
        .map_err(|error| internal().internal(error))?;
    Ok(Answer { response })
}
