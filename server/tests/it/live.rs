//! One stream for all that is live: it resumes after a cut, and says no more than its caller may know, from within
//! seconds of when that changes.

use std::time::Duration;

use eventify::bus;
use eventify::ops::JobId;
use serde_json::{Value, json};

use crate::partners::{partner, text};
use crate::support::{Person, Site};

/// How long a stream may take to say or end what it should. Other tests' transactions on the same server hold events
/// up for a while.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream.
pub struct Stream {
    answer: reqwest::Response,
    text: String,
}

/// One thing said: its id, its name and its data.
#[derive(Debug)]
pub struct Message {
    pub id: Option<i64>,
    pub name: String,
    pub data: Value,
}

impl Stream {
    pub async fn open(person: &Person, query: &str, after: Option<i64>) -> Stream {
        let mut request = person.request(reqwest::Method::GET, &format!("/bus/stream?{query}"));
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        Stream { answer, text: String::new() }
    }

    /// What is said next; `None` once it has ended.
    async fn next(&mut self) -> Option<Message> {
        tokio::time::timeout(PATIENCE, self.said()).await.expect("the stream says something in time")
    }

    async fn said(&mut self) -> Option<Message> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
                let said = Message {
                    id: field("id:").and_then(|id| id.parse().ok()),
                    name: field("event:").unwrap_or("message").to_owned(),
                    data: field("data:").map_or(Value::Null, |data| serde_json::from_str(data).expect("JSON")),
                };
                self.text = rest.to_owned();
                return Some(said);
            }
            let chunk = self.answer.chunk().await.ok().flatten()?;
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next message; heartbeats do not put off the end of patience.
    pub async fn message(&mut self) -> Message {
        let message = async {
            loop {
                let said = self.said().await.expect("it goes on");
                if said.name == "message" {
                    return said;
                }
            }
        };
        tokio::time::timeout(PATIENCE, message).await.expect("the stream has news in time")
    }

    /// That it ends in time, whatever it says before.
    pub async fn end(&mut self) {
        let end = async { while self.said().await.is_some() {} };
        tokio::time::timeout(PATIENCE, end).await.expect("the stream ends in time");
    }
}

/// Publishes what is committed and hears of it, until the site goes.
pub fn publish(site: &Site) -> tokio::task::JoinSet<()> {
    let (app, mut tasks) = (&site.test.app, tokio::task::JoinSet::new());
    tasks.spawn(bus::relay::run(app.clone(), app.shutdown.clone()));
    tasks.spawn(bus::listener::run(app.clone(), app.shutdown.clone()));
    tasks
}

async fn new_role(admin: &Person, name: &str) {
    admin.post("/admin/roles", json!({ "name": name })).await.expect(201);
}

#[tokio::test]
async fn a_stream_goes_on_after_a_cut_and_says_who_did_it() {
    let site = Site::start().await;
    let _publishing = publish(&site);
    let admin = site.admin().await;
    let mut stream = Stream::open(&admin, "types=role.*", None).await;
    let hello = stream.next().await.expect("a greeting");
    assert_eq!((hello.name.as_str(), hello.id.is_some()), ("hello", true), "{hello:?}");
    new_role(&admin, "One").await;
    let first = stream.message().await;
    assert_eq!((first.data["type"].as_str(), first.data["by"].as_str()), (Some("role.changed"), Some("Test Person")));
    drop(stream);
    for name in ["Two", "Three"] {
        new_role(&admin, name).await;
    }
    let mut stream = Stream::open(&admin, "types=role.*", first.id).await;
    assert_eq!(stream.next().await.expect("a greeting").id, first.id, "it goes on where it was");
    let (two, three) = (stream.message().await, stream.message().await);
    assert!(first.id < two.id && two.id < three.id, "{:?} {:?} {:?}", first.id, two.id, three.id);
    // Opened wider by a tab that came later: `after` does the same.
    let query = format!("types=role.*,staff.*&after={}", first.id.unwrap());
    let mut wider = Stream::open(&admin, &query, None).await;
    assert_eq!(wider.message().await.id, two.id);
}

#[tokio::test]
async fn a_stream_ends_with_the_session_though_nothing_happens() {
    let site = Site::start().await;
    let _publishing = publish(&site);
    let admin = site.admin().await;
    let second = site.person("second@example.com", "super_admin").await;
    let mut theirs = Stream::open(&second, "types=venue.*", None).await;
    theirs.next().await.expect("a greeting");
    admin.delete(&format!("/admin/users/{}?reason=Left%20the%20company", second.id)).await.expect(200);
    let began = std::time::Instant::now();
    theirs.end().await;
    assert!(began.elapsed() < Duration::from_secs(5), "it went on for {:?}", began.elapsed());
}

