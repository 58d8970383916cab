//! What is on: the landing, which shows what comes next, and the list that can be searched.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use eventify::events::operations::{event_choices, event_list};
use eventify::events::{City, Day, Event, EventChoices, EventFilter, EventStatus};
use eventify::kernel::error::{Error, Result, invalid_input};
use eventify::kernel::page::{Limit, Page, every};
use eventify::kernel::request::Request as Call;
use eventify::kernel::text::SearchText;
use eventify::kernel::timestamp::Timestamp;
use eventify::people::Interest;
use eventify::people::operations::interest_list;
use eventify::tickets::operations::event_seats;
use eventify::tickets::{EventSeats, SeatsQuery, price_from};
use eventify::zones::month_in_words;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use time::macros::format_description;
use time::{Date, Month};

use super::art;
use super::booking::FEW;
use super::view::{Ground, Head, organiser, place, refusal, tile};
use super::visitor::{Visitor, Zones, call_at};
use crate::web::Web;
use crate::web::parts::Query;

/// How many events a page shows.
const ROWS: u32 = 20;
/// How many have a large picture on the landing, and how many of those that are on.
const CARDS: usize = 6;
const LIVE: usize = 2;

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
    /// A day: what is over before it is left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    from: String,
    /// A month, such as `2026-12`: what is not on in it is left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    month: String,
    /// Who organises it: a partner's ID.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    cursor: String,
}

/// The first and the last day of a month.
fn days_of(month: &str) -> Result<(Day, Day), String> {
    let wrong = || "must be a month such as 2026-12".to_owned();
    let (year, month) = month.split_once('-').ok_or_else(wrong)?;
    let month: Month = month.parse::<u8>().ok().and_then(|month| month.try_into().ok()).ok_or_else(wrong)?;
    let year: i32 = year.parse().map_err(|_| wrong())?;
    let day = |day| {
        let date = Date::from_calendar_date(year, month, day).map_err(|_| wrong())?;
        Day::parse(&date.format(format_description!("[year]-[month]-[day]")).unwrap_or_default())
    };
    Ok((day(1)?, day(month.length(year))?))
}

impl Wanted {
    fn is_all(&self) -> bool {
        self.chosen() == 0 && self.cursor.is_empty()
    }

    /// How much was chosen.
    fn chosen(&self) -> usize {
        [&self.q, &self.city, &self.interest, &self.from, &self.month, &self.by]
            .iter()
            .filter(|part| !part.is_empty())
            .count()
    }

    fn address(&self) -> String {
        match serde_urlencoded::to_string(self).unwrap_or_default() {
            query if query.is_empty() => "/e".to_owned(),
            query => format!("/e?{query}"),
        }
    }

    fn filter(&self, interests: &[Interest], now: Timestamp) -> Result<EventFilter> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let mut wrong = invalid_input().detail("Part of your search can't be read");
        let mut field = |name: &str, message: String| wrong = wrong.clone().field(name, message);
        let q = given(&self.q).map(|q| SearchText::parse(&q)).transpose().map_err(|m| field("q", m)).ok().flatten();
        let city = given(&self.city).map(|c| City::parse(&c)).transpose().map_err(|m| field("city", m)).ok().flatten();
        let day = given(&self.from).map(|day| Day::parse(&day));
        let day = day.transpose().map_err(|message| field("from", message)).ok().flatten();
        let month = given(&self.month).map(|month| days_of(&month));
        let month = month.transpose().map_err(|message| field("month", message)).ok().flatten();
        let by = given(&self.by).map(|by| by.parse().map_err(|_| field("by", "is no organiser's ID".to_owned())));
        let by = by.transpose().ok().flatten();
        if !wrong.field_errors().is_empty() {
            return Err(wrong);
        }
        let (first, last) = month.unzip();
        let chosen = interests.iter().find(|interest| interest.slug == self.interest);
        Ok(EventFilter {
            q,
            city,
            interest: chosen.map(|interest| vec![interest.id]),
            status: Some(vec![EventStatus::Published, EventStatus::Live]),
            from: Some(now),
            from_day: day.or(first),
            to_day: last,
            organizer_partner_id: by,
            cursor: given(&self.cursor),
            limit: Limit::try_from(ROWS).ok(),
            ..EventFilter::default()
        })
    }
}

/// What the page shows beside what was found.
struct Choices {
    interests: Vec<Interest>,
    /// Cities and months in which something is on.
    there: EventChoices,
}

/// What was found.
struct Found {
    page: Page<Event>,
    seats: Vec<EventSeats>,
    zones: Zones,
}

