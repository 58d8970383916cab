//! What the demo writes in batches.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::events::EventId;
use crate::finance::{Payment, PaymentId};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketTypeId;

/// A guest of the demo who has paid, of whom no payment is known yet.
pub struct DemoGuest {
    pub attendee: Uuid,
    pub user: Uuid,
    pub ticket_type: Uuid,
    pub seats: i32,
    pub unit: i64,
    pub at: OffsetDateTime,
}

/// Events with such guests.
pub async fn demo_events(db: &mut PgConnection) -> Result<Vec<EventId>> {
    let events = sqlx::query_scalar!(
        "select distinct event_id from event_attendees where price_paid_minor > 0 and reservation_id is null
             and user_id is not null
         order by event_id"
    );
    Ok(events.fetch_all(db).await?.into_iter().map(EventId).collect())
}

/// Payments of the demo that a provider has sent to the bank: its name of each, and the amount.
pub async fn demo_settled(db: &mut PgConnection, currency: &str) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        "select provider_ref, amount_minor from payments
         where currency = $1 and status = 'captured' and refunded_minor = 0 order by captured_at, id limit 400",
        currency,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.provider_ref, row.amount_minor)).collect())
}

/// The first ticket type of an event that costs something.
pub async fn demo_paid_type(db: &mut PgConnection, event: EventId) -> Result<Option<TicketTypeId>> {
    let found = sqlx::query_scalar!(
        "select id from ticket_types where event_id = $1 and price_minor > 0 and retired_at is null
         order by position, id limit 1",
        event.0,
    );
    Ok(found.fetch_optional(db).await?.map(TicketTypeId))
}

