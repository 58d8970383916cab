//! What one server process holds: pools, keys, clock, and caches that may be thrown away at any time.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::caller::Caller;
use super::clock::{Clock, new_uuid};
use super::components;
use super::config::Config;
use super::crypto::Keys;
use super::error::Result;
use super::outbound::SafeHttpClient;
use super::per_key::PerKeyLimit;
use super::rate::Limiter;
use super::storage::Storage;

/// The role that the migrations grant to; the server's connections never have more.
pub const APP_ROLE: &str = "eventify_app";

/// One server process. No business state lives here.
///
/// Its parts stand behind a `dyn`: nearly every async function holds an `App` somewhere, and for each the compiler
/// would otherwise prove anew that HTTP clients, pools and all may be sent to another thread.
pub struct App(Box<dyn Deployment>);

/// What the compiler is told of the parts: they may be shared between threads.
trait Deployment: Send + Sync {
    fn parts(&self) -> &Parts;
}

impl Deployment for Parts {
    fn parts(&self) -> &Parts {
        self
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        self.0.parts()
    }
}

/// What [`App`] holds.
pub struct Parts {
    /// Writes.
    pub pool: PgPool,
    /// Reads: its connections refuse to write.
    pub reader: PgPool,
    /// Reads that may be stale; the same as `reader` without a replica.
    pub stale_reader: PgPool,
    /// Settings.
    pub config: Config,
    /// The server's keys.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
    /// Callers as they were less than a second ago, by session or key, and address.
    pub callers: Cache<(Uuid, IpAddr), Arc<Caller>>,
    /// Api keys, by their hash, that were good within the last hour.
    pub known_keys: Cache<[u8; 32], ()>,
    /// Coarse limits of this process.
    pub limiter: Limiter,
    /// What this process has changed so far, counted by [`App::changed`].
    pub commits: AtomicU64,
    /// Who waits for a row that many want.
    pub per_key: PerKeyLimit,
    /// Uploaded files.
    pub storage: Storage,
    /// Calls addresses that others chose.
    pub outbound: SafeHttpClient,
    /// What the platform keeps, by type.
    pub components: components::Registry,
    /// Cancelled when the process is about to stop: it is not ready any more, and still answers.
    pub draining: CancellationToken,
    /// Cancelled when the process stops: streams end, workers stop taking on work.
    pub shutdown: CancellationToken,
    /// This process, in leases and logs.
    pub instance: String,
}

/// How long a caller is trusted for reads, counted from before it was loaded. With the time a
/// request takes this stays under the promised second.
const CALLER_TRUST: Duration = Duration::from_millis(800);

impl App {
    /// Something was changed here, by an operation or a job: what was drawn before may be wrong.
    pub fn changed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Begins a transaction. Whoever asks may be gone a moment later (a guest who hangs up, a worker that stops): what
    /// PostgreSQL was asked is waited for all the same. Given up halfway, the connection would go back to the pool inside
    /// a transaction that nobody knows of, and what is written on it next would be lost.
    ///
    /// # Errors
    /// PostgreSQL cannot be reached, or all connections are taken.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        let pool = self.pool.clone();
        #[expect(clippy::disallowed_methods, reason = "nobody gives it up here")]
        let begun = tokio::spawn(async move { pool.begin().await });
        begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    /// The platform's component of this type: `app.component::<Mailer>()`.
    pub fn component<T: components::Made>(&self) -> &T {
        self.components.get()
    }

    /// Connects. Nothing is migrated here.
    pub async fn connect(config: Config, options: PgConnectOptions, master_key: &[u8; 32]) -> Result<Arc<App>> {
        let pool = pool(&config, options.clone(), false).await?;
        let reader = pool_for_reads(&config, options).await?;
        let stale_reader = match &config.database_replica_url {
            Some(url) => pool_for_reads(&config, url.parse::<PgConnectOptions>()?).await?,
            None => reader.clone(),
        };
        let parts = Parts {
            pool,
            reader,
            stale_reader,
            keys: Keys::new(master_key),
            clock: Clock::default(),
            callers: Cache::builder().max_capacity(100_000).time_to_live(CALLER_TRUST).build(),
            known_keys: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3600)).build(),
            limiter: Limiter::new(config.rate_per_minute),
            commits: AtomicU64::new(0),
            per_key: PerKeyLimit::default(),
            storage: Storage::open(&config)?,
            outbound: SafeHttpClient::new(config.webhook_allow_private),
            components: components::Registry::make(&config)?,
            draining: CancellationToken::new(),
            shutdown: CancellationToken::new(),
            instance: format!("{}-{}", std::process::id(), &new_uuid().simple().to_string()[20..]),
            config,
        };
        Ok(Arc::new(App(Box::new(parts))))
    }
}

async fn pool_for_reads(config: &Config, options: PgConnectOptions) -> Result<PgPool> {
    pool(config, options.options([("default_transaction_read_only", "on")]), true).await
}

async fn pool(config: &Config, options: PgConnectOptions, lazy: bool) -> Result<PgPool> {
    let options = options
        .application_name("eventify")
        .options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ])
        // Whoever logs in becomes the app's role; on a private or well-kept database that is the login.
        .options([("role", APP_ROLE)]);
    let pool = PgPoolOptions::new()
        .max_connections(config.database_pool)
        .min_connections(if lazy { 0 } else { 1 })
        .acquire_timeout(Duration::from_secs(5))
        .idle_timeout(Duration::from_secs(300))
        .test_before_acquire(false);
    Ok(if lazy { pool.connect_lazy_with(options) } else { pool.connect_with(options).await? })
}