impl Found {
    fn seats(&self, event: &Event) -> Option<&EventSeats> {
        self.seats.iter().find(|one| one.event_id == event.id)
    }
}

/// `GET /` of whoever is no staff.
pub async fn landing(web: &Web, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    // The address is the Command Center's, where cookies of guests do not count.
    if let Some(call) = parts.extensions.get::<Arc<Call>>() {
        let own = call_at(call, &parts.headers, "/e");
        parts.extensions.insert(Arc::new(own));
    }
    match Visitor::from_request_parts(&mut parts, web).await {
        Ok(visitor) => answer(visitor, Wanted::default(), true).await.into_response(),
        Err(refused) => refused,
    }
}

/// `GET /e`
pub async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    answer(visitor, wanted, false).await
}

async fn answer(visitor: Visitor, wanted: Wanted, landing: bool) -> Response {
    let choices = async {
        let interests = every(|page| visitor.openly(interest_list(page))).await?;
        Ok::<_, Error>(Choices { interests, there: visitor.openly(event_choices()).await? })
    };
    let choices = match choices.await {
        Ok(choices) => choices,
        Err(error) => return visitor.refused(&error),
    };
    let found = match wanted.filter(&choices.interests, visitor.hour()) {
        Ok(filter) => find(&visitor, filter).await,
        Err(error) => Err(error),
    };
    let all = wanted.is_all();
    let head = Head {
        title: if landing { "Find your seat" } else { "Events" }.to_owned(),
        description: "Concerts, festivals, meet-ups and more: see what's on and get your ticket.".to_owned(),
        canonical: all.then(|| if landing { "/" } else { "/e" }.to_owned()),
        ..Head::default()
    };
    match found {
        Ok(found) => {
            let (ground, body) = match landing {
                true => (Ground::Hero(hero(&wanted, &choices)), showcase(&wanted, &choices, &found)),
                false => (Ground::Wide, listed(&wanted, &choices, &found)),
            };
            visitor.shared(&head.on(ground), &body)
        }
        // A cursor of an hour ago: the list starts anew.
        Err(error) if error.for_field("cursor").is_some() => {
            crate::web::forms::see_other(&Wanted { cursor: String::new(), ..wanted }.address())
        }
        Err(error) => {
            let body = html! {
                h1 { "Events" }
                (refusal(Some(&error)))
                (search(&wanted, &choices))
                p { a href="/e" { "See all events" } }
            };
            visitor.page(error.status(), &head.on(Ground::Wide), &body)
        }
    }
}

async fn find(visitor: &Visitor, filter: EventFilter) -> Result<Found> {
    let page = visitor.openly(event_list(filter)).await?;
    let ids = page.items.iter().map(|event| event.id).collect();
    let seats = visitor.openly(event_seats(SeatsQuery { event_id: ids })).await?.items;
    let zones = visitor.zones(page.items.iter().map(|event| event.timezone.as_str())).await?;
    Ok(Found { page, seats, zones })
}

fn hero(wanted: &Wanted, choices: &Choices) -> Markup {
    html! {
        h1 { "Find your seat." }
        p .hint { "Music, food, workshops and good company near you." }
        (search(wanted, choices))
    }
}

fn search(wanted: &Wanted, choices: &Choices) -> Markup {
    html! {
        form .find role="search" action="/e" {
            input name="q" type="search" value=(wanted.q) placeholder="Event, venue or city" maxlength="100" aria-label="Search events";
            select name="interest" aria-label="Interest" {
                option value="" { "All interests" }
                @for interest in &choices.interests {
                    option value=(interest.slug) selected[interest.slug == wanted.interest] { (interest.name) }
                }
            }
            @if !wanted.city.is_empty() { input type="hidden" name="city" value=(wanted.city); }
            @if !wanted.month.is_empty() { input type="hidden" name="month" value=(wanted.month); }
            @if !wanted.by.is_empty() { input type="hidden" name="by" value=(wanted.by); }
            button { (art::icon(art::SEARCH)) "Search" }
        }
    }
}

