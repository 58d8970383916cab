//! The hours of an event as the clock of its place shows them. Times travel in UTC; forms of an event take the hours
//! people there would say, as if they were UTC, and turn them into moments when they are sent.

use eventify::Error;
use eventify::events::{Event, TimeZone};
use eventify::kernel::error::invalid_input;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::operations::time_zone_get;
use eventify::zones::{Zone, ZoneQuery};
use leptos::prelude::*;

use crate::ui::own_zone;

/// What a field for a day and time has sent: the clock's time written as if it were UTC.
pub fn typed(wall: Timestamp) -> String {
    wall.rfc3339().chars().take(16).collect()
}

/// What such a field holds, read while somebody types; nothing while it is not whole.
pub fn read(field: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}:00Z", field.get(..16)?)).ok()
}

/// The hour it begins at, there: `19:00`, and whose hour that is where the reader's clocks are others: `19:00 Oslo time`.
pub fn hour(event: &Event) -> String {
    match own_zone().name == event.timezone {
        true => event.start_time.clone(),
        false => format!("{} {}", event.start_time, zone_in_words(&event.timezone)),
    }
}

/// `Asia/Kolkata` as people say it: `Kolkata time`.
pub fn zone_in_words(zone: &str) -> String {
    let city = zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
    if city == "UTC" { city } else { format!("{city} time") }
}

/// The clocks of an event. One whose zone an older version took without knowing it is told in UTC.
pub async fn zone(event: &Event) -> Result<Zone, Error> {
    named(&event.timezone).await
}

/// The same by the zone's name.
pub async fn named(name: &str) -> Result<Zone, Error> {
    let unknown = || Zone { name: name.to_owned(), changes: Vec::new() };
    match TimeZone::parse(name) {
        Ok(timezone) => match time_zone_get(ZoneQuery { timezone }).await {
            Err(error) if error.status() == 422 => Ok(unknown()),
            known => known,
        },
        Err(_) => Ok(unknown()),
    }
}

/// A moment by the clocks of an event.
pub fn at(zone: &Zone, moment: Timestamp) -> AnyView {
    view! { <time datetime=moment.rfc3339()>{zone.display(moment)}</time> }.into_any()
}

/// The same in short, for lists; in full on hover.
pub fn brief(zone: &Zone, moment: Timestamp) -> AnyView {
    view! { <time datetime=moment.rfc3339() title=zone.display(moment)>{zone.brief(moment)}</time> }.into_any()
}

/// By whose clocks a form takes its times: `IST (GMT+5:30), Asia/Kolkata`.
pub fn label(zone: &Zone, event: &Event) -> String {
    format!("{}, {}", zone.label(event.start_at), zone.name.replace('_', " "))
}

/// The moment at which the clocks there show what was typed.
pub fn moment(wall: Timestamp, zone: &Zone, field: &str) -> Result<Timestamp, Error> {
    zone.moment_typed(wall).map_err(|message| invalid_input().field(field, message))
}

/// The same of a time that may be left open.
pub fn moment_or_none(wall: Option<Timestamp>, zone: &Zone, field: &str) -> Result<Option<Timestamp>, Error> {
    wall.map(|wall| moment(wall, zone, field)).transpose()
}

#[cfg(test)]
mod tests {
    use super::zone_in_words;

    #[test]
    fn zones_are_said_as_people_say_them() {
        assert_eq!(zone_in_words("Asia/Kolkata"), "Kolkata time");
        assert_eq!(zone_in_words("America/Argentina/Buenos_Aires"), "Buenos Aires time");
        assert_eq!(zone_in_words("UTC"), "UTC");
    }
}
