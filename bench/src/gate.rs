//! Scans at the gates of an event of fifty thousand, and the list that a phone takes along.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use eventify::gate::{Code, SECRET};
use eventify::kernel::clock::Clock;
use eventify::kernel::timestamp::Timestamp;
use serde_json::{Value, json};
use sqlx::types::Uuid;
use time::Duration as Span;

use crate::fixtures::post;
use crate::subject::Subject;
use crate::{Row, floor, load, per_second, ratio, row};

const TICKETS: usize = 50_000;
/// Of an event beside it.
const SMALL: usize = 50;
const PHONES: usize = 32;

/// An event tonight, with phones at its gate and a ticket for each of so many guests.
pub struct Night {
    /// Which.
    pub event: Uuid,
    gate: Uuid,
    phones: Vec<Phone>,
    /// Codes, each good for one scan.
    pub codes: Vec<String>,
    next: AtomicUsize,
}

struct Phone {
    id: Uuid,
    token: String,
}

/// All figures of the gate.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    eprintln!("opening the gates");
    let night = Night::open(subject, TICKETS).await?;
    let floor = Night::open(subject, TICKETS).await?;
    numbered(subject, &floor).await?;
    let mut rows = list(subject, &night).await?;
    for callers in [1, 8, PHONES] {
        eprintln!("scanning with {callers} phones");
        rows.push(scans(subject, &night, &floor, callers, time).await?);
    }
    rows.push(delta(subject, &night).await?);
    let small = Night::open(subject, SMALL).await?;
    rows.push(looks(subject, [&night, &small], "board", time).await?);
    rows.push(looks(subject, [&night, &small], "status of a ticket", time).await?);
    Ok(rows)
}

/// What is looked at all evening costs the same at any number of tickets.
async fn looks(subject: &Subject, nights: [&Night; 2], what: &str, time: Duration) -> Result<Row> {
    let mut figures = Vec::new();
    for night in nights {
        let path = match what {
            "board" => format!("/events/{}/gate-board", night.event),
            _ => format!("/tickets/status/{}", Code::read(&night.codes[0]).context("a code")?.ticket),
        };
        let ours = load::run(1, time, |phone| {
            let call = night.call(subject, reqwest::Method::GET, &path, phone);
            async move { load::ok(call.send().await?).await }
        });
        figures.push(ours.await?.text());
    }
    let small = figures.pop().unwrap_or_default();
    Ok(row(
        format!("{what}, {TICKETS} tickets"),
        figures.remove(0),
        small,
        format!("floor: the same of {SMALL} tickets"),
    ))
}

impl Night {
    /// Made as an admin would, but for the guests.
    pub async fn open(subject: &Subject, tickets: usize) -> Result<Night> {
        let partner: Uuid = sqlx::query_scalar("select id from partners where status = 'active' limit 1")
            .fetch_one(&subject.owner)
            .await?;
        let start = Clock::default().now().0 + Span::hours(2);
        let at = |moment| Timestamp(moment).rfc3339();
        let event = json!({ "title": "Monsoon Static", "city": "Mumbai", "venue_text": "The docks", "mood": "Concert",
            "description": "Doors at seven.", "start_at": at(start), "end_at": at(start + Span::hours(5)),
            "capacity": 4 * tickets, "organizer_partner_id": partner });
        let event = id(&post(subject, "/events", &event).await?, "id")?;
        let kind = json!({ "name": "Entry", "price": { "minor": 0, "currency": "INR" } });
        let kind = id(&post(subject, &format!("/events/{event}/ticket-types"), &kind).await?, "id")?;
        post(subject, &format!("/events/{event}/publish"), &json!({})).await?;
        let gate = json!({ "name": "Main" });
        let gate = id(&post(subject, &format!("/events/{event}/gates"), &gate).await?, "id")?;
        let mut phones = Vec::new();
        for _ in 0..PHONES {
            let shown = json!({ "gate_id": gate });
            let shown = post(subject, &format!("/events/{event}/gate-devices/pairing"), &shown).await?;
            let paired = post(subject, "/live/pair", &json!({ "code": shown["code"] })).await?;
            let token = paired["token"].as_str().context("a token")?.to_owned();
            phones.push(Phone { id: id(&paired["device"], "id")?, token });
        }
        let codes = codes(subject, event, kind, &guests(subject, event, kind, tickets).await?).await?;
        sqlx::query("vacuum analyze").execute(&subject.owner).await?;
        Ok(Night { event, gate, phones, codes, next: AtomicUsize::new(0) })
    }

