//! Many end users at once, and events for them to go to.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use eventify::access::keys::{self, TokenAudience};
use eventify::kernel::clock::new_uuid;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::partners::{partner, text};
use crate::support::{Answer, Person, Site};

/// End users with open sessions, made straight in the database.
pub async fn make_guests(site: &Site, count: usize) -> Vec<Person> {
    let db = &mut site.test.owner().await;
    let made = eventify::people::demo::crowd(db, count).await.expect("end users");
    let users: Vec<Uuid> = made.iter().map(|(user, _)| *user).collect();
    let addresses = "update end_users set email = 'guest' || right(phone, 8)::int || '@example.com', created_at = $2
                     where id = any($1)";
    // They signed up by the test's clock, as everything else happens by it.
    sqlx::query(addresses).bind(users).bind(site.test.clock.now().0).execute(db).await.expect("addresses");
    let mut people = Vec::new();
    for (user, session) in made {
        let mut person = Person { id: user.to_string(), refresh: session.to_string(), ..site.anonymous() };
        renew(site, &mut person).await;
        people.push(person);
    }
    people
}

/// A new access token: the test's clock may have left the old one behind.
pub async fn renew(site: &Site, person: &mut Person) {
    let (user, session) = (person.id.parse().expect("an id"), person.refresh.parse().expect("an id"));
    person.token = Some(keys::issue(&site.test, TokenAudience::EndUser, user, session).await.expect("a token"));
}

/// What a new event looks like, in so many days.
pub fn plan(site: &Site, capacity: i32, days: i64) -> Value {
    let start = site.test.clock.now().0 + time::Duration::days(days);
    let at = |moment: time::OffsetDateTime| eventify::kernel::timestamp::Timestamp(moment).rfc3339();
    json!({ "title": "Monsoon Jazz", "city": "Bengaluru", "venue_text": "The terrace", "mood": "Concert",
            "start_at": at(start), "end_at": at(start + time::Duration::hours(4)), "capacity": capacity,
            "allow_plus_one": true })
}

/// A draft of a partner's.
pub async fn draft(site: &Site, admin: &Person, capacity: i32) -> Value {
    let name = format!("Partner {}", &new_uuid().simple().to_string()[20..]);
    let partner = partner(admin, &name).await;
    let mut plan = plan(site, capacity, 10);
    plan["organizer_partner_id"] = partner["id"].clone();
    admin.post("/events", plan).await.expect(201)
}

/// A kind of ticket.
pub async fn kind(admin: &Person, event: &Value, name: &str, quota: Option<i32>, minor: i64) -> Value {
    let price = json!({ "minor": minor, "currency": "INR" });
    let input = json!({ "name": name, "quota": quota, "price": price, "per_order_limit": 4 });
    admin.post(&format!("/events/{}/ticket-types", text(event, "id")), input).await.expect(201)
}

/// A published event with these kinds of tickets: name, quota, price.
pub async fn open(
    site: &Site,
    admin: &Person,
    capacity: i32,
    kinds: &[(&str, Option<i32>, i64)],
) -> (Value, Vec<Value>) {
    let event = draft(site, admin, capacity).await;
    let mut made = Vec::new();
    for (name, quota, minor) in kinds {
        made.push(kind(admin, &event, name, *quota, *minor).await);
    }
    let event = admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    (event, made)
}

/// Takes seats; asks again while the server is too busy, as it says.
pub async fn reserve(person: &Person, event: &Value, kind: &Value, seats: i32) -> Answer {
    let path = format!("/events/{}/reservations", text(event, "id"));
    let input = json!({ "ticket_type_id": kind["id"], "seats": seats });
    patiently(person, &path, input).await
}

/// What each server was asked patiently, and how often it was too busy.
static ASKED: LazyLock<Mutex<HashMap<String, (u32, u32)>>> = LazyLock::new(Mutex::default);

/// Few are turned away: none on a machine with nothing else to do; beside a handful no more than a quarter of all that one
/// server is asked, where the machine is busy with other tests.
fn noted(url: &str, was_busy: bool) {
    let mut servers = ASKED.lock().expect("nobody panicked with it");
    let (asked, busy) = servers.entry(url.to_owned()).or_default();
    *asked += 1;
    *busy += u32::from(was_busy);
    let said = (*busy <= 20 + *asked / 4).then_some(()).ok_or((*asked, *busy));
    drop(servers);
    assert!(said.is_ok(), "asked and too busy: {said:?}");
}

/// A POST that is sent again while the server is too busy.
pub async fn patiently(person: &Person, path: &str, input: Value) -> Answer {
    for _ in 0..50 {
        let answer = person.post(path, input.clone()).await;
        noted(&person.url, answer.status == 503);
        if answer.status != 503 {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("{path}: too busy for too long");
}

/// Everything that must hold of an event at any moment. [DOMAIN.md, invariant 1 and the counters]
pub async fn must_hold(site: &Site, event: &Value, after: &str) {
    let (now, id) = (site.test.clock.now(), text(event, "id").parse().expect("an id"));
    let mut db = site.test.reader.acquire().await.expect("a connection");
    let wrong = eventify::tickets::verify::violations(&mut db, Some(id), now).await.expect("the invariants");
    assert!(wrong.is_empty(), "after {after}: {wrong:?}");
}

/// Does the queued jobs of a kind, here and now.
pub async fn run_queued(site: &Site, kind: &'static str) {
    use eventify::ops::handlers::{JobContext, JobHandler};
    let sql = "update job_runs
               set status = 'running', attempts = 1, leased_by = 'test', leased_until = now() + interval '1 minute'
               where job_type = $1 and status = 'queued' returning id, payload";
    let mut db = site.test.owner().await;
    let queued: Vec<(Uuid, Value)> = sqlx::query_as(sql).bind(kind).fetch_all(&mut db).await.expect("jobs");
    let handler = JobHandler::find(kind).expect("a kind of job");
    for (id, payload) in queued {
        let context = JobContext::new(eventify::ops::JobId(id), 1, None, "test");
        (handler.run)(site.test.app.clone(), context, payload).await.expect("done");
        site.test.app.changed();
        // Some note it themselves, with their work.
        sqlx::query("update job_runs set status = 'done', finished_at = now(), leased_by = null where id = $1")
            .bind(id)
            .execute(&mut db)
            .await
            .expect("noted");
    }
}
