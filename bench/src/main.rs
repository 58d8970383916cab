//! Figures beside their floor, from one run on one machine. Nothing is asserted: look, and compare.
//!
//! The real server runs as a child process on a private PostgreSQL with `fsync` on. The floor of an
//! operation is the very statements it sends, through pgbench with prepared statements.

mod bus;
mod checkout;
mod events;
mod fixtures;
mod floor;
mod gate;
mod hot;
mod load;
mod money;
mod notify;
mod partners;
mod plan;
mod queues;
mod rush;
mod site;
mod subject;

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};

/// Prints the performance table.
#[derive(Parser)]
struct Arguments {
    /// Seconds for each figure.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The optimised site, for the size of the first load.
    #[arg(long, default_value = "dist/site")]
    site: std::path::PathBuf,
    /// Measures nothing: sells a thousand seats, kills the server and PostgreSQL meanwhile, and looks at what is left.
    #[arg(long)]
    rush: bool,
    /// These parts alone; may be said more than once.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Measures nothing: so many tickets, each scanned 64 times at once over two server processes.
    #[arg(long, value_name = "TICKETS")]
    hot: Option<usize>,
}

/// What can be measured alone.
#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// Accounts and the Team page.
    Team,
    Partners,
    Events,
    Gate,
    Plan,
    /// Checkouts, the ledger, the dashboard.
    Money,
    /// Takes nats-server.
    Bus,
    Notify,
    /// Codes beside an endpoint that hangs.
    Queues,
}

impl Part {
    async fn figures(self, subject: &subject::Subject, time: Duration) -> Result<Vec<Row>> {
        match self {
            Part::Team => team(subject, time).await,
            Part::Partners => partners::figures(subject, time).await,
            Part::Events => events::figures(subject, time).await,
            Part::Gate => gate::figures(subject, time).await,
            Part::Plan => plan::figures(subject, time).await,
            Part::Money => money::figures(subject, time).await,
            Part::Bus => bus::figures(subject, time).await,
            Part::Notify => notify::figures(subject, time).await,
            Part::Queues => queues::figures(subject, time).await,
        }
    }
}

/// One row of the table.
struct Row {
    what: String,
    ours: String,
    floor: String,
    note: String,
}

fn row(what: impl Into<String>, ours: impl Into<String>, floor: impl Into<String>, note: impl Into<String>) -> Row {
    Row { what: what.into(), ours: ours.into(), floor: floor.into(), note: note.into() }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.rush {
        return rush::run().await;
    }
    if let Some(tickets) = arguments.hot {
        return hot::run(tickets).await;
    }
    let time = Duration::from_secs(arguments.seconds);
    let mut rows = Vec::new();
    let subject = subject::Subject::start().await?;
    for part in &arguments.only {
        rows.extend(part.figures(&subject, time).await?);
    }
    if !arguments.only.is_empty() {
        print(&rows);
        return Ok(());
    }
    rows.push(memory(&subject, "at rest").await);
    for part in Part::value_variants() {
        rows.extend(part.figures(&subject, time).await?);
    }
    eprintln!("signing in");
    rows.push(logins(&subject, time).await?);
    rows.push(memory(&subject, "after all that").await);
    eprintln!("starting");
    let (started, postgres) = subject.restart().await?;
    rows.push(row("start to first answer, second start", ms(started), ms(postgres), "floor: PostgreSQL alone"));
    rows.extend(site::first_load(&arguments.site));
    print(&rows);
    Ok(())
}

async fn team(subject: &subject::Subject, time: Duration) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for connections in [1, 32] {
        eprintln!("reading with {connections} connections");
        rows.push(reads(subject, connections, time).await?);
    }
    for connections in [1, 32] {
        eprintln!("writing with {connections} connections");
        rows.push(writes(subject, connections, time).await?);
    }
    eprintln!("rendering the Team page");
    rows.extend(pages(subject, time).await?);
    Ok(rows)
}

async fn memory(subject: &subject::Subject, when: &str) -> Row {
    tokio::time::sleep(Duration::from_secs(5)).await;
    let rss = subject.memory().map_or("unknown".to_owned(), |kib| format!("{} MiB", kib / 1024));
    row(format!("memory {when}, without PostgreSQL"), rss, "", "aim: below 60 MB at rest")
}

async fn reads(subject: &subject::Subject, connections: usize, time: Duration) -> Result<Row> {
    let path = format!("/api/v1/admin/users/{}", subject.accounts[0]);
    let ours = load::run(connections, time, |_| {
        let call = subject.get(&path);
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let floor = floor::pgbench(subject, &floor::read(subject), connections, time).await?;
    Ok(row(
        format!("GET /admin/users/{{id}}, {connections} connections"),
        ours.text(),
        per_second(floor),
        ratio(ours.rate, floor),
    ))
}

async fn writes(subject: &subject::Subject, connections: usize, time: Duration) -> Result<Row> {
    let ours = load::run(connections, time, |worker| {
        let id = subject.accounts[worker].clone();
        let version = subject.versions[worker].clone();
        async move {
            let now = version.load(std::sync::atomic::Ordering::Relaxed);
            let body = serde_json::json!({ "full_name": format!("Name {now}"), "version": now });
            let call = subject.send(reqwest::Method::PATCH, &format!("/api/v1/admin/users/{id}")).json(&body);
            load::ok(call.send().await?).await?;
            version.store(now + 1, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        }
    })
    .await?;
    let floor = floor::pgbench(subject, &floor::write(subject), connections, time).await?;
    Ok(row(
        format!("PATCH /admin/users/{{id}}, audited, {connections} connections"),
        ours.text(),
        per_second(floor),
        ratio(ours.rate, floor),
    ))
}

async fn pages(subject: &subject::Subject, time: Duration) -> Result<Vec<Row>> {
    let size = subject.page("/team").send().await?.error_for_status()?.bytes().await?.len();
    let ours = load::run(8, time, |_| {
        let call = subject.page("/team");
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let bare = floor::BarePage::start(subject, floor::team()).await?;
    let floor = load::run(8, time, |_| {
        let call = subject.http.get(&bare.url);
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    Ok(vec![
        row("Team page, server-rendered, 8 connections", ours.text(), floor.text(), ratio(ours.rate, floor.rate)),
        row("Team page, 50 rows, HTML before compression", format!("{} KB", size / 1000), "", ""),
    ])
}

async fn logins(subject: &subject::Subject, time: Duration) -> Result<Row> {
    let ours = load::run(2, time, |_| {
        let call = subject.login();
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let floor = floor::hashing(2, time).await?;
    Ok(row(
        "sign-in, 2 at a time",
        ours.text(),
        per_second(floor),
        format!("floor: Argon2id alone; {}", ratio(ours.rate, floor)),
    ))
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}
fn per_second(rate: f64) -> String {
    format!("{rate:.0}/s")
}
fn ratio(ours: f64, floor: f64) -> String {
    if floor > 0.0 { format!("{:.0} % of the floor", ours / floor * 100.0) } else { String::new() }
}

fn print(rows: &[Row]) {
    println!("\n| what | Eventify | floor | |\n|---|---|---|---|");
    for Row { what, ours, floor, note } in rows {
        println!("| {what} | {ours} | {floor} | {note} |");
    }
}
