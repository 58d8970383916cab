//! The planning board of a large event, and what a booking clashes with among a hundred thousand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use eventify::events::EVENT_TABLES;
use eventify::kernel::timestamp::Timestamp;
use serde_json::json;
use sqlx::types::Uuid;
use time::Duration as Span;

use crate::fixtures::HotEvent;
use crate::subject::Subject;
use crate::{Row, events, floor, load, per_second, ratio, row};

/// Entries of the event whose board is opened.
const ENTRIES: i64 = 500;
/// Bookings of crew over all events, and how many people share them.
const BOOKINGS: i64 = 100_000;
const PEOPLE: i64 = 2_000;
const CALLERS: usize = 8;

/// All figures of plans.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    let event = HotEvent::open(subject, 1_000).await?;
    let people = fill(subject, &event).await?;
    eprintln!("opening the planning board");
    let mut rows = board(subject, &event, time).await?;
    for callers in [1, CALLERS] {
        eprintln!("checking for clashes with {callers} callers");
        rows.push(checks(subject, &event, &people, callers, time).await?);
    }
    Ok(rows)
}

/// A plan of 500 entries at the event, and bookings of the same crew at other times: two thousand people, each from
/// hour to hour with a pause between.
async fn fill(subject: &Subject, event: &HotEvent) -> Result<Vec<Uuid>> {
    let statements = [
        // All of it within one day, whenever this runs.
        "update events set start_at = (current_date + 3 + time '10:00') at time zone timezone,
                end_at = (current_date + 3 + time '18:00') at time zone timezone
         where id = $1 and $2 = $2 and $3 = $3",
        "insert into staff_members (id, full_name, skills, rate_minor, currency)
         select gen_random_uuid(), 'Bench ' || n, '{Gate}', 30000, 'INR' from generate_series(1, $2) n
         where $1 = $1 and $3 = $3",
        "insert into stages (id, event_id, name, changeover_minutes)
         select gen_random_uuid(), $1, 'Stage ' || n, 10 from generate_series(1, 10) n where $2 = $2 and $3 = $3",
        // Fifty entries a stage, from 15 minutes to 15 minutes, half of all; the others are people at their posts.
        "insert into production_schedules (id, event_id, title, kind, stage_id, starts_at, ends_at, status)
         select gen_random_uuid(), $1, 'Entry ' || n, 'show', s.id, e.start_at + (n / 10) * interval '15 minutes',
                e.start_at + (n / 10) * interval '15 minutes' + interval '10 minutes', 'confirmed'
         from generate_series(0, $3 / 2 - 1) n
         join (select id, row_number() over (order by name) - 1 as nth from stages where event_id = $1) s on s.nth = n % 10
         join events e on e.id = $1 where $2 = $2",
        "insert into staff_assignments (id, event_id, staff_id, role, starts_at, ends_at, status, rate_minor, currency)
         select gen_random_uuid(), $1, m.id, 'Role ' || n % 12, e.start_at, e.start_at + interval '6 hours', 'accepted',
                30000, 'INR'
         from (select id, row_number() over (order by id) as n from staff_members where full_name like 'Bench %') m
         join events e on e.id = $1 where n <= $3 / 2 and $2 = $2",
        "insert into plan_holds (entry_id, entry_kind, event_id, resource_id, resource_kind, during, firm)
         select id, 'production', event_id, stage_id, 'stage', tstzrange(starts_at, ends_at), true
         from production_schedules where event_id = $1 and $2 = $2 and $3 = $3",
    ];
    for statement in statements {
        let query = sqlx::query(statement).bind(event.id).bind(PEOPLE).bind(ENTRIES);
        query.execute(&subject.owner).await.with_context(|| statement.to_owned())?;
    }
    let bookings =
        "insert into staff_assignments (id, event_id, staff_id, role, starts_at, ends_at, status, rate_minor, currency)
         select gen_random_uuid(), $4, m.id, 'Steward', e.start_at + interval '2 days' + n * interval '2 hours',
                e.start_at + interval '2 days' + n * interval '2 hours' + interval '1 hour', 'accepted', 30000, 'INR'
         from staff_members m cross join generate_series(0, $2 / $3 - 1) n join events e on e.id = $1
         where m.full_name like 'Bench %'";
    let other = HotEvent::open(subject, 1_000).await?;
    let query = sqlx::query(bookings).bind(event.id).bind(BOOKINGS).bind(PEOPLE).bind(other.id);
    query.execute(&subject.owner).await?;
    let holds = "insert into plan_holds (entry_id, entry_kind, event_id, resource_id, resource_kind, during, firm)
         select id, 'crew', event_id, staff_id, 'person', tstzrange(starts_at, ends_at), true from staff_assignments
         where event_id = any($1)";
    sqlx::query(holds).bind(vec![event.id, other.id]).execute(&subject.owner).await?;
    sqlx::query("vacuum analyze").execute(&subject.owner).await?;
    let people = sqlx::query_scalar("select id from staff_members where full_name like 'Bench %' order by id");
    let people: Vec<Uuid> = people.fetch_all(&subject.owner).await?;
    ensure!(people.len() as i64 == PEOPLE, "the crew is there");
    Ok(people)
}

