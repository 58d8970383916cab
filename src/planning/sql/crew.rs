use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::{push_person_found, push_updated_since};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::planning::{
    AvailabilityId, CrewAbsence, CrewFilter, CrewId, CrewMember, StaffAssignment, StaffAssignmentId, cost_of,
};

paged!(CrewFilter);

const MEMBER: &str = "select m.id, m.full_name, m.skills, m.rate_minor, m.currency::text as currency, m.email, m.phone,
    m.area, m.note, m.version, m.created_at, m.updated_at, lower(m.full_name) as sort_key
    from staff_members m where m.removed_at is null";

fn member_row(row: &PgRow) -> Result<CrewMember> {
    Ok(CrewMember {
        id: row.try_get("id")?,
        full_name: row.try_get("full_name")?,
        skills: row.try_get("skills")?,
        rate: Money::stored(row.try_get("rate_minor")?, row.try_get("currency")?)?,
        email: row.try_get("email")?,
        phone: row.try_get("phone")?,
        area: row.try_get("area")?,
        note: row.try_get("note")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The crew, by name.
pub async fn crew_list(db: &mut impl Db, filter: &CrewFilter) -> Result<Page<CrewMember>> {
    let keyset = filter.keyset(db.cx(), ("lower(m.full_name)", "text", false))?;
    let mut query = QueryBuilder::<Postgres>::new(MEMBER);
    let texts = ["search_fold(m.full_name)", "search_fold(coalesce(m.email, ''))", "coalesce(m.phone, '')"];
    push_person_found(&mut query, &texts, filter.q.as_ref());
    if let Some(skill) = &filter.skill {
        query.push(" and exists (select 1 from unnest(m.skills) as s where lower(s) = lower(");
        query.push_bind(skill.as_str().to_owned()).push("))");
    }
    push_updated_since(&mut query, &["m.updated_at"], filter.updated_since);
    keyset.rows(db, query, "m.id").await?.page(member_row, |member| member.id.0)
}

/// One that was not removed, or 404.
pub async fn crew_find(db: &mut PgConnection, id: CrewId) -> Result<CrewMember> {
    let mut query = QueryBuilder::<Postgres>::new(MEMBER);
    query.push(" and m.id = ").push_bind(id);
    member_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// The same, locked.
pub async fn crew_lock(db: &mut PgConnection, id: CrewId) -> Result<CrewMember> {
    sqlx::query!("select id from staff_members where id = $1 for no key update", id.0).fetch_optional(&mut *db).await?;
    crew_find(db, id).await
}

pub async fn crew_insert(db: &mut PgConnection, member: &CrewMember) -> Result<()> {
    sqlx::query!(
        "insert into staff_members (id, full_name, skills, rate_minor, currency, email, phone, area, note, created_at,
                                    updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        member.id.0,
        member.full_name,
        &member.skills,
        member.rate.minor,
        member.rate.currency.as_str(),
        member.email,
        member.phone,
        member.area,
        member.note,
        member.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn crew_update(db: &mut PgConnection, member: &CrewMember) -> Result<()> {
    sqlx::query!(
        "update staff_members set full_name = $2, skills = $3, rate_minor = $4, currency = $5, email = $6, phone = $7,
                area = $8, note = $9, version = version + 1
         where id = $1",
        member.id.0,
        member.full_name,
        &member.skills,
        member.rate.minor,
        member.rate.currency.as_str(),
        member.email,
        member.phone,
        member.area,
        member.note,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn crew_remove(db: &mut PgConnection, id: CrewId, now: Timestamp) -> Result<()> {
    sqlx::query!("update staff_members set removed_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether an entry that is not over holds this person, artist, stage or unit.
pub async fn is_held(db: &mut PgConnection, resource: uuid::Uuid, now: Timestamp) -> Result<bool> {
    let held = sqlx::query_scalar!(
        r#"select exists (select 1 from plan_holds where resource_id = $1 and upper(during) > $2) as "held!""#,
        resource,
        now.0,
    );
    Ok(held.fetch_one(db).await?)
}

/// When somebody cannot work, in order.
pub async fn absence_list(db: &mut PgConnection, staff: CrewId) -> Result<Vec<CrewAbsence>> {
    let rows = sqlx::query!(
        "select id, staff_id, starts_at, ends_at, note, created_at from staff_availability
         where staff_id = $1 order by starts_at, id",
        staff.0
    );
    Ok(rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| CrewAbsence {
            id: AvailabilityId(row.id),
            staff_id: CrewId(row.staff_id),
            starts_at: Timestamp(row.starts_at),
            ends_at: Timestamp(row.ends_at),
            note: row.note,
            created_at: Timestamp(row.created_at),
        })
        .collect())
}

pub async fn absence_insert(db: &mut PgConnection, absence: &CrewAbsence) -> Result<()> {
    sqlx::query!(
        "insert into staff_availability (id, staff_id, starts_at, ends_at, note, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        absence.id.0,
        absence.staff_id.0,
        absence.starts_at.0,
        absence.ends_at.0,
        absence.note,
        absence.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes it and says what it was, or 404.
pub async fn absence_remove(db: &mut PgConnection, id: AvailabilityId) -> Result<CrewAbsence> {
    let row = sqlx::query!(
        "delete from staff_availability where id = $1
         returning id, staff_id, starts_at, ends_at, note, created_at",
        id.0
    );
    let row = row.fetch_optional(db).await?.ok_or_else(not_found)?;
    Ok(CrewAbsence {
        id: AvailabilityId(row.id),
        staff_id: CrewId(row.staff_id),
        starts_at: Timestamp(row.starts_at),
        ends_at: Timestamp(row.ends_at),
        note: row.note,
        created_at: Timestamp(row.created_at),
    })
}

const ASSIGNMENT: &str = "select a.id, a.event_id, a.staff_id, m.full_name, a.shift_id, a.role, a.place, a.starts_at,
    a.ends_at, a.status, a.rate_minor, a.currency::text as currency, a.answered_at, a.checked_in_at, a.checked_out_at,
    a.swap_asked_at, a.swap_note,
    a.note, a.version, a.created_at, a.updated_at
    from staff_assignments a join staff_members m on m.id = a.staff_id where ";

fn assignment_row(row: &PgRow) -> Result<StaffAssignment> {
    let rate = Money::stored(row.try_get("rate_minor")?, row.try_get("currency")?)?;
    let (starts_at, ends_at): (Timestamp, Timestamp) = (row.try_get("starts_at")?, row.try_get("ends_at")?);
    let (checked_in_at, checked_out_at): (Option<Timestamp>, Option<Timestamp>) =
        (row.try_get("checked_in_at")?, row.try_get("checked_out_at")?);
    let worked = checked_in_at.zip(checked_out_at).unwrap_or((starts_at, ends_at));
    Ok(StaffAssignment {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        staff_id: row.try_get("staff_id")?,
        full_name: row.try_get("full_name")?,
        shift_id: row.try_get("shift_id")?,
        role: row.try_get("role")?,
        place: row.try_get("place")?,
        starts_at,
        ends_at,
        status: row.try_get("status")?,
        minutes: (ends_at.0 - starts_at.0).whole_minutes(),
        cost: cost_of(&rate, worked),
        rate,
        answered_at: row.try_get("answered_at")?,
        swap_asked_at: row.try_get("swap_asked_at")?,
        swap_note: row.try_get("swap_note")?,
        checked_in_at,
        checked_out_at,
        note: row.try_get("note")?,
        clashes: Vec::new(),
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Who works at an event, in order, without what was cancelled.
pub async fn assignment_list(db: &mut PgConnection, event: EventId) -> Result<Vec<StaffAssignment>> {
    let mut query = QueryBuilder::<Postgres>::new(ASSIGNMENT);
    query.push("a.status <> 'cancelled' and a.event_id = ").push_bind(event).push(" order by a.starts_at, a.id");
    query.build().fetch_all(db).await?.iter().map(assignment_row).collect()
}

/// One assignment, or 404.
pub async fn assignment_find(db: &mut PgConnection, id: StaffAssignmentId) -> Result<StaffAssignment> {
    let mut query = QueryBuilder::<Postgres>::new(ASSIGNMENT);
    query.push("a.id = ").push_bind(id);
    assignment_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

pub async fn assignment_insert(db: &mut PgConnection, one: &StaffAssignment) -> Result<()> {
    sqlx::query!(
        "insert into staff_assignments (id, event_id, staff_id, shift_id, role, place, starts_at, ends_at, status,
                                        rate_minor, currency, note, checked_in_at, checked_out_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        one.id.0,
        one.event_id.0,
        one.staff_id.0,
        one.shift_id.map(|id| id.0),
        one.role,
        one.place,
        one.starts_at.0,
        one.ends_at.0,
        one.status.as_str(),
        one.rate.minor,
        one.rate.currency.as_str(),
        one.note,
        one.checked_in_at.map(|at| at.0),
        one.checked_out_at.map(|at| at.0),
        one.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn assignment_update(db: &mut PgConnection, one: &StaffAssignment) -> Result<()> {
    sqlx::query!(
        "update staff_assignments set role = $2, place = $3, starts_at = $4, ends_at = $5, status = $6, note = $7,
                answered_at = $8, checked_in_at = $9, checked_out_at = $10, version = version + 1
         where id = $1",
        one.id.0,
        one.role,
        one.place,
        one.starts_at.0,
        one.ends_at.0,
        one.status.as_str(),
        one.note,
        one.answered_at.map(|at| at.0),
        one.checked_in_at.map(|at| at.0),
        one.checked_out_at.map(|at| at.0),
    )
    .execute(db)
    .await?;
    Ok(())
}
