//! The hours of an event as the clock of its place shows them. Times travel in UTC; forms of an event take the hours
//! people there would say, as if they were UTC, and turn them into moments when they are sent.

use eventify::events::Event;
use eventify::kernel::error::{Error, invalid_input};
use eventify::kernel::timestamp::Timestamp;
use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// What the place's clock shows when the event begins and ends, written as if it were UTC. The event says both, so
/// neither side needs to know all zones.
pub fn walls(event: &Event) -> (Timestamp, Timestamp) {
    let shown = |day: &str, hour: &str, moment| Timestamp::parse(&format!("{day}T{hour}:00Z")).unwrap_or(moment);
    (shown(&event.event_date, &event.start_time, event.start_at), shown(&event.end_date, &event.end_time, event.end_at))
}

/// A clock's time for people, without a zone.
fn plain(wall: Timestamp) -> String {
    wall.display().trim_end_matches(" UTC").to_owned()
}

/// What a field for a day and time begins with.
pub fn typed(wall: Timestamp) -> String {
    wall.rfc3339().chars().take(16).collect()
}

/// When it begins, there.
pub fn start(event: &Event) -> AnyView {
    let shown = plain(walls(event).0);
    view! { <time datetime=event.start_at.rfc3339()>{shown}</time> }.into_any()
}

/// From when to when, there; the day of the end only where it is another one.
pub fn hours(event: &Event) -> String {
    let (from, to) = walls(event);
    let (from, to) = (plain(from), plain(to));
    let day = |text: &str| text.split_once(", ").map(|(day, hour)| (day.to_owned(), hour.to_owned()));
    match (day(&from), day(&to)) {
        (Some((one, _)), Some((other, hour))) if one == other => format!("{from} – {hour}"),
        _ => format!("{from} – {to}"),
    }
}

/// The moment at which clocks of this zone show that; only in the browser, which knows the zones.
pub fn moment(wall: Timestamp, zone: &str, field: &str) -> Result<Timestamp, Error> {
    let wrong = |message: &str| invalid_input().field(field, message.to_owned());
    let naive: String = wall.rfc3339().chars().take(19).collect();
    let at = |offset: &str| Timestamp::parse(&format!("{naive}{offset}")).map_err(|message| wrong(&message));
    // The zone's distance is that at the moment itself, which only a second look knows near a change of the clocks.
    let guess =
        at(&offset(wall, zone).ok_or_else(|| invalid_input().field("timezone", "is not known to this browser"))?)?;
    at(&offset(guess, zone).ok_or_else(|| wrong("is no time there"))?)
}

/// How far clocks of this zone are from UTC at this moment, such as `+05:30`.
fn offset(moment: Timestamp, zone: &str) -> Option<String> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let format: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"timeZone".into(), &zone.into()).ok()?;
    Reflect::set(&options, &"timeZoneName".into(), &"longOffset".into()).ok()?;
    // By reflection, because a zone nobody knows is an exception.
    let format = Reflect::construct(&format, &Array::of2(&"en-US".into(), &options)).ok()?;
    let write: Function = Reflect::get(&format, &"format".into()).ok()?.dyn_into().ok()?;
    let milliseconds = moment.0.unix_timestamp() as f64 * 1000.0;
    let text = write.call1(&JsValue::UNDEFINED, &JsValue::from_f64(milliseconds)).ok()?.as_string()?;
    let offset = text.rsplit("GMT").next().unwrap_or_default().trim().replace('−', "-");
    Some(if offset.is_empty() { "+00:00".to_owned() } else { offset })
}
