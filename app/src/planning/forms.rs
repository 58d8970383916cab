//! Dialogs of the plan: something new, an entry changed, an entry removed.

use std::sync::Arc;

use eventify::Error;
use eventify::events::{Event, Zone};
use eventify::kernel::patch::Patch;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{
    equipment_booking_add, equipment_booking_remove, equipment_booking_update, production_schedule_add,
    production_schedule_remove, production_schedule_update, shift_add, staff_assignment_remove,
    staff_assignment_update, stage_add, talent_slot_add, talent_slot_remove, talent_slot_update,
};
use eventify::planning::{
    AssignmentStatus, BookingStatus, CheckOnly, CrewSkill, EntryKind, EquipmentBookingId, EquipmentBookingPatch,
    EquipmentId, NewEquipmentBooking, NewProductionEntry, NewShift, NewStage, NewTalentSlot, Plan, PlanEntry, PlanNote,
    PlanPlace, PlanStatus, PlanTitle, ProductionId, ProductionKind, ProductionPatch, SlotId, SlotKind,
    StaffAssignmentId, StaffAssignmentPatch, Stage, StageId, StageName, TalentId, TalentSlotPatch,
};
use leptos::prelude::*;
use serde_json::json;

use super::board::Data;
use super::hand::Rights;
use super::status;
use crate::events::{afterwards, clock};
use crate::ui::{Confirm, Field, Icon, Loading, Nothing, Options, Pick, Submit, rule, submit};

/// What a dialog of the plan sends: times as the clocks there show them.
#[derive(Clone, Debug, serde::Deserialize)]
struct Fields {
    #[serde(default)]
    title: Option<PlanTitle>,
    #[serde(default)]
    name: Option<StageName>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    stage_id: Option<StageId>,
    #[serde(default)]
    talent_id: Option<TalentId>,
    #[serde(default)]
    equipment_id: Option<EquipmentId>,
    #[serde(default)]
    role: Option<CrewSkill>,
    #[serde(default)]
    place: Option<PlanPlace>,
    #[serde(default)]
    headcount: Option<i32>,
    #[serde(default)]
    units: Option<i32>,
    #[serde(default)]
    changeover_minutes: Option<i32>,
    #[serde(default)]
    starts_at: Option<Timestamp>,
    #[serde(default)]
    ends_at: Option<Timestamp>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    note: Option<PlanNote>,
    #[serde(default)]
    version: i64,
}
impl eventify::kernel::error::Validate for Fields {}

fn missing(field: &str) -> Error {
    eventify::kernel::error::invalid_input().field(field, "is required")
}

/// A word of a list, as a form sends it.
fn word<T: serde::de::DeserializeOwned>(text: Option<&String>) -> Option<T> {
    text.and_then(|word| serde_json::from_value(json!(word)).ok())
}

impl Fields {
    fn hours(&self, zone: &Zone) -> Result<(Timestamp, Timestamp), Error> {
        let at = |wall: Option<Timestamp>, field| clock::moment(wall.ok_or_else(|| missing(field))?, zone, field);
        Ok((at(self.starts_at, "starts_at")?, at(self.ends_at, "ends_at")?))
    }
}

/// Which dialogs there are to add something, and what each is called.
#[derive(Clone, Copy, PartialEq)]
pub enum New {
    Slot,
    Entry,
    Gear,
    Shift,
    Stage,
}

fn none() -> (String, String) {
    (String::new(), "None".to_owned())
}

fn stages(all: &[Stage]) -> Options {
    std::iter::once(none()).chain(all.iter().map(|stage| (stage.id.to_string(), stage.name.clone()))).collect()
}

fn hours(zone: &Zone, from: Timestamp, to: Timestamp) -> AnyView {
    let label = zone.label(from);
    view! {
        <Field name="starts_at" label=format!("Starts, {label}") kind="datetime-local" required=true value=zone.field(from)/>
        <Field name="ends_at" label=format!("Ends, {label}") kind="datetime-local" required=true value=zone.field(to) after=("starts_at", "the start")/>
    }
    .into_any()
}

fn note(value: Option<String>) -> AnyView {
    view! { <Field name="note" label="Note" emptyable=true check={rule::<PlanNote>} value=value.unwrap_or_default()/> }
        .into_any()
}

