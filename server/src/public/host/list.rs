//! The events one runs.

use axum::response::Response;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort};
use eventify::kernel::error::Error;
use eventify::kernel::page::{Limit, Page};
use maud::{Markup, html};
use serde::Deserialize;

use super::super::view::{Ground, Head, place, seats, tile};
use super::super::visitor::{Visitor, Zones};
use super::{path, tag};
use crate::web::forms::see_other;
use crate::web::parts::Query;

/// How many events a page shows.
const ROWS: u32 = 20;

/// Which of them are looked at.
#[derive(Deserialize)]
pub struct Wanted {
    /// Those that have begun.
    past: Option<String>,
    cursor: Option<String>,
}

/// `GET /host`
pub async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let (past, from_here) = (wanted.past.is_some(), wanted.cursor.is_none());
    let filter = EventFilter {
        mine: Some(true),
        from: (!past).then(|| visitor.hour()),
        to: past.then(|| visitor.hour()),
        sort: Some(if past { EventSort::StartDesc } else { EventSort::Start }),
        cursor: wanted.cursor,
        limit: Limit::try_from(ROWS).ok(),
        ..EventFilter::default()
    };
    let read = async {
        let page = visitor.own(event_list(filter)).await?;
        let zones = visitor.zones(page.items.iter().map(|event| event.timezone.as_str())).await?;
        Ok::<_, Error>((page, zones))
    };
    match read.await {
        Ok((page, _)) if page.items.is_empty() && from_here => {
            visitor.page(200, &Head::own("Your events").on(Ground::Card), &nothing(past))
        }
        Ok((page, zones)) => visitor.page(200, &Head::own("Your events"), &body(&page, &zones, past)),
        // A cursor of an hour ago: the list starts anew.
        Err(error) if error.for_field("cursor").is_some() => see_other(if past { "/host?past=yes" } else { "/host" }),
        Err(error) => visitor.refused(&error),
    }
}

/// Where there is none: what appears here, and the one act that brings it.
fn nothing(past: bool) -> Markup {
    html! {
        h1 { @if past { "Your past events" } @else { "Your events" } }
        @if past {
            p { "No past events. Events appear here once they have ended." }
            p { a .button .full .quiet href="/host" { "Upcoming events" } }
        } @else {
            h2 { "No upcoming events" }
            p { "Say what, where and when. Your event is a draft that only you see, until you publish it." }
            p { a .button .full href="/host/new" { "New event" } }
            p { a href="/host?past=yes" { "Past events" } }
        }
    }
}

fn body(page: &Page<Event>, zones: &Zones, past: bool) -> Markup {
    let more = if past { "/host?past=yes&cursor=" } else { "/host?cursor=" };
    html! {
        h1 { @if past { "Your past events" } @else { "Your events" } }
        p { a .button href="/host/new" { "New event" } }
        @if !page.items.is_empty() { div .surface { ul .lines { @for event in &page.items { (line(event, zones)) } } } }
        @if let Some(cursor) = &page.next_cursor {
            p .more { a .button .quiet href={ (more) (cursor) } rel="next" { "More events" } }
        }
        @if past {
            p { a href="/host" { "Upcoming events" } }
        } @else {
            p { a href="/host?past=yes" { "Past events" } }
        }
    }
}

fn line(event: &Event, zones: &Zones) -> Markup {
    html! {
        li {
            a .line href=(path(event)) {
                @if let Some(zone) = zones.of(&event.timezone) { (tile(event, zone)) }
                span .flow {
                    strong dir="auto" { (event.title) }
                    span .hint {
                        time datetime=(event.start_at.rfc3339()) { (zones.begins(event)) }
                        " · " bdi { (place(event)) }
                    }
                    span .tags {
                        (tag(event))
                        span { (event.going_count) " of " (seats(event.capacity)) " taken" }
                        @if event.requests_count > 0 {
                            span .tag data-tone="warn" { (event.requests_count) @if event.requests_count == 1 { " request" } @else { " requests" } }
                        }
                    }
                }
            }
        }
    }
}
