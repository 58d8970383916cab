//! Work to be done after a transaction has committed: rows queued in it, run by workers
//! (see [`crate::ops::worker`]).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;

use super::clock::new_uuid;
use super::error::Result;
use super::timestamp::Timestamp;

/// A kind of job: its payload is the type itself.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Dotted name, such as `mail.send`.
    const TYPE: &'static str;
    /// The queue it stands in.
    const QUEUE: &'static str = "default";
    /// How often it is tried before it is dead.
    const ATTEMPTS: i32 = 8;
}

/// A job waiting for its transaction to end.
pub struct Pending {
    kind: &'static str,
    queue: &'static str,
    attempts: i32,
    payload: Value,
    dedupe_key: Option<String>,
    run_at: Option<Timestamp>,
}

impl Pending {
    /// From a typed job.
    pub fn new<J: Job>(job: &J) -> Self {
        Self {
            kind: J::TYPE,
            queue: J::QUEUE,
            attempts: J::ATTEMPTS,
            payload: serde_json::to_value(job).unwrap_or(Value::Null),
            dedupe_key: None,
            run_at: None,
        }
    }
    /// While a live job of this type has the same key, this one is not queued.
    pub fn dedupe(&mut self, key: impl Into<String>) -> &mut Self {
        self.dedupe_key = Some(key.into());
        self
    }
    /// Not before this time.
    pub fn run_at(&mut self, at: Timestamp) -> &mut Self {
        self.run_at = Some(at);
        self
    }
}

/// Queues one job.
pub async fn insert(db: &mut PgConnection, request_id: &str, now: Timestamp, job: &Pending) -> Result<()> {
    sqlx::query!(
        "insert into job_runs (id, queue_name, job_type, payload, dedupe_key, max_attempts, run_at, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (job_type, dedupe_key) where status in ('queued', 'running', 'retry') do nothing",
        new_uuid(),
        job.queue,
        job.kind,
        job.payload,
        job.dedupe_key,
        job.attempts,
        job.run_at.unwrap_or(now).0,
        request_id,
    )
    .execute(db)
    .await?;
    Ok(())
}
