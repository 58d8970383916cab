//! The organisation as pages and mails see it: asked for by every one of them, and changed once a year.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::body::to_bytes;
use moka::future::Cache;
use sqlx::PgConnection;

use super::{Organisation, sql};
use crate::kernel::app::App;
use crate::kernel::components::{Component, Made};
use crate::kernel::config::Config;
use crate::kernel::error::{Result, internal};

/// How long a process that did not make a change itself may show what was before.
const TRUST: Duration = Duration::from_secs(5);

/// How long a page waits for its name: it shows the one it knows where the database does not answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a process knows of the organisation: as it is, and as it was when that was last known.
pub struct Remembered {
    fresh: Cache<(), Arc<Organisation>>,
    last: RwLock<Option<Arc<Organisation>>>,
}

impl Made for Remembered {
    fn made(_: &Config) -> Result<Self> {
        let fresh = Cache::builder().max_capacity(1).time_to_live(TRUST).build();
        Ok(Self { fresh, last: RwLock::default() })
    }
}
inventory::submit!(Component::of::<Remembered>());

impl Remembered {
    /// It was changed here: the next reader sees that.
    pub async fn forget(&self) {
        self.fresh.invalidate(&()).await;
    }
}

/// The organisation, for whoever shows something: at most some seconds old.
pub async fn current(app: &App) -> Result<Arc<Organisation>> {
    let read = async { Ok::<_, crate::Error>(Arc::new(of(&mut *app.reader.acquire().await?).await?)) };
    let read = app.component::<Remembered>().fresh.try_get_with((), read).await;
    read.map_err(|error| internal().internal(format!("{error:?}")))
}

/// The same for what stands around every page, which is shown even where the database does not answer: then as it was
/// last known; nothing where it never was.
pub async fn known(app: &App) -> Option<Arc<Organisation>> {
    let last = &app.component::<Remembered>().last;
    match tokio::time::timeout(PATIENCE, current(app)).await {
        Ok(Ok(now)) => {
            if let Ok(mut last) = last.write() {
                *last = Some(now.clone());
            }
            Some(now)
        }
        _ => last.read().ok()?.clone(),
    }
}

/// The organisation as it is in this transaction, for whoever writes what it says.
pub async fn of(db: &mut PgConnection) -> Result<Organisation> {
    Ok(sql::organisation_find(db).await?.organisation)
}

/// The logo as it is stored, for mails; none where the organisation has none, or its file is gone.
pub async fn logo(app: &App) -> Result<Option<Vec<u8>>> {
    if current(app).await?.logo_url.is_none() {
        return Ok(None);
    }
    let logo = sql::organisation_find(&mut *app.reader.acquire().await?).await?.logo;
    let Some(logo) = logo else { return Ok(None) };
    let Some(body) = app.storage.read(&logo.storage_key).await? else { return Ok(None) };
    let bytes = to_bytes(body, usize::MAX).await.map_err(|error| internal().internal(error))?;
    Ok(Some(bytes.to_vec()))
}
