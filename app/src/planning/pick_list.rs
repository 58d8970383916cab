//! The pick list of an event, on screen and on paper: what to bring, and units checked out and in by what stands
//! on them. A scanner types the code and ends it with Enter.

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{ProductionManage, ProductionRead};
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{equipment_check_in, equipment_check_out, pick_list as fetch_lines};
use eventify::planning::{EquipmentHandout, PickLine, SerialNumber, UnitReturn, UnitScan, UnitState};
use eventify::zones::{Zone, day_in_short};
use leptos::prelude::*;

use super::lanes::day_of;
use super::{PICK_LIST, status};
use crate::events::head::{self, Counts};
use crate::events::{Head, guarded};
use crate::ui::{
    Field, Form, Icon, Loading, Pick, Shell, Toasts, Tone, badge, export, id_of_path, loaded, rule, state, submit,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    head: Head,
    lines: Vec<PickLine>,
}

async fn fetch(id: Option<EventId>, counts: Loading<Counts>) -> Result<Data, Error> {
    let own = id.ok_or_else(not_found)?;
    let (head, lines) = futures::try_join!(Head::load(id, counts), every(|page| fetch_lines(own, page)))?;
    Ok(Data { head, lines })
}

/// The page.
pub fn pick_list() -> AnyView {
    let id = id_of_path::<EventId>();
    let counts = head::counts(id);
    let data: Loading<Data> = Loading::new(move || id.get(), move |id| fetch(id, counts));
    // Which way units go outlives that the list is read again.
    let back = RwSignal::new(false);
    loaded(data, move |record, me| guarded(&me, ProductionRead, || page(data, record, &me, back)))
}

