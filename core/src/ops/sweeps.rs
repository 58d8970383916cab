//! Throwing away what nobody will ask for again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::handlers::{Failure, JobContext, JobHandler, Run};
use super::periodic::{HOUR, Periodic};
use super::sql;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::timestamp::Timestamp;

/// How long periodic jobs that succeeded are kept: as long as the chart goes back.
const PERIODIC_DAYS: i64 = 2;

/// What is swept.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Table {
    RateCounters,
    IdempotencyKeys,
    AuthTokens,
    AdminSessions,
    JobRuns,
}

/// Sweeps one table.
#[derive(Serialize, Deserialize)]
struct Sweep {
    table: Table,
}
impl Job for Sweep {
    const TYPE: &'static str = "ops.sweep";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<Sweep>());

macro_rules! hourly {
    ($($name:literal $table:ident),*) => {$(
        inventory::submit!(Periodic::new::<Sweep>($name, HOUR, || Pending::new(&Sweep { table: Table::$table })));
    )*};
}
hourly!("sweep.rate_counters" RateCounters, "sweep.idempotency_keys" IdempotencyKeys,
        "sweep.auth_tokens" AuthTokens, "sweep.admin_sessions" AdminSessions, "sweep.job_runs" JobRuns);

impl Run for Sweep {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let now = app.clock.now();
        // In portions, each its own transaction, so that nobody waits for a sweep.
        while portion(&app, self.table, now).await? > 0 {}
        Ok(())
    }
}

#[cfg(test)]
pub(super) async fn sweep_jobs(app: &App) -> Result<u64> {
    portion(app, Table::JobRuns, app.clock.now()).await
}

#[cfg(test)]
pub(super) async fn sweep_sign_ins(app: &App) -> Result<u64> {
    portion(app, Table::AdminSessions, app.clock.now()).await
}

async fn portion(app: &App, table: Table, now: Timestamp) -> Result<u64> {
    let ago = |days: i64| Timestamp(now.0 - Duration::days(days));
    let db = &mut *app.pool.acquire().await?;
    match table {
        Table::RateCounters => sql::rate_counters_sweep(db, ago(1)).await,
        Table::IdempotencyKeys => sql::idempotency_keys_sweep(db, now).await,
        Table::AuthTokens => sql::auth_tokens_sweep(db, ago(90)).await,
        // What a sign-in leaves behind. A kind of its own for each would be buried by processes of the version before.
        Table::AdminSessions => {
            let kept = ago(app.config.keep_activity_days);
            let gone = sql::sessions_sweep(db, ago(90)).await? + sql::devices_sweep(db, kept).await?;
            Ok(gone + sql::activity_sweep(db, kept).await?)
        }
        Table::JobRuns => {
            let periodic = sql::periodic_jobs_sweep(db, ago(PERIODIC_DAYS)).await?;
            Ok(periodic + sql::jobs_sweep(db, ago(app.config.keep_jobs_days)).await?)
        }
    }
}