/// The guests of an event, in the order they came.
pub async fn demo_guests(db: &mut PgConnection, event: EventId) -> Result<Vec<DemoGuest>> {
    Ok(sqlx::query_as!(
        DemoGuest,
        r#"select a.id as attendee, a.user_id as "user!", a.ticket_type_id as ticket_type,
                  (a.price_paid_minor / t.price_minor)::int as "seats!", t.price_minor as unit, a.created_at as at
           from event_attendees a join ticket_types t on t.id = a.ticket_type_id
           where a.event_id = $1 and a.reservation_id is null and a.user_id is not null and t.price_minor > 0
                 and a.price_paid_minor >= t.price_minor and a.price_paid_minor % t.price_minor = 0
           order by a.created_at, a.id"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// Everything of a batch of sales, each column in the order of the guests.
#[derive(Default)]
pub struct DemoSales {
    pub attendees: Vec<Uuid>,
    pub users: Vec<Uuid>,
    pub types: Vec<Uuid>,
    pub seats: Vec<i32>,
    pub units: Vec<i64>,
    pub amounts: Vec<i64>,
    pub taxes: Vec<i64>,
    pub fees: Vec<i64>,
    pub fee_taxes: Vec<i64>,
    pub times: Vec<OffsetDateTime>,
    pub reservations: Vec<Uuid>,
    pub orders: Vec<Uuid>,
    pub references: Vec<String>,
    pub payments: Vec<Uuid>,
    pub names: Vec<String>,
    pub journals: Vec<Uuid>,
    pub descriptions: Vec<String>,
}

/// Reservations that were taken, and orders, payments and what guests have spent.
pub async fn demo_sales_insert(db: &mut PgConnection, event: EventId, currency: &str, sales: &DemoSales) -> Result<()> {
    sqlx::query!(
        "insert into capacity_reservations (id, reservation_key, event_id, ticket_type_id, user_id, seats_reserved,
             consumed, consumed_at, expires_at, unit_price_minor, currency, created_at, updated_at)
         select r.id, r.id, $1, r.kind, r.who, r.seats, true, r.at, r.at + interval '15 minutes', r.unit, $2, r.at, r.at
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::bigint[], $8::timestamptz[])
              as r (id, kind, who, seats, unit, at)",
        event.0,
        currency,
        &sales.reservations,
        &sales.types,
        &sales.users,
        &sales.seats,
        &sales.units,
        &sales.times,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update event_attendees a set reservation_id = x.reservation, platform_fee_minor = x.fee
         from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as x (id, reservation, fee) where a.id = x.id",
        &sales.attendees,
        &sales.reservations,
        &sales.fees,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into payment_orders (id, order_reference, user_id, event_id, amount_minor, currency, payment_provider,
             provider_payment_id, status, expires_at, paid_at, created_at, updated_at)
         select o.id, o.word, o.who, $1, o.amount, $2, 'sandbox', o.name, 'paid', o.at + interval '15 minutes', o.at,
                o.at, o.at
         from unnest($3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::text[], $8::timestamptz[])
              as o (id, word, who, amount, name, at)",
        event.0,
        currency,
        &sales.orders,
        &sales.references,
        &sales.users,
        &sales.amounts,
        &sales.names,
        &sales.times,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into payment_order_lines (id, order_id, reservation_id, ticket_type_id, seats, amount_minor, tax_minor,
             fee_minor, fee_tax_minor, created_at)
         select gen_random_uuid(), l.*
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::timestamptz[]) as l",
        &sales.orders,
        &sales.reservations,
        &sales.types,
        &sales.seats,
        &sales.amounts,
        &sales.taxes,
        &sales.fees,
        &sales.fee_taxes,
        &sales.times,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into payments (id, order_id, provider, status, amount_minor, currency, provider_ref, captured_at,
                               created_at, updated_at)
         select p.id, p.of, 'sandbox', 'captured', p.amount, $1, p.name, p.at, p.at, p.at
         from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::timestamptz[]) as p (id, of, amount, name, at)",
        currency,
        &sales.payments,
        &sales.orders,
        &sales.amounts,
        &sales.names,
        &sales.times,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update end_users u set total_spent_minor = u.total_spent_minor + s.minor
         from (select who, sum(amount)::bigint as minor from unnest($1::uuid[], $2::bigint[]) as s (who, amount)
               group by who) s
         where u.id = s.who and u.currency = $3",
        &sales.users,
        &sales.amounts,
        currency,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Their journals: one of each sale, at its time.
pub async fn demo_journals_insert(db: &mut PgConnection, event: EventId, sales: &DemoSales) -> Result<()> {
    sqlx::query!(
        "insert into ledger_journals (id, kind, object_type, object_id, event_id, description, booked_on, created_at)
         select j.id, 'sale', 'payment', j.payment, $1, j.word, (j.at at time zone 'UTC')::date, j.at
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) as j (id, payment, word, at)",
        event.0,
        &sales.journals,
        &sales.payments,
        &sales.descriptions,
        &sales.times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One posting of each sale; where there is nothing to post, none.
pub async fn demo_postings_insert(
    db: &mut PgConnection,
    event: EventId,
    (account, line, currency): (Uuid, &str, &str),
    amounts: &[i64],
    sales: &DemoSales,
) -> Result<()> {
    sqlx::query!(
        "insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, event_id, position,
                                      balance_minor, created_at)
         select gen_random_uuid(), p.journal, $1, $2, p.amount, $3, $4, 0, 0, p.at
         from unnest($5::uuid[], $6::bigint[], $7::timestamptz[]) with ordinality as p (journal, amount, at, place)
         where p.amount <> 0 order by p.place",
        account,
        currency,
        line,
        event.0,
        &sales.journals,
        amounts,
        &sales.times,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The payments of an event: first those of guests who have not come, in order of time.
pub async fn demo_payments(db: &mut PgConnection, event: EventId, most: i64) -> Result<Vec<Uuid>> {
    let payments = sqlx::query_scalar!(
        "select t.id from payments t join payment_orders o on o.id = t.order_id where o.event_id = $1
         order by exists (select 1 from payment_order_lines l join event_attendees a on a.reservation_id = l.reservation_id
                          where l.order_id = o.id and a.status = 'checked_in'), t.created_at, t.id limit $2",
        event.0,
        most,
    );
    Ok(payments.fetch_all(db).await?)
}

/// Payments of different people that came and stand, the latest first.
pub async fn demo_captured(db: &mut PgConnection, most: i64) -> Result<Vec<Uuid>> {
    let payments = sqlx::query_scalar!(
        r#"select f.id as "id!" from (
               select distinct on (o.user_id) t.id, t.created_at from payments t join payment_orders o on o.id = t.order_id
               where t.status = 'captured' and t.refunded_minor = 0 order by o.user_id, t.created_at desc) f
           order by f.created_at desc, f.id limit $1"#,
        most,
    );
    Ok(payments.fetch_all(db).await?)
}

/// An attempt that failed before this payment of the same order came.
pub async fn demo_failure_insert(
    db: &mut PgConnection,
    (id, name): (PaymentId, &str),
    payment: &Payment,
    began: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into payments (id, order_id, provider, status, amount_minor, currency, provider_ref, failure_reason,
                               created_at, updated_at)
         values ($1, $2, $3, 'failed', $4, $5, $6, 'The card was declined.', $7, $7)",
        id.0,
        payment.order_id.0,
        payment.provider.as_str(),
        payment.amount.minor,
        payment.amount.currency.as_str(),
        name,
        began.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
