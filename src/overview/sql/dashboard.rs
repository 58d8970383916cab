//! SQL of the dashboard.

use sqlx::PgConnection;

use crate::audit::AuditRow;
use crate::events::day_in_short;
use crate::kernel::chart::{Chart, MoneySeries, money_bars};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::overview::{Compared, DashboardActivity, RevenueDay, RevenueFigures, RevenueSeries, Span};

/// What guests paid, by currency, the one with the most postings first. What organisers are owed is a credit, as is what
/// was earned: below zero.
pub async fn revenue(db: &mut PgConnection, span: Span) -> Result<Vec<RevenueFigures>> {
    let rows = sqlx::query!(
        r#"select g.currency as "currency!",
                  coalesce(-sum(g.amount_minor) filter (where g.line = 'gross' and g.created_at >= $2), 0)::bigint as "gross!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'refund' and g.created_at >= $2), 0)::bigint as "refunded!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'fee' and g.created_at >= $2), 0)::bigint as "fees!",
                  coalesce(-sum(g.amount_minor) filter (where g.line = 'gross' and g.created_at < $2), 0)::bigint as "gross_before!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'refund' and g.created_at < $2), 0)::bigint as "refunded_before!",
                  coalesce(sum(g.amount_minor) filter (where g.line = 'fee' and g.created_at < $2), 0)::bigint as "fees_before!"
           from ledger_postings g join ledger_accounts a on a.id = g.account_id
           where g.created_at >= $1 and g.created_at < $3 and a.kind in ('partner_payable', 'host_payable')
           group by g.currency order by count(*) desc, g.currency"#,
        span.before.0,
        span.from.0,
        span.to.0,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RevenueFigures {
                gross: Money::stored(row.gross, &row.currency)?,
                refunded: Money::stored(row.refunded, &row.currency)?,
                fees: Money::stored(row.fees, &row.currency)?,
                gross_before: Money::stored(row.gross_before, &row.currency)?,
                refunded_before: Money::stored(row.refunded_before, &row.currency)?,
                fees_before: Money::stored(row.fees_before, &row.currency)?,
                currency: row.currency,
            })
        })
        .collect()
}

/// Revenue by the days of this zone; days without any stand there with nothing.
pub async fn revenue_days(db: &mut PgConnection, span: Span, zone: &str) -> Result<Vec<RevenueSeries>> {
    let rows = sqlx::query!(
        r#"with postings as (
               select g.currency, (g.created_at at time zone $3)::date as day, g.line, g.amount_minor
               from ledger_postings g join ledger_accounts a on a.id = g.account_id
               where g.created_at >= $1 and g.created_at < $2 and a.kind in ('partner_payable', 'host_payable')
           ), currencies as (select currency, count(*) as postings from postings group by currency),
           days as (select generate_series(($1::timestamptz at time zone $3)::date,
                                           (($2::timestamptz - interval '1 microsecond') at time zone $3)::date,
                                           interval '1 day')::date as day)
           select c.currency as "currency!", d.day::text as "day!",
                  coalesce(-sum(p.amount_minor) filter (where p.line = 'gross'), 0)::bigint as "gross!",
                  coalesce(sum(p.amount_minor) filter (where p.line = 'refund'), 0)::bigint as "refunded!",
                  coalesce(sum(p.amount_minor) filter (where p.line = 'fee'), 0)::bigint as "fees!"
           from currencies c cross join days d left join postings p on p.currency = c.currency and p.day = d.day
           group by c.currency, c.postings, d.day order by c.postings desc, c.currency, d.day"#,
        span.from.0,
        span.to.0,
        zone,
    )
    .fetch_all(db)
    .await?;
    let mut series: Vec<(String, Vec<RevenueDay>)> = Vec::new();
    for row in rows {
        let day = RevenueDay {
            day: row.day,
            gross: Money::stored(row.gross, &row.currency)?,
            refunded: Money::stored(row.refunded, &row.currency)?,
            fees: Money::stored(row.fees, &row.currency)?,
        };
        match series.last_mut().filter(|(currency, _)| *currency == row.currency) {
            Some((_, days)) => days.push(day),
            None => series.push((row.currency, vec![day])),
        }
    }
    let one =
        |(currency, days): (String, Vec<RevenueDay>)| RevenueSeries { chart: drawn(&currency, &days), currency, days };
    Ok(series.into_iter().map(one).collect())
}

