//! Upkeep of the audit log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sql;
use crate::kernel::app::App;
use crate::kernel::jobs::{Job, Pending};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{DAY, Periodic};

/// Makes the coming months' partitions, before their first row needs one.
#[derive(Serialize, Deserialize)]
struct EnsurePartitions {}

impl Job for EnsurePartitions {
    const TYPE: &'static str = "audit.partitions";
}
inventory::submit!(JobHandler::of::<EnsurePartitions>());
inventory::submit!(Periodic::new::<EnsurePartitions>("audit.partitions", DAY, || Pending::new(&EnsurePartitions {})));

impl Run for EnsurePartitions {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        Ok(sql::ensure_partitions(&mut *app.pool.acquire().await?).await?)
    }
}
