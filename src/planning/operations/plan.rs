//! The whole plan of an event, what clashes in it, and how strict the organisation is.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{Clash, MoveCheck, MoveQuery, Plan, PlanRule, PlanRuleInput};

#[cfg(feature = "ssr")]
use {
    crate::events::EventStatus,
    crate::events::rules::{find_run, lock},
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, same_version},
        permissions::Permission::{EventsManage, ProductionRead, StaffingRead, TalentRead},
        timestamp::Timestamp,
    },
    crate::planning::{EntryKind, VersionEntry, changes, engine, sql},
};

/// Get the whole plan of an event
///
/// Stages, shifts, entries and clashes. Crew and talent are included if the caller may see them.
#[operation(GET "/events/{id}/plan", staff = ProductionRead, scoped)]
pub async fn plan_get(db: &mut Reader, id: EventId) -> Result<Plan> {
    let event = find_run(db, id, ProductionRead).await?;
    let sees = |permission| db.caller.scope_for(permission).is_some();
    let (crew, talent) = (sees(StaffingRead), sees(TalentRead));
    let mut kinds = vec![EntryKind::Production, EntryKind::Equipment];
    kinds.extend(crew.then_some(EntryKind::Crew));
    kinds.extend(talent.then_some(EntryKind::Talent));
    let stages = sql::stage_list(db.conn(), &event).await?;
    let shifts = if crew { sql::shift_list(db.conn(), id).await? } else { Vec::new() };
    let entries = sql::entry_list(db.conn(), id, &kinds).await?;
    let mut clashes = engine::of_event(db, &event).await?;
    clashes.retain(|clash| kinds.contains(&clash.entry.kind));
    let (version, was) = sql::version_last(db.conn(), id).await?.unzip();
    let now: Vec<VersionEntry> = entries.iter().map(|entry| VersionEntry::of(entry, &stages)).collect();
    let mut changes = was.map(|was| changes(&was, &now)).unwrap_or_default();
    changes.retain(|change| kinds.contains(&change.kind));
    Ok(Plan { event, stages, shifts, entries, clashes, version, changes, checked_at: db.now })
}

/// List the clashes in an event's plan
///
/// The most serious first.
#[operation(GET "/events/{id}/clashes", staff = ProductionRead, scoped)]
pub async fn clash_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<Clash>> {
    let event = find_run(db, id, ProductionRead).await?;
    let rows = engine::of_event(db, &event).await?;
    query.cut(db, "clashes", id, rows, |clash| clash.entry.id)
}

/// Preview how the plan changes if the event is moved
///
/// The plan moves with its event. Shows which entries would become pencilled and which other events are at the same
/// venue. Nothing is saved.
#[operation(GET "/events/{id}/plan/move", staff = EventsManage, scoped)]
pub async fn plan_move_check(cx: &RequestContext, id: EventId, query: MoveQuery) -> Result<MoveCheck> {
    engine::run(cx, true, move |tx| {
        Box::pin(async move {
            let event = lock(tx, id, EventsManage).await?;
            let seconds = (query.start_at.0 - event.start_at.0).as_seconds_f64();
            if seconds.abs() > 10.0 * 366.0 * 86_400.0 {
                return Err(invalid_input().field("start_at", "must be within ten years of the present start"));
            }
            let (entries, clashes) = engine::carry(tx, id, seconds).await?;
            let venue = query.venue_id.or(event.venue_id);
            let end_at = Timestamp(query.start_at.0 + (event.end_at.0 - event.start_at.0));
            let same_venue = match venue {
                Some(venue) => {
                    // Drafts hold nothing: they are in nobody's way, and those of others are theirs.
                    let drafts = event.status == EventStatus::Draft && tx.scope == Scope::All;
                    sql::same_venue(tx.conn(), id, venue, (query.start_at, end_at), drafts).await?
                }
                None => Vec::new(),
            };
            Ok(MoveCheck { start_at: query.start_at, entries, clashes, same_venue })
        })
    })
    .await
}

/// Get how strictly each kind of clash is handled
#[operation(GET "/production/rules", staff = ProductionRead)]
pub async fn plan_rule_list(db: &mut Reader) -> Result<Page<PlanRule>> {
    Ok(sql::rule_list(db.conn()).await?.into())
}

/// Set how strictly a kind of clash is handled
///
/// Double bookings and missing units are never allowed.
#[operation(PUT "/production/rules", staff = OrganisationManage, errors(conflict))]
pub async fn plan_rule_set(tx: &mut Tx, input: PlanRuleInput) -> Result<PlanRule> {
    let find = |rules: Vec<PlanRule>| rules.into_iter().find(|rule| rule.rule == input.rule);
    let unknown = || invalid_input().field("rule", "is not a rule");
    let before = find(sql::rule_list(tx.conn()).await?).ok_or_else(unknown)?;
    same_version(input.version, before.version, &before)?;
    let wanted = PlanRule { severity: input.severity, minutes: input.minutes.or(before.minutes), ..before.clone() };
    sql::rule_set(tx.conn(), &wanted).await?;
    let after = find(sql::rule_list(tx.conn()).await?).ok_or_else(unknown)?;
    tx.audit("plan_rule.updated", &before, &after);
    Ok(after)
}
