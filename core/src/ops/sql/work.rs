use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::jobs::Pending;
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::ops::JobStatus;

/// One turn of a job at one worker. Whoever comes late, after the lease was lost, changes nothing by it.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: Uuid,
    pub attempt: i32,
    pub worker: String,
}

/// A job a worker has taken.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: Uuid,
    pub queue_name: String,
    pub job_type: String,
    pub payload: Value,
    pub attempts: i32,
    pub max_attempts: i32,
    pub request_id: Option<String>,
}

/// What a process has room for in a queue.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub queue: Queue,
    pub slots: i64,
}

/// Held to the end of the transaction by whoever fills lanes: what runs in them is counted first. False when
/// another process is at it.
pub async fn lanes_lock(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "locked!""#, AdvisoryLock::Lanes.key())
        .fetch_one(db)
        .await?)
}

/// Takes what is due of these kinds: from each queue as many as there is room for, from each lane as many as its
/// limit leaves, the longest due first. The lanes of a queue are found by leaping from one to the next in the
/// index, so that ten thousand jobs of one lane hide none of another.
pub async fn job_claim(
    db: &mut PgConnection,
    worker: &str,
    now: Timestamp,
    rooms: &[Room],
    kinds: &[&str],
) -> Result<Vec<Claimed>> {
    let queues: Vec<&str> = rooms.iter().map(|room| room.queue.as_str()).collect();
    let slots: Vec<i64> = rooms.iter().map(|room| room.slots).collect();
    let limits: Vec<Option<i64>> = rooms.iter().map(|room| room.queue.lane_limit()).collect();
    Ok(sqlx::query_as!(
        Claimed,
        "with recursive rooms as materialized (
             select * from unnest($3::text[], $4::bigint[], $5::bigint[]) as r (queue, slots, lane_limit)),
         lanes as (
             select r.queue, (select min(j.lane) from job_runs j
                              where j.status in ('queued', 'retry') and j.queue_name = r.queue) as lane
             from rooms r
             union all
             select l.queue, (select min(j.lane) from job_runs j
                              where j.status in ('queued', 'retry') and j.queue_name = l.queue and j.lane > l.lane)
             from lanes l where l.lane is not null),
         due as materialized (
             select d.id, r.slots, row_number() over (partition by r.queue order by d.run_at, d.id) as place
             from lanes l join rooms r on r.queue = l.queue
             cross join lateral (
                 select j.id, j.run_at from job_runs j
                 where j.status in ('queued', 'retry') and j.queue_name = l.queue and j.lane = l.lane
                       and j.run_at <= $2 and j.job_type = any($6)
                 order by j.run_at, j.id
                 limit case when r.lane_limit is null then r.slots else greatest(0, least(r.slots,
                     r.lane_limit - (select count(*) from job_runs o
                                     where o.status = 'running' and o.queue_name = l.queue and o.lane = l.lane))) end
                 for update of j skip locked) d
             where l.lane is not null)
         update job_runs j set status = 'running', attempts = j.attempts + 1, leased_by = $1,
                leased_until = clock_timestamp() + interval '60 seconds', started_at = $2, finished_at = null
         from due where j.id = due.id and due.place <= due.slots
         returning j.id, j.queue_name, j.job_type, j.payload, j.attempts, j.max_attempts, j.request_id",
        worker,
        now.0,
        &queues as &[&str],
        &slots,
        &limits as &[Option<i64>],
        kinds as &[&str],
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
pub async fn job_renew(db: &mut PgConnection, claim: &Claim) -> Result<bool> {
    let done = sqlx::query!(
        "update job_runs set leased_until = clock_timestamp() + interval '60 seconds'
         where id = $1 and attempts = $2 and leased_by = $3 and status = 'running'",
        claim.id,
        claim.attempt,
        claim.worker,
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
pub async fn job_finish(db: &mut PgConnection, claim: &Claim, ended: &Ended<'_>, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "update job_runs
         set status = $4, last_error = coalesce($5, last_error), run_at = coalesce($6, run_at),
             attempts = attempts - $7, finished_at = case when $4 in ('done', 'dead') then $8::timestamptz end,
             leased_by = null, leased_until = null
         where id = $1 and attempts = $2 and leased_by = $3 and status = 'running'",
        claim.id,
        claim.attempt,
        claim.worker,
        ended.status.as_str(),
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
