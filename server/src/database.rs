//! Which database, and its schema.

use std::path::Path;
use std::str::FromStr;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use eventify::kernel::app::APP_ROLE;
use eventify::kernel::config::Config;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use crate::private_postgres::{DATABASE, PrivatePostgres};

/// The migrations, inside the program. While another version takes the place of this one, its processes may have brought
/// the schema further already: those of this one start on it all the same.
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("../migrations");
    migrator.set_ignore_missing(true);
    migrator
});

/// A database to use, and the private server behind it if there is one.
pub struct Database {
    /// For the app: logs in as (or becomes) the app's role.
    pub app: PgConnectOptions,
    /// For migrations: the owner.
    owner: PgConnectOptions,
    private: Option<PrivatePostgres>,
}

impl Database {
    /// The configured database, or a private one under the data folder.
    pub async fn open(config: &Config) -> Result<Database> {
        if let Some(url) = &config.database_url {
            let app = options(url, "DATABASE_URL")?;
            let owner = match &config.database_migrate_url {
                Some(url) => options(url, "DATABASE_MIGRATE_URL")?,
                None => app.clone(),
            };
            return Ok(Database { app, owner, private: None });
        }
        let data = config.data.join("postgres");
        let private = tokio::task::spawn_blocking(move || PrivatePostgres::start(&data))
            .await?
            .context("the private PostgreSQL did not start; set DATABASE_URL to use another")?;
        let owner = options(&private.url(DATABASE), "the private PostgreSQL")?;
        // On the private server the app really logs in as its own role: no way back to the owner's.
        let app = owner.clone().username(APP_ROLE);
        Ok(Database { app, owner, private: Some(private) })
    }

    /// The same for a command that may run beside a server: it visits the server's private database
    /// instead of starting one.
    pub async fn visit(config: &Config) -> Result<Database> {
        if config.database_url.is_none() {
            let data = config.data.join("postgres");
            let running = tokio::task::spawn_blocking(move || PrivatePostgres::running(&data, DATABASE)).await??;
            if let Some(url) = running {
                let owner = options(&url, "the private PostgreSQL")?;
                return Ok(Database { app: owner.clone().username(APP_ROLE), owner, private: None });
            }
        }
        Self::open(config).await
    }

    /// Brings the schema up to date. Any number of processes may do so at once.
    pub async fn migrate(&self) -> Result<()> {
        let mut owner = self.owner.clone().connect().await.context("cannot connect to PostgreSQL")?;
        ensure_role(&mut owner).await?;
        MIGRATOR.run(&mut owner).await.context("a migration failed")?;
        owner.close().await?;
        Ok(())
    }

    /// A connection with the owner's rights.
    pub async fn owner(&self) -> Result<PgConnection> {
        Ok(self.owner.clone().connect().await?)
    }

    /// Stops the private server, if there is one.
    pub async fn stop(self) {
        if let Some(private) = self.private {
            let stopped = tokio::task::spawn_blocking(move || private.stop()).await;
            if let Ok(Err(error)) = stopped {
                tracing::warn!(%error, "the private PostgreSQL did not stop cleanly");
            }
        }
    }
}

fn options(url: &str, name: &str) -> Result<PgConnectOptions> {
    PgConnectOptions::from_str(url).with_context(|| format!("{name} is not a PostgreSQL address"))
}

/// Roles belong to the whole cluster: two databases may be migrated at the same moment.
pub async fn ensure_role(owner: &mut PgConnection) -> Result<()> {
    let made = sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "do $$ begin
             if not exists (select 1 from pg_roles where rolname = '{APP_ROLE}') then
                 create role {APP_ROLE} login;
             end if;
             if not pg_has_role(current_user, '{APP_ROLE}', 'member') then
                 execute format('grant {APP_ROLE} to %I', current_user);
             end if;
         exception when duplicate_object or unique_violation then null;
         end $$"
    )))
    .execute(owner)
    .await;
    made.with_context(|| {
        format!("cannot make the role {APP_ROLE}; make it by hand, or give DATABASE_MIGRATE_URL an owner that may")
    })?;
    Ok(())
}

/// The server's key: from the settings, or made once in the data folder.
pub fn master_key(config: &Config) -> Result<[u8; 32]> {
    let wrong = "the server's key must be 32 bytes in hex (64 digits)";
    if let Some(text) = &config.secret_key {
        let bytes = hex::decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        return bytes.with_context(|| format!("EVENTIFY_SECRET_KEY: {wrong}"));
    }
    let path = config.data.join("secret.key");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let bytes = hex::decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
            bytes.with_context(|| format!("{}: {wrong}", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(&path),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn make_key(path: &Path) -> Result<[u8; 32]> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let key = eventify::kernel::clock::random_bytes::<32>();
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(hex::encode(key).as_bytes())?;
    file.sync_all()?;
    Ok(key)
}
