//! Checkouts, the ledger at any depth, an event of a hundred thousand sales, and the dashboard over a million tickets.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use eventify::finance::LEDGER_ENTRIES;
use serde_json::Value;
use sqlx::types::Uuid;

use crate::fixtures::HotEvent;
use crate::subject::Subject;
use crate::{Row, checkout, floor, load, per_second, ratio, row};

/// Sales of the event whose revenue is shown, each of a payment and ten tickets.
const SALES: i64 = 100_000;
const TICKETS_EACH: i64 = 10;
/// Postings of one account.
const POSTINGS: i64 = 1_000_000;
/// Most entries of a page.
const PAGE: usize = 200;
/// What a seat costs.
pub const PRICE: i64 = 50_000;

/// All figures of money.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    let mut rows = checkout::figures(subject, time).await?;
    eprintln!("filling the books");
    let sold = HotEvent::priced(subject, 1_000_000, PRICE).await?;
    let account = fill(subject, &sold).await?;
    eprintln!("reading the ledger");
    rows.extend(ledger(subject, account, time).await?);
    eprintln!("adding up revenue");
    rows.push(revenue(subject, &sold, time).await?);
    eprintln!("opening the dashboard");
    rows.extend(dashboard(subject, time).await?);
    Ok(rows)
}

/// Sales over sixty days, and an account that was posted to a million times; answers with that account. Straight in the
/// tables, which do not look at each row meanwhile.
async fn fill(subject: &Subject, event: &HotEvent) -> Result<Uuid> {
    const WATCHED: [&str; 6] =
        ["ledger_journals", "ledger_postings", "tickets", "event_attendees", "payments", "payment_orders"];
    let mut db = subject.owner.acquire().await?;
    for table in WATCHED {
        let off = format!("alter table {table} disable trigger user");
        sqlx::query(sqlx::AssertSqlSafe(off)).execute(&mut *db).await?;
    }
    let statements = [
        "create table bench_sales as
         select n, gen_random_uuid() as held, gen_random_uuid() as guest, gen_random_uuid() as ordered,
                gen_random_uuid() as payment, gen_random_uuid() as journal, u.id as user_id,
                now() - interval '60 days' * (n::float8 / $2) as at
         from generate_series(1, $2) n
         join (select id, row_number() over (order by id) as nth, count(*) over () as most from end_users) u
             on u.nth = n % u.most + 1
         where $1 = $1 and $3 = $3",
        "insert into capacity_reservations (id, reservation_key, event_id, ticket_type_id, user_id, seats_reserved,
                consumed, consumed_at, expires_at, unit_price_minor, currency, created_at)
         select held, held, $1, $3, user_id, 1, true, at, at, 50000, 'INR', at from bench_sales where $2 = $2",
        "insert into event_attendees (id, event_id, user_id, reservation_id, ticket_type_id, ticket_type, seats, is_paid,
                price_paid_minor, currency, status, source, created_at)
         select guest, $1, user_id, held, $3, 'Entry', 10, true, 50000, 'INR', 'going', 'direct', at from bench_sales
         where $2 = $2",
        "insert into tickets (id, event_id, ticket_type_id, attendee_id, user_id, short_code_hash, issued_at)
         select gen_random_uuid(), $1, $3, guest, user_id, sha256((guest::text || k)::bytea), at
         from bench_sales, generate_series(1, 10) k where $2 = $2",
        "insert into payment_orders (id, order_reference, user_id, event_id, amount_minor, currency, payment_provider,
                status, expires_at, paid_at, created_at)
         select ordered, 'BENCH' || n, user_id, $1, 50000, 'INR', 'sandbox', 'paid', at, at, at from bench_sales
         where $2 = $2 and $3 = $3",
        "insert into payment_order_lines (id, order_id, reservation_id, ticket_type_id, seats, amount_minor, tax_minor,
                fee_minor, fee_tax_minor, created_at)
         select gen_random_uuid(), ordered, held, $3, 10, 50000, 0, 2500, 0, at from bench_sales where $1 = $1 and $2 = $2",
        "insert into payments (id, order_id, provider, status, amount_minor, currency, provider_ref, captured_at, created_at)
         select payment, ordered, 'sandbox', 'captured', 50000, 'INR', 'sbx_bench_' || n, at, at from bench_sales
         where $1 = $1 and $2 = $2 and $3 = $3",
        "insert into ledger_journals (id, kind, object_type, object_id, event_id, description, booked_on, created_at)
         select journal, 'sale', 'payment', payment, $1, 'Order BENCH' || n || ' was paid.', at::date, at from bench_sales
         where $2 = $2 and $3 = $3",
        "insert into ledger_accounts (id, kind, partner_id, provider, currency)
         select gen_random_uuid(), a.kind, a.partner, a.provider, 'INR'
         from (select 'partner_payable' as kind, organizer_partner_id as partner, null as provider from events where id = $1
               union all select 'provider_clearing', null, 'sandbox' union all select 'provider_clearing', null, 'bench'
               union all select 'platform_fees', null, null) a
         where $2 = $2 and $3 = $3 on conflict do nothing",
        // Four postings a sale; places and balances go on where the account has come to.
        "insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, event_id, position,
                balance_minor, created_at)
         select gen_random_uuid(), p.journal, a.id, 'INR', p.amount, p.line, $1,
                a.postings + row_number() over (partition by a.id order by p.n, p.line),
                a.balance_minor + sum(p.amount) over (partition by a.id order by p.n, p.line), p.at
         from (select n, journal, at, k.kind, k.amount, k.line from bench_sales, (values
                   ('provider_clearing', 50000, 'gross'), ('partner_payable', -50000, 'gross'),
                   ('partner_payable', 2500, 'fee'), ('platform_fees', -2500, 'fee')) k (kind, amount, line)) p
         join events e on e.id = $1
         join ledger_accounts a on a.kind = p.kind and a.currency = 'INR' and a.user_id is null
              and a.partner_id is not distinct from case when p.kind = 'partner_payable' then e.organizer_partner_id end
              and a.provider is not distinct from case when p.kind = 'provider_clearing' then 'sandbox' end
         where $2 = $2 and $3 = $3",
    ];
    for statement in statements {
        let query = sqlx::query(statement).bind(event.id).bind(SALES).bind(event.kind);
        query.execute(&mut *db).await.with_context(|| statement.to_owned())?;
    }
    let account: Uuid =
        sqlx::query_scalar("select id from ledger_accounts where provider = 'bench'").fetch_one(&mut *db).await?;
    let deep = "with journal as (
             insert into ledger_journals (id, kind, object_type, object_id, description, booked_on, created_at)
             select gen_random_uuid(), 'sale', 'payment', $1, 'All of it', current_date, now() returning id)
         insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, position, balance_minor,
                created_at)
         select gen_random_uuid(), j.id, $1, 'INR', 100, 'gross', n, 100 * n,
                now() - interval '5 seconds' * ($2 - n) from journal j, generate_series(1, $2) n";
    sqlx::query(deep).bind(account).bind(POSTINGS).execute(&mut *db).await?;
    let caught_up = "update ledger_accounts a set postings = p.places, balance_minor = p.balance
         from (select distinct on (account_id) account_id, position as places, balance_minor as balance
               from ledger_postings order by account_id, position desc) p
         where p.account_id = a.id";
    sqlx::query(caught_up).execute(&mut *db).await?;
    for table in WATCHED {
        let on = format!("alter table {table} enable trigger user");
        sqlx::query(sqlx::AssertSqlSafe(on)).execute(&mut *db).await?;
    }
    sqlx::query("vacuum analyze").execute(&mut *db).await?;
    Ok(account)
}

