//! The day itself, from the Command Center: an event's planning board and its run sheet, crew, talent and equipment.

mod artist;
mod board;
mod calendar;
mod clashes;
mod crew;
mod edit;
mod equipment;
mod forms;
mod hand;
mod lanes;
mod links;
mod list;
mod member;
mod offer;
mod papers;
mod pick_list;
mod roster;
mod run_sheet;
mod since;
mod talent;
mod tasks;
mod units;

use eventify::Error;
use eventify::events::{Event, EventId, Zone};
use eventify::kernel::error::not_found;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::Plan;
use eventify::planning::operations::plan_get;
use leptos::prelude::*;

use crate::events::clock;
use crate::ui::Tone;
use artist::artist;
use board::board;
use calendar::calendar;
use crew::crew;
use equipment::equipment;
use links::links;
use member::member;
use pick_list::pick_list;
use run_sheet::run_sheet;
use talent::talent;
use units::units;

crate::ui::part!(planning: calendar, board, links, run_sheet, crew, member, talent, artist, equipment, units, pick_list);

/// A plan, and the clocks by which its times are told.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Of {
    pub plan: Plan,
    pub zone: Zone,
}

async fn fetch(id: Option<EventId>) -> Result<Of, Error> {
    let plan = plan_get(id.ok_or_else(not_found)?).await?;
    let zone = clock::zone(&plan.event).await?;
    Ok(Of { plan, zone })
}

fn crumbs(event: &Event) -> Vec<(String, String)> {
    vec![
        ("Events".to_owned(), "/events".to_owned()),
        (event.title.clone(), format!("/events/{}", event.id)),
        ("Plan".to_owned(), format!("/events/{}/plan", event.id)),
    ]
}

/// A status as people read it, and its tone.
fn status(word: &str) -> (String, Tone) {
    let tone = match word {
        "confirmed" | "accepted" | "out" => Tone::Success,
        "checked_in" => Tone::Info,
        "offered" => Tone::Warning,
        "declined" => Tone::Danger,
        _ => Tone::Neutral,
    };
    let mut text = word.replace('_', " ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    (text, tone)
}

/// `18:00–19:15`, by the clocks of the place; on a phone its end stands below its start.
fn span(zone: &Zone, from: Timestamp, to: Timestamp) -> AnyView {
    view! { <span class="hours">{zone.clock(from)}<span>"–"{zone.clock(to)}</span></span> }.into_any()
}
