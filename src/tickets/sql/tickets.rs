use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::attendees::GUEST_TEXT;
use crate::access::EndUserId;
use crate::events::EventId;
use crate::events::rules::{Viewer, push_runs};
use crate::kernel::app::App;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::push_person_found;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::secrets::{SHORT_CODE, TicketHashes, short_code_hash};
use crate::tickets::{Attendee, AttendeeId, Ticket, TicketFilter, TicketId, TicketStatus, TicketTypeId};

paged!(TicketFilter);

const TICKET: &str = "select k.id, k.event_id, e.title as event_title, e.start_at as event_start_at,
    e.timezone as event_timezone, (e.status = 'ended') as event_over, k.ticket_type_id, a.ticket_type, k.attendee_id, k.user_id, coalesce(a.guest_name, nullif(p.name, '')) as holder_name, k.status,
    k.generation, k.issued_at, k.revoked_at, k.revoke_reason, k.version";
const FROM: &str = " from tickets k join events e on e.id = k.event_id join event_attendees a on a.id = k.attendee_id
    left join end_users u on u.id = k.user_id left join user_profiles p on p.user_id = k.user_id";

fn ticket_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<Ticket> {
    Ok(Ticket {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        event_start_at: row.try_get("event_start_at")?,
        event_timezone: row.try_get("event_timezone")?,
        event_over: row.try_get("event_over")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type: row.try_get("ticket_type")?,
        attendee_id: row.try_get("attendee_id")?,
        user_id: row.try_get("user_id")?,
        holder_name: row.try_get("holder_name")?,
        status: row.try_get("status")?,
        generation: row.try_get("generation")?,
        issued_at: row.try_get("issued_at")?,
        revoked_at: row.try_get("revoked_at")?,
        revoke_reason: row.try_get("revoke_reason")?,
        version: row.try_get("version")?,
    })
}

/// Tickets of the events the audience runs, or its own; the latest first.
pub async fn ticket_list(db: &mut impl Db, audience: &Viewer, filter: &TicketFilter) -> Result<Page<Ticket>> {
    let keyset = filter.keyset(db.cx(), ("k.issued_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(TICKET);
    query.push(format_args!(", k.issued_at::text as sort_key{FROM} where ("));
    push_runs(&mut query, audience);
    if let Viewer::User(user) = audience {
        query.push(" or k.user_id = ").push_bind(*user);
    }
    query.push(")");
    if let Some(hash) = filter.q.as_ref().and_then(|q| typed_code(db.cx().app(), q.as_str())) {
        query.push(" and (k.short_code_hash = ").push_bind(hash).push(" or true");
        push_person_found(&mut query, &[GUEST_TEXT, "u.search_text"], filter.q.as_ref());
        query.push(")");
    } else {
        push_person_found(&mut query, &[GUEST_TEXT, "u.search_text"], filter.q.as_ref());
    }
    if let Some(event) = filter.event_id {
        query.push(" and k.event_id = ").push_bind(event);
    }
    if let Some(attendee) = filter.attendee_id {
        query.push(" and k.attendee_id = ").push_bind(attendee);
    }
    if let Some(user) = filter.user_id {
        query.push(" and k.user_id = ").push_bind(user);
    }
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|s| s.as_str()).collect();
        query.push(" and k.status = any(").push_bind(words).push(")");
    }
    keyset.rows(db, query, "k.id").await?.page(ticket_row, |ticket| ticket.id.0)
}

/// The hash of what may be a ticket's short code, in any usual writing; names of ten letters may be one too.
fn typed_code(app: &App, typed: &str) -> Option<Vec<u8>> {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).count();
    let others = typed.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-'));
    (letters == SHORT_CODE && others).then(|| short_code_hash(&app.keys, typed).to_vec())
}