async fn board(subject: &Subject, event: &HotEvent, time: Duration) -> Result<Vec<Row>> {
    let path = format!("/events/{}/plan", event.id);
    let page = || subject.page(&path);
    let whole = page().send().await?.error_for_status()?.text().await?;
    let drawn = whole.matches("data-entry=").count() as i64;
    ensure!(drawn >= ENTRIES, "the board draws {drawn} of {ENTRIES} entries");
    let packed = page().header("accept-encoding", "br").send().await?.error_for_status()?.bytes().await?.len();
    let mut rows = Vec::new();
    for connections in [1, CALLERS] {
        let ours = load::run(connections, time, |_| {
            let call = page();
            async move { load::ok(call.send().await?).await }
        })
        .await?;
        let what = format!("planning board of {ENTRIES} entries, server-rendered, {connections} connections");
        rows.push(row(what, ours.text(), "", ""));
    }
    let sizes = format!("{} KB brotli ({} KB raw)", packed / 1000, whole.len() / 1000);
    rows.push(row(format!("planning board of {ENTRIES} entries, HTML"), sizes, "", ""));
    Ok(rows)
}

/// Somebody is wanted in the middle of one of their bookings: a dry run, which says so and writes nothing.
async fn checks(subject: &Subject, event: &HotEvent, people: &[Uuid], callers: usize, time: Duration) -> Result<Row> {
    let start: time::OffsetDateTime = sqlx::query_scalar("select start_at from events where id = $1")
        .bind(event.id)
        .fetch_one(&subject.owner)
        .await?;
    let at = |hours: i64, minutes: i64| Timestamp(start + Span::hours(hours) + Span::minutes(minutes)).rfc3339();
    let next = AtomicUsize::new(0);
    let ours = load::run(callers, time, |_| {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let hours = 48 + 2 * (n as i64 * 7 % (BOOKINGS / PEOPLE));
        let wanted = json!({ "event_id": event.id, "staff_id": people[n * 31 % people.len()], "role": "Steward",
            "starts_at": at(hours, 30), "ends_at": at(hours, 90), "status": "pencilled" });
        let call = subject.send(reqwest::Method::POST, "/api/v1/staff/assignments?check=true").json(&wanted);
        async move {
            let answer = call.send().await?.error_for_status()?.text().await?;
            ensure!(answer.contains("double_booked"), "it clashes: {answer}");
            Ok(())
        }
    })
    .await?;
    let floor = floor::pgbench(subject, &statements(event), callers, time).await?;
    Ok(row(
        format!("POST /staff/assignments?check=true among {BOOKINGS} bookings, {callers} callers"),
        ours.text(),
        per_second(floor),
        format!("aim: p99 below 10 ms; {}", ratio(ours.rate, floor)),
    ))
}

