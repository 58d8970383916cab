//! Subscribers inside Eventify. A consumer's place in the published order moves in the same
//! transaction as its effect: the effect happens exactly once in the database, and in order. An event
//! a consumer fails at holds it up, is tried again with growing pauses, and shows in its row.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use sqlx::PgConnection;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::listener::Channel;
use super::{Published, sql};
use crate::kernel::app::App;
use crate::kernel::error::Result;

/// What a consumer does with an event, inside its transaction. Slow work is enqueued as a job.
pub type Handle = for<'a> fn(&'a Arc<App>, &'a mut PgConnection, &'a Published) -> BoxFuture<'a, Result<()>>;

/// One subscriber; register with `inventory::submit!`.
pub struct Consumer {
    /// Its name, for ever: its place is kept under it.
    pub name: &'static str,
    /// The event types it takes; [`EVERY`] for all.
    pub types: &'static [&'static str],
    /// What it does.
    pub handle: Handle,
}
inventory::collect!(Consumer);

/// For a consumer of every event there is, whatever its type.
pub const EVERY: &[&str] = &["*"];

const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Feeds all registered consumers until shutdown; any number of processes may.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    join_all(inventory::iter::<Consumer>().map(|consumer| feed(&app, consumer, &shutdown))).await;
}

/// Feeds one consumer until shutdown.
pub async fn feed(app: &Arc<App>, consumer: &Consumer, shutdown: &CancellationToken) {
    let mut news = app.component::<Channel>().published.subscribe();
    while !shutdown.is_cancelled() {
        match step(app, consumer).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(consumer = consumer.name, ?error, "a consumer failed; trying again"),
        }
        tokio::select! {
            heard = news.recv() => if matches!(heard, Err(RecvError::Closed)) { return },
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = shutdown.cancelled() => {}
        }
        // One look serves for all that was heard meanwhile.
        while news.try_recv().is_ok() {}
    }
}

/// Makes a consumer known before it is fed for the first time.
pub async fn ensure(app: &App, consumer: &Consumer) -> Result<()> {
    sql::consumer_ensure(&mut *app.pool.acquire().await?, consumer.name).await
}

/// Takes in one event; false when there is none, or another process has the consumer.
pub async fn step(app: &Arc<App>, consumer: &Consumer) -> Result<bool> {
    let some = || consumer.types.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
    let types = (consumer.types != EVERY).then(some);
    let mut tx = app.begin().await?;
    let Some(position) = sql::consumer_claim(&mut tx, consumer.name, app.clock.now()).await? else {
        return absent(app, consumer).await;
    };
    // Read before looking for the next event: what is published between the two is not skipped.
    let head = sql::published_head(&mut tx).await?;
    let Some(event) = sql::consumer_next(&mut tx, position, types.as_deref()).await? else {
        if head > position {
            sql::consumer_move(&mut tx, consumer.name, head).await?;
            tx.commit().await?;
        }
        return Ok(false);
    };
    match (consumer.handle)(app, &mut tx, &event).await {
        Ok(()) => {
            sql::consumer_move(&mut tx, consumer.name, event.seq).await?;
            tx.commit().await?;
            Ok(true)
        }
        Err(error) => {
            tx.rollback().await?;
            let mut db = app.pool.acquire().await?;
            let why = format!("event {}: {error:?}", event.seq);
            sql::consumer_failed(&mut db, consumer.name, position, &why, app.clock.now()).await?;
            Err(error)
        }
    }
}

/// Nothing to claim: held elsewhere, backing off, or never seen before.
async fn absent(app: &App, consumer: &Consumer) -> Result<bool> {
    ensure(app, consumer).await?;
    Ok(false)
}
