//! The demo's plans: stages, artists, crew and gear of the events that come next, with two real clashes to find: an
//! artist pencilled over another one's set, and a steward pencilled at two places.

mod crew;
mod equipment;
mod talent;
mod version;

use std::sync::Arc;

use time::Duration;
use uuid::Uuid;

use super::engine::{self, Taken};
use super::operations::PRODUCTION_SCHEDULE_ADD_META;
use super::{
    AssignmentStatus, BookingStatus, CrewId, CrewMember, EntryKind, Equipment, PlanStatus, ProductionEntry,
    ProductionId, ProductionKind, Shift, ShiftId, SlotId, SlotKind, StaffAssignment, StaffAssignmentId, Stage, StageId,
    StageKind, Talent, TalentId, TalentKind, TalentSlot, cost_of, sql,
};
use crate::access::demo::{PRODUCER, doer};
use crate::events::rules::{by_id, system_cx};
use crate::events::{Event, EventId};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;

const CREW: &[(&str, &str, i64)] = &[
    ("Joy Thomas", "Gate", 32_000),
    ("Imran Shaikh", "Gate", 30_000),
    ("Leela Menon", "Gate", 30_000),
    ("Arjun Patil", "Rigging", 45_000),
    ("Farah Contractor", "Sound", 60_000),
    ("Dev Kulkarni", "Lights", 55_000),
    ("Anita Rozario", "Stage", 48_000),
    ("Samir Bose", "Rigging", 45_000),
];
const ARTISTS: &[(&str, i64)] =
    &[("The Salt Coast", 18_000_000), ("Meera Nair Quartet", 9_500_000), ("Night Ferry", 6_000_000)];

/// Plans the demo's next events; where there is a crew already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let mut cx = system_cx(app, &PRODUCTION_SCHEDULE_ADD_META);
    cx.caller = doer(&mut *app.reader.acquire().await?, PRODUCER, cx.now).await?;
    let mut tx = Tx::begin(cx).await?;
    let events = sql::demo_events(tx.conn()).await?;
    if events.is_empty() {
        return tx.commit().await;
    }
    let rupees = Currency::parse("INR").map_err(|error| internal().internal(error))?;
    let (crew, artists) = (crew(&mut tx, &rupees).await?, artists(&mut tx, &rupees).await?);
    let gear = equipment::catalogue(&mut tx).await?;
    let mut planned = Vec::new();
    for (number, event) in events.into_iter().enumerate() {
        let event = by_id(tx.conn(), EventId(event)).await?;
        plan(&mut tx, &event, number == 0, (&crew, &artists, &gear)).await?;
        if number == 0 {
            talent::worked_off(&mut tx, &event, &artists[0]).await?;
            version::printed(&mut tx, &event).await?;
        }
        planned.push(event);
    }
    equipment::on_the_way(&mut tx, &planned, &gear).await?;
    talent::signs_in(&mut tx, app, &artists[0]).await?;
    if let Some(event) = planned.first() {
        crew::papers(&mut tx, app, &crew[3], event).await?;
    }
    tx.commit().await
}

