//! Seats of one hot event, a search over a hundred thousand events, and the page a guest opens.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use eventify::events::rules::Viewer;
use eventify::events::{EVENT_TABLES, select};
use eventify::tickets::RESERVATION_WHERE;

use crate::fixtures::{Guests, HotEvent};
use crate::subject::Subject;
use crate::{Row, floor, load, per_second, ratio, row};

const EVENTS: i64 = 100_000;
const GUESTS: usize = 20_000;
const TAKERS: usize = 32;

const TYPES: &str = "with held as (select ticket_type_id, sum(seats_reserved)::int as seats from capacity_reservations
        where not consumed and released_at is null and expires_at > now() and event_id = :event::uuid group by 1)
    select t.id, t.event_id, t.name, t.description, t.price_minor, t.currency::text as currency, t.quota,
        t.sales_start_at, t.sales_end_at, t.per_order_limit, t.hidden, t.position, t.sold_count, t.version,
        t.created_at, t.updated_at, greatest(0, least(
            e.capacity - e.going_count - coalesce((select sum(seats) from held), 0)::int,
            coalesce(t.quota - t.sold_count - coalesce(h.seats, 0), 2147483647))) as available
    from ticket_types t join events e on e.id = t.event_id left join held h on h.ticket_type_id = t.id
    where t.retired_at is null and t.event_id = :event::uuid order by t.position, t.id";

/// What reading an event selects. A colon would be a variable to pgbench, even within quotes.
pub fn columns() -> String {
    select(&Viewer::Anyone).into_string().replace("HH24:MI", "HH24.MI")
}

/// All figures of events.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    let crowd = Guests::gather(subject, GUESTS).await?;
    let event = HotEvent::open(subject, 1_000_000).await?;
    fill(subject).await?;
    eprintln!("taking seats");
    let mut rows = vec![seats(subject, &crowd, &event, time).await?];
    for (what, query, condition) in [
        ("by date", "", String::new()),
        (
            "in a city, by a word",
            "&city=Pune&q=evening%2071",
            " and e.search_text like '%evening 71%' and lower(e.city) = 'pune'".to_owned(),
        ),
        ("within 25 km", "&lat=18.52&lon=73.86&radius_km=25", near(18.52, 73.86, 25.0)),
    ] {
        eprintln!("searching events {what}");
        rows.push(search(subject, what, query, &condition, time).await?);
    }
    eprintln!("opening the event's page");
    rows.extend(page(subject, &event, time).await?);
    Ok(rows)
}

/// Events of a partner, a third of them at two thousand places around six cities.
async fn fill(subject: &Subject) -> Result<()> {
    let statements = [
        "insert into venues (id, name, address, city, latitude, longitude, timezone)
         select gen_random_uuid(), 'Place ' || n, 'Street ' || n, (array['Pune','Mumbai','Delhi','Oslo','Goa','Agra'])[n % 6 + 1],
                (array[18.52,19.08,28.61,59.91,15.50,27.18])[n % 6 + 1] + (n % 37) / 100.0,
                (array[73.86,72.88,77.21,10.75,73.83,78.01])[n % 6 + 1] + (n % 41) / 100.0, 'Asia/Kolkata'
         from generate_series(1, $1 / 50) n",
        "insert into events (id, organizer_partner_id, title, slug, description, city, start_at, end_at, timezone, capacity,
                             status, published_at, search_text, venue_id, venue_text)
         select gen_random_uuid(), (select id from partners where status = 'active' limit 1), 'Evening ' || n,
                'bench-evening-' || n, 'Doors at seven.', (array['Pune','Mumbai','Delhi','Oslo','Goa','Agra'])[n % 6 + 1],
                now() + n * interval '7 minutes', now() + n * interval '7 minutes' + interval '3 hours', 'Asia/Kolkata', 200,
                'published', now(), 'evening ' || n || ' ' || (array['pune','mumbai','delhi','oslo','goa','agra'])[n % 6 + 1],
                v.id, case when v.id is null then 'The yard' end
         from generate_series(1, $1) n
         left join (select id, row_number() over (order by id) as nth from venues where name like 'Place %') v
             on n % 3 = 0 and v.nth = n / 3 % ($1 / 50) + 1",
    ];
    for statement in statements {
        sqlx::query(statement).bind(EVENTS).execute(&subject.owner).await.with_context(|| statement.to_owned())?;
    }
    sqlx::query("vacuum analyze").execute(&subject.owner).await?;
    Ok(())
}

