//! The calendar of all events.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::{EventId, EventStatus, VenueId};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::timestamp::Timestamp;
use crate::planning::CalendarEvent;

/// What a calendar shows at most.
const MOST_EVENTS: usize = 5_000;

/// The events that take place within these hours, soonest first; clashes are not counted yet. 422 where there are more
/// than a calendar shows.
pub async fn calendar(
    db: &mut PgConnection,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Vec<CalendarEvent>> {
    let events = sqlx::query_as!(
        CalendarEvent,
        r#"select e.id as "event_id: EventId", e.title as event, e.status as "status: EventStatus",
                  e.venue_id as "venue_id?", coalesce(v.name, e.venue_text, 'No venue yet') as "place!", e.city, e.timezone,
                  e.start_at as "starts_at: Timestamp", e.end_at as "ends_at: Timestamp",
                  to_char(e.start_at at time zone e.timezone, 'YYYY-MM-DD') as "first_day!",
                  -- what ends in the small hours belongs to the night before
                  to_char(greatest(e.start_at at time zone e.timezone,
                                   (e.end_at at time zone e.timezone) - interval '6 hours'), 'YYYY-MM-DD') as "last_day!",
                  to_char(e.start_at at time zone e.timezone, 'HH24:MI') as "start_time!",
                  to_char(e.end_at at time zone e.timezone, 'HH24:MI') as "end_time!",
                  (select count(*) from plan_entries p where p.event_id = e.id and p.status not in ('cancelled', 'declined'))
                      as "entries!",
                  coalesce((select round(sum(extract(epoch from a.ends_at - a.starts_at)) / 3600)::bigint
                            from staff_assignments a where a.event_id = e.id
                            and a.status in ('offered', 'accepted', 'checked_in', 'done')), 0) as "crew_hours!",
                  coalesce((select sum(greatest(s.headcount - (select count(*) from staff_assignments a
                                where a.shift_id = s.id and a.status in ('offered', 'accepted', 'checked_in', 'done')), 0))
                            from staff_shifts s where s.event_id = e.id and s.removed_at is null and s.ends_at > $4), 0)::bigint
                      as "people_needed!",
                  0::bigint as "must_fix!", 0::bigint as "to_check!",
                  array(select o.title from events o where o.venue_id = e.venue_id and o.id <> e.id
                        and o.status <> 'cancelled' and e.status <> 'cancelled' and o.start_at < e.end_at
                        and o.end_at > e.start_at order by o.start_at, o.id limit 5) as "same_venue!"
           from events e left join venues v on v.id = e.venue_id
           where e.start_at < $2 and e.end_at > $1 and e.start_at > $1 - interval '60 days'
           order by e.start_at, e.id limit $3"#,
        from.0,
        to.0,
        MOST_EVENTS as i64 + 1,
        now.0,
    )
    .fetch_all(db)
    .await?;
    if events.len() > MOST_EVENTS {
        return Err(invalid_input().field("to", "there are more than 5,000 events in these days: choose fewer days"));
    }
    Ok(events)
}

/// Other events at a venue between these hours, soonest first; what was cancelled is not there, drafts where they are
/// wanted.
pub async fn same_venue(
    db: &mut PgConnection,
    event: EventId,
    venue: VenueId,
    (from, to): (Timestamp, Timestamp),
    drafts: bool,
) -> Result<Vec<String>> {
    let titles = sqlx::query_scalar!(
        "select title from events
         where venue_id = $1 and id <> $2 and (status in ('published', 'live') or status <> 'cancelled' and $5)
               and start_at < $4 and end_at > $3
         order by start_at, id limit 5",
        venue.0,
        event.0,
        from.0,
        to.0,
        drafts,
    );
    Ok(titles.fetch_all(db).await?)
}

/// What the plans of these events hold or want, each entry with its event.
pub async fn entries_of(db: &mut PgConnection, events: &[Uuid]) -> Result<BTreeMap<Uuid, Uuid>> {
    let rows = sqlx::query!(
        r#"select entry_id as "entry!", event_id as "event!" from plan_holds where event_id = any($1)
           union select id, event_id from equipment_bookings
           where event_id = any($1) and status in ('pencilled', 'confirmed', 'out')"#,
        events,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.entry, row.event)).collect())
}
