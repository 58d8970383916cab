//! What two records disagree on, and settling it.

use operation::operation;

use crate::events::EventId;
use crate::gate::{Conflict, ConflictFilter, ConflictId, ResolveConflict};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::gate::{conflicts, reach, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_transition, same_version},
        permissions::Permission::{LiveRead, TicketsManage},
    },
};

/// List the scan conflicts of an event
///
/// Newest first. Tickets that were admitted twice, or admitted although void, with gates, times, stewards and the clock
/// error of the phone. Available to callers who see live updates and to those who may resolve conflicts.
#[operation(GET "/events/{id}/checkin-conflicts", staff = LiveRead, staff = TicketsManage, scoped)]
pub async fn checkin_conflict_list(db: &mut Reader, id: EventId, query: ConflictFilter) -> Result<Page<Conflict>> {
    if reach::run(db, id, TicketsManage).await.is_err() {
        reach::run(db, id, LiveRead).await?;
    }
    sql::conflict_list(db, id, &query).await
}

/// Resolve a scan conflict
///
/// Recorded scan results are not changed. "Two guests" also voids an unused ticket of the booking, so that it cannot
/// admit a third guest; "same person" reduces the number inside by one.
#[operation(POST "/checkin-conflicts/{id}/resolve", staff = TicketsManage, scoped, errors(invalid_transition, conflict))]
pub async fn checkin_conflict_resolve(tx: &mut Tx, id: ConflictId, input: ResolveConflict) -> Result<Conflict> {
    let known = sql::conflict_find(tx.conn(), id).await?;
    // Tickets are locked before what is said of them, as every scan does.
    if let Some(ticket) = known.ticket_id {
        sql::party_lock(tx.conn(), ticket.0).await?;
    }
    let before = sql::conflict_lock(tx.conn(), id).await?;
    reach::run(tx, before.event_id, TicketsManage).await.map_err(reach::hidden)?;
    same_version(input.version, before.version, &before)?;
    if before.resolution.is_some() {
        return Err(invalid_transition().detail("This conflict is resolved already."));
    }
    let closed = conflicts::follow(tx, &before, input.resolution).await?;
    conflicts::close(tx, &before, input.resolution, input.note.as_str(), closed).await
}
