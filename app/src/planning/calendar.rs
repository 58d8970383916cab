//! The calendar of all events: venues as lanes over the days of a month or a week, with the load of each event and what
//! clashes. Which days is in the address; a keyboard goes from event to event, and events are moved where they are
//! drawn.

use std::collections::BTreeMap;

use eventify::Error;
use eventify::events::operations::venue_list;
use eventify::events::{EventStatus, Venue, VenueFilter, VenueId};
use eventify::kernel::permissions::Permission::{EventsManage, ProductionRead};
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::calendar_event_list;
use eventify::planning::{CalendarEvent, CalendarQuery};
use eventify::zones::{day_in_words, month_in_words};
use leptos::ev::{DragEvent, KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use time::{Date, Duration, Month};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::events::guarded;
use crate::ui::{Icon, ListQuery, Loading, PageHead, dom, loaded, now, own_zone, state};
use by_day::by_day;
use moving::{EventMoves, Mover};
use placed::{bar, placed};

mod by_day;
mod moving;
mod placed;

/// The days that are looked at.
#[operation::record]
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
struct Days {
    /// A week; else a month.
    week: bool,
    /// `2026-12-01`, and the days after it.
    all: Vec<String>,
    /// A day within the stretch before, and one within the next.
    before: String,
    after: String,
}

fn word(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}

fn read(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok().filter(|day| (2000..2200).contains(&day.year()))
}

impl Days {
    /// The month or the week, Monday first, that this day is in.
    fn of(day: Date, week: bool) -> Days {
        let first = match week {
            true => day - Duration::days(i64::from(day.weekday().number_days_from_monday())),
            false => day.replace_day(1).unwrap_or(day),
        };
        let count = if week { 7 } else { i64::from(first.month().length(first.year())) };
        let all = (0..count).map(|n| word(first + Duration::days(n))).collect();
        Days { week, all, before: word(first - Duration::DAY), after: word(first + Duration::days(count)) }
    }

    fn asked(query: &ListQuery) -> Days {
        let today = own_zone().local(now()).date();
        let day = query.text("day").as_deref().and_then(read).unwrap_or(today);
        Days::of(day, query.text("view").as_deref() == Some("week"))
    }

    /// All that may begin or end on one of them, whatever clocks it is told by.
    fn query(&self) -> CalendarQuery {
        let at = |day: Option<&String>, hours: i64| {
            let midnight = day.and_then(|day| Timestamp::parse(&format!("{day}T00:00:00Z")).ok());
            midnight.unwrap_or(Timestamp::MIN).plus(Duration::hours(hours))
        };
        CalendarQuery { from: at(self.all.first(), -14), to: at(self.all.last(), 24 + 14) }
    }

    fn title(&self) -> String {
        let first = self.all.first().cloned().unwrap_or_default();
        match self.week {
            true => week_in_words(&first, self.all.last().map_or("", String::as_str)),
            false => month_in_words(first.get(..7).unwrap_or_default()),
        }
    }

    /// What the stretch with this day is called beside this one: the month, or this week's neighbour.
    fn beside(&self, day: &str, week: &'static str) -> String {
        match self.week {
            true => week.to_owned(),
            false => month_in_words(day.get(..7).unwrap_or_default()).split(' ').take(1).collect(),
        }
    }

    fn href(&self, day: &str, week: bool) -> String {
        format!("/calendar?view={}&day={day}", if week { "week" } else { "month" })
    }
}

/// `23–29 November 2026`, `30 November – 6 December 2026`: what both ends share is said once.
fn week_in_words(first: &str, last: &str) -> String {
    let parts = |day: &str| {
        let words = day_in_words(day);
        let parts: Vec<_> = words.split(' ').skip(1).map(str::to_owned).collect();
        <[String; 3]>::try_from(parts).unwrap_or_default()
    };
    let ([day, month, year], [end, of, in_year]) = (parts(first), parts(last));
    match (year == in_year, month == of) {
        (true, true) => format!("{day}–{end} {of} {in_year}"),
        (true, false) => format!("{day} {month} – {end} {of} {in_year}"),
        _ => format!("{day} {month} {year} – {end} {of} {in_year}"),
    }
}

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Seen {
    days: Days,
    events: Vec<CalendarEvent>,
    /// The venues that can be chosen, where they are few enough to be looked through.
    venues: Vec<Venue>,
}

async fn venues() -> Result<Vec<Venue>, Error> {
    match venue_list(VenueFilter::default()).await {
        Ok(page) if page.next_cursor.is_none() => Ok(page.items),
        Ok(_) => Ok(Vec::new()),
        Err(error) if error.status() == 403 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn fetch(days: Days) -> Result<Seen, Error> {
    let (events, venues) = futures::try_join!(calendar_event_list(days.query()), venues())?;
    let mut events = events.items;
    let (first, last) = (days.all.first().cloned(), days.all.last().cloned());
    events.retain(|event| Some(&event.last_day) >= first.as_ref() && Some(&event.first_day) <= last.as_ref());
    Ok(Seen { days, events, venues })
}

/// The page.
pub fn calendar() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Seen> = Loading::new(move || Days::asked(&query.get()), fetch);
    // What was moved outlives that the calendar is read again.
    let moves = EventMoves::new();
    loaded(data, move |seen, me| {
        guarded(&me, ProductionRead, || page(seen, me.may(EventsManage).then_some((data, moves))))
    })
}

/// A venue, or a place that is only described, and what is there.
#[derive(Clone)]
struct Lane {
    /// Both, as they are said: `Hall, Pune`.
    name: String,
    place: String,
    city: String,
    venue: Option<VenueId>,
    events: Vec<CalendarEvent>,
}

/// The places in order of name, each with its events, and after them the venues that are free all the time.
fn lanes(events: Vec<CalendarEvent>, venues: Vec<Venue>) -> Vec<Lane> {
    let mut lanes: BTreeMap<(String, String, Option<Uuid>), Vec<CalendarEvent>> = BTreeMap::new();
    for event in events {
        lanes.entry((event.place.clone(), event.city.clone(), event.venue_id)).or_default().push(event);
    }
    let taken: Vec<_> = lanes.keys().filter_map(|(.., venue)| *venue).collect();
    let free = venues.into_iter().filter(|venue| !taken.contains(&venue.id.0));
    let free: Vec<_> = free.map(|venue| ((venue.name, venue.city, Some(venue.id.0)), Vec::new())).collect();
    lanes
        .into_iter()
        .chain(free)
        .map(|((place, city, venue), events)| {
            let name = if city.is_empty() { place.clone() } else { format!("{place}, {city}") };
            Lane { name, place, city, venue: venue.map(VenueId), events }
        })
        .collect()
}

fn page(seen: Seen, moves: Option<(Loading<Seen>, EventMoves)>) -> AnyView {
    let Seen { days, events, venues } = seen;
    let (week, first) = (days.week, days.all.first().cloned().unwrap_or_default());
    let today = word(own_zone().local(now()).date());
    let current = |is: bool| is.then_some("true");
    let clashing = events.iter().filter(|event| event.must_fix > 0 || !event.same_venue.is_empty()).count();
    let all = if events.len() == 1 { "1 event".to_owned() } else { format!("{} events", events.len()) };
    let subtitle = match clashing {
        0 => all,
        n => format!("{all} · {n} with something to fix"),
    };
    // Of the month that goes on, the week that does.
    let this_week = if !week && days.all.contains(&today) { &today } else { &first };
    let nav = view! {
        <div class="row plan-bar">
            <nav class="segs" aria-label="View">
                <a href=days.href(&first, false) aria-current=current(!week)>"Month"</a>
                <a href=days.href(this_week, true) aria-current=current(week)>"Week"</a>
            </nav>
            <nav class="segs" aria-label="Days">
                <a href=days.href(&days.before, week)>{days.beside(&days.before, "Previous week")}</a>
                <a href=days.href(&today, week)>"Today"</a>
                <a href=days.href(&days.after, week)>{days.beside(&days.after, "Next week")}</a>
            </nav>
        </div>
    };
    let body = match events.is_empty() {
        true => state(Icon::CALENDAR, "No events on these days", "Events appear here from their first draft on.", None),
        false => {
            let lanes = lanes(events, venues);
            let mover = moves.map(|(data, moves)| Mover::new(data, moves, lanes.clone()));
            view! { {by_day(&days, (now(), &today), &lanes)}{grid(&days, &today, &lanes, mover)} }.into_any()
        }
    };
    view! {
        <div class="page plan-page">
            <PageHead title=format!("Calendar · {}", days.title()) subtitle=subtitle/>
            {nav}
            {body}
        </div>
    }
    .into_any()
}

/// The day of the month: `4`.
fn number(day: &str) -> String {
    day.get(8..).unwrap_or_default().trim_start_matches('0').to_owned()
}

fn grid(days: &Days, today: &str, lanes: &[Lane], mover: Option<Mover>) -> AnyView {
    let heads: Vec<_> = days
        .all
        .iter()
        .map(|day| {
            let text = match days.week {
                true => view! { <small>{day_in_words(day).chars().take(3).collect::<String>()}</small><b>{number(day)}</b> }.into_any(),
                false => view! { <small>{day_in_words(day).chars().take(2).collect::<String>()}</small><b>{number(day)}</b> }.into_any(),
            };
            view! { <th scope="col" class=kind(day, today) data-day=day.clone()><span aria-hidden="true">{text}</span><span class="sr">{day_in_words(day)}</span></th> }
        })
        .collect();
    let rows: Vec<_> = lanes.iter().enumerate().map(|(at, one)| lane(days, today, (at, one), mover)).collect();
    let keys = move |event: KeyboardEvent| {
        if mover.is_some_and(|mover| mover.key(&event)) || walked(&event) {
            event.prevent_default();
        }
    };
    let moves = move |act: fn(Mover, &PointerEvent)| {
        move |event: PointerEvent| {
            if let Some(mover) = mover {
                act(mover, &event);
            }
        }
    };
    let grabbed = move |event: DragEvent| {
        if mover.is_some() {
            event.prevent_default();
        }
    };
    let clicked = move |event: MouseEvent| {
        if let Some(mover) = mover {
            mover.clicked(&event);
        }
    };
    let help = if mover.is_some() {
        "Choose an event to open its plan. Drag it to another day or venue, or press M and use the arrows: you confirm before anything moves."
    } else {
        "Choose an event to open its plan."
    };
    let first = first_to_show(days, today, lanes);
    Effect::new(move |_| {
        if let Some(day) = &first {
            scrolled_to(day);
        }
        if let Some(mover) = mover {
            mover.arrive();
        }
    });
    let class = if days.week { "calendar week" } else { "calendar" };
    view! {
        <div class="plan-lists calendar-lanes" role="region" aria-label="Calendar" tabindex="0"
            data-moving=move || mover.is_some_and(Mover::is_moving).then_some("true")
            on:keydown=keys
            on:pointerdown=moves(|mover, event| mover.pressed(event))
            on:pointermove=moves(|mover, event| mover.dragged_to(event))
            on:pointerup=moves(|mover, _| mover.released())
            on:pointercancel=moves(|mover, _| mover.released())
            on:dragstart=grabbed
            on:click=clicked>
            <table class=class>
                <caption class="sr">{days.title()}</caption>
                <thead><tr><th scope="col">"Venue"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="muted plan-help">{help}</p>
        {mover.map(|mover| view! { {mover.dialog()}{mover.foot()} })}
    }
    .into_any()
}

/// The day that is in sight at first: today, else the first on which an event is still to come.
fn first_to_show(days: &Days, today: &str, lanes: &[Lane]) -> Option<String> {
    if days.all.iter().any(|day| day == today) {
        return Some(today.to_owned());
    }
    let coming = lanes.iter().flat_map(|lane| &lane.events).filter(|event| event.last_day.as_str() >= today);
    let first = days.all.first()?;
    coming.map(|event| event.first_day.clone().max(first.clone())).min()
}

/// Scrolls the lanes, where this day is out of sight, so that it stands beside the names.
fn scrolled_to(day: &str) {
    let find = |selector: &str| document().query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    let lanes = find(".calendar-lanes").zip(find(&format!(".calendar th[data-day='{day}']")));
    if let (Some((lanes, head)), Some(names)) = (lanes, find(".calendar thead th"))
        && head.offset_left() + head.offset_width() > lanes.client_width()
    {
        lanes.set_scroll_left(head.offset_left() - names.offset_width());
    }
}

/// Goes to the event before or after.
fn walked(event: &KeyboardEvent) -> bool {
    let by = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return false,
    };
    let Some(here) = dom::closest(event, ".cal-event a") else { return false };
    let Ok(all) = document().query_selector_all(".cal-event a") else { return false };
    let links: Vec<HtmlElement> = (0..all.length()).filter_map(|n| all.item(n)?.dyn_into().ok()).collect();
    let at = links.iter().position(|link| link.is_same_node(Some(&here)));
    let next = at.and_then(|at| at.checked_add_signed(by)).and_then(|next| links.get(next));
    next.map(|link| link.focus()).is_some()
}

/// What sets a day apart: today, or a weekend.
fn kind(day: &str, today: &str) -> &'static str {
    match read(day) {
        _ if day == today => "today",
        Some(day) if day.weekday().number_from_monday() > 5 => "off",
        _ => "",
    }
}

