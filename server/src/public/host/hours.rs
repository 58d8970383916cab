//! The hours of an event as the clocks of its place show them.

use std::sync::Arc;

use eventify::events::{Event, TimeZone};
use eventify::kernel::error::Result;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::operations::time_zone_get;
use eventify::zones::{Zone, ZoneQuery, wall_of_field};

use super::super::sent::{Reading, Sent};
use super::super::visitor::Visitor;

/// Reads what a field for a day and a time sends: the moment at which these clocks show it.
pub fn moment(zone: &Zone) -> impl Fn(&str) -> Result<Timestamp, String> {
    |text| zone.moment(wall_of_field(text)?)
}

/// When it begins and ends, as it was typed; where the zone is not known, whether it can be read at all.
pub fn read(reading: &mut Reading<'_>, zone: Option<&Zone>) -> Option<(Timestamp, Timestamp)> {
    match zone {
        Some(zone) => {
            let (start, end) = (reading.one("start_at", moment(zone)), reading.one("end_at", moment(zone)));
            later(reading, "end_at", (start, end), "must be after the start");
            start.zip(end)
        }
        None => {
            reading.one("start_at", wall_of_field);
            reading.one("end_at", wall_of_field);
            None
        }
    }
}

/// Says so at this field where the second time is not later than the first.
pub fn later(reading: &mut Reading<'_>, field: &str, times: (Option<Timestamp>, Option<Timestamp>), message: &str) {
    if let (Some(from), Some(to)) = times
        && to <= from
    {
        reading.say(field, message);
    }
}

/// The zone that was typed; what is wrong with it is said at its field.
pub async fn zone(
    visitor: &Visitor,
    reading: &mut Reading<'_>,
    read: fn(&str) -> Result<TimeZone, String>,
) -> Result<Option<Arc<Zone>>> {
    let Some(timezone) = reading.one("timezone", read) else { return Ok(None) };
    match visitor.openly(time_zone_get(ZoneQuery { timezone })).await {
        Ok(zone) => Ok(Some(Arc::new(zone))),
        Err(error) => match error.for_field("timezone") {
            Some(messages) => {
                reading.say("timezone", messages.join("; "));
                Ok(None)
            }
            None => Err(error),
        },
    }
}

/// A field has no seconds, and of an hour that comes twice it says the first: what was left as it was stays as it is.
pub fn unless_left(sent: &Sent, event: &Event, (start, end): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
    let shown = shown(event);
    let left = |field: &str, shown: &str| sent.get(field) == shown;
    (
        if left("start_at", &shown.0) { event.start_at } else { start },
        if left("end_at", &shown.1) { event.end_at } else { end },
    )
}

/// What fields hold for two times that may be left open.
pub fn fields(zone: &Zone, (from, to): (Option<Timestamp>, Option<Timestamp>)) -> (String, String) {
    let text = |at: Option<Timestamp>| at.map(|at| zone.field(at)).unwrap_or_default();
    (text(from), text(to))
}

/// By whose clocks a form takes its times: `Times are in IST (GMT+5:30), Asia/Kolkata.`
pub fn hint(zone: &Zone, event: &Event) -> String {
    format!("Times are in {}, {}.", zone.label(event.start_at), zone.name.replace('_', " "))
}

/// What clocks there show when the event begins and ends, as fields have it.
pub fn shown(event: &Event) -> (String, String) {
    (format!("{}T{}", event.event_date, event.start_time), format!("{}T{}", event.end_date, event.end_time))
}
