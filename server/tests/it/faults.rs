//! Every staff write, cut at each of its statements in turn: what changed and what the audit says
//! must agree.
//!
//! The server talks to PostgreSQL through a proxy that counts statements and cuts the line before,
//! or just after, the chosen one. A rehearsal, cut before the commit, says how many statements a write
//! makes and which tables it writes.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use eventify::kernel::app::App;
use eventify::kernel::registry::{Access, operations};
use eventify::kernel::timestamp::Timestamp;
use eventify::organisation::Remembered;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};

use crate::areas::{AreaTests, Harness, Write};
use crate::support::{Answer, Person, Site, read, serve};

/// A line to PostgreSQL that can be cut. It listens on a socket in its own folder, as a socket in
/// the options goes before any host and port and cannot be taken out of them.
pub struct Proxy {
    pub folder: tempfile::TempDir,
    fuse: Arc<Fuse>,
}

/// When the line is cut, and what was seen of it.
struct Fuse {
    /// Statements still let through; below zero: no limit.
    left: AtomicI64,
    /// Cut after the statement was run instead of before.
    after: AtomicBool,
    cut: AtomicBool,
    /// The process to kill where the line is cut; zero: none.
    victim: AtomicI32,
    /// Cut before the commit of the first transaction that has written something.
    rehearses: AtomicBool,
    rehearsed: Mutex<Option<Rehearsed>>,
    /// PostgreSQL itself.
    options: PgConnectOptions,
}

/// What a write does.
struct Rehearsed {
    /// Statements until it is committed, and with that.
    statements: i64,
    /// What it writes.
    tables: Vec<String>,
}

/// More statements than anything makes.
const MANY: i64 = 1_000_000;

impl Fuse {
    /// Whether the line is cut at this statement.
    async fn cuts_at(&self, commits: bool) -> bool {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n >= 0).then(|| n - 1));
        let Ok(left) = left else { return false };
        if !self.rehearses.load(Ordering::SeqCst) {
            return left == 0;
        }
        let tables = if commits { being_written(&self.options).await } else { Vec::new() };
        if tables.is_empty() {
            return false;
        }
        self.rehearses.store(false, Ordering::SeqCst);
        *self.rehearsed.lock().expect("no one has panicked") = Some(Rehearsed { statements: MANY - left + 1, tables });
        true
    }
}

/// The tables that open transactions have written: each holds a lock for it until it ends.
async fn being_written(options: &PgConnectOptions) -> Vec<String> {
    let mut db = options.connect().await.expect("PostgreSQL answers");
    sqlx::query_scalar(
        "select distinct relname::text from pg_locks l join pg_class c on c.oid = l.relation
         where l.database = (select oid from pg_database where datname = current_database())
               and l.mode = 'RowExclusiveLock' and l.granted and c.relkind = 'r'
               and c.relnamespace = 'public'::regnamespace
         order by 1",
    )
    .fetch_all(&mut db)
    .await
    .expect("the locks")
}

trait Line: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Line for T {}

async fn upstream(options: &PgConnectOptions) -> std::io::Result<Box<dyn Line>> {
    let file = |folder: &str| format!("{folder}/.s.PGSQL.{}", options.get_port());
    Ok(match options.get_socket() {
        Some(folder) => Box::new(UnixStream::connect(file(&folder.to_string_lossy())).await?),
        None if options.get_host().starts_with('/') => Box::new(UnixStream::connect(file(options.get_host())).await?),
        None => Box::new(TcpStream::connect((options.get_host(), options.get_port())).await?),
    })
}

