//! The server under test: the real program on a private PostgreSQL in a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use eventify::access::demo;
use eventify_server::private_postgres::{DATABASE, PrivatePostgres};
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// How many staff accounts there are.
const ACCOUNTS: i64 = 10_000;

/// A running server and what is needed to call it.
pub struct Subject {
    /// Where it answers.
    pub url: String,
    /// Keeps its connections.
    pub http: reqwest::Client,
    /// The access token.
    pub token: String,
    /// The session's id.
    pub session: String,
    /// Ids of accounts to work on.
    pub accounts: Vec<String>,
    /// Their versions, as the load has left them.
    pub versions: Vec<Arc<AtomicI64>>,
    /// The database as its owner.
    pub owner: PgPool,
    /// Its address.
    pub database: String,
    /// The server's data folder.
    pub data: PathBuf,
    child: Mutex<Child>,
    listen: String,
}

/// Whom a crash hits.
#[derive(Clone, Copy)]
pub enum Victim {
    /// The server.
    Server,
    /// PostgreSQL's first process.
    Postgres,
}

impl std::fmt::Display for Victim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Victim::Server => "the server",
            Victim::Postgres => "PostgreSQL",
        })
    }
}

impl Subject {
    /// Starts the program beside this one and fills its database.
    pub async fn start() -> Result<Subject> {
        let data = std::env::temp_dir().join(format!("eventify-bench-{}", std::process::id()));
        std::fs::create_dir_all(&data)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let mut child = spawn(&data, &listen)?;
        let url = format!("http://{listen}");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        ready(&http, &url, &mut child).await?;
        let database =
            PrivatePostgres::running(&data.join("postgres"), DATABASE)?.context("the server's PostgreSQL")?;
        let owner = PgPoolOptions::new().max_connections(8).connect(&database).await?;
        let accounts = fill(&owner).await?;
        let versions = accounts.iter().map(|_| Arc::new(AtomicI64::new(1))).collect();
        let mut subject = Subject {
            url,
            http,
            token: String::new(),
            session: String::new(),
            accounts,
            versions,
            owner,
            database,
            data,
            child: Mutex::new(child),
            listen,
        };
        let answer: Value = subject.login().send().await?.error_for_status()?.json().await?;
        subject.token = answer["tokens"]["access_token"].as_str().context("a token")?.to_owned();
        let me: Value = subject.get("/api/v1/auth/me").send().await?.error_for_status()?.json().await?;
        subject.session = me["session_id"].as_str().context("a session")?.to_owned();
        Ok(subject)
    }

