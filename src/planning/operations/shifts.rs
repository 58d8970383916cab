//! Shifts: how many are needed, for what, and who could take them.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{NewShift, Shift, ShiftId, ShiftPatch, ShiftSuggestion};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_input, invalid_transition, same_version},
        permissions::Permission::{StaffingManage, StaffingRead},
    },
    crate::planning::{CrewId, bus::PlanFrameChanged, entry::must_last, judge::hours, reach, sql},
};

/// List the shifts of an event
///
/// In order.
#[operation(GET "/events/{id}/shifts", staff = StaffingRead, scoped)]
pub async fn shift_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<Shift>> {
    find_run(db, id, StaffingRead).await?;
    let rows = sql::shift_list(db.conn(), id).await?;
    query.cut(db, "shifts", id, rows, |shift| shift.id.0)
}

/// Add a shift to an event
#[operation(POST "/events/{id}/shifts", staff = StaffingManage, status = 201, scoped, errors(invalid_transition))]
pub async fn shift_add(tx: &mut Tx, id: EventId, input: NewShift) -> Result<Shift> {
    reach::plan(tx, id, StaffingManage).await?;
    if let Some(gate) = input.gate_id
        && !sql::gate_is_of(tx.conn(), id, gate).await?
    {
        return Err(invalid_input().field("gate_id", "choose a gate of this event"));
    }
    lead(tx, input.lead_id).await?;
    let shift = Shift {
        id: ShiftId::new(),
        event_id: id,
        role: input.role.into(),
        skill: input.skill.map(String::from),
        place: input.place.map(String::from),
        gate_id: input.gate_id,
        lead_id: input.lead_id,
        headcount: input.headcount,
        taken: 0,
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        note: input.note.map(String::from),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::shift_insert(tx.conn(), &shift).await?;
    tx.audit_created("staff_shift.created", &shift);
    tx.emit(&PlanFrameChanged { event_id: id });
    Ok(shift)
}

/// Who leads is somebody of the crew.
#[cfg(feature = "ssr")]
async fn lead(tx: &mut Tx, id: Option<CrewId>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let found = sql::crew_find(tx.conn(), id).await;
    reach::named(found, "lead_id", "choose a crew member").map(drop)
}

/// Update a shift
///
/// Crew already assigned keep their own hours: change them one by one, so that each person is asked.
#[operation(PATCH "/shifts/{id}", staff = StaffingManage, scoped, errors(conflict, invalid_transition))]
pub async fn shift_update(tx: &mut Tx, id: ShiftId, input: ShiftPatch) -> Result<Shift> {
    let event = sql::shift_find(tx.conn(), id).await?.event_id;
    reach::plan_of(tx, event, StaffingManage).await?;
    let before = sql::shift_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = Shift {
        role: input.role.map_or_else(|| before.role.clone(), String::from),
        skill: input.skill.map(String::from).apply(before.skill.clone()),
        place: input.place.map(String::from).apply(before.place.clone()),
        lead_id: input.lead_id.apply(before.lead_id),
        headcount: input.headcount.unwrap_or(before.headcount),
        starts_at: input.starts_at.unwrap_or(before.starts_at),
        ends_at: input.ends_at.unwrap_or(before.ends_at),
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    must_last(after.starts_at, after.ends_at)?;
    if after.lead_id != before.lead_id {
        lead(tx, after.lead_id).await?;
    }
    sql::shift_update(tx.conn(), &after).await?;
    let after = sql::shift_find(tx.conn(), id).await?;
    tx.audit("staff_shift.updated", &before, &after);
    tx.emit(&PlanFrameChanged { event_id: event });
    Ok(after)
}

/// Remove a shift
///
/// Rejected while someone has accepted it or has an open offer.
#[operation(DELETE "/shifts/{id}", staff = StaffingManage, scoped, errors(invalid_transition))]
pub async fn shift_remove(tx: &mut Tx, id: ShiftId) -> Result<()> {
    let event = sql::shift_find(tx.conn(), id).await?.event_id;
    reach::plan_of(tx, event, StaffingManage).await?;
    let (before, now) = (sql::shift_find(tx.conn(), id).await?, tx.now);
    if before.taken > 0 {
        let people =
            if before.taken == 1 { "1 person has".to_owned() } else { format!("{} people have", before.taken) };
        return Err(invalid_transition().detail(format!("{people} this shift: remove them from it first.")));
    }
    sql::shift_remove(tx.conn(), id, now).await?;
    tx.audit_deleted("staff_shift.removed", &before);
    tx.emit(&PlanFrameChanged { event_id: event });
    Ok(())
}

/// Suggest crew for a shift
///
/// The best matches first, with the reasons for and against each. Nobody is assigned.
#[operation(GET "/shifts/{id}/suggestions", staff = StaffingRead)]
pub async fn shift_suggestion_list(db: &mut Reader, id: ShiftId) -> Result<Page<ShiftSuggestion>> {
    let shift = sql::shift_find(db.conn(), id).await?;
    let found = sql::candidates(db.conn(), &shift, 20).await?;
    let suggestion = |one: sql::Candidate| {
        let (mut pros, mut cons) = (Vec::new(), Vec::new());
        if let Some(skill) = &shift.skill {
            let list = if one.has_skill { &mut pros } else { &mut cons };
            list.push(if one.has_skill { format!("Has the {skill} skill") } else { format!("No {skill} skill") });
        }
        match (one.busy, one.away) {
            (true, _) => cons.push("Has another shift at that time".to_owned()),
            (_, true) => cons.push("Not available at that time".to_owned()),
            _ => pros.push("Free at that time".to_owned()),
        }
        if one.at_event {
            pros.push("Already works at this event".to_owned());
        }
        if let Some(area) = one.area {
            pros.push(format!("Lives in {area}"));
        }
        let list = if one.minutes > 40 * 60 { &mut cons } else { &mut pros };
        list.push(match one.minutes {
            0 => "No other shifts that week".to_owned(),
            minutes => format!("{} of other shifts that week", hours(minutes)),
        });
        ShiftSuggestion { staff_id: one.staff_id, full_name: one.full_name, pros, cons, free: !one.busy && !one.away }
    };
    Ok(found.into_iter().map(suggestion).collect::<Vec<_>>().into())
}
