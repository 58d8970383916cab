//! For tests: a database of their own, cloned from a template that is migrated once, and an [`App`]
//! on it.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use clap::Parser;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use time::macros::datetime;
use tokio::sync::OnceCell;

use super::app::{APP_ROLE, App};
use super::clock::new_uuid;
use super::config::Config;
use super::context::{RequestContext, Tx};
use super::crypto::sha256;
use super::registry::OperationMeta;
use super::timestamp::Timestamp;

/// When every test begins, so that none depends on the day on which it runs. PostgreSQL's own clock, which fills
/// `updated_at`, and the times within ids stay those of the machine.
pub const START: Timestamp = Timestamp(datetime!(2026-11-25 09:00 UTC));

/// An app with a database of its own, which is dropped with it.
pub struct TestApp {
    /// The app.
    pub app: Arc<App>,
    database: String,
    data: PathBuf,
    settings: Vec<String>,
    /// Whether the database outlives the app, for others to begin with.
    kept: bool,
}

impl Deref for TestApp {
    type Target = Arc<App>;
    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// A new app on a new, migrated, empty database.
pub async fn app() -> TestApp {
    app_with(&[]).await
}

/// The same with settings, as flags: `&["--smtp-url", "smtp://127.0.0.1:2525"]`.
pub async fn app_with(settings: &[&str]) -> TestApp {
    app_from(TEMPLATE.get_or_init(template).await, settings).await
}

/// The same on a copy of what [`TestApp::into_template`] has kept.
pub async fn app_from(template: &str, settings: &[&str]) -> TestApp {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let of_this_process = format!("{}_{}", TEMPLATE.get_or_init(self::template).await, std::process::id());
    let database = format!("{of_this_process}_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = server().connect().await.expect("the test server answers");
    run(&mut admin, &format!("drop database if exists {database} with (force)")).await;
    run(&mut admin, &format!("create database {database} template {template}")).await;
    let data = std::env::temp_dir().join(format!("eventify-test-{}", new_uuid().simple()));
    let app = connect(&database, &data, settings, START).await;
    let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
    TestApp { app, database, data, settings, kept: false }
}

/// The settings of a test's app, its data in `data`.
pub fn config(data: &Path, settings: &[&str]) -> Config {
    let fixed = ["test", "--database-pool", "8", "--data"].map(std::ffi::OsStr::new);
    let settings = settings.iter().map(std::ffi::OsStr::new);
    Settings::parse_from(fixed.into_iter().chain([data.as_os_str()]).chain(settings)).config
}

async fn connect(database: &str, data: &Path, settings: &[&str], now: Timestamp) -> Arc<App> {
    let app = App::connect(config(data, settings), server().database(database), &[7; 32]).await;
    let app = app.expect("the app connects");
    app.clock.set(now);
    app
}

impl TestApp {
    /// Another process on the same database, with the same settings, at the same time of day.
    pub async fn another(&self) -> Arc<App> {
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        connect(&self.database, &self.data, &settings, self.clock.now()).await
    }

    /// Ends the app and keeps its database as it is now, for the tests of this process to begin with a copy each.
    ///
    /// Nobody is there to drop it when the process ends: the next one that keeps a database does.
    pub async fn into_template(mut self) -> String {
        let name = format!("{}{KEPT}", self.database);
        let mut admin = server().application_name(&name).connect().await.expect("the test server answers");
        let left = "select datname::text from pg_database
                    where datname like 'eventify\\_test\\_%' and datname like '%' || replace($1, '_', '\\_')
                          and datname not in (select application_name from pg_stat_activity)";
        let left: Vec<String> = sqlx::query_scalar(left).bind(KEPT).fetch_all(&mut admin).await.expect("databases");
        for database in left.into_iter().chain([name.clone()]) {
            run(&mut admin, &format!("drop database if exists {database} with (force)")).await;
        }
        self.shutdown.cancel();
        for pool in [&self.pool, &self.reader, &self.stale_reader] {
            pool.close().await;
        }
        run(&mut admin, &format!("alter database {} rename to {name}", self.database)).await;
        self.kept = true;
        // While this process lives its name stands among the connections, so the database is nobody's to drop.
        std::mem::forget(admin);
        name
    }

    /// Forgets who calls, as this process does by itself within a second.
    pub fn forget_callers(&self) {
        self.callers.invalidate_all();
    }

    /// A connection as the database's owner, who is bound by no grant.
    pub async fn owner(&self) -> PgConnection {
        server().database(&self.database).connect().await.expect("the test database answers")
    }

    /// A call by Eventify itself, outside any request.
    pub fn system_cx(&self, operation: &'static OperationMeta) -> RequestContext {
        system_cx(&self.app, operation)
    }

    /// A transaction of such a call.
    pub async fn tx(&self) -> Tx {
        Tx::begin(self.system_cx(&ANY)).await.expect("a transaction begins")
    }
}

/// A call by Eventify itself, outside any request.
pub fn system_cx(app: &Arc<App>, operation: &'static OperationMeta) -> RequestContext {
    RequestContext::system(app, operation)
}

/// A write that nobody registered.
static ANY: OperationMeta = OperationMeta {
    id: "test",
    method: "POST",
    path: "/test",
    module: module_path!(),
    summary: "Test.",
    description: "",
    access: &[],
    arguments: &[],
    status: 200,
    output: None,
    rate: super::rate::RateClass::Standard,
    unaudited: None,
    idempotent: false,
    secret_answer: false,
    stale_ok: false,
    answer: super::registry::Media::Json,
    body: super::registry::Body::Json,
    scoped: false,
    errors: &[],
};

impl Drop for TestApp {
    fn drop(&mut self) {
        self.app.shutdown.cancel();
        let (database, data) = (self.database.clone(), self.data.clone());
        let kept = self.kept;
        // A runtime of its own: the test's may be the one that is going down. Best effort.
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                if !kept && let Ok(mut admin) = server().connect().await {
                    let drop = format!("drop database if exists {database} with (force)");
                    let _ = admin.execute(AssertSqlSafe(drop)).await;
                }
            });
            std::fs::remove_dir_all(data)
        })
        .join();
    }
}

