//! The demo's plan was printed yesterday, and a set was moved since.

use time::Duration;

use crate::events::Event;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::planning::{EntryKind, PlanVersion, PlanVersionId, VersionEntry, VersionKind, sql};

/// Makes the version: the first artist was to begin a quarter of an hour earlier.
pub async fn printed(tx: &mut Tx, event: &Event) -> Result<()> {
    let stages = sql::stage_list(tx.conn(), event).await?;
    let entries = sql::entry_list(tx.conn(), event.id, EntryKind::ALL).await?;
    let mut entries: Vec<VersionEntry> = entries.iter().map(|entry| VersionEntry::of(entry, &stages)).collect();
    if let Some(moved) = entries.iter_mut().find(|entry| entry.kind == EntryKind::Talent && entry.decided) {
        moved.starts_at = moved.starts_at.plus(-Duration::minutes(15));
        moved.ends_at = moved.ends_at.plus(-Duration::minutes(15));
    }
    let version = PlanVersion {
        id: PlanVersionId::new(),
        event_id: event.id,
        number: 1,
        kind: VersionKind::Printed,
        made_by: None,
        created_at: Timestamp(tx.now.0 - Duration::days(1)),
    };
    sql::version_insert(tx.conn(), &version, &entries, None).await?;
    tx.audit_created("plan_version.created", &version);
    Ok(())
}