async fn seats(subject: &Subject, crowd: &Guests, event: &HotEvent, time: Duration) -> Result<Row> {
    let ours = load::run(TAKERS, time, |_| {
        let call = crowd.next().map(|guest| crowd.reserve(subject, event, guest));
        async move { load::ok(call?.send().await?).await }
    })
    .await?;
    let floor = floor::pgbench(subject, &statements(crowd, event), TAKERS, time).await?;
    let taken: i64 = sqlx::query_scalar("select going_count::bigint from events where id = $1")
        .bind(event.id)
        .fetch_one(&subject.owner)
        .await?;
    ensure!(taken > 0, "seats were taken");
    Ok(row(
        format!("POST /events/{{id}}/reservations, one hot event, {TAKERS} callers"),
        ours.text(),
        per_second(floor),
        ratio(ours.rate, floor),
    ))
}

/// What taking a seat sends, in its order; each client is a guest of its own.
fn statements(crowd: &Guests, event: &HotEvent) -> String {
    let users: Vec<String> = crowd.users.iter().rev().take(TAKERS).map(|id| format!("'{id}'")).collect();
    let user = format!("((array[{}])[:client_id + 1])::uuid", users.join(","));
    let columns = columns();
    let script = format!(
        "select gen_random_uuid() as hold, gen_random_uuid() as guest, gen_random_uuid() as ticket \\gset
         begin;
         select u.id, u.phone, p.name, s.mfa, s.expires_at, s.last_seen_at from end_user_sessions s
             join end_users u on u.id = s.user_id join user_profiles p on p.user_id = u.id
             where s.id = (select id from end_user_sessions where user_id = {user} limit 1) and s.revoked_at is null
                   and s.expires_at > now() and u.status = 'active';
         select pg_try_advisory_xact_lock(hashtextextended(:hold, 0));
         select input_hash, answer from idempotency_keys where caller = :guest and operation = 'reservation_create'
             and key = :guest and expires_at > now();
         select id from events where id = :event::uuid for update;
         {columns} {EVENT_TABLES} where e.id = :event::uuid;
         select p.name, u.email, p.gender from end_users u join user_profiles p on p.user_id = u.id where u.id = {user};
         select id from ticket_types where event_id = :event::uuid order by id for update;
         {TYPES};
         select coalesce((select sum(seats) from event_attendees where ticket_type_id = :kind::uuid and user_id = {user}
                              and status in ('going', 'checked_in')), 0)
             + coalesce((select sum(seats_reserved) from capacity_reservations where ticket_type_id = :kind::uuid
                 and user_id = {user} and not consumed and released_at is null and expires_at > now()), 0);
         select id, label, kind, options, required, position from event_questions
             where event_id = :event::uuid and retired_at is null order by position;
         update waiting_list_entries set status = 'lapsed', version = version + 1
             where event_id = :event::uuid and status = 'offered' and offer_expires_at <= now();
         select w.id, w.seats from waiting_list_entries w where w.status = 'waiting' and w.event_id = :event::uuid
             order by w.created_at, w.id;
         select id from ticket_types where event_id = :event::uuid order by id for update;
         {TYPES};
         insert into capacity_reservations (id, reservation_key, event_id, ticket_type_id, user_id, seats_reserved,
             expires_at, unit_price_minor, currency, answers)
             values (:hold::uuid, :hold::uuid, :event::uuid, :kind::uuid, {user}, 1, now() + interval '15 minutes', 0,
                     'INR', '{{}}');
         {RESERVATION_WHERE} r.id = :hold::uuid;
         select answers from capacity_reservations where id = :hold::uuid;
         update capacity_reservations set consumed = true, consumed_at = now() where id = :hold::uuid;
         insert into event_attendees (id, event_id, user_id, reservation_id, ticket_type_id, ticket_type, seats, is_paid,
             price_paid_minor, currency, status, source, answers)
             values (:guest::uuid, :event::uuid, {user}, :hold::uuid, :kind::uuid, 'Entry', 1, false, 0, 'INR', 'going',
                     'direct', '{{}}');
         update events set going_count = going_count + 1 where id = :event::uuid;
         update ticket_types set sold_count = sold_count + 1 where id = :kind::uuid;
         select id, secret_enc, signs_until from signing_keys where purpose = 'event' order by created_at desc limit 1;
         insert into tickets (id, event_id, ticket_type_id, attendee_id, user_id, short_code_hash, issued_at)
             values (:ticket::uuid, :event::uuid, :kind::uuid, :guest::uuid, {user}, sha256(:ticket::text::bytea), now());
         insert into ticket_secrets (ticket_id, secret_hash, secret_salt)
             values (:ticket::uuid, sha256(:ticket::text::bytea), '\\x00');
         select a.id, a.event_id, a.user_id, a.status, a.seats, a.version from event_attendees a
             left join end_users u on u.id = a.user_id left join user_profiles p on p.user_id = a.user_id
             where a.id = :guest::uuid;
         {RESERVATION_WHERE} r.id = :hold::uuid;
         insert into outbox_events (id, aggregate_type, aggregate_id, type, payload, request_id)
             select gen_random_uuid(), 'event', :event, e.k, '{{}}', 'bench'
             from unnest(array['seats.held', 'attendee.confirmed']) as e (k);
         insert into idempotency_keys (caller, operation, key, input_hash, status, answer, expires_at)
             values (:guest, 'reservation_create', :guest, '\\x00', 201, '{{}}', now() + interval '1 day')
             on conflict (caller, operation, key) do update set answer = excluded.answer;
         commit;\n"
    );
    let script = script.replace(":event", &format!("'{}'", event.id)).replace(":kind", &format!("'{}'", event.kind));
    script.replace('\n', " ").replace("\\gset", "\\gset\n").replace(';', ";\n")
}