/// What such a check sends, in its order; then all of it is taken back.
fn statements(event: &HotEvent) -> String {
    let columns = events::columns();
    let script = format!(
        "\\set n random(0, {most})
         \\set h 48 + 2 * random(0, {hours})
         select gen_random_uuid() as entry, e.start_at + :h * interval '1 hour' + interval '30 minutes' as from_at,
             (select id from staff_members where full_name = 'Bench ' || (1 + :n)) as person
             from events e where e.id = :event::uuid \\gset
         begin;
         select id from events where id = :event::uuid for update;
         {columns} {EVENT_TABLES} where e.id = :event::uuid;
         select pg_advisory_xact_lock(hashtextextended('plan.' || :person, 0));
         select * from staff_members where id = :person::uuid and removed_at is null;
         insert into staff_assignments (id, event_id, staff_id, role, starts_at, ends_at, status, rate_minor, currency)
             values (:entry::uuid, :event::uuid, :person::uuid, 'Steward', :from_at::timestamptz,
                     :from_at::timestamptz + interval '1 hour', 'pencilled', 30000, 'INR');
         delete from plan_holds where entry_id = :entry::uuid;
         insert into plan_holds (entry_id, entry_kind, event_id, resource_kind, resource_id, during)
             values (:entry::uuid, 'crew', :event::uuid, 'person', :person::uuid,
                     tstzrange(:from_at::timestamptz, :from_at::timestamptz + interval '1 hour'));
         select h.entry_id, o.entry_id as other_id, h.resource_kind, coalesce(s.name, u.code) as name,
                coalesce(s.changeover_minutes, 0) as changeover
             from plan_holds h join plan_holds o on o.resource_id = h.resource_id and o.entry_id <> h.entry_id
                  and o.during && tstzrange(lower(h.during) - interval '1 day', upper(h.during) + interval '1 day')
             left join stages s on s.id = h.resource_id left join equipment_units u on u.id = h.resource_id
             where h.entry_id = :entry::uuid;
         select b.id from equipment_bookings b where b.id = :entry::uuid and b.status in ('pencilled', 'confirmed', 'out');
         select p.kind, p.id, p.event_id, e.title as event, p.title, p.starts_at, p.ends_at, p.status, e.venue_id,
                v.latitude::float8, v.longitude::float8
             from plan_entries p join events e on e.id = p.event_id left join venues v on v.id = e.venue_id
             where p.id = any(array(select :entry::uuid union all select o.entry_id from plan_holds o
                 where o.resource_id = :person::uuid and o.during && tstzrange(:from_at::timestamptz - interval '1 day',
                     :from_at::timestamptz + interval '25 hours')));
         select a.id, m.full_name, exists (select 1 from staff_availability v where v.staff_id = a.staff_id
                    and tstzrange(v.starts_at, v.ends_at) && tstzrange(a.starts_at, a.ends_at)) as away,
                coalesce((select sum(extract(epoch from upper(h.during) - lower(h.during)) / 60)::bigint
                    from plan_holds h where h.resource_id = a.staff_id and h.entry_id <> a.id and h.firm
                    and h.during && tstzrange(a.starts_at - interval '36 hours', a.ends_at + interval '36 hours')
                    and (lower(h.during) at time zone e.timezone)::date = (a.starts_at at time zone e.timezone)::date), 0)
             from staff_assignments a join staff_members m on m.id = a.staff_id join events e on e.id = a.event_id
             left join staff_shifts s on s.id = a.shift_id where a.id = :entry::uuid;
         select rule, severity, minutes, version from plan_rules;
         rollback;\n",
        most = PEOPLE - 1,
        hours = BOOKINGS / PEOPLE - 1,
    );
    let script = script.replace(":event", &format!("'{}'", event.id));
    // One statement a line, as pgbench reads them; its own commands end with their line.
    let mut out = String::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(line);
        let ends = line.ends_with(';') || line.starts_with("\\set") || line.ends_with("\\gset");
        out.push(if ends { '\n' } else { ' ' });
    }
    out
}
