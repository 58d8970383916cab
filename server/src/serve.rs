//! The running server: listener, background work, and a calm end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use eventify::kernel::app::App;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::boot::{self, Server};
use crate::command::{ServeArgs, WorkerArgs};
use crate::listen::{self, Limits};
use crate::web;

/// How long requests and jobs under way may take to finish after SIGTERM.
const DRAIN: Duration = Duration::from_secs(25);

/// `eventify serve`.
pub async fn serve(args: ServeArgs) -> Result<()> {
    // First of all, so that a port in use stops the start before anything was touched.
    let address = args.config.listen;
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} (EVENTIFY_LISTEN)"))?;
    let mut config = args.config;
    if args.demo {
        // No bank has this account.
        config.payout_account.get_or_insert_with(|| "50100000000001".to_owned());
        config.payout_bank.get_or_insert_with(|| "HDFC0000001".to_owned());
    }
    let server = boot::start(config).await?;
    if args.demo {
        boot::seed_demo(&server.app).await?;
    }
    greet(&server, args.demo).await?;
    let shutdown = server.app.shutdown.clone();
    let background = background(&server.app, !args.no_worker);
    let router = web::router(server.app.clone())?;
    let http = tokio::spawn(listen::serve(listener, router, Limits::of(&server.app), shutdown.clone()));
    let signal = wait_for_signal().await;
    server.app.draining.cancel();
    let grace = Duration::from_secs(server.app.config.drain_seconds);
    if signal == Signal::Terminate && !grace.is_zero() {
        tracing::info!(seconds = grace.as_secs(), "not ready any more; still answering");
        tokio::select! {
            () = tokio::time::sleep(grace) => {}
            _ = wait_for_signal() => {}
        }
    }
    tracing::info!("stopping: finishing what is under way");
    shutdown.cancel();
    let _ = tokio::time::timeout(DRAIN, async {
        let _ = http.await;
        background.join_all().await;
    })
    .await;
    server.stop().await;
    Ok(())
}

/// `eventify worker`.
pub async fn worker(args: WorkerArgs) -> Result<()> {
    let server = boot::start(args.config).await?;
    let shutdown = server.app.shutdown.clone();
    let background = background(&server.app, true);
    wait_for_signal().await;
    shutdown.cancel();
    let _ = tokio::time::timeout(DRAIN, background.join_all()).await;
    server.stop().await;
    Ok(())
}

/// What runs beside the requests. Each finds its leader or its share in the database, so any number
/// of processes may run all of it.
pub fn background(app: &Arc<App>, work: bool) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let shutdown = &app.shutdown;
    tasks.spawn(eventify::bus::listener::run(app.clone(), shutdown.clone()));
    tasks.spawn(crate::memory::run(shutdown.clone()));
    if work {
        tasks.spawn(eventify::bus::relay::run(app.clone(), shutdown.clone()));
        tasks.spawn(eventify::bus::consumers::run(app.clone(), shutdown.clone()));
        tasks.spawn(eventify::bus::nats::forward::run(app.clone(), shutdown.clone()));
        tasks.spawn(eventify::bus::nats::take::run(app.clone(), shutdown.clone()));
        tasks.spawn(eventify::audit::sealer::run(app.clone(), shutdown.clone()));
        tasks.spawn(eventify::ops::worker::run(app.clone(), shutdown.clone()));
        tasks.spawn(eventify::gate::tally::run(app.clone(), shutdown.clone()));
    }
    tasks
}

async fn greet(server: &Server, demo: bool) -> Result<()> {
    let address = server.app.config.base_url();
    println!("\n  Eventify is at {address}");
    if demo {
        println!("{}", eventify::access::demo::logins());
        println!("  An end user's phone: {}", eventify::people::demo::phone());
    } else if eventify::access::start::is_empty(&server.app).await.map_err(boot::describe)? {
        println!("  Nobody can sign in yet: make a Super Admin with `eventify create-admin --email … --name …`.");
    }
    println!("  API: {address}/api/docs\n");
    Ok(())
}

/// What ends a process.
#[derive(PartialEq, Eq)]
enum Signal {
    /// Somebody at a keyboard.
    Interrupt,
    /// Whoever runs it, with a balancer before it.
    Terminate,
}

async fn wait_for_signal() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return Signal::Interrupt;
    };
    tokio::select! {
        _ = terminate.recv() => Signal::Terminate,
        _ = tokio::signal::ctrl_c() => Signal::Interrupt,
    }
}
