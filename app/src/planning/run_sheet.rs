//! The run sheet of a day, on paper: every stage's entries and every shift in order of time, with a box to tick.

use eventify::access::Me;
use eventify::events::{EventId, EventStatus, Zone};
use eventify::kernel::permissions::Permission::{ProductionManage, ProductionRead};
use eventify::planning::operations::plan_version_add;
use eventify::planning::{NewPlanVersion, Plan, PlanChangeKind, PlanEntry, VersionKind};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lanes::{chosen, days, lanes};
use super::{Of, RUN_SHEET, clashes, day_links, fetch, since, span, status};
use crate::events::{Head, clock, guarded, head};
use crate::ui::{Icon, ListQuery, Loading, Shell, Toasts, badge, id_of_path, loaded, now, state};

/// A plan, below the head of its event.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    of: Of,
    head: Head,
}

/// The page.
pub fn run_sheet() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let counts = head::counts(id);
    let data: Loading<Data> = Loading::new(
        move || id.get(),
        move |id| async move {
            let of = fetch(id).await?;
            Ok(Data { head: Head::of(of.plan.event.clone(), of.zone.clone(), counts).await?, of })
        },
    );
    loaded(data, move |record, me| {
        guarded(&me, ProductionRead, || {
            let manages = me.may(ProductionManage) && record.head.event.status != EventStatus::Cancelled;
            page(data, record, &query.get_untracked(), &me, manages)
        })
    })
}

/// `manages`: printing makes the version against which changes are marked.
fn page(data: Loading<Data>, record: Data, query: &ListQuery, me: &Me, manages: bool) -> AnyView {
    let Data { of: Of { plan, zone }, head } = record;
    let days = days(&plan, &zone);
    let Some(day) = chosen(&days, query.text("day").as_deref(), &plan, &zone, now()) else { return ().into_any() };
    let mut rows: Vec<(String, PlanEntry)> = Vec::new();
    for lane in lanes(&plan, &zone, &day.day) {
        rows.extend(lane.entries.into_iter().map(|entry| (lane.title.clone(), entry)));
    }
    rows.sort_by_key(|(_, entry)| entry.starts_at);
    let empty = rows.is_empty();
    let rows: Vec<_> = rows.into_iter().map(|(lane, entry)| row(&plan, &zone, lane, entry)).collect();
    let shell = Shell::get();
    let (event, toasts) = (plan.event.id, Toasts::get());
    let print = move |_| {
        let _ = window().print();
        if manages {
            spawn_local(async move {
                match plan_version_add(event, NewPlanVersion { kind: VersionKind::Printed }).await {
                    Ok(_) => data.refetch(),
                    Err(error) => toasts.failed("Couldn't note the version", &error),
                }
            });
        }
    };
    let next = plan.version.as_ref().map_or(1, |version| version.number + 1);
    let versions = match (&plan.version, manages) {
        (Some(last), true) => format!("Version {next}, replaces {} · ", since::named(&zone, last)),
        (None, true) => format!("Version {next} · "),
        (Some(last), false) => format!("Last was {} · ", since::named(&zone, last)),
        (None, false) => String::new(),
    };
    let gone = gone(&plan, &zone);
    let tally = (!empty).then(|| view! { <p class="muted">{clashes::tally(&plan.clashes)}</p> });
    let print = view! {
        <button class="btn primary" type="button" disabled=move || !shell.alive.get() on:click=print>{Icon::DOWNLOAD.svg()}"Print"</button>
    };
    let body = match empty {
        true => state(
            Icon::CALENDAR,
            format!("Nothing planned for {} yet", day.title),
            "Artist slots, shifts and load-in times appear here once they are in the plan.",
            Some(view! { <a class="btn primary" href=format!("/events/{}/plan?day={}", plan.event.id, day.day)>"Open plan"</a> }.into_any()),
        ),
        false => view! {
            <div class="plan-lists" role="region" aria-label="Run sheet" tabindex="0">
                <table class="run-sheet timed">
                    <caption class="sr">"Run sheet"</caption>
                    <thead><tr>
                        <th scope="col">"Done"</th><th scope="col">"Time"</th><th scope="col">"What"</th>
                        <th scope="col">"Where"</th><th scope="col">"Status"</th><th scope="col">"Note"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    view! {
        <div class="page event-page run-sheet-page">
            {super::head(&head, RUN_SHEET, Some(&day.day), me, print.into_any())}
            {day_links(&format!("/events/{}/run-sheet", plan.event.id), &days, &day)}
            <div class="sheet-head">
                <h2>{RUN_SHEET}" · "{day.title.clone()}</h2>
                <p class="muted">{versions}"Times in "{zone.label(plan.event.start_at)}" · As of "{clock::at(&zone, plan.checked_at)}</p>
            </div>
            {body}
            {gone}
            {tally}
        </div>
    }
    .into_any()
}

/// What the last version had and this one has not.
fn gone(plan: &Plan, zone: &Zone) -> Option<AnyView> {
    let gone = plan.changes.iter().filter(|change| change.change == PlanChangeKind::Removed);
    let rows: Vec<_> = gone
        .map(|change| view! { <li><bdi>{change.title.clone()}</bdi>" "<small>{since::was(zone, change)}</small></li> })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <section aria-label="Removed since then"><h2>"Removed since then"</h2><ul>{rows}</ul></section> }
            .into_any()
    })
}

fn row(plan: &Plan, zone: &Zone, lane: String, entry: PlanEntry) -> AnyView {
    let (word, tone) = status(&entry.status);
    let units = (entry.units > 1).then(|| format!(" × {}", entry.units));
    // A thick bar at the left, and what it was in brackets: no colour has to be seen.
    let changed = since::of(plan, entry.id).map(|change| {
        view! { " "<small class="was">{format!("({})", since::was(zone, change))}</small> }
    });
    let class = if changed.is_some() { "changed" } else { "" };
    let hours = span(zone, entry.starts_at, entry.ends_at);
    let place = entry.place.unwrap_or(lane);
    view! {
        <tr class=class>
            <td><span class="box"></span></td>
            <td>{hours}</td>
            <th scope="row"><bdi>{entry.title}</bdi>{units}{changed}</th>
            <td><bdi>{place}</bdi></td>
            <td>{badge(tone, word)}</td>
            <td dir="auto">{entry.note}</td>
        </tr>
    }
    .into_any()
}
