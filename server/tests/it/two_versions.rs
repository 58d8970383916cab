//! The server of a version before and this one, side by side on one database, as while one takes the other's place.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use eventify::kernel::clock::{Clock, new_uuid};
use eventify::kernel::timestamp::Timestamp;
use eventify_server::database::Database;
use futures::{StreamExt, stream};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use crate::fixtures::{kind, reserve};
use crate::partners::{partner, text};
use crate::receiver::Receiver;
use crate::support::{PASSWORD, Person, Site};
use crate::webhooks::endpoint;

/// Guests of one wave.
const GUESTS: usize = 400;
/// How many of them are on their way at once.
const AT_ONCE: usize = 8;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(300);
const ADMIN: &str = "admin@example.com";
/// What the endpoint is told: both happen once for each guest.
const TOLD: [&str; 2] = ["user.created", "attendee.confirmed"];

/// A database that the version before makes, and this one brings up to date while that one works on it.
struct Shared {
    name: String,
    url: String,
    pool: PgPool,
}

impl Shared {
    async fn make() -> Shared {
        let server = std::env::var("EVENTIFY_TEST_DATABASE_URL").expect("the tests' PostgreSQL");
        let name = format!("eventify_two_{}", new_uuid().simple());
        let admin = PgPool::connect(&server).await.expect("the tests' PostgreSQL");
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&admin).await.expect("a database");
        admin.close().await;
        let mut url = reqwest::Url::parse(&server).expect("an address");
        url.set_path(&name);
        let pool = PgPool::connect(url.as_str()).await.expect("the database");
        Shared { name, url: url.into(), pool }
    }

    /// A version's program, to be run on it.
    fn command(&self, program: &Path, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("DATABASE_URL", &self.url)
            .env("EVENTIFY_DATA", data)
            .env("EVENTIFY_SECRET_KEY", hex::encode([7_u8; 32]))
            .env("EVENTIFY_PASSWORD", PASSWORD)
            .env("EVENTIFY_DRAIN_SECONDS", "0")
            .env("EVENTIFY_WEBHOOK_ALLOW_PRIVATE", "true")
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        // All guests come from one address.
        for limit in ["RATE_PER_MINUTE", "LOGIN_FAILURES", "OTP_REQUESTS", "TEXTS_PER_HOUR", "TEXTS_PER_COUNTRY"] {
            command.env(format!("EVENTIFY_{limit}"), "1000000");
        }
        command
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect(sql)
    }

    /// Counts by name.
    async fn counts(&self, sql: &'static str) -> BTreeMap<String, i64> {
        let rows: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(&self.pool).await.expect(sql);
        rows.into_iter().collect()
    }

    /// Who may do what: every permission, and every one that a role has.
    async fn rights(&self) -> BTreeSet<(String, String)> {
        let sql = "select id, '' from permissions
                   union all
                   select p.permission_id, r.code from role_permissions p join roles r on r.id = p.role_id";
        sqlx::query_as(sql).fetch_all(&self.pool).await.expect("rights").into_iter().collect()
    }

    /// Waits until the number is this one.
    async fn comes_to(&self, sql: &'static str, wanted: i64) {
        let begun = Instant::now();
        loop {
            let now = self.number(sql).await;
            if now == wanted {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{sql}: {now}, never {wanted}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until all that happened was told, and no job is left that could be done now.
    async fn settles(&self) {
        self.comes_to("select count(*) from outbox_events where published_seq is null", 0).await;
        let behind = "select count(*) from bus_consumers where name = 'webhooks.fan_out'
                      and position < (select max(published_seq) from outbox_events)";
        self.comes_to(behind, 0).await;
        let open = "select count(*) from job_runs where status in ('queued', 'retry', 'running') and run_at <= now()";
        self.comes_to(open, 0).await;
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", self.name);
        // A runtime of its own: the test's may be the one that is going down. Best effort.
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let server = std::env::var("EVENTIFY_TEST_DATABASE_URL").unwrap_or_default();
                if let Ok(admin) = PgPool::connect(&server).await {
                    let _ = sqlx::query(AssertSqlSafe(drop)).execute(&admin).await;
                }
            });
            std::io::Result::Ok(())
        })
        .join();
    }
}