/// Cities and months to choose from, each a link. What was chosen stands at the beginning, where a phone shows it.
fn chips(wanted: &Wanted, choices: &Choices) -> Markup {
    let city = |city: &str| Wanted { city: city.to_owned(), cursor: String::new(), ..wanted.clone() }.address();
    let month = |month: &str| Wanted { month: month.to_owned(), cursor: String::new(), ..wanted.clone() }.address();
    let current = |is: bool| is.then_some("true");
    let is_city = |name: &str| name.eq_ignore_ascii_case(&wanted.city);
    let mut cities: Vec<&str> = choices.there.cities.iter().map(|name| name.as_str()).collect();
    cities.sort_by_key(|name| !is_city(name));
    let mut months: Vec<&str> = choices.there.months.iter().map(|month| month.as_str()).collect();
    months.sort_by_key(|month| **month != *wanted.month);
    html! {
        div .flow .near {
            @if cities.len() > 1 {
                nav .chips aria-label="City" {
                    a href=(city("")) aria-current=[current(wanted.city.is_empty())] { "Everywhere" }
                    @for name in cities { a href=(city(name)) aria-current=[current(is_city(name))] { bdi { (name) } } }
                }
            }
            @if months.len() > 1 {
                nav .chips aria-label="Month" {
                    a href=(month("")) aria-current=[current(wanted.month.is_empty())] { "Any time" }
                    @for one in months { a href=(month(one)) aria-current=[current(one == wanted.month)] { (month_in_words(one)) } }
                }
            }
        }
    }
}

/// The landing: what is on, and what comes next, with pictures.
fn showcase(wanted: &Wanted, choices: &Choices, found: &Found) -> Markup {
    let (live, later): (Vec<&Event>, Vec<&Event>) =
        found.page.items.iter().partition(|event| event.status == EventStatus::Live);
    html! {
        div .flow .far {
            (chips(wanted, choices))
            @if found.page.items.is_empty() { (nothing(wanted, choices)) }
            @if !live.is_empty() {
                section .flow aria-labelledby="live" {
                    h2 #live { "Live now" }
                    @for event in live.iter().take(LIVE) { (now_card(event, found)) }
                }
            }
            @if !later.is_empty() {
                section .flow aria-labelledby="soon" {
                    h2 #soon { "Coming up" }
                    ul .shelf { @for (at, event) in later.iter().take(CARDS).enumerate() { li { (card(event, found, at == 0 && live.is_empty())) } } }
                }
            }
            @if !found.page.items.is_empty() { p .more { a .button .quiet href="/e" { "See all events" } } }
            (plan_one())
        }
    }
}

/// The list: an event in a row, month by month.
fn listed(wanted: &Wanted, choices: &Choices, found: &Found) -> Markup {
    let events: Vec<&Event> = found.page.items.iter().collect();
    let by = events.first().filter(|_| !wanted.by.is_empty()).map(|event| organiser(event));
    html! {
        @if let Some(name) = by.filter(|name| !name.is_empty()) {
            h1 { "Events by " bdi { (name) } }
            p { a href="/e" { "All events" } }
        } @else {
            h1 { "Events" }
        }
        (search(wanted, choices))
        (chips(wanted, choices))
        @if events.is_empty() { (nothing(wanted, choices)) }
        @for (month, events) in by_month(&events) {
            section .flow .near aria-labelledby={ "m-" (month) } {
                h2 id={ "m-" (month) } { (month_in_words(&month)) }
                ul .lines .rows { @for event in events { (row(event, found)) } }
            }
        }
        @if let Some(cursor) = &found.page.next_cursor {
            @let next = Wanted { cursor: cursor.clone(), ..wanted.clone() };
            p .more { a .button .quiet href=(next.address()) rel="next" { "More events" } }
        }
    }
}

/// What was looked for, as one says it: `No events in Mumbai in November 2026 for “jazz”`.
fn none_of(wanted: &Wanted, choices: &Choices) -> String {
    let interest = choices.interests.iter().find(|interest| interest.slug == wanted.interest);
    let mut said = interest.map_or_else(|| "No events".to_owned(), |one| format!("No “{}” events", one.name));
    if !wanted.by.is_empty() {
        said += " by this organiser";
    }
    if !wanted.city.is_empty() {
        said += &format!(" in {}", wanted.city);
    }
    if !wanted.month.is_empty() {
        said += &format!(" in {}", month_in_words(&wanted.month));
    }
    if !wanted.q.is_empty() {
        said += &format!(" for “{}”", wanted.q.trim());
    }
    said
}

fn nothing(wanted: &Wanted, choices: &Choices) -> Markup {
    html! {
        div .state {
            @if wanted.is_all() {
                h2 { "No events yet" }
                p { "Events appear here as soon as they are published." }
                p { a .button href="/host/new" { "Plan an event" } }
            } @else {
                h2 dir="auto" { (none_of(wanted, choices)) }
                @if wanted.chosen() > 1 { p { "Nothing matches all of it. Try another city, month or word." } }
                p { a .button .quiet href="/e" { "See all events" } }
            }
        }
    }
}

