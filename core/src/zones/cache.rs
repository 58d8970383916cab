//! The time zones that events can have. The database knows them all; what it says of one is asked once and kept, for
//! it is the same for every event and every process until the machine itself is renewed.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use sqlx::PgConnection;
use tokio::sync::OnceCell;

use super::{Zone, sql};
use crate::kernel::app::App;
use crate::kernel::error::{Result, invalid_input};

static NAMES: OnceCell<Vec<String>> = OnceCell::const_new();
static ZONES: LazyLock<RwLock<HashMap<String, Arc<Zone>>>> = LazyLock::new(RwLock::default);

/// The names people can choose from, in order.
pub async fn names(db: &mut PgConnection) -> Result<&'static [String]> {
    NAMES.get_or_try_init(|| sql::zone_names(db)).await.map(Vec::as_slice)
}

/// Refuses what is no time zone of people: abbreviations (IST is India, Israel and Ireland), and names that mean
/// something else on each machine.
pub async fn must_be_known(db: &mut PgConnection, name: &str) -> Result<()> {
    match names(db).await?.iter().any(|known| known == name) {
        true => Ok(()),
        false => Err(invalid_input().field("timezone", "must be the name of a time zone such as Asia/Kolkata")),
    }
}

fn kept(name: &str) -> Option<Arc<Zone>> {
    ZONES.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(name).cloned()
}

/// A zone of a record that is there.
pub async fn zone(db: &mut PgConnection, name: &str) -> Result<Arc<Zone>> {
    if let Some(zone) = kept(name) {
        return Ok(zone);
    }
    let zone = Arc::new(Zone { name: name.to_owned(), changes: sql::zone_changes(db, name).await? });
    ZONES.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(name.to_owned(), zone.clone());
    Ok(zone)
}

/// The same for whoever has no connection yet.
pub async fn zone_of(app: &App, name: &str) -> Result<Arc<Zone>> {
    match kept(name) {
        Some(zone) => Ok(zone),
        None => zone(&mut *app.reader.acquire().await?, name).await,
    }
}
