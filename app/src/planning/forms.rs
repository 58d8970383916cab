//! Dialogs of the plan: what all of them are made of, and those of an entry that is changed or removed.

use std::sync::Arc;

use eventify::Error;
use eventify::kernel::patch::Patch;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::{
    equipment_booking_remove, equipment_booking_update, production_schedule_remove, production_schedule_update,
    staff_assignment_remove, staff_assignment_update, talent_slot_remove, talent_slot_update,
};
use eventify::planning::{
    AssignmentStatus, BookingStatus, CheckOnly, CrewSkill, EntryKind, EquipmentBookingId, EquipmentBookingPatch,
    EquipmentId, Plan, PlanEntry, PlanNote, PlanPlace, PlanStatus, PlanTitle, ProductionId, ProductionPatch, SlotId,
    StaffAssignmentId, StaffAssignmentPatch, Stage, StageId, StageName, TalentId, TalentSlotPatch,
};
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use super::status;
use crate::events::{afterwards, clock};
use crate::ui::{Confirm, Field, Icon, Loading, Nothing, Options, Pick, Submit, rule, submit};

pub mod new;

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

/// Where an entry may go from where it is, itself first.
fn steps(entry: &PlanEntry) -> Options {
    let stays = std::iter::once(entry.status.as_str());
    let allowed: Vec<&str> = match entry.kind {
        EntryKind::Production | EntryKind::Talent => {
            let now = word::<PlanStatus>(Some(&entry.status));
            let to = PlanStatus::ALL.iter().filter(|to| now.is_some_and(|now| now != **to && now.next(**to).is_ok()));
            stays.chain(to.map(|to| to.as_str())).collect()
        }
        EntryKind::Equipment => {
            let now = word::<BookingStatus>(Some(&entry.status));
            let to =
                BookingStatus::ALL.iter().filter(|to| now.is_some_and(|now| now != **to && now.next(**to).is_ok()));
            stays.chain(to.map(|to| to.as_str())).collect()
        }
        EntryKind::Crew => {
            let now = word::<AssignmentStatus>(Some(&entry.status));
            let to =
                AssignmentStatus::ALL.iter().filter(|to| now.is_some_and(|now| now != **to && now.next(**to).is_ok()));
            stays.chain(to.map(|to| to.as_str())).collect()
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
    let said = afterwards::<_, ()>(data, "Changes saved");
    let run: Submit = submit(
        move |fields: Fields| send_changed(asked.clone(), clocks.clone(), fields),
        move |()| {
            saved();
            said(());
        },
    );
    let said = afterwards::<_, ()>(data, "Removed from the plan");
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
        <Confirm id="plan-edit" label="Edit" icon=Icon::EDIT title=title.clone() confirm="Save changes" run=run extra=json!({ "version": entry.version }) danger=false in_menu=true>
            {hours(&zone, entry.starts_at, entry.ends_at)}
            {on_stage.then(|| view! { <Pick name="stage_id" label="Stage" options=places value=at/> })}
            <Pick name="status" label="Status" options=all value=entry.status.clone() required=true/>
            {note(entry.note.clone())}
        </Confirm>
        <Confirm id="plan-gone" label="Remove" icon=Icon::TRASH title=format!("Remove {title}?") confirm="Remove from plan" keep="Keep" run=remove in_menu=true>
            <p>"People, stages and units it holds are free again. Crew who were offered or accepted it are notified."</p>
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
