use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::bus::audience;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::outbox::EventType;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::webhooks::{
    EVERY_EVENT, WebhookAttempt, WebhookDelivery, WebhookDeliveryFilter, WebhookDeliveryId, WebhookEndpoint,
    WebhookEndpointId,
};

paged!(WebhookDeliveryFilter);

const DELIVERY: &str = "select d.id, d.endpoint_id, e.url as endpoint_url, d.event_id, d.event_type, d.event_at,
    d.is_test, d.status, d.attempts, d.next_attempt_at, d.delivered_at, d.last_status, d.last_error, d.created_at,
    d.updated_at
    from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
    where e.deleted_at is null";

fn delivery_row(row: &PgRow) -> sqlx::Result<WebhookDelivery> {
    WebhookDelivery::from_row(row)
}

pub async fn delivery_list(db: &mut impl Db, filter: &WebhookDeliveryFilter) -> Result<Page<WebhookDelivery>> {
    let keyset = filter.keyset(db.cx(), ("d.id", "uuid", true))?;
    let mut query = QueryBuilder::<Postgres>::new(DELIVERY);
    if let Some(endpoint) = filter.endpoint_id {
        query.push(" and d.endpoint_id = ").push_bind(endpoint);
    }
    if let Some(status) = filter.status {
        query.push(" and d.status = ").push_bind(status.as_str());
    }
    if let Some(kind) = &filter.event_type {
        query.push(" and d.event_type = ").push_bind(kind.as_str());
    }
    keyset.rows(db, query, "d.id").await?.page_by(delivery_row, |one| (one.id.0, one.id.0))
}

/// One message, or 404.
pub async fn delivery_find(db: &mut PgConnection, id: WebhookDeliveryId) -> Result<WebhookDelivery> {
    let mut query = QueryBuilder::<Postgres>::new(DELIVERY);
    query.push(" and d.id = ").push_bind(id);
    query.build_query_as().fetch_optional(db).await?.ok_or_else(not_found)
}

/// The same, locked until the transaction ends.
pub async fn delivery_lock(db: &mut PgConnection, id: WebhookDeliveryId) -> Result<WebhookDelivery> {
    sqlx::query!("select id from webhook_deliveries where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    delivery_find(db, id).await
}

/// What the event says.
pub async fn delivery_payload(db: &mut PgConnection, id: WebhookDeliveryId) -> Result<Value> {
    Ok(sqlx::query_scalar!("select payload from webhook_deliveries where id = $1", id.0).fetch_one(db).await?)
}

/// Attempts of a message, the newest first.
pub async fn attempt_list(db: &mut PgConnection, id: WebhookDeliveryId) -> Result<Vec<WebhookAttempt>> {
    Ok(sqlx::query_as!(
        WebhookAttempt,
        r#"select number, created_at as "at: Timestamp", status_code, latency_ms, response_body, error
           from webhook_attempts where delivery_id = $1 order by number desc"#,
        id.0,
    )
    .fetch_all(db)
    .await?)
}

/// A message to be sent.
pub struct NewDelivery<'a> {
    pub id: WebhookDeliveryId,
    pub endpoint_id: WebhookEndpointId,
    pub event_id: Uuid,
    pub event_type: &'a str,
    pub event_at: Timestamp,
    pub is_test: bool,
    pub payload: &'a Value,
}

/// False when this event is a message to this endpoint already.
pub async fn delivery_insert(db: &mut PgConnection, delivery: &NewDelivery<'_>, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "insert into webhook_deliveries (id, endpoint_id, event_id, event_type, event_at, is_test, payload,
                                         next_attempt_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)
         on conflict (endpoint_id, event_id) do nothing",
        delivery.id.0,
        delivery.endpoint_id.0,
        delivery.event_id,
        delivery.event_type,
        delivery.event_at.0,
        delivery.is_test,
        delivery.payload,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Queues a message again, with its schedule from the beginning.
pub async fn delivery_requeue(db: &mut PgConnection, id: WebhookDeliveryId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update webhook_deliveries
         set status = 'pending', round_attempts = 0, next_attempt_at = $2, delivered_at = null where id = $1",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The same for what failed since then, the oldest first; answers each with the attempts it has had.
pub async fn deliveries_requeue_failed(
    db: &mut PgConnection,
    endpoint: WebhookEndpointId,
    since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(WebhookDeliveryId, i32)>> {
    let rows = sqlx::query!(
        "with failed as (
             select id from webhook_deliveries
             where endpoint_id = $1 and status = 'failed' and created_at >= $2
             order by created_at, id limit $4 for no key update)
         update webhook_deliveries d
         set status = 'pending', round_attempts = 0, next_attempt_at = $3
         from failed where d.id = failed.id
         returning d.id, d.attempts",
        endpoint.0,
        since.0,
        now.0,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (WebhookDeliveryId(row.id), row.attempts)).collect())
}