    fn call(&self, subject: &Subject, method: reqwest::Method, path: &str, phone: usize) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1{path}", subject.url);
        subject.http.request(method, url).bearer_auth(&self.phones[phone].token)
    }

    /// A scan of a ticket that was not scanned yet.
    fn scan(&self, subject: &Subject, phone: usize) -> Result<reqwest::RequestBuilder> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let code = self.codes.get(n).with_context(|| format!("more than {} tickets are needed", self.codes.len()))?;
        Ok(self.scan_at(subject, &subject.url, phone, code, &format!("n-{n}")))
    }

    /// A scan of that code, by the server at that address.
    pub fn scan_at(
        &self,
        subject: &Subject,
        server: &str,
        phone: usize,
        code: &str,
        nonce: &str,
    ) -> reqwest::RequestBuilder {
        let input = json!({ "code": code, "nonce": nonce, "confirm": false });
        let phone = &self.phones[phone % PHONES];
        subject.http.post(format!("{server}/api/v1/tickets/scan")).bearer_auth(&phone.token).json(&input)
    }
}

/// Guests by name, one ticket each, straight in the database.
async fn guests(subject: &Subject, event: Uuid, kind: Uuid, tickets: usize) -> Result<Vec<Uuid>> {
    let statements = [
        "with made as (
             insert into event_attendees (id, event_id, ticket_type_id, ticket_type, guest_name, seats, is_paid,
                 price_paid_minor, currency, status, source, answers)
             select gen_random_uuid(), $1, $2, 'Entry', 'Guest Number ' || n, 1, false, 0, 'INR', 'going', 'comp', '{}'
             from generate_series(1, $3) n returning id)
         insert into tickets (id, event_id, ticket_type_id, attendee_id, short_code_hash, issued_at)
         select gen_random_uuid(), $1, $2, id, sha256(id::text::bytea), now() from made",
        "update events set going_count = $3 where id = $1 and $2 = $2",
        "update ticket_types set sold_count = $3 where event_id = $1 and id = $2",
    ];
    for statement in statements {
        let count = i32::try_from(tickets)?;
        sqlx::query(statement)
            .bind(event)
            .bind(kind)
            .bind(count)
            .execute(&subject.owner)
            .await
            .with_context(|| statement.to_owned())?;
    }
    sqlx::query(
        "insert into ticket_secrets (ticket_id, secret_hash, secret_salt)
         select id, sha256(id::text::bytea), '\\x00' from tickets where event_id = $1",
    )
    .bind(event)
    .execute(&subject.owner)
    .await?;
    Ok(sqlx::query_scalar("select id from tickets where event_id = $1").bind(event).fetch_all(&subject.owner).await?)
}

/// What they show, signed with a key of our own that the server is told of.
async fn codes(subject: &Subject, event: Uuid, kind: Uuid, tickets: &[Uuid]) -> Result<Vec<String>> {
    let pair = Ed25519KeyPair::generate().context("a key")?;
    let key = Uuid::from_u128(event.as_u128() ^ 7);
    // It is past signing: the server goes on with its own.
    sqlx::query(
        "insert into signing_keys (id, purpose, secret_enc, public_key, signs_until, expires_at, created_at)
         values ($1, 'event', '\\x00', $2, now() - interval '1 day', now() + interval '1 day', now() - interval '2 days')",
    )
    .bind(key)
    .bind(pair.public_key().as_ref())
    .execute(&subject.owner)
    .await?;
    let sign = |ticket: &Uuid| {
        let code = Code {
            key,
            event,
            ticket: *ticket,
            ticket_type: kind,
            generation: 1,
            valid_from: 0,
            valid_until: i64::MAX,
            secret: [0; SECRET],
        };
        code.text(pair.sign(&code.body()).as_ref())
    };
    Ok(tickets.iter().map(sign).collect())
}

