//! What changed in a plan since it was last printed or sent, and making the next version.

use eventify::events::EventId;
use eventify::planning::operations::plan_version_add;
use eventify::planning::{NewPlanVersion, Plan, PlanChange, PlanChangeKind, PlanVersion, VersionEntry, VersionKind};
use eventify::zones::Zone;
use leptos::prelude::*;
use uuid::Uuid;

use super::data::Data;
use crate::events::afterwards;
use crate::ui::{Confirm, Icon, Loading, Nothing, submit};

/// `version 3, printed Sat 12 Dec, 14:20`.
pub fn named(zone: &Zone, version: &PlanVersion) -> String {
    let how = match version.kind {
        VersionKind::Printed => "printed",
        VersionKind::Sent => "sent",
    };
    format!("version {}, {how} {}", version.number, zone.brief(version.created_at))
}

/// What became of this entry since the last version.
pub fn of(plan: &Plan, id: Uuid) -> Option<&PlanChange> {
    plan.changes.iter().find(|change| change.entry_id == id)
}

/// Hours and place of an entry as a version has it; its day only where that is another one now.
fn told(zone: &Zone, entry: &VersionEntry, now: Option<&VersionEntry>) -> String {
    let day = |at| zone.local(at).date();
    let hours = match now.filter(|now| day(now.starts_at) == day(entry.starts_at)) {
        Some(_) => format!("{}–{}", zone.clock(entry.starts_at), zone.clock(entry.ends_at)),
        None => zone.display_span(entry.starts_at, entry.ends_at),
    };
    let place = entry.stage.as_ref().or(entry.place.as_ref());
    let units = (entry.units > 1).then(|| format!("{} units", entry.units));
    let pencilled = (!entry.decided).then(|| "pencilled".to_owned());
    let parts = [Some(hours), place.cloned(), units, pencilled];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `new`, or what it was: `was 19:25–20:15, Sea Stage`.
pub fn was(zone: &Zone, change: &PlanChange) -> String {
    match (change.change, &change.was) {
        (PlanChangeKind::Added, _) | (_, None) => "new".to_owned(),
        (PlanChangeKind::Removed, Some(was)) => format!("removed, was {}", told(zone, was, change.now.as_ref())),
        (PlanChangeKind::Changed, Some(was)) => format!("was {}", told(zone, was, change.now.as_ref())),
    }
}

/// All that changed, for the board: also what is not there any more.
pub fn list(zone: &Zone, plan: &Plan) -> Option<AnyView> {
    let version = plan.version.as_ref()?;
    if plan.changes.is_empty() {
        return Some(view! { <p class="muted">{format!("No changes since {}.", named(zone, version))}</p> }.into_any());
    }
    let rows: Vec<_> = plan
        .changes
        .iter()
        .map(|change| {
            let title = match change.now {
                Some(_) => {
                    view! { <a href=format!("#entry-{}", change.entry_id)><bdi>{change.title.clone()}</bdi></a> }
                        .into_any()
                }
                None => view! { <del><bdi>{change.title.clone()}</bdi></del> }.into_any(),
            };
            view! { <li>{delta()}" "{title}" "<small class="muted">{was(zone, change)}</small></li> }
        })
        .collect();
    let count = plan.changes.len();
    let summary = format!("{count} changed since {}", named(zone, version));
    Some(view! { <details class="plan-since"><summary>{summary}</summary><ul class="checklist" role="list">{rows}</ul></details> }.into_any())
}

/// The mark of what changed since.
pub fn delta() -> AnyView {
    view! { <span class="delta" title="Changed since the last version"><span aria-hidden="true">"Δ"</span><span class="sr">"Changed since the last version:"</span></span> }
        .into_any()
}

/// Sends the plan: the next version, and whoever it concerns is told; a menu opens it.
pub fn send(data: Loading<Data>, event: EventId, plan: &Plan) -> AnyView {
    let input = || NewPlanVersion { kind: VersionKind::Sent };
    let run = submit(
        move |_: Nothing| plan_version_add(event, input()),
        afterwards::<_, PlanVersion>(data, "Version sent. Everybody with a change is notified"),
    );
    let next = plan.version.as_ref().map_or(1, |version| version.number + 1);
    let changed = match (&plan.version, plan.changes.len()) {
        (None, _) => "It is the first version: later changes are marked against it.".to_owned(),
        (Some(last), 0) => format!("Nothing changed since version {}.", last.number),
        (Some(last), n) => format!(
            "{n} changed since version {}. Team members and artists with an account are notified of their own part.",
            last.number
        ),
    };
    view! {
        <Confirm id="plan-send" label="Send version" icon=Icon::MAIL title=format!("Send version {next} of the plan?") confirm="Send version" run=run danger=false in_menu=true>
            <p>{changed}" Crew without an account already have their shifts by email or text message. Shared links always show the current plan."</p>
        </Confirm>
    }
    .into_any()
}
