//! Throwing away what nobody will ask for again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::files;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{HOUR, Periodic};

/// How long codes, ended sessions and exports are kept.
const CODES: Duration = Duration::days(2);
const SESSIONS: Duration = Duration::days(90);
const EXPORTS: Duration = Duration::days(30);

/// Sweeps codes, sessions and exports.
#[derive(Serialize, Deserialize)]
struct SweepPeople;
impl Job for SweepPeople {
    const TYPE: &'static str = "people.sweep";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<SweepPeople>());
inventory::submit!(Periodic::new::<SweepPeople>("sweep.people", HOUR, || Pending::new(&SweepPeople)));

impl Run for SweepPeople {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let now = app.clock.now().0;
        while sql::otps_sweep(&mut *app.pool.acquire().await?, Timestamp(now - CODES)).await? > 0 {}
        while sql::sessions_sweep(&mut *app.pool.acquire().await?, Timestamp(now - SESSIONS)).await? > 0 {}
        loop {
            let mut tx = app.begin().await?;
            let gone = sql::exports_expire(&mut tx, Timestamp(now - EXPORTS)).await?;
            files::release(&mut tx, &gone).await?;
            tx.commit().await?;
            if gone.is_empty() {
                return Ok(());
            }
            for file in gone {
                files::discard(&app, file).await;
            }
        }
    }
}