fn lane(days: &Days, today: &str, (at, lane): (usize, &Lane), mover: Option<Mover>) -> AnyView {
    let (placed, rows) = placed(days, &lane.events);
    let cells: Vec<_> = days
        .all
        .iter()
        .enumerate()
        .map(|(column, day)| {
            let begins = placed.iter().filter(|one| one.first == column);
            let shown: Vec<_> = begins.map(|place| bar(days, place, &lane.events[place.event])).collect();
            let comes = mover.map(|mover| {
                let day = day.clone();
                move || mover.target_at(&day, at)
            });
            view! { <td class=kind(day, today) data-day=day.clone() data-lane=at data-target=comes>{shown}</td> }
        })
        .collect();
    // A week has room for how much there is to do at a venue.
    let (crew, needed) = lane
        .events
        .iter()
        .filter(|event| event.status != EventStatus::Cancelled)
        .fold((0, 0), |sum, event| (sum.0 + event.crew_hours, sum.1 + event.people_needed.max(0)));
    let load = [(crew > 0).then(|| format!("{crew} h of crew")), (needed > 0).then(|| format!("{needed} needed"))];
    let load: Vec<_> = load.into_iter().flatten().collect();
    let load = (days.week && lane.events.len() > 1 && !load.is_empty())
        .then(|| view! { <small class="cal-total">{load.join(" · ")}</small> });
    let city = (!lane.city.is_empty()).then(|| view! { <small><bdi>{lane.city.clone()}</bdi></small> });
    view! {
        <tr data-rows=rows.max(1)><th scope="row" title=lane.name.clone()><bdi>{lane.place.clone()}</bdi>{city}{load}</th>{cells}</tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_week_is_said_once_where_its_ends_share_a_month() {
        assert_eq!(super::week_in_words("2026-11-23", "2026-11-29"), "23–29 November 2026");
        assert_eq!(super::week_in_words("2026-11-30", "2026-12-06"), "30 November – 6 December 2026");
        assert_eq!(super::week_in_words("2026-12-28", "2027-01-03"), "28 December 2026 – 3 January 2027");
    }
}
