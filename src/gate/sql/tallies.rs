use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;

/// People inside beyond the tickets of an event that are: with what was not added up yet, so that both are of one moment.
pub async fn beyond(db: &mut PgConnection, event: Uuid) -> Result<i32> {
    let people = sqlx::query_scalar!(
        r#"with moves as (
               select direction, people from gate_tallies where event_id = $1
               union all
               select c.direction, c.people from ticket_checkins c, gate_tally_position p
               where c.xid >= p.xid and c.event_id = $1 and not c.untrusted)
           select coalesce(sum(case direction when 'in' then people else -people end), 0)
                  - (select count(*) from tickets where event_id = $1 and status = 'inside') as "people!"
           from moves"#,
        event,
    );
    Ok(i32::try_from(people.fetch_one(db).await?).unwrap_or(0))
}

/// Adds up the attempts that were settled since the last time; the events of which there were some. Whoever counts
/// holds the position's lock, so each attempt is counted once.
pub async fn tally(db: &mut PgConnection) -> Result<Vec<Uuid>> {
    let events = sqlx::query_scalar!(
        r#"with position as (select xid from gate_tally_position for no key update),
           bounds as (select xid as low, pg_snapshot_xmin(pg_current_snapshot()) as high from position),
           counted as (
               select c.event_id, date_trunc('minute', c.checked_in_at) as minute,
                      coalesce(c.gate_id, '00000000-0000-0000-0000-000000000000') as gate_id,
                      coalesce(c.ticket_type_id, '00000000-0000-0000-0000-000000000000') as ticket_type_id,
                      c.direction, c.result, coalesce(c.reason, '') as reason,
                      count(*) filter (where c.attempt_id is null) as scans, sum(c.people) as people
               from ticket_checkins c, bounds b
               where c.xid >= b.low and c.xid < b.high and c.event_id is not null and not c.untrusted
               group by 1, 2, 3, 4, 5, 6, 7),
           added as (
               insert into gate_tallies (event_id, minute, gate_id, ticket_type_id, direction, result, reason, scans, people)
               select event_id, minute, gate_id, ticket_type_id, direction, result, reason, scans, people from counted
               on conflict (event_id, minute, gate_id, ticket_type_id, direction, result, reason)
               do update set scans = gate_tallies.scans + excluded.scans, people = gate_tallies.people + excluded.people),
           moved as (update gate_tally_position set xid = (select high from bounds)
                     where exists (select 1 from counted))
           select distinct event_id as "event_id!" from counted"#,
    )
    .fetch_all(db)
    .await?;
    Ok(events)
}
