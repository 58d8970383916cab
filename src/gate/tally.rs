//! What happened at the gates is added up beside the scans, by one process, a second or two behind them. So no scan
//! waits for a sum, and the board costs the same at any number of tickets.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

use super::{bus, sql};
use crate::events::EventId;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::leader::{self, LeaderTask};
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::outbox;

const LEADER_TASK: LeaderTask = LeaderTask {
    name: "gate tally",
    lock: AdvisoryLock::Tally,
    shortest_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(1),
    step,
};

/// Adds up until shutdown; the caller spawns it once in every process.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    leader::run(app, LEADER_TASK, shutdown).await;
}

/// Rows gather for a second, so that a rush is one sum and one event on the bus.
fn step<'a>(_: &'a Arc<App>, db: &'a mut PgConnection) -> BoxFuture<'a, Result<usize>> {
    Box::pin(async move { count(db).await.map(|_| 0) })
}

/// Adds up what is new; answers at how many events something was.
pub async fn count(db: &mut PgConnection) -> Result<usize> {
    let mut tx = db.begin().await?;
    let events = sql::tally(&mut tx).await?;
    let news: Vec<_> =
        events.iter().map(|event| outbox::Pending::new(&bus::GatesCounted { event_id: EventId(*event) })).collect();
    if !news.is_empty() {
        outbox::insert(&mut tx, "tally", None, &news).await?;
    }
    tx.commit().await?;
    Ok(events.len())
}
