//! The events that are on and those that come next, with how full they are.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus};
use eventify::gate::operations::gate_board;
use eventify::gate::{DeviceHealth, GateBoard};
use eventify::kernel::money::{count, share};
use eventify::kernel::page::Limit;
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::event_summary;
use eventify::zones::{Zone, day_in_short};
use leptos::prelude::*;

use super::item::Item;
use crate::events::clock;
use crate::ui::{Icon, Tone, ago, card_flush, state};

/// So many events are shown of those that are on, and of those that come.
const LIVE: u32 = 3;
const NEXT: u32 = 5;
/// With so few seats left it matters whether somebody holds them.
const FEW: i32 = 20;

/// An event that is on.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Live {
    event: Event,
    zone: Zone,
    /// The seats that came.
    came: i64,
    /// What the gates say, where this person sees them.
    gates: Option<Gates>,
    /// Seats that nobody has or holds.
    free: i32,
}

/// What the live board says, in short.
#[operation::record]
#[derive(Clone, Copy, Debug, serde::Serialize)]
struct Gates {
    /// Who is inside, and how many of them on admissions to check.
    inside: i64,
    unresolved: i64,
    /// Phones that were not heard of for a while, and when the last of them was.
    offline: usize,
    last_seen: Option<Timestamp>,
    as_of: Timestamp,
}

impl Gates {
    fn of(board: &GateBoard) -> Self {
        let silent = || board.devices.iter().filter(|device| device.health == DeviceHealth::Silent);
        Self {
            inside: board.inside - board.inside_overnight,
            unresolved: board.unresolved,
            offline: silent().count(),
            last_seen: silent().map(|device| device.last_seen_at).max(),
            as_of: board.as_of,
        }
    }

    /// `3 gate phones are offline`, if any.
    fn offline(&self) -> Option<String> {
        match self.offline {
            0 => None,
            1 => Some("1 gate phone is offline".to_owned()),
            n => Some(format!("{n} gate phones are offline")),
        }
    }
}

impl Live {
    /// The way to the phones at its gates.
    fn phones(&self) -> String {
        format!("/events/{}/gates#gate-phones", self.event.id)
    }

    /// What somebody has to see to at its gates now.
    pub fn need(&self) -> Option<Item> {
        let gates = self.gates?;
        let seen = gates.last_seen.map(|seen| format!("last seen {}", ago(seen, gates.as_of)));
        Some(Item {
            icon: Icon::SCREEN,
            tone: Tone::Warning,
            text: gates.offline()?,
            meta: Some([Some(self.event.title.clone()), seen].into_iter().flatten().collect::<Vec<_>>().join(" · ")),
            href: self.phones(),
            act: "Show",
        })
    }
}

/// An event that comes.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Next {
    event: Event,
    /// Seats on hold for whoever is paying or was offered them; looked at where few are left.
    held: i32,
}

/// Those that are on.
pub async fn live_now(me: &Me) -> Result<Vec<Live>, Error> {
    let on = events(me, EventStatus::Live, LIVE).await?;
    futures::future::try_join_all(on.into_iter().map(|event| on_now(me, event))).await
}

async fn on_now(me: &Me, event: Event) -> Result<Live, Error> {
    let gates = async {
        match me.may(Permission::LiveRead) {
            true => gate_board(event.id).await.map(|board| Some(Gates::of(&board))),
            false => Ok(None),
        }
    };
    let (zone, summary, gates) = futures::try_join!(clock::zone(&event), event_summary(event.id), gates)?;
    Ok(Live { event, zone, came: summary.came_in, gates, free: summary.free })
}

/// Those that come.
pub async fn next_ones(me: &Me) -> Result<Vec<Next>, Error> {
    let coming = events(me, EventStatus::Published, NEXT).await?;
    let with_held = coming.into_iter().map(|event| async move {
        let held = match (1..=FEW).contains(&(event.capacity - event.going_count)) {
            true => event_summary(event.id).await?.held,
            false => 0,
        };
        Ok(Next { event, held })
    });
    futures::future::try_join_all(with_held).await
}

async fn events(me: &Me, status: EventStatus, most: u32) -> Result<Vec<Event>, Error> {
    if !me.may_somewhere(Permission::EventsRead) {
        return Ok(Vec::new());
    }
    let filter = EventFilter {
        status: Some(vec![status]),
        sort: Some(EventSort::Start),
        limit: Limit::try_from(most).ok(),
        ..EventFilter::default()
    };
    Ok(event_list(filter).await?.items)
}