/// A process of one of the versions. What it would have mailed or texted lies in a folder of its own.
struct Process {
    program: PathBuf,
    data: tempfile::TempDir,
    child: Child,
    url: String,
}

impl Process {
    async fn start(shared: &Shared, program: &Path) -> Process {
        let data = tempfile::tempdir().expect("a folder");
        let (child, url) = serve(shared, program, data.path()).await.unwrap_or_else(|log| panic!("it ended: {log}"));
        Process { program: program.to_owned(), data, child, url }
    }

    /// Ends it as who runs it does: what it has in hand it finishes or hands back.
    async fn end(&mut self) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).expect("an id"));
        kill(id, Signal::SIGTERM).expect("a signal");
        let begun = Instant::now();
        loop {
            if let Some(left) = self.child.try_wait().expect("a process") {
                assert!(left.success(), "{left}: {}", self.log());
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Starts it once more, as after a crash. A version that knows nothing of versions to come says so and ends.
    async fn again(&mut self, shared: &Shared) -> bool {
        match serve(shared, &self.program, self.data.path()).await {
            Ok((child, url)) => {
                (self.child, self.url) = (child, url);
                true
            }
            Err(log) => {
                assert!(log.contains("previously applied but is missing"), "it ended: {log}");
                false
            }
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("log")).expect("a log")
    }

    /// What it sent: the files, by the job that sent each.
    fn sent(&self) -> Vec<(String, PathBuf)> {
        let Ok(folder) = std::fs::read_dir(self.data.path().join("mail")) else { return Vec::new() };
        let files = folder.map(|entry| entry.expect("a file").path());
        let whole = files.filter(|file| file.extension().is_some_and(|ending| ending == "eml" || ending == "sms"));
        whole
            .map(|file| {
                let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
                let (_, job) = name.split_at(name.len() - 36);
                (job.to_owned(), file)
            })
            .collect()
    }

    /// The codes it sent, by phone.
    fn codes(&self) -> HashMap<String, String> {
        let texts = self.sent().into_iter().filter(|(_, file)| file.extension().is_some_and(|ending| ending == "sms"));
        texts
            .filter_map(|(_, file)| {
                let text: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
                let body = text["body"].as_str()?;
                let code = body.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6)?;
                Some((text["to"].as_str()?.to_owned(), code.to_owned()))
            })
            .collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that answers, or what one that ended has said.
async fn serve(shared: &Shared, program: &Path, data: &Path) -> Result<(Child, String), String> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let (listen, url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let log = data.join("log");
    let file = File::options().create(true).append(true).open(&log).expect("a log");
    let mut child = shared.command(program, data, &["serve", "--listen", &listen]).stderr(file).spawn().expect(&url);
    let http = reqwest::Client::new();
    let begun = Instant::now();
    loop {
        if http.get(format!("{url}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok((child, url));
        }
        if child.try_wait().expect("a process").is_some() {
            return Err(std::fs::read_to_string(log).expect("a log"));
        }
        assert!(begun.elapsed() < PATIENCE, "it never answers");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What guests come to.
struct Night {
    shared: Shared,
    admin: Person,
    event: Value,
    kind: Value,
}

impl Night {
    /// An event at the version before.
    async fn open(shared: Shared, program: &Path, old: &Process) -> Night {
        let arguments = ["create-admin", "--email", ADMIN, "--name", "Test Person"];
        let made = shared.command(program, old.data.path(), &arguments).status().expect("a process");
        assert!(made.success(), "{made}");
        let mut admin = Person {
            http: reqwest::Client::new(),
            url: old.url.clone(),
            token: None,
            email: ADMIN.to_owned(),
            id: String::new(),
            refresh: String::new(),
        };
        admin.sign_in().await;
        let organiser = partner(&admin, "Harbour Hall").await;
        let hour = |hours| Timestamp(Clock::default().now().0 + time::Duration::hours(hours)).rfc3339();
        let plan = json!({ "title": "Monsoon Jazz", "city": "Bengaluru", "venue_text": "The terrace",
                           "mood": "Concert", "start_at": hour(240), "end_at": hour(244), "capacity": 10_000,
                           "allow_plus_one": true, "organizer_partner_id": organiser["id"] });
        let draft = admin.post("/events", plan).await.expect(201);
        let kind = kind(&admin, &draft, "Standard", None, 0).await;
        let event = admin.post(&format!("/events/{}/publish", text(&draft, "id")), json!({})).await.expect(200);
        Night { shared, admin, event, kind }
    }

    /// So many guests sign in by code, say who they are and book, each step at the next process in turn; so do the
    /// colleagues, each time with a browser that nobody knows.
    async fn wave(&mut self, guests: Range<usize>, processes: &[&Process]) {
        let urls: Vec<&str> = processes.iter().map(|process| process.url.as_str()).collect();
        self.admin = self.admin.at(urls[0]);
        self.admin.sign_in().await;
        let night = &*self;
        let at = |step: usize| urls[step % urls.len()];
        let anyone = Person { token: None, ..night.admin.clone() };
        let ask = |n: usize| {
            let person = anyone.at(at(n));
            async move { person.post("/auth/otp/request", json!({ "phone": phone(n) })).await.expect(200) }
        };
        stream::iter(guests.clone()).map(ask).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
        let begun = Instant::now();
        let codes = loop {
            let codes: HashMap<String, String> = processes.iter().flat_map(|process| process.codes()).collect();
            let missing = guests.clone().filter(|n| !codes.contains_key(&phone(*n))).count();
            if missing == 0 {
                break codes;
            }
            assert!(begun.elapsed() < PATIENCE, "{missing} codes never left");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let come = |n: usize| {
            let (anyone, codes) = (&anyone, &codes);
            async move {
                let code = json!({ "phone": phone(n), "code": codes[&phone(n)] });
                let answer = anyone.at(at(n + 1)).post("/auth/otp/verify", code).await.expect(200);
                let token = Some(text(&answer["tokens"], "access_token").to_owned());
                let guest = Person { token, ..anyone.clone() };
                let me = guest.at(at(n)).get("/me").await.expect(200);
                let said = json!({ "name": format!("Guest {n}"), "email": mail(n), "version": me["version"] });
                guest.at(at(n + 1)).patch("/me", said).await.expect(200);
                reserve(&guest.at(at(n)), &night.event, &night.kind, 1).await.expect(201);
                if n.is_multiple_of(10) {
                    night.admin.at(at(n / 10)).login(PASSWORD).await.expect(200);
                }
            }
        };
        stream::iter(guests).map(come).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    }
}

fn phone(n: usize) -> String {
    format!("+91984{n:07}")
}

fn mail(n: usize) -> String {
    format!("guest{n}@example.com")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes the server of a version before: bin/test long builds it"]
async fn two_versions_on_one_database_lose_no_job_and_no_right() {
    let before = std::env::var_os("EVENTIFY_BEFORE_BIN").expect("the server of a version before");
    let (before, this) = (Path::new(&before), Path::new(env!("CARGO_BIN_EXE_eventify")));
    let shared = Shared::make().await;
    let mut old = Process::start(&shared, before).await;
    let mut night = Night::open(shared, before, &old).await;
    let receiver = Receiver::start().await;
    endpoint(&night.admin, &receiver.url, &TOLD).await;
    night.admin.post("/admin/roles", json!({ "name": "Pilot", "permissions": ["bus.read"] })).await.expect(201);
    night.shared.comes_to("select count(*) from bus_consumers where name = 'webhooks.fan_out'", 1).await;
    night.shared.settles().await;
    let known = night.shared.rights().await;

    // This version comes, brings the schema up to date under the other's hands, and is used at once.
    let mut new = Process::start(&night.shared, this).await;
    let pilot: uuid::Uuid =
        sqlx::query_scalar("select id from roles where code = 'pilot'").fetch_one(&night.shared.pool).await.unwrap();
    let everything: Vec<String> =
        sqlx::query_scalar("select id from permissions").fetch_all(&night.shared.pool).await.unwrap();
    let path = format!("/admin/roles/{pilot}");
    let admin = night.admin.at(&new.url);
    let role = admin.get(&path).await.expect(200);
    let all = json!({ "permissions": everything, "version": role["version"] });
    admin.put(&format!("{path}/permissions"), all).await.expect(200);
    let rights = night.shared.rights().await;
    let lost: Vec<_> = known.difference(&rights).collect();
    assert!(lost.is_empty(), "what the version before knew is gone: {lost:?}");
    night.wave(0..GUESTS, &[&old, &new]).await;

    // One of the old comes back, or cannot any more; either way it takes nothing with it.
    old.end().await;
    let both = old.again(&night.shared).await;
    println!("the version before {}", if both { "starts once more" } else { "cannot start on this schema" });
    if both {
        night.wave(GUESTS..2 * GUESTS, &[&old, &new]).await;
        old.end().await;
    } else {
        night.wave(GUESTS..2 * GUESTS, &[&new]).await;
    }
    night.shared.settles().await;
    new.end().await;

    assert_eq!(night.shared.rights().await, rights, "a permission or a grant was lost");
    every_job_was_done_once(&night.shared, &old, &new).await;
    every_message_came_once(&night.shared, &receiver).await;
    for process in [&old, &new] {
        let log = process.log();
        let errors: Vec<&str> = log.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    for check in ["verify-audit", "verify-seats"] {
        let found = night.shared.command(this, new.data.path(), &[check]).status().expect("a process");
        assert!(found.success(), "{check}: {found}");
    }
}

/// What had to be sent was sent, by one process and once; nothing was buried or tried twice.
async fn every_job_was_done_once(shared: &Shared, old: &Process, new: &Process) {
    let wrong = "select job_type || ', ' || status || ': ' || coalesce(last_error, ''), count(*) from job_runs
                 where status in ('dead', 'cancelled') or status = 'done' and attempts <> 1 group by 1";
    assert_eq!(shared.counts(wrong).await, BTreeMap::new());
    let guests = i64::try_from(2 * GUESTS).expect("a number");
    let due = "select coalesce(payload->'mail'->>'template', job_type), count(*) from job_runs
               where job_type in ('mail.send', 'text.send') and status = 'done' group by 1";
    let due = shared.counts(due).await;
    for each in ["text.send", "tickets_issued"] {
        assert_eq!(due.get(each), Some(&guests), "{each} for each guest: {due:?}");
    }
    assert_eq!(shared.number("select count(*) from event_attendees where status = 'going'").await, guests);
    let mut sent: Vec<String> = Vec::new();
    for process in [old, new] {
        let here = process.sent();
        println!("{}: {} mails and texts", process.program.display(), here.len());
        assert!(here.len() > GUESTS / 10, "both take their part");
        sent.extend(here.into_iter().map(|(job, _)| job));
    }
    sent.sort_unstable();
    let jobs = "select id::text from job_runs where job_type in ('mail.send', 'text.send') and status = 'done'
                order by id::text";
    let jobs: Vec<String> = sqlx::query_scalar(jobs).fetch_all(&shared.pool).await.expect("jobs");
    assert!(sent == jobs, "{} were sent for {} jobs", sent.len(), jobs.len());
}

/// Each of the two things that happened to each guest was told to the endpoint, once.
async fn every_message_came_once(shared: &Shared, receiver: &Receiver) {
    let mut got: Vec<String> = receiver.got().iter().map(|message| message.header("webhook-id").to_owned()).collect();
    got.sort_unstable();
    let happened = "select 'msg_' || id from outbox_events where type in ('user.created', 'attendee.confirmed')";
    let mut happened: Vec<String> = sqlx::query_scalar(happened).fetch_all(&shared.pool).await.expect("events");
    happened.sort_unstable();
    assert_eq!(happened.len(), 4 * GUESTS);
    assert!(got == happened, "{} messages came of {} events", got.len(), happened.len());
    let open = "select count(*) from webhook_deliveries where status <> 'delivered'";
    assert_eq!(shared.number(open).await, 0);
}

#[tokio::test]
async fn a_process_starts_on_the_schema_of_a_version_to_come() {
    let site = Site::start().await;
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (9999, 'rockets', true, '', 0)";
    sqlx::query(later).execute(&mut site.test.owner().await).await.expect("a migration of another version");
    let mut config = site.test.config.clone();
    config.database_url = Some(crate::killed::address(&site, None));
    Database::open(&config).await.expect("a database").migrate().await.expect("what is further is left as it is");
}