/// A box, then the great circle, as the search asks.
fn near(lat: f64, lon: f64, km: f64) -> String {
    let tall = km / 111.2;
    let wide = tall / (lat + tall).to_radians().cos();
    format!(
        " and v.latitude between {} and {} and v.longitude between {} and {}
          and 2 * 6371.0 * asin(least(1, sqrt(power(sin(radians(v.latitude::float8 - {lat}) / 2), 2)
              + cos(radians({lat})) * cos(radians(v.latitude::float8))
              * power(sin(radians(v.longitude::float8 - {lon}) / 2), 2)))) <= {km}",
        lat - tall,
        lat + tall,
        lon - wide,
        lon + wide,
    )
}

async fn search(subject: &Subject, what: &str, query: &str, condition: &str, time: Duration) -> Result<Row> {
    let path = format!("{}/api/v1/events?limit=50&status=published{query}", subject.url);
    let ours = load::run(8, time, |_| {
        let call = subject.http.get(&path);
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let found = format!("{EVENT_TABLES} where e.status <> 'draft' and e.status = any('{{published}}'){condition}");
    let columns = columns();
    let sql = format!(
        "{columns}, e.start_at::text as sort_key {found} order by e.start_at, e.id limit 51;\nselect count(*) from (select {found} limit 10001) counted;\n"
    );
    let sql: String = sql.split(";\n").filter(|s| !s.is_empty()).map(|s| s.replace('\n', " ") + ";\n").collect();
    let floor = floor::pgbench(subject, &sql, 8, time).await?;
    Ok(row(
        format!("GET /events of 100,000, {what}, 8 connections"),
        ours.text(),
        per_second(floor),
        ratio(ours.rate, floor),
    ))
}

/// What a guest's phone waits for.
async fn page(subject: &Subject, event: &HotEvent, time: Duration) -> Result<Vec<Row>> {
    let url = format!("{}/e/{}", subject.url, event.slug);
    let call = || subject.http.get(&url).header("accept-encoding", "br");
    let whole = subject.http.get(&url).send().await?.error_for_status()?.bytes().await?.len();
    let packed = call().send().await?.error_for_status()?.bytes().await?.len();
    let html = subject.http.get(&url).send().await?.text().await?;
    let path = html.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let style = subject.http.get(format!("{}{}", subject.url, path.context("a stylesheet")?));
    let style = style.header("accept-encoding", "br");
    let style = style.send().await?.error_for_status()?.bytes().await?.len();
    let mut rows = Vec::new();
    for connections in [1, 8] {
        let ours = load::run(connections, time, |_| {
            let call = call();
            async move { load::ok(call.send().await?).await }
        })
        .await?;
        rows.push(row(
            format!("public page of an event, to the last byte, {connections} connections"),
            ours.text(),
            "",
            "",
        ));
    }
    let note = "HTML and stylesheet; no script";
    let sizes = format!("{:.1} + {:.1} KB brotli ({:.1} KB raw)", kb(packed), kb(style), kb(whole));
    rows.push(row("public page of an event, bytes", sizes, "", note));
    Ok(rows)
}

fn kb(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