fn options<T: Copy>(all: &[T], named: impl Fn(T) -> (&'static str, &'static str)) -> Options {
    all.iter().map(|one| named(*one)).map(|(word, title)| (word.to_owned(), title.to_owned())).collect()
}

/// The buttons that add to the plan what this person may add.
pub fn add(data: Loading<Data>, record: &Data, rights: Rights) -> AnyView {
    let all = [
        (rights.talent && !record.talents.is_empty(), New::Slot),
        (rights.production, New::Entry),
        (rights.production && !record.gear.is_empty(), New::Gear),
        (rights.crew, New::Shift),
        (rights.production, New::Stage),
    ];
    let shown = all.into_iter().filter(|(may, _)| *may).map(|(_, what)| adding(data, record, what));
    shown.collect_view().into_any()
}

fn adding(data: Loading<Data>, record: &Data, what: New) -> AnyView {
    let (event, zone, plan) = (record.of.plan.event.clone(), record.of.zone.clone(), &record.of.plan);
    let (id, label, title) = match what {
        New::Slot => ("plan-slot", "Slot", "Add a slot"),
        New::Entry => ("plan-entry", "Entry", "Add to the schedule"),
        New::Gear => ("plan-gear", "Equipment", "Add equipment"),
        New::Shift => ("plan-shift", "Shift", "Add a shift"),
        New::Stage => ("plan-stage", "Stage", "Add a stage"),
    };
    let talents: Options = record.talents.iter().map(|one| (one.id.to_string(), one.stage_name.clone())).collect();
    let gear: Options = record.gear.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let places = stages(&plan.stages);
    let kinds = options(ProductionKind::ALL, |kind| (kind.word(), production_title(kind)));
    let sets = options(SlotKind::ALL, |kind| (kind.word(), kind.title()));
    let firm =
        || vec![("confirmed".to_owned(), "Confirmed".to_owned()), ("pencilled".to_owned(), "Pencilled".to_owned())];
    let (clocks, from, to) = (zone.clone(), event.start_at, event.end_at);
    let when = move || hours(&clocks, from, to);
    // Made inside the dialog: a field looks for the form it stands in.
    let body = move || match what {
        New::Slot => view! {
            <Pick name="talent_id" label="Who" options=talents required=true/>
            <Pick name="stage_id" label="Stage" options=places/>
            <Pick name="kind" label="What" options=sets value="set" required=true/>
            {when()}
            <Pick name="status" label="Status" options=firm() value="confirmed" required=true/>
            {note(None)}
        }
        .into_any(),
        New::Entry => view! {
            <Field name="title" label="Title" check={rule::<PlanTitle>} required=true/>
            <Pick name="kind" label="Kind" options=kinds value="load_in" required=true/>
            <Pick name="stage_id" label="Stage" options=places/>
            <Field name="place" label="Or somewhere else" check={rule::<PlanPlace>} hint="Such as Truck bay"/>
            {when()}
            <Pick name="status" label="Status" options=firm() value="confirmed" required=true/>
            {note(None)}
        }
        .into_any(),
        New::Gear => view! {
            <Pick name="equipment_id" label="Equipment" options=gear required=true/>
            <Field name="units" label="Units" kind="number" required=true value="1"/>
            <Pick name="stage_id" label="Stage" options=places/>
            {when()}
            <Pick name="status" label="Status" options=firm() value="confirmed" required=true/>
            {note(None)}
        }
        .into_any(),
        New::Shift => view! {
            <Field name="role" label="Role" check={rule::<CrewSkill>} required=true hint="Such as Gate steward"/>
            <Field name="place" label="Place" check={rule::<PlanPlace>}/>
            <Field name="headcount" label="People needed" kind="number" required=true value="1"/>
            {when()}
            {note(None)}
        }
        .into_any(),
        New::Stage => view! {
            <Field name="name" label="Name" check={rule::<StageName>} required=true/>
            <Field name="changeover_minutes" label="Change-over, minutes" kind="number" value="30"/>
        }
        .into_any(),
    };
    let run =
        submit(move |fields: Fields| send_new(what, event.clone(), zone.clone(), fields), afterwards(data, "Added"));
    view! {
        <Confirm id=id label=label icon=Icon::PLUS title=title confirm="Add" run=run danger=false class="btn">
            {body()}
        </Confirm>
    }
    .into_any()
}

