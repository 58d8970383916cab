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

/// A scan for every ticket that is inside, around the start of its event, which is when its guest came; one in thirty was
/// shown a second time.
pub async fn demo_scans_insert(db: &mut PgConnection, event: Uuid, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "with phones as (
             select d.id, d.gate_id, g.name, row_number() over (order by d.paired_at, d.id) - 1 as n,
                    count(*) over () as of
             from gate_devices d join gates g on g.id = d.gate_id where d.event_id = $1),
         came as (
             select k.id, k.ticket_type_id, abs(hashtext(k.attendee_id::text)::bigint) as dice,
                    least(e.start_at + make_interval(secs => abs(hashtext(k.attendee_id::text)::bigint) % 6600 - 5400),
                          $2::timestamptz - interval '1 minute') as at
             from tickets k join events e on e.id = k.event_id where k.event_id = $1 and k.status = 'inside'),
         shown as (
             select c.*, 'admitted' as result, null as reason, 1 as people from came c
             union all
             select c.id, c.ticket_type_id, c.dice, least(c.at + interval '7 minutes', $2::timestamptz), 'rejected',
                    'already_redeemed', 0 from came c where c.dice % 30 = 0)
         insert into ticket_checkins (id, event_id, ticket_id, device_id, gate_id, gate, checked_in_at, recorded_at,
                                      direction, result, reason, people, ticket_type_id, was)
         select gen_random_uuid(), $1, s.id, p.id, p.gate_id, p.name, s.at, s.at, 'in', s.result, s.reason, s.people,
                s.ticket_type_id, case s.people when 1 then 'issued' end
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
               where c.event_id = $1 and c.result = 'admitted' group by 1) s
         where a.id = s.attendee_id",
        event,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update ticket_secrets s set redeemed_at = c.at
         from (select ticket_id, min(checked_in_at) as at from ticket_checkins
               where event_id = $1 and result = 'admitted' group by 1) c
         where s.ticket_id = c.ticket_id",
        event,
    )
    .execute(db)
    .await?;
    Ok(())
}
