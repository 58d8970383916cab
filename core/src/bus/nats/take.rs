//! From JetStream to Eventify: what other systems publish under `eventify.in.<type>`, by the same door as
//! `POST /bus/events`. A message is acknowledged once what it brings about is committed; one that is refused becomes a
//! dead letter that people see, and is not delivered again.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{AckKind, Message};
use futures::StreamExt;
use operation::{ArgumentNode, parse_arguments};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{Broker, INBOUND_PREFIX, Nats, backoff, fault};
use crate::bus::operations::BUS_EVENT_TAKE_META;
use crate::bus::{DeadLetter, DeadLetterId, ToldEvent, inbound, sql};
use crate::kernel::app::App;
use crate::kernel::context::RequestContext;
use crate::kernel::error::{Error, Result, invalid_input, malformed_json};

/// The name under which the broker knows what was taken in.
const CONSUMER: &str = "eventify";
/// After so long without an answer the broker gives a message to another process.
const PATIENCE: Duration = Duration::from_secs(30);
/// Messages that one process holds at a time.
const BATCH: usize = 32;
/// A broker that says nothing for two of these is asked again.
const PULSE: Duration = Duration::from_secs(5);
/// How often a message is tried that fails on our side, with growing pauses.
const ATTEMPTS: i64 = 10;
/// Characters that are kept of a message that cannot be taken in: all of it, unless the broker takes longer ones than it
/// does by itself.
const LONGEST: usize = 1024 * 1024;
/// Characters that say what is wrong with it.
const LONGEST_WHY: usize = 500;

/// Takes in until shutdown; any number of processes may.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    let Some(nats) = &app.component::<Broker>().0 else { return };
    let mut failures = 0;
    while !shutdown.is_cancelled() {
        tokio::select! {
            ended = read(&app, nats, &mut failures) => if let Err(error) = ended {
                tracing::warn!(?error, "could not take in events from NATS; trying again");
            },
            () = shutdown.cancelled() => return,
        }
        failures += 1;
        tokio::select! {
            () = tokio::time::sleep(backoff(failures)) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Takes in what comes until the connection is cut.
async fn read(app: &Arc<App>, nats: &Nats, failures: &mut u32) -> Result<()> {
    let stream = nats.inbound(nats.jetstream().await?).await?;
    let reads = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: PATIENCE,
        ..Default::default()
    };
    let consumer = stream.get_or_create_consumer(CONSUMER, reads).await.map_err(fault)?;
    let pulls = consumer.stream().max_messages_per_batch(BATCH).heartbeat(PULSE);
    let mut messages = pulls.messages().await.map_err(fault)?;
    while let Some(message) = messages.next().await {
        receive(app, &message.map_err(fault)?).await?;
        *failures = 0;
    }
    Ok(())
}

/// One message: taken in, put aside, or left for later.
async fn receive(app: &Arc<App>, message: &Message) -> Result<()> {
    let (at, delivered) = {
        let info = message.info().map_err(fault)?;
        (format!("{} {}", info.published.unix_timestamp_nanos(), info.stream_sequence), info.delivered)
    };
    let answer = match take(app, &message.subject, &message.payload).await {
        Ok(taken) => {
            tracing::debug!(subject = %message.subject, taken, "an event from elsewhere");
            AckKind::Ack
        }
        Err(error) if error.status() < 500 || delivered >= ATTEMPTS => {
            put_aside(app, message, &at, &error).await?;
            AckKind::Ack
        }
        Err(error) => {
            tracing::warn!(?error, subject = %message.subject, delivered, "an event from elsewhere has to wait");
            AckKind::Nak(Some(backoff(u32::try_from(delivered).unwrap_or(u32::MAX))))
        }
    };
    message.ack_with(answer).await.map_err(fault)
}

/// Takes in one event; false where nothing came of it. Whoever may publish at the broker answers for it.
async fn take(app: &Arc<App>, subject: &str, body: &[u8]) -> Result<bool> {
    let told = read_told(subject, body)?;
    RequestContext::system(app, &BUS_EVENT_TAKE_META).write(|tx| Box::pin(inbound::take(tx, told))).await
}

/// The event in a message, whose subject and `type` must say the same.
pub fn read_told(subject: &str, body: &[u8]) -> Result<ToldEvent> {
    #[derive(Deserialize)]
    struct Message {
        message: ToldEvent,
    }
    let value = operation::json(body).map_err(|error| malformed_json().detail(format!("Not JSON: {error}")))?;
    let node = ArgumentNode::Map(vec![("message".to_owned(), ArgumentNode::Json(value))]);
    let Message { message } = parse_arguments(node)?;
    match subject.strip_prefix(INBOUND_PREFIX) {
        Some(kind) if kind == message.kind.as_str() => Ok(message),
        _ => Err(invalid_input().field("type", format!("must be the one that the subject {subject} names"))),
    }
}

/// Keeps a message that cannot be taken in, for people to see.
async fn put_aside(app: &App, message: &Message, at: &str, error: &Error) -> Result<()> {
    let text = String::from_utf8_lossy(&message.payload).replace('\0', "\u{fffd}");
    let letter = DeadLetter {
        id: DeadLetterId::new(),
        subject: message.subject.to_string(),
        body: text.chars().take(LONGEST).collect(),
        error_code: error.code().to_owned(),
        error: why(error),
        received_at: app.clock.now(),
    };
    tracing::error!(subject = letter.subject, code = letter.error_code, "an event from elsewhere cannot be taken in");
    sql::dead_letter_insert(&mut *app.pool.acquire().await?, &letter, at).await
}

/// What is wrong, in one line.
fn why(error: &Error) -> String {
    let fields =
        error.field_errors().iter().flat_map(|(field, faults)| faults.iter().map(move |f| format!("{field} {f}")));
    let fields: Vec<_> = fields.collect();
    let why = if fields.is_empty() { error.message().to_owned() } else { fields.join("; ") };
    why.chars().take(LONGEST_WHY).collect()
}