/// Where test databases are made; the login must be allowed to.
fn server() -> PgConnectOptions {
    let url = std::env::var("EVENTIFY_TEST_DATABASE_URL")
        .expect("set EVENTIFY_TEST_DATABASE_URL to a PostgreSQL where the tests may create databases; bin/test does");
    url.parse().expect("EVENTIFY_TEST_DATABASE_URL is a PostgreSQL URL")
}

async fn run(db: &mut PgConnection, sql: &str) {
    db.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
/// How the names of databases end that their apps have left for others.
const KEPT: &str = "_kept";
const TEMPLATE_LOCK: i64 = 0x6576_6679_7465;

/// The migrated template's name. Its name says which migrations it has had; whoever comes first
/// makes it, all others wait for that one.
async fn template() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../migrations");
    let migrator = Migrator::new(folder.as_path()).await.expect("the migrations can be read");
    let checksums: Vec<&[u8]> = migrator.iter().map(|migration| migration.checksum.as_ref()).collect();
    let name = format!("eventify_test_{}", &hex::encode(sha256(&checksums))[..12]);
    let mut admin = server().connect().await.expect("EVENTIFY_TEST_DATABASE_URL answers");
    run(&mut admin, &format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let ready: bool =
        sqlx::query_scalar("select exists (select 1 from pg_database where datname = $1 and datistemplate)")
            .bind(&name)
            .fetch_one(&mut admin)
            .await
            .expect("the catalogue answers");
    if !ready {
        make_template(&mut admin, &name, &migrator).await;
    }
    // Closing gives the lock back.
    admin.close().await.expect("closes");
    name
}

async fn make_template(admin: &mut PgConnection, name: &str, migrator: &Migrator) {
    run(admin, &format!("drop database if exists {name} with (force)")).await;
    run(
        admin,
        &format!(
            "do $$ begin
                 if not exists (select 1 from pg_roles where rolname = '{APP_ROLE}') then create role {APP_ROLE}; end if;
             end $$"
        ),
    )
    .await;
    run(admin, &format!("create database {name}")).await;
    let mut owner = server().database(name).connect().await.expect("the template answers");
    migrator.run(&mut owner).await.expect("the migrations run");
    owner.close().await.expect("closes");
    // Last: a half-made one is never taken for ready.
    run(admin, &format!("alter database {name} is_template true")).await;
}
