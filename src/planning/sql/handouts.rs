//! Units that are handed out and come back, and what is going to be short.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::planning::{
    BookingStatus, EquipmentBookingId, EquipmentHandout, EquipmentHandoutId, EquipmentId, EquipmentUnitId,
    EquipmentUse, PickLine, Shortage, ShortageBooking, UnitState,
};

/// What an event needs, by category and name, and how much of it is out.
pub async fn pick_list(db: &mut PgConnection, event: EventId, now: Timestamp) -> Result<Vec<PickLine>> {
    Ok(sqlx::query_as!(
        PickLine,
        r#"select b.id as "booking_id: EquipmentBookingId", b.equipment_id as "equipment_id: EquipmentId",
                  q.name as equipment, q.category, b.units, u.code as "code?", s.name as "stage?",
                  b.starts_at as "starts_at: Timestamp", b.ends_at as "ends_at: Timestamp",
                  b.status as "status: BookingStatus",
                  array(select h.code from equipment_handouts h where h.booking_id = b.id and h.in_at is null
                        order by h.code) as "out!",
                  (select count(distinct h.unit_id) from equipment_handouts h
                   where h.booking_id = b.id and h.in_at is not null
                         and not exists (select 1 from equipment_handouts o where o.booking_id = b.id
                                         and o.unit_id = h.unit_id and o.in_at is null)) as "returned!",
                  case when b.status = 'out' and b.ends_at <= $2 then b.ends_at end as "overdue_since: Timestamp", b.note
           from equipment_bookings b join equipment q on q.id = b.equipment_id
           left join equipment_units u on u.id = b.unit_id left join stages s on s.id = b.stage_id
           where b.event_id = $1 and b.status <> 'cancelled'
           order by q.category, lower(q.name), b.starts_at, b.id"#,
        event.0,
        now.0,
    )
    .fetch_all(db)
    .await?)
}

/// The units on which this stands, as their code or their serial number.
pub async fn units_by_code(db: &mut PgConnection, code: &str) -> Result<Vec<EquipmentUnitId>> {
    let units = sqlx::query_scalar!(
        r#"select id as "id!: EquipmentUnitId" from equipment_units
           where lower(code) = lower($1) or lower(serial_number) = lower($1) limit 2"#,
        code,
    );
    Ok(units.fetch_all(db).await?)
}

/// Where a unit is that is out: the handout, and the event's title.
pub async fn handout_open(db: &mut PgConnection, unit: EquipmentUnitId) -> Result<Option<(EquipmentHandout, String)>> {
    let row = sqlx::query!(
        r#"select h.id, h.event_id, h.booking_id, h.code, q.name as equipment, h.out_at, e.title,
                  b.status as "status: BookingStatus"
           from equipment_handouts h join events e on e.id = h.event_id
           join equipment_bookings b on b.id = h.booking_id join equipment q on q.id = b.equipment_id
           where h.unit_id = $1 and h.in_at is null"#,
        unit.0,
    );
    Ok(row.fetch_optional(db).await?.map(|row| {
        let handout = EquipmentHandout {
            id: EquipmentHandoutId(row.id),
            event_id: EventId(row.event_id),
            booking_id: EquipmentBookingId(row.booking_id),
            unit_id: unit,
            code: row.code,
            equipment: row.equipment,
            out_at: Timestamp(row.out_at),
            in_at: None,
            state: None,
            booking_status: row.status,
        };
        (handout, row.title)
    }))
}

/// The booking of an event that a unit is handed out for: the one for this very unit first, else the earliest that has
/// not had as many others yet. A unit that was handed out for it before goes out again. One that came back broken takes
/// no place any more: a spare goes out instead, until the booking is over.
pub async fn booking_wanting(
    db: &mut PgConnection,
    event: EventId,
    equipment: EquipmentId,
    unit: EquipmentUnitId,
    now: Timestamp,
) -> Result<Option<EquipmentBookingId>> {
    let booking = sqlx::query_scalar!(
        r#"select b.id as "id: EquipmentBookingId" from equipment_bookings b
           where b.event_id = $1 and b.equipment_id = $2 and (b.unit_id is null or b.unit_id = $3)
                 and (b.status in ('confirmed', 'out')
                      or b.status = 'returned' and exists (
                          select 1 from equipment_handouts h where h.booking_id = b.id
                                 and (h.unit_id = $3 or h.in_state is not null and b.ends_at > $4)))
                 and (select count(distinct h.unit_id) from equipment_handouts h
                      where h.booking_id = b.id and h.unit_id <> $3
                            and (h.in_at is null or not exists (
                                select 1 from equipment_handouts f
                                where f.booking_id = h.booking_id and f.unit_id = h.unit_id and f.in_state is not null
                                      and (f.out_at, f.id) >= (h.out_at, h.id)))) < b.units
           order by b.unit_id is null, b.status = 'returned', b.starts_at, b.id limit 1"#,
        event.0,
        equipment.0,
        unit.0,
        now.0,
    );
    Ok(booking.fetch_optional(db).await?)
}

/// Whether an event has any of this equipment booked.
pub async fn is_wanted(db: &mut PgConnection, event: EventId, equipment: EquipmentId) -> Result<bool> {
    let wanted = sqlx::query_scalar!(
        r#"select exists (select 1 from equipment_bookings where event_id = $1 and equipment_id = $2
                          and status in ('confirmed', 'out')) as "wanted!""#,
        event.0,
        equipment.0,
    );
    Ok(wanted.fetch_one(db).await?)
}

