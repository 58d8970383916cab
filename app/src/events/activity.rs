//! What was done to an event, in sentences.

use eventify::events::{Event, Zone};
use eventify::kernel::page::Page;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::{EventActivity, EventSummary};
use leptos::prelude::*;

use crate::ui::{FeedEntry, Icon, ListQuery, ago, card, card_flush, feed, state};

/// The entries as a feed, with how long ago each was; without `now`, when, by the clocks of the event.
pub fn entries(rows: Vec<EventActivity>, zone: &Zone, now: Option<Timestamp>) -> AnyView {
    let one = |row: EventActivity| {
        let exact = zone.display(row.at);
        // The head of the list says whose clock it is.
        let plain = exact.trim_end_matches(&zone.label(row.at)).trim_end().to_owned();
        let shown = now.map_or(plain, |now| ago(row.at, now));
        let when = view! { <time datetime=row.at.rfc3339() title=exact>{shown}</time> }.into_any();
        FeedEntry {
            what: row.said(&eventify::WORDS),
            who: row.by,
            href: None,
            when,
            more: row.reason.map(|reason| format!("“{reason}”")),
        }
    };
    feed(rows.into_iter().map(one).collect())
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
pub fn tab(query: &ListQuery, zone: &Zone, summary: &EventSummary, page: Page<EventActivity>) -> AnyView {
    if page.items.is_empty() {
        let text = "Changes to this event, its tickets and its guests appear here.";
        return card("event-activity", "Activity", None, state(Icon::ACTIVITY, "No activity yet", text, None));
    }
    let label = zone.label(summary.as_of);
    let shown = match page.items.len() {
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
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
            {entries(page.items, zone, None)}
            <nav class="pager" aria-label="Pages of activity"><span>{shown}</span><div class="row">{newest}{older}</div></nav>
        </section>
    }
    .into_any()
}
