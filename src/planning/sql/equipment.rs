use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::{push_found, push_updated_since};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::planning::{
    Equipment, EquipmentBooking, EquipmentBookingId, EquipmentFilter, EquipmentId, EquipmentUnit, EquipmentUnitId,
};

paged!(EquipmentFilter);

const EQUIPMENT: &str = "select q.id, q.name, q.category, q.units_owned, q.units_owned
    - (select count(*) from equipment_units u where u.equipment_id = q.id and u.state <> 'ok') as units_usable,
    (select min(b.starts_at) from equipment_bookings b join events e on e.id = b.event_id
     where b.equipment_id = q.id and b.status in ('pencilled', 'confirmed', 'out')
           and e.status in ('draft', 'published', 'live')) as next_use_at,
    q.note, q.version, q.created_at, q.updated_at, lower(q.name) as sort_key
    from equipment q where q.removed_at is null";

fn equipment_row(row: &PgRow) -> sqlx::Result<Equipment> {
    Ok(Equipment {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        category: row.try_get("category")?,
        units_owned: row.try_get("units_owned")?,
        units_usable: row.try_get::<i64, _>("units_usable")?.max(0),
        next_use_at: row.try_get("next_use_at")?,
        note: row.try_get("note")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// What there is, by name.
pub async fn equipment_list(db: &mut impl Db, filter: &EquipmentFilter) -> Result<Page<Equipment>> {
    let keyset = filter.keyset(db.cx(), ("lower(q.name)", "text", false))?;
    let mut query = QueryBuilder::<Postgres>::new(EQUIPMENT);
    push_found(&mut query, &["search_fold(q.name)", "search_fold(q.category)"], filter.q.as_ref());
    push_updated_since(&mut query, &["q.updated_at"], filter.updated_since);
    keyset.rows(db, query, "q.id").await?.page(equipment_row, |equipment| equipment.id.0)
}

/// One kind that was not removed, or 404.
pub async fn equipment_find(db: &mut PgConnection, id: EquipmentId) -> Result<Equipment> {
    let mut query = QueryBuilder::<Postgres>::new(EQUIPMENT);
    query.push(" and q.id = ").push_bind(id);
    Ok(equipment_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// The same, locked.
pub async fn equipment_lock(db: &mut PgConnection, id: EquipmentId) -> Result<Equipment> {
    sqlx::query!("select id from equipment where id = $1 for no key update", id.0).fetch_optional(&mut *db).await?;
    equipment_find(db, id).await
}

pub async fn equipment_insert(db: &mut PgConnection, equipment: &Equipment) -> Result<()> {
    sqlx::query!(
        "insert into equipment (id, name, category, units_owned, note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        equipment.id.0,
        equipment.name,
        equipment.category,
        equipment.units_owned,
        equipment.note,
        equipment.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn equipment_update(db: &mut PgConnection, equipment: &Equipment) -> Result<()> {
    sqlx::query!(
        "update equipment set name = $2, category = $3, units_owned = $4, note = $5, version = version + 1
         where id = $1",
        equipment.id.0,
        equipment.name,
        equipment.category,
        equipment.units_owned,
        equipment.note,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether an event that is not over needs it.
pub async fn equipment_in_use(db: &mut PgConnection, id: EquipmentId, now: Timestamp) -> Result<bool> {
    let used = sqlx::query_scalar!(
        r#"select exists (select 1 from equipment_bookings where equipment_id = $1 and ends_at > $2
                          and status in ('pencilled', 'confirmed', 'out')) as "used!""#,
        id.0,
        now.0,
    );
    Ok(used.fetch_one(db).await?)
}

pub async fn equipment_remove(db: &mut PgConnection, id: EquipmentId, now: Timestamp) -> Result<()> {
    sqlx::query!("update equipment set removed_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

const UNIT: &str = "select u.id, u.equipment_id, u.code, u.serial_number, u.state, e.title as out_at, u.note, u.version,
    u.created_at, u.updated_at from equipment_units u left join equipment_handouts h on h.unit_id = u.id and h.in_at is null
    left join events e on e.id = h.event_id where ";

fn unit_row(row: &PgRow) -> sqlx::Result<EquipmentUnit> {
    Ok(EquipmentUnit {
        id: row.try_get("id")?,
        equipment_id: row.try_get("equipment_id")?,
        code: row.try_get("code")?,
        serial_number: row.try_get("serial_number")?,
        state: row.try_get("state")?,
        out_at: row.try_get("out_at")?,
        note: row.try_get("note")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The pieces of one kind that are known by themselves.
pub async fn unit_list(db: &mut PgConnection, equipment: EquipmentId) -> Result<Vec<EquipmentUnit>> {
    let mut query = QueryBuilder::<Postgres>::new(UNIT);
    query.push("u.equipment_id = ").push_bind(equipment).push(" order by u.code, u.id");
    Ok(query.build().fetch_all(db).await?.iter().map(unit_row).collect::<sqlx::Result<_>>()?)
}

/// One piece, or 404.
pub async fn unit_find(db: &mut PgConnection, id: EquipmentUnitId) -> Result<EquipmentUnit> {
    let mut query = QueryBuilder::<Postgres>::new(UNIT);
    query.push("u.id = ").push_bind(id);
    Ok(unit_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

pub async fn unit_insert(db: &mut PgConnection, unit: &EquipmentUnit) -> Result<()> {
    sqlx::query!(
        "insert into equipment_units (id, equipment_id, code, serial_number, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $5)",
        unit.id.0,
        unit.equipment_id.0,
        unit.code,
        unit.serial_number,
        unit.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn unit_update(db: &mut PgConnection, unit: &EquipmentUnit) -> Result<()> {
    sqlx::query!(
        "update equipment_units set state = $2, serial_number = $3, note = $4, version = version + 1 where id = $1",
        unit.id.0,
        unit.state.as_str(),
        unit.serial_number,
        unit.note,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Waits until nobody else marks a unit with its code or serial number; it ends with the transaction.
pub async fn unit_marks_turn(db: &mut PgConnection, unit: &EquipmentUnit) -> Result<()> {
    sqlx::query!(
        "with waited as materialized (select distinct lower(m) as m from unnest(array[$1, $2]::text[]) as m
                                      where m is not null order by 1)
         select pg_advisory_xact_lock(hashtextextended('unit:' || m, 0)) from waited",
        unit.code,
        unit.serial_number,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Which other unit has its code as serial number, and which has its serial number as code.
pub async fn unit_marks_taken(db: &mut PgConnection, unit: &EquipmentUnit) -> Result<(Option<String>, Option<String>)> {
    let row = sqlx::query!(
        r#"select (select min(o.code) from equipment_units o where o.id <> $1 and lower(o.serial_number) = lower($2))
                      as "code?",
                  (select min(o.code) from equipment_units o where o.id <> $1 and lower(o.code) = lower($3))
                      as "serial?""#,
        unit.id.0,
        unit.code,
        unit.serial_number,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.code, row.serial))
}

/// Whether a unit was ever booked by itself or handed out.
pub async fn is_unit_known(db: &mut PgConnection, id: EquipmentUnitId) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select 1 from equipment_bookings where unit_id = $1)
               or exists (select 1 from equipment_handouts where unit_id = $1) as "known!""#,
        id.0,
    );
    Ok(known.fetch_one(db).await?)
}

pub async fn unit_delete(db: &mut PgConnection, id: EquipmentUnitId) -> Result<()> {
    sqlx::query!("delete from equipment_units where id = $1", id.0).execute(db).await?;
    Ok(())
}

const BOOKING: &str = "select b.id, b.event_id, b.equipment_id, q.name as equipment, b.units, b.unit_id, b.stage_id,
    b.starts_at, b.ends_at, b.status, b.note, b.version, b.created_at, b.updated_at
    from equipment_bookings b join equipment q on q.id = b.equipment_id where ";

fn booking_row(row: &PgRow) -> sqlx::Result<EquipmentBooking> {
    Ok(EquipmentBooking {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        equipment_id: row.try_get("equipment_id")?,
        equipment: row.try_get("equipment")?,
        units: row.try_get("units")?,
        unit_id: row.try_get("unit_id")?,
        stage_id: row.try_get("stage_id")?,
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

/// What an event needs, in order, without what was cancelled.
pub async fn booking_list(db: &mut PgConnection, event: EventId) -> Result<Vec<EquipmentBooking>> {
    let mut query = QueryBuilder::<Postgres>::new(BOOKING);
    query.push("b.status <> 'cancelled' and b.event_id = ").push_bind(event).push(" order by b.starts_at, b.id");
    Ok(query.build().fetch_all(db).await?.iter().map(booking_row).collect::<sqlx::Result<_>>()?)
}

/// One booking, or 404.
pub async fn booking_find(db: &mut PgConnection, id: EquipmentBookingId) -> Result<EquipmentBooking> {
    let mut query = QueryBuilder::<Postgres>::new(BOOKING);
    query.push("b.id = ").push_bind(id);
    Ok(booking_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

pub async fn booking_insert(db: &mut PgConnection, booking: &EquipmentBooking) -> Result<()> {
    sqlx::query!(
        "insert into equipment_bookings (id, event_id, equipment_id, units, unit_id, stage_id, starts_at, ends_at,
                                         status, note, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        booking.id.0,
        booking.event_id.0,
        booking.equipment_id.0,
        booking.units,
        booking.unit_id.map(|id| id.0),
        booking.stage_id.map(|id| id.0),
        booking.starts_at.0,
        booking.ends_at.0,
        booking.status.as_str(),
        booking.note,
        booking.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn booking_update(db: &mut PgConnection, booking: &EquipmentBooking) -> Result<()> {
    sqlx::query!(
        "update equipment_bookings set units = $2, unit_id = $3, stage_id = $4, starts_at = $5, ends_at = $6,
                status = $7, note = $8, version = version + 1
         where id = $1",
        booking.id.0,
        booking.units,
        booking.unit_id.map(|id| id.0),
        booking.stage_id.map(|id| id.0),
        booking.starts_at.0,
        booking.ends_at.0,
        booking.status.as_str(),
        booking.note,
    )
    .execute(db)
    .await?;
    Ok(())
}