/// Days of revenue as bars, paid beside refunded.
fn drawn(currency: &str, days: &[RevenueDay]) -> Chart {
    let of = |amount: fn(&RevenueDay) -> &Money| days.iter().map(|day| amount(day).clone()).collect::<Vec<_>>();
    let (paid, back) = (of(|day| &day.gross), of(|day| &day.refunded));
    let sum = |amounts: &[Money]| {
        let minor = amounts.iter().map(|one| one.minor).sum();
        amounts.first().map(|one| Money { minor, currency: one.currency.clone() }.display()).unwrap_or_default()
    };
    let summary = format!("{} paid and {} refunded in {} days.", sum(&paid), sum(&back), days.len());
    let labels = days.iter().map(|day| day_in_short(&day.day)).collect();
    let series = vec![
        MoneySeries { name: "Paid", token: "ok", values: paid },
        MoneySeries { name: "Refunded", token: "bad", values: back },
    ];
    money_bars(&format!("Revenue by day, {currency}"), summary, "Day", labels, series)
}

/// What was counted in a range and the one before; `None` of what is not to be looked at.
pub struct Counts {
    /// Tickets that were issued, and guests who were let in.
    pub tickets: Option<(Compared, Compared)>,
    /// Who signed up.
    pub new_users: Option<Compared>,
    /// Events that began.
    pub events: Option<Compared>,
    /// Partners that are active.
    pub active_partners: Option<i64>,
}

/// Counts what may be seen, in one query.
pub async fn counts(
    db: &mut PgConnection,
    span: Span,
    (tickets, users, events, partners): (bool, bool, bool, bool),
) -> Result<Counts> {
    let row = sqlx::query!(
        r#"select t.now as "tickets!", t.before as "tickets_before!", c.now as "guests!", c.before as "guests_before!",
                  u.now as "users!", u.before as "users_before!", e.now as "events!", e.before as "events_before!",
                  (select count(*) from partners where $7 and status = 'active') as "partners!"
           from (select count(*) filter (where issued_at >= $2) as now, count(*) filter (where issued_at < $2) as before
                 from tickets where $4 and issued_at >= $1 and issued_at < $3) t,
                (select coalesce(sum(people) filter (where minute >= $2), 0)::bigint as now,
                        coalesce(sum(people) filter (where minute < $2), 0)::bigint as before
                 from gate_tallies where $4 and minute >= $1 and minute < $3 and direction = 'in') c,
                (select count(*) filter (where created_at >= $2) as now, count(*) filter (where created_at < $2) as before
                 from end_users where $5 and created_at >= $1 and created_at < $3) u,
                (select count(*) filter (where start_at >= $2) as now, count(*) filter (where start_at < $2) as before
                 from events where $6 and start_at >= $1 and start_at < $3 and status in ('published', 'live', 'ended')) e"#,
        span.before.0,
        span.from.0,
        span.to.0,
        tickets,
        users,
        events,
        partners,
    )
    .fetch_one(db)
    .await?;
    let compared = |now, before| Compared { now, before };
    Ok(Counts {
        tickets: tickets.then(|| (compared(row.tickets, row.tickets_before), compared(row.guests, row.guests_before))),
        new_users: users.then(|| compared(row.users, row.users_before)),
        events: events.then(|| compared(row.events, row.events_before)),
        active_partners: partners.then_some(row.partners),
    })
}

/// An entry of the audit log, as a sentence.
pub fn told(row: &AuditRow) -> DashboardActivity {
    DashboardActivity {
        id: row.id,
        created_at: row.created_at,
        by: row.actor.shown(),
        text: row.said().text(),
        href: row.subject.as_ref().and_then(|subject| subject.href.clone()),
    }
}
