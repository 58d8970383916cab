//! One event at a glance: where it stands, what waits, and the way to everything that can be done.

use std::sync::Arc;

use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, EventStatus, Question};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::money::Money;
use eventify::kernel::page::every;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{TicketTypeQuery, event_summary, promo_code_list, ticket_type_list};
use eventify::tickets::{EventSummary, PromoCode, TicketType, going_on_sale};
use eventify::zones::Zone;
use maud::{Markup, html};
use time::Duration;

use super::super::art;
use super::super::view::{Head, act, act_sure, place, refused_act, seats, share, when, words};
use super::super::visitor::Visitor;
use super::{find, path, tag, top};
use crate::web::parts::Path;

/// All that the page shows.
struct Board {
    event: Event,
    zone: Arc<Zone>,
    ticket_types: Vec<TicketType>,
    promos: Vec<PromoCode>,
    questions: Vec<Question>,
    summary: EventSummary,
}

async fn read(visitor: &Visitor, event: &str) -> Result<Board> {
    let event = find(visitor, event).await?;
    let ticket_types = visitor.own(ticket_type_list(event.id, TicketTypeQuery::default())).await?.items;
    let promos = every(|page| visitor.own(promo_code_list(event.id, page))).await?;
    let questions = visitor.own(event_question_list(event.id)).await?.items;
    let summary = visitor.own(event_summary(event.id)).await?;
    let zone = visitor.zone(&event).await?;
    Ok(Board { event, zone, ticket_types, promos, questions, summary })
}

/// `GET /host/{id}`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    page(&visitor, &event, None).await
}

