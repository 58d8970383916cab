//! Who waits for seats, in order, and offering seats to one of them out of turn.

use std::sync::Arc;

use axum::extract::{Path, Query};
use axum::response::Response;
use eventify::events::{Event, Zone};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::{Limit, Page, Paging};
use eventify::tickets::operations::{waiting_list, waiting_list_offer};
use eventify::tickets::{WaitingEntry, WaitingStatus};
use maud::{Markup, html};
use serde::Deserialize;

use super::super::view::{Head, act_sure, refused_act, seats};
use super::super::visitor::{Visitor, id};
use super::{find, outcome, path, top};
use crate::web::forms::see_other;

/// How many entries a page shows.
const ROWS: u32 = 50;

/// Which page of them.
#[derive(Default, Deserialize)]
pub struct Wanted {
    cursor: Option<String>,
}

/// `GET /host/{id}/waiting-list`
pub async fn show(visitor: Visitor, Path(event): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    page(&visitor, &event, wanted.cursor, None).await
}

/// `GET /host/{id}/waiting-list/{entry}/offer`: back to all of them.
pub async fn show_again(Path((event, _)): Path<(String, String)>) -> Response {
    see_other(&format!("/host/{event}/waiting-list"))
}

/// `POST /host/{id}/waiting-list/{entry}/offer`
pub async fn offer(visitor: Visitor, Path((event, entry)): Path<(String, String)>) -> Response {
    let here = format!("/host/{event}/waiting-list");
    let offered = async { visitor.own(waiting_list_offer(id(&entry)?)).await };
    match outcome(&visitor, &here, &here, offered.await) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, None, Some(&error)).await,
    }
}

async fn page(visitor: &Visitor, event: &str, cursor: Option<String>, error: Option<&Error>) -> Response {
    match read(visitor, event, cursor).await {
        Ok((event, zone, entries)) => {
            let head = Head::own(&format!("Waiting list: {}", event.title));
            let body = html! {
                (top(visitor, &event, "Waiting list"))
                (refused_act(error))
                (list(&event, &zone, &entries))
            };
            visitor.page(error.map_or(200, Error::status), &head, &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

async fn read(
    visitor: &Visitor,
    event: &str,
    cursor: Option<String>,
) -> Result<(Event, Arc<Zone>, Page<WaitingEntry>)> {
    let event = find(visitor, event).await?;
    let paging = Paging { cursor, limit: Limit::try_from(ROWS).ok() };
    let entries = visitor.own(waiting_list(event.id, paging)).await?;
    let zone = visitor.zone(&event).await?;
    Ok((event, zone, entries))
}

fn list(event: &Event, zone: &Zone, entries: &Page<WaitingEntry>) -> Markup {
    let waits = |entry: &&WaitingEntry| matches!(entry.status, WaitingStatus::Waiting | WaitingStatus::Offered);
    let shown: Vec<_> = entries.items.iter().filter(waits).collect();
    html! {
        @if shown.is_empty() && entries.next_cursor.is_none() {
            p { "Nobody is waiting. When a ticket is sold out, guests can join its waiting list, and appear here." }
        } @else {
            p .hint { "Seats that come free are offered in this order, automatically." }
            ol .kinds { @for entry in shown { (line(event, zone, entry)) } }
        }
        @if let Some(cursor) = &entries.next_cursor {
            p .more {
                a .button .quiet href={ (path(event)) "/waiting-list?cursor=" (cursor) } rel="next" { "More of the waiting list" }
            }
        }
    }
}

fn line(event: &Event, zone: &Zone, entry: &WaitingEntry) -> Markup {
    let name = entry.user_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("No name");
    html! {
        li {
            strong dir="auto" { (name) }
            span { (seats(entry.seats)) }
            p .hint { bdi { (entry.ticket_type) } " · since " (zone.brief(entry.created_at)) }
            @if let Some(until) = entry.offer_expires_at.filter(|_| entry.status == WaitingStatus::Offered) {
                p .tags { span .tag data-tone="warn" { "Offered" } span .hint { "until " (zone.brief(until)) } }
            } @else if event.status.is_open() {
                (act_sure(
                    &format!("{}/waiting-list/{}/offer", path(event), entry.id),
                    "Offer seats now",
                    "They are offered seats before those ahead of them. If the ticket is sold out, its quantity grows.",
                    "Offer seats",
                ))
            }
        }
    }
}
