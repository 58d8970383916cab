//! `kill -9` of a real server process at any statement of a checkout: never money without a seat or a refund, never a
//! seat without money, and whoever asks again somewhere else gets what was asked for, once.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use eventify::finance::provider::sandbox;
use eventify::kernel::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::faults::Proxy;
use crate::finance::{buy, must_balance, with_fees};
use crate::fixtures::{make_guests, open, renew, reserve, run_queued};
use crate::partners::text;
use crate::support::{Person, Site, read};

/// What the process is doing when it dies.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Seats are taken.
    Hold,
    /// Paying for them begins.
    Order,
    /// The provider says that the money came.
    Money,
    /// It says so when the seats are somebody else's.
    TooLate,
    /// Staff pays back, and a worker sends it.
    Back,
}

const PHASES: [Phase; 5] = [Phase::Hold, Phase::Order, Phase::Money, Phase::TooLate, Phase::Back];

/// A server process that reaches PostgreSQL by a line that knows when to kill it.
struct Victim {
    proxy: Proxy,
    child: Child,
    url: String,
    data: tempfile::TempDir,
}

/// The database's address, by this folder's socket where one is given.
pub fn address(site: &Site, folder: Option<&std::path::Path>) -> String {
    let server = std::env::var("EVENTIFY_TEST_DATABASE_URL").expect("the tests' PostgreSQL");
    let mut url = reqwest::Url::parse(&server).expect("an address");
    let database = site.test.pool.connect_options().get_database().expect("a database").to_owned();
    url.set_path(&database);
    if let Some(folder) = folder {
        url.query_pairs_mut().append_pair("host", &folder.to_string_lossy());
    }
    url.into()
}

impl Victim {
    async fn start(site: &Site) -> Victim {
        let options = (*site.test.pool.connect_options()).clone().disable_statement_logging();
        let proxy = Proxy::start(options).await;
        let data = tempfile::tempdir().expect("a folder");
        let (child, url) = spawn(site, &proxy, data.path(), true).await;
        Victim { proxy, child, url, data }
    }

