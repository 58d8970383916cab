//! What all entries of a plan have in common: they take something, are judged by the one engine, and are recorded alike.

use sqlx::PgConnection;
use uuid::Uuid;

use super::bus::PlanChanged;
use super::engine::{self, Taken};
use super::{Clash, EntryKind};
use crate::events::EventId;
use crate::kernel::audit::Audited;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::timestamp::Timestamp;

/// An entry of a plan.
pub trait Entry: Audited + Send + Sync + Sized {
    /// Which kind.
    const KIND: EntryKind;
    /// What it takes, and when.
    fn taken(&self) -> Taken;
    /// Writes what was changed of it.
    fn write(&self, db: &mut PgConnection) -> impl Future<Output = Result<()>> + Send;
    /// The entry as it is kept, or 404.
    fn read(db: &mut PgConnection, id: Uuid) -> impl Future<Output = Result<Self>> + Send;
    /// The same, with what stands against it.
    fn with(self, clashes: Vec<Clash>) -> Self;
}

/// Judges an entry that was just written, and records that it is there.
pub async fn added<E: Entry>(tx: &mut Tx, action: &'static str, entry: E) -> Result<E> {
    let taken = entry.taken();
    let clashes = engine::place(tx, &taken).await?;
    tx.audit_created(action, &entry);
    changed::<E>(tx, taken.event, taken.id);
    Ok(entry.with(clashes))
}

/// Writes an entry that was changed or taken off the plan, judges it anew, and records it.
pub async fn save<E: Entry>(tx: &mut Tx, action: &'static str, before: &E, after: E) -> Result<E> {
    let (old, new) = (before.taken(), after.taken());
    engine::lock_resources(tx, &new).await?;
    after.write(tx.conn()).await?;
    let clashes = engine::replace(tx, &old, &new).await?;
    let after = E::read(tx.conn(), new.id).await?;
    tx.audit(action, before, &after);
    changed::<E>(tx, new.event, new.id);
    Ok(after.with(clashes))
}

fn changed<E: Entry>(tx: &mut Tx, event_id: EventId, entry_id: Uuid) {
    tx.emit(&PlanChanged { event_id, kind: E::KIND, entry_id });
}

/// 422 where it ends before it has begun.
pub fn must_last(from: Timestamp, to: Timestamp) -> Result<()> {
    if from < to { Ok(()) } else { Err(invalid_input().field("ends_at", "must be after the start")) }
}
