use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::events::EventId;
use crate::events::records::Recorded;
use crate::gate::CheckinId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;

/// An admission, to be annulled.
pub struct AnnulRow {
    pub event_id: Uuid,
    pub gate_id: Option<Uuid>,
    pub gate: String,
    pub direction: String,
    pub result: String,
    pub attempt_id: Option<Uuid>,
    pub checked_in_at: OffsetDateTime,
    pub annulled_at: Option<OffsetDateTime>,
    pub forced: Option<String>,
    pub ticket_id: Option<Uuid>,
    pub ticket_type_id: Option<Uuid>,
}

pub async fn annul_find(db: &mut PgConnection, id: CheckinId) -> Result<AnnulRow> {
    sqlx::query_as!(
        AnnulRow,
        r#"select event_id as "event_id!", gate_id, gate, direction, result, attempt_id, checked_in_at,
                  annulled_at, forced, ticket_id, ticket_type_id
           from ticket_checkins where id = $1 and event_id is not null"#,
        id.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

/// One ticket that an attempt let through.
pub struct AnnulledRow {
    pub id: Uuid,
    pub ticket_id: Option<Uuid>,
    pub ticket_type_id: Option<Uuid>,
    pub people: i32,
}

/// All tickets that an attempt let through, in the order in which tickets are locked.
pub async fn attempt_rows(db: &mut PgConnection, attempt: Uuid) -> Result<Vec<AnnulledRow>> {
    Ok(sqlx::query_as!(
        AnnulledRow,
        "select c.id, c.ticket_id, c.ticket_type_id, c.people
         from ticket_checkins c
         where (c.id = $1 or c.attempt_id = $1) and c.result = 'admitted' and c.annulled_at is null
         order by c.ticket_id",
        attempt,
    )
    .fetch_all(db)
    .await?)
}

/// Whether one of the tickets that an attempt moved was moved the other way since: in after out, or out after in.
pub async fn attempt_is_followed(db: &mut PgConnection, attempt: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from ticket_checkins c join ticket_checkins l on l.ticket_id = c.ticket_id
               where (c.id = $1 or c.attempt_id = $1) and c.result = 'admitted' and c.annulled_at is null
                     and c.was is not null and l.result = 'admitted' and l.annulled_at is null and not l.untrusted
                     and l.was is not null and l.direction <> c.direction
                     and (l.checked_in_at, l.recorded_at, l.xid) > (c.checked_in_at, c.recorded_at, c.xid))
                  as "is_followed!""#,
        attempt,
    )
    .fetch_one(db)
    .await?)
}

/// Takes an admission back: the ticket stands where the last one that still holds left it, by when they happened; where
/// none moved it, an admission without a network that clashed with the annulled one holds.
pub async fn checkin_annul(
    db: &mut PgConnection,
    row: &AnnulledRow,
    by: Option<Uuid>,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update ticket_checkins set annulled_at = $2, annulled_by = $3, annul_reason = $4 where id = $1",
        row.id,
        now.0,
        by,
        reason,
    )
    .execute(&mut *db)
    .await?;
    let Some(ticket) = row.ticket_id else { return Ok(()) };
    sqlx::query!(
        "with stands as (
             select coalesce((
                 select case l.direction when 'in' then 'inside' else 'outside' end from ticket_checkins l
                 where l.ticket_id = $1 and l.result = 'admitted' and l.annulled_at is null and not l.untrusted
                       and (l.was is not null or l.direction = 'in' and not exists (
                           select 1 from checkin_conflicts x
                           where x.second_checkin_id = l.id and x.kind = 'void_ticket'))
                 order by l.was is not null desc, l.checked_in_at desc, l.recorded_at desc, l.xid desc limit 1), 'issued') as status),
         moved as (
             update tickets k set status = stands.status, version = k.version + 1 from stands
             where k.id = $1 and k.status in ('issued', 'inside', 'outside') and k.status <> stands.status
             returning k.id, k.attendee_id, k.status),
         unused as (
             update ticket_secrets s set is_redeemed = false, redeemed_at = null from moved
             where s.ticket_id = moved.id and moved.status = 'issued')
         update event_attendees a set status = 'going', checked_in_at = null, version = a.version + 1 from moved
         where a.id = moved.attendee_id and a.status = 'checked_in' and moved.status = 'issued'
               and not exists (select 1 from tickets o where o.attendee_id = a.id and o.id <> moved.id
                               and o.status in ('inside', 'outside'))",
        ticket,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the log calls the settings of an event's gates, its admissions that were checked, and those that were annulled.
pub async fn settled_at_event(db: &mut PgConnection, event: EventId) -> Result<Vec<Recorded>> {
    let rows = sqlx::query!(
        r#"select 'checkin_conflict' as "kind!", id::text as "id!" from checkin_conflicts
               where event_id = $1 and resolved_at is not null
           union all select 'ticket_checkin', id::text from ticket_checkins
               where event_id = $1 and annulled_at is not null"#,
        event.0,
    );
    let settled = rows.fetch_all(db).await?.into_iter().map(|row| (row.kind, row.id));
    Ok(settled.chain([("event_gate_settings".to_owned(), event.to_string())]).collect())
}
