//! The calendar of all events.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::planning::{CalendarEvent, CalendarQuery};

#[cfg(feature = "ssr")]
use {
    crate::kernel::context::{Db, Reader},
    crate::planning::{Severity, engine, sql},
    std::collections::{BTreeMap, BTreeSet},
    uuid::Uuid,
};

/// List all events of a date range with their load and clashes
///
/// Includes drafts and cancelled events.
#[operation(GET "/production/calendar", staff = ProductionRead)]
pub async fn calendar_event_list(db: &mut Reader, query: CalendarQuery) -> Result<Page<CalendarEvent>> {
    let now = db.now;
    let mut events = sql::calendar(db.conn(), (query.from, query.to), now).await?;
    let ids: Vec<Uuid> = events.iter().map(|event| event.event_id.0).collect();
    let entries = sql::entries_of(db.conn(), &ids).await?;
    let all: Vec<Uuid> = entries.keys().copied().collect();
    let mut counted: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for clash in engine::clashes(db, &all).await? {
        let sides = std::iter::once(&clash.entry).chain(&clash.other);
        // A clash between two events is one of both.
        let of: BTreeSet<Uuid> = sides.filter_map(|side| entries.get(&side.id).copied()).collect();
        for event in of {
            let (must_fix, to_check) = counted.entry(event).or_default();
            match clash.severity {
                Severity::MustFix => *must_fix += 1,
                Severity::Check => *to_check += 1,
                Severity::Note | Severity::Off => {}
            }
        }
    }
    for event in &mut events {
        (event.must_fix, event.to_check) = counted.get(&event.event_id.0).copied().unwrap_or_default();
    }
    Ok(events.into())
}
