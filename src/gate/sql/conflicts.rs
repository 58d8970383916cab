use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::gate::{CheckinId, Conflict, ConflictFilter, ConflictId, ConflictKind, ConflictSide, Resolution};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{AttendeeId, TicketId};
use sqlx::{Postgres, QueryBuilder, Row, postgres::PgRow};

paged!(ConflictFilter);

const CONFLICT: &str = "select x.id, x.event_id, x.kind, x.ticket_id, x.clock_ahead_ms, x.resolution, x.note, x.resolved_at,
    x.closed_ticket_id, x.version, x.created_at, k.attendee_id, a.ticket_type,
    coalesce(a.guest_name, nullif(p.name, '')) as guest, r.full_name as resolved_by,
    (select o.id from tickets o where o.attendee_id = k.attendee_id and o.id <> k.id and o.status = 'issued'
     order by o.id limit 1) as unused_ticket_id,
    f.id as f_id, f.checked_in_at as f_at, f.recorded_at as f_recorded_at, f.device_time as f_device_time, f.gate as f_gate,
    scanned_by(f.steward, fs.full_name) as f_by, fd.name as f_device, f.offline as f_offline, f.clock_ahead_ms as f_clock,
    c.id as c_id, c.checked_in_at as c_at, c.recorded_at as c_recorded_at, c.device_time as c_device_time, c.gate as c_gate,
    scanned_by(c.steward, cs.full_name) as c_by, cd.name as c_device, c.offline as c_offline, c.clock_ahead_ms as c_clock";
const FROM: &str = " from checkin_conflicts x
    join ticket_checkins c on c.id = x.second_checkin_id
    left join ticket_checkins f on f.id = x.first_checkin_id
    left join admin_users cs on cs.id = c.checked_in_by left join gate_devices cd on cd.id = c.device_id
    left join admin_users fs on fs.id = f.checked_in_by left join gate_devices fd on fd.id = f.device_id
    left join tickets k on k.id = x.ticket_id left join event_attendees a on a.id = k.attendee_id
    left join user_profiles p on p.user_id = a.user_id left join admin_users r on r.id = x.resolved_by";

fn side(row: &PgRow, prefix: &str) -> sqlx::Result<Option<ConflictSide>> {
    let field = |name: &str| format!("{prefix}_{name}");
    let Some(id) = row.try_get::<Option<Uuid>, _>(field("id").as_str())? else { return Ok(None) };
    Ok(Some(ConflictSide {
        checkin_id: CheckinId(id),
        at: row.try_get(field("at").as_str())?,
        recorded_at: row.try_get(field("recorded_at").as_str())?,
        device_time: row.try_get(field("device_time").as_str())?,
        gate: row.try_get(field("gate").as_str())?,
        by: row.try_get(field("by").as_str())?,
        device: row.try_get(field("device").as_str())?,
        offline: row.try_get(field("offline").as_str())?,
        clock_ahead_ms: row.try_get(field("clock").as_str())?,
    }))
}

fn conflict_row(row: &PgRow) -> sqlx::Result<Conflict> {
    let word: String = row.try_get("kind")?;
    let kind = ConflictKind::ALL.iter().copied().find(|kind| kind.as_str() == word);
    let resolution: Option<String> = row.try_get("resolution")?;
    let resolution = resolution.and_then(|word| Resolution::ALL.iter().copied().find(|one| one.as_str() == word));
    Ok(Conflict {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        kind: kind.unwrap_or(ConflictKind::DoubleAdmission),
        ticket_id: row.try_get::<Option<Uuid>, _>("ticket_id")?.map(TicketId),
        attendee_id: row.try_get::<Option<Uuid>, _>("attendee_id")?.map(AttendeeId),
        guest: row.try_get("guest")?,
        ticket_type: row.try_get("ticket_type")?,
        first: side(row, "f")?,
        second: side(row, "c")?.ok_or(sqlx::Error::RowNotFound)?,
        clock_ahead_ms: row.try_get("clock_ahead_ms")?,
        unused_ticket_id: row.try_get::<Option<Uuid>, _>("unused_ticket_id")?.map(TicketId),
        resolution,
        note: row.try_get("note")?,
        resolved_by: row.try_get("resolved_by")?,
        resolved_at: row.try_get("resolved_at")?,
        closed_ticket_id: row.try_get::<Option<Uuid>, _>("closed_ticket_id")?.map(TicketId),
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
    })
}

