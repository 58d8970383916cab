//! The list of events: what is on, what comes, what was, and what is still being planned.

use std::collections::BTreeMap;

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::event_list;
use eventify::events::{City, Event, EventFilter, EventSort, EventStatus};
use eventify::kernel::money::count;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::overview::Waiting;
use eventify::tickets::operations::event_seats;
use eventify::tickets::{EventSeats, SeatsQuery, price_from};
use eventify::zones::{day_in_short, day_in_words};
use leptos::prelude::*;

use super::clock::zone_in_words;
use super::{going, guarded, organiser, place, standing, status_title};
use crate::frame::use_waiting;
use crate::ui::{Column, Icon, ListQuery, Loading, PageHead, Table, listed, live, loaded, own_zone};

/// A part of the list: its key in the URL, its name, the events in it and their order.
struct Part {
    key: &'static str,
    title: &'static str,
    status: &'static [EventStatus],
    sort: EventSort,
    word: &'static str,
}

const PARTS: &[Part] = &[
    Part { key: "live", title: "Live", status: &[EventStatus::Live], sort: EventSort::Start, word: "start_at" },
    Part {
        key: "upcoming",
        title: "Upcoming",
        // What is on now is first among what comes.
        status: &[EventStatus::Live, EventStatus::Published],
        sort: EventSort::Start,
        word: "start_at",
    },
    Part { key: "past", title: "Past", status: &[EventStatus::Ended], sort: EventSort::StartDesc, word: "-start_at" },
    // Some of them were still to come: they are no past.
    Part {
        key: "cancelled",
        title: "Cancelled",
        status: &[EventStatus::Cancelled],
        sort: EventSort::StartDesc,
        word: "-start_at",
    },
    Part { key: "drafts", title: "Drafts", status: &[EventStatus::Draft], sort: EventSort::Start, word: "start_at" },
    Part { key: "requests", title: "Requests", status: &[], sort: EventSort::Start, word: "start_at" },
    Part { key: "all", title: "All", status: &[], sort: EventSort::Start, word: "start_at" },
];

/// The part the URL names. Where it asks for a status it is all of them that have it.
fn part(query: &ListQuery) -> &'static Part {
    let named = query.text("when");
    let key = match named.as_deref() {
        None if query.any(&["status"]) => "all",
        None => "upcoming",
        Some(key) => key,
    };
    PARTS.iter().find(|part| part.key == key).unwrap_or(&PARTS[1])
}

/// The list.
pub fn events() -> AnyView {
    let query = ListQuery::current();
    let waiting = use_waiting();
    let data = listed(query, move |q| fetch(q, waiting));
    loaded(data, move |record, me| {
        guarded(&me, Permission::EventsRead, || list(query.get_untracked(), data, record, &me))
    })
}

/// A page of the list.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    page: Page<Event>,
    /// What can be had of them, and for how much.
    seats: Vec<EventSeats>,
    waiting: Waiting,
}

/// So many events are asked for their seats at once.
const AT_ONCE: usize = 100;

async fn fetch(q: ListQuery, waiting: Loading<Waiting>) -> Result<Data, Error> {
    let page = event_list(filter(&q)).await?;
    let mut seats = Vec::new();
    for some in page.items.chunks(AT_ONCE) {
        let event_id = some.iter().map(|event| event.id).collect();
        seats.extend(event_seats(SeatsQuery { event_id }).await?.items);
    }
    Ok(Data { page, seats, waiting: waiting.await.unwrap_or_default() })
}

/// A line that says how many events came to this part of the list meanwhile.
fn news(part: &Part, query: &ListQuery, data: Loading<Data>, page: &Page<Event>) -> Option<AnyView> {
    // What a search finds is not known here.
    if query.any(&["q", "city", "status", "from", "to", "cursor"]) {
        return None;
    }
    // Every event begins as a draft; by which step it comes to another part.
    let (kind, step) = match part.key {
        "drafts" | "all" => ("event.created", None),
        "upcoming" => ("event.status_changed", Some(EventStatus::Published)),
        "live" => ("event.status_changed", Some(EventStatus::Live)),
        "past" => ("event.status_changed", Some(EventStatus::Ended)),
        "cancelled" => ("event.status_changed", Some(EventStatus::Cancelled)),
        _ => return None,
    };
    let shown = page.items.iter().map(|event| event.id.to_string()).collect();
    let new = move |heard: &live::Heard| {
        let came = step.is_none_or(|step| heard.payload["status"] == step.as_str());
        came.then(|| heard.aggregate_id.clone()).into_iter().collect()
    };
    Some(live::newcomers(&[kind], ("event", "events"), shown, new, move || data.refetch()))
}

fn filter(q: &ListQuery) -> EventFilter {
    let part = part(q);
    let chosen = q.parsed::<EventStatus>("status").filter(|_| part.status.is_empty()).map(|status| vec![status]);
    EventFilter {
        q: q.parsed("q"),
        city: q.parsed::<City>("city"),
        status: chosen.or((!part.status.is_empty()).then(|| part.status.to_vec())),
        has_requests: (part.key == "requests").then_some(true),
        from_day: q.parsed("from"),
        to_day: q.parsed("to"),
        sort: Some(q.parsed("sort").unwrap_or(part.sort)),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
        ..EventFilter::default()
    }
}