/// The floor's tickets, each with a number: it takes one after the other.
async fn numbered(subject: &Subject, floor: &Night) -> Result<()> {
    let statements = [
        "create table bench_scans as select row_number() over () as n, id from tickets where event_id = $1",
        "create unique index on bench_scans (n)",
        "create sequence bench_scan",
        "vacuum analyze",
    ];
    for (at, statement) in statements.into_iter().enumerate() {
        let statement = statement.replace("$1", &format!("'{}'", floor.event));
        let done = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&subject.owner).await;
        done.with_context(|| statements[at].to_owned())?;
    }
    Ok(())
}

async fn scans(subject: &Subject, night: &Night, floor: &Night, callers: usize, time: Duration) -> Result<Row> {
    let before = own_seconds()?;
    let begun = Instant::now();
    let ours = load::run(callers, time, |phone| {
        let call = night.scan(subject, phone);
        async move { admitted(call?.send().await?).await }
    })
    .await?;
    let busy = (own_seconds()? - before) / begun.elapsed().as_secs_f64() * 100.0;
    let floor = floor::pgbench(subject, &statements(floor), callers, time).await?;
    Ok(row(
        format!("POST /tickets/scan, distinct tickets, {callers} callers"),
        ours.text(),
        per_second(floor),
        format!("{}; the callers' own CPU: {busy:.0} % of a core", ratio(ours.rate, floor)),
    ))
}

async fn admitted(response: reqwest::Response) -> Result<()> {
    let (status, body) = (response.status(), response.text().await?);
    ensure!(status.is_success() && body.contains("\"result\":\"admitted\""), "{status}: {body}");
    Ok(())
}

/// What a scan sends, in its order: the phone, the event, the ticket, its guest, and the admission.
fn statements(night: &Night) -> String {
    let (event, gate) = (night.event, night.gate);
    let phones: Vec<String> = night.phones.iter().map(|phone| format!("'{}'", phone.id)).collect();
    let phone = format!("((array[{}])[:client_id + 1])::uuid", phones.join(","));
    let script = format!(
        "select id as ticket from bench_scans where n = (select nextval('bench_scan') % {TICKETS} + 1) \\gset
         begin;
         select id, name, event_id, gate_id, supervisor, revoked_at is not null, last_seen_at from gate_devices
             where token_hash = (select token_hash from gate_devices where id = {phone}) and expires_at > now();
         select e.title, e.start_at, e.end_at, e.timezone, e.status, coalesce(s.reentry, false),
             coalesce(s.offline_unknown, true), coalesce(s.decide_ms, 1500),
             (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'direction', g.direction,
                  'adds_guests', g.adds_guests, 'opens_at', extract(epoch from g.opens_at),
                  'closes_at', extract(epoch from g.closes_at),
                  'types', array(select t.ticket_type_id from gate_ticket_types t where t.gate_id = g.id
                                 order by t.ticket_type_id)) order by g.position, g.id), '[]')
              from gates g where g.event_id = e.id and g.removed_at is null),
             (select coalesce(jsonb_agg(jsonb_build_object('id', k.id,
                  'key', translate(rtrim(encode(k.public_key, 'base64'), '='), '+/', '-_'),
                  'good_until', extract(epoch from k.expires_at)) order by k.created_at), '[]')
              from signing_keys k where k.purpose = 'event' and k.public_key is not null and k.expires_at > now())
             from events e left join event_gate_settings s on s.event_id = e.id where e.id = '{event}'::uuid;
         select id from tickets where id = :ticket::uuid for update;
         select k.id, k.event_id, k.ticket_type_id, a.ticket_type, k.generation, k.status, k.attendee_id,
             coalesce(a.guest_name, nullif(p.name, '')), a.status, nullif(a.note, ''), a.answers, a.is_paid,
             a.price_paid_minor, a.seats, a.currency,
             exists (select 1 from user_bans b where b.user_id = k.user_id and b.lifted_at is null
                     and (b.until is null or b.until > now())), c.party, c.inside, c.issued, c.outside
             from tickets k join event_attendees a on a.id = k.attendee_id
             left join user_profiles p on p.user_id = a.user_id
             cross join lateral (
                 select count(*) filter (where o.status in ('issued', 'inside', 'outside')) as party,
                        count(*) filter (where o.status = 'inside') as inside,
                        count(*) filter (where o.status = 'issued') as issued,
                        count(*) filter (where o.status = 'outside') as outside
                 from tickets o where o.attendee_id = a.id) c
             where k.id = :ticket::uuid;
         with attempt as (
             insert into ticket_checkins (id, event_id, ticket_id, device_id, gate_id, gate, checked_in_at, recorded_at,
                 direction, result, people, generation, source, nonce, input_hash, answer, was)
             values (gen_random_uuid(), '{event}'::uuid, :ticket::uuid, {phone}, '{gate}'::uuid, 'Main', now(), now(),
                 'in', 'admitted', 1, 1, {phone}, gen_random_uuid()::text, '\\x00', '{{}}', 'issued')
             on conflict (source, nonce) where nonce is not null do nothing returning ticket_id),
         moved as (
             update tickets k set status = 'inside', version = k.version + 1 from attempt
             where k.id = attempt.ticket_id and k.status in ('issued', 'inside', 'outside')
             returning k.id, k.attendee_id),
         redeemed as (
             update ticket_secrets s set is_redeemed = true, redeemed_at = now() from moved
             where s.ticket_id = moved.id and not s.is_redeemed),
         came as (
             update event_attendees a set status = 'checked_in', checked_in_at = now(), version = a.version + 1 from moved
             where a.id = moved.attendee_id and a.status = 'going')
         select count(*) from attempt;
         commit;\n"
    );
    script.replace('\n', " ").replace("\\gset", "\\gset\n").replace(';', ";\n")
}