/// A page of one account's postings: the latest, and the last ones of a million.
async fn ledger(subject: &Subject, account: Uuid, time: Duration) -> Result<Vec<Row>> {
    let first = format!("/api/v1/financials/entries?account_id={account}");
    let (mut deep, mut read) = (first.clone(), 0);
    loop {
        let path = format!("{first}&limit={PAGE}{}", deep.strip_prefix(&first).unwrap_or_default());
        let page: Value = subject.get(&path).send().await?.error_for_status()?.json().await?;
        read += page["items"].as_array().map_or(0, Vec::len);
        match page["next_cursor"].as_str() {
            // The last but one: its next page is as full as the first.
            Some(cursor) if read as i64 + (PAGE as i64) < POSTINGS => deep = format!("{first}&cursor={cursor}"),
            _ => break,
        }
    }
    ensure!(read as i64 >= POSTINGS - PAGE as i64, "{read} of {POSTINGS} postings were read");
    let mut rows = Vec::new();
    for (what, path, from) in
        [("the latest", &first, "9223372036854775807".to_owned()), ("after a million", &deep, format!("{PAGE}"))]
    {
        let ours = load::run(1, time, |_| {
            let call = subject.get(path);
            async move { load::ok(call.send().await?).await }
        })
        .await?;
        let script = format!(
            "{} and g.account_id = '{account}'::uuid and g.position < {from} order by g.position desc, g.id desc limit 51;\n",
            LEDGER_ENTRIES.replace('\n', " ")
        );
        let floor = floor::pgbench(subject, &script, 1, time).await?;
        rows.push(row(
            format!("GET /financials/entries of one account, {what}"),
            ours.text(),
            per_second(floor),
            ratio(ours.rate, floor),
        ));
    }
    Ok(rows)
}