/// An event that was never sent to an endpoint.
struct Missed {
    id: Uuid,
    kind: String,
    at: Timestamp,
    payload: Value,
}

/// Events of the endpoint's types that were published since then, and since it exists, and are no message to it;
/// the oldest first, and of types that whoever answers for it may see.
async fn missed(
    db: &mut PgConnection,
    endpoint: &WebhookEndpoint,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Missed>> {
    let known = EventType::all();
    let kinds: Vec<&str> = known.iter().map(|event| event.kind).collect();
    let needed: Vec<&str> = kinds.iter().map(|kind| audience(kind).code()).collect();
    Ok(sqlx::query_as!(
        Missed,
        r#"select o.id, o.type as kind, o.created_at as "at: Timestamp", o.payload
           from outbox_events o
           where o.published_at >= greatest($2::timestamptz, $3::timestamptz) and (o.type = any($4) or $5 = any($4))
                 and not exists (select 1 from webhook_deliveries d where d.endpoint_id = $1 and d.event_id = o.id)
                 and o.type not in (
                     select k.kind from webhook_endpoints e, unnest($7::text[], $8::text[]) as k (kind, permission)
                     where e.id = $1 and not staff_holds(coalesce(e.kept_by, e.created_by), k.permission))
           order by o.published_seq limit $6"#,
        endpoint.id.0,
        since.0,
        endpoint.created_at.0,
        &endpoint.event_types,
        EVERY_EVENT,
        limit,
        &kinds as &[&str],
        &needed as &[&str],
    )
    .fetch_all(db)
    .await?)
}

/// Makes messages of what an endpoint missed; answers those that are new.
pub async fn deliveries_insert_missed(
    db: &mut PgConnection,
    endpoint: &WebhookEndpoint,
    since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<WebhookDeliveryId>> {
    let missed = missed(db, endpoint, since, limit).await?;
    let ids: Vec<Uuid> = missed.iter().map(|_| WebhookDeliveryId::new().0).collect();
    let events: Vec<Uuid> = missed.iter().map(|event| event.id).collect();
    let kinds: Vec<&str> = missed.iter().map(|event| &*event.kind).collect();
    let times: Vec<_> = missed.iter().map(|event| event.at.0).collect();
    let payloads: Vec<&Value> = missed.iter().map(|event| &event.payload).collect();
    let new = sqlx::query_scalar!(
        "insert into webhook_deliveries (id, event_id, event_type, event_at, payload, endpoint_id, next_attempt_at,
                                         created_at, updated_at)
         select m.*, $6, $7, $7, $7
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::jsonb[]) m
         on conflict (endpoint_id, event_id) do nothing
         returning id",
        &ids,
        &events,
        &kinds as &[&str],
        &times,
        &payloads as &[&Value],
        endpoint.id.0,
        now.0,
    )
    .fetch_all(db)
    .await?;
    Ok(new.into_iter().map(WebhookDeliveryId).collect())
}

/// Whether anything since then is given up or was missed.
pub async fn untaken_since(db: &mut PgConnection, endpoint: &WebhookEndpoint, since: Timestamp) -> Result<bool> {
    let failed = sqlx::query_scalar!(
        r#"select exists (select 1 from webhook_deliveries
                          where endpoint_id = $1 and status = 'failed' and created_at >= $2) as "failed!""#,
        endpoint.id.0,
        since.0,
    )
    .fetch_one(&mut *db)
    .await?;
    Ok(failed || !missed(db, endpoint, since, 1).await?.is_empty())
}

/// Deletes what was delivered or given up and was made before, with its attempts.
pub async fn deliveries_sweep(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from webhook_deliveries where id in (
             select id from webhook_deliveries where status <> 'pending' and created_at < $1
             order by created_at limit $2)",
        before.0,
        limit,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Deletes messages to deleted endpoints, with their attempts.
pub async fn deliveries_sweep_deleted(db: &mut PgConnection, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from webhook_deliveries where id in (
             select d.id from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
             where e.deleted_at is not null limit $1)",
        limit,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
