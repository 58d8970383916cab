use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::gate::{Attempt, CheckinId};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketId;

/// A ticket and its guest, as a scan needs them.
pub struct ScanRow {
    pub id: Uuid,
    pub event_id: Uuid,
    pub ticket_type_id: Uuid,
    pub ticket_type: String,
    pub generation: i32,
    pub status: String,
    pub attendee_id: Uuid,
    pub name: Option<String>,
    pub attendee_status: String,
    pub note: Option<String>,
    pub answers: Value,
    pub is_paid: bool,
    pub price_paid_minor: i64,
    pub seats: i32,
    pub currency: String,
    pub blocked: bool,
    pub party: i64,
    pub inside: i64,
    pub issued: i64,
    pub outside: i64,
}

/// The ticket, locked if it may change; none if it does not exist.
pub async fn scan_row(db: &mut PgConnection, id: Uuid, lock: bool, now: Timestamp) -> Result<Option<ScanRow>> {
    if lock {
        sqlx::query!("select id from tickets where id = $1 for no key update", id).fetch_optional(&mut *db).await?;
    }
    Ok(sqlx::query_as!(
        ScanRow,
        r#"select k.id, k.event_id, k.ticket_type_id, a.ticket_type, k.generation, k.status, k.attendee_id,
                  coalesce(a.guest_name, nullif(p.name, '')) as name, a.status as attendee_status,
                  nullif(a.note, '') as note, a.answers, a.is_paid, a.price_paid_minor, a.seats,
                  a.currency::text as "currency!",
                  exists (select 1 from user_bans b where b.user_id = k.user_id and b.lifted_at is null
                          and (b.until is null or b.until > $2)) as "blocked!",
                  c.party as "party!", c.inside as "inside!", c.issued as "issued!", c.outside as "outside!"
           from tickets k join event_attendees a on a.id = k.attendee_id
           left join user_profiles p on p.user_id = a.user_id
           cross join lateral (
               select count(*) filter (where o.status in ('issued', 'inside', 'outside')) as party,
                      count(*) filter (where o.status = 'inside') as inside,
                      count(*) filter (where o.status = 'issued') as issued,
                      count(*) filter (where o.status = 'outside') as outside
               from tickets o where o.attendee_id = a.id) c
           where k.id = $1"#,
        id,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Locks all tickets of a party in one order.
pub async fn party_lock(db: &mut PgConnection, ticket: Uuid) -> Result<()> {
    sqlx::query!(
        "select id from tickets where attendee_id = (select attendee_id from tickets where id = $1)
         order by id for no key update",
        ticket
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// The ticket with this short code.
pub async fn ticket_by_short_code(db: &mut PgConnection, hash: &[u8]) -> Result<Option<(Uuid, Uuid)>> {
    let row = sqlx::query!("select id, event_id from tickets where short_code_hash = $1", hash);
    Ok(row.fetch_optional(db).await?.map(|row| (row.id, row.event_id)))
}

/// The event of a ticket.
pub async fn event_of_ticket(db: &mut PgConnection, ticket: Uuid) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!("select event_id from tickets where id = $1", ticket).fetch_optional(db).await?)
}

/// The event of a gate that was not removed.
pub async fn event_of_gate(db: &mut PgConnection, gate: Uuid) -> Result<Option<Uuid>> {
    let row = sqlx::query_scalar!("select event_id from gates where id = $1 and removed_at is null", gate);
    Ok(row.fetch_optional(db).await?)
}

/// Another event of ours: what it is called and when it begins.
pub async fn other_event(db: &mut PgConnection, event: Uuid) -> Result<Option<(String, Timestamp, String)>> {
    let row = sqlx::query!("select title, start_at, timezone from events where id = $1 and status <> 'draft'", event);
    Ok(row.fetch_optional(db).await?.map(|row| (row.title, Timestamp(row.start_at), row.timezone)))
}

/// An attempt to be written.
#[derive(Default)]
pub struct NewCheckin {
    pub id: Uuid,
    pub event_id: Option<Uuid>,
    pub ticket_id: Option<Uuid>,
    pub attempt_id: Option<Uuid>,
    pub checked_in_by: Option<Uuid>,
    pub device_id: Option<Uuid>,
    pub gate_id: Option<Uuid>,
    pub gate: String,
    pub at: Option<OffsetDateTime>,
    pub direction: &'static str,
    pub result: &'static str,
    pub reason: Option<&'static str>,
    pub people: i32,
    pub ticket_type_id: Option<Uuid>,
    pub generation: Option<i32>,
    pub typed: bool,
    pub offline: bool,
    pub untrusted: bool,
    pub device_time: Option<OffsetDateTime>,
    pub clock_ahead_ms: Option<i64>,
    pub forced: Option<&'static str>,
    pub forced_by: Option<Uuid>,
    pub force_reason: Option<String>,
    pub steward: Option<String>,
    pub source: Option<Uuid>,
    pub nonce: Option<String>,
    pub input_hash: Option<Vec<u8>>,
    pub answer: Option<Value>,
    pub was: Option<&'static str>,
}

/// Writes an attempt and, with it, where its ticket stands from now on. False where the nonce was used before: then
/// nothing was written.
pub async fn checkin_insert(
    db: &mut PgConnection,
    row: &NewCheckin,
    moves_to: Option<&'static str>,
    now: Timestamp,
) -> Result<bool> {
    let written = sqlx::query_scalar!(
        r#"with attempt as (
               insert into ticket_checkins (id, event_id, ticket_id, attempt_id, checked_in_by, device_id, gate_id, gate,
                   checked_in_at, recorded_at, direction, result, reason, people, ticket_type_id, generation, typed,
                   offline, untrusted, device_time, clock_ahead_ms, forced, forced_by, force_reason, steward, source,
                   nonce, input_hash, answer, was)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                   $22, $23, $24, $25, $26, $27, $28, $29, $30)
               on conflict (source, nonce) where nonce is not null do nothing returning ticket_id),
           moved as (
               update tickets k set status = $31, version = k.version + 1 from attempt
               where k.id = attempt.ticket_id and $31::text is not null and k.status in ('issued', 'inside', 'outside')
               returning k.id, k.attendee_id),
           redeemed as (
               update ticket_secrets s set is_redeemed = true, redeemed_at = $9 from moved
               where s.ticket_id = moved.id and $31 = 'inside' and not s.is_redeemed),
           came as (
               update event_attendees a set status = 'checked_in', checked_in_at = $9, version = a.version + 1 from moved
               where a.id = moved.attendee_id and $31 = 'inside' and a.status = 'going')
           select count(*) as "written!" from attempt"#,
        row.id,
        row.event_id,
        row.ticket_id,
        row.attempt_id,
        row.checked_in_by,
        row.device_id,
        row.gate_id,
        row.gate,
        row.at.unwrap_or(now.0),
        now.0,
        row.direction,
        row.result,
        row.reason,
        row.people,
        row.ticket_type_id,
        row.generation,
        row.typed,
        row.offline,
        row.untrusted,
        row.device_time,
        row.clock_ahead_ms,
        row.forced,
        row.forced_by,
        row.force_reason,
        row.steward,
        row.source,
        row.nonce,
        row.input_hash,
        row.answer,
        row.was,
        moves_to,
    )
    .fetch_one(db)
    .await?;
    Ok(written > 0)
}

/// What is known of an attempt by its nonce.
pub struct Known {
    pub id: Uuid,
    pub result: String,
    pub reason: Option<String>,
    pub forced: Option<String>,
    /// With those of its party.
    pub people: i64,
    pub at: OffsetDateTime,
    pub offline: bool,
    pub untrusted: bool,
    pub input_hash: Option<Vec<u8>>,
    pub answer: Option<Value>,
}

pub async fn checkin_by_nonce(db: &mut PgConnection, source: Uuid, nonce: &str) -> Result<Option<Known>> {
    Ok(sqlx::query_as!(
        Known,
        r#"select c.id, c.result, c.reason, c.forced, c.checked_in_at as at, c.offline, c.untrusted, c.input_hash, c.answer,
                  (select coalesce(sum(p.people), 0) from ticket_checkins p
                   where p.id = c.id or p.attempt_id = c.id and p.result = 'admitted') as "people!"
           from ticket_checkins c where c.source = $1 and c.nonce = $2"#,
        source,
        nonce,
    )
    .fetch_optional(db)
    .await?)
}

/// The use of a ticket that came first.
pub struct FirstRow {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub gate: String,
    pub by: Option<String>,
    pub device: Option<String>,
    pub device_id: Option<Uuid>,
    pub offline: bool,
}

pub async fn first_use(db: &mut PgConnection, ticket: Uuid, but: Uuid) -> Result<Option<FirstRow>> {
    Ok(sqlx::query_as!(
        FirstRow,
        r#"select c.id, c.checked_in_at as at, c.gate, scanned_by(c.steward, s.full_name) as by, d.name as "device?",
                  c.device_id, c.offline
           from ticket_checkins c left join admin_users s on s.id = c.checked_in_by
           left join gate_devices d on d.id = c.device_id
           where c.ticket_id = $1 and c.id <> $2 and c.direction = 'in' and c.result = 'admitted'
                 and c.annulled_at is null and not c.untrusted
           order by c.checked_in_at, c.id limit 1"#,
        ticket,
        but,
    )
    .fetch_optional(db)
    .await?)
}

/// Other tickets of the party that may come in, in order.
pub async fn party_others(
    db: &mut PgConnection,
    ticket: Uuid,
    reentry: bool,
    most: i64,
) -> Result<Vec<(Uuid, String)>> {
    let rows = sqlx::query!(
        "select o.id, o.status from tickets k join tickets o on o.attendee_id = k.attendee_id and o.id <> k.id
         where k.id = $1 and (o.status = 'issued' or o.status = 'outside' and $2) order by o.id limit $3",
        ticket,
        reentry,
        most,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.status)).collect())
}

