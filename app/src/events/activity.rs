//! What was done to an event, in sentences.

use eventify::events::{ActivityOf, Event};
use eventify::kernel::page::Page;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::{EventActivity, EventSummary};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::head::Rights;
use crate::ui::{FeedEntry, Icon, ListQuery, ago, card_flush, feed, state};

/// One entry, with when it was as the list shows it.
fn entry(row: EventActivity, zone: &Zone, shown: String) -> FeedEntry {
    let exact = zone.display(row.at);
    let when = view! { <time datetime=row.at.rfc3339() title=exact>{shown}</time> }.into_any();
    let what = row.said(&eventify::WORDS);
    FeedEntry { what, who: row.by, href: row.href, when, more: row.reason.map(|reason| format!("“{reason}”")) }
}

/// The entries as a feed, with how long ago each was; without `now`, on the page of the only record they are about, when,
/// by the clocks of the event.
pub fn entries(rows: Vec<EventActivity>, zone: &Zone, now: Option<Timestamp>) -> AnyView {
    let one = |row: EventActivity| {
        // The head of the list says whose clock it is.
        let plain = || zone.display(row.at).trim_end_matches(&zone.label(row.at)).trim_end().to_owned();
        let shown = now.map_or_else(plain, |now| ago(row.at, now));
        let href = row.href.clone().filter(|_| now.is_some());
        entry(EventActivity { href, ..row }, zone, shown)
    };
    feed(rows.into_iter().map(one).collect())
}

/// The entries, newest first, under the days they were on by the clocks of the event.
fn by_day(zone: &Zone, rows: Vec<EventActivity>) -> AnyView {
    let mut days: Vec<(String, Vec<FeedEntry>)> = Vec::new();
    for row in rows {
        let (day, shown) = (zone.display_day(row.at), zone.clock(row.at));
        let one = entry(row, zone, shown);
        match days.last_mut() {
            Some((last, list)) if *last == day => list.push(one),
            _ => days.push((day, vec![one])),
        }
    }
    let one = |(day, list): (String, Vec<FeedEntry>)| view! { <h3 class="feed-day">{day}</h3>{feed(list)} };
    days.into_iter().map(one).collect_view().into_any()
}

/// The latest, on the overview.
pub fn card_of(event: &Event, zone: &Zone, summary: &EventSummary, rows: Vec<EventActivity>) -> AnyView {
    let all =
        view! { <a class="btn small quiet" href=format!("/events/{}?tab=activity", event.id)>"All"</a> }.into_any();
    let body = match rows.is_empty() {
        true => view! { <p class="card-body muted">"Nothing happened yet"</p> }.into_any(),
        false => entries(rows, zone, Some(summary.as_of)),
    };
    card_flush("event-activity", "Activity", Some(all), body)
}

/// What of it can be shown alone, as far as this person sees it.
fn parts(query: &ListQuery, rights: Rights) -> AnyView {
    let seen = |of: &ActivityOf| match of {
        ActivityOf::Event => true,
        ActivityOf::Guests => rights.reads_tickets,
        ActivityOf::Money => rights.reads_money,
        ActivityOf::Gate => rights.reads_live,
        ActivityOf::Plan => rights.reads_plan,
    };
    let chosen = query.parsed::<ActivityOf>("of");
    let link = |of: Option<ActivityOf>| {
        let here = (of == chosen).then_some("true");
        let href = query.href("of", of.map(ActivityOf::as_str));
        view! { <a href=href aria-current=here data-noscroll="">{of.map_or("All", ActivityOf::title)}</a> }
    };
    let parts = ActivityOf::ALL.iter().copied().filter(seen).map(Some);
    view! { <nav class="segs" aria-label="Activity by kind">{[None].into_iter().chain(parts).map(link).collect_view()}</nav> }.into_any()
}

/// The tab.
pub fn tab(
    query: &ListQuery,
    zone: &Zone,
    summary: &EventSummary,
    page: Page<EventActivity>,
    rights: Rights,
) -> AnyView {
    let parts = parts(query, rights);
    if page.items.is_empty() {
        let text = match query.any(&["of"]) {
            true => "Entries of this kind appear here.",
            false => "Changes to this event, its tickets and its guests appear here.",
        };
        return card_flush(
            "event-activity",
            "Activity",
            Some(parts),
            state(Icon::ACTIVITY, "No activity yet", text, None),
        );
    }
    let label = zone.label(summary.as_of);
    let shown = match page.items.len() {
        1 => "1 entry shown".to_owned(),
        many => format!("{many} entries shown"),
    };
    let older = page.next_cursor.map(|cursor| {
        let href = query.href("cursor", Some(&cursor));
        view! { <a class="btn small" rel="next" href=href>"Older"{Icon::CHEVRON_RIGHT.svg()}</a> }
    });
    let newest = query.text("cursor").map(|_| {
        let href = query.href("cursor", None);
        view! { <a class="btn small" href=href>"Newest"</a> }
    });
    let body = view! {
        {by_day(zone, page.items)}
        <nav class="pager" aria-label="Pages of activity"><span>{format!("{shown} · times in {label}")}</span><div class="row">{newest}{older}</div></nav>
    };
    card_flush("event-activity", "Activity", Some(parts), body)
}