async fn revenue(subject: &Subject, event: &HotEvent, time: Duration) -> Result<Row> {
    let path = format!("/api/v1/finance/revenue/{}", event.id);
    let seen: Value = subject.get(&path).send().await?.error_for_status()?.json().await?;
    ensure!(seen["gross"]["minor"] == PRICE * SALES, "all sales are in it: {}", seen["gross"]);
    let ours = load::run(1, time, |_| {
        let call = subject.get(&path);
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let id = format!("'{}'::uuid", event.id);
    let owed = format!(
        "from ledger_postings g join ledger_accounts a on a.id = g.account_id
         where g.event_id = {id} and g.currency = 'INR' and a.kind in ('partner_payable', 'host_payable')"
    );
    let lines = ["gross", "refund", "dispute", "fee", "fee_tax"]
        .map(|line| format!("sum(g.amount_minor) filter (where g.line = '{line}')"))
        .join(", ");
    let script = [
        format!("select {lines}, -sum(g.amount_minor) {owed}"),
        format!(
            "select count(*), count(*) filter (where status = 'refunded'),
                (select count(*) from refunds r join payments t on t.id = r.payment_id
                     join payment_orders o on o.id = t.order_id
                 where o.event_id = {id} and r.status in ('requested', 'processing')),
                (select count(*) from refunds r join payments t on t.id = r.payment_id
                     join payment_orders o on o.id = t.order_id where o.event_id = {id} and r.status = 'failed')
             from payment_orders where event_id = {id} and paid_at is not null"
        ),
        format!(
            "select t.id, t.name, sum(l.seats), sum(l.amount_minor), sum(l.refunded_minor),
                sum(l.fee_minor - floor(l.fee_minor::numeric * l.refunded_minor / l.amount_minor)),
                sum(l.tax_minor - floor(l.tax_minor::numeric * l.refunded_minor / l.amount_minor))
             from (select l.ticket_type_id, l.seats, l.amount_minor, l.refunded_minor, l.fee_minor, l.tax_minor
                   from payment_order_lines l join payment_orders o on o.id = l.order_id
                   where o.event_id = {id} and o.paid_at is not null
                         and exists (select 1 from event_attendees a where a.reservation_id = l.reservation_id)
                   union all
                   select ticket_type_id, seats, amount_minor, case when refunded_at is null then 0 else amount_minor end,
                          fee_minor, tax_minor from door_sales where event_id = {id} and amount_minor > 0) l
             join ticket_types t on t.id = l.ticket_type_id group by t.id, t.name, t.position order by t.position, t.id"
        ),
        format!("select (g.created_at at time zone 'Asia/Kolkata')::date as day, {lines} {owed} group by 1 order by 1"),
    ];
    let script: String = script.map(|one| format!("{};\n", one.replace('\n', " "))).concat();
    let floor = floor::pgbench(subject, &script, 1, time).await?;
    Ok(row(
        format!("GET /finance/revenue/{{event_id}} of {SALES} sales"),
        ours.text(),
        per_second(floor),
        ratio(ours.rate, floor),
    ))
}

/// The first page and its figures, once the quarter hours are filled.
async fn dashboard(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    for statement in [
        "delete from metric_progress",
        "delete from metric_buckets",
        "insert into job_runs (id, queue_name, job_type, status, payload, attempts)
         values (gen_random_uuid(), 'bulk', 'overview.fill_buckets', 'queued', 'null', 0)",
    ] {
        sqlx::query(statement).execute(&subject.owner).await?;
    }
    let begun = Instant::now();
    let filled = "select exists (select 1 from metric_progress where filled_until > now() - interval '31 minutes')";
    while !sqlx::query_scalar::<_, bool>(filled).fetch_one(&subject.owner).await? {
        ensure!(begun.elapsed() < Duration::from_secs(120), "the quarter hours are filled");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = format!("{:.1} s", begun.elapsed().as_secs_f64());
    sqlx::query("vacuum analyze metric_buckets").execute(&subject.owner).await?;
    let figures: Value = subject.get("/api/v1/dashboard/metrics").send().await?.error_for_status()?.json().await?;
    let issued = figures["tickets"]["now"].as_i64().unwrap_or_default()
        + figures["tickets"]["before"].as_i64().unwrap_or_default();
    ensure!(issued >= SALES * TICKETS_EACH, "{issued} tickets are counted");
    let of = format!("{} tickets and {SALES} payments", SALES * TICKETS_EACH);
    let mut rows = vec![row(format!("filling all quarter hours of {of}"), took, "", "")];
    let figures = load::run(1, time, |_| {
        let call = subject.get("/api/v1/dashboard/metrics");
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let floor = floor::pgbench(subject, &metrics(), 1, time).await?;
    rows.push(row(
        format!("GET /dashboard/metrics over {of}"),
        figures.text(),
        per_second(floor),
        ratio(figures.rate, floor),
    ));
    let page = load::run(1, time, |_| {
        let call = subject.page("/");
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    rows.push(row(format!("dashboard, server-rendered, over {of}"), page.text(), "", "aim: p50 below 50 ms"));
    Ok(rows)
}

/// The dashboard's two statements.
fn metrics() -> String {
    let lines = ["gross", "refund", "fee"].map(|line| {
        format!(
            "sum(value) filter (where measure = '{line}' and at >= now() - interval '30 days'),
             sum(value) filter (where measure = '{line}' and at < now() - interval '30 days')"
        )
    });
    let within = "at >= now() - interval '60 days' and at < now()";
    let counted = |measure: &str| {
        format!(
            "(select sum(value) filter (where at >= now() - interval '30 days'),
                     sum(value) filter (where at < now() - interval '30 days')
              from metrics where measure = '{measure}' and {within})"
        )
    };
    let script = [
        format!(
            "select currency, {} from metrics where measure in ('gross', 'refund', 'fee') and {within}
             group by currency order by sum(rows) desc, currency",
            lines.join(", ")
        ),
        format!(
            "select t.*, u.*, (select count(*) from partners where status = 'active'),
                    (select count(*) from events where start_at >= now() - interval '60 days' and start_at < now()
                         and status in ('published', 'live', 'ended')),
                    (select sum(people) from gate_tallies where minute >= now() - interval '60 days' and minute < now()
                         and direction = 'in')
             from {} t, {} u",
            counted("tickets"),
            counted("users")
        ),
    ];
    script.map(|one| format!("{};\n", one.replace('\n', " "))).concat()
}
