//! The run sheet of a day, on paper: every stage's entries and every shift in order of time, with a box to tick. On the
//! screen it says what is on and what is next.

use std::time::Duration;

use eventify::access::Me;
use eventify::events::{Event, EventId, EventStatus};
use eventify::kernel::permissions::Permission::{ProductionManage, ProductionRead};
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::plan_version_add;
use eventify::planning::{EntryKind, NewPlanVersion, Plan, PlanChangeKind, PlanEntry, Shift, Stage, VersionKind};
use eventify::zones::Zone;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lanes::{chosen, days, lanes, plan_day};
use super::{Of, RUN_SHEET, clashes, day_links, fetch, since, span, status};
use crate::events::{Head, clock, guarded, head};
use crate::ui::{Icon, ListQuery, Loading, Shell, Toasts, Tone, badge, id_of_path, loaded, now, state};

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
    let mut entries: Vec<PlanEntry> = lanes(&plan, &zone, &day.day).into_iter().flat_map(|lane| lane.entries).collect();
    entries.sort_by_key(|entry| (entry.starts_at, entry.kind != EntryKind::Talent, entry.ends_at));
    // A shift that still needs somebody is a row of its own: nobody would miss who is not on the paper.
    let open: Vec<&Shift> = plan
        .shifts
        .iter()
        .filter(|shift| shift.short() > 0)
        .filter(|shift| plan_day((plan.event.start_at, plan.event.end_at), &zone, shift.starts_at) == day.day)
        .collect();
    let empty = entries.is_empty() && open.is_empty();
    let hours = (plan.event.start_at, plan.event.end_at);
    let its_own = plan_day(hours, &zone, plan.checked_at) == day.day;
    let clock = its_own.then(|| ticking(plan.checked_at));
    let on = clock.map(|at| on_now(&plan, &zone, &entries, at));
    let next = StoredValue::new(
        entries.iter().filter(|entry| happens(entry.kind)).map(|entry| entry.starts_at).collect::<Vec<_>>(),
    );
    let phase = move |entry: (EntryKind, Timestamp, Timestamp)| {
        clock.and_then(|at| at.with(|at| phase(entry, next.with_value(|all| next_of(all, *at)), *at)))
    };
    // A column of notes where there is one.
    let notes = entries.iter().any(|entry| entry.note.is_some()) || open.iter().any(|shift| shift.note.is_some());
    let needed = open.iter().map(|shift| (shift.starts_at, needed_row(&plan, &zone, shift, notes, phase)));
    let planned = entries.into_iter().map(|entry| (entry.starts_at, row(&plan, &zone, entry, notes, phase)));
    let mut rows: Vec<_> = planned.chain(needed).collect();
    rows.sort_by_key(|(at, _)| *at);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
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
    let told = told(&plan, &zone);
    let told = (!empty && !told.is_empty()).then(|| view! { <p class="muted">{told}</p> });
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
                        <th scope="col">"Where"</th><th scope="col">"Status"</th>
                        {notes.then(|| view! { <th scope="col">"Note"</th> })}
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
                <p class="muted">{versions}"As of "{clock::brief(&zone, plan.checked_at)}" · Times in "{zone.label(plan.event.start_at)}</p>
            </div>
            {on}
            {body}
            {gone}
            {told}
        </div>
    }
    .into_any()
}

/// What whoever reads it has to know of all of it: what clashes, and how much changed; nothing where nothing does.
fn told(plan: &Plan, zone: &Zone) -> String {
    let clashes = (!plan.clashes.is_empty()).then(|| clashes::tally(&plan.clashes));
    let changed = plan.version.as_ref().filter(|_| !plan.changes.is_empty()).map(|last| {
        let many = plan.changes.len();
        format!("{} since {}", counted(many, "change"), since::named(zone, last))
    });
    clashes.into_iter().chain(changed).collect::<Vec<_>>().join(" · ")
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

/// The time, on from what the server said: the browser's clock may be wrong.
fn ticking(from: Timestamp) -> RwSignal<Timestamp> {
    let at = RwSignal::new(from);
    Effect::new(move |_| {
        let opened = js_sys::Date::now();
        let tick = move || {
            let passed = Duration::from_millis((js_sys::Date::now() - opened).max(0.0) as u64);
            let _ = at.try_set(Timestamp(from.0 + passed));
        };
        if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(15)) {
            on_cleanup(move || timer.clear());
        }
    });
    at
}

