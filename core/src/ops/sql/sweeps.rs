use sqlx::PgConnection;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

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

/// Devices not seen since, unless a session still speaks of them or somebody shut them out.
pub async fn devices_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from admin_devices d
         where d.last_seen_at < $1 and d.id = any(array(
             select o.id from admin_devices o
             where o.last_seen_at < $1 and o.risk_state <> 'blocked'
                   and not exists (select 1 from admin_sessions s where s.device_id = o.id)
             order by o.last_seen_at limit $2))",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

pub async fn activity_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from user_activity_logs where id = any(array(
             select id from user_activity_logs where created_at < $1 order by created_at limit $2))",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Jobs that ended before, however they ended.
pub async fn jobs_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from job_runs where id = any(array(
             select id from job_runs
             where status in ('done', 'dead', 'cancelled') and coalesce(finished_at, created_at) < $1
             order by coalesce(finished_at, created_at) limit $2))",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Periodic jobs that succeeded before: they are many, and say little.
pub async fn periodic_jobs_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from job_runs where id = any(array(
             select id from job_runs
             where status = 'done' and starts_with(dedupe_key, 'periodic:') and finished_at < $1
             order by finished_at limit $2))",
        before.0,
        SWEEP,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