impl Proxy {
    pub async fn start(options: PgConnectOptions) -> Proxy {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join(format!(".s.PGSQL.{}", options.get_port()));
        let listener = UnixListener::bind(socket).expect("a socket");
        let fuse = Arc::new(Fuse {
            left: AtomicI64::new(-1),
            after: AtomicBool::default(),
            cut: AtomicBool::default(),
            victim: AtomicI32::default(),
            rehearses: AtomicBool::default(),
            rehearsed: Mutex::default(),
            options,
        });
        let proxy = Proxy { folder, fuse: fuse.clone() };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fuse = fuse.clone();
                tokio::spawn(async move {
                    if let Ok(server) = upstream(&fuse.options).await {
                        let _ = carry(client, server, &fuse).await;
                    }
                });
            }
        });
        proxy
    }

    pub fn arm(&self, statements: i64, after: bool) {
        self.fuse.cut.store(false, Ordering::SeqCst);
        self.fuse.after.store(after, Ordering::SeqCst);
        self.fuse.left.store(statements, Ordering::SeqCst);
    }

    /// Kills this process where the line is cut.
    pub fn will_kill(&self, process: i32) {
        self.fuse.victim.store(process, Ordering::SeqCst);
    }

    /// Lets everything through until something written is to be committed, and cuts the line then.
    fn rehearse(&self) {
        self.arm(MANY, false);
        self.fuse.rehearses.store(true, Ordering::SeqCst);
    }

    /// What the rehearsal has seen; nothing where nothing was written.
    fn rehearsed(&self) -> Option<Rehearsed> {
        self.fuse.rehearses.store(false, Ordering::SeqCst);
        self.disarm();
        self.fuse.rehearsed.lock().expect("no one has panicked").take()
    }

    /// How many statements there were since it was armed with so many.
    pub fn counted(&self, armed: i64) -> i64 {
        armed - self.fuse.left.swap(-1, Ordering::SeqCst)
    }

    /// Whether the line was cut since it was armed.
    pub fn is_cut(&self) -> bool {
        self.fuse.cut.load(Ordering::SeqCst)
    }

    /// The same, and cuts no more.
    pub fn disarm(&self) -> bool {
        self.fuse.left.store(-1, Ordering::SeqCst);
        self.fuse.cut.swap(false, Ordering::SeqCst)
    }
}

/// How PostgreSQL says that it is done with all it was sent; one byte of state follows.
const READY: &[u8] = b"Z\0\0\0\x05";

/// Carries messages both ways, counting executed statements.
async fn carry(client: UnixStream, server: Box<dyn Line>, fuse: &Fuse) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let swallows = Arc::new(AtomicBool::new(false));
    let quiet = swallows.clone();
    // Ends with this: PostgreSQL must learn at once that the other side is gone, or its transaction stays.
    let mut down = tokio::task::JoinSet::new();
    down.spawn(async move {
        let (mut chunk, mut end) = (vec![0; 16 * 1024], Vec::new());
        loop {
            let n = from_server.read(&mut chunk).await?;
            if n == 0 {
                return Ok(());
            }
            if !quiet.load(Ordering::SeqCst) {
                to_client.write_all(&chunk[..n]).await?;
                continue;
            }
            end.extend_from_slice(&chunk[..n]);
            end.drain(..end.len().saturating_sub(READY.len() + 1));
            if end.starts_with(READY) {
                return std::io::Result::Ok(());
            }
        }
    });
    // The first message has no type.
    let mut length = from_client.read_u32().await?;
    let mut kind = None;
    loop {
        let mut body = vec![0; (length as usize).saturating_sub(4)];
        from_client.read_exact(&mut body).await?;
        let is_statement = matches!(kind, Some(b'E' | b'Q'));
        let is_last = is_statement && fuse.cuts_at(kind == Some(b'Q') && body == b"COMMIT\0").await;
        if is_last {
            fuse.cut.store(true, Ordering::SeqCst);
            // One cut is enough: what the server does next must find the line up again.
            fuse.left.store(-1, Ordering::SeqCst);
        }
        let before = is_last && !fuse.after.load(Ordering::SeqCst);
        // Nothing that comes back of it may reach the caller.
        swallows.fetch_or(is_last, Ordering::SeqCst);
        if is_last && let pid @ 1.. = fuse.victim.swap(0, Ordering::SeqCst) {
            // What it has sent is with us already, and goes on to PostgreSQL or not.
            kill(Pid::from_raw(pid), Signal::SIGKILL)?;
        }
        if !before {
            if let Some(kind) = kind {
                to_server.write_u8(kind).await?;
            }
            to_server.write_u32(length).await?;
            to_server.write_all(&body).await?;
            to_server.flush().await?;
        }
        if is_last {
            if !before {
                // Let PostgreSQL finish it (an Execute waits for its Sync), then lose the answer.
                to_server.write_all(b"S\0\0\0\x04").await?;
                to_server.flush().await?;
                down.join_next().await;
            }
            return Ok(());
        }
        kind = Some(from_client.read_u8().await?);
        length = from_client.read_u32().await?;
    }
}

