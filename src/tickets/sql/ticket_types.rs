use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::events::EventId;
use crate::kernel::error::{Result, internal, not_found};
use crate::kernel::money::{Currency, Money};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{TicketType, TicketTypeId};

/// Seats that are held as of `$now`, beside those that are taken.
const HELD: &str = "select ticket_type_id, sum(seats_reserved)::int as seats from capacity_reservations
    where not consumed and released_at is null and expires_at > ";

fn type_row(row: &sqlx::postgres::PgRow) -> Result<TicketType> {
    let currency: String = row.try_get("currency")?;
    let currency = Currency::parse(&currency).map_err(|e| internal().internal(e))?;
    Ok(TicketType {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        price: Money { minor: row.try_get("price_minor")?, currency },
        promo_price: None,
        quota: row.try_get("quota")?,
        sales_start_at: row.try_get("sales_start_at")?,
        sales_end_at: row.try_get("sales_end_at")?,
        per_order_limit: row.try_get("per_order_limit")?,
        hidden: row.try_get("hidden")?,
        position: row.try_get("position")?,
        sold_count: row.try_get("sold_count")?,
        available: row.try_get("available")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

/// The ticket types of an event that are not retired, in order, with the seats that can be had as
/// of now. Under the event's lock they are locked too, by id.
pub async fn type_list(db: &mut PgConnection, event: EventId, now: Timestamp, lock: bool) -> Result<Vec<TicketType>> {
    if lock {
        sqlx::query!("select id from ticket_types where event_id = $1 order by id for no key update", event.0)
            .fetch_all(&mut *db)
            .await?;
    }
    let mut query = QueryBuilder::<Postgres>::new(format!("with held as ({HELD}"));
    query.push_bind(now).push(" and event_id = ").push_bind(event).push(
        " group by ticket_type_id)
         select t.id, t.event_id, t.name, t.description, t.price_minor, t.currency::text as currency, t.quota,
                t.sales_start_at, t.sales_end_at, t.per_order_limit, t.hidden, t.position, t.sold_count, t.version,
                t.created_at, t.updated_at,
                greatest(0, least(
                    e.capacity - e.going_count - coalesce((select sum(seats) from held), 0)::int,
                    coalesce(t.quota - t.sold_count - coalesce(h.seats, 0), 2147483647))) as available
         from ticket_types t join events e on e.id = t.event_id left join held h on h.ticket_type_id = t.id
         where t.retired_at is null and t.event_id = ",
    );
    query.push_bind(event).push(" order by t.position, t.id");
    query.build().fetch_all(db).await?.iter().map(type_row).collect()
}

/// The event of a ticket type, or 404.
pub async fn type_event(db: &mut PgConnection, id: TicketTypeId) -> Result<EventId> {
    let event = sqlx::query_scalar!("select event_id from ticket_types where id = $1 and retired_at is null", id.0)
        .fetch_optional(db)
        .await?;
    event.map(EventId).ok_or_else(not_found)
}

pub async fn type_insert(db: &mut PgConnection, ticket_type: &TicketType) -> Result<()> {
    sqlx::query!(
        "insert into ticket_types (id, event_id, name, description, price_minor, currency, quota, sales_start_at,
                                   sales_end_at, per_order_limit, hidden, position, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
        ticket_type.id.0,
        ticket_type.event_id.0,
        ticket_type.name,
        ticket_type.description,
        ticket_type.price.minor,
        ticket_type.price.currency.as_str(),
        ticket_type.quota,
        ticket_type.sales_start_at.map(|at| at.0),
        ticket_type.sales_end_at.map(|at| at.0),
        ticket_type.per_order_limit,
        ticket_type.hidden,
        ticket_type.position,
        ticket_type.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn type_update(db: &mut PgConnection, ticket_type: &TicketType) -> Result<()> {
    sqlx::query!(
        "update ticket_types
         set name = $2, description = $3, price_minor = $4, quota = $5, sales_start_at = $6, sales_end_at = $7,
             per_order_limit = $8, hidden = $9, version = version + 1
         where id = $1",
        ticket_type.id.0,
        ticket_type.name,
        ticket_type.description,
        ticket_type.price.minor,
        ticket_type.quota,
        ticket_type.sales_start_at.map(|at| at.0),
        ticket_type.sales_end_at.map(|at| at.0),
        ticket_type.per_order_limit,
        ticket_type.hidden,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn type_retire(db: &mut PgConnection, id: TicketTypeId, now: Timestamp) -> Result<()> {
    sqlx::query!("update ticket_types set retired_at = $2, version = version + 1 where id = $1", id.0, now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// So many seats more (or fewer) of this kind are taken; its row is locked.
pub async fn type_count_sold(db: &mut PgConnection, id: TicketTypeId, seats: i32) -> Result<()> {
    sqlx::query!("update ticket_types set sold_count = sold_count + $2 where id = $1", id.0, seats).execute(db).await?;
    Ok(())
}

/// Seats that are taken or held: of the event, and of one kind.
pub struct Taken {
    pub event: i64,
    pub of_type: i64,
}

pub async fn seats_taken(
    db: &mut PgConnection,
    event: EventId,
    ticket_type: Option<TicketTypeId>,
    now: Timestamp,
) -> Result<Taken> {
    Ok(sqlx::query_as!(
        Taken,
        r#"with held as (select ticket_type_id, seats_reserved from capacity_reservations
                        where event_id = $1 and not consumed and released_at is null and expires_at > $3)
           select (select going_count from events where id = $1) + coalesce((select sum(seats_reserved) from held), 0)
                      as "event!",
                  coalesce((select sold_count from ticket_types where id = $2), 0)
                      + coalesce((select sum(seats_reserved) from held where ticket_type_id = $2), 0) as "of_type!""#,
        event.0,
        ticket_type.map(|id| id.0),
        now.0,
    )
    .fetch_one(db)
    .await?)
}
