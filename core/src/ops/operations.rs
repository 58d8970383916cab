//! The operations of ops.

use operation::operation;

use super::{JobDetail, JobFilter, JobId, JobRun, QueueFigures};
use crate::kernel::chart::Chart;
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use super::{JobStep, handlers::JobHandler, history, sql};
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader, Tx};

/// List jobs, newest first.
#[operation(GET "/ops/jobs", staff = JobsManage)]
pub async fn job_list(db: &mut Reader, query: JobFilter) -> Result<Page<JobRun>> {
    sql::job_list(db, &query).await
}

/// Chart how the attempts of the last 48 hours ended
///
/// A job counts in the hour it ended, else in the hour it was last begun; its earlier attempts failed
/// and count there too. A redriven job starts over.
#[operation(GET "/ops/jobs/history", staff = JobsManage, stale_ok)]
pub async fn job_history(db: &mut Reader) -> Result<Chart> {
    let now = db.now;
    Ok(history::chart(&sql::job_history(db.conn(), now, history::HOURS).await?))
}

/// Show how each queue stands: what waits, for how long, and what runs
///
/// Each queue has slots of its own in every process, so that no queue waits for another.
#[operation(GET "/ops/jobs/queues", staff = JobsManage)]
pub async fn job_queues(db: &mut Reader) -> Result<QueueFigures> {
    let now = db.now;
    let queues = sql::queue_figures(db.conn(), now).await?;
    let unknown = sql::unknown_waiting(db.conn(), &JobHandler::kinds(), now).await?;
    Ok(QueueFigures { queues, unknown })
}

/// Show one job with what it was told to do.
#[operation(GET "/ops/jobs/{id}", staff = JobsManage)]
pub async fn job_get(db: &mut Reader, id: JobId) -> Result<JobDetail> {
    sql::job_find(db.conn(), id).await
}

/// Queue a dead or cancelled job again, with all its attempts.
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

/// Cancel a job that has not begun or waits to be tried again.
#[operation(POST "/ops/jobs/{id}/cancel", staff = JobsManage, errors(invalid_transition))]
pub async fn job_cancel(tx: &mut Tx, id: JobId) -> Result<JobRun> {
    let before = sql::job_lock(tx.conn(), id).await?;
    let status = before.status.next(JobStep::Cancel)?;
    let now = tx.now;
    let after = sql::job_end(tx.conn(), id, status, now).await?;
    tx.audit("job.cancelled", &before, &after);
    Ok(after)
}
