//! The gates of an event in numbers.

use operation::operation;

use crate::events::EventId;
use crate::gate::GateBoard;
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::events::Event,
    crate::gate::sql::{self, Counted, Which},
    crate::gate::{ExpectedArrivals, GateCount, GateId, RefusalCount, TypeCount, reach},
    crate::kernel::{
        context::{Db, Reader},
        permissions::Permission::LiveRead,
        timestamp::Timestamp,
    },
    crate::tickets::TicketTypeId,
    std::collections::BTreeMap,
    time::Duration,
    uuid::Uuid,
};

/// Minutes that are shown: three hours.
#[cfg(feature = "ssr")]
const MINUTES: i64 = 180;

/// Get the gate figures of an event
///
/// Scans and guests inside by gate, ticket type and minute, compared with the expected arrivals; phones, refused scans,
/// conflicts and the latest updates. At most two seconds behind the scans, for any number of tickets.
#[operation(GET "/events/{id}/gate-board", staff = LiveRead, device, scoped)]
pub async fn gate_board(db: &mut Reader, id: EventId) -> Result<GateBoard> {
    let event = reach::run(db, id, LiveRead).await?;
    let now = db.now;
    let counted = sql::counted(db.conn(), id).await?;
    let gates = sql::gate_list(db.conn(), Some(id), None).await?;
    let types = sql::types_sold(db.conn(), id).await?;
    let unresolved = sql::unresolved(db.conn(), id).await?;
    let mut devices = sql::device_list(db.conn(), Some(id), None, now).await?;
    devices.retain(|device| device.revoked_at.is_none());
    if db.caller.device().is_some() {
        // Who paired them is for the team to know.
        devices.iter_mut().for_each(|device| device.paired_by = None);
    }
    let sum = |of: &dyn Fn(&&Counted) -> bool| counted.iter().filter(|row| of(row)).map(|row| row.people).sum::<i64>();
    let scans = |of: &dyn Fn(&&Counted) -> bool| counted.iter().filter(|row| of(row)).map(|row| row.scans).sum::<i64>();
    let refused = |row: &&Counted| row.result == "rejected";
    let (came_in, went_out) = (sum(&|row| row.direction == "in"), sum(&|row| row.direction == "out"));
    // Who goes out today is taken for who came in today, as long as there is somebody.
    let before = overnight(db, &event).await?;
    let mut named: Vec<(Uuid, String)> = gates.into_iter().map(|gate| (gate.id.0, gate.name)).collect();
    // Scans at gates that were removed since, or that named none, count as well.
    if counted.iter().any(|row| !named.iter().any(|(gate, _)| *gate == row.gate_id)) {
        named.push((Uuid::nil(), "Elsewhere".to_owned()));
    }
    let at = |row: &&Counted, gate: Uuid, all: &[(Uuid, String)]| {
        row.gate_id == gate || gate.is_nil() && !all.iter().any(|(known, _)| *known == row.gate_id)
    };
    let gates = named
        .iter()
        .map(|(gate, name)| GateCount {
            gate_id: (!gate.is_nil()).then_some(GateId(*gate)),
            name: name.clone(),
            came_in: sum(&|row| at(row, *gate, &named) && row.direction == "in"),
            went_out: sum(&|row| at(row, *gate, &named) && row.direction == "out"),
            refused: scans(&|row| at(row, *gate, &named) && refused(row)),
        })
        .collect();
    let types = types.into_iter().map(|(kind, name, tickets)| {
        let people = |direction: &str| sum(&|row| row.ticket_type_id == kind && row.direction == direction);
        let (came_in, went_out) = (people("in"), people("out"));
        let beside = unresolved.iter().find(|(of, _)| *of == Some(kind)).map_or(0, |(_, people)| *people);
        let inside = came_in - went_out;
        TypeCount { ticket_type_id: TicketTypeId(kind), name, tickets, came_in, inside, unresolved: beside }
    });
    let types = types.collect();
    let mut reasons: BTreeMap<&str, i64> = BTreeMap::new();
    for row in counted.iter().filter(refused) {
        *reasons.entry(row.reason.as_str()).or_default() += row.scans;
    }
    let mut refusals: Vec<RefusalCount> =
        reasons.into_iter().map(|(reason, count)| RefusalCount { reason: reason.to_owned(), count }).collect();
    refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.count));
    Ok(GateBoard {
        event_id: id,
        title: event.title.clone(),
        timezone: event.timezone.clone(),
        start_at: event.start_at,
        end_at: event.end_at,
        as_of: now,
        tickets: event.going_count,
        scans: scans(&|_| true),
        came_in,
        inside: came_in - went_out,
        inside_overnight: before.clamp(0, (came_in - went_out).max(0)),
        unresolved: unresolved.iter().map(|(_, people)| people).sum(),
        refused: scans(&refused),
        gates,
        types,
        minutes: sql::minutes(db.conn(), id, MINUTES).await?,
        expected: expected(&event),
        refusals,
        devices,
        conflicts: sql::conflicts_open(db.conn(), id).await?,
        updates: sql::update_list(db.conn(), id, &Which::Newest, false, Some(10)).await?,
    })
}

/// People who were inside when the day began, of an event that goes on for more than one.
#[cfg(feature = "ssr")]
async fn overnight(db: &mut Reader, event: &Event) -> Result<i64> {
    if event.end_at.0 - event.start_at.0 <= Duration::DAY {
        return Ok(0);
    }
    let at = Timestamp(db.now.0.min(event.end_at.0));
    sql::inside_before_day(db.conn(), event.id, at, &event.timezone, event.start_at.plus(Duration::hours(12))).await
}

/// When guests can be expected: from ninety minutes before the start on, most of them twenty minutes before it, the last
/// half an hour after it.
#[cfg(feature = "ssr")]
fn expected(event: &Event) -> Vec<ExpectedArrivals> {
    const FIRST: i64 = -90;
    const MOST: i64 = -20;
    const LAST: i64 = 30;
    let weight = |minute: i64| match minute {
        minute if minute <= MOST => (minute - FIRST) as f64 / (MOST - FIRST) as f64,
        minute => (LAST - minute) as f64 / (LAST - MOST) as f64,
    };
    let all: f64 = (FIRST..=LAST).map(weight).sum();
    let share = |minute: i64| f64::from(event.going_count) * weight(minute) / all;
    let at = |minute: i64| Timestamp(event.start_at.0 + Duration::minutes(minute));
    (FIRST..=LAST).map(|minute| ExpectedArrivals { minute: at(minute), people: share(minute) }).collect()
}
