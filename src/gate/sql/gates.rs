use eventify_gate::GateWay;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::gate::{Gate, GateId, GateSettings};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketTypeId;

/// The gates of an event that were not removed, or the one with this id.
pub async fn gate_list(db: &mut PgConnection, event: Option<EventId>, id: Option<GateId>) -> Result<Vec<Gate>> {
    let rows = sqlx::query!(
        r#"select g.id, g.event_id, g.name, g.direction, g.opens_at, g.closes_at, g.adds_guests, g.version, g.created_at,
                  g.updated_at,
                  array(select t.ticket_type_id from gate_ticket_types t where t.gate_id = g.id
                        order by t.created_at, t.ticket_type_id) as "types!: Vec<Uuid>",
                  (select count(*) from gate_devices d where d.gate_id = g.id and d.revoked_at is null) as "devices!"
           from gates g
           where ($1::uuid is null or g.event_id = $1) and ($2::uuid is null or g.id = $2) and g.removed_at is null
           order by g.position, g.created_at, g.id"#,
        event.map(|id| id.0),
        id.map(|id| id.0),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Gate {
            id: GateId(row.id),
            event_id: EventId(row.event_id),
            name: row.name,
            direction: GateWay::parse(&row.direction).unwrap_or(GateWay::Both),
            ticket_types: row.types.into_iter().map(TicketTypeId).collect(),
            opens_at: row.opens_at.map(Timestamp),
            closes_at: row.closes_at.map(Timestamp),
            adds_guests: row.adds_guests,
            devices: row.devices,
            version: row.version,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        })
        .collect())
}

/// One gate that was not removed, or 404.
pub async fn gate_find(db: &mut PgConnection, id: GateId) -> Result<Gate> {
    gate_list(db, None, Some(id)).await?.pop().ok_or_else(not_found)
}

/// The same, locked: against whoever removes it or puts a phone there, and not against scans.
pub async fn gate_lock(db: &mut PgConnection, id: GateId) -> Result<Gate> {
    sqlx::query!("select id from gates where id = $1 for no key update", id.0).fetch_optional(&mut *db).await?;
    gate_find(db, id).await
}

pub async fn gate_insert(db: &mut PgConnection, gate: &Gate) -> Result<()> {
    sqlx::query!(
        "insert into gates (id, event_id, name, direction, opens_at, closes_at, adds_guests, position, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, (select count(*) from gates where event_id = $2), $8, $8)",
        gate.id.0,
        gate.event_id.0,
        gate.name,
        gate.direction.as_str(),
        gate.opens_at.map(|at| at.0),
        gate.closes_at.map(|at| at.0),
        gate.adds_guests,
        gate.created_at.0,
    )
    .execute(&mut *db)
    .await?;
    gate_set_types(db, gate).await
}

pub async fn gate_update(db: &mut PgConnection, gate: &Gate) -> Result<()> {
    sqlx::query!(
        "update gates set name = $2, direction = $3, opens_at = $4, closes_at = $5, adds_guests = $6,
                          version = version + 1
         where id = $1",
        gate.id.0,
        gate.name,
        gate.direction.as_str(),
        gate.opens_at.map(|at| at.0),
        gate.closes_at.map(|at| at.0),
        gate.adds_guests,
    )
    .execute(&mut *db)
    .await?;
    gate_set_types(db, gate).await
}

async fn gate_set_types(db: &mut PgConnection, gate: &Gate) -> Result<()> {
    let types: Vec<Uuid> = gate.ticket_types.iter().map(|id| id.0).collect();
    sqlx::query!("delete from gate_ticket_types where gate_id = $1 and ticket_type_id <> all($2)", gate.id.0, &types)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "insert into gate_ticket_types (gate_id, ticket_type_id) select $1, t from unnest($2::uuid[]) as t
         on conflict do nothing",
        gate.id.0,
        &types,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A gate of the event, locked; none where it has no such gate.
pub async fn gate_lock_of(db: &mut PgConnection, event: EventId, id: GateId) -> Result<Option<Gate>> {
    match gate_lock(db, id).await {
        Ok(gate) => Ok(Some(gate).filter(|gate| gate.event_id == event)),
        Err(error) if error.status() == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether all of these are ticket types of the event.
pub async fn types_are_of(db: &mut PgConnection, event: EventId, types: &[TicketTypeId]) -> Result<bool> {
    let mut ids: Vec<Uuid> = types.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = sqlx::query_scalar!(
        r#"select count(*) as "known!" from ticket_types where event_id = $1 and id = any($2)"#,
        event.0,
        &ids,
    );
    Ok(known.fetch_one(db).await? == ids.len() as i64)
}

pub async fn gate_remove(db: &mut PgConnection, id: GateId, now: Timestamp) -> Result<()> {
    sqlx::query!("update gates set removed_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// What the event decides; the defaults where it never did.
pub async fn settings_find(db: &mut PgConnection, event: EventId) -> Result<GateSettings> {
    let row = sqlx::query!(
        "select reentry, offline_unknown, decide_ms, version from event_gate_settings where event_id = $1",
        event.0
    );
    let row = row.fetch_optional(db).await?;
    let default = GateSettings { event_id: event, reentry: false, offline_unknown: true, decide_ms: 1500, version: 0 };
    Ok(row.map_or(default, |row| GateSettings {
        event_id: event,
        reentry: row.reentry,
        offline_unknown: row.offline_unknown,
        decide_ms: row.decide_ms,
        version: row.version,
    }))
}

pub async fn settings_set(db: &mut PgConnection, settings: &GateSettings) -> Result<()> {
    sqlx::query!(
        "insert into event_gate_settings (event_id, reentry, offline_unknown, decide_ms) values ($1, $2, $3, $4)
         on conflict (event_id) do update set reentry = excluded.reentry, offline_unknown = excluded.offline_unknown,
             decide_ms = excluded.decide_ms, version = event_gate_settings.version + 1",
        settings.event_id.0,
        settings.reentry,
        settings.offline_unknown,
        settings.decide_ms,
    )
    .execute(db)
    .await?;
    Ok(())
}
