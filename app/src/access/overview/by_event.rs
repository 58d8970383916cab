//! What the figures of the overview count, event by event.

use eventify::Error;
use eventify::kernel::money::count;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use eventify::overview::operations::{dashboard_event_list, dashboard_metrics};
use eventify::overview::{DashboardEvent, DashboardEventsQuery, DashboardMetrics, DashboardRange};
use eventify::zones::day_in_words;
use leptos::prelude::*;

use super::business::{days, since, title};
use crate::events::guarded;
use crate::ui::{Clock, Column, ListQuery, PageHead, Table, listed, loaded, zone_of};

/// How many days and since when, what was counted in them, and the events it was counted of.
type Data = (i64, Timestamp, DashboardMetrics, Page<DashboardEvent>);

/// The page.
pub fn by_event() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = listed(query, move |query| fetch(query, clock));
    loaded(data, move |data, me| guarded(&me, Permission::TicketsRead, || page(query.get_untracked(), data)))
}

async fn fetch(query: ListQuery, clock: Option<Clock>) -> Result<Data, Error> {
    let days = days(query.text("days"));
    let since = since(&*zone_of(clock).await, days);
    let from = Some(since);
    let range = DashboardEventsQuery { from, to: None, cursor: query.text("cursor"), limit: query.parsed("limit") };
    let (counts, page) =
        futures::try_join!(dashboard_metrics(DashboardRange { from, to: None }), dashboard_event_list(range))?;
    Ok((days, since, counts, page))
}

fn page(query: ListQuery, (days, since, counts, page): Data) -> AnyView {
    let name = |event: &DashboardEvent| {
        let href = format!("/events/{}?tab=guests", event.event_id);
        view! { <a href=href><bdi>{event.title.clone()}</bdi></a> }.into_any()
    };
    // One that goes on now has begun, and was not held yet.
    let began = |event: &DashboardEvent| if event.held { "Started".into_any() } else { ().into_any() };
    let number = |n: i64| if n == 0 { ().into_any() } else { count(n).into_any() };
    let wanted = DashboardEventsQuery { from: Some(since), ..DashboardEventsQuery::default() };
    let table = Table::new("Events", query)
        .counts("event", "events")
        .csv("/dashboard/events/export", &wanted)
        .column(Column::head("Event", name))
        .column(Column::new("Starts", |event: &DashboardEvent| day_in_words(&event.event_date).into_any()))
        .column(Column::new("In these days", began).said())
        .column(Column::new("Tickets issued", move |event: &DashboardEvent| number(event.tickets)).number())
        .column(Column::new("Entries, with re-entries", move |event: &DashboardEvent| number(event.let_in)).number())
        .empty("Nothing in these days", "No tickets were issued, and no event began.", None)
        .page(page);
    let now = |figure: Option<eventify::overview::Compared>| figure.map_or(0, |figure| figure.now);
    let subtitle = format!(
        "{}: {} tickets issued, {} entries at gates, re-entries included{}.",
        title(days),
        count(now(counts.tickets)),
        count(now(counts.let_in)),
        counts.events.map(|held| format!(", {} events started", count(held.now))).unwrap_or_default()
    );
    let crumbs = vec![("Overview".to_owned(), "/".to_owned())];
    view! { <div class="page"><PageHead title="Tickets and entries by event" crumbs=crumbs subtitle=subtitle/>{table}</div> }
        .into_any()
}
