//! The command line.

use std::io::IsTerminal;
use std::process::ExitCode;

use app::pages::{PAGES, PUBLIC_PAGES};
use clap::{Args, Parser};
use eventify::kernel::config::Config;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::{Email, NewPassword, PersonName};
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;

use crate::{boot, serve};

/// Eventify: the software that people who run events trust on the night.
#[derive(Parser)]
#[command(version, about)]
pub enum Command {
    /// Serve the Command Center and the API, and do the background work.
    Serve(ServeArgs),
    /// Only do background work: more hands on other machines.
    Worker(WorkerArgs),
    /// Bring the database's schema up to date and leave.
    Migrate(ConfigArgs),
    /// Fill an empty database with a believable organisation.
    SeedDemo(ConfigArgs),
    /// Make a Super Admin; the password is read from EVENTIFY_PASSWORD.
    CreateAdmin(CreateAdminArgs),
    /// Check the whole audit chain; names the first broken row.
    VerifyAudit(ConfigArgs),
    /// Check that the seats of every event add up; names what does not.
    VerifySeats(ConfigArgs),
    /// Check that the ledger adds up, and every figure of it; names what does not.
    VerifyLedger(ConfigArgs),
    /// Check that check-ins and tickets agree, and every figure of the gates; names what does not.
    VerifyCheckins(ConfigArgs),
    /// Print the OpenAPI document.
    Openapi,
    /// Print every page of the Command Center, for tests.
    Pages,
}

/// Settings alone.
#[derive(Args)]
pub struct ConfigArgs {
    #[command(flatten)]
    pub config: Config,
}

/// Settings of `serve`.
#[derive(Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub config: Config,
    /// Fill an empty database with demo data first, and print how to sign in.
    #[arg(long)]
    pub demo: bool,
    /// Leave the background work to `eventify worker`.
    #[arg(long)]
    pub no_worker: bool,
}

/// Settings of `worker`.
#[derive(Args)]
pub struct WorkerArgs {
    #[command(flatten)]
    pub config: Config,
}

/// Who the first Super Admin is.
#[derive(Args)]
pub struct CreateAdminArgs {
    #[command(flatten)]
    pub config: Config,
    /// Email to sign in with.
    #[arg(long, value_parser = Email::parse)]
    pub email: Email,
    /// Display name.
    #[arg(long, value_parser = PersonName::parse)]
    pub name: PersonName,
    /// At least 12 characters.
    #[arg(long, env = "EVENTIFY_PASSWORD", hide_env_values = true, value_parser = NewPassword::parse)]
    pub password: NewPassword,
}

impl Command {
    /// Runs it; the exit code is 1 where a check found something.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let printed = match self {
            Command::Openapi => Some(eventify::kernel::openapi::document()),
            Command::Pages => Some(pages()),
            _ => None,
        };
        if let Some(printed) = printed {
            println!("{}", serde_json::to_string_pretty(&printed)?);
            return Ok(ExitCode::SUCCESS);
        }
        start_logging();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async move {
            match self {
                Command::Serve(args) => serve::serve(args).await.map(|()| ExitCode::SUCCESS),
                Command::Worker(args) => serve::worker(args).await.map(|()| ExitCode::SUCCESS),
                Command::Migrate(args) => boot::migrate_only(args.config).await.map(|()| ExitCode::SUCCESS),
                Command::SeedDemo(args) => {
                    let server = boot::visit(args.config).await?;
                    boot::seed_demo(&server.app).await?;
                    server.stop().await;
                    Ok(ExitCode::SUCCESS)
                }
                Command::CreateAdmin(args) => boot::create_admin(args).await.map(|()| ExitCode::SUCCESS),
                Command::VerifyAudit(args) => boot::verify_audit(args.config).await,
                Command::VerifySeats(args) => boot::verify_seats(args.config).await,
                Command::VerifyLedger(args) => boot::verify_ledger(args.config).await,
                Command::VerifyCheckins(args) => boot::verify_checkins(args.config).await,
                Command::Openapi | Command::Pages => Ok(ExitCode::SUCCESS),
            }
        })
    }
}

/// The pages, with what it takes to see each.
fn pages() -> Value {
    let public = PUBLIC_PAGES.iter().map(|path| json!({ "path": path, "public": true }));
    let others = PAGES.iter().map(|page| {
        let permission = page.permission.map(Permission::code);
        json!({ "path": page.path, "public": false, "title": page.title, "permission": permission })
    });
    public.chain(others).collect()
}

/// Lines for people at a terminal, JSON for machines; `RUST_LOG` chooses how much.
fn start_logging() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx::postgres::notice=warn,leptos=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.with_target(false).compact().init();
    } else {
        builder.json().init();
    }
}
