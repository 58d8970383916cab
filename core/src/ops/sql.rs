//! All SQL of ops. Leases are measured with the database's clock, which all workers share; `run_at`
//! with ours, which tests can move.

use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{JobDetail, JobFilter, JobId, JobRun, JobStatus};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::jobs::Pending;
use crate::kernel::page::{Keyset, Page};
use crate::kernel::timestamp::Timestamp;

inventory::submit!(operation::Constraint {
    name: "job_runs_dedupe",
    field: "dedupe_key",
    code: "already_exists",
    message: "A newer job with the same key is waiting or running.",
});

const JOB: &str = "select j.id, j.queue_name, j.job_type, j.status, j.attempts, j.max_attempts, j.run_at,
    j.last_error, j.request_id, j.started_at, j.finished_at, j.created_at from job_runs j where true";

fn job(row: &sqlx::postgres::PgRow) -> sqlx::Result<JobRun> {
    Ok(JobRun {
        id: row.try_get("id")?,
        queue_name: row.try_get("queue_name")?,
        job_type: row.try_get("job_type")?,
        status: row.try_get("status")?,
        attempts: row.try_get("attempts")?,
        max_attempts: row.try_get("max_attempts")?,
        run_at: row.try_get("run_at")?,
        last_error: row.try_get("last_error")?,
        request_id: row.try_get("request_id")?,
        started_at: row.try_get("started_at")?,
        finished_at: row.try_get("finished_at")?,
        created_at: row.try_get("created_at")?,
    })
}

pub async fn job_list(db: &mut impl Db, filter: &JobFilter) -> Result<Page<JobRun>> {
    let bound = JobFilter { cursor: None, limit: None, ..filter.clone() };
    // Ids are in the order of time.
    let keyset = Keyset::new(db.cx(), "j.id", "uuid", true, &bound, filter.cursor.as_deref(), filter.limit)?;
    let mut query = QueryBuilder::<Postgres>::new(JOB);
    if let Some(status) = filter.status {
        query.push(" and j.status = ").push_bind(status);
    }
    if let Some(kind) = &filter.job_type {
        query.push(" and j.job_type = ").push_bind(kind.as_str());
    }
    keyset.finish(&mut query, "j.id");
    let mut rows = Vec::new();
    for row in query.build().fetch_all(db.conn()).await? {
        let job = job(&row)?;
        let id = job.id.0;
        rows.push((job, id.to_string(), id));
    }
    Ok(keyset.page(rows))
}

pub async fn job_find(db: &mut PgConnection, id: JobId) -> Result<JobDetail> {
    let mut query = QueryBuilder::<Postgres>::new("select j.*, j.leased_until as lease from job_runs j where j.id = ");
    query.push_bind(id);
    let row = query.build().fetch_one(db).await?;
    Ok(JobDetail {
        job: job(&row)?,
        payload: row.try_get("payload")?,
        dedupe_key: row.try_get("dedupe_key")?,
        leased_by: row.try_get("leased_by")?,
        leased_until: row.try_get("lease")?,
    })
}

/// The job, locked, or 404.
pub async fn job_lock(db: &mut PgConnection, id: JobId) -> Result<JobRun> {
    let mut query = QueryBuilder::<Postgres>::new(JOB);
    query.push(" and j.id = ").push_bind(id).push(" for update");
    Ok(job(&query.build().fetch_one(db).await?)?)
}

/// How attempts ended within an hour.
pub struct HourOfJobs {
    /// When the hour began.
    pub hour: Timestamp,
    /// Attempts that succeeded.
    pub done: i64,
    /// Attempts that failed with more to come.
    pub failed: i64,
    /// Attempts that failed for good.
    pub dead: i64,
}

/// How the attempts of so many hours ended, this hour the last; hours without any are there too.
pub async fn job_history(db: &mut PgConnection, now: Timestamp, hours: i32) -> Result<Vec<HourOfJobs>> {
    Ok(sqlx::query_as!(
        HourOfJobs,
        r#"with hours as (
               select h as hour
               from generate_series(date_trunc('hour', $1::timestamptz, 'UTC') - make_interval(hours => $2 - 1),
                                    date_trunc('hour', $1::timestamptz, 'UTC'), interval '1 hour') h),
           ended as (
               select date_trunc('hour', coalesce(finished_at, started_at), 'UTC') as hour, attempts, status
               from job_runs
               where attempts > 0 and coalesce(finished_at, started_at)
                   >= date_trunc('hour', $1::timestamptz, 'UTC') - make_interval(hours => $2 - 1))
           select h.hour as "hour!",
                  count(e) filter (where e.status = 'done') as "done!",
                  coalesce(sum(case when e.status in ('done', 'dead', 'running') then e.attempts - 1 else e.attempts end),
                           0) as "failed!",
                  count(e) filter (where e.status = 'dead') as "dead!"
           from hours h left join ended e on e.hour = h.hour
           group by h.hour order by h.hour"#,
        now.0,
        hours,
    )
    .fetch_all(db)
    .await?)
}

/// Queues it again with all its attempts.
pub async fn job_requeue(db: &mut PgConnection, id: JobId, status: JobStatus, now: Timestamp) -> Result<JobRun> {
    sqlx::query!(
        "update job_runs set status = $2, attempts = 0, run_at = $3, finished_at = null, leased_by = null,
                leased_until = null
         where id = $1",
        id.0,
        status.word(),
        now.0,
    )
    .execute(&mut *db)
    .await?;
    job_lock(db, id).await
}

