//! `Idempotency-Key`: the same key and input give the first answer again, for 24 hours.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::Duration;

use super::crypto::sha256;
use super::error::{Result, idempotency_in_progress, idempotency_mismatch, invalid_input};
use super::registry::OperationMeta;
use super::timestamp::Timestamp;

/// Hash of an operation's arguments.
pub fn input_hash(arguments: &impl Serialize) -> [u8; 32] {
    sha256(&[&serde_json::to_vec(arguments).unwrap_or_default()])
}

/// Takes the key for this transaction; answers what the first request answered, if it did.
pub async fn begin(
    db: &mut PgConnection,
    caller: &str,
    operation: &OperationMeta,
    key: &str,
    hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Value>> {
    if key.is_empty() || key.len() > 200 {
        return Err(invalid_input().field("Idempotency-Key", "must have 1 to 200 characters"));
    }
    let lock = sha256(&[caller.as_bytes(), operation.id.as_bytes(), key.as_bytes()]);
    let lock = i64::from_be_bytes(lock[..8].try_into().expect("eight bytes"));
    let free =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "free!""#, lock).fetch_one(&mut *db).await?;
    if !free {
        return Err(idempotency_in_progress().retry_after(1));
    }
    let stored = sqlx::query!(
        "select input_hash, answer from idempotency_keys
         where caller = $1 and operation = $2 and key = $3 and expires_at > $4",
        caller,
        operation.id,
        key,
        now.0,
    )
    .fetch_optional(db)
    .await?;
    match stored {
        None => Ok(None),
        Some(row) if row.input_hash != hash => Err(idempotency_mismatch()),
        Some(row) => Ok(Some(row.answer.unwrap_or(Value::Null))),
    }
}

/// Keeps the answer, in the operation's own transaction.
pub async fn finish(
    db: &mut PgConnection,
    caller: &str,
    operation: &OperationMeta,
    key: &str,
    hash: &[u8; 32],
    answer: &Value,
    now: Timestamp,
) -> Result<()> {
    let expires = now.0 + Duration::hours(24);
    sqlx::query!(
        "insert into idempotency_keys (caller, operation, key, input_hash, status, answer, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (caller, operation, key) do update
         set input_hash = excluded.input_hash, status = excluded.status, answer = excluded.answer,
             expires_at = excluded.expires_at",
        caller,
        operation.id,
        key,
        hash,
        i32::from(operation.status),
        answer,
        expires,
    )
    .execute(db)
    .await?;
    Ok(())
}