/// What stands in some tables, and what the audit says.
#[derive(Clone, PartialEq)]
struct State {
    /// Of each table a figure that any change of any row changes.
    tables: Vec<(String, String)>,
    audits: i64,
    events: i64,
}

async fn state(db: &mut PgConnection, tables: &[String]) -> State {
    let mut all = String::from(
        "select '', null, (select count(*) from audit_logs),
                (select count(*) from outbox_events where type = 'admin.action.logged')",
    );
    for table in tables {
        all += &format!(
            " union all select '{table}', coalesce(sum(hashtextextended(one::text, 0)), 0)::text, 0, 0 from {table} one"
        );
    }
    let rows = sqlx::query(AssertSqlSafe(all)).fetch_all(db).await.expect("the state");
    let (figures, said): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.get::<Option<&str>, _>(1).is_some());
    let mut tables: Vec<(String, String)> = figures.iter().map(|row| (row.get(0), row.get(1))).collect();
    tables.sort();
    State { tables, audits: said[0].get(2), events: said[0].get(3) }
}

/// What is written with every write, and speaks of it: no change of anything by itself.
fn speaks_of_it(table: &str) -> bool {
    table.starts_with("audit_") || ["outbox_events", "idempotency_keys"].contains(&table)
}

/// Every area's writes.
pub async fn writes(site: &Site, admin: &Person, tag: &str) -> Vec<Write> {
    let mut out = Vec::new();
    for area in AreaTests::all() {
        (area.writes.1)(Harness { site, admin, tag, out: &mut out }).await;
    }
    out
}

/// A server behind the proxy, and who calls it.
struct Cut<'s> {
    site: &'s Site,
    app: Arc<App>,
    proxy: Proxy,
    admin: Person,
    /// When every call is made: what is done once in a while beside a call is done in none.
    moment: Timestamp,
    after: bool,
}

