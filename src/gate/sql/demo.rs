use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// An event of the demo, as far as its gates need it.
pub struct DemoEvent {
    pub id: Uuid,
    pub status: String,
    pub published_at: Option<Timestamp>,
    pub start_at: Timestamp,
    pub end_at: Timestamp,
}

/// The demo's events without gates; none once there are some anywhere.
pub async fn demo_events(db: &mut PgConnection) -> Result<Vec<DemoEvent>> {
    Ok(sqlx::query_as!(
        DemoEvent,
        r#"select e.id, e.status, e.published_at as "published_at: Timestamp", e.start_at, e.end_at from events e
         where e.status in ('published', 'live', 'ended') and not exists (select 1 from gates)
         order by e.start_at, e.id"#,
    )
    .fetch_all(db)
    .await?)
}

/// A scan for every ticket that is inside, around the start of its event or of one of its days so far, which is when its
/// guest came: within two hours, but over half of a night that lasts till morning, most of them when it has warmed up, and
/// all through the day of what lasts over several, until a minute ago; one in thirty was shown a second time. Who came on an earlier day of a longer event has left in the evening,
/// most of them by a gate.
pub async fn demo_scans_insert(db: &mut PgConnection, event: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "with phones as (
             select d.id, d.gate_id, g.name, row_number() over (order by d.paired_at, d.id) - 1 as n,
                    count(*) over () as of
             from gate_devices d join gates g on g.id = d.gate_id where d.event_id = $1),
         days as (
             select e.start_at, e.end_at - e.start_at between interval '6 hours' and interval '20 hours' as night,
                 e.end_at - e.start_at > interval '20 hours' as open_all_day,
                 greatest(0, least(floor(extract(epoch from $2::timestamptz - e.start_at) / 86400),
                 floor(extract(epoch from e.end_at - e.start_at) / 86400)))::int as gone from events e where e.id = $1),
         guests as (
             select k.id, k.ticket_type_id, abs(hashtext(k.attendee_id::text)::bigint) as dice
             from tickets k where k.event_id = $1 and k.status = 'inside'),
         came as (
             select g.id, g.ticket_type_id, g.dice, (g.dice / 6600) % (d.gone + 1) < d.gone as left_again,
                    b.begins,
                    case when d.open_all_day
                         then b.begins + (least($2::timestamptz - interval '1 minute', b.begins + interval '7 hours') - b.begins)
                                  * ((g.dice % 6600) / 6600.0)::float8
                         else least(b.begins + make_interval(
                                        secs => case when d.night then g.dice % 6900 + (g.dice / 6900) % 6900 - 1500
                                                     else g.dice % 6600 - 5400 end),
                                    $2::timestamptz - make_interval(secs => 60 + g.dice % 1500)) end as at
             from guests g, days d,
                  lateral (select d.start_at + make_interval(days => ((g.dice / 6600) % (d.gone + 1))::int) as begins) b),
         went as (
             select c.*, c.begins + make_interval(hours => 8, secs => c.dice % 7200) as out_at
             from came c where c.left_again and c.dice % 11 > 0),
         shown as (
             select c.id, c.ticket_type_id, c.dice, c.at, 'in' as direction, 'admitted' as result, null as reason,
                    1 as people, 'issued' as was from came c
             union all
             select c.id, c.ticket_type_id, c.dice, least(c.at + interval '7 minutes', $2::timestamptz), 'in', 'rejected',
                    'already_redeemed', 0, null from came c where c.dice % 30 = 0
             union all
             select w.id, w.ticket_type_id, w.dice, w.out_at, 'out', 'admitted', null, 1, 'inside' from went w),
         outside as (
             update tickets k set status = 'outside' from went w where k.id = w.id)
         insert into ticket_checkins (id, event_id, ticket_id, device_id, gate_id, gate, checked_in_at, recorded_at,
                                      direction, result, reason, people, ticket_type_id, was)
         select gen_random_uuid(), $1, s.id, p.id, p.gate_id, p.name, s.at, s.at, s.direction, s.result, s.reason, s.people,
                s.ticket_type_id, s.was
         from shown s join phones p on p.n = s.dice % p.of",
        event,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update event_attendees a set checked_in_at = s.at
         from (select k.attendee_id, min(c.checked_in_at) as at
               from ticket_checkins c join tickets k on k.id = c.ticket_id
               where c.event_id = $1 and c.direction = 'in' and c.result = 'admitted' group by 1) s
         where a.id = s.attendee_id",
        event,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update ticket_secrets s set redeemed_at = c.at
         from (select ticket_id, min(checked_in_at) as at from ticket_checkins
               where event_id = $1 and direction = 'in' and result = 'admitted' group by 1) c
         where s.ticket_id = c.ticket_id",
        event,
    )
    .execute(db)
    .await?;
    Ok(())
}
