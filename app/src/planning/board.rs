//! An event's planning board: lanes over hours, by the clocks of the place, and the same plan as a list below it. It is
//! made on the server and reads without script.

use eventify::events::{EventId, Zone};
use eventify::kernel::permissions::Permission::ProductionRead;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::{PlanEntry, Shift};
use leptos::prelude::*;
use time::Duration;

use super::lanes::{Bar, Lane, chosen, columns, days, hours, lanes};
use super::{Of, clashes, crumbs, fetch, span, status};
use crate::events::guarded;
use crate::ui::{Icon, ListQuery, Loading, PageHead, badge, id_of_path, loaded, state};

/// The page.
pub fn board() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let data: Loading<Of> = Resource::new_blocking(move || id.get(), fetch);
    loaded(data, move |of, me| guarded(&me, ProductionRead, || page(of, &query.get_untracked())))
}

fn page(of: Of, query: &ListQuery) -> AnyView {
    let Of { plan, zone } = of;
    let days = days(&plan, &zone);
    let Some(day) = chosen(&days, query.text("day").as_deref(), &plan, &zone) else { return ().into_any() };
    let here = format!("/events/{}/plan", plan.event.id);
    let links: Vec<_> = days
        .iter()
        .map(|one| {
            let current = (*one == day).then_some("true");
            view! { <a href=format!("{here}?day={}", one.day) aria-current=current>{one.title.clone()}</a> }
        })
        .collect();
    let (from, count) = hours(&plan, &zone, &day.day);
    let lanes = lanes(&plan, &zone, &day.day);
    let planned = lanes.iter().any(|lane| !lane.bars.is_empty());
    let body = match planned {
        true => view! { {drawn(&zone, &lanes, from, count)}{listed(&zone, lanes)} }.into_any(),
        false => {
            let title = format!("Nothing planned for {} yet", day.title);
            state(Icon::CALENDAR, title, "Stage slots, shifts and equipment appear here.", None)
        }
    };
    let sheet = format!("/events/{}/run-sheet?day={}", plan.event.id, day.day);
    let actions = view! { <a class="btn" href=sheet>{Icon::DOWNLOAD.svg()}"Run sheet"</a> }.into_any();
    let subtitle = format!(
        "{} · {} · {}",
        zone.display_span(plan.event.start_at, plan.event.end_at),
        crate::events::place(&plan.event),
        clashes::tally(&plan.clashes)
    );
    view! {
        <div class="page plan-page">
            <PageHead title=format!("Plan · {}", plan.event.title) crumbs=crumbs(&plan.event)[..2].to_vec() subtitle=subtitle actions=actions/>
            <nav class="segs" aria-label="Day">{links}</nav>
            {clashes::list(&zone, &plan.clashes)}
            {body}
        </div>
    }
    .into_any()
}

/// The hours over the lanes. Where the clocks are put back an hour stands there twice, and says so.
fn axis(zone: &Zone, from: Timestamp, count: i64) -> AnyView {
    let mut last = None;
    let hours: Vec<_> = (0..count)
        .map(|n| {
            let local = zone.local(from.plus(Duration::hours(n)));
            let again = last == Some(local.hour());
            last = Some(local.hour());
            let text = match (again, local.hour()) {
                (true, hour) => format!("{hour:02} again"),
                (_, 0) => format!("00, {}", local.day()),
                (_, hour) => format!("{hour:02}"),
            };
            view! { <li>{text}</li> }
        })
        .collect();
    view! { <div class="plan-axis"><span>{zone.label(from)}</span><ol>{hours}</ol></div> }.into_any()
}

