//! The bus over NATS JetStream, with a server of the test's own that is killed and started again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::{self, Context};
use clap::Parser;
use eventify::bus::nats::{INBOUND_STREAM, STREAM};
use eventify::kernel::clock::new_uuid;
use eventify::kernel::outbox::{self, BusEvent, Pending};
use futures::StreamExt;
use serde::Serialize;
use serde_json::{Value, json};

use crate::fixtures::make_guests;
use crate::partners::{partner, text};
use crate::support::{Person, Site};
use crate::webhook_sending::comes_to;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A NATS server; what it stores outlives it.
struct Nats {
    port: u16,
    folder: tempfile::TempDir,
    running: Option<Child>,
}

/// Debian puts it where only root's PATH leads.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let there = folders.find_map(|folder| Some(folder.join("nats-server")).filter(|program| program.is_file()));
    there.expect("nats-server is installed: bin/setup test")
}

impl Nats {
    fn start() -> Nats {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let mut nats = Nats { port, folder: tempfile::tempdir().expect("a folder"), running: None };
        nats.up();
        nats
    }

    fn up(&mut self) {
        let child = Command::new(program())
            .args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string(), "-sd"])
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.running = Some(child.expect("nats-server runs"));
    }

    /// As a machine that loses its power.
    fn kill(&mut self) {
        let mut child = self.running.take().expect("it runs");
        child.kill().expect("it is killed");
        child.wait().expect("it is gone");
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    async fn client(&self) -> Context {
        let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
        jetstream::new(options.connect(self.url()).await.expect("an address"))
    }

    /// Subject, id and content of all that the stream holds, in its order.
    async fn stored(&self) -> Vec<(String, String, Value)> {
        let stream = self.client().await.get_stream(STREAM).await.expect("the stream");
        let count = usize::try_from(stream.cached_info().state.messages).expect("a number");
        let from = pull::OrderedConfig { deliver_policy: DeliverPolicy::All, ..Default::default() };
        let consumer = stream.create_consumer(from).await.expect("a consumer");
        let mut messages = consumer.messages().await.expect("messages").take(count);
        let mut stored = Vec::new();
        while let Some(message) = messages.next().await {
            let message = message.expect("a message");
            let id =
                message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id")).expect("an id").to_string();
            let body = serde_json::from_slice(&message.payload).expect("JSON");
            stored.push((message.subject.to_string(), id, body));
        }
        stored
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if self.running.is_some() {
            self.kill();
        }
    }
}

/// A site that uses it, all of whose events are forwarded; it works until what is answered beside it is dropped.
async fn site(nats: &Nats) -> (Site, impl Sized + use<>) {
    let site = Site::start_with(&["--nats-url", &nats.url()]).await;
    sqlx::query("insert into bus_consumers (name) values ('nats')").execute(&site.test.pool).await.expect("a place");
    let background = eventify_server::serve::background(&site.test.app, true);
    (site, background)
}

/// Waits until all that happened so far was forwarded, and what is still to happen by itself: a mail that goes out is
/// an event too.
async fn forwarded(site: &Site) {
    let unsent = "select count(*) from notification_queue where status in ('queued', 'sending', 'retrying')";
    comes_to(site, unsent, 0).await;
    comes_to(site, "select count(*) from outbox_events where published_seq is null", 0).await;
    comes_to(site, WAITING, 0).await;
}

const WAITING: &str = "select count(*) from outbox_events where published_seq >
                       (select position from bus_consumers where name = 'nats')";

/// Waits for something that is not in the database.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"));
}

/// Ids of what was published, in order, with their subjects.
async fn published(site: &Site) -> Vec<(String, String)> {
    let rows = "select 'eventify.' || type, id::text from outbox_events order by published_seq";
    sqlx::query_as(rows).fetch_all(&site.test.reader).await.expect("events")
}

