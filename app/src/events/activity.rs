//! What was done to an event, in sentences.

use eventify::events::{Event, Zone};
use eventify::kernel::page::Page;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::{EventActivity, EventSummary};
use leptos::prelude::*;

use crate::ui::{FeedEntry, Icon, ListQuery, ago, card, card_flush, feed, state};

/// One entry, with when it was as the list shows it.
fn entry(row: EventActivity, zone: &Zone, shown: String, href: Option<String>) -> FeedEntry {
    let exact = zone.display(row.at);
    let when = view! { <time datetime=row.at.rfc3339() title=exact>{shown}</time> }.into_any();
    let what = row.said(&eventify::WORDS);
    FeedEntry { what, who: row.by, href, when, more: row.reason.map(|reason| format!("“{reason}”")) }
}

/// The entries as a feed, with how long ago each was; without `now`, when, by the clocks of the event.
pub fn entries(rows: Vec<EventActivity>, zone: &Zone, now: Option<Timestamp>) -> AnyView {
    let one = |row: EventActivity| {
        // The head of the list says whose clock it is.
        let plain = || zone.display(row.at).trim_end_matches(&zone.label(row.at)).trim_end().to_owned();
        let shown = now.map_or_else(plain, |now| ago(row.at, now));
        entry(row, zone, shown, None)
    };
    feed(rows.into_iter().map(one).collect())
}

/// Where the record is that an entry is about; the event itself needs no link.
fn record(event: &Event, row: &EventActivity) -> Option<String> {
    let tab = match row.object_type.as_str() {
        "event_attendee" => format!("guests&guest={}", row.object_id),
        "event_invite" => "invitations".to_owned(),
        "event_request" => "requests".to_owned(),
        "waiting_list_entry" => "waiting".to_owned(),
        "ticket_type" => "types".to_owned(),
        "promo_code" => "promos".to_owned(),
        "event_stream" => "streams".to_owned(),
        _ => return None,
    };
    Some(format!("/events/{}?tab={tab}", event.id))
}

/// The entries, newest first, under the days they were on by the clocks of the event.
fn by_day(event: &Event, zone: &Zone, rows: Vec<EventActivity>) -> AnyView {
    let mut days: Vec<(String, Vec<FeedEntry>)> = Vec::new();
    for row in rows {
        let (day, shown, href) = (zone.display_day(row.at), zone.clock(row.at), record(event, &row));
        let one = entry(row, zone, shown, href);
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

/// The tab.
pub fn tab(
    event: &Event,
    query: &ListQuery,
    zone: &Zone,
    summary: &EventSummary,
    page: Page<EventActivity>,
) -> AnyView {
    if page.items.is_empty() {
        let text = "Changes to this event, its tickets and its guests appear here.";
        return card("event-activity", "Activity", None, state(Icon::ACTIVITY, "No activity yet", text, None));
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
    view! {
        <section class="card" aria-labelledby="event-activity">
            <header class="card-head"><h2 id="event-activity">"Activity"</h2><p class="muted">{format!("Times in {label}")}</p></header>
            {by_day(event, zone, page.items)}
            <nav class="pager" aria-label="Pages of activity"><span>{shown}</span><div class="row">{newest}{older}</div></nav>
        </section>
    }
    .into_any()
}
