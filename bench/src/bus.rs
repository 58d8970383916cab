//! Events from the commit that they speak of to whoever listens: by LISTEN/NOTIFY to the event stream, and by NATS
//! JetStream to a consumer there.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::{self, stream};
use eventify::bus::nats::STREAM;
use eventify::kernel::clock::new_uuid;
use futures::StreamExt;
use serde_json::Value;
use sqlx::types::Uuid;

use crate::subject::Subject;
use crate::{Row, floor, per_second, ratio, row};

/// Who writes at once.
const WRITERS: usize = 8;
/// How long everything may take to arrive once nothing is written any more.
const PATIENCE: Duration = Duration::from_secs(60);
/// Messages that are sent to NATS before the first is acknowledged, as when events are forwarded.
const UNDER_WAY: usize = 256;

const WRITE: &str = "insert into outbox_events (id, aggregate_type, aggregate_id, type, payload, request_id)
    values ($1, 'bench', $2, 'bench.happened', '{\"what\": \"a thing of the usual length happened\"}', 'bench')";

/// When each event was committed, by its id.
type Committed = Arc<Mutex<HashMap<Uuid, Instant>>>;

/// All figures of the bus.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    eprintln!("writing events alone");
    let script = WRITE.replace("$1", "gen_random_uuid()").replace("$2", "(:client_id)::text");
    let writes = floor::pgbench(subject, &format!("{script};\n").replace("\n    ", " "), WRITERS, time).await?;
    eprintln!("hearing events by LISTEN/NOTIFY");
    let notified = by_stream(subject, time).await?;
    let nats = Nats::start()?;
    eprintln!("sending to NATS alone");
    let sends = nats.alone(time).await?;
    eprintln!("hearing events by NATS");
    let (_second, _) = subject.second_with(&[("NATS_URL", &nats.url)]).await?;
    let forwarded = by_nats(subject, &nats, time).await?;
    let inserts = "floor: the same inserts through pgbench";
    Ok(vec![
        row(
            format!("events from commit to the event stream, LISTEN/NOTIFY, {WRITERS} writers"),
            notified.text(),
            per_second(writes),
            format!("{inserts}; {}", ratio(notified.rate, writes)),
        ),
        row(
            format!("events from commit to a consumer of NATS JetStream, {WRITERS} writers"),
            forwarded.text(),
            per_second(writes),
            format!("{inserts}; {}", ratio(forwarded.rate, writes)),
        ),
        row(
            "the same, beside NATS alone",
            per_second(forwarded.rate),
            per_second(sends),
            format!("floor: messages of that size, {UNDER_WAY} under way; {}", ratio(forwarded.rate, sends)),
        ),
    ])
}

/// What was heard: how many a second, from the first commit to the last arrival, and how late each.
struct Heard {
    rate: f64,
    late: Vec<Duration>,
}

impl Heard {
    fn text(&self) -> String {
        let at =
            |share: f64| self.late.get(((self.late.len() as f64 - 1.0) * share) as usize).copied().unwrap_or_default();
        let ms = |share| at(share).as_secs_f64() * 1000.0;
        format!("{:.0}/s, p50 {:.0} ms, p99 {:.0} ms", self.rate, ms(0.5), ms(0.99))
    }
}

/// Writes for a while, and waits until `arrivals` has told of every id that was written.
async fn measure(
    subject: &Subject,
    time: Duration,
    mut arrivals: impl futures::Stream<Item = Result<Uuid>> + Unpin,
) -> Result<Heard> {
    let committed = Committed::default();
    let begun = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (pool, committed) = (subject.owner.clone(), committed.clone());
            tokio::spawn(async move {
                while begun.elapsed() < time {
                    let id = new_uuid();
                    // Known before it can be heard of; the time that counts is that of the commit.
                    let note = || committed.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Instant::now());
                    note();
                    sqlx::query(WRITE).bind(id).bind(writer.to_string()).execute(&pool).await?;
                    note();
                }
                Ok::<_, sqlx::Error>(())
            })
        })
        .collect();
    let mut heard: HashMap<Uuid, Instant> = HashMap::new();
    let written = async {
        for writer in writers {
            writer.await??;
        }
        anyhow::Ok(committed.lock().unwrap_or_else(PoisonError::into_inner).len())
    };
    tokio::pin!(written);
    let mut wanted = None;
    let deadline = tokio::time::Instant::now() + time + PATIENCE;
    while wanted.is_none_or(|wanted| heard.len() < wanted) {
        tokio::select! {
            count = &mut written, if wanted.is_none() => wanted = Some(count?),
            arrived = arrivals.next() => {
                heard.insert(arrived.context("the listener is alive")??, Instant::now());
            }
            () = tokio::time::sleep_until(deadline) => bail!("only {} events arrived", heard.len()),
        }
    }
    let last = heard.values().max().copied().unwrap_or(begun);
    let committed = committed.lock().unwrap_or_else(PoisonError::into_inner);
    let late = |(id, at): (&Uuid, &Instant)| Some(at.saturating_duration_since(*committed.get(id)?));
    let mut late: Vec<_> = heard.iter().filter_map(late).collect();
    late.sort_unstable();
    Ok(Heard { rate: heard.len() as f64 / (last - begun).as_secs_f64(), late })
}

