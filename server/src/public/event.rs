//! An event's page, with where the visitor stands.

use axum::extract::{Path, Query};
use axum::response::Response;
use eventify::events::operations::event_by_slug;
use eventify::events::{Event, EventSlug, EventStatus, Zone};
use eventify::kernel::error::{Result, not_found};
use eventify::kernel::page::every;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{TicketTypeQuery, event_mine, my_waiting_list, ticket_type_list};
use eventify::tickets::{
    Attendee, EventRequest, OwnPart, PromoWord, RequestStatus, ReservationStatus, TicketType, WaitingPlace,
    WaitingStatus,
};
use maud::{Markup, html};

use super::cover::COVER;
use super::done::{self, After};
use super::meta;
use super::view::{act, act_sure, nth, organiser, place, price, quoted, seats, standing, when, words};
use super::visitor::Visitor;

/// The event of that word in addresses, as everybody sees it.
pub async fn find(visitor: &Visitor, slug: &str) -> Result<Event> {
    let slug = EventSlug::parse(slug).map_err(|_| not_found())?;
    visitor.openly(event_by_slug(slug)).await
}

/// The kinds of tickets that are on show.
pub async fn types(visitor: &Visitor, event: &Event, promo_code: Option<PromoWord>) -> Result<Vec<TicketType>> {
    Ok(visitor.openly(ticket_type_list(event.id, TicketTypeQuery { promo_code })).await?.items)
}

/// What of an event is the visitor's.
struct Mine {
    part: OwnPart,
    /// Where they stand in line.
    waiting: Vec<WaitingPlace>,
}

impl Mine {
    async fn of(visitor: &Visitor, event: &Event) -> Result<Option<Mine>> {
        if visitor.user.is_none() {
            return Ok(None);
        }
        let part = visitor.own(event_mine(event.id)).await?;
        let mut waiting = Vec::new();
        if !part.waiting.is_empty() {
            waiting = every(|page| visitor.own(my_waiting_list(page))).await?;
            waiting.retain(|place| place.entry.event_id == event.id);
        }
        Ok(Some(Mine { part, waiting }))
    }

    /// Whether there is nothing left to wait for: one place for each kind is enough.
    fn waits_for_all(&self, types: &[TicketType]) -> bool {
        let waits = |kind: &TicketType| self.waiting.iter().any(|place| place.entry.ticket_type_id == kind.id);
        types.iter().all(|kind| kind.available <= 0 && waits(kind))
    }

    /// Whether a request waits for its answer: one is enough.
    fn asks(&self) -> bool {
        self.part.requests.iter().any(|request| request.status == RequestStatus::Pending)
    }
}

