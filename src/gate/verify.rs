//! Whether the check-ins add up: what a restored backup or a hand-written repair could have broken. Read only.

use sqlx::PgConnection;

use crate::kernel::error::Result;

/// What does not hold: each ticket stands where its last admission left it, was admitted once without having gone out (or
/// a person was told), and is marked as used if it was; the sums beside the scans are those of the scans, as far as they
/// were added up.
pub async fn violations(db: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"with moves as (
               select c.id, c.ticket_id, c.direction, c.was, c.forced, c.people, c.checked_in_at,
                      c.recorded_at, c.xid
               from ticket_checkins c
               where c.result = 'admitted' and c.annulled_at is null and not c.untrusted and c.ticket_id is not null),
           last as (
               select distinct on (ticket_id) * from moves m
               -- an admission that moved nothing holds where the one it clashed with was annulled
               where was is not null or direction = 'in' and not exists (
                   select 1 from checkin_conflicts x where x.second_checkin_id = m.id and x.kind = 'void_ticket')
               order by ticket_id, was is not null desc, checked_in_at desc, recorded_at desc, xid desc),
           -- a server of the version before moves tickets in the order in which it is told
           told_last as (
               select distinct on (ticket_id) ticket_id, direction from moves where was is not null
               order by ticket_id, recorded_at desc, xid desc),
           sums as (
               select c.event_id, c.direction, c.result, count(*) filter (where c.attempt_id is null) as scans,
                      sum(c.people) as people
               from ticket_checkins c, gate_tally_position p
               where c.xid < p.xid and c.event_id is not null and not c.untrusted group by 1, 2, 3),
           told as (
               select event_id, direction, result, sum(scans) as scans, sum(people) as people from gate_tallies
               group by 1, 2, 3),
           wrong (what) as (
               select 'ticket ' || m.ticket_id || ' was admitted more than once, and nobody was told (' || m.id || ')'
                   from moves m
                   where m.direction = 'in' and m.was is null and m.forced is null and m.people > 0
                         and not exists (select 1 from checkin_conflicts x where x.second_checkin_id = m.id)
                         and exists (select 1 from moves o where o.ticket_id = m.ticket_id and o.id <> m.id
                                     and o.direction = 'in')
               union all
               select 'ticket ' || k.id || ' stands ' || k.status || ', but it was last scanned '
                      || coalesce(m.direction, 'never')
                   from tickets k left join last m on m.ticket_id = k.id left join told_last t on t.ticket_id = k.id
                   where k.status = 'inside' and 'in' <> all (array[coalesce(m.direction, ''), coalesce(t.direction, '')])
                      or k.status = 'outside' and 'out' <> all (array[coalesce(m.direction, ''), coalesce(t.direction, '')])
                      or k.status = 'issued' and m.id is not null
               union all
               select 'ticket ' || k.id || ' was used, but is not redeemed'
                   from tickets k join ticket_secrets s on s.ticket_id = k.id
                   where k.status in ('inside', 'outside') and not s.is_redeemed
               union all
               select 'event ' || coalesce(s.event_id, t.event_id) || ': ' || coalesce(t.scans, 0) || ' scans and '
                      || coalesce(t.people, 0) || ' people were counted (' || coalesce(s.direction, t.direction) || ', '
                      || coalesce(s.result, t.result) || '), but there were ' || coalesce(s.scans, 0) || ' and '
                      || coalesce(s.people, 0)
                   from sums s full join told t using (event_id, direction, result)
                   where coalesce(s.scans, 0) <> coalesce(t.scans, 0) or coalesce(s.people, 0) <> coalesce(t.people, 0))
           select what as "what!" from wrong order by what limit 1000"#
    )
    .fetch_all(db)
    .await?)
}
