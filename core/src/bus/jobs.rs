//! Upkeep of the bus.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::Duration;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{HOUR, Periodic};

/// How long published events can be replayed, those from elsewhere are known when they are told again, and those that
/// could not be taken in are kept.
const KEPT: Duration = Duration::days(30);
const PORTION: i64 = 5_000;

/// Deletes published events that are older.
#[derive(Serialize, Deserialize)]
struct Sweep {}

impl Job for Sweep {
    const TYPE: &'static str = "bus.sweep";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<Sweep>());
inventory::submit!(Periodic::new::<Sweep>("bus.sweep", HOUR, || Pending::new(&Sweep {})));

impl Run for Sweep {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let before = Timestamp(app.clock.now().0 - KEPT);
        let mut db = app.pool.acquire().await?;
        // Where NATS is not used, its place holds up nothing.
        let idle = app.component::<super::nats::Broker>().0.is_none().then_some(super::nats::forward::NAME);
        while sql::outbox_sweep(&mut db, before, idle, PORTION).await? > 0 {}
        while sql::inbound_sweep(&mut db, before, PORTION).await? > 0 {}
        while sql::dead_letter_sweep(&mut db, before, PORTION).await? > 0 {}
        Ok(())
    }
}
