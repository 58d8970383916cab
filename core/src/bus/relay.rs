//! The relay: gives committed events their published sequence and wakes the listeners. One process
//! does it at a time.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

use super::sql;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::leader::{self, Duty};

/// The channel listeners listen on; it carries the newest published sequence.
pub const CHANNEL: &str = "eventify_bus";

/// Events of one round, and of one notification.
const BATCH: i64 = 500;

const DUTY: Duty = Duty {
    name: "bus relay",
    key: 0x6576_6679_0001,
    shortest_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(200),
    step,
};

/// Publishes until shutdown; the caller spawns it once in every process.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    leader::run(app, DUTY, shutdown).await;
}

fn step<'a>(_app: &'a Arc<App>, db: &'a mut PgConnection) -> BoxFuture<'a, Result<usize>> {
    Box::pin(publish(db))
}

/// One round: everything that may be published now, up to a batch.
pub async fn publish(db: &mut PgConnection) -> Result<usize> {
    let mut tx = db.begin().await?;
    let batch = sql::outbox_publish(&mut tx, BATCH).await?;
    let Some(last) = batch.last else { return Ok(0) };
    sql::notify(&mut tx, CHANNEL, last).await?;
    tx.commit().await?;
    Ok(usize::try_from(batch.published).unwrap_or_default())
}