fn list(query: ListQuery, data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let Data { page, seats, waiting } = record;
    let part = part(&query);
    let news = news(part, &query, data, &page);
    let by_day = query.text("sort").is_none_or(|sort| sort.trim_start_matches('-') == "start_at");
    let parts = PARTS.iter().filter(|known| known.key != "requests" || waiting.requests.is_some_and(|n| n > 0));
    let counted = |key: &str| match key {
        // Numbers of events alone: those of requests stand in the rows.
        "live" => waiting.live_events.filter(|n| *n > 0),
        _ => None,
    };
    let parts = parts.map(|known| (known.key, known.title, counted(known.key))).collect();
    let wanted = filter(&query);
    let mut table = Table::new("Events", query)
        .csv("/events/export", &wanted)
        .counts("event", "events")
        .segments("when", part.key, parts)
        .views("events")
        .sorted(part.word)
        .by_day("start_at")
        .by_day("created")
        .by_letter("title")
        .search("Title, venue or description");
    if part.status.is_empty() {
        let statuses = EventStatus::ALL.iter().map(|s| (s.as_str().to_owned(), status_title(*s).to_owned())).collect();
        table = table.select("status", "Any status", statuses);
    }
    // Under the heading of its day a row says its zone only where the heading names another.
    let zones = if by_day { zones_of_days(&page.items) } else { BTreeMap::new() };
    if by_day {
        let zones = zones.clone();
        table = table.under(move |event: &Event| {
            let zone = zones.get(&event.event_date).map(|zone| format!(" · {}", zone_in_words(zone)));
            format!("{}{}", day_in_words(&event.event_date), zone.unwrap_or_default())
        });
    }
    let table = table
        .input("city", "text", "City")
        .input("from", "date", "From")
        .input("to", "date", "To")
        .column(Column::head("Title", title).sort("title").key("title"))
        .column(
            Column::new("Starts", move |event: &Event| starts(event, &zones))
                .sort("start_at")
                .key("starts")
                .nowrap()
                .said(),
        )
        .column(Column::new("Status", standing).key("status"))
        .column(Column::new("Venue", |e: &Event| place(e).into_any()).key("place").low().said())
        .column(Column::new("Going", filled).key("going").number().said())
        .column(Column::new("Price from", move |event: &Event| offered(event, &seats)).key("price").number().said())
        .column(Column::new("Created", |e: &Event| created(e)).sort("created").key("created").rare())
        .empty(nothing(part.key).0, nothing(part.key).1, None)
        .page(page);
    let new = || view! { <a class="btn primary" href="/events/new">{Icon::PLUS.svg()}"New event"</a> }.into_any();
    let actions = me.may_somewhere(Permission::EventsManage).then(new).into_any();
    view! { <div class="page"><PageHead title="Events" actions=actions/>{news}{table}</div> }.into_any()
}

/// What is said where a part is empty.
fn nothing(part: &str) -> (&'static str, &'static str) {
    match part {
        "live" => ("No event is live", "Events appear here from their start to their end."),
        "past" => ("No past events", "Events that ended appear here."),
        "cancelled" => ("No cancelled events", "Events that were cancelled appear here."),
        "drafts" => ("No drafts", "Events appear here until they are published."),
        "requests" => ("No requests to answer", "Events whose guests wait for an answer appear here."),
        "all" => ("No events yet", "Create the first one. Nobody sees it until it is published."),
        _ => ("No upcoming events", "Published events appear here until they end."),
    }
}

fn title(event: &Event) -> AnyView {
    let href = format!("/events/{}", event.id);
    let asked = (event.requests_count > 0).then(|| {
        let words = match event.requests_count {
            1 => "1 request to answer".to_owned(),
            n => format!("{n} requests to answer"),
        };
        view! { " · "<strong>{words}</strong> }
    });
    view! { <a href=href>{event.title.clone()}</a><small>{organiser(event)}{asked}</small> }.into_any()
}

/// What a ticket costs, while there can be any.
fn offered(event: &Event, seats: &[EventSeats]) -> AnyView {
    let seats = seats.iter().find(|one| one.event_id == event.id);
    if event.status == EventStatus::Cancelled { "–".into_any() } else { price_from(event, seats).price().into_any() }
}

/// The zone of each day's first event.
fn zones_of_days(events: &[Event]) -> BTreeMap<String, String> {
    events.iter().rev().map(|event| (event.event_date.clone(), event.timezone.clone())).collect()
}

fn starts(event: &Event, zones: &BTreeMap<String, String>) -> AnyView {
    // The heading says the day.
    let hour = match zones.contains_key(&event.event_date) {
        true => event.start_time.clone(),
        false => format!("{}, {}", day_in_short(&event.event_date), event.start_time),
    };
    let other = zones.get(&event.event_date).is_none_or(|zone| *zone != event.timezone);
    let zone = other.then(|| view! { <small>{zone_in_words(&event.timezone)}</small> });
    view! { <time datetime=event.start_at.rfc3339() title=event.start_at.display_utc()>{hour}</time>{zone} }.into_any()
}

/// When it was created, by the reader's clock: under a day by the event's it says whose that is.
fn created(event: &Event) -> AnyView {
    let (own, at) = (own_zone(), event.created_at);
    let zone = (own.name != event.timezone).then(|| view! { <small>{zone_in_words(&own.name)}</small> });
    view! { {crate::ui::at(at)}{zone} }.into_any()
}

/// How many go, and how full that is.
fn filled(event: &Event) -> AnyView {
    let label = format!("{} of {} seats taken", count(event.going_count.into()), count(event.capacity.into()));
    view! {
        {going(event)}
        <progress class="fill" value=event.going_count.to_string() max=event.capacity.to_string() aria-label=label></progress>
    }
    .into_any()
}