async fn send_new(what: New, event: Event, zone: Zone, fields: Fields) -> Result<(), Error> {
    let event_id = event.id;
    if what == New::Stage {
        let changeover_minutes = fields.changeover_minutes.unwrap_or(0);
        let name = fields.name.ok_or_else(|| missing("name"))?;
        return stage_add(event_id, NewStage { name, kind: None, changeover_minutes, of_venue: false }).await.map(drop);
    }
    let (starts_at, ends_at) = fields.hours(&zone)?;
    let Fields { title, kind, stage_id, talent_id, equipment_id, role, place, headcount, units, status, note, .. } =
        fields;
    let query = CheckOnly::default();
    let kind = kind.as_ref();
    let status = status.as_ref();
    match what {
        New::Slot => {
            let talent_id = talent_id.ok_or_else(|| missing("talent_id"))?;
            let (kind, status) = (word::<SlotKind>(kind), word::<PlanStatus>(status));
            let hidden = kind == Some(SlotKind::SoundCheck);
            let slot = NewTalentSlot { event_id, talent_id, stage_id, kind, starts_at, ends_at, status, hidden, note };
            talent_slot_add(query, slot).await.map(drop)
        }
        New::Gear => {
            let equipment_id = equipment_id.ok_or_else(|| missing("equipment_id"))?;
            let (units, unit_id, status) = (units.unwrap_or(1), None, word::<BookingStatus>(status));
            let booking = NewEquipmentBooking {
                event_id,
                equipment_id,
                units,
                unit_id,
                stage_id,
                starts_at,
                ends_at,
                status,
                note,
            };
            equipment_booking_add(query, booking).await.map(drop)
        }
        New::Shift => {
            let role = role.ok_or_else(|| missing("role"))?;
            let headcount = headcount.ok_or_else(|| missing("headcount"))?;
            let (skill, gate_id, lead_id) = (None, None, None);
            let shift = NewShift { role, skill, place, gate_id, lead_id, headcount, starts_at, ends_at, note };
            shift_add(event_id, shift).await.map(drop)
        }
        _ => {
            let title = title.ok_or_else(|| missing("title"))?;
            let kind = word::<ProductionKind>(kind).ok_or_else(|| missing("kind"))?;
            let (status, location) = (word::<PlanStatus>(status), place);
            let entry =
                NewProductionEntry { event_id, title, kind, stage_id, location, starts_at, ends_at, status, note };
            production_schedule_add(query, entry).await.map(drop)
        }
    }
}

fn production_title(kind: ProductionKind) -> &'static str {
    match kind {
        ProductionKind::LoadIn => "Load-in",
        ProductionKind::Rehearsal => "Rehearsal",
        ProductionKind::Show => "Show",
        ProductionKind::LoadOut => "Load-out",
    }
}

/// Where an entry may go from where it is, itself first.
fn steps(entry: &PlanEntry) -> Options {
    let stays = std::iter::once(entry.status.as_str());
    let allowed: Vec<&str> = match entry.kind {
        EntryKind::Production | EntryKind::Talent => {
            let now = word::<PlanStatus>(Some(&entry.status));
            let to = PlanStatus::ALL.iter().filter(|to| now.is_some_and(|now| now != **to && now.next(**to).is_ok()));
            stays.chain(to.map(|to| to.word())).collect()
        }
        EntryKind::Equipment => {
            let now = word::<BookingStatus>(Some(&entry.status));
            let to =
                BookingStatus::ALL.iter().filter(|to| now.is_some_and(|now| now != **to && now.next(**to).is_ok()));
            stays.chain(to.map(|to| to.word())).collect()
        }
        EntryKind::Crew => {
            let now = word::<AssignmentStatus>(Some(&entry.status));
            let to =
                AssignmentStatus::ALL.iter().filter(|to| now.is_some_and(|now| now != **to && now.next(**to).is_ok()));
            stays.chain(to.map(|to| to.word())).collect()
        }
    };
    allowed.into_iter().filter(|to| *to != "cancelled").map(|to| (to.to_owned(), status(to).0)).collect()
}

