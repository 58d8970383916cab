//! The production schedule of an event.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{CheckOnly, NewProductionEntry, ProductionEntry, ProductionId, ProductionPatch};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::same_version,
        patch::Patch,
        permissions::Permission::{ProductionManage, ProductionRead},
    },
    crate::planning::{
        Clash, EntryKind, PlanStatus,
        engine::{self, Taken},
        entry::{self, Entry, must_last},
        reach, sql,
    },
    sqlx::PgConnection,
    uuid::Uuid,
};

#[cfg(feature = "ssr")]
impl Entry for ProductionEntry {
    const KIND: EntryKind = EntryKind::Production;
    fn taken(&self) -> Taken {
        Taken {
            kind: Self::KIND,
            id: self.id.0,
            event: self.event_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            firm: self.status.is_firm(),
            alive: self.status != PlanStatus::Cancelled,
            takes: self.stage_id.iter().map(|stage| ("stage", stage.0)).collect(),
            counted: None,
        }
    }
    async fn write(&self, db: &mut PgConnection) -> Result<()> {
        sql::production_update(db, self).await
    }
    async fn read(db: &mut PgConnection, id: Uuid) -> Result<Self> {
        sql::production_find(db, ProductionId(id)).await
    }
    fn with(self, clashes: Vec<Clash>) -> Self {
        Self { clashes, ..self }
    }
}

/// Get the production schedule of an event
///
/// In order.
#[operation(GET "/production/schedules/{event_id}", staff = ProductionRead, scoped)]
pub async fn production_schedule_list(
    db: &mut Reader,
    event_id: EventId,
    query: Paging,
) -> Result<Page<ProductionEntry>> {
    find_run(db, event_id, ProductionRead).await?;
    let rows = sql::production_list(db.conn(), event_id).await?;
    query.cut(db, "production", event_id, rows, |entry| entry.id.0)
}

/// Add an entry to an event's production schedule
///
/// An entry on a stage occupies the stage. Confirmed entries cannot overlap: a clash returns 409 with the entries that
/// clash. Pencilled entries can overlap and are marked. With `check`, the answer is the same and nothing is saved.
#[operation(POST "/production/schedules", staff = ProductionManage, status = 201, scoped,
    errors(clash, invalid_transition))]
pub async fn production_schedule_add(
    cx: &RequestContext,
    query: CheckOnly,
    input: NewProductionEntry,
) -> Result<ProductionEntry> {
    engine::run(cx, query.check, move |tx| Box::pin(add(tx, input))).await
}

#[cfg(feature = "ssr")]
async fn add(tx: &mut Tx, input: NewProductionEntry) -> Result<ProductionEntry> {
    let event = reach::plan(tx, input.event_id, ProductionManage).await?;
    let stage = reach::stage(tx, &event, input.stage_id).await?;
    let entry = ProductionEntry {
        id: ProductionId::new(),
        event_id: event.id,
        title: input.title.into(),
        kind: input.kind,
        stage_id: input.stage_id,
        stage: stage.map(|stage| stage.name),
        location: input.location.map(String::from),
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        status: input.status.unwrap_or(PlanStatus::Confirmed),
        note: input.note.map(String::from),
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    engine::lock_resources(tx, &entry.taken()).await?;
    sql::production_insert(tx.conn(), &entry).await?;
    entry::added(tx, "production_schedule.created", entry).await
}

/// Update an entry of the production schedule
///
/// Clashes are reported as when adding an entry, and `check` works the same way.
#[operation(PATCH "/production-schedules/{id}", staff = ProductionManage, scoped,
    errors(clash, conflict, invalid_transition))]
pub async fn production_schedule_update(
    cx: &RequestContext,
    id: ProductionId,
    query: CheckOnly,
    input: ProductionPatch,
) -> Result<ProductionEntry> {
    engine::run(cx, query.check, move |tx| Box::pin(change(tx, id, input))).await
}

#[cfg(feature = "ssr")]
async fn change(tx: &mut Tx, id: ProductionId, input: ProductionPatch) -> Result<ProductionEntry> {
    let event = sql::production_find(tx.conn(), id).await?.event_id;
    let event = reach::plan_of(tx, event, ProductionManage).await?;
    let before = sql::production_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let text = |patch: Patch<String>, old: &Option<String>| patch.apply(old.clone());
    let after = ProductionEntry {
        title: input.title.map_or_else(|| before.title.clone(), String::from),
        kind: input.kind.unwrap_or(before.kind),
        stage_id: input.stage_id.apply(before.stage_id),
        location: text(input.location.map(String::from), &before.location),
        starts_at: input.starts_at.unwrap_or(before.starts_at),
        ends_at: input.ends_at.unwrap_or(before.ends_at),
        status: before.status.next(input.status.unwrap_or(before.status))?,
        note: text(input.note.map(String::from), &before.note),
        ..before.clone()
    };
    must_last(after.starts_at, after.ends_at)?;
    if after.stage_id != before.stage_id {
        reach::stage(tx, &event, after.stage_id).await?;
    }
    entry::save(tx, "production_schedule.updated", &before, after).await
}

/// Remove an entry from the production schedule
#[operation(DELETE "/production-schedules/{id}", staff = ProductionManage, scoped, errors(invalid_transition))]
pub async fn production_schedule_remove(tx: &mut Tx, id: ProductionId) -> Result<()> {
    let event = sql::production_find(tx.conn(), id).await?.event_id;
    reach::plan_of(tx, event, ProductionManage).await?;
    let before = sql::production_find(tx.conn(), id).await?;
    if before.status == PlanStatus::Cancelled {
        return Err(crate::kernel::error::not_found());
    }
    let after = ProductionEntry { status: before.status.next(PlanStatus::Cancelled)?, ..before.clone() };
    entry::save(tx, "production_schedule.removed", &before, after).await.map(drop)
}