/// The conflicts of an event, the latest first.
pub async fn conflict_list(db: &mut impl Db, event: EventId, filter: &ConflictFilter) -> Result<Page<Conflict>> {
    let keyset = filter.keyset_of(db.cx(), ("x.created_at", "timestamptz", true), event)?;
    let mut query = QueryBuilder::<Postgres>::new(CONFLICT);
    query.push(format_args!(", x.created_at::text as sort_key{FROM} where x.event_id = ")).push_bind(event);
    match filter.open {
        Some(true) => drop(query.push(" and x.resolved_at is null")),
        Some(false) => drop(query.push(" and x.resolved_at is not null")),
        None => {}
    }
    keyset.rows(db, query, "x.id").await?.page(conflict_row, |conflict| conflict.id.0)
}

pub async fn conflict_find(db: &mut PgConnection, id: ConflictId) -> Result<Conflict> {
    let mut query = QueryBuilder::<Postgres>::new(CONFLICT);
    query.push(FROM).push(" where x.id = ").push_bind(id);
    Ok(conflict_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

pub async fn conflict_lock(db: &mut PgConnection, id: ConflictId) -> Result<Conflict> {
    sqlx::query!("select id from checkin_conflicts where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?;
    conflict_find(db, id).await
}

/// The conflicts that an attempt has part in, and whether a person has resolved each.
pub async fn conflicts_of(db: &mut PgConnection, attempt: Uuid) -> Result<Vec<(ConflictId, bool)>> {
    let rows = sqlx::query!(
        r#"select x.id, x.resolved_at is not null as "is_resolved!" from checkin_conflicts x
           where x.resolution is distinct from 'annulled' and (x.second_checkin_id = $1
                 or x.first_checkin_id in (select c.id from ticket_checkins c where c.id = $1 or c.attempt_id = $1))
           order by x.id"#,
        attempt,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (ConflictId(row.id), row.is_resolved)).collect())
}

pub async fn conflicts_open(db: &mut PgConnection, event: EventId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from checkin_conflicts where event_id = $1 and resolved_at is null"#,
        event.0
    );
    Ok(count.fetch_one(db).await?)
}

/// Something two records disagree on.
pub struct NewConflict {
    pub id: ConflictId,
    pub event: Uuid,
    pub ticket: Option<Uuid>,
    pub kind: ConflictKind,
    pub first: Option<Uuid>,
    pub second: Uuid,
    pub clock_ahead_ms: Option<i64>,
}

pub async fn conflict_insert(db: &mut PgConnection, conflict: &NewConflict, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into checkin_conflicts (id, event_id, ticket_id, kind, first_checkin_id, second_checkin_id,
                                        clock_ahead_ms, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        conflict.id.0,
        conflict.event,
        conflict.ticket,
        conflict.kind.as_str(),
        conflict.first,
        conflict.second,
        conflict.clock_ahead_ms,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn conflict_resolve(
    db: &mut PgConnection,
    id: ConflictId,
    resolution: Resolution,
    note: &str,
    closed: Option<TicketId>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update checkin_conflicts set resolution = $2, note = $3, closed_ticket_id = $4, resolved_by = $5,
                resolved_at = $6, version = version + 1
         where id = $1",
        id.0,
        resolution.as_str(),
        note,
        closed.map(|id| id.0),
        by.map(|id| id.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