/// By the event stream of the server, as browsers and programs hear it.
async fn by_stream(subject: &Subject, time: Duration) -> Result<Heard> {
    let response = subject.get("/api/v1/bus/stream?types=bench.*").send().await?.error_for_status()?;
    let mut chunks = Box::pin(response.bytes_stream());
    // It has said hello: from here on it hears everything.
    chunks.next().await.context("the stream says hello")??;
    let mut rest = Vec::new();
    let arrivals = chunks.flat_map(move |chunk| {
        let told = chunk.map_err(anyhow::Error::from).map(|chunk| {
            rest.extend_from_slice(&chunk);
            let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let lines: Vec<u8> = rest.drain(..whole).collect();
            String::from_utf8_lossy(&lines).lines().filter_map(named).collect::<Vec<_>>()
        });
        let ids: Vec<Result<Uuid>> = match told {
            Ok(ids) => ids.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        futures::stream::iter(ids)
    });
    measure(subject, time, Box::pin(arrivals)).await
}

/// The event that a line of the stream holds.
fn named(line: &str) -> Option<Uuid> {
    let event: Value = serde_json::from_str(line.strip_prefix("data:")?).ok()?;
    event["id"].as_str()?.parse().ok()
}

/// By a consumer of JetStream, to which a second process of the server forwards.
async fn by_nats(subject: &Subject, nats: &Nats, time: Duration) -> Result<Heard> {
    let forwards = "select count(*) from bus_consumers where name = 'nats' and failures = 0";
    let deadline = Instant::now() + PATIENCE;
    let context = nats.context().await?;
    let stream = loop {
        let ready: i64 = sqlx::query_scalar(forwards).fetch_one(&subject.owner).await?;
        match context.get_stream(STREAM).await {
            Ok(stream) if ready == 1 => break stream,
            _ => ensure!(Instant::now() < deadline, "nothing is forwarded to NATS"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let from = pull::OrderedConfig { deliver_policy: DeliverPolicy::New, ..Default::default() };
    let messages = stream.create_consumer(from).await?.messages().await?;
    let arrivals = messages.filter_map(|message| async move {
        let message = match message {
            Ok(message) if message.subject.as_str() == "eventify.bench.happened" => message,
            Ok(_) => return None,
            Err(error) => return Some(Err(error.into())),
        };
        let id = message.headers.as_ref()?.get(async_nats::header::NATS_MESSAGE_ID)?.as_str().parse();
        Some(id.map_err(anyhow::Error::from))
    });
    measure(subject, time, Box::pin(arrivals)).await
}

/// A NATS server of the bench's own.
struct Nats {
    url: String,
    folder: PathBuf,
    child: Child,
}

impl Nats {
    fn start() -> Result<Nats> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("eventify-bench-nats-{}", std::process::id()));
        // Debian puts it where only root's PATH leads.
        let found = ["nats-server", "/usr/sbin/nats-server"].into_iter().find_map(|program| {
            let mut command = Command::new(program);
            command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]).arg(&folder);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
        });
        let child = found.context("nats-server is missing: bin/setup test")?;
        Ok(Nats { url: format!("nats://127.0.0.1:{port}"), folder, child })
    }

    async fn context(&self) -> Result<jetstream::Context> {
        let client = async_nats::ConnectOptions::new().retry_on_initial_connect().connect(&self.url).await?;
        client.flush().await?;
        Ok(jetstream::new(client))
    }

    /// Messages a second that it stores, of the size of an event.
    async fn alone(&self, time: Duration) -> Result<f64> {
        let context = self.context().await?;
        let made = stream::Config { name: "BENCH".into(), subjects: vec!["bench.>".into()], ..Default::default() };
        context.create_stream(made).await?;
        let (begun, mut sent) = (Instant::now(), 0_u32);
        while begun.elapsed() < time {
            let mut acks = Vec::with_capacity(UNDER_WAY);
            for _ in 0..UNDER_WAY {
                let message = jetstream::message::PublishMessage::build()
                    .payload(vec![b'x'; 300].into())
                    .message_id(new_uuid().to_string());
                acks.push(context.send_publish("bench.happened", message).await?);
            }
            for ack in acks {
                ack.await?;
                sent += 1;
            }
        }
        Ok(f64::from(sent) / begun.elapsed().as_secs_f64())
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