impl Cut<'_> {
    /// Sends the write as if it were the first: who calls is not known, nor is the house. What is known is known by the
    /// machine's clock, and would now be asked for and now not.
    async fn send(&self, (name, method, path, body): &Write) -> Answer {
        self.app.clock.set(self.moment);
        self.app.callers.invalidate_all();
        self.app.component::<Remembered>().forget().await;
        let mut request = self.admin.request(method.clone(), path);
        if is_idempotent(name) {
            request = request.header("idempotency-key", format!("{name} {path}"));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request.send().await.expect("an answer")).await
    }

    /// Whether the write was done between the two, and once: all that it does, or nothing.
    fn done(&self, name: &str, at: &str, before: &State, now: &State) -> bool {
        let changed = now.tables != before.tables;
        let (audits, events) = (now.audits - before.audits, now.events - before.events);
        assert_eq!(audits, i64::from(changed), "{name}, {at}: state changed: {changed}, audit rows: {audits}");
        assert_eq!(events, audits, "{name}, {at}");
        changed
    }

    /// Sends one write with the line cut at each of its statements, then once more; says how many there are.
    async fn everywhere(&self, write: &Write) -> i64 {
        let name = write.0;
        // What the write before has made the server forget, such as the keys of tokens, is known again.
        self.app.clock.set(self.moment);
        self.admin.get("/auth/me").await.expect(200);
        self.proxy.rehearse();
        let answer = self.send(write).await;
        let Some(Rehearsed { statements, tables }) = self.proxy.rehearsed() else {
            panic!("{name} writes nothing: {}", answer.body)
        };
        assert!(statements > 4, "{name} makes only {statements} statements: does the proxy see them?");
        assert!(!answer.status.is_success(), "{name} was not committed, and answered {}", answer.body);
        let tables: Vec<String> = tables.into_iter().filter(|table| !speaks_of_it(table)).collect();
        let mut db = self.site.test.owner().await;
        let first = state(&mut db, &tables).await;
        for n in 0..statements {
            self.proxy.arm(n, self.after);
            let answer = self.send(write).await;
            assert!(self.proxy.disarm(), "{name} made only {n} of {statements} statements: {}", answer.body);
            assert!(!answer.status.is_success(), "{name}, cut at {n} of {statements}, answered {}", answer.body);
            // Only where the answer to the commit itself was lost: done, though the caller could not be told.
            let lost = self.after && n + 1 == statements;
            let now = state(&mut db, &tables).await;
            let done = self.done(name, &format!("cut at {n} of {statements}"), &first, &now);
            assert_eq!(done, lost, "{name}, cut at {n} of {statements}: {}", answer.body);
        }
        if !self.after {
            // What may come after the commit is cut, too: it is done all the same.
            self.proxy.arm(statements, false);
            let answer = self.send(write).await;
            let was_cut = self.proxy.disarm();
            assert!(was_cut || answer.status.is_success(), "{name} uncut: {}", answer.body);
            let now = state(&mut db, &tables).await;
            assert!(self.done(name, "uncut", &first, &now), "{name} uncut: {}", answer.body);
        }
        if is_idempotent(name) {
            let now = state(&mut db, &tables).await;
            let again = self.send(write).await;
            assert!(again.status.is_success(), "{name} once more: {}", again.body);
            assert!(now == state(&mut db, &tables).await, "{name} was done twice");
        }
        statements
    }
}

fn is_idempotent(name: &str) -> bool {
    operations().iter().any(|operation| operation.id == name && operation.idempotent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_staff_write_cut_before_each_statement() {
    cut_all("x", false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_staff_write_cut_after_each_statement() {
    cut_all("y", true).await;
}

async fn cut_all(tag: &str, after: bool) {
    let site = Site::start_with(crate::finance_payouts::PAYS).await;
    let admin = site.admin().await;
    let options = (*site.test.pool.connect_options()).clone();
    let proxy = Proxy::start(options.clone()).await;
    let through = options.socket(proxy.folder.path());
    let app: Arc<App> =
        App::connect(site.test.config.clone(), through, &[7; 32]).await.expect("connects through the proxy");
    app.clock.set(site.test.clock.now());
    let admin = admin.at(&serve(app.clone()).await);
    let writes = writes(&site, &admin, tag).await;
    let moment = site.test.clock.now();
    app.clock.set(moment);
    let mut cut = Cut { site: &site, app, proxy, admin, moment, after };
    cut.admin.sign_in().await;
    let (mut cuts, mut names) = (0, Vec::new());
    for write in &writes {
        let n = cut.everywhere(write).await;
        println!("{} cut {n} times", write.0);
        names.push(write.0);
        cuts += n;
    }
    assert!(cuts > 2_500, "only {cuts} cuts");
    must_be_all(&names);
}

/// Every audited staff write with a JSON body is among these, or an area says why not.
fn must_be_all(names: &[&str]) {
    let not_cut: Vec<&str> = AreaTests::all().iter().flat_map(|area| area.not_cut).map(|(name, _)| *name).collect();
    let left: Vec<&str> = operations()
        .into_iter()
        .filter(|o| o.writes() && !o.takes_raw_body() && o.unaudited.is_none())
        .filter(|o| o.access.iter().any(|a| matches!(a, Access::Staff(_))))
        .map(|o| o.id)
        .filter(|id| !names.contains(id) && !not_cut.contains(id))
        .collect();
    assert!(left.is_empty(), "staff writes that are not cut: {left:?}");
}
