//! An event's page, with where the visitor stands.

use axum::extract::Path;
use axum::response::Response;
use eventify::events::operations::event_by_slug;
use eventify::events::{Event, EventSlug, EventStatus, Zone};
use eventify::kernel::error::{Result, not_found};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{TicketTypeQuery, event_mine, ticket_type_list};
use eventify::tickets::{
    EventRequest, OwnPart, PromoWord, RequestStatus, ReservationStatus, TicketType, WaitingEntry, WaitingStatus,
};
use maud::{Markup, html};

use super::cover::COVER;
use super::meta;
use super::view::{act, act_sure, organiser, place, price, seats, standing, when};
use super::visitor::Visitor;

/// The event of that word in addresses, as everybody sees it.
pub async fn find(visitor: &Visitor, slug: &str) -> Result<Event> {
    let slug = EventSlug::parse(slug).map_err(|_| not_found())?;
    visitor.openly(event_by_slug(slug)).await
}

/// The kinds of tickets that are on show.
pub async fn types(visitor: &Visitor, event: &Event, promo_code: Option<PromoWord>) -> Result<Vec<TicketType>> {
    visitor.openly(ticket_type_list(event.id, TicketTypeQuery { promo_code })).await
}

/// What of an event is the visitor's.
async fn own_part(visitor: &Visitor, event: &Event) -> Result<Option<OwnPart>> {
    match &visitor.user {
        Some(_) => visitor.own(event_mine(event.id)).await.map(Some),
        None => Ok(None),
    }
}

/// Whether a request waits for its answer: one is enough.
fn asks(mine: Option<&OwnPart>) -> bool {
    mine.is_some_and(|mine| mine.requests.iter().any(|request| request.status == RequestStatus::Pending))
}

/// `GET /e/{slug}`
pub async fn show(visitor: Visitor, Path(slug): Path<String>) -> Response {
    let read = async {
        let event = find(&visitor, &slug).await?;
        let types = types(&visitor, &event, None).await?;
        let mine = own_part(&visitor, &event).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, eventify::kernel::error::Error>((event, types, mine, zone))
    };
    match read.await {
        Ok((event, types, mine, zone)) => {
            let head = meta::head(&visitor.base(), &event, &types, &zone);
            visitor.shared(&head, &body(&event, &types, mine.as_ref(), &zone, visitor.now()))
        }
        Err(error) => visitor.refused(&error),
    }
}

fn body(event: &Event, types: &[TicketType], mine: Option<&OwnPart>, zone: &Zone, now: Timestamp) -> Markup {
    let open = event.status.is_open() && event.end_at > now;
    html! {
        article .about {
            (standing(event, now))
            @if let Some(reason) = &event.cancellation_reason { p { (reason) } }
            @if let Some(picture) = meta::picture("", event) {
                img .cover src=(picture) alt="" width=(COVER.0) height=(COVER.1) decoding="async";
            }
            @if let Some(mood) = &event.mood { p .mood { (mood) } }
            h1 { (event.title) }
            @if let Some(mine) = mine { (own(event, mine, zone, now)) }
            (facts(event, zone))
            @if open { (kinds(event, types, mine, zone, now)) }
            @if !event.description.is_empty() {
                section aria-labelledby="about" {
                    h2 #about { "About" }
                    @for part in event.description.split("\n\n").filter(|part| !part.trim().is_empty()) { p { (part) } }
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
            div { dt { "Where" } dd { (place(event)) } }
            @if !organiser(event).is_empty() { div { dt { "By" } dd { (organiser(event)) } } }
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

fn kinds(event: &Event, types: &[TicketType], mine: Option<&OwnPart>, zone: &Zone, now: Timestamp) -> Markup {
    html! {
        section aria-labelledby="tickets" {
            h2 #tickets { "Tickets" }
            @if types.is_empty() { p { "No tickets are on show." } }
            ul .kinds {
                @for kind in types {
                    li {
                        strong { (kind.name) } span .price { (price(&kind.price)) }
                        @if !kind.description.is_empty() { p { (kind.description) } }
                        p .hint { (left(event, kind, zone, now)) }
                    }
                }
            }
            @let sold_out = types.iter().all(|kind| kind.available <= 0);
            @if !types.is_empty() && !asks(mine) && (!sold_out || waits_for_seats(event, now)) {
                p { a .button href={ "/e/" (event.slug) "/join" } rel="nofollow" {
                    @if sold_out { "Join the waiting list" } @else { "Get a seat" }
                } }
            }
        }
    }
}

/// Where the visitor stands, and what can be done about it.
fn own(event: &Event, mine: &OwnPart, zone: &Zone, now: Timestamp) -> Markup {
    let path = format!("/e/{}", event.slug);
    html! {
        @for person in &mine.attendees {
            div .note data-tone="ok" {
                p { strong { "You are going" } " · " (seats(person.seats)) ", " (person.ticket_type) }
                p { a .button href={ "/my/tickets?of=" (person.id) } { "Show my tickets" } }
                @if event.end_at > now {
                    (act_sure(
                        &format!("{path}/step-back/{}", person.id),
                        "I cannot come",
                        "Your tickets become void and your seats go to the next in line.",
                        "Give up my seats",
                    ))
                }
            }
        }
        @for request in &mine.requests { (asked(&path, request, zone)) }
        @for entry in &mine.waiting { (waits(&path, entry, zone)) }
        @for invite in &mine.invites {
            div .note data-tone="plain" {
                p { strong { "You are invited" } " · " (seats(invite.seats)) }
                @if !invite.message.is_empty() { p { "“" (invite.message) "”" } }
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
                p { "The organiser has not answered yet. We tell you when they do." }
                (act(&format!("{path}/unask/{}", request.id), "Take the request back", true))
            }
        } @else if let Some(held) = held {
            div .note data-tone="warn" {
                p { strong { "You are accepted" } " · " (seats(held.seats_reserved)) ", " (held.ticket_type) }
                p { "They are held until " (zone.display(held.expires_at)) ". To pay: " (held.total.display()) "." }
                (act(&format!("{path}/unask/{}", request.id), "Give them back", true))
            }
        }
    }
}

fn waits(path: &str, entry: &WaitingEntry, zone: &Zone) -> Markup {
    html! {
        @if entry.status == WaitingStatus::Offered {
            div .note data-tone="ok" {
                p { strong { (seats(entry.seats)) " came free for you" } " · " (entry.ticket_type) }
                @if let Some(until) = entry.offer_expires_at { p { "They are held until " (zone.display(until)) "." } }
                div .acts {
                    a .button href={ (path) "/offer/" (entry.id) } { "Take them" }
                    (act(&format!("{path}/leave/{}", entry.id), "Let them go", true))
                }
            }
        } @else {
            div .note data-tone="plain" {
                p { strong { "You are on the waiting list" } " · " (seats(entry.seats)) ", " (entry.ticket_type) }
                (act(&format!("{path}/leave/{}", entry.id), "Leave the waiting list", true))
            }
        }
    }
}
