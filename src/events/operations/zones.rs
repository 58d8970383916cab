//! Time zones, to choose from and to tell times by.

use operation::operation;

use crate::events::{Zone, ZoneQuery};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::zones,
    crate::kernel::context::{Db, Reader},
};

/// The time zones an event can have, by name
///
/// One page: those that PostgreSQL knows.
#[operation(GET "/time-zones", public, stale_ok)]
pub async fn time_zone_list(db: &mut Reader) -> Result<Page<String>> {
    Ok(zones::names(db.conn()).await?.to_vec().into())
}

/// One time zone, with every change of its clocks
///
/// What the clocks there show at a moment is that moment and the offset of the last change before it.
#[operation(GET "/time-zones/changes", public, stale_ok)]
pub async fn time_zone_get(db: &mut Reader, query: ZoneQuery) -> Result<Zone> {
    zones::must_be_known(db.conn(), query.timezone.as_str()).await?;
    Ok(zones::zone(db.conn(), query.timezone.as_str()).await?.as_ref().clone())
}
