//! Who appears when and where.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{CheckOnly, NewTalentSlot, SlotId, TalentSlot, TalentSlotPatch};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{not_found, same_version},
        permissions::Permission::{TalentManage, TalentRead},
    },
    crate::planning::{
        Clash, EntryKind, PlanStatus, SlotKind, checklist,
        engine::{self, Taken},
        entry::{self, Entry, must_last},
        reach, sql,
    },
    sqlx::PgConnection,
    uuid::Uuid,
};

#[cfg(feature = "ssr")]
impl Entry for TalentSlot {
    const KIND: EntryKind = EntryKind::Talent;
    fn taken(&self) -> Taken {
        let stage = self.stage_id.iter().map(|stage| ("stage", stage.0));
        Taken {
            kind: Self::KIND,
            id: self.id.0,
            event: self.event_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            firm: self.status.is_firm(),
            alive: self.status != PlanStatus::Cancelled,
            takes: std::iter::once(("talent", self.talent_id.0)).chain(stage).collect(),
            counted: None,
        }
    }
    async fn write(&self, db: &mut PgConnection) -> Result<()> {
        sql::slot_update(db, self).await
    }
    async fn read(db: &mut PgConnection, id: Uuid) -> Result<Self> {
        sql::slot_find(db, SlotId(id)).await
    }
    fn with(self, clashes: Vec<Clash>) -> Self {
        Self { clashes, ..self }
    }
}

/// List the slots of an event
///
/// In order. Artists see their own only.
#[operation(GET "/talent/schedules/{event_id}", staff = TalentRead, scoped)]
pub async fn talent_slot_list(db: &mut Reader, event_id: EventId, query: Paging) -> Result<Page<TalentSlot>> {
    let own = reach::own_talent(&db.scope);
    let mut rows = sql::slot_list(db.conn(), event_id, own.clone()).await?;
    if !reach::reads_notes(&db.scope) {
        rows.iter_mut().for_each(|slot| slot.note = None);
    }
    if own.is_none() {
        find_run(db, event_id, TalentRead).await?;
    } else if rows.is_empty() {
        return Err(not_found());
    }
    query.cut(db, "slots", event_id, rows, |slot| slot.id.0)
}

/// Book a slot for an artist at an event
///
/// Nobody can appear twice at the same time, and a stage has one slot at a time: a clash returns 409 with the entries
/// that clash. Pencilled slots can overlap and are marked. With `check`, the answer is the same and nothing is saved.
/// The first slot of an artist at an event also creates their checklist: contract, travel, hotel and sound check.
#[operation(POST "/talent/schedules", staff = TalentManage, status = 201, scoped, errors(clash, invalid_transition))]
pub async fn talent_slot_add(cx: &RequestContext, query: CheckOnly, input: NewTalentSlot) -> Result<TalentSlot> {
    engine::run(cx, query.check, move |tx| Box::pin(add(tx, input))).await
}

#[cfg(feature = "ssr")]
async fn add(tx: &mut Tx, input: NewTalentSlot) -> Result<TalentSlot> {
    let event = reach::plan(tx, input.event_id, TalentManage).await?;
    let stage = reach::stage(tx, &event, input.stage_id).await?;
    let mut slot = TalentSlot {
        id: SlotId::new(),
        event_id: event.id,
        talent_id: input.talent_id,
        stage_name: String::new(),
        stage_id: input.stage_id,
        stage: stage.map(|stage| stage.name),
        kind: input.kind.unwrap_or(SlotKind::Set),
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        status: input.status.unwrap_or(PlanStatus::Confirmed),
        shown: !input.hidden,
        note: input.note.map(String::from),
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    engine::lock_resources(tx, &slot.taken()).await?;
    let found = sql::talent_find(tx.conn(), slot.talent_id).await;
    slot.stage_name = reach::named(found, "talent_id", "choose an artist from the roster")?.stage_name;
    if !sql::is_booked(tx.conn(), slot.talent_id, event.id).await? {
        checklist::begin(tx, &slot).await?;
    }
    sql::slot_insert(tx.conn(), &slot).await?;
    entry::added(tx, "talent_schedule.created", slot).await
}

/// Update a slot
#[operation(PATCH "/talent-schedules/{id}", staff = TalentManage, scoped,
    errors(clash, conflict, invalid_transition))]
pub async fn talent_slot_update(
    cx: &RequestContext,
    id: SlotId,
    query: CheckOnly,
    input: TalentSlotPatch,
) -> Result<TalentSlot> {
    engine::run(cx, query.check, move |tx| Box::pin(change(tx, id, input))).await
}

#[cfg(feature = "ssr")]
async fn change(tx: &mut Tx, id: SlotId, input: TalentSlotPatch) -> Result<TalentSlot> {
    let event = sql::slot_find(tx.conn(), id).await?.event_id;
    let event = reach::plan_of(tx, event, TalentManage).await?;
    let before = sql::slot_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = TalentSlot {
        stage_id: input.stage_id.apply(before.stage_id),
        kind: input.kind.unwrap_or(before.kind),
        starts_at: input.starts_at.unwrap_or(before.starts_at),
        ends_at: input.ends_at.unwrap_or(before.ends_at),
        status: before.status.next(input.status.unwrap_or(before.status))?,
        shown: input.shown.unwrap_or(before.shown),
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    must_last(after.starts_at, after.ends_at)?;
    if after.stage_id != before.stage_id {
        reach::stage(tx, &event, after.stage_id).await?;
    }
    entry::save(tx, "talent_schedule.updated", &before, after).await
}

/// Remove a slot
#[operation(DELETE "/talent-schedules/{id}", staff = TalentManage, scoped, errors(invalid_transition))]
pub async fn talent_slot_remove(tx: &mut Tx, id: SlotId) -> Result<()> {
    let event = sql::slot_find(tx.conn(), id).await?.event_id;
    reach::plan_of(tx, event, TalentManage).await?;
    let before = sql::slot_find(tx.conn(), id).await?;
    if before.status == PlanStatus::Cancelled {
        return Err(not_found());
    }
    let after = TalentSlot { status: before.status.next(PlanStatus::Cancelled)?, ..before.clone() };
    entry::save(tx, "talent_schedule.removed", &before, after).await.map(drop)
}