    /// A new process in its place.
    async fn again(&mut self, site: &Site, worker: bool) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.proxy.disarm();
        (self.child, self.url) = spawn(site, &self.proxy, self.data.path(), worker).await;
    }

    /// Waits until it has died; false where it has done all there was to do before.
    async fn dies(&mut self, done: impl AsyncFn() -> bool) -> bool {
        for _ in 0..1_000 {
            if self.child.try_wait().expect("a process").is_some() {
                return true;
            }
            if !self.proxy.is_cut() && done().await {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it neither died nor was it done");
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn spawn(site: &Site, proxy: &Proxy, data: &std::path::Path, worker: bool) -> (Child, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let (listen, url) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_eventify"));
    command.args(["serve", "--listen", &listen, "--public-url", &url, "--rate-per-minute", "1000000"]);
    if !worker {
        command.arg("--no-worker");
    }
    command
        .env("EVENTIFY_DATA", data)
        .env("EVENTIFY_SECRET_KEY", hex::encode([7_u8; 32]))
        .env("DATABASE_URL", address(site, Some(proxy.folder.path())))
        .env("DATABASE_MIGRATE_URL", address(site, None))
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    let http = reqwest::Client::new();
    loop {
        if http.get(format!("{url}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return (child, url);
        }
        assert!(child.try_wait().expect("a process").is_none(), "the process ended at once");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A guest on the way to a seat, up to where the process dies.
struct Checkout {
    phase: Phase,
    guest: Person,
    event: Value,
    kind: Value,
    held: Option<Value>,
    state: Option<Value>,
    key: String,
}

struct Harness {
    site: Site,
    admin: Person,
    people: Vec<Person>,
    event: Value,
    kind: Value,
    ways: usize,
}

impl Harness {
    async fn start(people: usize) -> Harness {
        let site = Site::start_reachable().await;
        // The process that dies has the machine's time, and no other can be given to it.
        site.test.clock.set(Clock::default().now());
        let admin = site.admin().await;
        with_fees(&admin).await;
        let (event, kinds) = open(&site, &admin, 5_000, &[("Paid", None, 33_333)]).await;
        let people = make_guests(&site, people).await;
        Harness { site, admin, people, event, kind: kinds[0].clone(), ways: 0 }
    }

    async fn checkout(&mut self, phase: Phase) -> Checkout {
        self.ways += 1;
        // All of it takes longer than an access token lives.
        if self.ways.is_multiple_of(50) {
            self.admin.sign_in().await;
        }
        for person in &mut self.people[self.ways * 2..self.ways * 2 + 2] {
            renew(&self.site, person).await;
        }
        let guest = self.people[self.ways * 2].clone();
        let (mut event, mut kind) = (self.event.clone(), self.kind.clone());
        if matches!(phase, Phase::TooLate) {
            let (small, kinds) = open(&self.site, &self.admin, 1, &[("Paid", None, 33_333)]).await;
            (event, kind) = (small, kinds[0].clone());
        }
        let key = format!("key-of-{}", guest.id);
        let mut checkout = Checkout { phase, guest, event, kind, held: None, state: None, key };
        if !matches!(phase, Phase::Hold) {
            checkout.held = Some(reserve(&checkout.guest, &checkout.event, &checkout.kind, 1).await.expect(201));
        }
        if matches!(phase, Phase::Money | Phase::TooLate | Phase::Back) {
            let held = checkout.held.clone().expect("a seat");
            checkout.state = Some(crate::finance::checkout(&checkout.guest, &[&held]).await.expect(201));
        }
        match phase {
            Phase::TooLate => {
                let past = "update capacity_reservations set expires_at = created_at where id = $1::uuid";
                let held = checkout.held.as_ref().expect("a seat");
                let mut owner = self.site.test.owner().await;
                sqlx::query(past).bind(text(held, "id")).execute(&mut owner).await.expect("the past");
                buy(&self.site, &self.people[self.ways * 2 + 1], &checkout.event, &checkout.kind, 1).await;
            }
            Phase::Back => checkout.ask(&self.site, &self.site.url, &self.admin, Phase::Money).await,
            _ => {}
        }
        checkout
    }
}

impl Checkout {
    fn payment(&self) -> &Value {
        &self.state.as_ref().expect("an order")["payment"]
    }

    /// The request of a phase, sent to a process, which may not live to answer it.
    async fn ask(&self, site: &Site, url: &str, admin: &Person, phase: Phase) {
        let at = self.guest.at(url);
        let request = match phase {
            Phase::Hold => {
                let input = json!({ "ticket_type_id": self.kind["id"], "seats": 1 });
                at.request(Method::POST, &format!("/events/{}/reservations", text(&self.event, "id"))).json(&input)
            }
            Phase::Order => {
                let input = json!({ "reservation_ids": [self.held.as_ref().expect("a seat")["id"]] });
                at.request(Method::POST, "/payments/checkout").json(&input)
            }
            Phase::Money | Phase::TooLate => {
                let message = sandbox::message("payment.captured", text(self.payment(), "provider_ref"), 33_333, "INR");
                let (headers, body) = sandbox::signed(&site.test, &format!("evt-{}", self.key), &message);
                let anonymous = site.anonymous().at(url).request(Method::POST, "/payments/webhooks/sandbox").body(body);
                headers.into_iter().fold(anonymous, |request, (name, value)| request.header(name, value))
            }
            Phase::Back => {
                let path = format!("/payments/{}/refund", text(self.payment(), "id"));
                admin.at(url).request(Method::POST, &path).json(&json!({ "reason": "Rain" }))
            }
        };
        let request = request.header("idempotency-key", &self.key).timeout(Duration::from_secs(20));
        for _ in 0..200 {
            let again = request.try_clone().expect("a body that can be sent again");
            let Ok(answer) = again.send().await else { return };
            let answer = read(answer).await;
            // PostgreSQL still has the transaction of who was killed: it says so, and when to ask again.
            if answer.code() == "idempotency_in_progress" {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            assert!(answer.status.is_success(), "{phase:?}: {} {}", answer.status, answer.body);
            return;
        }
        panic!("{phase:?}: the first request is running for ever");
    }

    /// Asks again at a process that lives: it is as if nothing had happened.
    async fn complete(&self, stage: &Harness) {
        let site = &stage.site;
        self.ask(site, &site.url, &stage.admin, self.phase).await;
        if matches!(self.phase, Phase::Back) {
            // What a lost worker had is another's when its time is up.
            let lost =
                "update job_runs set status = 'queued', leased_by = null, leased_until = null where status = 'running'";
            sqlx::query(lost).execute(&mut site.test.owner().await).await.expect("given back");
            run_queued(site, "finance.send_refund").await;
            run_queued(site, "sandbox.send").await;
        }
        let seats = "select count(*) from capacity_reservations where user_id = $1::uuid and released_at is null";
        let guests = "select count(*) from event_attendees where user_id = $1::uuid and status = 'going'";
        let orders =
            "select count(*) from payments t join payment_orders o on o.id = t.order_id where o.user_id = $1::uuid";
        let back = "select count(*) from refunds r join payments t on t.id = r.payment_id
                    join payment_orders o on o.id = t.order_id where o.user_id = $1::uuid
                    and r.amount_minor = 33333 and ($2 or r.status = 'processed')";
        match self.phase {
            Phase::Hold => assert_eq!(self.number(site, seats).await, 1),
            Phase::Order => assert_eq!((self.number(site, seats).await, self.number(site, orders).await), (1, 1)),
            Phase::Money => assert_eq!((self.number(site, guests).await, self.number(site, orders).await), (1, 1)),
            Phase::TooLate | Phase::Back => {
                assert_eq!(self.number(site, guests).await, 0, "a seat without money");
                let asked = matches!(self.phase, Phase::TooLate);
                let many: i64 = sqlx::query_scalar(back)
                    .bind(&self.guest.id)
                    .bind(asked)
                    .fetch_one(&site.test.reader)
                    .await
                    .expect("a number");
                assert_eq!(many, 1, "money without a seat or a refund");
            }
        }
    }

    async fn number(&self, site: &Site, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).bind(&self.guest.id).fetch_one(&site.test.reader).await.expect("a number")
    }
}

/// One checkout, with the process killed at this statement of it. Whether it came to that.
async fn go(stage: &mut Harness, victim: &mut Victim, phase: Phase, at: i64, after: bool) -> bool {
    let checkout = stage.checkout(phase).await;
    victim.proxy.will_kill(i32::try_from(victim.child.id()).expect("an id"));
    victim.proxy.arm(at, after);
    checkout.ask(&stage.site, &victim.url.clone(), &stage.admin, phase).await;
    let open = "select count(*) from refunds where status <> 'processed' and requested_by is not null";
    let site = &stage.site;
    let dead = victim.dies(async || !matches!(phase, Phase::Back) || site.number(open).await == 0).await;
    let when = format!("a kill {} statement {at} of {phase:?}", if after { "after" } else { "before" });
    must_balance(&stage.site, &checkout.event, &when).await;
    checkout.complete(stage).await;
    must_balance(&stage.site, &checkout.event, &format!("{when}, and another try")).await;
    dead
}

/// One kill of each phase in every run; all of them with `EVENTIFY_KILLS=all`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_keeps_no_money_and_no_seat() {
    let all = std::env::var("EVENTIFY_KILLS").is_ok_and(|which| which == "all");
    let mut stage = Harness::start(if all { 4_000 } else { 40 }).await;
    let mut victim = Victim::start(&stage.site).await;
    let mut kills = 0;
    for (number, phase) in PHASES.into_iter().enumerate() {
        let worker = matches!(phase, Phase::Back);
        for after in [false, true] {
            // In every run one of the two, somewhere in the middle.
            let first = if all { 0 } else { 7 + 2 * number as i64 };
            let mut at = first;
            while all || (at == first && after == (number % 2 == 0)) {
                victim.again(&stage.site, worker).await;
                if !go(&mut stage, &mut victim, phase, at, after).await {
                    break;
                }
                (kills, at) = (kills + 1, at + 1);
            }
            println!("{phase:?}, killed {} statements: {} times", if after { "after" } else { "before" }, at - first);
            assert!(!all || at > 10, "{phase:?} was killed only {at} times: does the line see its statements?");
        }
    }
    assert!(kills >= 5, "only {kills} kills");
}
