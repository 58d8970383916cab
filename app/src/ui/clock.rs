//! Whose clock. Times of an event are told in its time zone (`events::clock`), all others by the reader's
//! own, with UTC for whoever points at them. Until an account knows its zone they are told by the browser's, or else by
//! the organisation's: named until the browser has said anything. A browser on UTC names no place.

use std::pin::Pin;
use std::sync::Arc;

use eventify_core::Error;
use eventify_core::access::Me;
use eventify_core::kernel::error::invalid_input;
use eventify_core::kernel::text::TimeZone;
use eventify_core::kernel::timestamp::Timestamp;
use eventify_core::organisation::operations::organisation_get;
use eventify_core::zones::operations::{own_zone_set, time_zone_get};
use eventify_core::zones::{OwnZone, Zone, ZoneQuery};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Loading;

/// The reader's clock; made by the frame, found by whatever tells a time.
#[derive(Clone, Copy)]
pub struct Clock {
    zone: Resource<Told>,
    /// What is told by now: readable at once.
    shown: StoredValue<Arc<Zone>>,
    /// These are not the reader's own clocks, so they are named.
    lent: StoredValue<bool>,
}

/// By which clocks times are told.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Told {
    zone: Zone,
    /// Nobody knows the reader's own.
    lent: bool,
}

fn utc() -> Zone {
    Zone { name: "UTC".to_owned(), changes: Vec::new() }
}

impl Clock {
    /// The clock of the account, and in the browser of whoever has none yet.
    pub fn provide(me: Loading<Me>) {
        let zone = Resource::new_blocking(|| (), move |()| async move { of_account(me.await.ok()).await });
        let clock = Self { zone, shown: StoredValue::new(Arc::new(utc())), lent: StoredValue::new(false) };
        provide_context(clock);
        Effect::new(move |told: Option<bool>| {
            let lacks = me.get().and_then(Result::ok).is_some_and(|me| me.timezone.is_none());
            match told.unwrap_or_default() || !lacks {
                true => told.unwrap_or_default(),
                false => {
                    clock.keep(browsers_own());
                    true
                }
            }
        });
    }

    /// The clock, on pages of the Command Center.
    pub fn get() -> Option<Self> {
        use_context()
    }

    /// Waits until the zone is known, and tells times by it from then on.
    pub async fn ready(self) -> Arc<Zone> {
        let Told { zone, lent } = self.zone.await;
        let zone = Arc::new(zone);
        self.show(zone.clone(), lent);
        zone
    }

    fn show(self, zone: Arc<Zone>, lent: bool) {
        let _ = self.shown.try_set_value(zone);
        let _ = self.lent.try_set_value(lent);
    }

    /// Told again, after the account has another zone.
    pub fn refetch(self) {
        self.zone.refetch();
    }

    /// Keeps the place that the browser says; one that says none stays with the organisation's. Pages tell times by it
    /// from the next one on: this one is not drawn anew under somebody's hands.
    fn keep(self, name: Option<String>) {
        let Some(timezone) = name.and_then(|name| place(&name)) else { return };
        spawn_local(async move {
            if own_zone_set(OwnZone { timezone: timezone.clone() }).await.is_ok()
                && let Ok(zone) = time_zone_get(ZoneQuery { timezone }).await
            {
                self.show(Arc::new(zone), false);
            }
        });
    }
}

/// The account's, else the browser's, else the organisation's.
async fn of_account(me: Option<Me>) -> Told {
    let own = me.and_then(|me| TimeZone::parse(&me.timezone?).ok());
    let said = if own.is_none() { said_by_browser() } else { None };
    let lent = own.is_none() && said.is_none();
    let timezone = match own.or_else(|| place(&said?)) {
        Some(own) => Some(own),
        None => organisation_get().await.ok().map(|organisation| organisation.timezone),
    };
    let zone = match timezone {
        Some(timezone) => time_zone_get(ZoneQuery { timezone }).await.ok(),
        None => None,
    };
    Told { zone: zone.unwrap_or_else(utc), lent }
}

/// Where the browser said at the sign-in (`/door.js`) what its clocks show, before an account knows it.
#[cfg(feature = "ssr")]
const COOKIE: &str = "evf_zone=";

/// The zone that this name of the browser's stands for. Machines that are set to UTC are so wherever they are.
fn place(name: &str) -> Option<TimeZone> {
    TimeZone::parse(renamed(name)).ok().filter(|zone| zone.as_str() != "UTC")
}

fn said_by_browser() -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        let parts = use_context::<http::request::Parts>()?;
        let cookies = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        cookies.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)).map(str::to_owned)
    }
    #[cfg(not(feature = "ssr"))]
    browsers_own()
}

/// The zone the browser is set to. Some browsers know old names alone.
fn browsers_own() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// An old name by the one it has now.
fn renamed(name: &str) -> &str {
    match name {
        "Asia/Calcutta" => "Asia/Kolkata",
        "Asia/Katmandu" => "Asia/Kathmandu",
        "Asia/Saigon" => "Asia/Ho_Chi_Minh",
        "Asia/Rangoon" => "Asia/Yangon",
        "Europe/Kiev" => "Europe/Kyiv",
        "Etc/UTC" | "Etc/GMT" | "Etc/Unknown" | "GMT" => "UTC",
        same => same,
    }
}

