//! Whose record something is: the guest's own, or that of those who run the event.

use crate::access::EndUserId;
use crate::events::Event;
use crate::events::EventId;
use crate::events::rules::{end_user, find_run, lock, lock_open};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
pub use crate::kernel::error::hidden;
use crate::kernel::permissions::Permission;
use crate::tickets::Attendee;

/// For the guest whose record it is, and for those who run the event; 404 for everybody else. Says whether it is the
/// guest who looks.
pub async fn may_see(
    db: &mut impl Db,
    event: EventId,
    guest: Option<EndUserId>,
    permission: Permission,
) -> Result<bool> {
    if guest.is_some() && guest == end_user(&db.cx().caller) {
        return Ok(true);
    }
    find_run(db, event, permission).await.map(|_| false).map_err(hidden)
}

/// A guest's record as the guest sees it: without what the organiser has noted.
pub fn as_seen(is_guest: bool, mut attendee: Attendee) -> Attendee {
    if is_guest {
        attendee.note = None;
    }
    attendee
}

/// The same for a change; the event is locked. Says whether it is the guest who acts.
pub async fn may_change(
    tx: &mut Tx,
    event: EventId,
    guest: Option<EndUserId>,
    permission: Permission,
) -> Result<(Event, bool)> {
    if guest.is_some() && guest == end_user(&tx.caller) {
        return Ok((lock_open(tx, event).await?, true));
    }
    Ok((lock(tx, event, permission).await.map_err(hidden)?, false))
}
