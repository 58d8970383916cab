//! The crew.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{
    AvailabilityId, CrewAbsence, CrewFilter, CrewId, CrewMember, CrewMemberUpdate, NewCrewAbsence, NewCrewMember,
};

#[cfg(feature = "ssr")]
use {
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_transition, same_version},
        money::Money,
    },
    crate::organisation,
    crate::planning::{CrewSkill, sql},
};

/// List crew members
///
/// By name.
#[operation(GET "/staff", staff = StaffingRead)]
pub async fn crew_list(db: &mut Reader, query: CrewFilter) -> Result<Page<CrewMember>> {
    sql::crew_list(db, &query).await
}

/// Get a crew member
#[operation(GET "/staff/{id}", staff = StaffingRead)]
pub async fn crew_get(db: &mut Reader, id: CrewId) -> Result<CrewMember> {
    sql::crew_find(db.conn(), id).await
}

/// Skills in order, each once.
#[cfg(feature = "ssr")]
fn skills(all: Vec<CrewSkill>) -> Vec<String> {
    let mut skills: Vec<String> = all.into_iter().map(String::from).collect();
    skills.sort_by_key(|skill| skill.to_lowercase());
    skills.dedup_by_key(|skill| skill.to_lowercase());
    skills
}

/// Add a crew member
#[operation(POST "/staff", staff = StaffingManage, status = 201, idempotent, errors(already_exists))]
pub async fn crew_add(tx: &mut Tx, input: NewCrewMember) -> Result<CrewMember> {
    let currency = match input.currency {
        Some(currency) => currency,
        None => organisation::of(tx.conn()).await?.currency,
    };
    let member = CrewMember {
        id: CrewId::new(),
        full_name: input.full_name.into(),
        skills: skills(input.skills),
        rate: Money { minor: input.rate_minor, currency },
        email: input.email.map(String::from),
        phone: input.phone.map(String::from),
        area: input.area.map(String::from),
        note: input.note.map(String::from),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::crew_insert(tx.conn(), &member).await?;
    tx.audit_created("staff_member.created", &member);
    Ok(member)
}

/// Replace a crew member's record
///
/// Fields that are left out are cleared.
#[operation(PUT "/staff/{id}", staff = StaffingManage, errors(already_exists, conflict))]
pub async fn crew_update(tx: &mut Tx, id: CrewId, input: CrewMemberUpdate) -> Result<CrewMember> {
    let before = sql::crew_lock(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = CrewMember {
        full_name: input.full_name.into(),
        skills: skills(input.skills),
        rate: Money {
            minor: input.rate_minor,
            currency: input.currency.unwrap_or_else(|| before.rate.currency.clone()),
        },
        email: input.email.map(String::from),
        phone: input.phone.map(String::from),
        area: input.area.map(String::from),
        note: input.note.map(String::from),
        ..before.clone()
    };
    sql::crew_update(tx.conn(), &after).await?;
    let after = sql::crew_find(tx.conn(), id).await?;
    tx.audit("staff_member.updated", &before, &after);
    Ok(after)
}

/// Remove a crew member
///
/// Rejected while they have an upcoming shift. The record of past work is kept.
#[operation(DELETE "/staff/{id}", staff = StaffingManage, errors(invalid_transition))]
pub async fn crew_remove(tx: &mut Tx, id: CrewId) -> Result<()> {
    sql::lock_resources(tx.conn(), &[id.0]).await?;
    let (before, now) = (sql::crew_lock(tx.conn(), id).await?, tx.now);
    if sql::is_held(tx.conn(), id.0, now).await? {
        return Err(invalid_transition().detail("They have an upcoming shift: assign it to someone else first."));
    }
    sql::crew_remove(tx.conn(), id, now).await?;
    tx.audit_deleted("staff_member.removed", &before);
    Ok(())
}

/// List the absences of a crew member
///
/// In order.
#[operation(GET "/staff/{id}/absences", staff = StaffingRead)]
pub async fn crew_absence_list(db: &mut Reader, id: CrewId, query: Paging) -> Result<Page<CrewAbsence>> {
    sql::crew_find(db.conn(), id).await?;
    let rows = sql::absence_list(db.conn(), id).await?;
    query.cut(db, "absences", id, rows, |absence| absence.id.0)
}

/// Add an absence for a crew member
///
/// Existing shifts at that time stay and are shown as clashes.
#[operation(POST "/staff/{id}/absences", staff = StaffingManage, status = 201)]
pub async fn crew_absence_add(tx: &mut Tx, id: CrewId, input: NewCrewAbsence) -> Result<CrewAbsence> {
    sql::crew_lock(tx.conn(), id).await?;
    let absence = CrewAbsence {
        id: AvailabilityId::new(),
        staff_id: id,
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        note: input.note.map(String::from),
        created_at: tx.now,
    };
    sql::absence_insert(tx.conn(), &absence).await?;
    tx.audit_created("staff_availability.created", &absence);
    Ok(absence)
}

/// Remove a crew member's absence
#[operation(DELETE "/staff-absences/{id}", staff = StaffingManage)]
pub async fn crew_absence_remove(tx: &mut Tx, id: AvailabilityId) -> Result<()> {
    let before = sql::absence_remove(tx.conn(), id).await?;
    tx.audit_deleted("staff_availability.removed", &before);
    Ok(())
}