/// For those who come to host.
fn plan_one() -> Markup {
    html! {
        section .ink .panel .flow aria-labelledby="plan" {
            (art::seats(art::MINE))
            h2 #plan { "Plan an event" }
            p { "Say what, where and when. Publish it, share the link, and every guest gets a ticket." }
            p .acts { a .button href="/host/new" { "Plan an event" } a .button .quiet href="/host" { "Your events" } }
        }
    }
}

/// Events of each month by the clocks there, in order.
fn by_month<'e>(events: &[&'e Event]) -> Vec<(String, Vec<&'e Event>)> {
    let mut months: Vec<(String, Vec<&Event>)> = Vec::new();
    for event in events {
        let month = event.event_date.get(..7).unwrap_or_default();
        match months.last_mut() {
            Some((last, events)) if last == month => events.push(event),
            _ => months.push((month.to_owned(), vec![event])),
        }
    }
    months
}

/// What it costs: one price, or from the lowest.
fn cost(event: &Event, seats: Option<&EventSeats>) -> String {
    let lowest = price_from(event, seats);
    let highest = seats.and_then(|seats| seats.highest.as_ref()).unwrap_or(lowest);
    match (lowest.minor, highest.minor) {
        (low, high) if low == high => lowest.price(),
        (0, _) => format!("Free–{}", highest.price()),
        _ => format!("From {}", lowest.price()),
    }
}

/// What is left, where that is worth a word.
fn state(event: &Event, seats: Option<&EventSeats>) -> Markup {
    let few = |left: i32| left <= FEW || i64::from(left) * 20 <= i64::from(event.capacity);
    html! {
        @match seats.and_then(|seats| seats.left) {
            Some(0) => {
                span .tag data-tone="bad" { "Sold out" }
                @if event.status == EventStatus::Published { span .hint { "Waiting list" } }
            }
            Some(left) if few(left) => span .tag data-tone="warn" { (left) " left" },
            _ => {}
        }
    }
}

/// Price and seats of a card.
fn offers(event: &Event, seats: Option<&EventSeats>) -> Markup {
    html! { span .tags { span .price { (cost(event, seats)) } (state(event, seats)) } }
}

/// The name of the place alone.
fn venue(event: &Event) -> String {
    let name = event.venue_name.as_ref().or(event.venue_text.as_ref());
    name.map_or_else(|| place(event), |name| format!("{name}, {}", event.city))
}

/// An event that is on.
fn now_card(event: &Event, found: &Found) -> Markup {
    html! {
        a .card .ink .now href={ "/e/" (event.slug) } {
            (art::cover(event, true, art::Wide::Card))
            span .flow {
                strong dir="auto" { (event.title) }
                span { "Until " (found.zones.brief(&event.timezone, event.end_at)) " · " bdi { (venue(event)) } }
                (offers(event, found.seats(event)))
            }
        }
    }
}

/// An event with its picture.
fn card(event: &Event, found: &Found, first: bool) -> Markup {
    html! {
        a .card href={ "/e/" (event.slug) } {
            (art::cover(event, first, art::Wide::Card))
            strong dir="auto" { (event.title) }
            time datetime=(event.start_at.rfc3339()) { (found.zones.begins(event)) }
            span .hint dir="auto" { (venue(event)) }
            (offers(event, found.seats(event)))
        }
    }
}

/// An event in a row: its day, what and where it is, what it costs and how it stands, and its picture.
fn row(event: &Event, found: &Found) -> Markup {
    let seats = found.seats(event);
    html! {
        li {
            a .line .entry href={ "/e/" (event.slug) } {
                @if let Some(zone) = found.zones.of(&event.timezone) { (tile(event, zone)) }
                span .flow {
                    strong dir="auto" { (event.title) }
                    span .hint {
                        time datetime=(event.start_at.rfc3339()) { (found.zones.begins(event)) }
                        " · " bdi { (venue(event)) }
                    }
                }
                span .price { (cost(event, seats)) }
                span .tags {
                    @if event.status == EventStatus::Live { span .tag data-tone="live" { "Live now" } }
                    (state(event, seats))
                }
                (art::cover(event, false, art::Wide::Line))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_their_days_and_their_names() {
        let days = |month| days_of(month).map(|(first, last)| (first.as_str().to_owned(), last.as_str().to_owned()));
        assert_eq!(days("2028-02").unwrap(), ("2028-02-01".to_owned(), "2028-02-29".to_owned()));
        assert_eq!(month_in_words("2026-12"), "December 2026");
        for bad in ["", "12", "2026-13", "2026-0", "soon", "99999-01"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }
}
