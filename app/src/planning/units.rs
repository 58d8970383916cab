//! One kind of equipment: its units that are known by themselves, with codes, serial numbers and states.

use eventify::Error;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{ProductionManage, ProductionRead};
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{
    equipment_get, equipment_unit_add, equipment_unit_list, equipment_unit_remove, equipment_unit_update,
    equipment_update, equipment_use_list,
};
use eventify::planning::{
    BookingStatus, Equipment, EquipmentId, EquipmentPatch, EquipmentUnit, EquipmentUnitPatch, EquipmentUse,
    NewEquipmentUnit, PlanNote, SerialNumber, UnitCode, UnitState,
};
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::status;
use crate::events::{afterwards, clock, guarded};
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, PageHead, Pick, Table, Tone, badge, card_flush,
    id_of_path, loaded, now, rule, submit,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    kind: Equipment,
    units: Vec<EquipmentUnit>,
    /// Which events use it, each with the clocks of its place.
    uses: Vec<(EquipmentUse, Zone)>,
}

async fn fetch(id: Option<EquipmentId>) -> Result<Data, Error> {
    let id = id.ok_or_else(not_found)?;
    let uses = async {
        let mut uses = Vec::new();
        for one in every(|page| equipment_use_list(id, page)).await? {
            let zone = clock::named(&one.timezone).await?;
            uses.push((one, zone));
        }
        Ok(uses)
    };
    let (kind, units, uses) = futures::try_join!(equipment_get(id), every(|page| equipment_unit_list(id, page)), uses)?;
    Ok(Data { kind, units, uses })
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
    let Data { kind, units, uses } = record;
    let crumbs = vec![("Equipment".to_owned(), "/equipment".to_owned())];
    let known = units.len();
    let now = now();
    let out: i64 = uses.iter().filter(|(one, _)| taken_at(one, now)).map(|(one, _)| i64::from(one.units)).sum();
    let (owned, usable, free) = (kind.units_owned, kind.units_usable, (kind.units_usable - out).max(0));
    let subtitle = match i64::from(owned) == usable {
        true => format!("{} · {free} free now", counted(owned, "unit")),
        false => format!("{}, {usable} usable · {free} free now", counted(owned, "unit")),
    };
    let actions = manages.then(|| {
        view! { {edit(data, &kind)}{((known as i64) < i64::from(kind.units_owned)).then(|| add(data, kind.id))} }
    });
    let mut table = Table::new("Units", ListQuery::default())
        .counts("unit", "units")
        .csv_of(format!("/equipment/{}/units/export", kind.id), &())
        .column(Column::head("Code", |one: &EquipmentUnit| view! { <bdi>{one.code.clone()}</bdi> }.into_any()))
        .column(Column::new("Serial number", |one: &EquipmentUnit| one.serial_number.clone().into_any()))
        .column(Column::new("State", |one: &EquipmentUnit| match (one.state, &one.out_at) {
            (UnitState::Ok, Some(event)) => {
                view! { {badge(Tone::Info, "Out")}<small><bdi>{event.clone()}</bdi></small> }.into_any()
            }
            (known, _) => {
                let (tone, word) = state(known);
                badge(tone, word)
            }
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
            {booked(&uses, kind.units_usable, now)}
            <h2>{with_code(known, kind.units_owned)}</h2>
            {table.all(units)}
        </div>
    }
    .into_any()
}

/// What stands over the units that are known one by one.
fn with_code(known: usize, owned: i32) -> String {
    match usize::try_from(owned) {
        Ok(owned) if owned > known => format!("Units with a code: {known} of {owned}"),
        _ => "Units with a code".to_owned(),
    }
}

/// Whether an event has its units at this moment; what was brought back is free.
fn taken_at(one: &EquipmentUse, at: Timestamp) -> bool {
    one.status != BookingStatus::Returned && one.starts_at <= at && at < one.ends_at
}

/// How many are left at the worst moment of a booking, with what others have at the same time; below zero they are short.
fn left(one: &EquipmentUse, uses: &[(EquipmentUse, Zone)], usable: i64) -> i64 {
    let moments = uses.iter().map(|(other, _)| other.starts_at.max(one.starts_at)).filter(|at| *at < one.ends_at);
    let taken = |at: Timestamp| {
        uses.iter().filter(|(other, _)| taken_at(other, at)).map(|(other, _)| i64::from(other.units)).sum::<i64>()
    };
    usable - moments.map(taken).max().unwrap_or_default()
}

/// Which events use it, when, how much of it, and what is left then.
fn booked(uses: &[(EquipmentUse, Zone)], usable: i64, now: Timestamp) -> AnyView {
    let row = |(one, zone): &(EquipmentUse, Zone)| {
        let when = zone.local(one.starts_at);
        let weekday: String = when.weekday().to_string().chars().take(3).collect();
        let (word, tone) = status(one.status.as_str());
        let href = format!("/events/{}/plan#entry-{}", one.event_id, one.booking_id);
        let over = one.ends_at <= now || one.status == BookingStatus::Returned;
        let left = (!over).then(|| match left(one, uses, usable) {
            0 => view! { <small>"None left then"</small> }.into_any(),
            short @ ..0 => view! { <small>{badge(Tone::Danger, format!("{} short", -short))}</small> }.into_any(),
            left => view! { <small>{format!("{left} left then")}</small> }.into_any(),
        });
        view! {
            <li>
                <time class="date" datetime=one.starts_at.rfc3339()><span>{weekday}</span>{when.day()}</time>
                <div>
                    <a href=href><bdi>{one.event.clone()}</bdi></a>
                    <small>{zone.display_span(one.starts_at, one.ends_at)}</small>
                    <small>{badge(tone, word)}</small>
                </div>
                <div class="next-figs"><strong>{counted(one.units, "unit")}</strong>{left}</div>
            </li>
        }
    };
    let body = match uses.is_empty() {
        true => view! { <p class="card-body muted">"Not booked. Events that use it appear here."</p> }.into_any(),
        false => view! { <ol class="next" role="list">{uses.iter().map(row).collect_view()}</ol> }.into_any(),
    };
    card_flush("equipment-uses", "Booked by", None, body)
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
            <Field name="note" label="Note" emptyable=true check={rule::<PlanNote>} value=note/>
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
    let (id, note, now) = (one.id, one.note.clone().unwrap_or_default(), one.state.as_str());
    let serial = one.serial_number.clone().unwrap_or_default();
    let run = submit(
        move |input: EquipmentUnitPatch| equipment_unit_update(id, input),
        afterwards::<_, EquipmentUnit>(data, "Saved"),
    );
    let states = UnitState::ALL.iter().map(|one| (one.as_str().to_owned(), state(*one).1.to_owned())).collect();
    view! {
        <Confirm id=format!("unit-{id}") label="Edit" icon=Icon::EDIT title=format!("Unit {}", one.code) confirm="Save" run=run extra=json!({ "version": one.version }) danger=false in_row=format!("Edit {}", one.code)>
            <Pick name="state" label="State" options=states value=now required=true/>
            <Field name="serial_number" label="Serial number" emptyable=true check={rule::<SerialNumber>} value=serial/>
            <Field name="note" label="Note" emptyable=true check={rule::<PlanNote>} value=note/>
        </Confirm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use eventify::planning::EquipmentBookingId;

    use super::*;

    #[test]
    fn what_is_left_is_counted_at_the_worst_moment() {
        let one = |units, from: &str, to: &str, status| {
            let at = |hour: &str| Timestamp::parse(&format!("2026-12-24T{hour}:00:00Z")).unwrap();
            let timezone = "UTC".to_owned();
            let (event, zone) = ("Kaveri".to_owned(), Zone { name: timezone.clone(), changes: Vec::new() });
            let nil = uuid::Uuid::nil();
            let (booking_id, event_id) = (EquipmentBookingId(nil), eventify::events::EventId(nil));
            let (starts_at, ends_at) = (at(from), at(to));
            (EquipmentUse { booking_id, event_id, event, timezone, units, starts_at, ends_at, status }, zone)
        };
        let all = [
            one(16, "08", "20", BookingStatus::Confirmed),
            one(14, "18", "22", BookingStatus::Pencilled),
            one(5, "09", "12", BookingStatus::Confirmed),
            one(9, "09", "12", BookingStatus::Returned),
        ];
        let left: Vec<_> = all[..3].iter().map(|(one, _)| left(one, &all, 24)).collect();
        assert_eq!(left, [-6, -6, 3]);
    }
}
