//! The operations of ops.

use operation::operation;

use super::{JobDetail, JobFilter, JobHistoryQuery, JobId, JobRun, QueueFigures};
use crate::kernel::chart::Chart;
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use super::{JobStep, handlers::JobHandler, history, sql};
#[cfg(feature = "ssr")]
use crate::kernel::{
    context::{Db, Reader, Tx},
    text::mask_within,
};

/// List jobs
///
/// Newest first.
#[operation(GET "/ops/jobs", staff = JobsManage)]
pub async fn job_list(db: &mut Reader, query: JobFilter) -> Result<Page<JobRun>> {
    sql::job_list(db, &query).await
}

/// Get the outcomes of job attempts over the last 48 hours
///
/// A job counts in the hour it ended, or else in the hour its last attempt started. Earlier attempts count as failures
/// in their own hour. A retried job starts from zero.
#[operation(GET "/ops/jobs/history", staff = JobsManage, stale_ok)]
pub async fn job_history(db: &mut Reader, query: JobHistoryQuery) -> Result<Chart> {
    let (now, ahead) = (db.now, query.utc_offset_minutes);
    let minutes = i32::from(ahead.unwrap_or_default());
    Ok(history::chart(&sql::job_history(db.conn(), now, history::HOURS, minutes).await?, ahead))
}

/// Get the status of each job queue
///
/// What is waiting, for how long, and what is running. Each queue has its own slots in every process, so queues never
/// wait for each other.
#[operation(GET "/ops/jobs/queues", staff = JobsManage)]
pub async fn job_queues(db: &mut Reader) -> Result<QueueFigures> {
    let now = db.now;
    let queues = sql::queue_figures(db.conn(), now).await?;
    let unknown = sql::unknown_waiting(db.conn(), &JobHandler::kinds(), now).await?;
    Ok(QueueFigures { queues, unknown })
}

/// Get a job with its input
///
/// Email addresses and phone numbers in it are masked.
#[operation(GET "/ops/jobs/{id}", staff = JobsManage)]
pub async fn job_get(db: &mut Reader, id: JobId) -> Result<JobDetail> {
    let mut found = sql::job_find(db.conn(), id).await?;
    mask_within(&mut found.payload);
    Ok(found)
}

/// Retry a failed or cancelled job
///
/// The job gets its full number of attempts again.
#[operation(POST "/ops/jobs/{id}/redrive", staff = JobsManage, errors(invalid_transition))]
pub async fn job_redrive(tx: &mut Tx, id: JobId) -> Result<JobRun> {
    let (before, after) = redrive(tx, id).await?;
    tx.audit("job.redriven", &before, &after);
    Ok(after)
}

/// Queues a failed or cancelled job again, for whoever shows its work under a name of its own: as it was, and as it is.
#[cfg(feature = "ssr")]
pub(crate) async fn redrive(tx: &mut Tx, id: JobId) -> Result<(JobRun, JobRun)> {
    let before = sql::job_lock(tx.conn(), id).await?;
    let (status, now) = (before.status.next(JobStep::Redrive)?, tx.now);
    let after = sql::job_requeue(tx.conn(), id, status, now).await?;
    Ok((before, after))
}

/// Cancel a job that is queued or waiting to be retried
#[operation(POST "/ops/jobs/{id}/cancel", staff = JobsManage, errors(invalid_transition))]
pub async fn job_cancel(tx: &mut Tx, id: JobId) -> Result<JobRun> {
    let before = sql::job_lock(tx.conn(), id).await?;
    let status = before.status.next(JobStep::Cancel)?;
    let now = tx.now;
    let after = sql::job_end(tx.conn(), id, status, now).await?;
    tx.audit("job.cancelled", &before, &after);
    Ok(after)
}