async fn crew(tx: &mut Tx, rupees: &Currency) -> Result<Vec<CrewMember>> {
    let mut made = Vec::new();
    for (name, skill, rate) in CREW {
        let member = CrewMember {
            id: CrewId::new(),
            full_name: (*name).to_owned(),
            skills: vec![(*skill).to_owned()],
            rate: Money { minor: *rate, currency: rupees.clone() },
            email: Some(format!("{}@crew.example.com", name.to_lowercase().replace(' ', "."))),
            phone: None,
            area: Some("Bandra West".to_owned()),
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::crew_insert(tx.conn(), &member).await?;
        tx.audit_created("staff_member.created", &member);
        made.push(member);
    }
    Ok(made)
}

async fn artists(tx: &mut Tx, rupees: &Currency) -> Result<Vec<Talent>> {
    let mut made = Vec::new();
    for (name, fee) in ARTISTS {
        let talent = Talent {
            id: TalentId::new(),
            stage_name: (*name).to_owned(),
            kind: TalentKind::Performer,
            fee: Money { minor: *fee, currency: rupees.clone() },
            rider: Some("Two monitors, still water".to_owned()),
            contact_name: None,
            contact_email: None,
            contact_phone: None,
            agent: Some("Tara Deshpande".to_owned()),
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::talent_insert(tx.conn(), &talent).await?;
        tx.audit_created("talent.created", &talent);
        made.push(talent);
    }
    Ok(made)
}

type Made<'a> = (&'a [CrewMember], &'a [Talent], &'a [Equipment]);

async fn plan(tx: &mut Tx, event: &Event, clashing: bool, (crew, artists, gear): Made<'_>) -> Result<()> {
    let at = |minutes: i64| event.start_at.plus(Duration::minutes(minutes));
    let mut stages = Vec::new();
    for (name, changeover_minutes) in [("Main Stage", 20), ("Side Stage", 10)] {
        let stage = Stage {
            id: StageId::new(),
            venue_id: None,
            event_id: Some(event.id),
            name: name.to_owned(),
            kind: StageKind::Stage,
            changeover_minutes,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::stage_insert(tx.conn(), &stage).await?;
        tx.audit_created("stage.created", &stage);
        stages.push(stage);
    }
    use ProductionKind::{LoadIn, LoadOut, Rehearsal};
    built(tx, event, ("Load-in", LoadIn), &stages[0], (at(-420), at(-240))).await?;
    built(tx, event, ("Line check", Rehearsal), &stages[0], (at(-210), at(-150))).await?;
    built(tx, event, ("Load-out", LoadOut), &stages[0], (at(240), at(420))).await?;
    for (n, artist) in artists.iter().enumerate() {
        let from = n as i64 * 75;
        appears(tx, event, artist, &stages[n % 2], (at(from), at(from + 50)), PlanStatus::Confirmed).await?;
    }
    if clashing {
        appears(tx, event, &artists[2], &stages[0], (at(30), at(70)), PlanStatus::Pencilled).await?;
    }
    let gate = shift(tx, event, ("Gate steward", "Gate", "Main gate"), 4, (at(-90), at(210))).await?;
    let rig = shift(tx, event, ("Rigger", "Rigging", "Main Stage"), 2, (at(-420), at(-180))).await?;
    for (member, shift) in [(0, &gate), (1, &gate), (2, &gate), (3, &rig), (7, &rig)] {
        works(
            tx,
            event,
            &crew[member],
            Some(shift),
            &shift.role,
            (shift.starts_at, shift.ends_at),
            AssignmentStatus::Accepted,
        )
        .await?;
    }
    for (member, role) in [(4, "Sound engineer"), (5, "Lights"), (6, "Stage manager")] {
        works(tx, event, &crew[member], None, role, (at(-210), at(240)), AssignmentStatus::Accepted).await?;
    }
    if clashing {
        works(tx, event, &crew[0], None, "Runner", (at(60), at(180)), AssignmentStatus::Pencilled).await?;
    }
    for (number, units) in [(0, 12), (1, 1), (2, 40)] {
        let hours = (at(-420), at(420));
        equipment::needs(tx, event, &gear[number], units, hours, BookingStatus::Confirmed).await?;
    }
    Ok(())
}

type Hours = (Timestamp, Timestamp);

async fn place(
    tx: &mut Tx,
    (kind, id): (EntryKind, Uuid),
    event: &Event,
    hours: Hours,
    firm: bool,
    takes: Vec<(&'static str, Uuid)>,
    counted: Option<(Uuid, i32)>,
) -> Result<()> {
    let (starts_at, ends_at) = hours;
    let taken = Taken { kind, id, event: event.id, starts_at, ends_at, firm, alive: true, takes, counted };
    engine::place(tx, &taken).await.map(drop)
}

async fn built(
    tx: &mut Tx,
    event: &Event,
    (title, kind): (&str, ProductionKind),
    stage: &Stage,
    hours: Hours,
) -> Result<()> {
    let entry = ProductionEntry {
        id: ProductionId::new(),
        event_id: event.id,
        title: title.to_owned(),
        kind,
        stage_id: Some(stage.id),
        stage: Some(stage.name.clone()),
        location: None,
        starts_at: hours.0,
        ends_at: hours.1,
        status: PlanStatus::Confirmed,
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::production_insert(tx.conn(), &entry).await?;
    tx.audit_created("production_schedule.created", &entry);
    place(tx, (EntryKind::Production, entry.id.0), event, hours, true, vec![("stage", stage.id.0)], None).await
}

async fn appears(
    tx: &mut Tx,
    event: &Event,
    artist: &Talent,
    stage: &Stage,
    hours: Hours,
    status: PlanStatus,
) -> Result<()> {
    let slot = TalentSlot {
        id: SlotId::new(),
        event_id: event.id,
        talent_id: artist.id,
        stage_name: artist.stage_name.clone(),
        stage_id: Some(stage.id),
        stage: Some(stage.name.clone()),
        kind: SlotKind::Set,
        starts_at: hours.0,
        ends_at: hours.1,
        status,
        shown: true,
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    talent::booked(tx, &slot).await?;
    sql::slot_insert(tx.conn(), &slot).await?;
    tx.audit_created("talent_schedule.created", &slot);
    let takes = vec![("talent", artist.id.0), ("stage", stage.id.0)];
    place(tx, (EntryKind::Talent, slot.id.0), event, hours, status.is_firm(), takes, None).await
}

async fn shift(
    tx: &mut Tx,
    event: &Event,
    (role, skill, where_): (&str, &str, &str),
    headcount: i32,
    hours: Hours,
) -> Result<Shift> {
    let shift = Shift {
        id: ShiftId::new(),
        event_id: event.id,
        role: role.to_owned(),
        skill: Some(skill.to_owned()),
        place: Some(where_.to_owned()),
        gate_id: None,
        lead_id: None,
        headcount,
        taken: 0,
        starts_at: hours.0,
        ends_at: hours.1,
        note: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::shift_insert(tx.conn(), &shift).await?;
    tx.audit_created("staff_shift.created", &shift);
    Ok(shift)
}

async fn works(
    tx: &mut Tx,
    event: &Event,
    member: &CrewMember,
    shift: Option<&Shift>,
    role: &str,
    hours: Hours,
    status: AssignmentStatus,
) -> Result<()> {
    let one = StaffAssignment {
        id: StaffAssignmentId::new(),
        event_id: event.id,
        staff_id: member.id,
        full_name: member.full_name.clone(),
        shift_id: shift.map(|shift| shift.id),
        role: role.to_owned(),
        place: shift.and_then(|shift| shift.place.clone()),
        starts_at: hours.0,
        ends_at: hours.1,
        status,
        minutes: (hours.1.0 - hours.0.0).whole_minutes(),
        cost: cost_of(&member.rate, hours),
        rate: member.rate.clone(),
        answered_at: None,
        swap_asked_at: None,
        swap_note: None,
        checked_in_at: None,
        checked_out_at: None,
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::assignment_insert(tx.conn(), &one).await?;
    tx.audit_created("staff_assignment.created", &one);
    place(tx, (EntryKind::Crew, one.id.0), event, hours, status.is_firm(), vec![("person", member.id.0)], None).await
}