/// `GET /e/{slug}`
pub async fn show(visitor: Visitor, Path(slug): Path<String>, Query(after): Query<After>) -> Response {
    let read = async {
        let event = find(&visitor, &slug).await?;
        let types = types(&visitor, &event, None).await?;
        let mine = Mine::of(&visitor, &event).await?;
        let done = done::notice(&visitor, &event, &after).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, eventify::kernel::error::Error>((event, types, mine, done, zone))
    };
    match read.await {
        Ok((event, types, mine, done, zone)) => {
            let head = meta::head(&visitor.base(), &event, &types, &zone);
            let told = Told { mine: mine.as_ref(), done: &done, zone: &zone, now: visitor.now() };
            visitor.shared(&head, &body(&event, &types, &told))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// What a page says beside the event itself: to whom, after what, by which clocks and when.
struct Told<'p> {
    mine: Option<&'p Mine>,
    done: &'p Markup,
    zone: &'p Zone,
    now: Timestamp,
}

fn body(event: &Event, types: &[TicketType], told: &Told<'_>) -> Markup {
    let Told { mine, done, zone, now } = *told;
    let open = event.status.is_open() && event.end_at > now;
    html! {
        article .about {
            (standing(event, now))
            @if let Some(reason) = &event.cancellation_reason { (words(reason)) }
            @if let Some(picture) = meta::picture("", event) {
                img .cover src=(picture) alt="" width=(COVER.0) height=(COVER.1) decoding="async";
            }
            @if let Some(mood) = &event.mood { p .mood dir="auto" { (mood) } }
            h1 dir="auto" { (event.title) }
            (done)
            @if let Some(mine) = mine { (own(event, mine, zone, now)) }
            (facts(event, zone))
            @if open { (kinds(event, types, mine, zone, now)) }
            @if !event.description.is_empty() {
                section aria-labelledby="about" {
                    h2 #about { "About" }
                    @for part in event.description.split("\n\n").filter(|part| !part.trim().is_empty()) { (words(part)) }
                }
            }
        }
    }
}

fn facts(event: &Event, zone: &Zone) -> Markup {
    html! {
        dl .facts {
            div {
                dt { "When" }
                dd {
                    time datetime=(event.start_at.rfc3339()) { (when(event, zone)) }
                    " · " a href={ "/api/v1/events/" (event.id) "/calendar.ics" } { "Add to calendar" }
                }
            }
            div { dt { "Where" } dd dir="auto" { (place(event)) } }
            @if !organiser(event).is_empty() { div { dt { "By" } dd dir="auto" { (organiser(event)) } } }
        }
    }
}

/// Whether there is a waiting list: seats are offered until the event begins.
pub fn waits_for_seats(event: &Event, now: Timestamp) -> bool {
    event.status == EventStatus::Published && event.start_at > now
}

/// What can be had of a kind, in words.
pub fn left(event: &Event, kind: &TicketType, zone: &Zone, now: Timestamp) -> String {
    match kind {
        kind if kind.sales_start_at.is_some_and(|start| start > now) => {
            format!("On sale from {}", zone.display(kind.sales_start_at.unwrap_or(now)))
        }
        kind if kind.sales_end_at.is_some_and(|end| end <= now) => "The sale is closed".to_owned(),
        kind if kind.available <= 0 && waits_for_seats(event, now) => {
            "Sold out: you can join the waiting list".to_owned()
        }
        kind if kind.available <= 0 => "Sold out".to_owned(),
        kind if kind.available <= 20 => format!("{} left", kind.available),
        _ => "Available".to_owned(),
    }
}

fn kinds(event: &Event, types: &[TicketType], mine: Option<&Mine>, zone: &Zone, now: Timestamp) -> Markup {
    html! {
        section aria-labelledby="tickets" {
            h2 #tickets { "Tickets" }
            @if types.is_empty() { p { "No tickets are on show." } }
            ul .kinds {
                @for kind in types {
                    li {
                        strong dir="auto" { (kind.name) } span .price { (price(&kind.price)) }
                        @if !kind.description.is_empty() { (words(&kind.description)) }
                        p .hint { (left(event, kind, zone, now)) }
                    }
                }
            }
            @let sold_out = types.iter().all(|kind| kind.available <= 0);
            @let has_it = mine.is_some_and(|mine| mine.asks() || mine.waits_for_all(types));
            @if !types.is_empty() && !has_it && (!sold_out || waits_for_seats(event, now)) {
                p { a .button href={ "/e/" (event.slug) "/join" } rel="nofollow" {
                    @if sold_out { "Join the waiting list" } @else { "Get a seat" }
                } }
            }
        }
    }
}

/// Where the visitor stands, and what can be done about it.
fn own(event: &Event, mine: &Mine, zone: &Zone, now: Timestamp) -> Markup {
    let path = format!("/e/{}", event.slug);
    html! {
        @for person in &mine.part.attendees {
            div .note data-tone="ok" {
                p { strong { "You are going" } " · " (seats(person.seats)) ", " bdi { (person.ticket_type) } }
                p { a .button href={ "/my/tickets?of=" (person.id) } { "Show my tickets" } }
                @if event.end_at > now {
                    (act_sure(
                        &format!("{path}/step-back/{}", person.id),
                        "Can't make it?",
                        &before_leaving(person),
                        "Cancel my booking",
                    ))
                }
            }
        }
        @for request in &mine.part.requests { (asked(&path, request, zone)) }
        @for entry in &mine.waiting { (waits(&path, entry, zone)) }
        @for invite in &mine.part.invites {
            div .note data-tone="plain" {
                p { strong { "You are invited" } " · " (seats(invite.seats)) }
                @if !invite.message.is_empty() { (quoted(&invite.message)) }
                p { a .button href={ (path) "/invite/" (invite.id) } { "Answer the invitation" } }
            }
        }
    }
}

fn asked(path: &str, request: &EventRequest, zone: &Zone) -> Markup {
    let held = request.reservation.as_ref().filter(|held| held.status == ReservationStatus::Active);
    html! {
        @if request.status == RequestStatus::Pending {
            div .note data-tone="plain" {
                p { strong { "You have asked for " (seats(request.seats_requested)) } }
                p { "The organiser has not answered yet. You will be notified when they do." }
                (act(&format!("{path}/unask/{}", request.id), "Withdraw request", true))
            }
        } @else if let Some(held) = held {
            div .note data-tone="warn" {
                p { strong { "You are accepted" } " · " (seats(held.seats_reserved)) ", " bdi { (held.ticket_type) } }
                p { "They are held until " (zone.display(held.expires_at)) ". To pay: " (held.total.display()) "." }
                (act(&format!("{path}/unask/{}", request.id), "Release seats", true))
            }
        }
    }
}

/// What cancelling one's booking means, money included.
fn before_leaving(person: &Attendee) -> String {
    let paid = match person.price_paid.minor {
        0 => String::new(),
        _ => format!(" You paid {}: it is not refunded by itself.", person.price_paid.display()),
    };
    format!("Your tickets will be voided ({}) and offered to others.{paid} This can't be undone.", seats(person.seats))
}

fn waits(path: &str, waiting: &WaitingPlace, zone: &Zone) -> Markup {
    let entry = &waiting.entry;
    html! {
        @if entry.status == WaitingStatus::Offered {
            div .note data-tone="ok" {
                p { strong { (seats(entry.seats)) " came free for you" } " · " bdi { (entry.ticket_type) } }
                @if let Some(until) = entry.offer_expires_at { p { "They are held until " (zone.display(until)) "." } }
                div .acts {
                    a .button href={ (path) "/offer/" (entry.id) } { "Take them" }
                    (act(&format!("{path}/leave/{}", entry.id), "Decline", true))
                }
            }
        } @else {
            div .note data-tone="plain" {
                p { strong { "You are on the waiting list" } " · " (seats(entry.seats)) ", " bdi { (entry.ticket_type) } }
                @if let Some(place) = waiting.place { p { "You are " (nth(place)) " on the waiting list. You will be notified when seats come free." } }
                (act(&format!("{path}/leave/{}", entry.id), "Leave the waiting list", true))
            }
        }
    }
}
