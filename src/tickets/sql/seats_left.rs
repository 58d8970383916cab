use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::error::{Result, internal};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::EventSeats;

/// Seats that are left of what is on show, and the span of the prices at which they can be had now or later (of all
/// prices, where none can); of published events, in no order.
pub async fn seats_left(db: &mut PgConnection, events: &[EventId], now: Timestamp) -> Result<Vec<EventSeats>> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"with held as (
               select event_id, ticket_type_id, sum(seats_reserved)::int as seats from capacity_reservations
               where event_id = any($1) and not consumed and released_at is null and expires_at > $2 group by 1, 2),
           free as (
               select e.id, greatest(0, e.capacity - e.going_count
                   - coalesce((select sum(h.seats) from held h where h.event_id = e.id), 0)::int) as seats
               from events e where e.id = any($1) and e.status <> 'draft'),
           kinds as (
               select f.id as event_id, t.price_minor, t.currency::text as currency,
                      least(f.seats, greatest(0, coalesce(t.quota - t.sold_count - coalesce(h.seats, 0), f.seats))) as seats,
                      coalesce(t.sales_end_at > $2, true) as sells
               from free f
               join ticket_types t on t.event_id = f.id and t.retired_at is null and not t.hidden
               left join held h on h.ticket_type_id = t.id)
           select f.id as "id!",
                  case when count(k.event_id) > 0 then least(f.seats, sum(k.seats))::int end as "left",
                  coalesce(min(k.price_minor) filter (where k.sells and k.seats > 0), min(k.price_minor)) as lowest,
                  coalesce(max(k.price_minor) filter (where k.sells and k.seats > 0), max(k.price_minor)) as highest,
                  min(k.currency) as currency,
                  (select count(*) from waiting_list_entries w where w.event_id = f.id and w.status = 'waiting')
                      as "waiting!"
           from free f left join kinds k on k.event_id = f.id
           group by f.id, f.seats"#,
        &ids,
        now.0,
    )
    .fetch_all(db)
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.map(|code| Currency::parse(&code)).transpose();
        let currency = currency.map_err(|e| internal().internal(e))?;
        let money = |minor: Option<i64>| Some(Money { minor: minor?, currency: currency.clone()? });
        let (lowest, highest) = (money(row.lowest), money(row.highest));
        all.push(EventSeats { event_id: EventId(row.id), left: row.left, lowest, highest, waiting: row.waiting });
    }
    Ok(all)
}

/// Those of these events where somebody waits for seats.
pub async fn events_with_line(db: &mut PgConnection, events: &[EventId]) -> Result<Vec<EventId>> {
    let ids: Vec<Uuid> = events.iter().map(|id| id.0).collect();
    Ok(sqlx::query_scalar!(
        r#"select id as "id!: EventId" from unnest($1::uuid[]) as e (id)
           where exists (select 1 from waiting_list_entries w where w.event_id = e.id and w.status = 'waiting')"#,
        &ids,
    )
    .fetch_all(db)
    .await?)
}
