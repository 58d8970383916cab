//! Versions of a plan: printing or sending it makes one, and what changes after that is marked.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{NewPlanVersion, PlanVersion};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{
        context::{Db, Reader, Tx},
        permissions::Permission::{ProductionManage, ProductionRead},
    },
    crate::planning::{EntryKind, PlanVersionId, VersionEntry, bus::PlanVersionMade, changes, reach, sql},
};

/// List the versions of an event's plan
///
/// Newest first.
#[operation(GET "/events/{id}/plan/versions", staff = ProductionRead, scoped)]
pub async fn plan_version_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<PlanVersion>> {
    find_run(db, id, ProductionRead).await?;
    let rows = sql::version_list(db.conn(), id).await?;
    query.cut(db, "plan_versions", id, rows, |version| version.id.0)
}

/// Create a version of an event's plan
///
/// For printing or sending. Later changes are marked as changed since this version. People with an account are notified
/// if their own part differs from the previous version; crew have already been notified of each change by email or text
/// message.
#[operation(POST "/events/{id}/plan/versions", staff = ProductionManage, status = 201, scoped,
    errors(invalid_transition))]
pub async fn plan_version_add(tx: &mut Tx, id: EventId, input: NewPlanVersion) -> Result<PlanVersion> {
    let event = reach::plan(tx, id, ProductionManage).await?;
    let (now, by) = (tx.now, tx.caller.person());
    let stages = sql::stage_list(tx.conn(), &event).await?;
    let entries = sql::entry_list(tx.conn(), id, EntryKind::ALL).await?;
    let entries: Vec<VersionEntry> = entries.iter().map(|entry| VersionEntry::of(entry, &stages)).collect();
    let last = sql::version_last(tx.conn(), id).await?;
    let changed = last.as_ref().map(|(_, was)| changes(was, &entries)).unwrap_or_default();
    let version = PlanVersion {
        id: PlanVersionId::new(),
        event_id: id,
        number: last.map_or(1, |(version, _)| version.number + 1),
        kind: input.kind,
        made_by: None,
        created_at: now,
    };
    sql::version_insert(tx.conn(), &version, &entries, by).await?;
    let mut subjects: Vec<_> = changed
        .iter()
        .flat_map(|one| [one.was.as_ref(), one.now.as_ref()])
        .flatten()
        .filter(|entry| matches!(entry.kind, EntryKind::Crew | EntryKind::Talent))
        .filter_map(|entry| entry.subject_id)
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    let (crew, artists) = sql::accounts_of(tx.conn(), &subjects, now).await?;
    let version = sql::version_last(tx.conn(), id).await?.map_or(version, |(made, _)| made);
    tx.audit_created("plan_version.created", &version);
    let changed = changed.len() as i64;
    tx.emit(&PlanVersionMade { event_id: id, number: version.number, changed, crew, artists });
    Ok(version)
}
