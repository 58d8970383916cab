//! Whether the seats of an event add up: what a crash, a restored backup or a hand-written repair could have
//! broken. Read only; the seat engine never needs it.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Of which event.
    pub event_id: Uuid,
    /// What.
    pub what: String,
}

/// What does not hold of the seats, of one event or of all: capacity and quotas with what is held, the counters
/// of DOMAIN.md, tickets and secrets, and that no free seat was kept from the waiting list. Everything is summed up once
/// and joined, so that it takes as long as there are rows, not as long as events times guests.
pub async fn violations(db: &mut PgConnection, event: Option<Uuid>, now: Timestamp) -> Result<Vec<Broken>> {
    let found = sqlx::query!(
        r#"with e as (select * from events where $1::uuid is null or id = $1),
              held as (select ticket_type_id, event_id, sum(seats_reserved) as seats from capacity_reservations
                       where ($1::uuid is null or event_id = $1) and not consumed and released_at is null
                             and expires_at > $2
                       group by ticket_type_id, event_id),
              going as (select * from event_attendees
                        where ($1::uuid is null or event_id = $1) and status in ('going', 'checked_in')),
              gone_to as (select ticket_type_id, event_id, sum(seats) as seats from going
                          group by ticket_type_id, event_id),
              seats as (select e.id, coalesce(g.seats, 0) as going, coalesce(h.seats, 0) as held
                        from e
                        left join (select event_id, sum(seats) as seats from gone_to group by event_id) g
                            on g.event_id = e.id
                        left join (select event_id, sum(seats) as seats from held group by event_id) h
                            on h.event_id = e.id),
              kinds as (select t.id, t.event_id, t.name, t.quota, t.sold_count, t.retired_at,
                           coalesce(g.seats, 0) as going, coalesce(h.seats, 0) as held
                        from ticket_types t join e on e.id = t.event_id
                        left join (select ticket_type_id, sum(seats) as seats from gone_to group by ticket_type_id) g
                            on g.ticket_type_id = t.id
                        left join (select ticket_type_id, sum(seats) as seats from held group by ticket_type_id) h
                            on h.ticket_type_id = t.id),
              asking as (select event_id, count(*) as n from event_requests
                         where ($1::uuid is null or event_id = $1) and status = 'pending' group by event_id),
              passes as (select k.* from tickets k where $1::uuid is null or k.event_id = $1),
              good as (select attendee_id, count(*) as n from passes where status in ('issued', 'inside', 'outside')
                       group by attendee_id),
              wrong as (
         select e.id, 'seats going and held are beyond the capacity' as what
             from e join seats s using (id) where s.going + s.held > e.capacity
         union all select event_id, 'seats going and held are beyond the quota of ' || name
             from kinds where going + held > quota
         union all select e.id, 'going_count is ' || e.going_count || ', but ' || s.going || ' go'
             from e join seats s using (id) where e.going_count <> s.going
         union all select e.id, 'requests_count is ' || e.requests_count || ', but ' || coalesce(p.n, 0) || ' wait'
             from e left join asking p on p.event_id = e.id
             where e.requests_count <> coalesce(p.n, 0)
         union all select event_id, 'sold_count of ' || name || ' is ' || sold_count || ', but ' || going || ' go'
             from kinds where sold_count <> going
         union all select g.event_id, 'guest ' || g.id || ' has not a ticket for each seat'
             from going g join e on e.id = g.event_id left join good k on k.attendee_id = g.id
             -- Of a party that was half in when its event was cancelled the rest has lost its tickets.
             where g.seats < coalesce(k.n, 0) or e.status <> 'cancelled' and g.seats > coalesce(k.n, 0)
         union all select k.event_id, 'ticket ' || k.id || ' is of somebody who does not go'
             from passes k join event_attendees a on a.id = k.attendee_id
             where k.status in ('issued', 'inside', 'outside') and a.status not in ('going', 'checked_in')
         union all select k.event_id, 'ticket ' || k.id || ' has no secret'
             from passes k left join ticket_secrets s on s.ticket_id = k.id where s.ticket_id is null
         union all select w.event_id, 'free seats were not offered to entry ' || w.id || ' of the waiting list'
             from waiting_list_entries w join kinds t on t.id = w.ticket_type_id join e on e.id = w.event_id
                 join seats s on s.id = e.id
             where w.status = 'waiting' and t.retired_at is null and e.status = 'published' and e.start_at > $2
                   and (e.smaller_parties_pass or not exists (
                            select 1 from waiting_list_entries v join ticket_types o on o.id = v.ticket_type_id
                            where v.event_id = w.event_id and v.status = 'waiting' and o.retired_at is null
                                  and (v.created_at, v.id) < (w.created_at, w.id)))
                   and w.seats <= least(e.capacity - s.going - s.held, coalesce(t.quota, e.capacity) - t.going - t.held))
           select id as "event_id!", what as "what!" from wrong order by id, what limit 1000"#,
        event,
        now.0,
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(|row| Broken { event_id: row.event_id, what: row.what }).collect())
}
