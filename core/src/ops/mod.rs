//! ops: jobs, and what keeps a running Eventify clean. [002 Logging & Monitoring, 003 §2.7]

use operation::Validate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id_type;
use crate::kernel::error::{Result, invalid_transition};
use crate::kernel::page::Limit;
use crate::kernel::queues::Queue;
use crate::kernel::text::FilterWord;
use crate::kernel::timestamp::Timestamp;

pub mod operations;

#[cfg(feature = "ssr")]
pub mod handlers;
#[cfg(feature = "ssr")]
mod history;
#[cfg(feature = "ssr")]
mod looks;
#[cfg(feature = "ssr")]
pub mod periodic;
#[cfg(all(test, feature = "ssr"))]
mod queue_tests;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod sweeps;
#[cfg(all(test, feature = "ssr"))]
mod tests;
#[cfg(feature = "ssr")]
pub mod worker;

id_type! {
    /// A job.
    JobId,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema, sqlx::Type))]
#[cfg_attr(feature = "ssr", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for its time and a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Failed; waits to be tried again.
    Retry,
    /// Succeeded.
    Done,
    /// Failed for good; a person may redrive it.
    Dead,
    /// Called off by a person.
    Cancelled,
}

/// What happens to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStep {
    /// A worker takes it.
    Claim,
    /// It succeeded.
    Succeed,
    /// It failed and has attempts left.
    Fail,
    /// It failed for good.
    GiveUp,
    /// Its worker drains and hands it back.
    Return,
    /// A person queues it again.
    Redrive,
    /// A person calls it off.
    Cancel,
}

impl JobStatus {
    /// Every status, in the order people see them.
    pub const ALL: [JobStatus; 6] = [
        JobStatus::Queued,
        JobStatus::Running,
        JobStatus::Retry,
        JobStatus::Done,
        JobStatus::Dead,
        JobStatus::Cancelled,
    ];

    /// The word on the wire and in the database.
    pub fn word(self) -> &'static str {
        match self {
            JobStatus::Queued => "queued",
            JobStatus::Running => "running",
            JobStatus::Retry => "retry",
            JobStatus::Done => "done",
            JobStatus::Dead => "dead",
            JobStatus::Cancelled => "cancelled",
        }
    }

    /// Where a step leads from here; 409 `invalid_transition` where it is not possible.
    pub fn next(self, step: JobStep) -> Result<Self> {
        use JobStatus::*;
        match (self, step) {
            (Queued | Retry, JobStep::Claim) => Ok(Running),
            (Running, JobStep::Succeed) => Ok(Done),
            (Running, JobStep::Fail) => Ok(Retry),
            (Running, JobStep::GiveUp) => Ok(Dead),
            (Running, JobStep::Return) | (Dead | Cancelled, JobStep::Redrive) => Ok(Queued),
            (Queued | Retry, JobStep::Cancel) => Ok(Cancelled),
            (present, _) => Err(invalid_transition().detail(format!("The job is {} now.", present.word()))),
        }
    }
}

/// A job as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct JobRun {
    /// Its id.
    pub id: JobId,
    /// The queue it stands in.
    pub queue_name: String,
    /// What kind of job it is.
    pub job_type: String,
    /// Where it stands.
    pub status: JobStatus,
    /// How often it was begun.
    pub attempts: i32,
    /// How often it may be begun.
    pub max_attempts: i32,
    /// Not before this time.
    pub run_at: Timestamp,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// The request that queued it.
    pub request_id: Option<String>,
    /// When it was begun last.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// How a queue of jobs stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct QueueRow {
    /// Which.
    pub queue: Queue,
    /// How many of its jobs one process runs side by side.
    pub slots: i64,
    /// Jobs that are running, in all processes.
    pub running: i64,
    /// Jobs that are due and have no worker yet.
    pub waiting: i64,
    /// Jobs whose time has not come.
    pub later: i64,
    /// For how many seconds the job that has been due longest has waited.
    pub lag_seconds: Option<i64>,
    /// Jobs that failed for good.
    pub dead: i64,
}

/// How the queues stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct QueueFigures {
    /// Each queue, the most urgent first.
    pub queues: Vec<QueueRow>,
    /// Jobs that are due and of a type this version does not know: they wait for one that does.
    pub unknown: i64,
}

#[cfg(feature = "ssr")]
impl crate::kernel::audit::Audited for JobRun {
    const OBJECT: &'static str = "job";
    fn audit_id(&self) -> String {
        self.id.to_string()
    }
}

/// A job with what it was told to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct JobDetail {
    /// The job.
    pub job: JobRun,
    /// What it was told.
    pub payload: Value,
    /// Two live jobs of a type never have the same key.
    pub dedupe_key: Option<String>,
    /// The process that has it.
    pub leased_by: Option<String>,
    /// Until when, unless renewed.
    pub leased_until: Option<Timestamp>,
}

/// Which jobs to list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct JobFilter {
    /// Only jobs that stand here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<JobStatus>,
    /// Only this kind of job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_type: Option<FilterWord>,
    /// From the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Rows on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}
impl Validate for JobFilter {}
