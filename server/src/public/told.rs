//! What guests are told while an event goes on.

use app::ui::ago;
use eventify::events::{Event, EventStatus};
use eventify::gate::operations::live_update_list;
use eventify::gate::{LiveUpdate, UpdateFilter, UpdateKind, timestamp};
use eventify::kernel::error::Result;
use eventify::kernel::page::Limit;
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::Zone;
use maud::{Markup, html};

use super::visitor::Visitor;

/// So many are shown.
const MOST: u32 = 5;

/// The latest that are meant for guests, as everybody sees them; none of an event that is over.
pub async fn latest(visitor: &Visitor, event: &Event) -> Result<Vec<LiveUpdate>> {
    if !matches!(event.status, EventStatus::Published | EventStatus::Live) {
        return Ok(Vec::new());
    }
    let filter = UpdateFilter { limit: Limit::try_from(MOST).ok(), ..UpdateFilter::default() };
    Ok(visitor.openly(live_update_list(event.id, filter)).await?.items)
}

fn title(kind: UpdateKind) -> Option<&'static str> {
    match kind {
        UpdateKind::Warning | UpdateKind::Incident => Some("Please note"),
        UpdateKind::Schedule => Some("Schedule"),
        UpdateKind::Info | UpdateKind::Headcount => None,
    }
}

/// As a part of the event's page.
pub fn section(updates: &[LiveUpdate], zone: &Zone, now: Timestamp) -> Markup {
    html! {
        @if !updates.is_empty() {
            section .surface .flow aria-labelledby="live" {
                h2 #live { "Live updates" }
                @for update in updates {
                    div {
                        @if let Some(title) = title(update.kind) { strong { (title) } }
                        p .words dir="auto" { (update.body) }
                        span .hint { (when(timestamp(update.created_at), zone, now)) }
                    }
                }
            }
        }
    }
}

/// When, by the clocks there; on the same day how long ago that is, too.
fn when(at: Timestamp, zone: &Zone, now: Timestamp) -> String {
    match zone.local(at).date() == zone.local(now).date() {
        true => format!("{} · {}", zone.clock(at), ago(at, now)),
        false => zone.brief(at),
    }
}
