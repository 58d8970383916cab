//! A whole plan: read, moved and cancelled.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::planning::{EntryKind, PlanEntry};

fn entry_row(row: &PgRow) -> sqlx::Result<PlanEntry> {
    Ok(PlanEntry {
        kind: row.try_get("kind")?,
        id: row.try_get("id")?,
        title: row.try_get("title")?,
        detail: row.try_get("detail")?,
        stage_id: row.try_get("stage_id")?,
        subject_id: row.try_get("subject_id")?,
        group_id: row.try_get("group_id")?,
        units: row.try_get("units")?,
        place: row.try_get("place")?,
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        status: row.try_get("status")?,
        note: row.try_get("note")?,
        swap_asked_at: row.try_get("swap_asked_at")?,
        version: row.try_get("version")?,
    })
}

/// The entries of an event in order, of these kinds.
pub async fn entry_list(db: &mut PgConnection, event: EventId, kinds: &[EntryKind]) -> Result<Vec<PlanEntry>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select p.kind, p.id, p.title, p.detail, p.stage_id, p.subject_id, p.group_id, p.units, p.place, p.starts_at,
                p.ends_at, p.status, p.note, p.swap_asked_at, p.version
         from plan_entries p where p.status not in ('cancelled', 'declined') and p.event_id = ",
    );
    query.push_bind(event).push(" and p.kind = any(");
    query.push_bind(kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    query.push(") order by p.starts_at, p.title, p.id");
    Ok(query.build().fetch_all(db).await?.iter().map(entry_row).collect::<sqlx::Result<_>>()?)
}

/// Moves a whole plan by so many seconds; for the time being it holds nothing. Says how many entries moved.
pub async fn plan_move(db: &mut PgConnection, event: EventId, seconds: f64) -> Result<i64> {
    let moved = sqlx::query_scalar!(
        r#"with by as (select make_interval(secs => $2) as t),
           p as (update production_schedules set starts_at = starts_at + t, ends_at = ends_at + t, version = version + 1
                 from by where event_id = $1 and status <> 'cancelled' returning 1),
           s as (update staff_shifts set starts_at = starts_at + t, ends_at = ends_at + t, version = version + 1
                 from by where event_id = $1 and removed_at is null returning 1),
           a as (update staff_assignments set starts_at = starts_at + t, ends_at = ends_at + t, version = version + 1
                 from by where event_id = $1 and status <> 'cancelled' returning 1),
           l as (update talent_schedules set starts_at = starts_at + t, ends_at = ends_at + t, version = version + 1
                 from by where event_id = $1 and status <> 'cancelled' returning 1),
           b as (update equipment_bookings set starts_at = starts_at + t, ends_at = ends_at + t, version = version + 1
                 from by where event_id = $1 and status <> 'cancelled' returning 1),
           h as (update plan_holds set during = tstzrange(lower(during) + t, upper(during) + t), firm = false
                 from by where event_id = $1 returning 1)
           select (select count(*) from p) + (select count(*) from s) + (select count(*) from a)
                + (select count(*) from l) + (select count(*) from b) as "moved!""#,
        event.0,
        seconds,
    );
    Ok(moved.fetch_one(db).await?)
}

/// Makes these entries pencilled.
pub async fn entries_pencil(db: &mut PgConnection, entries: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "with p as (update production_schedules set status = 'pencilled' where id = any($1) and status = 'confirmed'),
              l as (update talent_schedules set status = 'pencilled' where id = any($1) and status = 'confirmed'),
              b as (update equipment_bookings set status = 'pencilled' where id = any($1) and status = 'confirmed')
         update staff_assignments set status = 'pencilled' where id = any($1) and status in ('offered', 'accepted')",
        entries,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Holds again what the entries of an event take that are decided.
pub async fn plan_hold(db: &mut PgConnection, event: EventId) -> Result<()> {
    sqlx::query!(
        "update plan_holds h set firm = true from plan_entries p
         where h.event_id = $1 and p.event_id = $1 and p.id = h.entry_id
               and p.status in ('confirmed', 'done', 'out', 'offered', 'accepted', 'checked_in')",
        event.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Calls a whole plan off: it holds nobody and nothing any more.
pub async fn plan_cancel(db: &mut PgConnection, event: EventId) -> Result<()> {
    sqlx::query!(
        "with p as (update production_schedules set status = 'cancelled', version = version + 1
                    where event_id = $1 and status in ('pencilled', 'confirmed')),
              a as (update staff_assignments set status = 'cancelled', version = version + 1
                    where event_id = $1 and status in ('pencilled', 'offered', 'accepted', 'declined')),
              l as (update talent_schedules set status = 'cancelled', version = version + 1
                    where event_id = $1 and status in ('pencilled', 'confirmed')),
              b as (update equipment_bookings set status = 'cancelled', version = version + 1
                    where event_id = $1 and status in ('pencilled', 'confirmed'))
         delete from plan_holds where event_id = $1",
        event.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
