//! The hours of an event as the clocks of its place show them. The database knows all zones.

use eventify::events::Event;
use eventify::kernel::error::{Error, Result, internal};
use eventify::kernel::timestamp::Timestamp;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::super::sent::{Reading, wrong};
use super::super::visitor::Visitor;

/// From when to when, either of which may be open.
pub type Open<T> = (Option<T>, Option<T>);

/// What a field for a day and a time sends.
pub fn typed(text: &str) -> Result<PrimitiveDateTime, String> {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let minutes = text.get(..16).unwrap_or(text);
    let wall = PrimitiveDateTime::parse(minutes, form).map_err(|_| match text {
        "" => "is required".to_owned(),
        _ => "must be a day and a time".to_owned(),
    })?;
    // Any zone's distance more or less stays within the calendar.
    Timestamp::parse(&format!("{minutes}:00Z")).map(|_| wall)
}

/// When it begins and ends, as it was typed.
pub fn read(reading: &mut Reading<'_>) -> Option<(PrimitiveDateTime, PrimitiveDateTime)> {
    let (from, to) = (reading.one("start_at", typed), reading.one("end_at", typed));
    from.zip(to)
}

/// The moments at which clocks of this zone show that.
pub async fn moments(
    visitor: &Visitor,
    zone: &str,
    from: PrimitiveDateTime,
    to: PrimitiveDateTime,
) -> Result<(Timestamp, Timestamp)> {
    let (from, to) = span(visitor, zone, (Some(from), Some(to))).await?;
    from.zip(to).ok_or_else(internal)
}

/// The same of two times that may be left open.
pub async fn span(visitor: &Visitor, zone: &str, walls: Open<PrimitiveDateTime>) -> Result<Open<Timestamp>> {
    let asked = sqlx::query_as::<_, Open<OffsetDateTime>>(
        "select $1::timestamp at time zone $3, $2::timestamp at time zone $3",
    );
    let found = asked.bind(walls.0).bind(walls.1).bind(zone).fetch_one(&visitor.call.app.reader).await;
    found.map(|(from, to)| (from.map(Timestamp::from), to.map(Timestamp::from))).map_err(refused)
}

/// What clocks of this zone show at these moments.
async fn walls(visitor: &Visitor, zone: &str, moments: &[Option<Timestamp>]) -> Result<Vec<Option<PrimitiveDateTime>>> {
    let asked = sqlx::query_scalar(
        "select m at time zone $2 from unnest($1::timestamptz[]) with ordinality as t (m, n) order by n",
    );
    let moments: Vec<Option<OffsetDateTime>> = moments.iter().map(|moment| moment.map(|at| at.0)).collect();
    asked.bind(moments).bind(zone).fetch_all(&visitor.call.app.reader).await.map_err(refused)
}

/// What fields hold for two times that may be left open.
pub async fn fields(visitor: &Visitor, zone: &str, (from, to): Open<Timestamp>) -> Result<(String, String)> {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let walls = walls(visitor, zone, &[from, to]).await?;
    let text = |at: usize| walls.get(at).copied().flatten().and_then(|at| at.format(form).ok()).unwrap_or_default();
    Ok((text(0), text(1)))
}

/// The same for people, such as `28 Nov 2026, 19:00`.
pub async fn told(visitor: &Visitor, zone: &str, moments: &[Option<Timestamp>]) -> Result<Vec<Option<String>>> {
    let form = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]");
    let walls = walls(visitor, zone, moments).await?;
    Ok(walls.into_iter().map(|at| at.and_then(|at| at.format(form).ok())).collect())
}

/// What clocks there show when the event begins and ends, as fields have it.
pub fn shown(event: &Event) -> (String, String) {
    (format!("{}T{}", event.event_date, event.start_time), format!("{}T{}", event.end_date, event.end_time))
}

/// A zone that nobody knows is the only thing that can be wrong.
fn refused(error: sqlx::Error) -> Error {
    match error.as_database_error().and_then(|error| error.code()) {
        Some(code) if code == "22023" => wrong("timezone", "must be the name of a time zone such as Asia/Kolkata"),
        _ => internal().internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_time_as_browsers_send_them() {
        assert_eq!(typed("2026-11-28T19:00").unwrap().hour(), 19);
        assert_eq!(typed("2026-11-28T19:00:30").unwrap().second(), 0);
        for bad in ["", "2026-11-28", "28.11.2026 19:00", "2026-11-28T19:0ü"] {
            assert!(typed(bad).is_err(), "{bad}");
        }
        for bad in ["9999-12-31T23:59", "0001-01-01T00:00"] {
            assert_eq!(typed(bad).unwrap_err(), "must be between the years 1900 and 9998");
        }
    }
}
