//! Counters on the event that other areas keep, in the transaction that changes what they count.

use sqlx::PgConnection;

use super::{EventId, sql};
use crate::kernel::error::Result;

/// So many seats more (or fewer) go; the event's row is locked.
pub async fn going(db: &mut PgConnection, id: EventId, seats: i32) -> Result<()> {
    sql::event_count_going(db, id, seats).await
}

/// So many requests more (or fewer) wait; the event's row is locked.
pub async fn requests(db: &mut PgConnection, id: EventId, more: i32) -> Result<()> {
    sql::event_count_requests(db, id, more).await
}