#[tokio::test]
async fn a_permission_that_is_lost_narrows_the_stream() {
    let site = Site::start().await;
    let _publishing = publish(&site);
    let admin = site.admin().await;
    let second = site.person("second@example.com", "super_admin").await;
    let mut theirs = Stream::open(&second, "types=role.*,interest.*", None).await;
    theirs.next().await.expect("a greeting");
    new_role(&admin, "Seen").await;
    assert_eq!(theirs.message().await.data["type"], "role.changed");
    let manager = site.role("event_manager").await;
    let version = admin.get(&format!("/admin/users/{}", second.id)).await.expect(200)["version"].clone();
    admin
        .patch(&format!("/admin/users/{}/role", second.id), json!({ "role_id": manager, "version": version }))
        .await
        .expect(200);
    new_role(&admin, "Unseen").await;
    admin.post("/interests", json!({ "name": "Falconry" })).await.expect(201);
    // In between was the role, which an event manager does not hear of.
    assert_eq!(theirs.message().await.data["type"], "interest.changed");
}

#[tokio::test]
async fn what_is_watched_is_told_when_it_changes_and_only_to_whom_it_may_be() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let id = JobId::new();
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, status, payload) values ($1, 'bulk', 'test', 'running', '{}')",
    )
    .bind(id.0)
    .execute(&mut site.test.owner().await)
    .await
    .expect("a job");
    let query = format!("types=job:{id},jobs");
    let mut stream = Stream::open(&admin, &query, None).await;
    let manager = site.person("manager@example.com", "event_manager").await;
    let mut blind = Stream::open(&manager, &query, None).await;
    let now = [stream.message().await, stream.message().await];
    assert_eq!(now[0].data["payload"]["status"], "running", "{now:?}");
    assert_eq!((&now[1].data["type"], &now[1].data["payload"]["failed"]), (&json!("jobs"), &json!(0)));
    assert_eq!(now[0].id, None, "nothing to resume after");
    sqlx::query("update job_runs set status = 'dead' where id = $1")
        .bind(id.0)
        .execute(&mut site.test.owner().await)
        .await
        .expect("it fails");
    let mut then = [stream.message().await, stream.message().await];
    then.sort_by_key(|said| said.data["type"].to_string());
    assert_eq!(then[0].data["payload"]["status"], "dead", "{then:?}");
    assert_eq!(then[0].data["aggregate_id"], id.to_string());
    assert_eq!(then[1].data["payload"]["failed"], 1, "{then:?}");
    assert_eq!(blind.next().await.expect("a greeting").name, "hello");
    let more = tokio::time::timeout(Duration::from_millis(50), blind.said()).await;
    assert!(more.is_err(), "said to who may not see jobs: {more:?}");
    admin.get("/bus/stream?types=door:1").await.refused(422, "invalid_input");
    admin.get("/bus/stream?types=job:1").await.refused(422, "invalid_input");
}

#[tokio::test]
async fn who_works_at_one_partner_hears_of_that_partner_alone() {
    let site = Site::start().await;
    let _publishing = publish(&site);
    let admin = site.admin().await;
    let own = text(&partner(&admin, "Own").await, "id").to_owned();
    let other = text(&partner(&admin, "Other").await, "id").to_owned();
    let theirs = site.account("theirs@example.com", "author").await;
    sqlx::query(
        "insert into user_role_assignments (id, user_id, role_id, partner_id, assigned_at)
         select gen_random_uuid(), $1::uuid, id, $2::uuid, now() from roles where code = 'partner'",
    )
    .bind(&theirs.id)
    .bind(&own)
    .execute(&mut site.test.owner().await)
    .await
    .expect("an assignment");
    let mut theirs = theirs;
    theirs.sign_in().await;
    let mut stream = Stream::open(&theirs, "types=partner.*", None).await;
    stream.next().await.expect("a greeting");
    for id in [&other, &own] {
        let version = admin.get(&format!("/partners/{id}")).await.expect(200)["version"].clone();
        let change = json!({ "name": format!("Renamed {}", &id[30..]), "version": version });
        admin.patch(&format!("/partners/{id}"), change).await.expect(200);
    }
    let said = stream.message().await;
    assert_eq!(said.data["aggregate_id"], own, "{said:?}");
    assert_eq!(said.data.get("by"), None, "who works for us is not told to partners");
}
