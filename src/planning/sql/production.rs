use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::{Event, EventId};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::planning::{ProductionEntry, ProductionId, Stage, StageId};

const STAGE: &str = "select s.id, s.venue_id, s.event_id, s.name, s.kind, s.changeover_minutes, s.version,
    s.created_at, s.updated_at from stages s where s.removed_at is null";

fn stage_row(row: &PgRow) -> sqlx::Result<Stage> {
    Ok(Stage {
        id: row.try_get("id")?,
        venue_id: row.try_get("venue_id")?,
        event_id: row.try_get("event_id")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        changeover_minutes: row.try_get("changeover_minutes")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// Stages an event can use: its own and its venue's.
pub async fn stage_list(db: &mut PgConnection, event: &Event) -> Result<Vec<Stage>> {
    let mut query = QueryBuilder::<Postgres>::new(STAGE);
    query.push(" and (s.event_id = ").push_bind(event.id).push(" or s.venue_id = ").push_bind(event.venue_id);
    query.push(") order by s.kind desc, s.created_at, s.id");
    Ok(query.build().fetch_all(db).await?.iter().map(stage_row).collect::<sqlx::Result<_>>()?)
}

/// One stage that was not removed, or 404.
pub async fn stage_find(db: &mut PgConnection, id: StageId) -> Result<Stage> {
    let mut query = QueryBuilder::<Postgres>::new(STAGE);
    query.push(" and s.id = ").push_bind(id);
    Ok(stage_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// The same, locked.
pub async fn stage_lock(db: &mut PgConnection, id: StageId) -> Result<Stage> {
    sqlx::query!("select id from stages where id = $1 for no key update", id.0).fetch_optional(&mut *db).await?;
    stage_find(db, id).await
}

pub async fn stage_insert(db: &mut PgConnection, stage: &Stage) -> Result<()> {
    sqlx::query!(
        "insert into stages (id, venue_id, event_id, name, kind, changeover_minutes, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        stage.id.0,
        stage.venue_id.map(|id| id.0),
        stage.event_id.map(|id| id.0),
        stage.name,
        stage.kind.as_str(),
        stage.changeover_minutes,
        stage.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn stage_update(db: &mut PgConnection, stage: &Stage) -> Result<()> {
    sqlx::query!(
        "update stages set name = $2, changeover_minutes = $3, version = version + 1 where id = $1",
        stage.id.0,
        stage.name,
        stage.changeover_minutes,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn stage_remove(db: &mut PgConnection, id: StageId, now: Timestamp) -> Result<()> {
    sqlx::query!("update stages set removed_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

const ENTRY: &str = "select p.id, p.event_id, p.title, p.kind, p.stage_id, s.name as stage, p.location, p.starts_at,
    p.ends_at, p.status, p.note, p.version, p.created_at, p.updated_at
    from production_schedules p left join stages s on s.id = p.stage_id";

fn entry_row(row: &PgRow) -> sqlx::Result<ProductionEntry> {
    Ok(ProductionEntry {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        title: row.try_get("title")?,
        kind: row.try_get("kind")?,
        stage_id: row.try_get("stage_id")?,
        stage: row.try_get("stage")?,
        location: row.try_get("location")?,
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        status: row.try_get("status")?,
        note: row.try_get("note")?,
        clashes: Vec::new(),
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// An event's schedule in order, without what was cancelled.
pub async fn production_list(db: &mut PgConnection, event: EventId) -> Result<Vec<ProductionEntry>> {
    let mut query = QueryBuilder::<Postgres>::new(ENTRY);
    query.push(" where p.status <> 'cancelled' and p.event_id = ").push_bind(event).push(" order by p.starts_at, p.id");
    Ok(query.build().fetch_all(db).await?.iter().map(entry_row).collect::<sqlx::Result<_>>()?)
}

/// One entry, or 404.
pub async fn production_find(db: &mut PgConnection, id: ProductionId) -> Result<ProductionEntry> {
    let mut query = QueryBuilder::<Postgres>::new(ENTRY);
    query.push(" where p.id = ").push_bind(id);
    Ok(entry_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

pub async fn production_insert(db: &mut PgConnection, entry: &ProductionEntry) -> Result<()> {
    sqlx::query!(
        "insert into production_schedules (id, event_id, title, kind, stage_id, location, starts_at, ends_at, status,
                                           note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        entry.id.0,
        entry.event_id.0,
        entry.title,
        entry.kind.as_str(),
        entry.stage_id.map(|id| id.0),
        entry.location,
        entry.starts_at.0,
        entry.ends_at.0,
        entry.status.as_str(),
        entry.note,
        entry.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn production_update(db: &mut PgConnection, entry: &ProductionEntry) -> Result<()> {
    sqlx::query!(
        "update production_schedules set title = $2, kind = $3, stage_id = $4, location = $5, starts_at = $6,
                ends_at = $7, status = $8, note = $9, version = version + 1
         where id = $1",
        entry.id.0,
        entry.title,
        entry.kind.as_str(),
        entry.stage_id.map(|id| id.0),
        entry.location,
        entry.starts_at.0,
        entry.ends_at.0,
        entry.status.as_str(),
        entry.note,
    )
    .execute(db)
    .await?;
    Ok(())
}
