//! Who plans what: the event's own people, and what may be planned at it.

use uuid::Uuid;

use super::{Stage, StageId, Talent, TalentId, sql};
use crate::events::rules::lock;
use crate::events::{Event, EventId, EventStatus};
use crate::kernel::caller::{Scope, ScopeKey};
use crate::kernel::context::{Db, Reader, Tx};
pub use crate::kernel::error::hidden;
use crate::kernel::error::{Result, invalid_input, invalid_transition, not_found};
use crate::kernel::permissions::Permission;

/// The event to plan for, locked; one that was cancelled has no plan any more.
pub async fn plan(tx: &mut Tx, event: EventId, permission: Permission) -> Result<Event> {
    let event = lock(tx, event, permission).await?;
    match event.status {
        EventStatus::Cancelled => Err(invalid_transition().detail("The event is cancelled.")),
        _ => Ok(event),
    }
}

/// The event of an entry that is there, locked.
pub async fn plan_of(tx: &mut Tx, event: EventId, permission: Permission) -> Result<Event> {
    plan(tx, event, permission).await.map_err(hidden)
}

/// The same whatever became of the event.
pub async fn run(tx: &mut Tx, event: EventId, permission: Permission) -> Result<Event> {
    lock(tx, event, permission).await.map_err(hidden)
}

/// A record that the body names, or what is wrong with the field.
pub fn named<T>(found: Result<T>, field: &str, message: &str) -> Result<T> {
    found.map_err(|error| if error.status() == 404 { invalid_input().field(field, message) } else { error })
}

/// The stage, where one was chosen and the event can use it.
pub async fn stage(db: &mut impl Db, event: &Event, id: Option<StageId>) -> Result<Option<Stage>> {
    let Some(id) = id else { return Ok(None) };
    let message = "choose a stage of this event or of its venue";
    let stage = named(sql::stage_find(db.conn(), id).await, "stage_id", message)?;
    let theirs = stage.event_id == Some(event.id) || stage.venue_id.is_some() && stage.venue_id == event.venue_id;
    if theirs { Ok(Some(stage)) } else { Err(invalid_input().field("stage_id", message)) }
}

/// The artists that the caller is bound to, where it is bound to some and to nothing else.
pub fn own_talent(scope: &Scope) -> Option<Vec<Uuid>> {
    let Scope::Only(keys) = scope else { return None };
    let own: Vec<Uuid> =
        keys.iter().filter_map(|key| if let ScopeKey::Talent(id) = key { Some(*id) } else { None }).collect();
    (!own.is_empty()).then_some(own)
}

/// Whether the caller reads notes for the team: artists who sign in read none.
pub fn reads_notes(scope: &Scope) -> bool {
    own_talent(scope).is_none()
}

/// One of the roster, for whoever sees all of it; artists who sign in see themselves alone.
pub async fn talent(db: &mut Reader, id: TalentId) -> Result<Talent> {
    let own = own_talent(&db.scope).unwrap_or_default();
    if db.scope != Scope::All && !own.contains(&id.0) {
        return Err(not_found());
    }
    let mut talent = sql::talent_find(db.conn(), id).await?;
    talent.note = talent.note.filter(|_| reads_notes(&db.scope));
    Ok(talent)
}
