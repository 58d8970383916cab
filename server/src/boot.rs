//! From settings to a running core: database, schema, catalogue, keys.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use eventify::access::{keys, start};
use eventify::kernel::app::App;
use eventify::kernel::areas;
use eventify::kernel::config::Config;
use eventify::kernel::permissions::SUPER_ADMIN;

use crate::command::CreateAdminArgs;
use crate::database::{Database, master_key};

/// A core that is ready to serve.
pub struct Server {
    /// The process's core.
    pub app: Arc<App>,
    database: Database,
}

impl Server {
    /// Closes connections and the private database.
    pub async fn stop(self) {
        self.app.pool.close().await;
        self.app.reader.close().await;
        self.app.stale_reader.close().await;
        self.database.stop().await;
    }
}

/// Opens the database, migrates it and prepares what must stand in it.
pub async fn start(config: Config) -> Result<Server> {
    let database = Database::open(&config).await?;
    start_on(config, database).await
}

/// The same beside a server that may be running on the same private database.
pub async fn visit(config: Config) -> Result<Server> {
    let database = Database::visit(&config).await?;
    start_on(config, database).await
}

async fn start_on(config: Config, database: Database) -> Result<Server> {
    let key = master_key(&config)?;
    database.migrate().await?;
    let app = App::connect(config, database.app.clone(), &key).await.map_err(describe)?;
    start::mirror_catalogue(&app).await.map_err(describe)?;
    keys::ensure(&app).await.map_err(describe)?;
    Ok(Server { app, database })
}

/// Operation errors keep their detail for the log; at the command line it must be seen.
pub fn describe(error: eventify::Error) -> anyhow::Error {
    match error.internal_detail() {
        Some(detail) => anyhow::anyhow!("{}: {detail}", error.message()),
        None => anyhow::anyhow!("{}", error.message()),
    }
}

/// `eventify migrate`.
pub async fn migrate_only(config: Config) -> Result<()> {
    let database = Database::visit(&config).await?;
    let done = database.migrate().await;
    database.stop().await;
    done
}

/// `eventify create-admin`.
pub async fn create_admin(args: CreateAdminArgs) -> Result<()> {
    let server = visit(args.config).await?;
    let app = &server.app;
    let mut tx = app.begin().await?;
    let now = app.clock.now();
    start::make_account(&mut tx, &args.email, &args.name, &args.password, SUPER_ADMIN, now).await.map_err(describe)?;
    tx.commit().await?;
    println!("{} can sign in now.", args.email);
    server.stop().await;
    Ok(())
}

/// `eventify seed-demo`.
pub async fn seed_demo(app: &Arc<App>) -> Result<()> {
    areas::seed_demo(app).await.map_err(describe)
}

/// `eventify verify-audit`.
pub async fn verify_audit(config: Config) -> Result<ExitCode> {
    let database = Database::visit(&config).await?;
    let mut owner = database.owner().await.context("cannot connect to PostgreSQL")?;
    let now = eventify::kernel::clock::Clock::default().now();
    let verdict = eventify::audit::verify::verify(&mut owner, now).await.map_err(describe)?;
    println!(
        "{} blocks, {} rows, {} not sealed yet, {} values erased.",
        verdict.blocks, verdict.rows, verdict.unsealed, verdict.erased
    );
    match &verdict.broken {
        None => println!("The audit chain is whole. Head: {}", verdict.head.as_deref().unwrap_or("none yet")),
        Some(broken) => {
            println!("The audit chain is BROKEN: {broken}");
            verdict.besides.iter().for_each(|broken| println!("  and {broken}"));
        }
    }
    drop(owner);
    database.stop().await;
    Ok(if verdict.broken.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `eventify verify-ledger`.
pub async fn verify_ledger(config: Config) -> Result<ExitCode> {
    let database = Database::visit(&config).await?;
    let mut owner = database.owner().await.context("cannot connect to PostgreSQL")?;
    let broken = eventify::finance::verify::violations(&mut owner).await.map_err(describe)?;
    for broken in &broken {
        println!("{broken}");
    }
    if broken.is_empty() {
        println!("The books add up.");
    }
    drop(owner);
    database.stop().await;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `eventify verify-checkins`.
pub async fn verify_checkins(config: Config) -> Result<ExitCode> {
    let database = Database::visit(&config).await?;
    let mut owner = database.owner().await.context("cannot connect to PostgreSQL")?;
    let broken = eventify::gate::verify::violations(&mut owner).await.map_err(describe)?;
    for broken in &broken {
        println!("{broken}");
    }
    if broken.is_empty() {
        println!("The check-ins add up.");
    }
    drop(owner);
    database.stop().await;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `eventify verify-seats`.
pub async fn verify_seats(config: Config) -> Result<ExitCode> {
    let database = Database::visit(&config).await?;
    let mut owner = database.owner().await.context("cannot connect to PostgreSQL")?;
    let now = eventify::kernel::clock::Clock::default().now();
    let broken = eventify::tickets::verify::violations(&mut owner, None, now).await.map_err(describe)?;
    for broken in &broken {
        println!("Event {}: {}", broken.event_id, broken.what);
    }
    if broken.is_empty() {
        println!("The seats of every event add up.");
    }
    drop(owner);
    database.stop().await;
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
