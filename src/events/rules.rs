//! Who sees an event and who runs it; other areas whose records belong to events ask here.

use std::sync::Arc;

use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Event, EventId, VenueHolder, sql};
use crate::access::EndUserId;
use crate::kernel::app::App;
use crate::kernel::caller::{Caller, Scope, ScopeKey};
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::error::{Result, forbidden, not_found};
use crate::kernel::permissions::Permission;
use crate::kernel::registry::OperationMeta;

/// As whom somebody looks at events.
#[derive(Clone, Debug)]
pub enum Viewer {
    /// Staff with the permission, everywhere or within a scope.
    Staff(Scope),
    /// An end user: what is public, and what it hosts.
    User(EndUserId),
    /// Anybody: what is public.
    Anyone,
}

/// The end user who calls, where it is one.
pub fn end_user(caller: &Caller) -> Option<EndUserId> {
    caller.end_user().map(|user| user.id)
}

/// The end user who calls, in operations for end users alone.
pub fn this_user(cx: &RequestContext) -> Result<EndUserId> {
    end_user(&cx.caller).ok_or_else(|| forbidden().detail("This is for end users, who sign in by phone."))
}

/// As whom the caller looks at events. Staff without the permission sees what anybody sees.
pub fn audience(cx: &RequestContext, permission: Permission) -> Viewer {
    if let Some(user) = end_user(&cx.caller) {
        return Viewer::User(user);
    }
    let kept_out = cx.caller.outside_allowlist() || cx.caller.staff().is_some_and(|staff| staff.needs_second_factor);
    match cx.caller.scope_for(permission) {
        Some(scope) if !kept_out => Viewer::Staff(scope),
        _ => Viewer::Anyone,
    }
}

fn keys(scope: &[ScopeKey]) -> (Vec<Uuid>, Vec<Uuid>) {
    let event = |key: &ScopeKey| if let ScopeKey::Event(id) = key { Some(*id) } else { None };
    let partner = |key: &ScopeKey| if let ScopeKey::Partner(id) = key { Some(*id) } else { None };
    (scope.iter().filter_map(event).collect(), scope.iter().filter_map(partner).collect())
}

/// The published event that has the venue of this one at its hours, if there is one.
pub async fn venue_holder(db: &mut PgConnection, event: &Event) -> Result<Option<VenueHolder>> {
    sql::event_in_the_way(db, event).await
}

/// Adds the condition that the audience runs the event `e`.
pub fn push_runs(query: &mut QueryBuilder<Postgres>, audience: &Viewer) {
    match audience {
        Viewer::Staff(Scope::All) => {
            query.push("true");
        }
        Viewer::Staff(Scope::Only(scope)) => {
            let (events, partners) = keys(scope);
            query.push("(e.id = any(").push_bind(events);
            query.push(") or e.organizer_partner_id = any(").push_bind(partners.clone());
            query.push(") or exists (select 1 from event_co_hosts c where c.event_id = e.id and c.partner_id = any(");
            query.push_bind(partners).push(")))");
        }
        Viewer::User(user) => {
            query.push("(e.host_user_id = ").push_bind(*user);
            query.push(" or exists (select 1 from event_co_hosts c where c.event_id = e.id and c.user_id = ");
            query.push_bind(*user).push("))");
        }
        Viewer::Anyone => {
            query.push("false");
        }
    }
}

/// Adds the condition that the audience sees the event `e`. Drafts are for those who run them, also discarded ones.
pub fn push_sees(query: &mut QueryBuilder<Postgres>, audience: &Viewer) {
    query.push("(e.status <> 'draft' and (e.status <> 'cancelled' or e.published_at is not null) or ");
    push_runs(query, audience);
    query.push(")");
}

/// Adds the condition that a list shows the audience the event `e`: staff within a scope finds there what is in it.
pub fn push_lists(query: &mut QueryBuilder<Postgres>, audience: &Viewer) {
    match audience {
        Viewer::Staff(_) => push_runs(query, audience),
        _ => push_sees(query, audience),
    }
}

/// One event the caller may see, or 404.
pub async fn find(db: &mut impl Db, id: EventId) -> Result<Event> {
    let audience = audience(db.cx(), Permission::EventsRead);
    sql::event_seen(db.conn(), &audience, id).await?.ok_or_else(not_found)
}

/// One event that the caller runs, or 404; 403 where it may be seen and no more.
pub async fn find_run(db: &mut impl Db, id: EventId, permission: Permission) -> Result<Event> {
    let audience = audience(db.cx(), permission);
    match sql::event_run(db.conn(), &audience, id, false).await? {
        Some(event) => Ok(event),
        None => Err(refused(db, id).await),
    }
}

/// Whether the caller may do this at an event.
pub async fn may_at(db: &mut impl Db, id: EventId, permission: Permission) -> Result<bool> {
    let audience = audience(db.cx(), permission);
    Ok(sql::event_run(db.conn(), &audience, id, false).await?.is_some())
}

/// One event that the caller runs, locked until the transaction ends. Whatever belongs to an event is changed under it.
pub async fn lock(tx: &mut Tx, id: EventId, permission: Permission) -> Result<Event> {
    let audience = audience(tx, permission);
    match sql::event_run(tx.conn(), &audience, id, true).await? {
        Some(event) => Ok(event),
        None => Err(refused(tx, id).await),
    }
}

/// The event whatever the caller is to it, locked: for guests, whose own rules the caller checks.
pub async fn lock_open(tx: &mut Tx, id: EventId) -> Result<Event> {
    sql::event_run(tx.conn(), &Viewer::Staff(Scope::All), id, true).await?.ok_or_else(not_found)
}

/// The event as it stands, for areas that have checked who asks.
pub async fn by_id(db: &mut PgConnection, id: EventId) -> Result<Event> {
    sql::event_run(db, &Viewer::Staff(Scope::All), id, false).await?.ok_or_else(not_found)
}

async fn refused(db: &mut impl Db, id: EventId) -> crate::Error {
    match find(db, id).await {
        Ok(_) => forbidden().detail("Only the event's organisers can do this."),
        Err(error) => error,
    }
}

/// A call by Eventify itself: jobs and demo data.
pub fn system_cx(app: &Arc<App>, operation: &'static OperationMeta) -> RequestContext {
    RequestContext::system(app, operation)
}