/// One ticket, or 404; whoever asks has to ask the event first.
pub async fn ticket_find(db: &mut PgConnection, id: TicketId) -> Result<Ticket> {
    let mut query = QueryBuilder::<Postgres>::new(TICKET);
    query.push(FROM).push(" where k.id = ").push_bind(id);
    Ok(ticket_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// The tickets of a guest that stand, in the order they were issued.
pub async fn tickets_standing(db: &mut PgConnection, attendee: AttendeeId) -> Result<Vec<Ticket>> {
    let mut query = QueryBuilder::<Postgres>::new(TICKET);
    query.push(FROM).push(" where k.status in ('issued', 'inside', 'outside') and k.attendee_id = ");
    query.push_bind(attendee).push(" order by k.issued_at, k.id");
    let rows = query.build().fetch_all(db).await?;
    Ok(rows.iter().map(ticket_row).collect::<sqlx::Result<_>>()?)
}

/// A ticket to be issued.
pub struct Issued {
    pub hashes: TicketHashes,
    pub attendee: AttendeeId,
    pub ticket_type: TicketTypeId,
    pub user: Option<EndUserId>,
}

/// Issues tickets, each with its secret.
pub async fn tickets_insert(db: &mut PgConnection, event: EventId, issued: &[Issued], now: Timestamp) -> Result<()> {
    let ids: Vec<_> = issued.iter().map(|ticket| ticket.hashes.ticket.0).collect();
    let codes: Vec<_> = issued.iter().map(|ticket| ticket.hashes.short_code_hash.clone()).collect();
    let attendees: Vec<_> = issued.iter().map(|ticket| ticket.attendee.0).collect();
    let types: Vec<_> = issued.iter().map(|ticket| ticket.ticket_type.0).collect();
    let users: Vec<_> = issued.iter().map(|ticket| ticket.user.map(|id| id.0)).collect();
    sqlx::query!(
        "insert into tickets (id, event_id, ticket_type_id, attendee_id, user_id, short_code_hash, issued_at,
                              created_at, updated_at)
         select t.id, $6, t.type, t.attendee, t.user_id, t.code, $7, $7, $7
         from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::uuid[], $5::uuid[]) as t (id, code, type, attendee, user_id)",
        &ids,
        &codes,
        &types,
        &attendees,
        &users as &[Option<Uuid>],
        event.0,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    let hashes: Vec<_> = issued.iter().map(|ticket| ticket.hashes.secret_hash.clone()).collect();
    let salts: Vec<_> = issued.iter().map(|ticket| ticket.hashes.secret_salt.clone()).collect();
    sqlx::query!(
        "insert into ticket_secrets (ticket_id, secret_hash, secret_salt)
         select * from unnest($1::uuid[], $2::bytea[], $3::bytea[])",
        &ids,
        &hashes,
        &salts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A new generation: the old codes are dead.
pub async fn ticket_raise(db: &mut PgConnection, hashes: &TicketHashes) -> Result<()> {
    sqlx::query!(
        "update tickets set generation = generation + 1, short_code_hash = $2, version = version + 1 where id = $1",
        hashes.ticket.0,
        hashes.short_code_hash,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update ticket_secrets set secret_hash = $2, secret_salt = $3 where ticket_id = $1",
        hashes.ticket.0,
        hashes.secret_hash,
        hashes.secret_salt,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The ticket is another guest's from now on.
pub async fn ticket_move(db: &mut PgConnection, id: TicketId, to: &Attendee) -> Result<()> {
    sqlx::query!(
        "update tickets set attendee_id = $2, user_id = $3, version = version + 1 where id = $1",
        id.0,
        to.id.0,
        to.user_id.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Locks tickets in the order in which scans lock them. Whoever writes tickets and guests writes the tickets first, as
/// scans do.
pub async fn tickets_lock(db: &mut PgConnection, ids: &[TicketId]) -> Result<()> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("select id from tickets where id = any($1) order by id for no key update", &ids).fetch_all(db).await?;
    Ok(())
}

pub async fn ticket_void(
    db: &mut PgConnection,
    id: TicketId,
    status: TicketStatus,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update tickets set status = $2, revoked_at = $3, revoke_reason = $4, version = version + 1 where id = $1",
        id.0,
        status.as_str(),
        now.0,
        reason,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Voids all tickets of a guest that can be.
pub async fn tickets_void(db: &mut PgConnection, attendee: AttendeeId, reason: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update tickets set status = 'revoked', revoked_at = $2, revoke_reason = $3, version = version + 1
         where attendee_id = $1 and status in ('issued', 'outside')",
        attendee.0,
        now.0,
        reason,
    )
    .execute(db)
    .await?;
    Ok(())
}
