//! Work that comes round: each area registers what it needs, one process queues each slot once.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Pending};

/// Something to be done every so often; register with `inventory::submit!`.
pub struct Periodic {
    /// Its name; two of one job type differ by it.
    pub name: &'static str,
    /// Seconds from one slot to the next; slots are counted from the epoch.
    pub every: i64,
    kind: &'static str,
    job: fn() -> Pending,
}
inventory::collect!(Periodic);

impl Periodic {
    /// A job every so many seconds.
    pub const fn new<J: Job>(name: &'static str, every: i64, job: fn() -> Pending) -> Self {
        Self { name, every, kind: J::TYPE, job }
    }
}

const MINUTE: i64 = 60;
/// An hour in seconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in seconds.
pub const DAY: i64 = 24 * HOUR;

const TICK: Duration = Duration::from_secs(5);

/// Queues what is due until shutdown. Part of every worker; however many there are, each slot is
/// queued once.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    let all: Vec<&Periodic> = inventory::iter::<Periodic>().collect();
    let mut queued = vec![i64::MIN; all.len()];
    while !shutdown.is_cancelled() {
        for (periodic, last) in all.iter().zip(&mut queued) {
            let slot = app.clock.now().0.unix_timestamp().div_euclid(periodic.every);
            if slot == *last {
                continue;
            }
            match enqueue(&app, periodic, slot).await {
                Ok(_) => *last = slot,
                Err(error) => tracing::warn!(periodic = periodic.name, ?error, "could not queue a periodic job"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Queues one slot; false if it was queued before, here or elsewhere.
pub async fn enqueue(app: &App, periodic: &Periodic, slot: i64) -> Result<bool> {
    let key = format!("periodic:{}:{slot}", periodic.name);
    let mut job = (periodic.job)();
    job.dedupe(key.clone());
    let mut tx = app.begin().await?;
    let queued = sql::periodic_enqueue(&mut tx, periodic.kind, &key, app.clock.now(), &job).await?;
    tx.commit().await?;
    Ok(queued)
}
