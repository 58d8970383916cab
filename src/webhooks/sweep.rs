//! The log is kept for a month, or until its endpoint is deleted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{HOUR, Periodic};

/// How long the log is kept: as long as the events it speaks of.
const KEPT: Duration = Duration::days(30);
const PORTION: i64 = 1_000;

/// Deletes what is older, and what belonged to deleted endpoints.
#[derive(Serialize, Deserialize)]
struct Sweep {}

impl Job for Sweep {
    const TYPE: &'static str = "webhook.sweep";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<Sweep>());
inventory::submit!(Periodic::new::<Sweep>("webhook.sweep", HOUR, || Pending::new(&Sweep {})));

impl Run for Sweep {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let before = Timestamp(app.clock.now().0 - KEPT);
        let mut db = app.pool.acquire().await?;
        while sql::deliveries_sweep(&mut db, before, PORTION).await? > 0 {}
        while sql::deliveries_sweep_deleted(&mut db, PORTION).await? > 0 {}
        sql::endpoints_sweep(&mut db).await?;
        Ok(())
    }
}