/// Ends it without running it.
pub async fn job_end(db: &mut PgConnection, id: JobId, status: JobStatus, now: Timestamp) -> Result<JobRun> {
    sqlx::query!("update job_runs set status = $2, finished_at = $3 where id = $1", id.0, status.word(), now.0)
        .execute(&mut *db)
        .await?;
    job_lock(db, id).await
}

/// A job a worker has taken. Id and attempt together name this turn: whoever comes late, after
/// the lease was lost, changes nothing.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: Uuid,
    pub job_type: String,
    pub payload: Value,
    pub attempts: i32,
    pub max_attempts: i32,
    pub request_id: Option<String>,
}

pub async fn job_claim(db: &mut PgConnection, worker: &str, now: Timestamp, limit: i64) -> Result<Vec<Claimed>> {
    Ok(sqlx::query_as!(
        Claimed,
        "with due as (
             select id from job_runs where status in ('queued', 'retry') and run_at <= $2
             order by run_at, id limit $3 for update skip locked)
         update job_runs j set status = 'running', attempts = j.attempts + 1, leased_by = $1,
                leased_until = clock_timestamp() + interval '60 seconds', started_at = $2, finished_at = null
         from due where j.id = due.id
         returning j.id, j.job_type, j.payload, j.attempts, j.max_attempts, j.request_id",
        worker,
        now.0,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Frees jobs whose worker is gone; the attempt counts.
pub async fn job_reclaim(db: &mut PgConnection, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "with lost as (
             select id from job_runs where status = 'running' and leased_until < clock_timestamp()
             limit 500 for update skip locked)
         update job_runs j
         set status = case when j.attempts >= j.max_attempts then 'dead' else 'retry' end,
             finished_at = case when j.attempts >= j.max_attempts then $1::timestamptz end,
             run_at = $1, last_error = 'The worker ' || coalesce(j.leased_by, '') || ' vanished while running it.',
             leased_by = null, leased_until = null
         from lost where j.id = lost.id",
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Prolongs the lease; false when it was lost.
pub async fn job_renew(db: &mut PgConnection, claimed: &Claimed, worker: &str) -> Result<bool> {
    let done = sqlx::query!(
        "update job_runs set leased_until = clock_timestamp() + interval '60 seconds'
         where id = $1 and attempts = $2 and leased_by = $3 and status = 'running'",
        claimed.id,
        claimed.attempts,
        worker,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How a turn ended.
pub struct Ended<'a> {
    pub status: JobStatus,
    pub error: Option<&'a str>,
    /// When it may be tried again.
    pub run_at: Option<Timestamp>,
    /// The attempt does not count.
    pub given_back: bool,
}

/// Notes how a turn ended; false when the lease was lost and somebody else has the job.
pub async fn job_finish(
    db: &mut PgConnection,
    claimed: &Claimed,
    worker: &str,
    ended: &Ended<'_>,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update job_runs
         set status = $4, last_error = coalesce($5, last_error), run_at = coalesce($6, run_at),
             attempts = attempts - $7, finished_at = case when $4 in ('done', 'dead') then $8::timestamptz end,
             leased_by = null, leased_until = null
         where id = $1 and attempts = $2 and leased_by = $3 and status = 'running'",
        claimed.id,
        claimed.attempts,
        worker,
        ended.status.word(),
        ended.error,
        ended.run_at.map(|at| at.0),
        i32::from(ended.given_back),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Queues a periodic job unless its slot has been queued before, whatever became of it. The lock
/// makes look and insert one.
pub async fn periodic_enqueue(
    tx: &mut PgConnection,
    kind: &str,
    key: &str,
    now: Timestamp,
    job: &Pending,
) -> Result<bool> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key).execute(&mut *tx).await?;
    let queued = sqlx::query_scalar!(
        r#"select exists (select 1 from job_runs where job_type = $1 and dedupe_key = $2) as "queued!""#,
        kind,
        key,
    )
    .fetch_one(&mut *tx)
    .await?;
    if !queued {
        crate::kernel::jobs::insert(tx, "periodic", now, job).await?;
    }
    Ok(!queued)
}

/// Each sweep deletes at most so many rows in a statement.
const SWEEP: i64 = 5_000;

pub async fn rate_counters_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from rate_counters where ctid = any(array(
             select ctid from rate_counters where window_start < $1 limit $2))",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

pub async fn idempotency_keys_sweep(db: &mut PgConnection, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from idempotency_keys where ctid = any(array(
             select ctid from idempotency_keys where expires_at < $1 limit $2))",
        now.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

pub async fn auth_tokens_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from auth_tokens where id in (select id from auth_tokens where expires_at < $1 limit $2)",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

pub async fn sessions_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from admin_sessions where id in (
             select id from admin_sessions where expires_at < $1 order by expires_at limit $2)",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Jobs that succeeded before; of periodic ones, which are many, since two days ago.
pub async fn jobs_sweep(db: &mut PgConnection, before: Timestamp, periodic_before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from job_runs where id in (
             select id from job_runs
             where status = 'done'
                   and (finished_at < $1 or (finished_at < $2 and starts_with(dedupe_key, 'periodic:')))
             limit $3)",
        before.0,
        periodic_before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
