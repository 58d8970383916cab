//! Which code runs which job.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use super::JobId;
use crate::kernel::app::App;
use crate::kernel::error::Error;
use crate::kernel::jobs::Job;

/// What a running job knows of itself.
#[derive(Clone, Debug)]
pub struct JobContext {
    /// The job; the same at every attempt, so a good key for what must not be done twice.
    pub id: JobId,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// The request that queued it.
    pub request_id: Option<String>,
}

/// How a job failed.
#[derive(Debug)]
pub enum Failure {
    /// Another attempt may succeed.
    Again(Error),
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
/// note, so the work has to bear repetition.
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
                        Failure::Never(crate::kernel::error::internal().internal(format!("payload: {error}")))
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
}
