//! SQL of the dashboard.

use sqlx::PgConnection;

use crate::audit::AuditRow;
use crate::events::EventId;
use crate::kernel::chart::{Chart, MoneySeries, money_bars};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use crate::overview::{Compared, DashboardActivity, DashboardEvent, RevenueDay, RevenueFigures, RevenueSeries, Span};
use crate::zones::{Zone, day_in_short};

/// What guests paid, by currency, the one with the most postings first.
pub async fn revenue(db: &mut PgConnection, span: Span) -> Result<Vec<RevenueFigures>> {
    // Added up before it is spread over columns: there are thousands of quarter hours.
    let rows = sqlx::query!(
        r#"with sums as materialized (
               select currency, measure, at < $2 as before, sum(value) as value, sum(rows) as rows
               from metrics where measure in ('gross', 'refund', 'fee') and at >= $1 and at < $3 group by 1, 2, 3)
           select currency as "currency!",
                  coalesce(sum(value) filter (where measure = 'gross' and not before), 0)::bigint as "gross!",
                  coalesce(sum(value) filter (where measure = 'refund' and not before), 0)::bigint as "refunded!",
                  coalesce(sum(value) filter (where measure = 'fee' and not before), 0)::bigint as "fees!",
                  coalesce(sum(value) filter (where measure = 'gross' and before), 0)::bigint as "gross_before!",
                  coalesce(sum(value) filter (where measure = 'refund' and before), 0)::bigint as "refunded_before!",
                  coalesce(sum(value) filter (where measure = 'fee' and before), 0)::bigint as "fees_before!"
           from sums group by currency order by sum(rows) desc, currency"#,
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

/// The days of a range by these clocks, each with its beginning.
fn days(span: Span, zone: &Zone) -> Vec<(String, Timestamp)> {
    let first = zone.local(span.from).date().to_string();
    let all = (0..).map_while(|later| zone.day_begins(&first, later)).take_while(|begins| *begins < span.to);
    all.map(|begins| (zone.local(begins).date().to_string(), begins)).collect()
}

/// Revenue by the days of this zone; days without any stand there with nothing.
pub async fn revenue_days(db: &mut PgConnection, span: Span, zone: &Zone) -> Result<Vec<RevenueSeries>> {
    let days = days(span, zone);
    let begins: Vec<_> = days.iter().map(|(_, begins)| begins.0).collect();
    let rows = sqlx::query!(
        r#"with sums as (
               select currency, measure, width_bucket(at, $3) as place, sum(value) as value, sum(rows) as rows
               from metrics where measure in ('gross', 'refund', 'fee') and at >= $1 and at < $2 group by 1, 2, 3)
           select currency as "currency!", place as "place!",
                  coalesce(sum(value) filter (where measure = 'gross'), 0)::bigint as "gross!",
                  coalesce(sum(value) filter (where measure = 'refund'), 0)::bigint as "refunded!",
                  coalesce(sum(value) filter (where measure = 'fee'), 0)::bigint as "fees!",
                  sum(sum(rows)) over (partition by currency)::bigint as "postings!"
           from sums group by currency, place order by 6 desc, currency, place"#,
        span.from.0,
        span.to.0,
        &begins,
    )
    .fetch_all(db)
    .await?;
    let mut series: Vec<(String, Vec<RevenueDay>)> = Vec::new();
    for row in rows {
        if series.last().is_none_or(|(currency, _)| *currency != row.currency) {
            let none = || Money::stored(0, &row.currency);
            let day = |(day, _): &(String, _)| -> Result<RevenueDay> {
                Ok(RevenueDay { day: day.clone(), gross: none()?, refunded: none()?, fees: none()? })
            };
            let whole = days.iter().map(day).collect::<Result<_>>()?;
            series.push((row.currency.clone(), whole));
        }
        let place = usize::try_from(row.place).unwrap_or_default().checked_sub(1);
        let of = series.last_mut().zip(place).and_then(|((_, days), place)| days.get_mut(place));
        if let Some(day) = of {
            (day.gross.minor, day.refunded.minor, day.fees.minor) = (row.gross, row.refunded, row.fees);
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
    /// Tickets that were issued, and entries at gates.
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
    (span, now): (Span, Timestamp),
    (tickets, users, events, partners): (bool, bool, bool, bool),
) -> Result<Counts> {
    let row = sqlx::query!(
        r#"select t.now as "tickets!", t.before as "tickets_before!", c.now as "guests!", c.before as "guests_before!",
                  u.now as "users!", u.before as "users_before!", e.now as "events!", e.before as "events_before!",
                  (select count(*) from partners where $7 and status = 'active') as "partners!"
           from (select coalesce(sum(value) filter (where at >= $2), 0)::bigint as now,
                        coalesce(sum(value) filter (where at < $2), 0)::bigint as before
                 from metrics where $4 and measure = 'tickets' and at >= $1 and at < $3) t,
                (select coalesce(sum(people) filter (where minute >= $2), 0)::bigint as now,
                        coalesce(sum(people) filter (where minute < $2), 0)::bigint as before
                 from gate_tallies where $4 and minute >= $1 and minute < $3 and direction = 'in') c,
                (select coalesce(sum(value) filter (where at >= $2), 0)::bigint as now,
                        coalesce(sum(value) filter (where at < $2), 0)::bigint as before
                 from metrics where $5 and measure = 'users' and at >= $1 and at < $3) u,
                (select count(*) filter (where start_at >= $2) as now, count(*) filter (where start_at < $2) as before
                 from events where $6 and start_at >= $1 and start_at < least($3, $8) and status in ('published', 'live', 'ended')) e"#,
        span.before.0,
        span.from.0,
        span.to.0,
        tickets,
        users,
        events,
        partners,
        now.0,
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

/// What each event did in a range, those with most tickets first.
pub async fn events(db: &mut PgConnection, span: Span, now: Timestamp) -> Result<Vec<DashboardEvent>> {
    let rows = sqlx::query!(
        r#"select e.id as "id: EventId", e.title, e.start_at as "start_at: Timestamp",
                  to_char(e.start_at at time zone e.timezone, 'YYYY-MM-DD') as "event_date!", h.held as "held!",
                  coalesce(t.tickets, 0) as "tickets!", coalesce(g.people, 0) as "let_in!"
           from events e
           left join (select event_id, count(*) as tickets from tickets where issued_at >= $1 and issued_at < $2
                      group by event_id) t on t.event_id = e.id
           left join (select event_id, sum(people)::bigint as people from gate_tallies
                      where minute >= $1 and minute < $2 and direction = 'in' group by event_id) g on g.event_id = e.id
           cross join lateral (select e.start_at >= $1 and e.start_at < least($2, $3)
                                      and e.status in ('published', 'live', 'ended') as held) h
           where h.held or t.tickets > 0 or g.people > 0
           order by 6 desc, 7 desc, e.start_at desc, e.id"#,
        span.from.0,
        span.to.0,
        now.0,
    )
    .fetch_all(db)
    .await?;
    let events = rows.into_iter().map(|row| DashboardEvent {
        event_id: row.id,
        title: row.title,
        start_at: row.start_at,
        event_date: row.event_date,
        held: row.held,
        tickets: row.tickets,
        let_in: row.let_in,
    });
    Ok(events.collect())
}

/// Fills buckets that are over, those of a week at most, up to this quarter of an hour; false where none was left. One
/// process at a time does so.
pub async fn fill_buckets(db: &mut PgConnection, until: Timestamp) -> Result<bool> {
    // Where nothing was filled yet, from the first row on.
    sqlx::query!(
        "insert into metric_progress (filled_until)
         select date_bin('15 minutes', min(first), 'epoch') from (
             select min(issued_at) as first from tickets
             union all select min(created_at) from end_users
             union all select min(created_at) from ledger_postings) every
         having min(first) < $1
         on conflict (one) do nothing",
        until.0,
    )
    .execute(&mut *db)
    .await?;
    let next = sqlx::query!(
        r#"select filled_until as "from: Timestamp", least($1, filled_until + interval '7 days') as "until!: Timestamp"
           from metric_progress where filled_until < $1 for no key update"#,
        until.0,
    );
    let Some(next) = next.fetch_optional(&mut *db).await? else { return Ok(false) };
    sqlx::query!(
        "insert into metric_buckets (measure, starts_at, currency, value, rows)
         select measure, date_bin('15 minutes', at, 'epoch'), currency, sum(value), count(*)
         from metric_rows where at >= $1 and at < $2 group by 1, 2, 3",
        next.from.0,
        next.until.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("update metric_progress set filled_until = $1", next.until.0).execute(db).await?;
    Ok(true)
}

/// Empties all buckets: something was written into the past, so they are filled anew.
pub async fn forget_buckets(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("delete from metric_progress").execute(&mut *db).await?;
    sqlx::query!("delete from metric_buckets").execute(db).await?;
    Ok(())
}

/// An entry of the audit log, as a sentence.
pub fn told(row: &AuditRow) -> DashboardActivity {
    DashboardActivity {
        id: row.id,
        created_at: row.created_at,
        by: row.actor.shown(),
        text: row.said(&crate::audit::words::DECLARED).text(),
        href: row.subject.as_ref().and_then(|subject| subject.href.clone()),
    }
}
