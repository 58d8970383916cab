//! Filling the quarter hours that the dashboard adds up.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::{dashboard, sql};
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::queues::Queue;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::Periodic;

/// How long after its end a bucket is filled: longer than any transaction runs, and than clocks of processes differ.
const SETTLED: Duration = Duration::minutes(15);

/// Fills the buckets that are over.
#[derive(Serialize, Deserialize)]
pub struct FillBuckets;
impl Job for FillBuckets {
    const TYPE: &'static str = "overview.fill_buckets";
    const QUEUE: Queue = Queue::Bulk;
}
inventory::submit!(JobHandler::of::<FillBuckets>());
inventory::submit!(Periodic::new::<FillBuckets>(FillBuckets::TYPE, dashboard::BUCKET.whole_seconds(), || {
    Pending::new(&FillBuckets)
}));

impl Run for FillBuckets {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let now = app.clock.now();
        let until = dashboard::bucket_of(now.plus(-SETTLED));
        loop {
            let mut tx = app.begin().await?;
            if !sql::dashboard::fill_buckets(&mut tx, until).await? {
                context.done(&mut tx, now).await?;
                return Ok(tx.commit().await?);
            }
            tx.commit().await?;
        }
    }
}

/// Has all buckets filled anew, after something was written into the past.
///
/// # Errors
/// Those of the database.
pub async fn count_anew(app: &App) -> Result<()> {
    let mut tx = app.begin().await?;
    sql::dashboard::forget_buckets(&mut tx).await?;
    Ok(tx.commit().await?)
}