/// An event that is on: ink and lime, as nothing else is.
pub fn live(live: &Live) -> AnyView {
    let event = &live.event;
    let href = format!("/events/{}", event.id);
    let place = event.venue_name.clone().or(event.venue_text.clone()).unwrap_or_default();
    let place = [place, event.city.clone()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let by = event.organizer_name.clone().or(event.host_name.clone()).unwrap_or_default();
    let about = [place, by].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let label = format!("{} of {} checked in", live.came, event.going_count);
    let (from, to) = (day_in_short(&event.event_date), day_in_short(&event.end_date));
    let until = match event.end_date == event.event_date {
        true => format!("{} – {}", event.start_time, event.end_time),
        false => format!("{from}, {} – {to}, {}", event.start_time, event.end_time),
    };
    // The same name for these clocks as in the list of what comes.
    let zone = clock::zone_in_words(&event.timezone);
    let came = share(live.came, event.going_count.into());
    let inside = live.gates.map(|gates| {
        let check = (gates.unresolved > 0).then(|| format!(" · {} to check", count(gates.unresolved)));
        view! { <div><dt>"Inside now"</dt><dd><span class="big">{count(gates.inside)}</span>{check}</dd></div> }
    });
    let board = live.gates.map(|_| view! { <a class="btn small" href=format!("{href}/board")>"Live board"</a> });
    let offline = live.gates.and_then(|gates| gates.offline()).map(|said| {
        view! { <a class="live-trouble" href=live.phones()>{Icon::ALERT.svg()}{said}</a> }
    });
    let ways = view! {
        <div class="row">
            {board}
            <a class="btn small" href=format!("{href}?tab=guests")>"Guests"</a>
            <a class="btn small" href=href.clone()>"Open event"</a>
            {offline}
        </div>
    };
    let cover = event.cover_images.first().map(|id| {
        let src = format!("/api/v1/event-images/{id}/file?size=cover");
        view! { <img class="live-cover" src=src alt=""/> }
    });
    view! {
        <section class="live" aria-label=format!("Live: {}", event.title)>
            {cover}
            <p class="live-now"><span class="pulse">"Live"</span><span>{until}", "{zone}</span></p>
            <h2><a href=href>{event.title.clone()}</a></h2>
            <p class="muted">{about}</p>
            <dl class="figs">
                <div class="lead"><dt>"Checked in"</dt><dd><span class="big">{count(live.came)}</span>{format!(" of {} seats · {came}", count(event.going_count.into()))}<progress class="fill" value=live.came.to_string() max=event.going_count.max(1).to_string() aria-label=label></progress></dd></div>
                {inside}
                <div><dt>"Booked"</dt><dd><span class="big">{count(event.going_count.into())}</span>" of "{count(event.capacity.into())}</dd></div>
                <div><dt>"Seats left"</dt><dd><span class="big">{count(live.free.max(0).into())}</span></dd></div>
            </dl>
            {ways}
        </section>
    }
    .into_any()
}

/// What is said of the seats nobody has: those on hold are not for sale.
fn rest(capacity: i32, going: i32, held: i32) -> String {
    match (capacity - going, capacity - going - held) {
        (..=0, _) => "Sold out".to_owned(),
        (_, ..=0) => format!("{} on hold", count(held.min(capacity - going).into())),
        (_, free) => format!("{} left", count(free.into())),
    }
}

/// What comes next, how full it is.
pub fn next(events: &[Next]) -> AnyView {
    let rows: Vec<_> = events.iter().map(next_row).collect();
    let all = view! { <a class="btn small quiet" href="/events">"All events"</a> }.into_any();
    let body = match rows.is_empty() {
        true => state(Icon::CALENDAR, "No upcoming events", "Published events appear here until they start.", None),
        false => view! { <ol class="next" role="list">{rows}</ol> }.into_any(),
    };
    card_flush("overview-next", "Next", Some(all), body)
}

fn next_row(Next { event, held }: &Next) -> AnyView {
    let day = day_in_short(&event.event_date);
    let mut parts = day.split(' ');
    let (weekday, date) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let when = format!("{date} {}, {}", parts.next().unwrap_or_default(), clock::hour(event));
    let place = event.venue_name.clone().or(event.venue_text.clone()).unwrap_or_else(|| event.city.clone());
    let href = format!("/events/{}", event.id);
    let label = format!("{} of {} seats taken", event.going_count, event.capacity);
    view! {
        <li>
            <time class="date" datetime=event.start_at.rfc3339()><span>{weekday}</span>{date}</time>
            <div>
                <a href=href>{event.title.clone()}</a>
                <small>{when}" · "{place}</small>
                <progress class="fill" value=event.going_count.to_string() max=event.capacity.to_string() aria-label=label></progress>
            </div>
            <div class="next-figs">
                <strong>{count(event.going_count.into())}<span>" / "{count(event.capacity.into())}</span></strong>
                <small>{rest(event.capacity, event.going_count, *held)}</small>
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use eventify::kernel::timestamp::Timestamp;

    use super::{Gates, rest};

    #[test]
    fn phones_that_are_offline_are_told_by_number() {
        let gates = |offline| Gates { inside: 9, unresolved: 0, offline, last_seen: None, as_of: Timestamp::MIN };
        let said = [0, 1, 3].map(|offline| gates(offline).offline());
        let said = said.each_ref().map(|said| said.as_deref());
        assert_eq!(said, [None, Some("1 gate phone is offline"), Some("3 gate phones are offline")]);
    }

    #[test]
    fn seats_on_hold_are_not_left() {
        assert_eq!(rest(60, 60, 0), "Sold out");
        assert_eq!(rest(62, 60, 2), "2 on hold");
        assert_eq!(rest(62, 58, 2), "2 left");
        assert_eq!(rest(1_400, 156, 0), "1,244 left");
    }
}
