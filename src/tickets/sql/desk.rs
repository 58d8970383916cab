use sqlx::PgConnection;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{DaySeats, SourceSeats, TicketTypeId, TypeSales};

/// An event in numbers.
pub struct Figures {
    pub held: i32,
    pub guests: i64,
    pub checked_in: i64,
    pub came_in: i64,
    pub gone: i64,
    pub gone_seats: i64,
    pub requests: i64,
    pub requested_seats: i64,
    pub waiting: i64,
    pub last_week: i64,
    pub week_before: i64,
    pub venue_capacity: Option<i32>,
}

pub async fn event_figures(db: &mut PgConnection, event: EventId, now: Timestamp) -> Result<Figures> {
    Ok(sqlx::query_as!(
        Figures,
        r#"with people as (
               select a.status, a.seats, a.created_at, a.status in ('going', 'checked_in') as counts
               from event_attendees a where a.event_id = $1)
           select (select coalesce(sum(seats_reserved), 0)::int from capacity_reservations
                       where event_id = $1 and not consumed and released_at is null and expires_at > $2) as "held!",
                  count(*) filter (where counts) as "guests!",
                  count(*) filter (where status = 'checked_in') as "checked_in!",
                  (select count(*) from tickets where event_id = $1 and status in ('inside', 'outside')) as "came_in!",
                  count(*) filter (where not counts) as "gone!",
                  coalesce(sum(seats) filter (where not counts), 0) as "gone_seats!",
                  (select count(*) from event_requests where event_id = $1 and status = 'pending') as "requests!",
                  (select coalesce(sum(seats_requested), 0) from event_requests
                       where event_id = $1 and status = 'pending') as "requested_seats!",
                  (select count(*) from waiting_list_entries where event_id = $1 and status = 'waiting') as "waiting!",
                  coalesce(sum(seats) filter (where counts and created_at > $2::timestamptz - interval '7 days'), 0)
                      as "last_week!",
                  coalesce(sum(seats) filter (where counts and created_at <= $2::timestamptz - interval '7 days'
                      and created_at > $2::timestamptz - interval '14 days'), 0) as "week_before!",
                  (select v.capacity from events e join venues v on v.id = e.venue_id where e.id = $1) as venue_capacity
           from people"#,
        event.0,
        now.0,
    )
    .fetch_one(db)
    .await?)
}

/// What guests paid, by currency.
pub async fn event_income(db: &mut PgConnection, event: EventId) -> Result<Vec<Money>> {
    let rows = sqlx::query!(
        r#"select currency::text as "currency!", sum(price_paid_minor)::bigint as "minor!" from event_attendees
           where event_id = $1 and status in ('going', 'checked_in') group by 1
           having sum(price_paid_minor) > 0 order by 1"#,
        event.0,
    );
    rows.fetch_all(db).await?.iter().map(|row| Money::stored(row.minor, &row.currency)).collect()
}

/// How each ticket type sells; those that are not sold any more only where somebody has one.
pub async fn type_sales(db: &mut PgConnection, event: EventId, now: Timestamp) -> Result<Vec<TypeSales>> {
    let rows = sqlx::query!(
        r#"with held as (
               select ticket_type_id, sum(seats_reserved)::int as seats from capacity_reservations
               where event_id = $1 and not consumed and released_at is null and expires_at > $2 group by 1),
           paid as (
               select ticket_type_id, sum(price_paid_minor)::bigint as minor from event_attendees
               where event_id = $1 and status in ('going', 'checked_in') group by 1),
           gone as (
               select ticket_type_id, sum(seats)::int as seats from event_attendees
               where event_id = $1 and status not in ('going', 'checked_in') group by 1),
           waits as (
               select ticket_type_id, count(*) as parties from waiting_list_entries
               where event_id = $1 and status = 'waiting' group by 1)
           select t.id, t.name, t.price_minor, t.currency::text as "currency!", t.sold_count, t.quota, t.hidden,
                  t.retired_at is not null as "retired!", coalesce(p.minor, 0) as "paid!",
                  coalesce(g.seats, 0) as "gone!",
                  coalesce(w.parties, 0) as "waiting!",
                  greatest(0, least(
                      e.capacity - e.going_count - coalesce((select sum(seats) from held), 0)::int,
                      coalesce(t.quota - t.sold_count - coalesce(h.seats, 0), 2147483647))) as "available!"
           from ticket_types t join events e on e.id = t.event_id
           left join held h on h.ticket_type_id = t.id
           left join paid p on p.ticket_type_id = t.id
           left join gone g on g.ticket_type_id = t.id
           left join waits w on w.ticket_type_id = t.id
           where t.event_id = $1 and (t.retired_at is null or t.sold_count > 0)
           order by t.retired_at is not null, t.position, t.id"#,
        event.0,
        now.0,
    )
    .fetch_all(db)
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(TypeSales {
            ticket_type_id: TicketTypeId(row.id),
            name: row.name,
            price: Money::stored(row.price_minor, &row.currency)?,
            booked: row.sold_count,
            gone: row.gone,
            quota: row.quota,
            available: if row.retired { 0 } else { row.available },
            income: Money::stored(row.paid, &row.currency)?,
            waiting: row.waiting,
            hidden: row.hidden,
            retired: row.retired,
        });
    }
    Ok(all)
}

/// Seats by how their guests came, the most first.
pub async fn seats_by_source(db: &mut PgConnection, event: EventId) -> Result<Vec<SourceSeats>> {
    Ok(sqlx::query_as!(
        SourceSeats,
        r#"select a.source as "source: _", d.sold as "at_door!", sum(a.seats)::bigint as "seats!"
           from event_attendees a, lateral (select a.source = 'direct'
               and exists (select 1 from door_sales s where s.attendee_id = a.id) as sold) d
           where a.event_id = $1 and a.status in ('going', 'checked_in') group by 1, 2 order by 3 desc, 1, 2"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// Seats by the day on which they were booked, by the clocks of the event.
pub async fn seats_by_day(db: &mut PgConnection, event: EventId) -> Result<Vec<DaySeats>> {
    Ok(sqlx::query_as!(
        DaySeats,
        r#"select (a.created_at at time zone e.timezone)::date::text as "day!", sum(a.seats)::bigint as "seats!"
           from event_attendees a join events e on e.id = a.event_id
           where a.event_id = $1 and a.status in ('going', 'checked_in') group by 1 order by 1"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// A guest has another ticket type from now on, and so have the tickets.
pub async fn attendee_set_type(
    db: &mut PgConnection,
    id: crate::tickets::AttendeeId,
    kind: TicketTypeId,
    name: &str,
) -> Result<()> {
    // The tickets first, in the order in which scans lock them.
    sqlx::query!(
        "with issued as (select id from tickets where attendee_id = $1 and status = 'issued' order by id for no key update)
         update tickets k set ticket_type_id = $2, version = k.version + 1 from issued where k.id = issued.id",
        id.0,
        kind.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update event_attendees set ticket_type_id = $2, ticket_type = $3, version = version + 1 where id = $1",
        id.0,
        kind.0,
        name,
    )
    .execute(db)
    .await?;
    Ok(())
}