/// When the next of all begins.
fn next_of(all: &[Timestamp], at: Timestamp) -> Option<Timestamp> {
    all.iter().copied().filter(|begins| *begins > at).min()
}

/// What people come for, or what is done for it; crew and equipment are only there meanwhile.
fn happens(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Talent | EntryKind::Production)
}

/// How far an entry is, in a word: what happens is on now or next.
fn phase(
    (kind, from, to): (EntryKind, Timestamp, Timestamp),
    next: Option<Timestamp>,
    at: Timestamp,
) -> Option<&'static str> {
    let happens = happens(kind);
    match (to <= at, from <= at) {
        (true, _) => Some("over"),
        (_, true) => happens.then_some("now"),
        (_, false) => (happens && next == Some(from)).then_some("next"),
    }
}

/// What is on and what is next, above all else; nothing once all is over.
fn on_now(plan: &Plan, zone: &Zone, entries: &[PlanEntry], at: RwSignal<Timestamp>) -> AnyView {
    let happen: Vec<_> = entries
        .iter()
        .filter(|entry| happens(entry.kind))
        .map(|entry| {
            let place = place_of(&plan.event, &plan.stages, entry);
            let now = format!("{}, {place}, until {}", entry.title, zone.clock(entry.ends_at));
            let next = format!("{} {}, {place}", zone.clock(entry.starts_at), entry.title);
            (entry.starts_at, entry.ends_at, now, next)
        })
        .collect();
    let said = move || {
        let at = at.get();
        let next = next_of(&happen.iter().map(|one| one.0).collect::<Vec<_>>(), at);
        let lines = |word: &'static str, all: Vec<String>| {
            let all = all.into_iter().map(|text| view! { <bdi>{text}</bdi> }).collect_view();
            view! { <div><dt>{word}</dt><dd>{all}</dd></div> }
        };
        let now: Vec<_> = happen.iter().filter(|one| one.0 <= at && at < one.1).map(|one| one.2.clone()).collect();
        let next: Vec<_> = happen.iter().filter(|one| Some(one.0) == next).map(|one| one.3.clone()).collect();
        let some = !now.is_empty() || !next.is_empty();
        let now = (!now.is_empty()).then(|| lines("Now", now));
        let next = (!next.is_empty()).then(|| lines("Next", next));
        some.then(|| view! { <dl class="sheet-now unprinted">{now}{next}</dl> })
    };
    said.into_any()
}

/// Where it is: a place that is named, its stage, or else the venue itself.
fn place_of(event: &Event, stages: &[Stage], entry: &PlanEntry) -> String {
    let stage = || stages.iter().find(|stage| Some(stage.id) == entry.stage_id).map(|stage| stage.name.clone());
    let venue = || event.venue_name.clone().or_else(|| event.venue_text.clone());
    entry.place.clone().or_else(stage).or_else(venue).unwrap_or_else(|| event.city.clone())
}

/// What it is besides its title: a role, a category; nothing where the title says it.
fn detail_of(entry: &PlanEntry) -> Option<String> {
    Some(entry.kind.detail_title(&entry.detail)).filter(|detail| !detail.is_empty() && *detail != entry.title)
}