/// Whether this very unit is held for another booking until then.
pub async fn is_unit_promised(
    db: &mut PgConnection,
    unit: EquipmentUnitId,
    booking: EquipmentBookingId,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool> {
    let promised = sqlx::query_scalar!(
        r#"select exists (select 1 from plan_holds where resource_id = $1 and entry_id <> $2 and firm
                          and during && tstzrange(least($3, $4::timestamptz), $4)) as "promised!""#,
        unit.0,
        booking.0,
        now.0,
        until.0,
    );
    Ok(promised.fetch_one(db).await?)
}

pub async fn handout_insert(db: &mut PgConnection, handout: &EquipmentHandout, by: Option<StaffId>) -> Result<()> {
    sqlx::query!(
        "insert into equipment_handouts (id, event_id, booking_id, unit_id, code, out_at, out_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $6)",
        handout.id.0,
        handout.event_id.0,
        handout.booking_id.0,
        handout.unit_id.0,
        handout.code,
        handout.out_at.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It is back, in this state.
pub async fn handout_close(
    db: &mut PgConnection,
    id: EquipmentHandoutId,
    state: UnitState,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update equipment_handouts set in_at = $2, in_by = $3, in_state = $4 where id = $1",
        id.0,
        now.0,
        by.map(|id| id.0),
        (state != UnitState::Ok).then_some(state.as_str()),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many units of a booking are out, and how many were and came back.
pub async fn handouts_of(db: &mut PgConnection, booking: EquipmentBookingId) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select count(*) filter (where in_at is null) as "out!", count(distinct unit_id) filter (where in_at is not null) as "back!"
           from equipment_handouts where booking_id = $1"#,
        booking.0,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.out, row.back))
}

/// When from now on more of something is wanted than can be used, soonest first.
pub async fn shortages(db: &mut PgConnection, now: Timestamp) -> Result<Vec<Shortage>> {
    let rows = sqlx::query!(
        r#"with live as materialized (
               select id, equipment_id, event_id, units, status, starts_at, ends_at from equipment_bookings
               where status in ('pencilled', 'confirmed', 'out') and ends_at > $1),
           stock as (
               select q.id, q.name, q.units_owned
                      - (select count(*) from equipment_units u where u.equipment_id = q.id and u.state <> 'ok') as usable
               from equipment q where q.id in (select equipment_id from live)),
           moments as (select distinct equipment_id, greatest(starts_at, $1) as at from live),
           peaks as (
               select m.equipment_id, m.at, sum(o.units) as needed, min(o.ends_at) as until,
                      array_agg(o.id order by o.starts_at, o.id) as bookings
               from moments m join live o on o.equipment_id = m.equipment_id and o.starts_at <= m.at and o.ends_at > m.at
               group by m.equipment_id, m.at)
           select p.equipment_id as "equipment_id!", s.name as "name!", p.at as "at!", p.until as "until!", p.needed as "needed!",
                  greatest(s.usable, 0) as "usable!", p.bookings as "bookings!"
           from peaks p join stock s on s.id = p.equipment_id
           where p.needed > greatest(s.usable, 0) order by p.at, lower(s.name), p.equipment_id"#,
        now.0,
    );
    let rows = rows.fetch_all(&mut *db).await?;
    let all: Vec<Uuid> = rows.iter().flat_map(|row| row.bookings.iter().copied()).collect();
    let known = shortage_bookings(db, &all).await?;
    let known: HashMap<Uuid, _> = known.into_iter().map(|one| (one.booking_id.0, one)).collect();
    let of = |ids: &[Uuid]| ids.iter().filter_map(|id| known.get(id)).cloned().collect();
    Ok(rows
        .iter()
        .map(|row| Shortage {
            equipment_id: EquipmentId(row.equipment_id),
            equipment: row.name.clone(),
            starts_at: Timestamp(row.at),
            ends_at: Timestamp(row.until),
            needed: row.needed,
            usable: row.usable,
            bookings: of(&row.bookings),
        })
        .collect())
}

async fn shortage_bookings(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<ShortageBooking>> {
    Ok(sqlx::query_as!(
        ShortageBooking,
        r#"select b.id as "booking_id: EquipmentBookingId", b.event_id as "event_id: EventId", e.title as event, e.timezone, b.units,
                  b.status as "status: BookingStatus"
           from equipment_bookings b join events e on e.id = b.event_id where b.id = any($1)"#,
        ids,
    )
    .fetch_all(db)
    .await?)
}

/// Which events use it from this moment on, in order of time.
pub async fn equipment_uses(db: &mut PgConnection, id: EquipmentId, since: Timestamp) -> Result<Vec<EquipmentUse>> {
    Ok(sqlx::query_as!(
        EquipmentUse,
        r#"select b.id as "booking_id: EquipmentBookingId", b.event_id as "event_id: EventId", e.title as event, e.timezone,
                  b.units, b.starts_at, b.ends_at, b.status as "status: BookingStatus"
           from equipment_bookings b join events e on e.id = b.event_id
           where b.equipment_id = $1 and b.status <> 'cancelled' and b.ends_at > $2
           order by b.starts_at, b.id"#,
        id.0,
        since.0,
    )
    .fetch_all(db)
    .await?)
}
