//! All SQL of ops. Leases are measured with the database's clock, which all workers share; `run_at`
//! with ours, which tests can move.

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use super::{JobDetail, JobFilter, JobId, JobRun, JobStatus, QueueRow};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;

mod sweeps;
mod work;

pub use sweeps::*;
pub use work::*;

paged!(JobFilter);

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
    // Ids are in the order of time.
    let keyset = filter.keyset(db.cx(), ("j.id", "uuid", true))?;
    let mut query = QueryBuilder::<Postgres>::new(JOB);
    if let Some(status) = filter.status {
        query.push(" and j.status = ").push_bind(status);
    }
    if let Some(kind) = &filter.job_type {
        query.push(" and j.job_type = ").push_bind(kind.as_str());
    }
    keyset.rows(db, query, "j.id").await?.page_by(job, |job| (job.id.0, job.id.0))
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

/// Status and attempts of a job; none if it was swept away.
pub async fn job_state(db: &mut PgConnection, id: JobId) -> Result<Option<(JobStatus, i32)>> {
    let row = sqlx::query!(r#"select status as "status: JobStatus", attempts from job_runs where id = $1"#, id.0)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|row| (row.status, row.attempts)))
}

/// How many jobs failed for good.
pub async fn jobs_failed(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from job_runs where status = 'dead'"#).fetch_one(db).await?)
}

/// The job, locked, or 404.
pub async fn job_lock(db: &mut PgConnection, id: JobId) -> Result<JobRun> {
    let mut query = QueryBuilder::<Postgres>::new(JOB);
    query.push(" and j.id = ").push_bind(id).push(" for no key update");
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
pub async fn job_history(db: &mut PgConnection, now: Timestamp, hours: i32, ahead: i32) -> Result<Vec<HourOfJobs>> {
    Ok(sqlx::query_as!(
        HourOfJobs,
        r#"with clock as materialized (
               select o.origin, date_bin('1 hour', $1::timestamptz, o.origin) as last
               from (select timestamptz 'epoch' - make_interval(mins => $3) as origin) o),
           hours as (
               select h as hour
               from clock, generate_series(last - make_interval(hours => $2 - 1), last, interval '1 hour') h),
           ended as (
               select date_bin('1 hour', coalesce(finished_at, started_at), origin) as hour, attempts, status
               from job_runs, clock
               where attempts > 0 and coalesce(finished_at, started_at)
                   >= date_bin('1 hour', $1::timestamptz, timestamptz 'epoch' - make_interval(mins => $3))
                      - make_interval(hours => $2 - 1))
           select h.hour as "hour!",
                  count(e) filter (where e.status = 'done') as "done!",
                  coalesce(sum(case when e.status in ('done', 'dead', 'running') then e.attempts - 1 else e.attempts end),
                           0) as "failed!",
                  count(e) filter (where e.status = 'dead') as "dead!"
           from hours h left join ended e on e.hour = h.hour
           group by h.hour order by h.hour"#,
        now.0,
        hours,
        ahead,
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
        status.as_str(),
        now.0,
    )
    .execute(&mut *db)
    .await?;
    job_lock(db, id).await
}

/// Ends it without running it.
pub async fn job_end(db: &mut PgConnection, id: JobId, status: JobStatus, now: Timestamp) -> Result<JobRun> {
    sqlx::query!("update job_runs set status = $2, finished_at = $3 where id = $1", id.0, status.as_str(), now.0)
        .execute(&mut *db)
        .await?;
    job_lock(db, id).await
}

/// How each queue stands. `waiting` is due; the lag is that of the job that has been due longest.
pub async fn queue_figures(db: &mut PgConnection, now: Timestamp) -> Result<Vec<QueueRow>> {
    let words: Vec<&str> = Queue::ALL.iter().map(|queue| queue.as_str()).collect();
    let rows = sqlx::query!(
        r#"select w.waiting as "waiting!", w.later as "later!", w.oldest as "oldest?",
                  r.running as "running!", d.dead as "dead!"
           from unnest($1::text[]) with ordinality as q (word, place)
           cross join lateral (
               select count(*) filter (where run_at <= $2) as waiting, count(*) filter (where run_at > $2) as later,
                      min(run_at) filter (where run_at <= $2) as oldest
               from job_runs where status in ('queued', 'retry') and queue_name = q.word) w
           cross join lateral (
               select count(*) as running from job_runs where status = 'running' and queue_name = q.word) r
           cross join lateral (
               select count(*) as dead from job_runs where status = 'dead' and queue_name = q.word) d
           order by q.place"#,
        &words as &[&str],
        now.0,
    )
    .fetch_all(db)
    .await?;
    let figures = Queue::ALL.into_iter().zip(rows).map(|(queue, row)| QueueRow {
        queue,
        slots: i64::try_from(queue.slots()).unwrap_or_default(),
        running: row.running,
        waiting: row.waiting,
        later: row.later,
        lag_seconds: row.oldest.map(|at| (now.0 - at).whole_seconds().max(0)),
        dead: row.dead,
    });
    Ok(figures.collect())
}

/// Jobs that are due and that no process of this version can run.
pub async fn unknown_waiting(db: &mut PgConnection, kinds: &[&str], now: Timestamp) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from job_runs
           where status in ('queued', 'retry') and run_at <= $2 and job_type <> all($1)"#,
        kinds as &[&str],
        now.0,
    )
    .fetch_one(db)
    .await?)
}