fn drawn(zone: &Zone, lanes: &[Lane], from: Timestamp, count: i64) -> AnyView {
    let mut rows = Vec::new();
    let mut group = "";
    for lane in lanes {
        if lane.group != group {
            group = lane.group;
            rows.push(view! { <h2 class="plan-group">{group}</h2> }.into_any());
        }
        let bars: Vec<_> = lane.bars.iter().map(|bar| drawn_bar(zone, bar, from, count)).collect();
        rows.push(
            view! {
                <section class="plan-lane">
                    <h3><bdi>{lane.title.clone()}</bdi>{(!lane.small.is_empty()).then(|| view! { <small>{lane.small.clone()}</small> })}</h3>
                    <ol class=format!("plan-track h{count}") role="list">{bars}</ol>
                </section>
            }
            .into_any(),
        );
    }
    view! {
        <section class="plan-board" aria-label="Board" tabindex="0">
            <div class="plan-in">{axis(zone, from, count)}{rows}</div>
        </section>
    }
    .into_any()
}

fn drawn_bar(zone: &Zone, bar: &Bar, from: Timestamp, count: i64) -> AnyView {
    let (start, length) = columns(bar, from, count);
    let row = if bar.second { " second" } else { "" };
    let (word, _) = status(&bar.status);
    let hours = zone.display_span(bar.starts_at, bar.ends_at);
    let title = format!("{} · {hours} · {word}", bar.title);
    view! {
        <li class=format!("b{start} l{length}{row}") data-status=bar.status.clone()>
            <a href=bar.anchor.clone() title=title>
                <b><bdi>{bar.title.clone()}</bdi></b><small>{bar.small.clone()}</small>
                <span class="sr">", "{hours}", "{word}</span>
            </a>
        </li>
    }
    .into_any()
}

/// The same plan in words, lane by lane.
fn listed(zone: &Zone, lanes: Vec<Lane>) -> AnyView {
    let tables: Vec<_> = lanes
        .into_iter()
        .filter(|lane| !lane.bars.is_empty())
        .map(|lane| {
            let mut rows: Vec<_> = lane.shifts.iter().map(|shift| shift_row(zone, shift)).collect();
            rows.extend(lane.entries.iter().map(|entry| entry_row(zone, entry)));
            view! {
                <table class="plan-list">
                    <caption><bdi>{lane.title}</bdi></caption>
                    <thead><tr>
                        <th scope="col">"Time"</th><th scope="col">"What"</th><th scope="col">"Detail"</th>
                        <th scope="col">"Status"</th><th scope="col">"Note"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            }
        })
        .collect();
    view! { <section class="plan-lists" aria-label="List" tabindex="0">{tables}</section> }.into_any()
}

fn shift_row(zone: &Zone, shift: &Shift) -> AnyView {
    let missing = i64::from(shift.headcount) - shift.taken;
    let text = if missing > 0 { format!("{missing} needed") } else { "Full".to_owned() };
    let tone = if missing > 0 { crate::ui::Tone::Warning } else { crate::ui::Tone::Success };
    view! {
        <tr id=format!("shift-{}", shift.id)>
            <td>{zone.display_span(shift.starts_at, shift.ends_at)}</td>
            <th scope="row"><bdi>{shift.role.clone()}</bdi>" shift"</th>
            <td><bdi>{shift.place.clone()}</bdi></td>
            <td>{badge(tone, text)}</td>
            <td dir="auto">{shift.note.clone()}</td>
        </tr>
    }
    .into_any()
}

fn entry_row(zone: &Zone, entry: &PlanEntry) -> AnyView {
    let (text, tone) = status(&entry.status);
    let units = (entry.units > 1).then(|| format!(" × {}", entry.units));
    view! {
        <tr id=format!("entry-{}", entry.id)>
            <td>{span(zone, entry)}</td>
            <th scope="row"><bdi>{entry.title.clone()}</bdi>{units}</th>
            <td><bdi>{entry.place.clone().unwrap_or_else(|| entry.detail.replace('_', " "))}</bdi></td>
            <td>{badge(tone, text)}</td>
            <td dir="auto">{entry.note.clone()}</td>
        </tr>
    }
    .into_any()
}
