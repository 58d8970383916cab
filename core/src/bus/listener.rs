//! Every process hears what was published and passes it on to its streams and consumers. LISTEN
//! wakes it; it also looks every second, so that a cut connection loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::{Notify, broadcast};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Published, relay, sql};
use crate::kernel::app::App;
use crate::kernel::components::{Component, Made};
use crate::kernel::config::Config;
use crate::kernel::error::Result;

const LOOK_AGAIN: Duration = Duration::from_secs(1);
const BATCH: i64 = 500;

/// On which a process hears what was published.
pub struct Channel {
    /// Events as the relay publishes them.
    pub published: broadcast::Sender<Arc<Published>>,
    /// Up to which published sequence they were sent, or where that began.
    pub passed_on: AtomicI64,
}

impl Made for Channel {
    fn made(_: &Config) -> Result<Self> {
        Ok(Self { published: broadcast::channel(1024).0, passed_on: AtomicI64::new(0) })
    }
}
inventory::submit!(Component::of::<Channel>());

/// Passes published events on to the process's [`Channel`] until shutdown.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    let woken = Arc::new(Notify::new());
    let ear = tokio::spawn(listen(app.clone(), woken.clone()));
    let mut seen = None;
    while !shutdown.is_cancelled() {
        if let Err(error) = pass_on(&app, &mut seen).await {
            tracing::warn!(?error, "could not read what was published; trying again");
        }
        tokio::select! {
            () = woken.notified() => {}
            () = sleep(LOOK_AGAIN) => {}
            () = shutdown.cancelled() => {}
        }
    }
    ear.abort();
}

/// Sends what is new. The first time it only finds out where the newest is: a stream that was opened before that
/// sees in `passed_on` that it missed something.
async fn pass_on(app: &App, seen: &mut Option<i64>) -> Result<()> {
    let mut db = app.reader.acquire().await?;
    let mut position = match *seen {
        Some(position) => position,
        None => {
            let head = *seen.insert(sql::published_head(&mut db).await?);
            app.component::<Channel>().passed_on.store(head, Ordering::Release);
            head
        }
    };
    loop {
        let events = sql::published_after(&mut db, position, BATCH).await?;
        let Some(last) = events.last().map(|event| event.seq) else { return Ok(()) };
        for event in events {
            // Nobody listening is no failure.
            let _ = app.component::<Channel>().published.send(Arc::new(event));
        }
        position = last;
        *seen = Some(position);
        app.component::<Channel>().passed_on.store(position, Ordering::Release);
    }
}

/// Listens on a connection of its own; a pool's connection would never come back.
async fn listen(app: Arc<App>, woken: Arc<Notify>) {
    loop {
        if let Err(error) = listen_once(&app, &woken).await {
            tracing::debug!(%error, "the listening connection was cut");
        }
        sleep(LOOK_AGAIN).await;
    }
}

async fn listen_once(app: &App, woken: &Notify) -> sqlx::Result<()> {
    let options = app.pool.connect_options().as_ref().clone();
    let pool =
        PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None).connect_with(options).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(relay::CHANNEL).await?;
    loop {
        // `None`: cut and connected again; something may have been missed.
        let _ = listener.try_recv().await?;
        woken.notify_one();
    }
}
