//! Adding to a plan: the menu of what can be added, and the dialog of each.

use eventify::Error;
use eventify::events::Event;
use eventify::planning::operations::{
    equipment_booking_add, production_schedule_add, shift_add, stage_add, talent_slot_add,
};
use eventify::planning::{
    BookingStatus, CheckOnly, CrewSkill, NewEquipmentBooking, NewProductionEntry, NewShift, NewStage, NewTalentSlot,
    Plan, PlanPlace, PlanStatus, PlanTitle, ProductionKind, SlotKind, StageName,
};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::{Fields, hours, missing, note, options, stages, word};
use crate::events::afterwards;
use crate::planning::data::Data;
use crate::planning::hand::Rights;
use crate::planning::lanes::proposed;
use crate::ui::{Confirm, Field, Icon, Loading, Options, Pick, Shell, menu_act, menu_named, open_dialog, rule, submit};

/// What there is to add.
#[derive(Clone, Copy, PartialEq)]
pub enum New {
    Slot,
    Entry,
    Gear,
    Shift,
    Stage,
}

impl New {
    /// What this person can add to this plan.
    pub fn all(record: &Data, rights: Rights) -> Vec<New> {
        let all = [
            (rights.talent && !record.talents.is_empty(), New::Slot),
            (rights.production, New::Entry),
            (rights.production && !record.gear.is_empty(), New::Gear),
            (rights.crew, New::Shift),
            (rights.production, New::Stage),
        ];
        all.into_iter().filter(|(may, _)| *may).map(|(_, what)| what).collect()
    }

    /// What a plan without entries needs next: stages to plan on, then what is on them.
    fn first(all: &[New], plan: &Plan) -> Option<New> {
        let stage = all.contains(&New::Stage) && plan.stages.is_empty();
        if stage { Some(New::Stage) } else { all.first().copied() }
    }

    /// Its dialog, as the keys of the board know it too.
    fn id(self) -> &'static str {
        match self {
            New::Slot => "plan-slot",
            New::Entry => "plan-entry",
            New::Gear => "plan-gear",
            New::Shift => "plan-shift",
            New::Stage => "plan-stage",
        }
    }

    /// Its name below `Add`.
    fn name(self) -> &'static str {
        match self {
            New::Slot => "Artist slot",
            New::Entry => "Schedule entry",
            New::Gear => "Equipment",
            New::Shift => "Crew shift",
            New::Stage => "Stage",
        }
    }

    fn icon(self) -> Icon {
        match self {
            New::Slot => Icon::TICKET,
            New::Entry => Icon::CLOCK,
            New::Gear => Icon::BUILDING,
            New::Shift => Icon::USERS,
            New::Stage => Icon::PLACE,
        }
    }

    fn add(self) -> &'static str {
        match self {
            New::Slot => "Add artist slot",
            New::Entry => "Add schedule entry",
            New::Gear => "Add equipment",
            New::Shift => "Add crew shift",
            New::Stage => "Add stage",
        }
    }

    fn added(self) -> &'static str {
        match self {
            New::Slot => "Artist slot added",
            New::Entry => "Schedule entry added",
            New::Gear => "Equipment added",
            New::Shift => "Crew shift added",
            New::Stage => "Stage added",
        }
    }
}

/// One button for all that can be added.
pub fn menu(all: &[New], class: &'static str) -> AnyView {
    let entries = all.iter().map(|what| menu_act(what.id(), what.name(), what.icon(), false)).collect();
    menu_named("Add", Icon::PLUS, class, entries)
}

/// The button of a plan that has nothing yet.
pub fn first(all: &[New], plan: &Plan) -> Option<AnyView> {
    let (what, shell) = (New::first(all, plan)?, Shell::get());
    let button = view! {
        <button class="btn primary" type="button" aria-haspopup="dialog" disabled=move || !shell.alive.get() on:click=move |_| open_dialog(what.id())>
            {Icon::PLUS.svg()}{what.add()}
        </button>
    };
    Some(button.into_any())
}

/// The dialogs that the menu opens; hours are proposed for the day that is looked at.
pub fn dialogs(data: Loading<Data>, record: &Data, all: &[New], day: &str) -> Vec<AnyView> {
    all.iter().map(|what| dialog(data, record, *what, day)).collect()
}

fn dialog(data: Loading<Data>, record: &Data, what: New, day: &str) -> AnyView {
    let (event, zone, plan) = (record.of.plan.event.clone(), record.of.zone.clone(), &record.of.plan);
    let talents: Options = record.talents.iter().map(|one| (one.id.to_string(), one.stage_name.clone())).collect();
    let gear: Options = record.gear.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let places = stages(&plan.stages);
    let kinds = options(ProductionKind::ALL, |kind| (kind.as_str(), kind.title()));
    let sets = options(SlotKind::ALL, |kind| (kind.as_str(), kind.title()));
    let firm =
        || vec![("confirmed".to_owned(), "Confirmed".to_owned()), ("pencilled".to_owned(), "Pencilled".to_owned())];
    let (clocks, (from, to)) = (zone.clone(), proposed((event.start_at, event.end_at), &zone, day));
    let when = move || hours(&clocks, from, to);
    // Made inside the dialog: a field looks for the form it stands in.
    let body = move || match what {
        New::Slot => view! {
            <Pick name="talent_id" label="Artist" options=talents required=true/>
            <Pick name="stage_id" label="Stage" options=places/>
            <Pick name="kind" label="Kind" options=sets value="set" required=true/>
            {when()}
            <Pick name="status" label="Status" options=firm() value="confirmed" required=true/>
            {note(None)}
        }
        .into_any(),
        New::Entry => view! {
            <Field name="title" label="Title" check={rule::<PlanTitle>} required=true/>
            <Pick name="kind" label="Kind" options=kinds value="load_in" required=true/>
            <Pick name="stage_id" label="Stage" options=places/>
            <Field name="place" label="Or elsewhere in the venue" check={rule::<PlanPlace>} hint="Such as Truck bay"/>
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
            <Field name="place" label="Where in the venue" check={rule::<PlanPlace>} hint="Such as Main gate"/>
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
    let send = move |fields: Fields| send_new(what, event.clone(), zone.clone(), fields);
    let run = submit(send, afterwards(data, what.added()));
    view! {
        <Confirm id=what.id() label=what.add() icon=Icon::PLUS title=what.add() confirm=what.add() run=run danger=false in_menu=true>
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
