//! Rules that several operations share.

use std::collections::BTreeSet;

use crate::bus::audience;
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::context::RequestContext;
use crate::kernel::error::{Result, invalid_input, missing_permission};
use crate::kernel::outbox::EventType;
use crate::kernel::permissions::Permission;
use crate::webhooks::EVERY_EVENT;

/// Whether the caller may see events of this type.
pub fn may_see(caller: &Caller, kind: &str) -> bool {
    caller.scope_for(audience(kind)) == Some(Scope::All)
}

/// The types exist, and the caller may see events of each: what an endpoint is told, whoever names its
/// address is told as well. Every event takes every permission that events ask for.
pub fn may_subscribe(cx: &RequestContext, types: &[String]) -> Result<()> {
    let known = EventType::all();
    let mut needed: BTreeSet<Permission> = BTreeSet::new();
    for kind in types {
        if kind == EVERY_EVENT {
            needed.insert(Permission::BusRead);
            needed.extend(known.iter().map(|event| audience(event.kind)));
        } else if known.iter().any(|event| event.kind == kind) {
            needed.insert(audience(kind));
        } else {
            let message = format!("{kind} is no event type; GET /api/v1/webhooks/event-types lists them");
            return Err(invalid_input().field("event_types", message));
        }
    }
    match needed.into_iter().find(|permission| cx.caller.scope_for(*permission) != Some(Scope::All)) {
        Some(missing) => Err(missing_permission(missing.code())),
        None => Ok(()),
    }
}

/// The address is one that may be called, as far as it tells by itself; its name is looked up at every
/// attempt.
pub fn may_call(cx: &RequestContext, url: &str) -> Result<()> {
    cx.app().outbound.check(url).map(|_| ()).map_err(|why| invalid_input().field("url", why))
}
