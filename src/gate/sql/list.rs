use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Which database this is, and how far its changes are settled: whatever changes later has a number from there on.
pub struct Settled {
    pub epoch: String,
    pub xid: String,
}

/// A database that was restored from a backup has another epoch or, until it has caught up, a lower number.
pub async fn settled(db: &mut PgConnection) -> Result<Settled> {
    Ok(sqlx::query_as!(
        Settled,
        r#"select (select system_identifier from pg_control_system())::text || '.'
                      || (select timeline_id from pg_control_checkpoint())::text as "epoch!",
                  pg_snapshot_xmin(pg_current_snapshot())::text as "xid!""#,
    )
    .fetch_one(db)
    .await?)
}

/// A ticket as the manifest has it, before it is sealed.
pub struct ListRow {
    pub id: Uuid,
    pub ticket_type_id: Uuid,
    pub generation: i32,
    pub status: String,
    pub attendee_id: Uuid,
    pub attendee_status: String,
    pub name: Option<String>,
    pub note: Option<String>,
    pub answers: Value,
    pub is_paid: bool,
    pub price_paid_minor: i64,
    pub blocked: bool,
    pub seats: i32,
    pub used_at: Option<OffsetDateTime>,
    pub used_gate: Option<Uuid>,
}

/// The tickets of an event, or those of which something has changed since.
pub async fn list_rows(
    db: &mut PgConnection,
    event: Uuid,
    since: Option<&str>,
    now: Timestamp,
) -> Result<Vec<ListRow>> {
    Ok(sqlx::query_as!(
        ListRow,
        r#"with changed as materialized (
               select id from tickets where $2::text is not null and event_id = $1 and changed_xid >= $2::text::xid8
               union select k.id from event_attendees a join tickets k on k.attendee_id = a.id
                     where $2::text is not null and a.event_id = $1 and a.changed_xid >= $2::text::xid8
               union select k.id from user_bans b join tickets k on k.user_id = b.user_id
                     where $2::text is not null and b.changed_xid >= $2::text::xid8 and k.event_id = $1
               union select k.id from user_profiles p join tickets k on k.user_id = p.user_id
                     where $2::text is not null and p.changed_xid >= $2::text::xid8 and k.event_id = $1
               union select c.ticket_id from ticket_checkins c
                     where $2::text is not null and c.xid >= $2::text::xid8 and c.event_id = $1 and c.ticket_id is not null)
           select k.id, k.ticket_type_id, k.generation, k.status, k.attendee_id, a.status as attendee_status,
                  coalesce(a.guest_name, nullif(p.name, '')) as name, nullif(a.note, '') as note, a.answers, a.is_paid,
                  a.price_paid_minor, a.seats,
                  exists (select 1 from user_bans b where b.user_id = k.user_id and b.lifted_at is null
                          and (b.until is null or b.until > $3)) as "blocked!",
                  u.checked_in_at as "used_at?", u.gate_id as "used_gate?"
           from tickets k join event_attendees a on a.id = k.attendee_id
           left join user_profiles p on p.user_id = a.user_id
           left join lateral (
               select c.checked_in_at, c.gate_id from ticket_checkins c
               where c.ticket_id = k.id and c.direction = 'in' and c.result = 'admitted' and c.annulled_at is null
                     and not c.untrusted and k.status in ('inside', 'outside')
               order by c.checked_in_at, c.id limit 1) u on true
           where k.event_id = $1 and ($2::text is null or k.id in (select id from changed))
           order by k.id"#,
        event,
        since,
        now.0,
    )
    .fetch_all(db)
    .await?)
}
