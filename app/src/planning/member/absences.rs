//! When somebody of the crew cannot work.

use eventify::kernel::error::invalid_input;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{crew_absence_add, crew_absence_remove};
use eventify::planning::{CrewAbsence, CrewId, NewCrewAbsence, PlanNote};
use leptos::prelude::*;

use super::data::Record;
use crate::events::afterwards;
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, Table, at, card, moment, now, own_zone, rule, submit,
};

/// The list; who manages staffing adds to it and takes away.
pub fn section(data: Loading<Record>, id: CrewId, list: Vec<CrewAbsence>, manages: bool) -> AnyView {
    let mut table = Table::new("Not available", ListQuery::default())
        .counts("absence", "absences")
        .column(Column::head("From", |one: &CrewAbsence| at(one.starts_at)))
        .column(Column::new("Until", |one: &CrewAbsence| at(one.ends_at)))
        .column(Column::new("Note", |one: &CrewAbsence| one.note.clone().into_any()))
        .empty("No absences", "Times when they cannot work appear here, and clash with shifts.", None);
    if manages {
        table = table.column(Column::actions(move |one: &CrewAbsence| back(data, one)));
    }
    let away = manages.then(|| away(data, id));
    match list.is_empty() {
        true => {
            let none = "No absences. Times when they cannot work appear here, and clash with shifts.";
            card("absences", "Absences", away, view! { <p class="muted">{none}</p> })
        }
        false => view! { <div class="row spread"><h2>"Absences"</h2>{away}</div>{table.all(list)} }.into_any(),
    }
}

/// When somebody cannot, as the reader's clocks show it.
#[derive(Clone, Debug, serde::Deserialize)]
struct Absence {
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    #[serde(default)]
    note: Option<PlanNote>,
}
impl eventify::kernel::error::Validate for Absence {}

fn away(data: Loading<Record>, id: CrewId) -> AnyView {
    let zone = own_zone();
    let (clocks, label) = (zone.clone(), zone.label(now()));
    let send = move |typed: Absence| {
        let clocks = clocks.clone();
        async move {
            let missing = |field: &str| invalid_input().field(field, "is required");
            let starts_at = moment(typed.starts_at, &clocks, "starts_at")?.ok_or_else(|| missing("starts_at"))?;
            let ends_at = moment(typed.ends_at, &clocks, "ends_at")?.ok_or_else(|| missing("ends_at"))?;
            crew_absence_add(id, NewCrewAbsence { starts_at, ends_at, note: typed.note }).await
        }
    };
    let run = submit(send, afterwards::<_, CrewAbsence>(data, "Absence added"));
    view! {
        <Confirm id="crew-away" label="Add absence" icon=Icon::PLUS title="When can they not work?" confirm="Add absence" run=run danger=false class="btn">
            <Field name="starts_at" label=format!("From, {label}") kind="datetime-local" required=true/>
            <Field name="ends_at" label=format!("Until, {label}") kind="datetime-local" required=true/>
            <Field name="note" label="Note" check={rule::<PlanNote>}/>
        </Confirm>
    }
    .into_any()
}

fn back(data: Loading<Record>, one: &CrewAbsence) -> AnyView {
    let id = one.id;
    let run = submit(move |_: Nothing| crew_absence_remove(id), afterwards::<_, ()>(data, "Absence removed"));
    view! {
        <Confirm id=format!("absence-{id}") label="Remove" icon=Icon::TRASH title="Remove this absence?" confirm="Remove absence" keep="Keep absence" run=run in_row="Remove this absence">
            <p>"They can be given shifts at that time again."</p>
        </Confirm>
    }
    .into_any()
}