    /// A call with the token.
    pub fn send(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }
    /// A read with the token.
    pub fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.send(reqwest::Method::GET, path)
    }
    /// A page as a browser asks for it.
    pub fn page(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", self.url)).header("cookie", format!("evf_staff={}", self.token))
    }
    /// A sign-in.
    pub fn login(&self) -> reqwest::RequestBuilder {
        let body = json!({ "email": demo::TEAM[0].0, "password": demo::PASSWORD });
        self.http.post(format!("{}/api/v1/auth/login", self.url)).json(&body)
    }

    fn pid(&self) -> u32 {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).id()
    }

    /// Resident memory of the server process, in KiB.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// `kill -9`, in the middle of whatever it does.
    pub fn kill(&self, victim: Victim) -> Result<()> {
        let pid = match victim {
            Victim::Server => self.pid().to_string(),
            Victim::Postgres => std::fs::read_to_string(self.data.join("postgres/cluster/postmaster.pid"))?,
        };
        let pid = pid.lines().next().context("a process id")?.trim().parse()?;
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL)?;
        Ok(())
    }

    /// Starts the server again on the same data, whatever became of the last one.
    pub async fn revive(&mut self) -> Result<()> {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        stop(child)?;
        *child = spawn(&self.data, &self.listen)?;
        ready(&self.http, &self.url, child).await
    }

    /// A second process of the server on the same data, and where it answers.
    pub async fn second(&self) -> Result<(Second, String)> {
        self.second_with(&[]).await
    }

    /// The same with more settings.
    pub async fn second_with(&self, settings: &[(&str, &str)]) -> Result<(Second, String)> {
        let listen = format!("127.0.0.1:{}", TcpListener::bind("127.0.0.1:0")?.local_addr()?.port());
        let mut child = program(&self.data, &listen)?;
        child.env("DATABASE_URL", &self.database).envs(settings.iter().copied());
        let mut child = Second(child.spawn()?);
        let url = format!("http://{listen}");
        ready(&self.http, &url, &mut child.0).await?;
        Ok((child, url))
    }

    /// Stops the server and times PostgreSQL's start, then the server's, on the same data.
    pub async fn restart(mut self) -> Result<(Duration, Duration)> {
        self.owner.close().await;
        stop(self.child.get_mut().unwrap_or_else(PoisonError::into_inner))?;
        let postgres = self.data.join("postgres");
        let begun = Instant::now();
        let running = PrivatePostgres::start(&postgres)?;
        let floor = begun.elapsed();
        running.stop()?;
        let begun = Instant::now();
        self.revive().await?;
        Ok((begun.elapsed(), floor))
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = stop(self.child.get_mut().unwrap_or_else(PoisonError::into_inner));
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

/// The second process: it ends with this.
pub struct Second(Child);

impl Drop for Second {
    fn drop(&mut self) {
        let _ = stop(&mut self.0);
    }
}

fn spawn(data: &Path, listen: &str) -> Result<Child> {
    program(data, listen)?.arg("--demo").spawn().context("the server does not start")
}

fn program(data: &Path, listen: &str) -> Result<Command> {
    let program = std::env::current_exe()?.with_file_name("eventify");
    ensure!(program.exists(), "{} is missing: bin/bench builds it", program.display());
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", listen])
        .args(["--rate-per-minute", "100000000", "--database-pool", "32"])
        .env("EVENTIFY_DATA", data)
        .env("RUST_LOG", "warn,sqlx::query=error")
        .env("EVENTIFY_DRAIN_SECONDS", "0")
        .env("EVENTIFY_PAYMENTS_SANDBOX", "true")
        .env("EVENTIFY_WEBHOOK_ALLOW_PRIVATE", "true")
        .stdout(Stdio::null());
    Ok(command)
}

fn stop(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id())?);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
    child.wait()?;
    Ok(())
}

async fn ready(http: &reqwest::Client, url: &str, child: &mut Child) -> Result<()> {
    let begun = Instant::now();
    loop {
        if let Ok(answer) = http.get(format!("{url}/readyz")).send().await
            && answer.status().is_success()
        {
            return Ok(());
        }
        ensure!(child.try_wait()?.is_none(), "the server ended at once");
        ensure!(begun.elapsed() < Duration::from_secs(60), "the server did not answer");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Ten thousand accounts with a role; answers the ids of some of them.
async fn fill(owner: &PgPool) -> Result<Vec<String>> {
    #[expect(clippy::disallowed_methods, reason = "nobody gives it up here")]
    let mut tx = owner.begin().await?;
    sqlx::query(
        "insert into admin_users (id, email, full_name, status)
         select gen_random_uuid(), 'person' || n || '@bench.example', 'Person ' || n, 'active' from generate_series(1, $1) n",
    )
    .bind(ACCOUNTS)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into user_role_assignments (id, user_id, role_id)
         select gen_random_uuid(), u.id, r.id from admin_users u, roles r
         where r.code = 'auditor' and u.email like '%@bench.example'",
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    sqlx::query("analyze").execute(owner).await?;
    let ids =
        sqlx::query_scalar("select id::text from admin_users where email like '%@bench.example' order by id limit 64");
    Ok(ids.fetch_all(owner).await?)
}
