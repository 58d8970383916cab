//! Links to plans, and what crew see by theirs.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::planning::{
    AssignmentStatus, CrewId, EntryKind, OwnShift, PlanLink, PlanLinkId, SharedEntry, StaffAssignmentId, cost_of,
};

/// The links to the plan of an event that work, in the order they were made; of one, where it is asked for.
async fn links(db: &mut PgConnection, event: Option<EventId>, id: Option<PlanLinkId>) -> Result<Vec<PlanLink>> {
    let rows = sqlx::query!(
        "select id, event_id, name, shows_crew, version, created_at, updated_at from plan_links
         where (event_id = $1 or id = $2) and revoked_at is null order by created_at, id",
        event.map(|id| id.0),
        id.map(|id| id.0),
    );
    Ok(rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| PlanLink {
            id: PlanLinkId(row.id),
            event_id: EventId(row.event_id),
            name: row.name,
            shows_crew: row.shows_crew,
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        })
        .collect())
}

/// Those of an event.
pub async fn link_list(db: &mut PgConnection, event: EventId) -> Result<Vec<PlanLink>> {
    links(db, Some(event), None).await
}

/// One that works, or 404.
pub async fn link_find(db: &mut PgConnection, id: PlanLinkId) -> Result<PlanLink> {
    links(db, None, Some(id)).await?.pop().ok_or_else(not_found)
}

pub async fn link_insert(db: &mut PgConnection, link: &PlanLink, by: Option<Uuid>) -> Result<()> {
    sqlx::query!(
        "insert into plan_links (id, event_id, name, shows_crew, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        link.id.0,
        link.event_id.0,
        link.name,
        link.shows_crew,
        by,
        link.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn link_revoke(db: &mut PgConnection, id: PlanLinkId, now: Timestamp) -> Result<()> {
    sqlx::query!("update plan_links set revoked_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// What is confirmed at an event, for those outside the team; who works only where they may know.
pub async fn shared_entries(db: &mut PgConnection, event: EventId, crew: bool) -> Result<Vec<SharedEntry>> {
    let rows = sqlx::query!(
        r#"select p.id as "id!", p.kind as "kind!: EntryKind", p.title as "title!", p.detail as "detail!",
                  p.units as "units!", coalesce(s.name, p.place) as place, p.starts_at as "starts_at!",
                  p.ends_at as "ends_at!", p.version as "version!"
           from plan_entries p left join stages s on s.id = p.stage_id
           where p.event_id = $1 and ($2 or p.kind <> 'crew')
                 and p.status in ('confirmed', 'done', 'out', 'returned', 'accepted', 'checked_in')
           order by p.starts_at, p.title, p.id"#,
        event.0,
        crew,
    );
    Ok(rows
        .fetch_all(db)
        .await?
        .into_iter()
        .map(|row| SharedEntry {
            id: row.id,
            kind: row.kind,
            title: row.title,
            detail: row.detail,
            place: row.place,
            units: row.units,
            starts_at: Timestamp(row.starts_at),
            ends_at: Timestamp(row.ends_at),
            version: row.version,
        })
        .collect())
}

/// The generation of somebody's link, while they are of the crew.
pub async fn crew_generation(db: &mut PgConnection, id: CrewId) -> Result<i32> {
    let found =
        sqlx::query_scalar!("select link_generation from staff_members where id = $1 and removed_at is null", id.0);
    found.fetch_optional(db).await?.ok_or_else(not_found)
}

/// Another link: the one before works no longer.
pub async fn crew_generation_raise(db: &mut PgConnection, id: CrewId) -> Result<i32> {
    let raised = sqlx::query_scalar!(
        "update staff_members set link_generation = link_generation + 1, version = version + 1 where id = $1
         returning link_generation",
        id.0,
    );
    Ok(raised.fetch_one(db).await?)
}

/// Notes that somebody asked for another one to take a shift, or no longer does.
pub async fn swap_set(
    db: &mut PgConnection,
    id: StaffAssignmentId,
    asked_at: Option<Timestamp>,
    note: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update staff_assignments set swap_asked_at = $2, swap_note = $3, version = version + 1 where id = $1",
        id.0,
        asked_at.map(|at| at.0),
        note,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What somebody has agreed to or is offered, from then on, in order.
pub async fn own_shifts(db: &mut PgConnection, member: CrewId, since: Timestamp) -> Result<Vec<OwnShift>> {
    let rows = sqlx::query!(
        r#"select a.id, a.event_id, e.title as event, e.timezone, e.city, e.venue_text, v.name as "venue?", v.address as "address?",
                  v.latitude::float8 as latitude, v.longitude::float8 as longitude, a.role,
                  coalesce(a.place, s.place) as place, a.starts_at, a.ends_at, a.status as "status!: AssignmentStatus",
                  a.rate_minor, a.currency::text as "currency!", a.checked_in_at, a.checked_out_at, a.swap_asked_at,
                  a.version, l.full_name as "lead?", l.phone as lead_phone
           from staff_assignments a join events e on e.id = a.event_id left join venues v on v.id = e.venue_id
           left join staff_shifts s on s.id = a.shift_id
           left join staff_members l on l.id = s.lead_id and l.removed_at is null and l.id <> a.staff_id
           where a.staff_id = $1 and a.ends_at > $2
                 and a.status in ('offered', 'accepted', 'declined', 'checked_in', 'done')
           order by a.starts_at, a.id"#,
        member.0,
        since.0,
    );
    let mut shifts = Vec::new();
    for row in rows.fetch_all(db).await? {
        let rate = Money::stored(row.rate_minor, &row.currency)?;
        let (starts_at, ends_at) = (Timestamp(row.starts_at), Timestamp(row.ends_at));
        let worked = row.checked_in_at.zip(row.checked_out_at).map(|(from, to)| (Timestamp(from), Timestamp(to)));
        let worked = worked.unwrap_or((starts_at, ends_at));
        let venue: Vec<String> =
            [row.venue, row.address, row.venue_text, Some(row.city)].into_iter().flatten().collect();
        shifts.push(OwnShift {
            id: StaffAssignmentId(row.id),
            event_id: EventId(row.event_id),
            event: row.event,
            venue: venue.join(", "),
            timezone: row.timezone,
            latitude: row.latitude,
            longitude: row.longitude,
            role: row.role,
            place: row.place,
            starts_at,
            ends_at,
            status: row.status,
            minutes: (worked.1.0 - worked.0.0).whole_minutes().max(0),
            pay: cost_of(&rate, worked),
            lead: row.lead,
            lead_phone: row.lead_phone,
            checked_in_at: row.checked_in_at.map(Timestamp),
            checked_out_at: row.checked_out_at.map(Timestamp),
            swap_asked_at: row.swap_asked_at.map(Timestamp),
            version: row.version,
        });
    }
    Ok(shifts)
}
