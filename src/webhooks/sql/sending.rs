use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::webhooks::{EndpointStatus, WebhookDeliveryId, WebhookEndpointId};

/// Everything one attempt needs.
pub struct ToSend {
    pub endpoint_id: WebhookEndpointId,
    pub url: String,
    pub endpoint_status: EndpointStatus,
    pub secret_enc: Vec<u8>,
    pub old_secret_enc: Option<Vec<u8>>,
    pub old_secret_until: Option<Timestamp>,
    /// Those before the old one.
    pub older_secrets_enc: Vec<Vec<u8>>,
    pub older_secrets_until: Vec<Timestamp>,
    pub held_until: Option<Timestamp>,
    pub event_id: Uuid,
    pub event_type: String,
    pub event_at: Timestamp,
    pub payload: Value,
    pub round_attempts: i32,
}

/// A message that waits after so many attempts; `None` when this attempt was made already, the message
/// is done with, or gone.
pub async fn delivery_to_send(db: &mut PgConnection, id: WebhookDeliveryId, attempts: i32) -> Result<Option<ToSend>> {
    Ok(sqlx::query_as!(
        ToSend,
        r#"select d.endpoint_id as "endpoint_id: WebhookEndpointId", e.url, e.status as "endpoint_status: EndpointStatus",
                  e.secret_enc, e.old_secret_enc, e.old_secret_until as "old_secret_until: Timestamp",
                  e.older_secrets_enc, e.older_secrets_until as "older_secrets_until: Vec<Timestamp>",
                  e.held_until as "held_until: Timestamp", d.event_id, d.event_type, d.event_at as "event_at: Timestamp",
                  d.payload, d.round_attempts
           from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
           where d.id = $1 and d.attempts = $2 and d.status = 'pending'"#,
        id.0,
        attempts,
    )
    .fetch_optional(db)
    .await?)
}

/// What came of an attempt.
pub struct Attempt<'a> {
    pub delivery: WebhookDeliveryId,
    /// From 1.
    pub number: i32,
    pub at: Timestamp,
    pub status_code: Option<i32>,
    pub latency_ms: i32,
    pub response_body: Option<&'a str>,
    pub error: Option<&'a str>,
}

/// Where the message stands after it.
pub enum AfterAttempt {
    Delivered,
    /// Tried again then.
    Again(Timestamp),
    GivenUp,
}

/// Notes an attempt in the log; false when it was noted before, or the message is gone.
pub async fn attempt_note(
    db: &mut PgConnection,
    attempt: &Attempt<'_>,
    then: &AfterAttempt,
    now: Timestamp,
) -> Result<bool> {
    let (status, next) = match then {
        AfterAttempt::Delivered => ("delivered", None),
        AfterAttempt::Again(at) => ("pending", Some(at.0)),
        AfterAttempt::GivenUp => ("failed", None),
    };
    let done = sqlx::query!(
        "update webhook_deliveries
         set status = $3, attempts = $2, round_attempts = round_attempts + 1, next_attempt_at = $4,
             delivered_at = case when $3 = 'delivered' then $5::timestamptz end, last_status = $6, last_error = $7
         where id = $1 and attempts = $2 - 1 and status = 'pending'",
        attempt.delivery.0,
        attempt.number,
        status,
        next,
        now.0,
        attempt.status_code,
        attempt.error,
    )
    .execute(&mut *db)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "insert into webhook_attempts (delivery_id, number, status_code, latency_ms, response_body, error, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        attempt.delivery.0,
        attempt.number,
        attempt.status_code,
        attempt.latency_ms,
        attempt.response_body,
        attempt.error,
        attempt.at.0,
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// Gives a message up without another attempt.
pub async fn delivery_abandon(db: &mut PgConnection, id: WebhookDeliveryId, attempts: i32, why: &str) -> Result<()> {
    sqlx::query!(
        "update webhook_deliveries set status = 'failed', next_attempt_at = null, last_error = $3
         where id = $1 and attempts = $2 and status = 'pending'",
        id.0,
        attempts,
        why,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lets a message wait without an attempt; false when it waits no longer.
pub async fn delivery_postpone(
    db: &mut PgConnection,
    id: WebhookDeliveryId,
    attempts: i32,
    until: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update webhook_deliveries set next_attempt_at = $3 where id = $1 and attempts = $2 and status = 'pending'",
        id.0,
        attempts,
        until.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
