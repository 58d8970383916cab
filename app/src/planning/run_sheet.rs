//! The run sheet of a day, on paper: every stage's entries and every shift in order of time, with a box to tick.

use eventify::events::EventId;
use eventify::kernel::permissions::Permission::ProductionRead;
use eventify::planning::PlanEntry;
use leptos::prelude::*;

use super::lanes::{chosen, days, lanes};
use super::{Of, clashes, crumbs, fetch, span, status};
use crate::events::{clock, guarded};
use crate::ui::{Icon, ListQuery, Loading, PageHead, Shell, id_of_path, loaded, state};

/// The page.
pub fn run_sheet() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let data: Loading<Of> = Resource::new_blocking(move || id.get(), fetch);
    loaded(data, move |of, me| guarded(&me, ProductionRead, || page(of, &query.get_untracked())))
}

fn page(of: Of, query: &ListQuery) -> AnyView {
    let Of { plan, zone } = of;
    let days = days(&plan, &zone);
    let Some(day) = chosen(&days, query.text("day").as_deref(), &plan, &zone) else { return ().into_any() };
    let mut rows: Vec<(String, PlanEntry)> = Vec::new();
    for lane in lanes(&plan, &zone, &day.day) {
        rows.extend(lane.entries.into_iter().map(|entry| (lane.title.clone(), entry)));
    }
    rows.sort_by_key(|(_, entry)| entry.starts_at);
    let empty = rows.is_empty();
    let rows: Vec<_> = rows.into_iter().map(|(lane, entry)| row(span(&zone, &entry), lane, entry)).collect();
    let shell = Shell::get();
    let print = move |_| {
        let _ = window().print();
    };
    let print = view! {
        <button class="btn primary" type="button" disabled=move || !shell.alive.get() on:click=print>{Icon::DOWNLOAD.svg()}"Print"</button>
    };
    let body = match empty {
        true => state(
            Icon::CALENDAR,
            format!("Nothing planned for {} yet", day.title),
            "Slots, shifts and load-in times appear here.",
            None,
        ),
        false => view! {
            <div class="plan-lists" role="region" aria-label="Run sheet" tabindex="0">
                <table class="run-sheet">
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
        <div class="page run-sheet-page">
            <PageHead title=format!("Run sheet · {}", plan.event.title) crumbs=crumbs(&plan.event)
                subtitle=format!("{} · {}", day.title, crate::events::place(&plan.event)) actions=print.into_any()/>
            <p>"Times in "{zone.label(plan.event.start_at)}" · As of "{clock::at(&zone, plan.checked_at)}</p>
            {body}
            <p class="muted">{(!plan.clashes.is_empty()).then_some("Clashes: ")}{clashes::tally(&plan.clashes)}</p>
        </div>
    }
    .into_any()
}

fn row(hours: String, lane: String, entry: PlanEntry) -> AnyView {
    let (word, _) = status(&entry.status);
    let units = (entry.units > 1).then(|| format!(" × {}", entry.units));
    let place = entry.place.unwrap_or(lane);
    view! {
        <tr>
            <td><span class="box"></span></td>
            <td>{hours}</td>
            <th scope="row"><bdi>{entry.title}</bdi>{units}</th>
            <td><bdi>{place}</bdi></td>
            <td>{word}</td>
            <td dir="auto">{entry.note}</td>
        </tr>
    }
    .into_any()
}