/// The dialogs of one entry, which [`crate::ui::open_dialog`] opens: its hours, stage and status, and that it is removed.
pub fn entry(
    data: Loading<Data>,
    of: &Plan,
    zone: &Zone,
    entry: PlanEntry,
    done: Arc<dyn Fn() + Send + Sync>,
) -> AnyView {
    let (clocks, asked, gone) = (zone.clone(), entry.clone(), entry.clone());
    let on_stage = matches!(entry.kind, EntryKind::Production | EntryKind::Talent);
    let saved = done.clone();
    let said = afterwards::<_, ()>(data, "Saved");
    let run: Submit = submit(
        move |fields: Fields| send_changed(asked.clone(), clocks.clone(), fields),
        move |()| {
            saved();
            said(());
        },
    );
    let said = afterwards::<_, ()>(data, "Removed");
    let remove = submit(
        move |_: Nothing| remove(gone.kind, gone.id),
        move |()| {
            done();
            said(());
        },
    );
    let places = stages(&of.stages);
    let at = entry.stage_id.map(|id| id.to_string()).unwrap_or_default();
    let (title, all, zone) = (entry.title.clone(), steps(&entry), zone.clone());
    view! {
        <Confirm id="plan-edit" label="Edit" icon=Icon::EDIT title=title.clone() confirm="Save" run=run extra=json!({ "version": entry.version }) danger=false in_menu=true>
            {hours(&zone, entry.starts_at, entry.ends_at)}
            {on_stage.then(|| view! { <Pick name="stage_id" label="Stage" options=places value=at/> })}
            <Pick name="status" label="Status" options=all value=entry.status.clone() required=true/>
            {note(entry.note.clone())}
        </Confirm>
        <Confirm id="plan-gone" label="Remove" icon=Icon::TRASH title=format!("Remove {title}?") confirm="Remove" keep="Keep" run=remove in_menu=true>
            <p>"It frees whoever and whatever it holds. Crew who were offered it or have accepted it are told."</p>
        </Confirm>
    }
    .into_any()
}

async fn send_changed(entry: PlanEntry, zone: Zone, fields: Fields) -> Result<(), Error> {
    let (from, to) = fields.hours(&zone)?;
    let (query, version, status) = (CheckOnly::default(), fields.version, fields.status.as_ref());
    // What a field shows has no seconds: what was not touched stays to the second.
    let kept = |now: Timestamp, was: Timestamp| if zone.field(now) == zone.field(was) { was } else { now };
    let (starts_at, ends_at) = (Some(kept(from, entry.starts_at)), Some(kept(to, entry.ends_at)));
    let note = fields.note.map_or(Patch::Null, Patch::Value);
    let stage_id = fields.stage_id.map_or(Patch::Null, Patch::Value);
    match entry.kind {
        EntryKind::Production => {
            let (status, title, kind) = (word(status), None, None);
            let location = Patch::Absent;
            let patch = ProductionPatch { title, kind, stage_id, location, starts_at, ends_at, status, note, version };
            production_schedule_update(ProductionId(entry.id), query, patch).await.map(drop)
        }
        EntryKind::Talent => {
            let (status, kind, shown) = (word(status), None, None);
            let patch = TalentSlotPatch { stage_id, kind, starts_at, ends_at, status, shown, note, version };
            talent_slot_update(SlotId(entry.id), query, patch).await.map(drop)
        }
        EntryKind::Crew => {
            let status = word(status);
            let patch = StaffAssignmentPatch { starts_at, ends_at, status, note, version, ..Default::default() };
            staff_assignment_update(StaffAssignmentId(entry.id), query, patch).await.map(drop)
        }
        EntryKind::Equipment => {
            let status = word(status);
            let patch = EquipmentBookingPatch { starts_at, ends_at, status, note, version, ..Default::default() };
            equipment_booking_update(EquipmentBookingId(entry.id), query, patch).await.map(drop)
        }
    }
}

async fn remove(kind: EntryKind, id: uuid::Uuid) -> Result<(), Error> {
    match kind {
        EntryKind::Production => production_schedule_remove(ProductionId(id)).await,
        EntryKind::Talent => talent_slot_remove(SlotId(id)).await,
        EntryKind::Crew => staff_assignment_remove(StaffAssignmentId(id)).await,
        EntryKind::Equipment => equipment_booking_remove(EquipmentBookingId(id)).await,
    }
}