/// The time now: by the server's clock while it renders, by the browser's afterwards.
pub fn now() -> Timestamp {
    #[cfg(feature = "ssr")]
    if let Some(call) = use_context::<Arc<eventify_core::kernel::request::Request>>() {
        return call.app.clock.now();
    }
    let text = String::from(js_sys::Date::new_0().to_iso_string());
    Timestamp::parse(&text).unwrap_or(Timestamp::MIN)
}

/// Hours as people say them.
pub fn long(hours: i64) -> String {
    match hours {
        0 => "less than an hour".to_owned(),
        1 => "an hour".to_owned(),
        2..=47 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

/// The reader's zone, once it is known.
pub async fn zone_of(clock: Option<Clock>) -> Arc<Zone> {
    match clock {
        Some(clock) => clock.ready().await,
        None => own_zone(),
    }
}

/// The reader's zone as it is known now.
pub fn own_zone() -> Arc<Zone> {
    Clock::get().and_then(|clock| clock.shown.try_get_value()).unwrap_or_else(|| Arc::new(utc()))
}

/// A time by the reader's clock, in words.
pub fn here(time: Timestamp) -> String {
    named(own_zone().display_here(time), time)
}

/// A time, with whose clock tells it where that is not the reader's own: `5 Dec 2026, 19:30 IST`. UTC is named already.
fn named(told: String, time: Timestamp) -> String {
    let lent = Clock::get().and_then(|clock| clock.lent.try_get_value()).unwrap_or_default();
    let label = own_zone().label(time);
    if !lent || label == "UTC" {
        return told;
    }
    format!("{told} {}", label.split(' ').next().unwrap_or_default())
}

/// A time by the reader's clock, with UTC on hover.
pub fn at(time: Timestamp) -> AnyView {
    let (here, utc) = (here(time), time.display_utc());
    let hover = (here != utc).then_some(utc);
    view! { <time datetime=time.rfc3339() title=hover>{here}</time> }.into_any()
}

/// The hour alone, below its day.
pub fn hour(time: Timestamp) -> AnyView {
    let zone = own_zone();
    let told = match zone.name.as_str() {
        "UTC" => format!("{} UTC", zone.clock(time)),
        _ => named(zone.clock(time), time),
    };
    view! { <time datetime=time.rfc3339() title=time.display_utc()>{told}</time> }.into_any()
}

/// The day alone.
pub fn day(time: Timestamp) -> AnyView {
    view! { <time datetime=time.rfc3339() title=time.display_utc()>{own_zone().display_day(time)}</time> }.into_any()
}

/// A time, or these words.
pub fn at_or(time: Option<Timestamp>, otherwise: &'static str) -> AnyView {
    match time {
        Some(time) => at(time),
        None => view! { <span class="muted">{otherwise}</span> }.into_any(),
    }
}

/// The label of a field for a time, saying whose it is: `Until, IST (GMT+5:30)`.
pub fn by_own_clock(label: &str) -> String {
    match own_zone().label(now()).as_str() {
        "UTC" => format!("{label} (UTC)"),
        zone => format!("{label}, {zone}"),
    }
}

/// A call whose input has a time that the reader typed by the own clock: the field, and where it stands in the input.
pub fn with_moment<I, O, Answer>(
    field: &'static str,
    time: fn(&mut I) -> &mut Option<Timestamp>,
    call: impl Fn(I) -> Answer + Clone + Send + Sync + 'static,
) -> impl Fn(I) -> Pin<Box<dyn Future<Output = Result<O, Error>>>> + Send + Sync + 'static
where
    I: 'static,
    Answer: Future<Output = Result<O, Error>> + 'static,
{
    let zone = own_zone();
    move |mut input| {
        let typed = moment(*time(&mut input), &zone, field);
        let call = call.clone();
        Box::pin(async move {
            *time(&mut input) = typed?;
            call(input).await
        })
    }
}

/// The moment at which the reader's clocks show what was typed.
pub fn moment(wall: Option<Timestamp>, zone: &Zone, field: &str) -> Result<Option<Timestamp>, Error> {
    let one = |wall| zone.moment_typed(wall).map_err(|message| invalid_input().field(field, message));
    wall.map(one).transpose()
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_machine_on_utc_is_nowhere() {
        let named = |name| place(name).map(|zone| zone.as_str().to_owned());
        assert_eq!(named("Asia/Calcutta").as_deref(), Some("Asia/Kolkata"));
        assert_eq!(named("Europe/Oslo").as_deref(), Some("Europe/Oslo"));
        for nowhere in ["UTC", "Etc/UTC", "GMT", "Etc/Unknown", ""] {
            assert_eq!(named(nowhere), None, "{nowhere}");
        }
    }
}