/// The list of all tickets: what travels, and how long it takes; the second call finds the server warm.
async fn list(subject: &Subject, night: &Night) -> Result<Vec<Row>> {
    let path = format!("/live/manifest/{}", night.event);
    let mut rows = Vec::new();
    for encoding in ["identity", "gzip", "br"] {
        let (bytes, took) = taken(subject, night, &path, encoding).await?;
        let figures = format!("{:.2} MB, {:.2} s", bytes as f64 / 1e6, took.as_secs_f64());
        rows.push(row(format!("list of {TICKETS} tickets for a phone, {encoding}"), figures, "", "aim: below 3 MB"));
    }
    Ok(rows)
}

/// What has changed after a hundred scans.
async fn delta(subject: &Subject, night: &Night) -> Result<Row> {
    let path = format!("/live/manifest/{}", night.event);
    let whole: Value =
        night.call(subject, reqwest::Method::GET, &path, 0).send().await?.error_for_status()?.json().await?;
    let body: Value = serde_json::from_str(whole["body"].as_str().context("a body")?)?;
    for _ in 0..100 {
        admitted(night.scan(subject, 0)?.send().await?).await?;
    }
    let since = format!("{path}?since={}", body["version"].as_str().context("a version")?);
    let (bytes, took) = taken(subject, night, &since, "identity").await?;
    let figures = format!("{:.1} KB, {:.0} ms", bytes as f64 / 1e3, took.as_secs_f64() * 1e3);
    Ok(row("what has changed of it after 100 scans", figures, "", "aim: below 20 KB"))
}

async fn taken(subject: &Subject, night: &Night, path: &str, encoding: &str) -> Result<(usize, Duration)> {
    let begun = Instant::now();
    let call = night.call(subject, reqwest::Method::GET, path, 0).header("accept-encoding", encoding);
    let bytes = call.send().await?.error_for_status()?.bytes().await?.len();
    Ok((bytes, begun.elapsed()))
}

/// Seconds of CPU that this process has used.
fn own_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let rest = stat.rsplit_once(')').context("a name")?.1;
    let ticks: Vec<f64> = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    // USER_HZ is 100 on every Linux.
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

fn id(answer: &Value, field: &str) -> Result<Uuid> {
    Ok(answer[field].as_str().context("an id")?.parse()?)
}
