//! One event at a glance: where it stands, what waits, and the way to everything that can be done.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, EventStatus, Question, Zone};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::every;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{TicketTypeQuery, promo_code_list, ticket_type_list, waiting_list};
use eventify::tickets::{PromoCode, TicketType, WaitingStatus};
use maud::{Markup, html};
use time::Duration;

use super::super::sent::new_key;
use super::super::view::{Head, act_sure, place, price, refused_act, when, words};
use super::super::visitor::Visitor;
use super::{find, path, top, word};

/// All that the page shows.
struct Board {
    event: Event,
    zone: Arc<Zone>,
    kinds: Vec<TicketType>,
    promos: Vec<PromoCode>,
    questions: Vec<Question>,
    /// Who stands in line for seats.
    waiting: usize,
}

async fn read(visitor: &Visitor, event: &str) -> Result<Board> {
    let event = find(visitor, event).await?;
    let kinds = visitor.own(ticket_type_list(event.id, TicketTypeQuery::default())).await?.items;
    let promos = every(|page| visitor.own(promo_code_list(event.id, page))).await?;
    let questions = visitor.own(event_question_list(event.id)).await?.items;
    let line = every(|page| visitor.own(waiting_list(event.id, page))).await?;
    let waits = |status| matches!(status, WaitingStatus::Waiting | WaitingStatus::Offered);
    let waiting = line.iter().filter(|entry| waits(entry.status)).count();
    let zone = visitor.zone(&event).await?;
    Ok(Board { event, zone, kinds, promos, questions, waiting })
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
        (top(visitor, event, &event.title))
        (refused_act(error))
        (stands(visitor, board))
        (facts(board))
        (acts(event))
        (kinds(board))
        @if !over(event) {
            (promos(board))
            (questions(board))
        }
        (further(visitor, event))
    }
}

/// Whether there is nothing left to plan.
fn over(event: &Event) -> bool {
    matches!(event.status, EventStatus::Ended | EventStatus::Cancelled)
}

/// What is missing before it can be published.
fn missing(event: &Event, now: Timestamp) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if event.venue_id.is_none() && event.venue_text.is_none() {
        missing.push("Say where it takes place.");
    }
    if event.start_at <= now {
        missing.push("It must start later than now.");
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
                p { strong { (word(event.status)) } ". It starts by itself at its time." }
                p { a href={ "/e/" (event.slug) } { "What everybody sees" } }
                @if soon {
                    (act_sure(&format!("{path}/start"), "Start it now", "Guests see that it is on.", "It begins"))
                }
            }
        },
        EventStatus::Live => html! {
            div .note data-tone="ok" {
                p { strong { (word(event.status)) } ". It ends by itself at its time." }
                (act_sure(&format!("{path}/end"), "End it now", "Nobody comes in any more after that.", "It is over"))
            }
        },
        EventStatus::Ended => html! { p .note data-tone="plain" { "It is over." } },
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
                @if board.kinds.is_empty() { p { "It has no tickets yet: it gets free ones when you publish it." } }
                form method="post" action={ (path(&board.event)) "/publish" } {
                    (new_key())
                    button { "Publish" }
                }
            } @else {
                p { "Before it can be published:" }
                ul .list { @for one in &missing { li { (one) } } }
                p { a .button href={ (path(&board.event)) "/edit" } { "Complete it" } }
            }
        }
    }
}

fn facts(board: &Board) -> Markup {
    let event = &board.event;
    html! {
        dl .facts {
            div { dt { "When" } dd { time datetime=(event.start_at.rfc3339()) { (when(event, &board.zone)) } } }
            div { dt { "Where" } dd dir="auto" { (place(event)) } }
            div { dt { "Seats" } dd { (event.going_count) " of " (event.capacity) " taken" } }
            @if event.requests_count > 0 {
                div {
                    dt { "Requests" }
                    dd { a href={ (path(event)) "/requests" } { (event.requests_count) " waiting for your answer" } }
                }
            }
            @if board.waiting > 0 { div { dt { "In line" } dd { (board.waiting) " waiting for a seat" } } }
        }
    }
}

fn acts(event: &Event) -> Markup {
    let path = path(event);
    html! {
        @if !over(event) {
            div .acts {
                a .button .quiet href={ (path) "/edit" } { "Edit" }
                a .button .quiet href={ (path) "/pictures" } { "Pictures" }
                @if event.status.is_open() { a .button .quiet href={ (path) "/move" } { "Move" } }
            }
        }
    }
}

fn kinds(board: &Board) -> Markup {
    let path = path(&board.event);
    html! {
        section aria-labelledby="kinds" {
            h2 #kinds { "Tickets" }
            @if board.kinds.is_empty() { p .hint { "None yet." } }
            ul .kinds {
                @for kind in &board.kinds {
                    li {
                        strong dir="auto" { (kind.name) } span .price { (price(&kind.price)) }
                        p .hint {
                            (kind.sold_count) " taken, " (kind.available.max(0)) " left"
                            @if kind.hidden { " · hidden" }
                        }
                        @if !over(&board.event) {
                            p { a href={ (path) "/kinds/" (kind.id) } { "Change " (kind.name) } }
                        }
                    }
                }
            }
            @if !over(&board.event) { p { a .button .quiet href={ (path) "/kinds" } { "Add a kind of ticket" } } }
        }
    }
}

fn promos(board: &Board) -> Markup {
    let good = board.promos.iter().filter(|promo| promo.revoked_at.is_none()).count();
    html! {
        section aria-labelledby="promos" {
            h2 #promos { "Promo codes" }
            p {
                @if good == 0 { "None yet. " } @else if good == 1 { "One works. " } @else { (good) " work. " }
                a href={ (path(&board.event)) "/promo-codes" } { "Change the promo codes" }
            }
        }
    }
}

fn questions(board: &Board) -> Markup {
    html! {
        section aria-labelledby="questions" {
            h2 #questions { "Questions to guests" }
            @if board.questions.is_empty() {
                p { "Guests are asked nothing on their way in." }
            } @else {
                ul .list { @for question in &board.questions { li { (question.label) } } }
            }
            p { a href={ (path(&board.event)) "/questions" } { "Change the questions" } }
        }
    }
}

fn further(visitor: &Visitor, event: &Event) -> Markup {
    // Another event in somebody's name is theirs to make: a co-host runs this one.
    let hosts = visitor.user.as_ref().is_some_and(|user| event.host_user_id == Some(user.id));
    let path = path(event);
    html! {
        section aria-labelledby="further" {
            h2 #further { "Further" }
            div .acts {
                @if hosts { a .button .quiet href={ (path) "/duplicate" } { "Duplicate" } }
                @if !over(event) {
                    a .button .quiet href={ (path) "/call-off" } { "Cancel event" }
                }
            }
        }
    }
}
