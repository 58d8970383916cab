//! Time zones, to choose from and to tell times by.

use operation::operation;

use super::{OwnZone, Zone, ZoneQuery};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::{must_be_known, names, zone},
    crate::access::staff_set_timezone,
    crate::kernel::context::{Db, Reader, Tx},
};

/// List time zones
///
/// By name, in one page: those PostgreSQL supports.
#[operation(GET "/time-zones", public, stale_ok)]
pub async fn time_zone_list(db: &mut Reader) -> Result<Page<String>> {
    Ok(names(db.conn()).await?.to_vec().into())
}

/// Get a time zone with its offset changes
///
/// The local time at a moment is that moment plus the offset of the last change before it.
#[operation(GET "/time-zones/changes", public, stale_ok)]
pub async fn time_zone_get(db: &mut Reader, query: ZoneQuery) -> Result<Zone> {
    must_be_known(db.conn(), query.timezone.as_str()).await?;
    Ok(zone(db.conn(), query.timezone.as_str()).await?.as_ref().clone())
}

/// Set the time zone you read times in
///
/// Event times are shown in the event's time zone, all others in yours.
#[operation(PUT "/auth/me/timezone", staff, audit = none("how somebody reads times changes nothing else"))]
pub async fn own_zone_set(tx: &mut Tx, input: OwnZone) -> Result<()> {
    let me = tx.staff()?.id;
    must_be_known(tx.conn(), input.timezone.as_str()).await?;
    staff_set_timezone(tx.conn(), me, input.timezone.as_str()).await
}