/// The same with what was refused of a step.
pub async fn page(visitor: &Visitor, event: &str, error: Option<&Error>) -> Response {
    match read(visitor, event).await {
        Ok(board) => {
            let body = body(visitor, &board, error);
            visitor.page(error.map_or(200, Error::status), &Head::own(&board.event.title), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

fn body(visitor: &Visitor, board: &Board, error: Option<&Error>) -> Markup {
    let event = &board.event;
    html! {
        p .tags { (tag(event)) span .hint { time datetime=(event.start_at.rfc3339()) { (when(event, &board.zone)) } " · " bdi { (place(event)) } } }
        (top(visitor, event, &event.title))
        (refused_act(error))
        (numbers(board))
        (stands(visitor, board))
        (acts(event))
        @if event.status.is_open() {
            section aria-labelledby="share" {
                h2 #share { "Share" }
                @let text = format!("{}, {}", event.title, board.zone.display_days(event.start_at, event.end_at));
                (share(&format!("{}/e/{}", visitor.base(), event.slug), "Public link", &text, "link"))
            }
        }
        (ticket_types(board))
        @if !event.status.is_over() {
            (promos(board))
            (questions(board))
        }
        (further(visitor, event))
    }
}

/// From so many seats on they look like a hall.
const HALL: i32 = 5;

/// The seats as a picture, and the numbers a host looks for first.
fn numbers(board: &Board) -> Markup {
    let (event, path) = (&board.event, path(&board.event));
    let paid: Vec<_> = board.summary.income.iter().map(Money::display).collect();
    html! {
        section .ink .panel .flow aria-label="Seats" {
            p { span .big { (event.going_count) } " of " (seats(event.capacity)) " taken" }
            @if event.capacity >= HALL { (art::house(event.going_count, event.capacity)) }
            @if board.summary.held > 0 { p { (held(board.summary.held)) } }
            dl .nums {
                div { dt .hint { "Guests" } dd { a href={ (path) "/guests" } { (board.summary.guests) } } }
                div { dt .hint { "Requests" } dd { a href={ (path) "/requests" } { (event.requests_count) } } }
                div { dt .hint { "Waiting list" } dd { a href={ (path) "/waiting-list" } { (board.summary.waiting) } } }
                @if !paid.is_empty() { div { dt .hint { "Paid for booked seats" } dd { (paid.join(", ")) } } }
            }
        }
    }
}

/// Seats that are neither free nor taken.
fn held(seats: i32) -> String {
    match seats {
        1 => "1 seat is held for a guest who has not paid yet.".to_owned(),
        seats => format!("{seats} seats are held for guests who have not paid yet."),
    }
}

/// What is missing before it can be published.
fn missing(event: &Event, now: Timestamp) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if event.venue_id.is_none() && event.venue_text.is_none() {
        missing.push("Add a venue or an address.");
    }
    if event.start_at <= now {
        missing.push("Choose a start in the future.");
    }
    missing
}

/// Where it stands, and the step that comes next.
fn stands(visitor: &Visitor, board: &Board) -> Markup {
    let (event, now, path) = (&board.event, visitor.now(), path(&board.event));
    let soon = event.start_at.0 - now.0 <= Duration::DAY;
    match event.status {
        EventStatus::Draft => draft(board, now),
        EventStatus::Published => html! {
            div .note data-tone="ok" {
                p { strong { "Published" } ". Goes live automatically at its start time." }
                p { a href={ "/e/" (event.slug) } { "View public page" } }
                @if soon {
                    (act_sure(&format!("{path}/start"), "Go live now", "Guests see that the event is live.", "Go live"))
                }
            }
        },
        EventStatus::Live => html! {
            div .note data-tone="ok" {
                p { strong { "Live now" } ". Ends automatically at its end time." }
                p { a href={ "/e/" (event.slug) } { "View public page" } }
                (act_sure(&format!("{path}/end"), "End event now", "Nobody can check in after that.", "End event"))
            }
        },
        EventStatus::Ended => html! { p .note data-tone="plain" { "This event has ended." } },
        EventStatus::Cancelled => html! {
            div .note data-tone="bad" {
                p { strong { "This event was cancelled." } }
                @if let Some(reason) = &event.cancellation_reason { (words(reason)) }
            }
        },
    }
}

fn draft(board: &Board, now: Timestamp) -> Markup {
    let missing = missing(&board.event, now);
    html! {
        div .note data-tone="plain" {
            p { strong { "Draft" } ". Only you see it." }
            @if missing.is_empty() {
                details .sure {
                    summary .button { "Publish" }
                    p { "Everyone can see it and book one of " (seats(board.event.capacity)) ":" }
                    ul .list {
                        @for said in going_on_sale(&board.ticket_types, board.event.capacity, &board.zone, now) { li dir="auto" { (said) } }
                    }
                    (act(&format!("{}/publish", path(&board.event)), "Publish event", false))
                }
            } @else {
                p { "Before you can publish:" }
                ul .list { @for one in &missing { li { (one) } } }
                p { a .button href={ (path(&board.event)) "/edit" } { "Complete event" } }
            }
        }
    }
}

fn acts(event: &Event) -> Markup {
    let path = path(event);
    html! {
        @if !event.status.is_over() {
            div .acts {
                a .button .quiet href={ (path) "/edit" } { "Edit event" }
                a .button .quiet href={ (path) "/pictures" } { "Pictures" }
                @if event.status.is_open() { a .button .quiet href={ (path) "/move" } { "Reschedule" } }
            }
        }
    }
}

fn ticket_types(board: &Board) -> Markup {
    let path = path(&board.event);
    html! {
        section aria-labelledby="ticket-types" {
            h2 #ticket_types { "Tickets" }
            @if board.ticket_types.is_empty() { p .hint { "None yet. Publishing adds a free ticket type, “Standard”, for all seats." } }
            ul .kinds {
                @for ticket_type in &board.ticket_types {
                    li {
                        strong dir="auto" { (ticket_type.name) } span .price { (ticket_type.price.price()) }
                        p .hint {
                            (ticket_type.sold_count) " sold, " (ticket_type.available.max(0)) " left"
                            @if ticket_type.hidden { " · hidden" }
                        }
                        @if !board.event.status.is_over() {
                            p { a href={ (path) "/ticket-types/" (ticket_type.id) } { "Edit " (ticket_type.name) } }
                        }
                    }
                }
            }
            @if !board.event.status.is_over() { p { a .button .quiet href={ (path) "/ticket-types" } { "Add ticket type" } } }
        }
    }
}

fn promos(board: &Board) -> Markup {
    let good = board.promos.iter().filter(|promo| promo.revoked_at.is_none()).count();
    html! {
        section aria-labelledby="promos" {
            h2 #promos { "Promo codes" }
            p {
                @if good == 0 { "None yet. " } @else { (good) " active. " }
                a href={ (path(&board.event)) "/promo-codes" } { "Manage promo codes" }
            }
        }
    }
}

fn questions(board: &Board) -> Markup {
    html! {
        section aria-labelledby="questions" {
            h2 #questions { "Questions to guests" }
            @if board.questions.is_empty() {
                p { "No questions. Guests can get a ticket without answering any." }
            } @else {
                ul .list { @for question in &board.questions { li { (question.label) } } }
            }
            p { a href={ (path(&board.event)) "/questions" } { "Edit questions" } }
        }
    }
}

fn further(visitor: &Visitor, event: &Event) -> Markup {
    // Another event in somebody's name is theirs to make: a co-host runs this one.
    let hosts = visitor.user.as_ref().is_some_and(|user| event.host_user_id == Some(user.id));
    let path = path(event);
    html! {
        section aria-labelledby="further" {
            h2 #further { "More" }
            div .acts {
                @if hosts { a .button .quiet href={ (path) "/duplicate" } { "Duplicate" } }
                @if !event.status.is_over() {
                    a .button .quiet href={ (path) "/cancel" } { "Cancel event" }
                }
            }
        }
    }
}
