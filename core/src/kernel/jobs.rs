//! Work to be done after a transaction has committed: rows queued in it, run by workers
//! (`core/src/ops/worker.rs`).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::clock::new_uuid;
use super::error::Result;
use super::queues::Queue;
use super::timestamp::Timestamp;

/// A kind of job: its payload is the type itself.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Dotted name, such as `mail.send`.
    const TYPE: &'static str;
    /// The queue it waits in, unless one job says otherwise.
    const QUEUE: Queue = Queue::Bulk;
    /// How often it is tried before it is dead.
    const ATTEMPTS: i32 = 8;
}

/// What is kept of a message that a job sends: its row of `notification_queue`, which is written with the job and goes
/// where the job goes.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The row. One that is there already passes to this job.
    pub id: Uuid,
    /// The notification it brings, if it brings one.
    pub notification: Option<Uuid>,
    /// The way it goes, such as `email`.
    pub channel: &'static str,
    /// The type, such as `tickets_issued`.
    pub kind: String,
    /// Enough of the address to know it again.
    pub recipient: String,
    /// What the address is found by.
    pub recipient_hash: [u8; 32],
    /// Why it is not sent at once.
    pub reason: Option<&'static str>,
}

/// A job waiting for its transaction to end.
#[derive(Clone, Debug)]
pub struct Pending {
    kind: &'static str,
    queue: Queue,
    lane: String,
    attempts: i32,
    payload: Value,
    dedupe_key: Option<String>,
    run_at: Option<Timestamp>,
    message: Option<Envelope>,
}

impl Pending {
    /// From a typed job.
    pub fn new<J: Job>(job: &J) -> Self {
        Self {
            kind: J::TYPE,
            queue: J::QUEUE,
            lane: String::new(),
            attempts: J::ATTEMPTS,
            payload: serde_json::to_value(job).unwrap_or(Value::Null),
            dedupe_key: None,
            run_at: None,
            message: None,
        }
    }
    /// It sends a message, of which this is kept.
    pub fn message(&mut self, envelope: Envelope) -> &mut Self {
        self.message = Some(envelope);
        self
    }
    /// The message it sends waits in this row already, which passes to it.
    pub fn continues(&mut self, row: Uuid) -> &mut Self {
        if let Some(message) = &mut self.message {
            message.id = row;
        }
        self
    }
    /// Waits in another queue than others of its kind.
    pub fn queue(&mut self, queue: Queue) -> &mut Self {
        self.queue = queue;
        self
    }
    /// Only a few jobs of one lane run side by side, where the queue has such a limit.
    pub fn lane(&mut self, lane: impl Into<String>) -> &mut Self {
        self.lane = lane.into();
        self
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
    insert_all(db, request_id, now, std::slice::from_ref(job)).await
}

/// Rows of one statement: a payload may be long, and a statement is held in memory.
const PORTION: usize = 1_000;

/// Queues any number of jobs, a thousand with each statement.
pub async fn insert_all(db: &mut PgConnection, request_id: &str, now: Timestamp, jobs: &[Pending]) -> Result<()> {
    for jobs in jobs.chunks(PORTION) {
        let ids: Vec<_> = jobs.iter().map(|_| new_uuid()).collect();
        let queues: Vec<&str> = jobs.iter().map(|job| job.queue.as_str()).collect();
        let lanes: Vec<&str> = jobs.iter().map(|job| &*job.lane).collect();
        let kinds: Vec<&str> = jobs.iter().map(|job| job.kind).collect();
        let payloads: Vec<&Value> = jobs.iter().map(|job| &job.payload).collect();
        let keys: Vec<Option<&str>> = jobs.iter().map(|job| job.dedupe_key.as_deref()).collect();
        let attempts: Vec<i32> = jobs.iter().map(|job| job.attempts).collect();
        let times: Vec<_> = jobs.iter().map(|job| job.run_at.unwrap_or(now).0).collect();
        sqlx::query!(
            "insert into job_runs (id, queue_name, lane, job_type, payload, dedupe_key, max_attempts, run_at, request_id)
             select j.*, $9 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::int[],
                                        $8::timestamptz[]) j
             on conflict (job_type, dedupe_key) where status in ('queued', 'running', 'retry') do nothing",
            &ids,
            &queues as &[&str],
            &lanes as &[&str],
            &kinds as &[&str],
            &payloads as &[&Value],
            &keys as &[Option<&str>],
            &attempts,
            &times,
            request_id,
        )
        .execute(&mut *db)
        .await?;
        keep_messages(db, &ids, jobs, now).await?;
    }
    Ok(())
}

/// The rows of messages that these jobs send; a job that was not queued because another has its key leaves none.
async fn keep_messages(db: &mut PgConnection, ids: &[Uuid], jobs: &[Pending], now: Timestamp) -> Result<()> {
    let with_messages = ids.iter().zip(jobs).filter_map(|(id, job)| Some((*id, job.message.as_ref()?)));
    let (jobs, messages): (Vec<Uuid>, Vec<&Envelope>) = with_messages.unzip();
    if messages.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = messages.iter().map(|one| one.id).collect();
    let notifications: Vec<Option<Uuid>> = messages.iter().map(|one| one.notification).collect();
    let channels: Vec<&str> = messages.iter().map(|one| one.channel).collect();
    let kinds: Vec<&str> = messages.iter().map(|one| &*one.kind).collect();
    let recipients: Vec<&str> = messages.iter().map(|one| &*one.recipient).collect();
    let hashes: Vec<&[u8]> = messages.iter().map(|one| one.recipient_hash.as_slice()).collect();
    let reasons: Vec<Option<&str>> = messages.iter().map(|one| one.reason).collect();
    sqlx::query!(
        "insert into notification_queue (id, notification_id, job_id, channel, kind, recipient, recipient_hash, status,
                                         reason, not_before, created_at)
         select m.id, m.notification, j.id, m.channel, m.kind, m.recipient, m.hash, 'queued', m.reason, j.run_at, $9
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[])
                  m (job, id, notification, channel, kind, recipient, hash, reason)
         join job_runs j on j.id = m.job
         on conflict (id) do update
         set job_id = excluded.job_id, recipient = excluded.recipient, recipient_hash = excluded.recipient_hash,
             kind = excluded.kind, status = 'queued', reason = null, not_before = excluded.not_before",
        &jobs,
        &ids,
        &notifications as &[Option<Uuid>],
        &channels as &[&str],
        &kinds as &[&str],
        &recipients as &[&str],
        &hashes as &[&[u8]],
        &reasons as &[Option<&str>],
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
