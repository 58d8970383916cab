use sqlx::PgConnection;

use super::money;
use crate::events::Event;
use crate::finance::{DayRevenue, EventRevenue, TypeRevenue};
use crate::kernel::error::Result;
use crate::tickets::TicketTypeId;

/// What an event brought in: money from the ledger, counts and types from its orders.
pub async fn event_revenue(db: &mut PgConnection, event: &Event) -> Result<EventRevenue> {
    let (id, currency) = (event.id.0, event.ticket_price.currency.as_str());
    // What organisers are owed for what was sold is a credit: below zero.
    let sums = sqlx::query!(
        r#"select coalesce(-sum(g.amount_minor) filter (where g.line = 'gross'), 0)::bigint as "gross!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'refund'), 0)::bigint as "refunded!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'dispute'), 0)::bigint as "disputed!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'fee'), 0)::bigint as "fee!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'fee_tax'), 0)::bigint as "fee_tax!",
                  coalesce(-sum(g.amount_minor), 0)::bigint as "net!"
           from ledger_postings g join ledger_accounts a on a.id = g.account_id
           where g.event_id = $1 and g.currency = $2 and a.kind in ('partner_payable', 'host_payable')"#,
        id,
        currency,
    )
    .fetch_one(&mut *db)
    .await?;
    let counts = sqlx::query!(
        r#"select count(*) as "orders!", count(*) filter (where status = 'refunded') as "refunded!",
                  (select count(*) from refunds r join payments t on t.id = r.payment_id
                       join payment_orders o on o.id = t.order_id
                   where o.event_id = $1 and r.status in ('requested', 'processing')) as "open!",
                  (select count(*) from refunds r join payments t on t.id = r.payment_id
                       join payment_orders o on o.id = t.order_id
                   where o.event_id = $1 and r.status = 'failed') as "failed!"
           from payment_orders where event_id = $1 and paid_at is not null"#,
        id,
    )
    .fetch_one(&mut *db)
    .await?;
    let (types, tax) = by_type(&mut *db, event).await?;
    Ok(EventRevenue {
        event_id: event.id,
        gross: money(sums.gross, currency)?,
        refunded: money(sums.refunded, currency)?,
        disputed: money(sums.disputed, currency)?,
        fee: money(sums.fee, currency)?,
        fee_tax: money(sums.fee_tax, currency)?,
        net: money(sums.net, currency)?,
        tax: money(tax, currency)?,
        orders: counts.orders,
        refunded_orders: counts.refunded,
        refunds_open: counts.open,
        refunds_failed: counts.failed,
        types,
        days: by_day(db, event).await?,
    })
}

/// By ticket type, and the event's tax within what was kept. Only seats that were there count as sold.
async fn by_type(db: &mut PgConnection, event: &Event) -> Result<(Vec<TypeRevenue>, i64)> {
    let currency = event.ticket_price.currency.as_str();
    let rows = sqlx::query!(
        r#"select t.id, t.name, sum(l.seats)::bigint as "seats!", sum(l.amount_minor)::bigint as "gross!",
                  sum(l.refunded_minor)::bigint as "refunded!",
                  sum(l.fee_minor - floor(l.fee_minor::numeric * l.refunded_minor / l.amount_minor))::bigint as "fee!",
                  sum(l.tax_minor - floor(l.tax_minor::numeric * l.refunded_minor / l.amount_minor))::bigint as "tax!"
           from payment_order_lines l join payment_orders o on o.id = l.order_id
               join ticket_types t on t.id = l.ticket_type_id
           where o.event_id = $1 and o.paid_at is not null
                 and exists (select 1 from event_attendees a where a.reservation_id = l.reservation_id)
           group by t.id, t.name, t.position order by t.position, t.id"#,
        event.id.0,
    )
    .fetch_all(db)
    .await?;
    let (mut types, mut tax) = (Vec::with_capacity(rows.len()), 0);
    for row in rows {
        tax += row.tax;
        types.push(TypeRevenue {
            ticket_type_id: TicketTypeId(row.id),
            ticket_type: row.name,
            seats: row.seats,
            gross: money(row.gross, currency)?,
            refunded: money(row.refunded, currency)?,
            fee: money(row.fee, currency)?,
        });
    }
    Ok((types, tax))
}

async fn by_day(db: &mut PgConnection, event: &Event) -> Result<Vec<DayRevenue>> {
    let currency = event.ticket_price.currency.as_str();
    let rows = sqlx::query!(
        r#"select (g.created_at at time zone $2)::date::text as "day!",
                  coalesce(-sum(g.amount_minor) filter (where g.line = 'gross'), 0)::bigint as "gross!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'refund'), 0)::bigint as "refunded!"
           from ledger_postings g join ledger_accounts a on a.id = g.account_id
           where g.event_id = $1 and g.currency = $3 and a.kind in ('partner_payable', 'host_payable')
           group by 1 order by 1"#,
        event.id.0,
        event.timezone,
        currency,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DayRevenue {
                day: row.day,
                gross: money(row.gross, currency)?,
                refunded: money(row.refunded, currency)?,
            })
        })
        .collect()
}
