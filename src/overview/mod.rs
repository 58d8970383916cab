//! overview: the figures somebody sees first, each only where the caller may see what it counts.

use serde::Serialize;

use crate::kernel::timestamp::Timestamp;

mod dashboard;
pub mod operations;
pub mod words;

pub use dashboard::*;
#[cfg(feature = "ssr")]
pub use jobs::count_anew;

#[cfg(feature = "ssr")]
mod jobs;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod sql;

// Most of the demo is written into the past.
#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("overview", "Key figures and recent activity.")
        .words(&words::WORDS)
        .demo(200, |app| Box::pin(count_anew(app)))
);

/// The overview. Figures the caller may not see are absent.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Overview {
    /// When this was.
    pub now: Timestamp,
    /// The caller's open sessions.
    pub own_sessions: i64,
    /// Partners, of those the caller may see.
    pub partners: Option<PartnerFigures>,
    /// Documents, of partners whose documents the caller may review.
    pub documents: Option<DocumentFigures>,
    /// Staff accounts.
    pub team: Option<TeamFigures>,
    /// Jobs.
    pub jobs: Option<JobFigures>,
    /// The audit log.
    pub audit: Option<AuditFigures>,
}

/// Items waiting for action. Parts the caller cannot act on are absent.
#[operation::record]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// Events that are on now.
    pub live_events: Option<i64>,
    /// Requests to join that the caller may answer.
    pub requests: Option<i64>,
    /// Partners' documents that wait for review.
    pub documents: Option<i64>,
    /// Privacy requests that nobody has run or answered.
    pub privacy_requests: Option<i64>,
    /// Disputes whose evidence is due within a day and not yet submitted.
    pub disputes_due: Option<i64>,
    /// Payout batches waiting for approval by someone other than the person who prepared them.
    pub payout_batches: Option<i64>,
    /// Fraud signals that nobody has resolved.
    #[serde(default)]
    pub fraud_signals: Option<i64>,
    /// Reconciliation exceptions that nobody has resolved.
    #[serde(default)]
    pub exceptions: Option<i64>,
    /// Background jobs that failed for good.
    pub failed_jobs: Option<i64>,
    /// Notifications of the caller that were not read.
    #[serde(default)]
    pub notifications: Option<i64>,
}

/// Partners by where they stand.
#[operation::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct PartnerFigures {
    /// Active ones.
    pub active: i64,
    /// Invited ones.
    pub invited: i64,
    /// Suspended ones.
    pub suspended: i64,
}

/// Documents to review.
#[operation::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DocumentFigures {
    /// Documents that wait for review.
    pub waiting: i64,
    /// For how many hours the oldest of them has waited.
    pub oldest_hours: Option<i64>,
}

/// Staff accounts by where they stand.
#[operation::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct TeamFigures {
    /// Active ones.
    pub active: i64,
    /// Invited ones.
    pub invited: i64,
    /// Active ones that sign in by password alone.
    pub without_second_factor: i64,
}

/// Jobs that are not over.
#[operation::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct JobFigures {
    /// Jobs that failed for good and wait for a person.
    pub dead: i64,
    /// Jobs waiting to be retried.
    pub retrying: i64,
    /// For how many seconds the job that has been due longest has waited for a worker.
    pub lag_seconds: Option<i64>,
    /// For how many seconds the oldest event has waited to be published.
    pub unpublished_seconds: Option<i64>,
}

/// The audit log.
#[operation::record]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct AuditFigures {
    /// Entries no block holds yet.
    pub unsealed: i64,
    /// For how many seconds the oldest of them has waited.
    pub oldest_unsealed_seconds: Option<i64>,
}
