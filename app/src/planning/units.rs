//! One kind of equipment: its units that are known by themselves, with codes, serial numbers and states.

use eventify::Error;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{ProductionManage, ProductionRead};
use eventify::planning::operations::{
    equipment_get, equipment_unit_add, equipment_unit_list, equipment_unit_remove, equipment_unit_update,
    equipment_update,
};
use eventify::planning::{
    Equipment, EquipmentId, EquipmentPatch, EquipmentUnit, EquipmentUnitPatch, NewEquipmentUnit, PlanNote,
    SerialNumber, UnitCode, UnitState,
};
use leptos::prelude::*;
use serde_json::json;

use crate::events::{afterwards, guarded};
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, PageHead, Pick, Table, Tone, badge, id_of_path, loaded,
    rule, submit,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    kind: Equipment,
    units: Vec<EquipmentUnit>,
}

async fn fetch(id: Option<EquipmentId>) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let (kind, units) = futures::try_join!(equipment_get(id), every(|page| equipment_unit_list(id, page)))?;
    Ok(Data { kind, units })
}

/// The page.
pub fn units() -> AnyView {
    let id = id_of_path::<EquipmentId>();
    let data: Loading<Data> = Loading::new(move || id.get(), fetch);
    loaded(data, move |record, me| guarded(&me, ProductionRead, || page(data, record, me.may(ProductionManage))))
}

fn state(state: UnitState) -> (Tone, &'static str) {
    match state {
        UnitState::Ok => (Tone::Success, "OK"),
        UnitState::InRepair => (Tone::Warning, "In repair"),
        UnitState::Lost => (Tone::Danger, "Lost"),
    }
}

fn page(data: Loading<Data>, record: Data, manages: bool) -> AnyView {
    let Data { kind, units } = record;
    let crumbs = vec![("Equipment".to_owned(), "/equipment".to_owned())];
    let known = units.len();
    let subtitle = format!("{} owned, {} usable, {known} known by code", kind.units_owned, kind.units_usable);
    let actions = manages.then(|| {
        view! { {edit(data, &kind)}{((known as i64) < i64::from(kind.units_owned)).then(|| add(data, kind.id))} }
    });
    let mut table = Table::new("Units", ListQuery::default())
        .counts("unit", "units")
        .csv_of(format!("/equipment/{}/units/export", kind.id), &())
        .column(Column::head("Code", |one: &EquipmentUnit| view! { <bdi>{one.code.clone()}</bdi> }.into_any()))
        .column(Column::new("Serial number", |one: &EquipmentUnit| one.serial_number.clone().into_any()))
        .column(Column::new("State", |one: &EquipmentUnit| {
            let (tone, word) = state(one.state);
            badge(tone, word)
        }))
        .column(Column::new("Note", |one: &EquipmentUnit| one.note.clone().into_any()))
        .empty("No units known by code", "With a code each of them can be checked out and in by scanning.", None);
    if manages {
        table = table.column(Column::actions(move |one: &EquipmentUnit| {
            view! { <div class="row">{change(data, one)}{remove(data, one)}</div> }.into_any()
        }));
    }
    view! {
        <div class="page">
            <PageHead title=kind.name.clone() crumbs=crumbs subtitle=subtitle actions=actions.into_any()/>
            {table.all(units)}
        </div>
    }
    .into_any()
}

fn edit(data: Loading<Data>, kind: &Equipment) -> AnyView {
    let id = kind.id;
    let run = submit(
        move |input: EquipmentPatch| equipment_update(id, input),
        afterwards::<_, Equipment>(data, "Changes saved"),
    );
    let extra = json!({ "version": kind.version });
    let (owned, note) = (kind.units_owned.to_string(), kind.note.clone().unwrap_or_default());
    view! {
        <Confirm id="equipment-edit" label="Edit" icon=Icon::EDIT title="Edit equipment" confirm="Save" run=run extra=extra danger=false class="btn">
            <Field name="units_owned" label="Units owned" kind="number" required=true value=owned/>
            <Field name="note" label="Note" clearable=true check={rule::<PlanNote>} value=note/>
        </Confirm>
    }
    .into_any()
}

fn remove(data: Loading<Data>, one: &EquipmentUnit) -> AnyView {
    let id = one.id;
    let run = submit(move |_: Nothing| equipment_unit_remove(id), afterwards::<_, ()>(data, "Unit removed"));
    view! {
        <Confirm id=format!("unit-gone-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove unit {}?", one.code) confirm="Remove unit" keep="Keep unit" run=run in_row=format!("Remove {}", one.code)>
            <p>"For a unit that was added by mistake: the number of units owned stays. A unit that was booked or checked out cannot be removed: set its state to Lost."</p>
        </Confirm>
    }
    .into_any()
}

fn add(data: Loading<Data>, id: EquipmentId) -> AnyView {
    let run = submit(
        move |input: NewEquipmentUnit| equipment_unit_add(id, input),
        afterwards::<_, EquipmentUnit>(data, "Unit added"),
    );
    view! {
        <Confirm id="unit-new" label="Add unit" icon=Icon::PLUS title="Add a unit" confirm="Add" run=run danger=false class="btn primary">
            <Field name="code" label="Code" check={rule::<UnitCode>} required=true hint="As printed on the unit, such as RAD-014"/>
            <Field name="serial_number" label="Serial number" check={rule::<SerialNumber>}/>
        </Confirm>
    }
    .into_any()
}

fn change(data: Loading<Data>, one: &EquipmentUnit) -> AnyView {
    let (id, note, now) = (one.id, one.note.clone().unwrap_or_default(), one.state.word());
    let serial = one.serial_number.clone().unwrap_or_default();
    let run = submit(
        move |input: EquipmentUnitPatch| equipment_unit_update(id, input),
        afterwards::<_, EquipmentUnit>(data, "Saved"),
    );
    let states = UnitState::ALL.iter().map(|one| (one.word().to_owned(), state(*one).1.to_owned())).collect();
    view! {
        <Confirm id=format!("unit-{id}") label="Edit" icon=Icon::EDIT title=format!("Unit {}", one.code) confirm="Save" run=run extra=json!({ "version": one.version }) danger=false in_row=format!("Edit {}", one.code)>
            <Pick name="state" label="State" options=states value=now required=true/>
            <Field name="serial_number" label="Serial number" clearable=true check={rule::<SerialNumber>} value=serial/>
            <Field name="note" label="Note" clearable=true check={rule::<PlanNote>} value=note/>
        </Confirm>
    }
    .into_any()
}
