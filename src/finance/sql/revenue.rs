use sqlx::PgConnection;
use time::{Date, Month};

use crate::events::Event;
use crate::finance::{DayRevenue, EventRevenue, TypeRevenue};
use crate::kernel::chart::{Chart, MoneySeries, money_bars};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::tickets::TicketTypeId;

use super::door_takings;

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
    let cash = door_takings(&mut *db, event).await?.cash;
    let days = by_day(db, event).await?;
    Ok(EventRevenue {
        event_id: event.id,
        gross: Money::stored(sums.gross, currency)?,
        refunded: Money::stored(sums.refunded, currency)?,
        disputed: Money::stored(sums.disputed, currency)?,
        fee: Money::stored(sums.fee, currency)?,
        fee_tax: Money::stored(sums.fee_tax, currency)?,
        net: Money::stored(sums.net, currency)?,
        tax: Money::stored(tax, currency)?,
        cash,
        orders: counts.orders,
        refunded_orders: counts.refunded,
        refunds_open: counts.open,
        refunds_failed: counts.failed,
        types,
        chart: chart(&days),
        days,
    })
}

/// By ticket type, sold at the door too, and the event's tax within what was kept. Only seats that were there count as sold.
async fn by_type(db: &mut PgConnection, event: &Event) -> Result<(Vec<TypeRevenue>, i64)> {
    let currency = event.ticket_price.currency.as_str();
    let rows = sqlx::query!(
        r#"select t.id, t.name, sum(l.seats)::bigint as "seats!", sum(l.amount_minor)::bigint as "gross!",
                  sum(l.refunded_minor)::bigint as "refunded!",
                  sum(l.fee_minor - floor(l.fee_minor::numeric * l.refunded_minor / l.amount_minor))::bigint as "fee!",
                  sum(l.tax_minor - floor(l.tax_minor::numeric * l.refunded_minor / l.amount_minor))::bigint as "tax!"
           from (select l.ticket_type_id, l.seats, l.amount_minor, l.refunded_minor, l.fee_minor, l.tax_minor
                 from payment_order_lines l join payment_orders o on o.id = l.order_id
                 where o.event_id = $1 and o.paid_at is not null
                       and exists (select 1 from event_attendees a where a.reservation_id = l.reservation_id)
                 union all
                 select ticket_type_id, seats, amount_minor, case when refunded_at is null then 0 else amount_minor end,
                        fee_minor, tax_minor
                 from door_sales where event_id = $1 and amount_minor > 0) l
               join ticket_types t on t.id = l.ticket_type_id
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
            gross: Money::stored(row.gross, currency)?,
            refunded: Money::stored(row.refunded, currency)?,
            fee: Money::stored(row.fee, currency)?,
            tax: Money::stored(row.tax, currency)?,
        });
    }
    Ok((types, tax))
}

async fn by_day(db: &mut PgConnection, event: &Event) -> Result<Vec<DayRevenue>> {
    let currency = event.ticket_price.currency.as_str();
    let rows = sqlx::query!(
        r#"select (g.created_at at time zone $2)::date::text as "day!",
                  coalesce(-sum(g.amount_minor) filter (where g.line = 'gross'), 0)::bigint as "gross!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'refund'), 0)::bigint as "refunded!",
                  coalesce(sum(g.amount_minor) filter (where g.line in ('fee', 'fee_tax')), 0)::bigint as "fee!",
                  coalesce(-sum(g.amount_minor), 0)::bigint as "net!"
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
                gross: Money::stored(row.gross, currency)?,
                refunded: Money::stored(row.refunded, currency)?,
                fee: Money::stored(row.fee, currency)?,
                net: Money::stored(row.net, currency)?,
            })
        })
        .collect()
}

/// The most days that are drawn; the last ones, where there are more.
const DRAWN: usize = 120;

fn date(day: &str) -> Option<Date> {
    let mut parts = day.split('-').map(|part| part.parse::<u16>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

/// Every day from the first payment to the last one, also those on which nobody paid.
fn chart(days: &[DayRevenue]) -> Option<Chart> {
    let (first, last) = (date(&days.first()?.day)?, date(&days.last()?.day)?);
    let count = usize::try_from((last - first).whole_days()).ok()? + 1;
    let currency = &days.first()?.gross.currency;
    let nothing = Money { minor: 0, currency: currency.clone() };
    let (mut labels, mut paid, mut back) = (Vec::new(), Vec::new(), Vec::new());
    let (mut day, mut known) = (first, days.iter().peekable());
    for _ in 0..count {
        let here = known.next_if(|one| date(&one.day) == Some(day));
        labels.push(format!("{} {}", day.day(), &day.month().to_string()[..3]));
        paid.push(here.map_or_else(|| nothing.clone(), |one| one.gross.clone()));
        back.push(here.map_or_else(|| nothing.clone(), |one| one.refunded.clone()));
        day = day.next_day()?;
    }
    let from = count.saturating_sub(DRAWN);
    let sum =
        |amounts: &[Money]| Money { minor: amounts.iter().map(|one| one.minor).sum(), currency: currency.clone() };
    let (labels, paid, back) = (labels.split_off(from), paid.split_off(from), back.split_off(from));
    let during = if labels.len() == 1 { "on one day".to_owned() } else { format!("in {} days", labels.len()) };
    let summary = format!("{} paid and {} refunded {during}.", sum(&paid).display(), sum(&back).display());
    let series = vec![
        MoneySeries { name: "Paid", token: "ok", values: paid },
        MoneySeries { name: "Refunded", token: "bad", values: back },
    ];
    Some(money_bars("Revenue by day", summary, "Day", labels, series))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_payments_stand_in_the_chart_too() {
        let of = |minor| Money::stored(minor, "INR").unwrap();
        let one = |day: &str, gross, refunded| DayRevenue {
            day: day.to_owned(),
            gross: of(gross),
            refunded: of(refunded),
            fee: of(0),
            net: of(gross - refunded),
        };
        assert_eq!(chart(&[]), None);
        let drawn = chart(&[one("2026-11-29", 100_000, 0), one("2026-12-01", 50_000, 25_050)]).unwrap();
        assert_eq!(drawn.summary, "₹1,500 paid and ₹250.50 refunded in 3 days.");
        let rows = [["29 Nov", "₹1,000", "₹0"], ["30 Nov", "₹0", "₹0"], ["1 Dec", "₹500", "₹250.50"]];
        assert_eq!(drawn.rows, rows);
        let year = chart(&[one("2025-01-01", 1, 0), one("2025-12-31", 1, 0)]).unwrap();
        assert_eq!((year.rows.len(), year.rows[DRAWN - 1][0].as_str()), (DRAWN, "31 Dec"));
    }
}
