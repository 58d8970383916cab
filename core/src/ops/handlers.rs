//! Which code runs which job.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::BoxFuture;
use serde_json::Value;
use sqlx::PgConnection;

use super::sql::{self, Claim, Ended};
use super::{JobId, JobStatus};
use crate::kernel::app::App;
use crate::kernel::error::{Error, internal};
use crate::kernel::jobs::Job;
use crate::kernel::timestamp::Timestamp;

/// What a running job knows of itself.
#[derive(Clone, Debug)]
pub struct JobContext {
    /// The job; the same at every attempt, so a good key for what must not be done twice.
    pub id: JobId,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// The request that queued it.
    pub request_id: Option<String>,
    claim: Claim,
    noted: Arc<AtomicBool>,
}

impl JobContext {
    /// For a job that `worker` has taken.
    pub fn new(id: JobId, attempt: i32, request_id: Option<String>, worker: &str) -> Self {
        let claim = Claim { id: id.0, attempt, worker: worker.to_owned() };
        Self { id, attempt, request_id, claim, noted: Arc::default() }
    }

    /// Ends the job in the transaction of its work: both are there or neither, so a worker that is lost at any
    /// point neither repeats nor forks what it did. It fails where another worker has the job by now; then nothing
    /// of that transaction may be kept.
    pub async fn done(&self, db: &mut PgConnection, now: Timestamp) -> Result<(), Error> {
        let ended = Ended { status: JobStatus::Done, error: None, run_at: None, given_back: false };
        if !sql::job_finish(db, &self.claim, &ended, now).await? {
            return Err(internal().internal("the lease was lost: another worker has the job"));
        }
        self.noted.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The request that queued it, or a name for what nobody asked for.
    pub fn request(&self) -> String {
        self.request_id.clone().unwrap_or_else(|| format!("job-{}", self.id))
    }

    pub(super) fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Whether the job has noted its own end.
    pub(super) fn is_noted(&self) -> bool {
        self.noted.load(Ordering::Relaxed)
    }
}

/// How a job failed.
#[derive(Debug)]
pub enum Failure {
    /// Another attempt may succeed.
    Again(Error),
    /// It could not be tried at all, and not before this time: the attempt does not count.
    NotBefore(Timestamp, Error),
    /// No attempt ever will.
    Never(Error),
}
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Again(error)
    }
}
impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Again(error.into())
    }
}

/// A job that can be run. It may be begun more than once: a worker can die between the work and its
/// note. So the work bears repetition, or is one transaction that ends with [`JobContext::done`].
pub trait Run: Job {
    /// Does the work.
    fn run(self, app: Arc<App>, context: JobContext) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Reads a payload and does the work.
pub type RunJob = fn(Arc<App>, JobContext, Value) -> BoxFuture<'static, Result<(), Failure>>;

/// The code for one kind of job; `inventory::submit!(JobHandler::of::<MyJob>())`.
pub struct JobHandler {
    /// The kind.
    pub kind: &'static str,
    /// Reads the payload and runs it.
    pub run: RunJob,
}
inventory::collect!(JobHandler);

impl JobHandler {
    /// For a typed job.
    pub const fn of<J: Run>() -> Self {
        Self {
            kind: J::TYPE,
            run: |app, context, payload| {
                Box::pin(async move {
                    let job: J = serde_json::from_value(payload).map_err(|error| {
                        Failure::Never(internal().internal(format!("the payload cannot be read: {error}")))
                    })?;
                    job.run(app, context).await
                })
            },
        }
    }

    /// The code for this kind of job.
    pub fn find(kind: &str) -> Option<&'static JobHandler> {
        inventory::iter::<JobHandler>().find(|handler| handler.kind == kind)
    }

    /// Every kind this process can run.
    pub fn kinds() -> Vec<&'static str> {
        inventory::iter::<JobHandler>().map(|handler| handler.kind).collect()
    }
}
