//! Work that one process does at a time, whichever that is. The leader's lock and the leader's work
//! share one connection: when the connection dies, so do the lock and the transaction, together, so
//! that two leaders can never both commit.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::{ConnectOptions, PgConnection};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::app::App;
use super::error::Result;
use super::locks::AdvisoryLock;

/// One round of work; it answers how much it found to do.
pub type Step = for<'a> fn(&'a Arc<App>, &'a mut PgConnection) -> BoxFuture<'a, Result<usize>>;

/// Something one process does for all.
#[derive(Clone, Copy)]
pub struct LeaderTask {
    /// For the logs.
    pub name: &'static str,
    /// What its leader holds.
    pub lock: AdvisoryLock,
    /// The first wait when there was nothing to do; it doubles from there.
    pub shortest_wait: Duration,
    /// The longest.
    pub longest_wait: Duration,
    /// The work.
    pub step: Step,
}

/// How long until a process tries again to become leader, or to reach the database.
const ELECTION_INTERVAL: Duration = Duration::from_secs(1);

/// Does the task whenever no other process does, until shutdown.
pub async fn run(app: Arc<App>, task: LeaderTask, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = lead_when_elected(&app, task, &shutdown).await {
            tracing::warn!(task = task.name, ?error, "a task was interrupted; trying again");
        }
        tokio::select! {
            () = sleep(ELECTION_INTERVAL) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// One connection's life: waits for the lock, then works until something fails or it is to end.
async fn lead_when_elected(app: &Arc<App>, task: LeaderTask, shutdown: &CancellationToken) -> Result<()> {
    // A plan kept from when a queue was empty reads all of it, later, for every row it holds.
    let options = app.pool.connect_options().as_ref().clone().options([("plan_cache_mode", "force_custom_plan")]);
    let mut connection = options.connect().await?;
    while !elected(&mut connection, task.lock).await? {
        tokio::select! {
            () = sleep(ELECTION_INTERVAL) => {}
            () = shutdown.cancelled() => return Ok(()),
        }
    }
    tracing::debug!(task = task.name, instance = app.instance, "leading");
    let mut wait = task.shortest_wait;
    while !shutdown.is_cancelled() {
        if (task.step)(app, &mut connection).await? > 0 {
            wait = task.shortest_wait;
            continue;
        }
        tokio::select! {
            () = sleep(wait) => {}
            () = shutdown.cancelled() => {}
        }
        wait = (wait * 2).min(task.longest_wait);
    }
    // Closing gives the lock to the next process at once.
    sqlx::Connection::close(connection).await?;
    Ok(())
}

async fn elected(connection: &mut PgConnection, lock: AdvisoryLock) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "locked!""#, lock.key()).fetch_one(connection).await?)
}