/// A ticket of the same party that was not used.
pub async fn unused_of_party(db: &mut PgConnection, ticket: Uuid) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select o.id from tickets k join tickets o on o.attendee_id = k.attendee_id and o.id <> k.id
         where k.id = $1 and o.status = 'issued' order by o.id limit 1",
        ticket,
    )
    .fetch_optional(db)
    .await?)
}

/// The phone that an attempt was made with.
pub async fn checkin_device(db: &mut PgConnection, id: CheckinId) -> Result<Option<Uuid>> {
    let device = sqlx::query_scalar!("select device_id from ticket_checkins where id = $1", id.0);
    Ok(device.fetch_optional(db).await?.flatten())
}

/// What happened to a ticket at the gates, the latest first.
pub async fn attempts_of(db: &mut PgConnection, ticket: TicketId, most: i64) -> Result<Vec<Attempt>> {
    let rows = sqlx::query!(
        r#"select c.id, c.ticket_id, c.checked_in_at, c.direction, c.result, c.reason, c.people, c.gate,
                  scanned_by(c.steward, s.full_name) as by, d.name as "device?", c.offline, c.forced, c.annulled_at
           from ticket_checkins c left join admin_users s on s.id = c.checked_in_by
           left join gate_devices d on d.id = c.device_id
           where c.ticket_id = $1 order by c.checked_in_at desc, c.id desc limit $2"#,
        ticket.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Attempt {
            id: CheckinId(row.id),
            ticket_id: row.ticket_id.map(TicketId),
            at: Timestamp(row.checked_in_at),
            direction: eventify_gate::Direction::parse(&row.direction).unwrap_or(eventify_gate::Direction::In),
            result: row.result,
            reason: row.reason,
            people: row.people,
            gate: row.gate,
            by: row.by,
            device: row.device,
            offline: row.offline,
            forced: row.forced,
            annulled_at: row.annulled_at.map(Timestamp),
        })
        .collect())
}