fn ids(stored: &[(String, String, Value)]) -> Vec<(String, String)> {
    stored.iter().map(|(subject, id, _)| (subject.clone(), id.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_in_jetstream_once_and_in_order() {
    let nats = Nats::start();
    let (site, _background) = site(&nats).await;
    // Another process forwards as well, if it is its turn.
    let (other, _) = site.another().await;
    let _other = eventify_server::serve::background(&other, true);
    let admin = site.admin().await;
    let mut owner = partner(&admin, "Harbour Hall").await;
    for n in 0..20 {
        let change = json!({ "name": format!("Harbour Hall {n}"), "version": owner["version"] });
        owner = admin.patch(&format!("/partners/{}", text(&owner, "id")), change).await.expect(200);
    }
    forwarded(&site).await;
    let stored = nats.stored().await;
    assert!(stored.len() > 40, "{} events", stored.len());
    assert_eq!(ids(&stored), published(&site).await);
    let (subject, id, body) = &stored[stored.len() - 1];
    assert_eq!((body["id"].as_str(), format!("eventify.{}", text(body, "type"))), (Some(id.as_str()), subject.clone()));
    let heard = admin.rows("/bus/events?limit=1").await;
    assert_eq!(&heard[0], body, "it is what other listeners get");
    let transport = admin.get("/bus/transport").await.expect(200);
    assert_eq!((&transport["kind"], &transport["forwarded"]["lag"]), (&json!("nats"), &json!(0)), "{transport}");
    assert_eq!(transport["servers"], json!([format!("127.0.0.1:{}", nats.port)]));
    // Whoever forgets how far it was asks the stream: nothing is sent a second time.
    let back = "update bus_consumers set position = 0 where name = 'nats'";
    other.shutdown.cancel();
    site.test.shutdown.cancel();
    drop((_background, _other));
    let (again, _) = site.another().await;
    sqlx::query(back).execute(&site.test.pool).await.expect("back");
    let _again = eventify_server::serve::background(&again, true);
    forwarded(&site).await;
    assert_eq!(nats.stored().await.len(), stored.len());
}

/// One of many things happened.
#[derive(Serialize)]
struct Happened {
    thing: i64,
    n: i64,
}
impl BusEvent for Happened {
    const TYPE: &'static str = "thing.happened";
    const AGGREGATE: &'static str = "thing";
    fn aggregate_id(&self) -> String {
        self.thing.to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_nats_server_that_is_killed_under_load_loses_nothing_and_no_order() {
    const THINGS: i64 = 5;
    let mut nats = Nats::start();
    let (site, _background) = site(&nats).await;
    let admin = site.admin().await;
    let enough = tokio_util::sync::CancellationToken::new();
    let writers: Vec<_> = (0..THINGS)
        .map(|thing| {
            let (app, enough) = (site.test.app.clone(), enough.clone());
            tokio::spawn(async move {
                let (mut n, mut pace) = (0, tokio::time::interval(Duration::from_millis(10)));
                while !enough.is_cancelled() {
                    pace.tick().await;
                    let mut db = app.pool.acquire().await.expect("a connection");
                    outbox::insert(&mut db, "test", None, &[Pending::new(&Happened { thing, n })])
                        .await
                        .expect("written");
                    n += 1;
                }
                n
            })
        })
        .collect();
    let position = async || site.number("select position from bus_consumers where name = 'nats'").await;
    for _ in 0..3 {
        let before = position().await;
        until("events are forwarded", async || position().await > before + 50).await;
        nats.kill();
        // Business goes on, and the page says why nothing leaves.
        until("events wait", async || site.number(WAITING).await > 50).await;
        until("it shows", async || {
            let transport = admin.get("/bus/transport").await.expect(200);
            let error = transport["forwarded"]["last_error"].as_str().unwrap_or_default();
            error.starts_with("NATS: ") && transport["forwarded"]["failures"].as_i64() > Some(0)
        })
        .await;
        nats.up();
    }
    enough.cancel();
    let mut written = Vec::new();
    for writer in writers {
        written.push(writer.await.expect("a writer"));
    }
    forwarded(&site).await;
    let stored = nats.stored().await;
    assert_eq!(ids(&stored), published(&site).await, "everything once, in the order of publishing");
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for (_, _, body) in stored.iter().filter(|(subject, ..)| subject == "eventify.thing.happened") {
        let [thing, n] = ["thing", "n"].map(|field| body["payload"][field].as_i64().expect("a number"));
        let before = last.insert(thing, n).unwrap_or(-1);
        assert_eq!(before + 1, n, "of thing {thing}");
    }
    assert_eq!(last.values().map(|last| last + 1).collect::<Vec<_>>(), written);
    let transport = admin.get("/bus/transport").await.expect(200)["forwarded"].clone();
    assert_eq!((&transport["failures"], &transport["last_error"]), (&json!(0), &Value::Null), "all is well again");
}

/// All files of a folder, in another one.
fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let (entry, to) = (entry.expect("an entry"), to.to_owned());
        match entry.file_type().expect("its kind").is_dir() {
            true => copied(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy")),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_nats_server_lost_after_it_had_it_is_sent_again() {
    let mut nats = Nats::start();
    let (site, _background) = site(&nats).await;
    let admin = site.admin().await;
    partner(&admin, "Harbour Hall").await;
    forwarded(&site).await;
    let early = nats.stored().await.len();
    nats.kill();
    let backup = tempfile::tempdir().expect("a folder");
    copied(nats.folder.path(), backup.path());
    nats.up();
    for n in 0..5 {
        partner(&admin, &format!("Harbour Hall {n}")).await;
    }
    forwarded(&site).await;
    let all = nats.stored().await;
    assert!(early > 0 && all.len() > early, "{early} of {}", all.len());
    // Its disk is lost, and it comes back from its backup.
    nats.kill();
    nats.folder = backup;
    nats.up();
    partner(&admin, "Harbour Hall again").await;
    forwarded(&site).await;
    let stored = nats.stored().await;
    assert!(stored.len() > all.len());
    assert_eq!(ids(&stored), published(&site).await, "everything once, in the order of publishing");
}

/// Publishes under `eventify.in.`, once the stream for it is there.
async fn tell(context: &Context, kind: &str, body: Vec<u8>) {
    until("the stream for what is told", async || context.get_stream(INBOUND_STREAM).await.is_ok()).await;
    let sent = context.publish(format!("eventify.in.{kind}"), body.into()).await.expect("sent");
    sent.await.expect("stored");
}

/// Everything told was seen to: it has left the stream.
async fn seen_to(context: &Context) {
    until("all of it is seen to", async || {
        let stream = context.get_stream(INBOUND_STREAM).await.expect("the stream");
        stream.cached_info().state.messages == 0
    })
    .await;
}

fn flagged(id: uuid::Uuid, user: &str) -> Vec<u8> {
    let payload = json!({ "user_id": user, "reason": "Sells tickets outside" });
    json!({ "id": id, "type": "user.flagged", "payload": payload }).to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_over_nats_is_taken_in_once() {
    let nats = Nats::start();
    let (site, _background) = site(&nats).await;
    let admin = site.admin().await;
    let people = make_guests(&site, 1).await;
    let context = nats.client().await;
    let event = flagged(new_uuid(), &people[0].id);
    for _ in 0..3 {
        tell(&context, "user.flagged", event.clone()).await;
    }
    seen_to(&context).await;
    forwarded(&site).await;
    let rows = admin.rows("/bus/events?type=user.flagged").await;
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(rows[0]["payload"], json!({ "user_id": people[0].id, "reason": "Sells tickets outside" }));
    let audited = admin.rows("/admin/audit?action=user.flagged").await;
    assert_eq!((audited.as_array().map(Vec::len), &audited[0]["actor"]["kind"]), (Some(1), &json!("system")));
    assert_eq!(admin.rows("/bus/dead-letters").await, json!([]));
}

async fn letters(admin: &Person) -> Vec<Value> {
    admin.rows("/bus/dead-letters").await.as_array().expect("rows").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_in_is_shown_and_not_delivered_again() {
    let nats = Nats::start();
    let (site, _background) = site(&nats).await;
    let admin = site.admin().await;
    let people = make_guests(&site, 1).await;
    let context = nats.client().await;
    let (id, nobody) = (new_uuid(), new_uuid());
    let told =
        |kind: &str, payload: Value| json!({ "id": id, "type": kind, "payload": payload }).to_string().into_bytes();
    // A name as long as a book, and a long message, of which the list shows the beginning.
    let book = format!("asha@example.com {}", "k".repeat(100_000));
    let bad: [(&str, Vec<u8>, &str, &str); 8] = [
        ("user.flagged", b"\xff\0 not JSON".to_vec(), "malformed_json", "Not JSON"),
        ("user.flagged", b"[]".to_vec(), "invalid_input", ""),
        ("user.praised", told("user.praised", json!({})), "invalid_input", "type must be one of"),
        ("user.banned", flagged(id, &people[0].id), "invalid_input", "the subject eventify.in.user.banned names"),
        (
            "user.flagged",
            told("user.flagged", json!({ "reason": "Sells outside" })),
            "invalid_input",
            "payload.user_id is required",
        ),
        ("user.flagged", flagged(id, &nobody.to_string()), "invalid_input", "payload.user_id"),
        ("user.flagged", json!({ book.as_str(): 1 }).to_string().into_bytes(), "invalid_input", "asha@example.com"),
        (
            "user.flagged",
            told("user.flagged", json!({ "user_id": nobody, "reason": book })),
            "invalid_input",
            "payload.reason",
        ),
    ];
    for (kind, body, ..) in &bad {
        tell(&context, kind, body.clone()).await;
    }
    seen_to(&context).await;
    let mut kept = letters(&admin).await;
    kept.reverse();
    assert_eq!(kept.len(), bad.len(), "{kept:?}");
    for (letter, (kind, _, code, why)) in kept.iter().zip(&bad) {
        assert_eq!((text(letter, "subject"), text(letter, "error_code")), (&*format!("eventify.in.{kind}"), *code));
        assert!(text(letter, "error").contains(why) && !text(letter, "error").is_empty(), "{letter}");
        assert!(text(letter, "error").len() <= 500 && text(letter, "body").len() <= 4_000, "{letter}");
    }
    assert_eq!(site.number("select count(*) from inbound_events").await, 0, "what was refused may be told again");
    // What cannot be taken in now cannot a second time, and stays.
    let one = format!("/bus/dead-letters/{}", text(&kept[5], "id"));
    admin.post(&format!("{one}/retry"), json!({})).await.refused(422, "invalid_input");
    let other = format!("/bus/dead-letters/{}", text(&kept[0], "id"));
    admin.post(&format!("{other}/retry"), json!({})).await.refused(400, "malformed_json");
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post(&format!("{one}/retry"), json!({})).await.refused(403, "forbidden");
    assert_eq!(letters(&admin).await.len(), bad.len());
    assert_eq!(
        site.number("select max(length(body))::bigint from bus_dead_letters where body like '{\"id\"%'").await,
        { bad[7].1.len() as i64 },
        "what is retried is whole"
    );
    // Once there is such a user, it is taken in, by whoever may; once in all.
    sqlx::query("update bus_dead_letters set body = replace(body, $1, $2)")
        .bind(nobody.to_string())
        .bind(&people[0].id)
        .execute(&mut site.test.owner().await)
        .await
        .expect("mended");
    let retry = async || admin.post(&format!("{one}/retry"), json!({})).await;
    let [first, second] = futures::future::join_all([retry(), retry()]).await.try_into().expect("two");
    let mut codes = [first.status.as_u16(), second.status.as_u16()];
    codes.sort_unstable();
    assert_eq!(codes, [200, 404], "of two who retry one finds it: {} {}", first.body, second.body);
    tell(&context, "user.flagged", flagged(id, &people[0].id)).await;
    seen_to(&context).await;
    assert_eq!(admin.rows("/admin/audit?action=user.flagged").await.as_array().map(Vec::len), Some(1));
    admin.delete(&other).await.expect(204);
    admin.delete(&other).await.refused(404, "not_found");
    admin.delete(&format!("/bus/dead-letters/{}", text(&kept[6], "id"))).await.expect(204);
    assert_eq!(letters(&admin).await.len(), 5);
    let discarded = admin.rows("/admin/audit?action=dead_letter.").await;
    assert_eq!(discarded.as_array().map(Vec::len), Some(3), "{discarded}");
    let noted =
        "select count(*) from audit_values where after::text || coalesce(before::text, '') like '%asha@example%'";
    assert_eq!(site.number(noted).await, 0, "what it says is nobody's to keep");
    assert!(!discarded.to_string().contains("Sells tickets"));
}

#[tokio::test]
async fn the_document_of_events_names_the_server() {
    let site = Site::start_with(&["--nats-url", "tls://events:hush-hush@nats.example.com"]).await;
    let answer = site.anonymous().get("/asyncapi.json").await.expect(200);
    let servers = answer["servers"].as_object().expect("servers");
    assert_eq!(
        (&servers["nats_1"]["host"], &servers["nats_1"]["protocol"]),
        (&json!("nats.example.com:4222"), &json!("nats"))
    );
    assert_eq!(answer["channels"]["nats"]["address"], "eventify.{type}");
    assert_eq!(answer["channels"]["nats_told"]["address"], "eventify.in.{type}");
    assert_eq!(answer["channels"]["nats_told"]["messages"], answer["channels"]["told"]["messages"]);
    assert!(!answer.to_string().contains("hush-hush"));
    let plain = Site::start().await.anonymous().get("/asyncapi.json").await.expect(200);
    assert!(plain["servers"].is_null() && plain["channels"]["nats"].is_null());
}

#[test]
fn a_bad_address_names_itself_and_stops_the_start() {
    for bad in ["nats.example.com", "http://nats.example.com", ""] {
        let started = eventify_server::command::Command::try_parse_from(["eventify", "serve", "--nats-url", bad]);
        let why = started.map(|_| ()).expect_err(bad).to_string();
        assert!(why.contains("--nats-url") && why.contains("must look like nats://"), "{why}");
    }
}
