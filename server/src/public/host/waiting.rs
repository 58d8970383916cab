//! Who waits for seats, in order, and offering seats to one of them out of turn.

use std::sync::Arc;

use axum::response::Response;
use eventify::events::{Event, EventStatus};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::{Limit, Page, Paging};
use eventify::tickets::operations::{event_summary, waiting_list, waiting_list_offer};
use eventify::tickets::{EventSummary, WaitingEntry, WaitingStatus, offers_none};
use eventify::zones::Zone;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::view::{Head, act_sure, refused_act, seats};
use super::super::visitor::{Visitor, id};
use super::{find, outcome, path, top};
use crate::web::forms::see_other;
use crate::web::parts::{Path, Query};

/// How many entries a page shows.
const ROWS: u32 = 50;

/// Which page of them.
#[derive(Default, Deserialize)]
pub struct Wanted {
    cursor: Option<String>,
    /// How many who wait stand on the pages before.
    #[serde(default)]
    ahead: usize,
}

/// `GET /host/{id}/waiting-list`
pub async fn show(visitor: Visitor, Path(event): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    page(&visitor, &event, wanted, None).await
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
        Err(error) => page(&visitor, &event, Wanted::default(), Some(&error)).await,
    }
}

/// All that the page shows.
struct Waiting {
    event: Event,
    zone: Arc<Zone>,
    entries: Page<WaitingEntry>,
    summary: EventSummary,
    /// How many stand ahead of this page.
    ahead: usize,
}

async fn page(visitor: &Visitor, event: &str, wanted: Wanted, error: Option<&Error>) -> Response {
    match read(visitor, event, wanted).await {
        Ok(waiting) => {
            let head = Head::own(&format!("Waiting list: {}", waiting.event.title));
            let body = html! {
                (top(visitor, &waiting.event, "Waiting list"))
                (refused_act(error))
                (waiting.list())
            };
            visitor.page(error.map_or(200, Error::status), &head, &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

async fn read(visitor: &Visitor, event: &str, wanted: Wanted) -> Result<Waiting> {
    let event = find(visitor, event).await?;
    let paging = Paging { cursor: wanted.cursor, limit: Limit::try_from(ROWS).ok() };
    let entries = visitor.own(waiting_list(event.id, paging)).await?;
    let summary = visitor.own(event_summary(event.id)).await?;
    let zone = visitor.zone(&event).await?;
    Ok(Waiting { event, zone, entries, summary, ahead: wanted.ahead })
}

impl Waiting {
    /// Why no seats can be offered to anybody just now.
    fn refusal(&self) -> Option<String> {
        let begun = self.event.start_at <= self.summary.as_of;
        let full = || format!("No seat is free to offer now: all {} are taken or held.", self.summary.capacity);
        let closed = offers_none(self.event.status, begun).map(str::to_owned);
        closed.or_else(|| (self.summary.free <= 0).then(full))
    }

    fn list(&self) -> Markup {
        let (path, free) = (path(&self.event), self.summary.free.max(0));
        let shown = |entry: &&WaitingEntry| matches!(entry.status, WaitingStatus::Waiting | WaitingStatus::Offered);
        let shown: Vec<_> = self.entries.items.iter().filter(shown).collect();
        let refusal = self.refusal();
        // Those with an offer have their seats.
        let mut place = self.ahead;
        let places = shown.iter().map(|entry| {
            place += usize::from(entry.status == WaitingStatus::Waiting);
            place
        });
        let lines: Vec<_> = places.zip(&shown).map(|(at, entry)| self.line(entry, at, refusal.is_none())).collect();
        html! {
            @if shown.is_empty() && self.entries.next_cursor.is_none() {
                p { "Nobody is waiting. When a ticket is sold out, guests can join its waiting list, and appear here." }
            } @else {
                @if let Some(why) = &refusal {
                    div .note data-tone="plain" {
                        p { (why) }
                        @if free == 0 && self.event.status == EventStatus::Published {
                            p { "Seats that come free are offered in this order, automatically. " a href={ (path) "/edit#capacity" } { "Add seats" } }
                        }
                    }
                } @else {
                    p .hint { (free) " of " (seats(self.summary.capacity)) " free. Seats that come free are offered in this order, automatically." }
                }
                ol .kinds { @for line in lines { (line) } }
            }
            @if let Some(cursor) = &self.entries.next_cursor {
                p .more {
                    a .button .quiet href={ (path) "/waiting-list?cursor=" (cursor) "&ahead=" (place) } rel="next" { "More of the waiting list" }
                }
            }
        }
    }

    fn line(&self, entry: &WaitingEntry, place: usize, offers: bool) -> Markup {
        let zone = &self.zone;
        let offered = entry.status == WaitingStatus::Offered;
        html! {
            li {
                strong { @if !offered { span .hint { (place) "." } " " } bdi { (entry.called()) } }
                span { (seats(entry.seats)) }
                p .hint { bdi { (entry.ticket_type) } " · since " (zone.brief(entry.created_at)) }
                @if offered {
                    p .tags {
                        span .tag data-tone="warn" { "Offered" }
                        @if let Some(until) = entry.offer_expires_at { span .hint { "until " (zone.brief(until)) } }
                    }
                } @else if offers && entry.seats > self.summary.free {
                    p .hint { "Needs " (seats(entry.seats)) ", and " (are_free(self.summary.free)) "." }
                } @else if offers {
                    (self.offer(entry, place))
                }
            }
        }
    }

    /// The button, with what it means before it is pressed.
    fn offer(&self, entry: &WaitingEntry, place: usize) -> Markup {
        let wanted = seats(entry.seats);
        let action = format!("{}/waiting-list/{}/offer", path(&self.event), entry.id);
        let ticket_type =
            self.summary.types.iter().find(|ticket_type| ticket_type.ticket_type_id == entry.ticket_type_id);
        let means = entry.offer_means(place.saturating_sub(1), ticket_type, self.summary.offer_minutes);
        act_sure(&action, &format!("Offer {wanted} now"), &means.join(" "), &format!("Offer {wanted}"))
    }
}

/// `only 1 is free`, `only 3 are free`.
fn are_free(free: i32) -> String {
    format!("only {free} {} free", if free == 1 { "is" } else { "are" })
}
