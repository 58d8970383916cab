//! A plan in words, lane by lane: what the board draws, for phones, for paper and without script.

use eventify::events::Zone;
use eventify::planning::{Plan, PlanEntry, Shift};
use leptos::prelude::*;

use super::data::Data;
use super::hand::Rights;
use super::lanes::Lane;
use super::{offer, since, span, status};
use crate::ui::{Loading, badge};

/// The same plan in words, lane by lane.
pub fn listed(data: Loading<Data>, record: &Data, rights: Rights, lanes: Vec<Lane>) -> AnyView {
    let zone = &record.of.zone;
    let lanes: Vec<_> = lanes
        .into_iter()
        .filter(|lane| !lane.bars.is_empty())
        .map(|lane| {
            let mut rows: Vec<_> = lane.shifts.iter().map(|shift| shift_row(data, record, rights, shift)).collect();
            rows.extend(lane.entries.iter().map(|entry| entry_row(&record.of.plan, zone, entry)));
            view! {
                <tbody>
                    <tr class="lane"><th scope="rowgroup" colspan="5"><bdi>{lane.title}</bdi></th></tr>
                    {rows}
                </tbody>
            }
        })
        .collect();
    view! {
        <section class="plan-lists card" aria-label="List" tabindex="0">
            <table class="plan-list timed">
                <caption class="sr">"Plan"</caption>
                <thead><tr>
                    <th scope="col">"Time"</th><th scope="col">"What"</th><th scope="col">"Detail"</th>
                    <th scope="col">"Status"</th><th scope="col">"Note"</th>
                </tr></thead>
                {lanes}
            </table>
        </section>
    }
    .into_any()
}

fn shift_row(data: Loading<Data>, record: &Data, rights: Rights, shift: &Shift) -> AnyView {
    let zone = &record.of.zone;
    let missing = i64::from(shift.headcount) - shift.taken;
    let text = if missing > 0 { format!("{missing} needed") } else { "Full".to_owned() };
    let tone = if missing > 0 { crate::ui::Tone::Warning } else { crate::ui::Tone::Success };
    let offers = rights.crew && missing > 0 && !record.crew.is_empty();
    let offer = offers.then(|| offer::offer(data, record, shift.id, &shift.role));
    view! {
        <tr id=format!("shift-{}", shift.id)>
            <td>{span(zone, shift.starts_at, shift.ends_at)}</td>
            <th scope="row"><bdi>{shift.role.clone()}</bdi>" shift"</th>
            <td><bdi>{shift.place.clone()}</bdi></td>
            <td>{badge(tone, text)}</td>
            <td dir="auto">{shift.note.clone()}{offer}</td>
        </tr>
    }
    .into_any()
}

fn entry_row(plan: &Plan, zone: &Zone, entry: &PlanEntry) -> AnyView {
    let changed = since::of(plan, entry.id).map(|change| {
        view! { " "{since::delta()}<small class="was">{since::was(zone, change)}</small> }
    });
    let (text, tone) = status(&entry.status);
    let units = (entry.units > 1).then(|| format!(" × {}", entry.units));
    let swap = entry.swap_asked_at.map(|_| view! { " "{badge(crate::ui::Tone::Warning, "Asks to swap")} });
    view! {
        <tr id=format!("entry-{}", entry.id)>
            <td>{span(zone, entry.starts_at, entry.ends_at)}</td>
            <th scope="row"><bdi>{entry.title.clone()}</bdi>{units}{changed}</th>
            <td><bdi>{entry.place.clone().unwrap_or_else(|| entry.kind.detail_title(&entry.detail))}</bdi></td>
            <td>{badge(tone, text)}{swap}</td>
            <td dir="auto">{entry.note.clone()}</td>
        </tr>
    }
    .into_any()
}
