//! The day itself, from the Command Center: an event's planning board and its run sheet, crew, talent and equipment.

mod artist;
mod board;
mod calendar;
pub(crate) mod clashes;
mod crew;
mod data;
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
mod pieces;
mod roster;
mod run_sheet;
mod since;
mod talent;
mod tasks;
mod units;

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::kernel::error::not_found;
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::Plan;
use eventify::planning::operations::plan_get;
use eventify::zones::Zone;
use leptos::prelude::*;

use crate::events::{Head, Here, clock, parts};
use crate::ui::Tone;
use artist::artist;
use board::board;
use calendar::calendar;
use crew::crew;
use equipment::equipment;
use lanes::PlanDay;
use links::links;
use member::member;
use pick_list::pick_list;
use run_sheet::run_sheet;
use talent::talent;
use units::units;

crate::ui::bundles! {
    calendar: calendar;
    plan: board, links;
    run_sheet: run_sheet, pick_list;
    crew: crew, member;
    talent: talent, artist;
    equipment: equipment, units;
}

/// What the pages of a plan are called.
const PLAN: &str = "Plan";
const RUN_SHEET: &str = "Run sheet";
const PICK_LIST: &str = "Pick list";
const SHARE: &str = "Share the plan";

/// A plan, and the clocks by which its times are told.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Of {
    pub plan: Plan,
    pub zone: Zone,
}

async fn fetch(id: Option<EventId>) -> Result<Of, Error> {
    let plan = plan_get(id.ok_or_else(not_found)?).await?;
    let zone = clock::zone(&plan.event).await?;
    Ok(Of { plan, zone })
}

/// What stands above each page of a plan: the event's head, and the parts of the plan, on the day that is looked at, with the page's
/// own buttons.
fn head(of: &Head, page: &'static str, day: Option<&str>, me: &Me, acts: AnyView) -> AnyView {
    let (path, day) = (format!("/events/{}", of.event.id), day.map(|day| format!("?day={day}")).unwrap_or_default());
    let all = [
        (true, format!("/plan{day}"), PLAN),
        (true, format!("/run-sheet{day}"), RUN_SHEET),
        (true, "/pick-list".to_owned(), PICK_LIST),
        (of.may(me, Permission::ProductionManage), "/plan/links".to_owned(), SHARE),
    ];
    let links = all.into_iter().filter(|(may, ..)| *may).map(|(_, key, label)| {
        let here = (label == page).then_some("page");
        view! { <a href=format!("{path}{key}") aria-current=here data-noscroll="">{label}</a> }
    });
    view! { {of.view(me, Here { tab: "/plan", page })}{parts("Plan", links.collect_view(), Some(acts))} }.into_any()
}

/// The days of a plan on one of its pages, where there are several.
fn day_links(path: &str, days: &[PlanDay], day: &PlanDay) -> Option<AnyView> {
    let link = |one: &PlanDay| {
        let current = (one == day).then_some("true");
        view! { <a href=format!("{path}?day={}", one.day) aria-current=current title=one.title.clone()>{one.short()}</a> }
    };
    let links: Vec<_> = days.iter().map(link).collect();
    (days.len() > 1).then(|| view! { <nav class="segs plan-days" aria-label="Day">{links}</nav> }.into_any())
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

/// `18:00–19:15`, by the clocks of the place; an end on a later day says so. On a phone its end stands below its start.
fn span(zone: &Zone, from: Timestamp, to: Timestamp) -> AnyView {
    let days = (zone.local(to).date() - zone.local(from).date()).whole_days();
    let later = (days > 0).then(|| {
        let said = if days == 1 { "the next day".to_owned() } else { format!("{days} days later") };
        view! { <sup aria-hidden="true" title=said.clone()>{format!("+{days}")}</sup><span class="sr">{format!(", {said}")}</span> }
    });
    view! { <span class="hours">{zone.clock(from)}<span>"–"{zone.clock(to)}{later}</span></span> }.into_any()
}
