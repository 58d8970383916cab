//! The relay: gives committed events their published sequence and wakes the listeners. One process
//! does it at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::leader::{self, LeaderTask};
use crate::kernel::locks::AdvisoryLock;

/// The channel listeners listen on; it carries the newest published sequence.
pub const CHANNEL: &str = "eventify_bus";

/// Events of one round, and of one notification.
const BATCH: i64 = 500;

const LEADER_TASK: LeaderTask = LeaderTask {
    name: "bus relay",
    lock: AdvisoryLock::Relay,
    shortest_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(200),
    step,
};

/// Publishes until shutdown; the caller spawns it once in every process.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    leader::run(app, LEADER_TASK, shutdown).await;
}

fn step<'a>(app: &'a Arc<App>, db: &'a mut PgConnection) -> BoxFuture<'a, Result<usize>> {
    Box::pin(async {
        let (published, held) = round(db).await?;
        if let Some(seconds) = held {
            warn(app, seconds);
        }
        Ok(published)
    })
}

/// How long events may be held up before the log says so, and how often it does.
const PATIENCE: f64 = 10.0;
const WARNING: i64 = 60;

/// One transaction that goes on writing holds up every event after its own; nobody should have to guess why
/// nothing arrives.
fn warn(app: &App, seconds: f64) {
    static LAST: AtomicI64 = AtomicI64::new(i64::MIN);
    let now = app.clock.now().0.unix_timestamp();
    if seconds >= PATIENCE && now.saturating_sub(LAST.load(Ordering::Relaxed)) >= WARNING {
        LAST.store(now, Ordering::Relaxed);
        tracing::warn!(seconds, "events wait to be published: a transaction that began before them still runs");
    }
}

/// One round: everything that may be published now, up to a batch.
pub async fn publish(db: &mut PgConnection) -> Result<usize> {
    Ok(round(db).await?.0)
}

/// The same; answers also for how long an event has been held up, if one is.
pub(super) async fn round(db: &mut PgConnection) -> Result<(usize, Option<f64>)> {
    let mut tx = db.begin().await?;
    let batch = sql::outbox_publish(&mut tx, BATCH).await?;
    let Some(last) = batch.last else { return Ok((0, batch.held_seconds)) };
    sql::notify(&mut tx, CHANNEL, last).await?;
    tx.commit().await?;
    Ok((usize::try_from(batch.published).unwrap_or_default(), batch.held_seconds))
}
