//! A plan in words, in order of time: what the board draws, for phones, for paper and without script.

use eventify::kernel::timestamp::Timestamp;
use eventify::planning::{EntryKind, Plan, PlanEntry, Shift};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::Data;
use super::hand::Rights;
use super::lanes::Lane;
use super::{offer, since, span, status};
use crate::ui::{Loading, Tone, badge};

/// The same plan in words: stages, crew and equipment, each in order of time.
pub fn listed(data: Loading<Data>, record: &Data, rights: Rights, lanes: Vec<Lane>) -> AnyView {
    let zone = &record.of.zone;
    let mut groups: Vec<(&'static str, Vec<(Timestamp, AnyView)>)> = Vec::new();
    for lane in &lanes {
        if groups.last().is_none_or(|(group, _)| *group != lane.group) {
            groups.push((lane.group, Vec::new()));
        }
        let Some((_, rows)) = groups.last_mut() else { continue };
        rows.extend(lane.shifts.iter().map(|shift| (shift.starts_at, shift_row(data, record, rights, shift))));
        rows.extend(lane.entries.iter().map(|entry| (entry.starts_at, entry_row(&record.of.plan, zone, entry, lane))));
    }
    groups.retain(|(_, rows)| !rows.is_empty());
    let lanes: Vec<_> = groups
        .into_iter()
        .map(|(group, mut rows)| {
            rows.sort_by_key(|(at, _)| *at);
            let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
            view! {
                <tbody>
                    <tr class="lane"><th scope="rowgroup" colspan="5">{group}</th></tr>
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
    let (tone, text) = standing(shift, record.of.plan.checked_at);
    let offers = rights.crew && shift.needed(record.of.plan.checked_at) > 0 && !record.crew.is_empty();
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

/// Whether a shift still needs somebody, or was short of them when it was over.
fn standing(shift: &Shift, now: Timestamp) -> (Tone, String) {
    match (shift.needed(now), shift.short()) {
        (0, 0) => (Tone::Success, "Full".to_owned()),
        (0, short) => (Tone::Neutral, format!("{short} short")),
        (needed, _) => (Tone::Warning, format!("{needed} needed")),
    }
}

fn entry_row(plan: &Plan, zone: &Zone, entry: &PlanEntry, lane: &Lane) -> AnyView {
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
            <td><bdi>{detail(entry, lane)}</bdi></td>
            <td>{badge(tone, text)}{swap}</td>
            <td dir="auto">{entry.note.clone()}</td>
        </tr>
    }
    .into_any()
}

/// On which stage or in which role, where the lane is one, and where or what it is.
fn detail(entry: &PlanEntry, lane: &Lane) -> String {
    let own = entry.place.clone().unwrap_or_else(|| entry.kind.detail_title(&entry.detail));
    match lane.stage.is_some() || entry.kind == EntryKind::Crew {
        true if own != lane.title && !own.is_empty() => format!("{} · {own}", lane.title),
        true => lane.title.clone(),
        false => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_that_is_over_needs_nobody() {
        let at = |clock: &str| format!("2026-11-24T{clock}:00Z");
        let shift = |headcount: i32, taken: i64| -> Shift {
            serde_json::from_value(serde_json::json!({
                "id": "01920000-0000-7000-8000-000000000001", "event_id": "01920000-0000-7000-8000-000000000002",
                "role": "Gate", "skill": null, "place": null, "gate_id": null, "lead_id": null,
                "headcount": headcount, "taken": taken, "starts_at": at("10:00"), "ends_at": at("14:00"), "note": null,
                "version": 1, "created_at": at("08:00"), "updated_at": at("08:00"),
            }))
            .unwrap()
        };
        let (before, after) = (Timestamp::parse(&at("13:59")).unwrap(), Timestamp::parse(&at("14:00")).unwrap());
        assert_eq!(standing(&shift(2, 1), before), (Tone::Warning, "1 needed".to_owned()));
        assert_eq!(standing(&shift(2, 1), after), (Tone::Neutral, "1 short".to_owned()));
        assert_eq!(standing(&shift(1, 1), after), (Tone::Success, "Full".to_owned()));
        assert_eq!(shift(2, 1).needed(after), 0);
    }
}