fn row(
    plan: &Plan,
    zone: &Zone,
    entry: PlanEntry,
    notes: bool,
    phase: impl Fn((EntryKind, Timestamp, Timestamp)) -> Option<&'static str> + Copy + Send + 'static,
) -> AnyView {
    let (word, tone) = status(&entry.status);
    let units = (entry.units > 1).then(|| format!(" × {}", entry.units));
    // A thick bar at the left, and what it was in brackets: no colour has to be seen.
    let changed = since::of(plan, entry.id).map(|change| {
        view! { " "<small class="was">{format!("({})", since::was(zone, change))}</small> }
    });
    let class = if changed.is_some() { "changed" } else { "" };
    let hours = span(zone, entry.starts_at, entry.ends_at);
    let place = place_of(&plan.event, &plan.stages, &entry);
    let detail = detail_of(&entry).map(|detail| view! { <small class="detail"><bdi>{detail}</bdi></small> });
    let of = (entry.kind, entry.starts_at, entry.ends_at);
    let mark = move || match phase(of) {
        Some("now") => Some(badge(Tone::Success, "Now")),
        Some("next") => Some(badge(Tone::Info, "Next")),
        _ => None,
    };
    view! {
        <tr class=class data-phase=move || phase(of)>
            <td><span class="box"></span></td>
            <td>{hours}</td>
            <th scope="row"><bdi>{entry.title}</bdi>{units}{detail}{changed}</th>
            <td><bdi>{place}</bdi></td>
            <td>{badge(tone, word)}<span class="unprinted">{mark}</span></td>
            {notes.then(|| view! { <td dir="auto">{entry.note}</td> })}
        </tr>
    }
    .into_any()
}

/// A shift that still needs somebody, or was short of them: nobody yet, or how many.
fn needed_row(
    plan: &Plan,
    zone: &Zone,
    shift: &Shift,
    notes: bool,
    phase: impl Fn((EntryKind, Timestamp, Timestamp)) -> Option<&'static str> + Copy + Send + 'static,
) -> AnyView {
    let (hours, more) = (span(zone, shift.starts_at, shift.ends_at), shift.short());
    let over = shift.needed(plan.checked_at) == 0;
    let (tone, word) = match shift.taken {
        _ if over => (Tone::Neutral, format!("{more} short")),
        0 => (Tone::Warning, "Nobody yet".to_owned()),
        _ => (Tone::Warning, format!("{more} more needed")),
    };
    let units = (shift.taken == 0 && more > 1).then(|| format!(" × {more}"));
    let venue = || plan.event.venue_name.clone().or_else(|| plan.event.venue_text.clone());
    let place = shift.place.clone().or_else(venue).unwrap_or_else(|| plan.event.city.clone());
    let of = (EntryKind::Crew, shift.starts_at, shift.ends_at);
    view! {
        <tr class="needed" data-phase=move || phase(of)>
            <td><span class="box"></span></td>
            <td>{hours}</td>
            <th scope="row"><bdi>{shift.role.clone()}</bdi>{units}<small class="detail">"Shift"</small></th>
            <td><bdi>{place}</bdi></td>
            <td>{badge(tone, word)}</td>
            {notes.then(|| view! { <td dir="auto">{shift.note.clone()}</td> })}
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_is_on_and_the_first_to_begin_is_next() {
        let at = |clock: &str| Timestamp::parse(&format!("2026-12-12T{clock}:00Z")).unwrap();
        let all = [at("18:00"), at("19:15"), at("20:30")];
        assert_eq!(next_of(&all, at("18:20")), Some(at("19:15")));
        assert_eq!(next_of(&all, at("21:00")), None);
        let said = |kind, from, to| phase((kind, at(from), at(to)), next_of(&all, at("18:20")), at("18:20"));
        assert_eq!(said(EntryKind::Talent, "18:00", "18:50"), Some("now"));
        assert_eq!(said(EntryKind::Talent, "19:15", "20:05"), Some("next"));
        assert_eq!(said(EntryKind::Talent, "20:30", "21:20"), None);
        assert_eq!(said(EntryKind::Production, "14:00", "18:20"), Some("over"));
        assert_eq!(said(EntryKind::Crew, "14:00", "22:00"), None, "crew are there all evening");
        assert_eq!(said(EntryKind::Crew, "19:15", "22:00"), None, "nor are they what is next");
    }
}
