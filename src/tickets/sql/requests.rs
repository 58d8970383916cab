use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::EndUserId;
use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::found::push_updated_since;
use crate::kernel::page::{Page, Paged, Paging, paged};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{EventRequest, RequestFilter, RequestId, RequestStatus, TicketTypeId};

paged!(RequestFilter);

const REQUEST: &str = "select q.id, q.event_id, q.requester_user_id, nullif(p.name, '') as requester_name, q.message,
    q.status, q.host_message, q.seats_requested, q.ticket_type_id, q.answers, q.decided_at, q.version, q.created_at,
    q.updated_at";
const FROM: &str = " from event_requests q left join user_profiles p on p.user_id = q.requester_user_id";

fn request_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<EventRequest> {
    Ok(EventRequest {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        requester_user_id: row.try_get("requester_user_id")?,
        requester_name: row.try_get("requester_name")?,
        message: row.try_get("message")?,
        status: row.try_get("status")?,
        host_message: row.try_get("host_message")?,
        seats_requested: row.try_get("seats_requested")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        answers: row.try_get("answers")?,
        decided_at: row.try_get("decided_at")?,
        reservation: None,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// One request, or 404; whoever asks has to ask the event first.
pub async fn request_find(db: &mut PgConnection, id: RequestId) -> Result<EventRequest> {
    let mut query = QueryBuilder::<Postgres>::new(REQUEST);
    query.push(FROM).push(" where q.id = ").push_bind(id);
    Ok(request_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// The requests of an event, oldest first; of one person where that is asked for.
pub async fn request_list(
    db: &mut impl Db,
    event: EventId,
    of: Option<EndUserId>,
    filter: &RequestFilter,
) -> Result<Page<EventRequest>> {
    let keyset = filter.keyset_of(db.cx(), ("q.created_at", "timestamptz", false), (event, of))?;
    let mut query = QueryBuilder::<Postgres>::new(REQUEST);
    query.push(format_args!(", q.created_at::text as sort_key{FROM} where q.event_id = ")).push_bind(event);
    if let Some(user) = of {
        query.push(" and q.requester_user_id = ").push_bind(user);
    }
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|s| s.as_str()).collect();
        query.push(" and q.status = any(").push_bind(words).push(")");
    }
    push_updated_since(&mut query, &["q.updated_at", "p.updated_at"], filter.updated_since);
    keyset.rows(db, query, "q.id").await?.page(request_row, |request| request.id.0)
}

/// The requests of one person, the latest first; for one event where that is asked for.
pub async fn requests_of(
    db: &mut impl Db,
    user: EndUserId,
    event: Option<EventId>,
    paging: &Paging,
) -> Result<Page<EventRequest>> {
    let keyset = paging.keyset(db.cx(), ("q.created_at", "timestamptz", true), "requests", (user, event))?;
    let mut query = QueryBuilder::<Postgres>::new(REQUEST);
    query.push(FROM).push(" where q.requester_user_id = ").push_bind(user);
    if let Some(event) = event {
        query.push(" and q.event_id = ").push_bind(event);
    }
    keyset.rows(db, query, "q.id").await?.page_by(request_row, |request| (request.created_at, request.id.0))
}

pub async fn request_insert(db: &mut PgConnection, request: &EventRequest) -> Result<()> {
    sqlx::query!(
        "insert into event_requests (id, event_id, requester_user_id, message, seats_requested, ticket_type_id, answers,
                                     created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        request.id.0,
        request.event_id.0,
        request.requester_user_id.0,
        request.message,
        request.seats_requested,
        request.ticket_type_id.map(|id| id.0),
        request.answers,
        request.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn request_decide(
    db: &mut PgConnection,
    id: RequestId,
    status: RequestStatus,
    host_message: Option<&str>,
    ticket_type: Option<TicketTypeId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update event_requests
         set status = $2, host_message = coalesce($3, host_message), ticket_type_id = coalesce($4, ticket_type_id),
             decided_at = $5, version = version + 1
         where id = $1",
        id.0,
        status.as_str(),
        host_message,
        ticket_type.map(|id| id.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Nobody asks to come any more; answers who did.
pub async fn requests_close(
    db: &mut PgConnection,
    event: EventId,
    message: &str,
    now: Timestamp,
) -> Result<Vec<(RequestId, EndUserId)>> {
    let rows = sqlx::query!(
        "update event_requests set status = 'declined', host_message = $2, decided_at = $3, version = version + 1
         where event_id = $1 and status = 'pending'
         returning id, requester_user_id",
        event.0,
        message,
        now.0,
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!("update events set requests_count = 0 where id = $1", event.0).execute(db).await?;
    Ok(rows.into_iter().map(|row| (RequestId(row.id), EndUserId(row.requester_user_id))).collect())
}
