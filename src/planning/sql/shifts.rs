use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::EventId;
use crate::gate::GateId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::planning::{CrewId, Shift, ShiftId};

const SHIFT: &str = "select s.id, s.event_id, s.role, s.skill, s.place, s.gate_id, s.lead_id, s.headcount,
    (select count(*) from staff_assignments a where a.shift_id = s.id
        and a.status in ('offered', 'accepted', 'checked_in', 'done')) as taken,
    s.starts_at, s.ends_at, s.note, s.version, s.created_at, s.updated_at
    from staff_shifts s where s.removed_at is null and ";

fn shift_row(row: &PgRow) -> sqlx::Result<Shift> {
    Ok(Shift {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        role: row.try_get("role")?,
        skill: row.try_get("skill")?,
        place: row.try_get("place")?,
        gate_id: row.try_get("gate_id")?,
        lead_id: row.try_get("lead_id")?,
        headcount: row.try_get("headcount")?,
        taken: row.try_get("taken")?,
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        note: row.try_get("note")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The shifts of an event, in order.
pub async fn shift_list(db: &mut PgConnection, event: EventId) -> Result<Vec<Shift>> {
    let mut query = QueryBuilder::<Postgres>::new(SHIFT);
    query.push("s.event_id = ").push_bind(event).push(" order by s.starts_at, s.id");
    Ok(query.build().fetch_all(db).await?.iter().map(shift_row).collect::<sqlx::Result<_>>()?)
}

/// One shift that was not removed, or 404.
pub async fn shift_find(db: &mut PgConnection, id: ShiftId) -> Result<Shift> {
    let mut query = QueryBuilder::<Postgres>::new(SHIFT);
    query.push("s.id = ").push_bind(id);
    Ok(shift_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

pub async fn shift_insert(db: &mut PgConnection, shift: &Shift) -> Result<()> {
    sqlx::query!(
        "insert into staff_shifts (id, event_id, role, skill, place, gate_id, headcount, starts_at, ends_at, note,
                                   lead_id, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        shift.id.0,
        shift.event_id.0,
        shift.role,
        shift.skill,
        shift.place,
        shift.gate_id.map(|id| id.0),
        shift.headcount,
        shift.starts_at.0,
        shift.ends_at.0,
        shift.note,
        shift.lead_id.map(|id| id.0),
        shift.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn shift_update(db: &mut PgConnection, shift: &Shift) -> Result<()> {
    sqlx::query!(
        "update staff_shifts set role = $2, skill = $3, place = $4, headcount = $5, starts_at = $6, ends_at = $7,
                note = $8, lead_id = $9, version = version + 1
         where id = $1",
        shift.id.0,
        shift.role,
        shift.skill,
        shift.place,
        shift.headcount,
        shift.starts_at.0,
        shift.ends_at.0,
        shift.note,
        shift.lead_id.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn shift_remove(db: &mut PgConnection, id: ShiftId, now: Timestamp) -> Result<()> {
    sqlx::query!("update staff_shifts set removed_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether a gate is one of the event.
pub async fn gate_is_of(db: &mut PgConnection, event: EventId, gate: GateId) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select 1 from gates where id = $1 and event_id = $2 and removed_at is null) as "known!""#,
        gate.0,
        event.0,
    );
    Ok(known.fetch_one(db).await?)
}

/// Somebody who could take a shift, as the plan knows them.
pub struct Candidate {
    pub staff_id: CrewId,
    pub full_name: String,
    pub has_skill: bool,
    pub busy: bool,
    pub away: bool,
    /// Within a week on both sides.
    pub minutes: i64,
    pub area: Option<String>,
    pub at_event: bool,
}

/// Who could take a shift: those who can and are free first, then those who have worked least.
pub async fn candidates(db: &mut PgConnection, shift: &Shift, limit: i64) -> Result<Vec<Candidate>> {
    let rows = sqlx::query!(
        r#"select c.id, c.full_name, c.area, c.has_skill as "has_skill!", c.busy as "busy!", c.away as "away!",
                  c.minutes as "minutes!", c.at_event as "at_event!"
           from (select m.id, m.full_name, m.area,
                        $2::text is null or exists (select 1 from unnest(m.skills) as s where lower(s) = lower($2))
                            as has_skill,
                        exists (select 1 from plan_holds h where h.resource_id = m.id and h.firm
                                and h.during && tstzrange($3, $4)) as busy,
                        exists (select 1 from staff_availability v where v.staff_id = m.id
                                and tstzrange(v.starts_at, v.ends_at) && tstzrange($3, $4)) as away,
                        coalesce((select sum(extract(epoch from upper(h.during) - lower(h.during)) / 60)::bigint
                                  from plan_holds h where h.resource_id = m.id and h.firm
                                  and h.during && tstzrange($3::timestamptz - interval '7 days',
                                                            $4::timestamptz + interval '7 days')), 0) as minutes,
                        exists (select 1 from plan_holds h where h.resource_id = m.id and h.event_id = $5) as at_event
                 from staff_members m where m.removed_at is null
                 and not exists (select 1 from staff_assignments a where a.shift_id = $1 and a.staff_id = m.id
                                 and a.status in ('offered', 'accepted', 'checked_in', 'done'))) c
           order by c.busy or c.away, not c.has_skill, c.minutes, lower(c.full_name), c.id limit $6"#,
        shift.id.0,
        shift.skill,
        shift.starts_at.0,
        shift.ends_at.0,
        shift.event_id.0,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Candidate {
            staff_id: CrewId(row.id),
            full_name: row.full_name,
            has_skill: row.has_skill,
            busy: row.busy,
            away: row.away,
            minutes: row.minutes,
            area: row.area,
            at_event: row.at_event,
        })
        .collect())
}
