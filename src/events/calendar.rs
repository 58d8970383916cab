//! Events as calendar files (RFC 5545).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::Response;
use icalendar::{Calendar, Component, EventLike};
use operation::Answer;
use time::macros::format_description;

use super::{Event, EventStatus};
use crate::kernel::app::App;
use crate::kernel::error::{Result, internal};
use crate::kernel::timestamp::Timestamp;

fn stamp(at: Timestamp) -> String {
    at.0.format(format_description!("[year][month][day]T[hour][minute][second]Z")).unwrap_or_default()
}

/// The event as a calendar knows it; `note` stands before the description, for a guest's own ticket, and `void` says
/// that this ticket is not good any more. The same event keeps its UID, and its sequence rises when time or place
/// change and when it is off, so that calendars replace what they have.
pub fn file(app: &App, event: &Event, note: Option<&str>, void: bool) -> String {
    let off = void || event.status == EventStatus::Cancelled;
    let place: Vec<&str> = [event.venue_name.as_deref(), event.venue_address.as_deref(), event.venue_text.as_deref()]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .chain([event.city.as_str()])
        .collect();
    let description: Vec<&str> =
        note.into_iter().chain([event.description.as_str()]).filter(|t| !t.is_empty()).collect();
    let mut entry = icalendar::Event::new();
    entry
        .uid(&format!("{}@eventify", event.id))
        .add_property("DTSTAMP", stamp(event.updated_at))
        .sequence(event.sequence.unsigned_abs() + u32::from(off))
        .summary(&event.title)
        .description(&description.join("\n\n"))
        .starts(event.start_at.0)
        .ends(event.end_at.0)
        .location(&place.join(", "))
        .url(&format!("{}/e/{}", app.config.base_url(), event.slug))
        .status(match event.status {
            _ if off => icalendar::EventStatus::Cancelled,
            EventStatus::Draft => icalendar::EventStatus::Tentative,
            _ => icalendar::EventStatus::Confirmed,
        });
    if let (Some(latitude), Some(longitude)) = (event.latitude, event.longitude) {
        entry.add_property("GEO", format!("{latitude};{longitude}"));
    }
    Calendar::new().push(entry.done()).done().to_string()
}

/// The file as an answer, named after the event.
pub fn answer(event: &Event, file: &str) -> Result<Answer> {
    let response = Response::builder()
        .header(CONTENT_TYPE, "text/calendar; charset=utf-8")
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{}.ics\"", event.slug))
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CACHE_CONTROL, "private, max-age=60")
        .body(Body::from(file.to_owned()))
        .map_err(|error| internal().internal(error))?;
    Ok(Answer { response })
}
