//! ops: jobs, and what keeps a running Eventify clean. [002 Logging & Monitoring, 003 §2.7]

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id_type;
use crate::kernel::error::{Result, is_now};
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

#[cfg(feature = "ssr")]
inventory::submit!(crate::kernel::areas::Area::new("ops", "Background jobs."));

id_type! {
    /// A job.
    JobId,
}

/// Status of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema, sqlx::Type))]
#[cfg_attr(feature = "ssr", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for its time and a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Failed; waiting to be retried.
    Retry,
    /// Succeeded.
    Done,
    /// Failed after its last attempt; it can be retried.
    Dead,
    /// Cancelled by a person.
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
    pub fn as_str(self) -> &'static str {
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
            (present, _) => Err(is_now("job", present.as_str())),
        }
    }
}

/// A job as lists show it.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct JobRun {
    /// Its id.
    pub id: JobId,
    /// Its queue.
    pub queue_name: String,
    /// The type of job.
    pub job_type: String,
    /// Status.
    pub status: JobStatus,
    /// The number of attempts.
    pub attempts: i32,
    /// The maximum number of attempts.
    pub max_attempts: i32,
    /// Not before this time.
    pub run_at: Timestamp,
    /// The last error.
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

/// The status of a job queue.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct QueueRow {
    /// Which.
    pub queue: Queue,
    /// How many of its jobs one process runs at the same time.
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

/// The status of the queues.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct JobDetail {
    /// The job.
    pub job: JobRun,
    /// Its input.
    pub payload: Value,
    /// Two live jobs of a type never have the same key.
    pub dedupe_key: Option<String>,
    /// The process that has it.
    pub leased_by: Option<String>,
    /// When it expires, unless renewed.
    pub leased_until: Option<Timestamp>,
}

/// Filter for jobs.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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

/// The time zone of the hours.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct JobHistoryQuery {
    /// How many minutes these clocks are ahead of UTC, such as 330 in India; UTC if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i16>,
}
impl Validate for JobHistoryQuery {
    fn check(&self, errors: &mut FieldErrors) {
        // No clock on earth is further from UTC.
        if self.utc_offset_minutes.is_some_and(|minutes| !(-12 * 60..=14 * 60).contains(&minutes)) {
            errors.entry("utc_offset_minutes".to_owned()).or_default().push("must be from -720 to 840".to_owned());
        }
    }
}
