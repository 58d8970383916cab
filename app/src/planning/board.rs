//! An event's planning board: lanes over hours, by the clocks of the place, and the same plan as a list below it. It is
//! made on the server and reads without script.

use std::sync::Arc;

use eventify::Error;
use eventify::access::Me;
use eventify::events::{EventId, EventStatus};
use eventify::kernel::page::{Limit, Page};
use eventify::kernel::permissions::Permission::{
    ProductionManage, ProductionRead, StaffingManage, StaffingRead, TalentManage,
};
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{crew_list, equipment_list, talent_list};
use eventify::planning::{CrewFilter, EntryKind, EquipmentFilter, Plan, TalentFilter};
use eventify::zones::{Zone, day_in_short};
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use time::Duration;

use super::data::Data;
use super::forms::new::{self, New};
use super::hand::{Hand, PlanSession, Rights};
use super::lanes::{Bar, Lane, PlanDay, Words, chosen, columns, day_of, days, hours, lanes, plan_day, words};
use super::{Of, clashes, fetch, forms, since, status};
use crate::events::head::{self, Counts};
use crate::events::{Head, guarded};
use crate::ui::{Icon, ListQuery, Loading, dom, id_of_path, live, loaded, menu, menu_act, now, open_dialog, state};

/// A list of which this person sees nothing is empty.
fn seen<T>(answer: Result<Page<T>, Error>) -> Result<Vec<T>, Error> {
    match answer {
        Ok(page) => Ok(page.items),
        Err(error) if error.status() == 403 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn load(id: Option<EventId>, counts: Loading<Counts>) -> Result<Data, Error> {
    let of = fetch(id).await?;
    let limit = Some(Limit::MOST);
    Ok(Data {
        head: Head::of(of.plan.event.clone(), of.zone.clone(), counts).await?,
        talents: seen(talent_list(TalentFilter { limit, ..TalentFilter::default() }).await)?,
        gear: seen(equipment_list(EquipmentFilter { limit, ..EquipmentFilter::default() }).await)?,
        crew: seen(crew_list(CrewFilter { limit, ..CrewFilter::default() }).await)?,
        of,
    })
}

/// The page.
pub fn board() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    // Another day is another page, with the plan as it is by then.
    let day = Memo::new(move |_| query.with(|query| query.text("day")));
    let counts = head::counts(id);
    let data: Loading<Data> = Loading::new(move || (id.get(), day.get()), move |(id, _)| load(id, counts));
    let session = PlanSession::new();
    if let Some(id) = id.get_untracked() {
        live::follow_one(&["plan.changed", "plan.frame_changed", "plan.moved", "plan.version_made"], id, move || {
            data.refetch()
        });
    }
    loaded(data, move |record, me| {
        guarded(&me, ProductionRead, || page(data, record, &me, &query.get_untracked(), session))
    })
}

fn page(data: Loading<Data>, record: Data, me: &Me, query: &ListQuery, session: PlanSession) -> AnyView {
    let Of { plan, zone } = record.of.clone();
    let days = days(&plan, &zone);
    let Some(day) = chosen(&days, query.text("day").as_deref(), &plan, &zone, now()) else { return ().into_any() };
    let here = format!("/events/{}/plan", plan.event.id);
    let open = plan.event.status != EventStatus::Cancelled;
    let may = |permission| open && record.head.may(me, permission);
    let rights = Rights { production: may(ProductionManage), talent: may(TalentManage), crew: may(StaffingManage) };
    let lanes = lanes(&plan, &zone, &day.day);
    let news = New::all(&record, rights);
    let planned = lanes.iter().any(|lane| !lane.bars.is_empty());
    let hand = Hand::new(plan.clone(), zone.clone(), rights, session);
    let today = plan_day((plan.event.start_at, plan.event.end_at), &zone, now());
    let elsewhere = days.iter().find(|one| one.day >= today).filter(|one| **one != day);
    hand.keys_anywhere(elsewhere.map(|one| format!("{here}?day={}", one.day)));
    let body = match planned {
        true => view! {
            {worked_on(data, hand, &plan, &zone, &day.day)}
            {super::list::listed(data, &record, rights, lanes)}
        }
        .into_any(),
        false => view! { {nothing(&plan, &days, &day, &news)}{said(hand)} }.into_any(),
    };
    let actions = actions(&plan, rights, &news, planned, me.may_somewhere(StaffingRead));
    let calm = (planned && plan.clashes.is_empty()).then(|| {
        let needed: i64 = plan.shifts.iter().map(|shift| shift.needed(plan.checked_at)).sum();
        let needed = match needed {
            0 => String::new(),
            1 => " · 1 person needed".to_owned(),
            n => format!(" · {n} people needed"),
        };
        view! { <p class="muted">{clashes::tally(&[])}{needed}</p> }
    });
    view! {
        <div class="page event-page plan-page">
            {super::head(&record.head, super::PLAN, Some(&day.day), me, actions)}
            {super::day_links(&here, &days, &day)}
            {calm}
            {clashes::list(&zone, &plan.clashes)}
            {since::list(&zone, &plan)}
            {body}
            {new::dialogs(data, &record, &news, &day.day)}
            {rights.production.then(|| since::send(data, plan.event.id, &plan))}
        </div>
    }
    .into_any()
}

/// What can be added, and what is needed less often behind one button.
fn actions(plan: &Plan, rights: Rights, news: &[New], planned: bool, sees_hours: bool) -> AnyView {
    let mut more = Vec::new();
    if rights.production {
        more.push(menu_act("plan-send", "Send version…", Icon::MAIL, false));
    }
    if sees_hours && !plan.shifts.is_empty() {
        let hours = format!("/api/v1/events/{}/time-sheet", plan.event.id);
        more.push(
            view! { <li><a href=hours rel="external" download="">{Icon::DOWNLOAD.svg()}"Time sheet"</a></li> }
                .into_any(),
        );
    }
    // What is empty has its own button for what comes next.
    let add = new::menu(news, if planned { "btn primary" } else { "btn" });
    view! {
        {add}
        {menu("More for this plan", more)}
    }
    .into_any()
}

/// A day without anything, and what to begin with.
fn nothing(plan: &Plan, days: &[PlanDay], day: &PlanDay, news: &[New]) -> AnyView {
    let any = !plan.entries.is_empty() || !plan.shifts.is_empty();
    let title = match any {
        true => format!("Nothing planned for {} yet", day.title),
        false => "Nothing planned yet".to_owned(),
    };
    let text = match (any, plan.stages.is_empty(), days.len()) {
        (true, ..) => "Artist slots, shifts and equipment of this day appear here, hour by hour.".to_owned(),
        (false, true, 1) => "Start with a stage: slots, shifts and equipment are then planned hour by hour.".to_owned(),
        (false, true, n) => {
            format!("Start with a stage: it is there on all {n} days. Slots, shifts and equipment follow.")
        }
        (false, false, 1) => "Artist slots, shifts and equipment appear here, hour by hour.".to_owned(),
        (false, false, n) => format!("Artist slots, shifts and equipment of all {n} days appear here, hour by hour."),
    };
    state(Icon::CALENDAR, title, text, new::first(news, plan))
}

/// The board, the line that is read out, the bar of what is not saved, and the dialog of the bar that was opened.
fn worked_on(data: Loading<Data>, hand: Hand, plan: &Plan, zone: &Zone, day: &str) -> AnyView {
    let (from, count) = hours(plan, zone, day);
    let opened = RwSignal::new(None::<uuid::Uuid>);
    let (zone, day) = (zone.clone(), day.to_owned());
    let (clocks, dialogs) = (zone.clone(), zone.clone());
    let board = move || drawn(&clocks, hand, &lanes(&hand.shown(), &clocks, &day), from, count);
    let clicked = move |event: MouseEvent| {
        if let Some(id) = hand.clicked(&event) {
            opened.set(Some(id));
            request_animation_frame(|| open_dialog("plan-edit"));
        }
    };
    let removed = move |event: KeyboardEvent| {
        let bar = dom::closest(&event, "[data-entry]").and_then(|bar| bar.get_attribute("data-entry")?.parse().ok());
        if event.key() == "Delete"
            && let Some((entry, _)) = bar.and_then(|id| hand.movable(id))
        {
            let id = entry.id;
            opened.set(Some(id));
            request_animation_frame(|| open_dialog("plan-gone"));
        } else {
            hand.key(&event);
        }
    };
    let dialog = move || {
        let id = opened.get()?;
        let plan = hand.shown();
        let entry = plan.entries.iter().find(|entry| entry.id == id)?.clone();
        let done = Arc::new(move || hand.session.changes.update(|changes| changes.forget(id)));
        Some(forms::entry(data, &plan, &dialogs, entry, done))
    };
    let rights = hand.rights;
    let moves = rights.production || rights.talent || rights.crew;
    let help = moves.then(|| {
        view! {
            <p class="muted plan-help">
                "Drag a bar to move it, or its end to make it longer. "<kbd>"?"</kbd>" shows the keys."
            </p>
        }
    });
    view! {
        <section class="plan-board" aria-label="Board" tabindex="0"
            on:pointerdown=move |event| hand.pressed(&event)
            on:pointermove=move |event| hand.dragged_to(&event)
            on:pointerup=move |_| hand.released()
            on:pointercancel=move |_| hand.released()
            on:dragstart=move |event| event.prevent_default()
            on:click=clicked
            on:keydown=removed
            data-moving=move || hand.is_moving().then_some("true")>
            {board}
        </section>
        {said(hand)}
        {help}
        {move || unsaved(data, hand)}
        {dialog}
    }
    .into_any()
}

/// What is read out.
fn said(hand: Hand) -> AnyView {
    view! { <p class="sr" role="status">{move || hand.session.said.get()}</p> }.into_any()
}

/// The bar at the foot: what is not saved, and what becomes of it.
fn unsaved(data: Loading<Data>, hand: Hand) -> Option<AnyView> {
    let (all, last, redo) = hand.session.changes.with(|c| (c.to_save(), c.last().cloned(), c.can_redo()));
    if last.is_none() && !redo {
        return None;
    }
    let title = match all.len() {
        0 => "No changes to save".to_owned(),
        1 => "1 change not saved".to_owned(),
        n => format!("{n} changes not saved"),
    };
    let clashes: usize = all.iter().map(|change| change.clashes).sum();
    let told = all.iter().any(|change| change.kind == EntryKind::Crew);
    let small = [
        last.map(|change| format!("Last: {}", change.title)),
        (clashes > 0).then(|| format!("{clashes} to check")),
        told.then(|| "Crew whose shift moves are notified".to_owned()),
    ];
    let small = small.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let none = all.is_empty();
    Some(
        view! {
            <section class="plan-unsaved" aria-label="Changes">
                <div><strong>{title}</strong><small>{small}</small></div>
                <div class="row">
                    <button class="btn" type="button" on:click=move |_| hand.undo()>"Undo"</button>
                    {redo.then(|| view! { <button class="btn" type="button" on:click=move |_| hand.redo()>"Redo"</button> })}
                    <button class="btn" type="button" on:click=move |_| hand.discard()>"Discard"</button>
                    <button class="btn primary" type="button" disabled=move || none || hand.busy.get() on:click=move |_| hand.save(move || data.refetch())>"Save changes"</button>
                </div>
            </section>
        }
        .into_any(),
    )
}

/// More hours than these have no room for a time each.
const EVERY_HOUR: i64 = 16;

/// The hours over the lanes. A day that begins among them is said over its midnight, and the one before it over the first
/// hour. Where the clocks are put back an hour stands there twice, and says so.
fn axis(zone: &Zone, from: Timestamp, count: i64) -> AnyView {
    let all: Vec<_> = (0..count).map(|n| from.plus(Duration::hours(n))).collect();
    let over_midnight = all.iter().any(|at| day_of(zone, *at) != day_of(zone, from));
    let every = if count > EVERY_HOUR { 2 } else { 1 };
    let (mut last, now) = (None, now());
    let hours: Vec<_> = all
        .into_iter()
        .enumerate()
        .map(|(n, at)| {
            let hour = zone.local(at).hour();
            let again = last == Some(hour);
            last = Some(hour);
            let midnight = hour == 0 && !again;
            let day =
                (over_midnight && (n == 0 || midnight)).then(|| view! { <b>{day_in_short(&day_of(zone, at))}</b> });
            let time = hour.is_multiple_of(every).then(|| zone.clock(at));
            // A day stands over the hours, also where its own hour is not said.
            let time = time.or_else(|| day.is_some().then(|| "\u{a0}".to_owned()));
            let midnight = midnight && n > 0;
            let on = (at <= now && now < at.plus(Duration::hours(1))).then_some("time");
            view! { <li class:midnight=midnight aria-current=on>{day}{time}{again.then_some(" again")}</li> }
        })
        .collect();
    view! { <div class="plan-axis"><span>{zone.label(from)}</span><ol>{hours}</ol></div> }.into_any()
}

fn drawn(zone: &Zone, hand: Hand, lanes: &[Lane], from: Timestamp, count: i64) -> AnyView {
    let mut rows = Vec::new();
    let mut group = "";
    for lane in lanes {
        if lane.group != group {
            group = lane.group;
            rows.push(view! { <h2 class="plan-group">{group}</h2> }.into_any());
        }
        let bars: Vec<_> = lane.bars.iter().map(|bar| drawn_bar(zone, hand, bar, from, count)).collect();
        let stage = lane.stage.map(|id| id.to_string());
        rows.push(
            view! {
                <section class="plan-lane" data-group=lane.group>
                    <h3><bdi>{lane.title.clone()}</bdi>{(!lane.small.is_empty()).then(|| view! { <small>{lane.small.clone()}</small> })}</h3>
                    <ol class=format!("plan-track h{count}") role="list" data-hours=count data-stage=stage>{bars}</ol>
                </section>
            }
            .into_any(),
        );
    }
    view! { <div class="plan-in">{axis(zone, from, count)}{rows}</div> }.into_any()
}

fn drawn_bar(zone: &Zone, hand: Hand, bar: &Bar, from: Timestamp, count: i64) -> AnyView {
    let row = if bar.second { " second" } else { "" };
    let fit = match words(bar, from, count) {
        Words::Inside => "",
        Words::Beside => " beside",
        Words::Title => " title-only",
        Words::Hidden => " speechless",
    };
    let (entry, still) = (bar.entry, (bar.starts_at, bar.ends_at));
    let class = move || {
        let moving = entry.and_then(|id| hand.on_the_way(id));
        let at = moving.map_or(still, |spot| (spot.starts_at, spot.ends_at));
        let (start, length) = columns(at, from, count);
        format!("b{start} l{length}{row}{fit}{}", if moving.is_some() { " moving" } else { "" })
    };
    let changed = move || {
        entry.is_some_and(|id| hand.session.changes.with(|changes| changes.spot(id).is_some())).then_some("true")
    };
    let (word, _) = status(&bar.status);
    let hours = zone.display_span(bar.starts_at, bar.ends_at);
    // What a version had is of no use to whoever moves it just now: the mark is of what is saved.
    let since =
        entry.and_then(|id| hand.plan.with_value(|plan| since::of(plan, id).map(|change| since::was(zone, change))));
    let mark = since.is_some().then(since::delta);
    let title = match since {
        Some(was) => format!("{} · {hours} · {word} · {was}", bar.title),
        None => format!("{} · {hours} · {word}", bar.title),
    };
    let still_small = bar.small.clone();
    let small = move || entry.and_then(|id| hand.hours_on_the_way(id)).unwrap_or_else(|| still_small.clone());
    view! {
        <li class=class data-status=bar.status.clone() data-entry=entry.map(|id| id.to_string()) data-changed=changed>
            <a href=bar.anchor.clone() title=title draggable="false">
                <span class="words"><b>{mark}<bdi>{bar.title.clone()}</bdi></b><small>{small}</small></span>
                <span class="sr">", "{hours}", "{word}</span>
            </a>
            {entry.map(|_| view! { <span class="grip" aria-hidden="true"></span> })}
        </li>
    }
    .into_any()
}