fn page(data: Loading<Data>, record: Data, me: &Me, back: RwSignal<bool>) -> AnyView {
    let Data { head, lines } = record;
    let (event, zone, manages) = (&head.event, &head.zone, head.may(me, ProductionManage));
    let shell = Shell::get();
    let print = move |_| {
        let _ = window().print();
    };
    let actions = view! {
        {export(&format!("/events/{}/pick-list/export", event.id))}
        <button class="btn primary" type="button" disabled=move || !shell.alive.get() on:click=print>{Icon::DOWNLOAD.svg()}"Print"</button>
    };
    let out: usize = lines.iter().map(|line| line.out.len()).sum();
    let late = lines.iter().filter(|line| line.overdue_since.is_some()).count();
    let late = if late > 0 { format!(" · {late} overdue") } else { String::new() };
    let tally = format!("{} · {} out by code{late}", counted(lines.len(), "line"), counted(out, "unit"));
    let said = (!lines.is_empty()).then(|| {
        view! {
            <div class="sheet-head">
                <h2>{PICK_LIST}</h2>
                <p class="muted">{tally}" · Times in "{zone.label(event.start_at)}</p>
            </div>
        }
    });
    let scans = (manages && !lines.is_empty()).then(|| scans(data, event.id, back));
    // What no line has is no column.
    let shown = Shown {
        stage: lines.iter().any(|line| line.stage.is_some()),
        out: lines.iter().any(|line| !line.out.is_empty() || line.returned > 0),
        note: lines.iter().any(|line| line.note.is_some()),
    };
    let rows: Vec<_> = lines.iter().map(|line| row(zone, line, shown)).collect();
    let body = match lines.is_empty() {
        true => {
            state(Icon::BUILDING, "Nothing to bring yet", "Equipment that is added to the plan appears here.", None)
        }
        false => view! {
            <div class="plan-lists" role="region" aria-label="Pick list" tabindex="0">
                <table class="run-sheet pick">
                    <caption class="sr">"Pick list"</caption>
                    <thead><tr>
                        <th scope="col">"Packed"</th><th scope="col">"Equipment"</th><th scope="col">"Units"</th>
                        <th scope="col">"Needed"</th>{shown.stage.then(|| view! { <th scope="col">"Where"</th> })}
                        <th scope="col">"Status"</th>{shown.out.then(|| view! { <th scope="col">"Out"</th> })}
                        {shown.note.then(|| view! { <th scope="col">"Note"</th> })}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    view! {
        <div class="page event-page run-sheet-page">
            {super::head(&head, PICK_LIST, None, me, actions.into_any())}
            {said}
            {scans}
            {body}
        </div>
    }
    .into_any()
}

/// What happened to a unit, in words.
fn said(toasts: Toasts, what: &'static str) -> impl Fn(EquipmentHandout) + Clone + Send + Sync + 'static {
    move |unit: EquipmentHandout| toasts.done(format!("{} {what}: {}", unit.code, unit.equipment))
}

/// The field that a scanner types into, and which way its units go: out, until somebody says in.
fn scans(data: Loading<Data>, id: EventId, back: RwSignal<bool>) -> AnyView {
    let way = |label: &'static str, is_back: bool| {
        let pressed = move || (back.get() == is_back).to_string();
        view! { <button type="button" aria-pressed=pressed on:click=move |_| back.set(is_back)>{label}</button> }
    };
    let form = move || if back.get() { check_in(data, id) } else { check_out(data, id) };
    view! {
        <section class="scan-line unprinted" aria-label="Scan units">
            <div class="segs" role="group" aria-label="Direction">{way("Check out", false)}{way("Check in", true)}</div>
            {form}
        </section>
    }
    .into_any()
}

const HINT: &str = "Type or scan its code or serial number";

fn check_out(data: Loading<Data>, id: EventId) -> AnyView {
    let done = said(Toasts::get(), "checked out");
    let give = submit(
        move |input: UnitScan| equipment_check_out(id, input),
        move |unit: EquipmentHandout| {
            done(unit);
            data.refetch();
        },
    );
    view! {
        <Form id="unit-out" submit=give label="Check out" fresh=true guarded=false>
            <Field name="code" label="Unit" check={rule::<SerialNumber>} required=true hint=HINT/>
        </Form>
    }
    .into_any()
}

fn check_in(data: Loading<Data>, id: EventId) -> AnyView {
    let done = said(Toasts::get(), "checked in");
    let take = submit(
        move |input: UnitReturn| equipment_check_in(id, input),
        move |unit: EquipmentHandout| {
            done(unit);
            data.refetch();
        },
    );
    let states = vec![
        (String::new(), "As it was".to_owned()),
        (UnitState::InRepair.as_str().to_owned(), "To be repaired".to_owned()),
        (UnitState::Lost.as_str().to_owned(), "Lost".to_owned()),
    ];
    view! {
        <Form id="unit-in" submit=take label="Check in" fresh=true guarded=false>
            <Field name="code" label="Unit" check={rule::<SerialNumber>} required=true hint=HINT/>
            <Pick name="state" label="State" options=states/>
        </Form>
    }
    .into_any()
}

/// From when to when, by the clocks that are said above: `Wed 2 Dec, 21:00–22:00`.
fn needed(zone: &Zone, from: Timestamp, to: Timestamp) -> String {
    let day = |at| day_in_short(&day_of(zone, at));
    match day(from) == day(to) {
        true => format!("{}, {}–{}", day(from), zone.clock(from), zone.clock(to)),
        false => format!("{}, {} – {}, {}", day(from), zone.clock(from), day(to), zone.clock(to)),
    }
}

/// The columns that say something.
#[derive(Clone, Copy)]
struct Shown {
    stage: bool,
    out: bool,
    note: bool,
}

fn row(zone: &Zone, line: &PickLine, shown: Shown) -> AnyView {
    let (word, tone) = status(line.status.as_str());
    let late = line.overdue_since.map(|since| {
        view! { " "{badge(Tone::Danger, "Overdue")}<small>{format!(" since {}", zone.display(since))}</small> }
    });
    let name = match &line.code {
        Some(code) => format!("{} · {code}", line.equipment),
        None => line.equipment.clone(),
    };
    let back = (line.returned > 0).then(|| format!(" · {} back", line.returned));
    let out = line.out.join(", ");
    let category = (!line.category.is_empty()).then(|| view! { <small class="detail">{line.category.clone()}</small> });
    view! {
        <tr>
            <td><span class="box"></span></td>
            <th scope="row"><bdi>{name}</bdi>{category}</th>
            <td><b>{line.units}</b></td>
            <td>{needed(zone, line.starts_at, line.ends_at)}</td>
            {shown.stage.then(|| view! { <td><bdi>{line.stage.clone()}</bdi></td> })}
            <td>{badge(tone, word)}{late}</td>
            {shown.out.then(|| view! { <td><bdi>{out}</bdi>{back}</td> })}
            {shown.note.then(|| view! { <td dir="auto">{line.note.clone()}</td> })}
        </tr>
    }
    .into_any()
}
