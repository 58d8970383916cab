//! Stages and rooms.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{NewStage, Stage, StageId, StagePatch};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{find_run, lock},
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, Tx},
        error::{forbidden, invalid_input, invalid_transition, same_version},
        permissions::Permission::{ProductionManage, ProductionRead},
    },
    crate::planning::{StageKind, bus::PlanFrameChanged, reach, sql},
};

/// List the stages and rooms of an event and its venue
#[operation(GET "/events/{id}/stages", staff = ProductionRead, scoped)]
pub async fn stage_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<Stage>> {
    let event = find_run(db, id, ProductionRead).await?;
    let rows = sql::stage_list(db.conn(), &event).await?;
    query.cut(db, "stages", id, rows, |stage| stage.id.0)
}

/// Add a stage or a room
///
/// It belongs to the event only, or to its venue: then every event at the venue has it, and only one can use it at a
/// time.
#[operation(POST "/events/{id}/stages", staff = ProductionManage, status = 201, scoped, errors(already_exists))]
pub async fn stage_add(tx: &mut Tx, id: EventId, input: NewStage) -> Result<Stage> {
    let event = lock(tx, id, ProductionManage).await?;
    if input.of_venue && event.venue_id.is_none() {
        return Err(invalid_input().field("of_venue", "the event has no venue of the list"));
    }
    if input.of_venue && tx.scope != Scope::All {
        return Err(forbidden().detail("You can only add stages to your own events."));
    }
    let stage = Stage {
        id: StageId::new(),
        venue_id: event.venue_id.filter(|_| input.of_venue),
        event_id: (!input.of_venue).then_some(id),
        name: input.name.into(),
        kind: input.kind.unwrap_or(StageKind::Stage),
        changeover_minutes: input.changeover_minutes,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::stage_insert(tx.conn(), &stage).await?;
    tx.audit_created("stage.created", &stage);
    tx.emit(&PlanFrameChanged { event_id: id });
    Ok(stage)
}

/// Whoever plans the event changes its stages; those of a venue belong to all events there.
#[cfg(feature = "ssr")]
async fn stage_lock(tx: &mut Tx, id: StageId) -> Result<Stage> {
    let stage = sql::stage_find(tx.conn(), id).await?;
    match stage.event_id {
        Some(event) => drop(lock(tx, event, ProductionManage).await.map_err(reach::hidden)?),
        None if tx.scope != Scope::All => return Err(crate::kernel::error::not_found()),
        None => {}
    }
    sql::stage_lock(tx.conn(), id).await
}

/// Update a stage
#[operation(PATCH "/stages/{id}", staff = ProductionManage, scoped, errors(already_exists, conflict))]
pub async fn stage_update(tx: &mut Tx, id: StageId, input: StagePatch) -> Result<Stage> {
    let before = stage_lock(tx, id).await?;
    same_version(input.version, before.version, &before)?;
    let after = Stage {
        name: input.name.map_or_else(|| before.name.clone(), String::from),
        changeover_minutes: input.changeover_minutes.unwrap_or(before.changeover_minutes),
        ..before.clone()
    };
    sql::stage_update(tx.conn(), &after).await?;
    let after = sql::stage_find(tx.conn(), id).await?;
    tx.audit("stage.updated", &before, &after);
    if let Some(event_id) = after.event_id {
        tx.emit(&PlanFrameChanged { event_id });
    }
    Ok(after)
}

/// Remove a stage
///
/// Rejected while something upcoming is planned on it.
#[operation(DELETE "/stages/{id}", staff = ProductionManage, scoped, errors(invalid_transition))]
pub async fn stage_remove(tx: &mut Tx, id: StageId) -> Result<()> {
    let (before, now) = (stage_lock(tx, id).await?, tx.now);
    sql::lock_resources(tx.conn(), &[id.0]).await?;
    if sql::is_held(tx.conn(), id.0, now).await? {
        return Err(invalid_transition().detail("Something upcoming is planned there."));
    }
    sql::stage_remove(tx.conn(), id, now).await?;
    tx.audit_deleted("stage.removed", &before);
    if let Some(event_id) = before.event_id {
        tx.emit(&PlanFrameChanged { event_id });
    }
    Ok(())
}
