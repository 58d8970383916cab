//! What is on.

use axum::extract::Query;
use axum::response::Response;
use eventify::events::operations::event_list;
use eventify::events::{City, Day, Event, EventFilter, EventStatus};
use eventify::kernel::error::{Error, Result, invalid_input};
use eventify::kernel::page::{Limit, Page, every};
use eventify::kernel::text::SearchText;
use eventify::kernel::timestamp::Timestamp;
use eventify::people::Interest;
use eventify::people::operations::interest_list;
use eventify::tickets::operations::event_seats;
use eventify::tickets::{EventSeats, SeatsQuery};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::view::{Head, place, price, refusal};
use super::visitor::{Visitor, Zones};

/// How many events a page shows.
const ROWS: u32 = 20;

/// What was looked for, as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct Wanted {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    city: String,
    /// An interest's word in addresses.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    interest: String,
    /// A day: what begins before it is left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    cursor: String,
}

impl Wanted {
    fn is_all(&self) -> bool {
        [&self.q, &self.city, &self.interest, &self.from, &self.cursor].iter().all(|part| part.is_empty())
    }

    fn filter(&self, interests: &[Interest], now: Timestamp) -> Result<EventFilter> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let mut wrong = invalid_input().detail("Part of what you look for cannot be read");
        let mut field = |name: &str, message: String| wrong = wrong.clone().field(name, message);
        let q = given(&self.q).map(|q| SearchText::parse(&q)).transpose().map_err(|m| field("q", m)).ok().flatten();
        let city = given(&self.city).map(|c| City::parse(&c)).transpose().map_err(|m| field("city", m)).ok().flatten();
        let day = given(&self.from).map(|day| Day::parse(&day));
        let from_day = day.transpose().map_err(|message| field("from", message)).ok().flatten();
        if !wrong.field_errors().is_empty() {
            return Err(wrong);
        }
        let chosen = interests.iter().find(|interest| interest.slug == self.interest);
        Ok(EventFilter {
            q,
            city,
            interest: chosen.map(|interest| vec![interest.id]),
            status: Some(vec![EventStatus::Published, EventStatus::Live]),
            from: Some(now),
            from_day,
            cursor: given(&self.cursor),
            limit: Limit::try_from(ROWS).ok(),
            ..EventFilter::default()
        })
    }
}

/// `GET /e`
pub async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    let interests = match every(|page| visitor.openly(interest_list(page))).await {
        Ok(interests) => interests,
        Err(error) => return visitor.refused(&error),
    };
    let found = match wanted.filter(&interests, visitor.hour()) {
        Ok(filter) => visitor.openly(event_list(filter)).await,
        Err(error) => Err(error),
    };
    let head = Head {
        title: "What is on".to_owned(),
        description: "Concerts, festivals, meet-ups and more: see what is on and get your ticket.".to_owned(),
        canonical: wanted.is_all().then(|| "/e".to_owned()),
        tags: html! {},
        data: None,
    };
    let found = async {
        let page = found?;
        let ids = page.items.iter().map(|event| event.id).collect();
        let seats = visitor.openly(event_seats(SeatsQuery { event_id: ids })).await?.items;
        let zones = visitor.zones(page.items.iter().map(|event| event.timezone.as_str())).await?;
        Ok::<_, Error>((page, seats, zones))
    };
    match found.await {
        Ok((page, seats, zones)) => {
            visitor.shared(&head, &body(&wanted, &interests, Some((&page, &seats, &zones)), None))
        }
        // A cursor of an hour ago: the list starts anew.
        Err(error) if error.for_field("cursor").is_some() => {
            let query = serde_urlencoded::to_string(Wanted { cursor: String::new(), ..wanted }).unwrap_or_default();
            crate::web::forms::see_other(&format!("/e?{query}"))
        }
        Err(error) => visitor.page(error.status(), &head, &body(&wanted, &interests, None, Some(&error))),
    }
}

fn body(
    wanted: &Wanted,
    interests: &[Interest],
    page: Option<(&Page<Event>, &[EventSeats], &Zones)>,
    error: Option<&Error>,
) -> Markup {
    html! {
        h1 { "What is on" }
        (search(wanted, interests))
        (refusal(error))
        @if let Some((page, seats, zones)) = page {
            @if page.items.is_empty() {
                div .state {
                    h2 { "Nothing matches" }
                    p { "Look for something else, or " a href="/e" { "see everything that is on" } "." }
                }
            } @else {
                ul .events { @for event in &page.items { (card(event, seats.iter().find(|one| one.event_id == event.id), zones)) } }
            }
            @if let Some(cursor) = &page.next_cursor {
                @let next = Wanted { cursor: cursor.clone(), ..wanted.clone() };
                p .more {
                    a .button .quiet href={ "/e?" (serde_urlencoded::to_string(next).unwrap_or_default()) } rel="next" {
                        "More events"
                    }
                }
            }
        }
    }
}

fn search(wanted: &Wanted, interests: &[Interest]) -> Markup {
    html! {
        form .search role="search" action="/e" {
            div .field .wide {
                label for="q" { "Search" }
                input id="q" name="q" type="search" value=(wanted.q) placeholder="Title, place or artist" maxlength="100";
            }
            div .field { label for="city" { "City" } input id="city" name="city" value=(wanted.city) maxlength="80"; }
            div .field {
                label for="interest" { "Interest" }
                select id="interest" name="interest" {
                    option value="" { "Any" }
                    @for interest in interests {
                        option value=(interest.slug) selected[interest.slug == wanted.interest] { (interest.name) }
                    }
                }
            }
            div .field { label for="from" { "From" } input id="from" name="from" type="date" value=(wanted.from); }
            button { "Search" }
        }
    }
}

/// So few seats are worth telling.
const FEW: i32 = 20;

/// What it costs: one price, or from the lowest.
fn cost(event: &Event, seats: Option<&EventSeats>) -> String {
    let lowest = seats.and_then(|seats| seats.lowest.as_ref()).unwrap_or(&event.ticket_price);
    let highest = seats.and_then(|seats| seats.highest.as_ref()).unwrap_or(lowest);
    match (lowest.minor, highest.minor) {
        (0, 0) => "Free".to_owned(),
        (0, _) => format!("Free and up to {}", price(highest)),
        (low, high) if low == high => price(lowest),
        _ => format!("from {}", price(lowest)),
    }
}

/// Whether there are seats, where that is worth a word.
fn left(seats: Option<&EventSeats>) -> Option<(&'static str, String)> {
    match seats?.left? {
        0 => Some(("bad", "Sold out".to_owned())),
        left if left <= FEW => Some(("warn", format!("{left} left"))),
        _ => None,
    }
}

/// One event of the list.
fn card(event: &Event, seats: Option<&EventSeats>, zones: &Zones) -> Markup {
    html! {
        li {
            a .event href={ "/e/" (event.slug) } {
                time datetime=(event.start_at.rfc3339()) { (zones.when(event)) }
                strong dir="auto" { (event.title) }
                span dir="auto" { (place(event)) }
                span .price {
                    (cost(event, seats))
                    @if event.status == EventStatus::Live { " " b .tag data-tone="ok" { "On now" } }
                    @if let Some((tone, text)) = left(seats) { " " b .tag data-tone=(tone) { (text) } }
                }
            }
        }
    }
}
