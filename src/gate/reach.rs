//! Whose event it is: a phone's own, or that of those who run it.

use uuid::Uuid;

use crate::events::rules::{by_id, find_run};
use crate::events::{Event, EventId};
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::context::{Db, RequestContext};
pub use crate::kernel::error::hidden;
use crate::kernel::error::{Result, not_found};
use crate::kernel::permissions::Permission;

/// The event, for a phone that is paired with it and for staff with the permission; else 404, or 403 where it may be
/// seen and no more.
pub async fn run(db: &mut impl Db, event: EventId, permission: Permission) -> Result<Event> {
    match db.cx().caller.device() {
        Some(device) if device.event == event.0 => by_id(db.conn(), event).await,
        Some(_) => Err(not_found()),
        None => find_run(db, event, permission).await,
    }
}

/// The same where nothing of the event is needed: whoever may see all asks nothing.
pub async fn must_run(db: &mut impl Db, event: Uuid, permission: Permission) -> Result<()> {
    let cx = db.cx();
    if let Some(device) = cx.caller.device() {
        return if device.event == event { Ok(()) } else { Err(not_found()) };
    }
    if cx.caller.scope_for(permission) == Some(Scope::All) {
        return Ok(());
    }
    find_run(db, EventId(event), permission).await.map(drop)
}

/// Whether the caller supervises the gates of this event: on a supervisor's phone, or as who may manage its tickets.
pub async fn supervises(db: &mut impl Db, event: Uuid) -> bool {
    match db.cx().caller.device() {
        Some(device) => device.supervisor && device.event == event,
        None => must_run(db, event, Permission::TicketsManage).await.is_ok(),
    }
}

/// Who asks: with a nonce it names an attempt.
pub fn source(cx: &RequestContext) -> Uuid {
    match &*cx.caller {
        Caller::Device(device) => device.id.0,
        Caller::Staff(staff) => staff.id.0,
        Caller::ApiKey(key) => key.id.0,
        Caller::EndUser(_) | Caller::Anonymous | Caller::System => Uuid::nil(),
    }
}

/// The event of a caller that has but one: a phone's, or the only one of its assignments.
pub fn only_event(cx: &RequestContext) -> Option<Uuid> {
    if let Some(device) = cx.caller.device() {
        return Some(device.event);
    }
    match &cx.scope {
        Scope::Only(keys) => match keys.as_slice() {
            [crate::kernel::caller::ScopeKey::Event(event)] => Some(*event),
            _ => None,
        },
        Scope::All => None,
    }
}
