//! From the outbox to JetStream: every event once, in the order in which it was published.
//!
//! Each message says which one it must follow (`Nats-Expected-Last-Sequence`), so nothing is stored past one that was
//! lost, whatever was sent meanwhile and whoever sends it a second time. After a failure the stream's own last message
//! tells how far it is: an event whose acknowledgement was lost is not sent again, and one that the broker acknowledged
//! and lost is. The place in the published order moves once the stream has acknowledged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use futures::future::BoxFuture;
use sqlx::PgConnection;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Broker, Nats, PREFIX, STREAM, backoff, covering, fault};
use crate::bus::{Published, sql};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result};
use crate::kernel::leader::{self, LeaderTask};
use crate::kernel::locks::AdvisoryLock;

/// Its name among the consumers of the bus.
pub const NAME: &str = "nats";

/// Events that are sent before the first is acknowledged.
const BATCH: i64 = 256;

const LEADER_TASK: LeaderTask = LeaderTask {
    name: "bus to NATS",
    lock: AdvisoryLock::Nats,
    shortest_wait: Duration::from_millis(10),
    longest_wait: Duration::from_millis(200),
    step,
};

/// Forwards until shutdown; the caller spawns it once in every process.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    if app.component::<Broker>().0.is_some() {
        leader::run(app, LEADER_TASK, shutdown).await;
    }
}

/// Where the stream stands.
#[derive(Default)]
pub(super) struct Sender {
    /// Known after it was looked at; a failure forgets it.
    at: Option<Place>,
    failures: u32,
    not_before: Option<Instant>,
}

struct Place {
    /// Sequence of the stream's last message.
    last: u64,
    /// What the stream takes.
    subjects: BTreeSet<String>,
}

fn step<'a>(app: &'a Arc<App>, db: &'a mut PgConnection) -> BoxFuture<'a, Result<usize>> {
    Box::pin(async move {
        let Some(nats) = &app.component::<Broker>().0 else { return Ok(0) };
        let mut sender = nats.sender.lock().await;
        if sender.not_before.is_some_and(|moment| moment > Instant::now()) {
            return Ok(0);
        }
        let Some((from, failing)) = sql::consumer_standing(db, NAME).await? else {
            sql::consumer_ensure(db, NAME).await?;
            return Ok(0);
        };
        let Round { position, failure } = sender.round(nats, db, from).await?;
        if position != from || failing && failure.is_none() {
            sql::consumer_move(db, NAME, position).await?;
        }
        match failure {
            None => (sender.failures, sender.not_before) = (0, None),
            Some(error) => {
                let why = error.internal_detail().unwrap_or(error.message()).to_owned();
                tracing::warn!(why, "NATS does not take events; they wait");
                sql::consumer_failed(db, NAME, position, &why, app.clock.now()).await?;
                sender.failures = sender.failures.saturating_add(1);
                sender.not_before = Some(Instant::now() + backoff(sender.failures));
            }
        }
        Ok(usize::try_from(position - from).unwrap_or_default())
    })
}

/// What came of one round.
struct Round {
    /// Up to which published sequence the stream has everything.
    position: i64,
    failure: Option<Error>,
}

impl Sender {
    /// Sends what was published after `from`, up to a batch. Only the database ends it with an error.
    async fn round(&mut self, nats: &Nats, db: &mut PgConnection, from: i64) -> Result<Round> {
        let mut position = from;
        let context = match nats.jetstream().await {
            Ok(context) => context,
            Err(error) => return Ok(self.failed(position, error)),
        };
        if self.at.is_none() {
            let stream = match nats.outbound(context, std::iter::empty()).await {
                Ok(stream) => stream,
                Err(error) => return Ok(self.failed(position, error)),
            };
            match last_event(&stream).await {
                Ok(Some(id)) => position = sql::published_seq(db, id).await?.unwrap_or(position),
                Ok(None) => {}
                Err(error) => return Ok(self.failed(position, error)),
            }
            self.at = Some(Place::of(&stream));
        }
        let events = sql::published_after(db, position, BATCH).await?;
        let failure = self.send(nats, context, &events, &mut position).await.err();
        Ok(match failure {
            None => Round { position, failure: None },
            Some(error) => self.failed(position, error),
        })
    }

    /// Sends the events; `position` is the last one that was acknowledged.
    async fn send(&mut self, nats: &Nats, context: &Context, events: &[Published], position: &mut i64) -> Result<()> {
        let Some(place) = &mut self.at else { return Ok(()) };
        if events.iter().any(|event| !place.subjects.contains(&covering(&event.kind))) {
            let kinds = events.iter().map(|event| event.kind.as_str());
            place.subjects = Place::of(&nats.outbound(context, kinds).await?).subjects;
        }
        let (mut under_way, mut unsent): (Vec<(i64, PublishAckFuture)>, _) = (Vec::new(), None);
        for (event, last) in events.iter().zip(place.last..) {
            let message = PublishMessage::build()
                .payload(serde_json::to_vec(event).map_err(fault)?.into())
                .message_id(event.id.to_string())
                .expected_stream(STREAM)
                .expected_last_sequence(last);
            match context.send_publish(format!("{PREFIX}{}", event.kind), message).await {
                Ok(ack) => under_way.push((event.seq, ack)),
                Err(error) => {
                    unsent = Some(fault(format!("event {}: {error}", event.seq)));
                    break;
                }
            }
        }
        for (seq, ack) in under_way {
            match ack.await {
                Ok(ack) => (place.last, *position) = (ack.sequence, seq),
                // The stream is further than we knew: somebody else has sent. What it has is looked at again at once.
                Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                    self.at = None;
                    return Ok(());
                }
                Err(error) => return Err(fault(format!("event {seq}: {error}"))),
            }
        }
        unsent.map_or(Ok(()), Err)
    }

    fn failed(&mut self, position: i64, error: Error) -> Round {
        self.at = None;
        Round { position, failure: Some(error) }
    }
}

impl Place {
    fn of(stream: &Stream) -> Self {
        let info = stream.cached_info();
        Self { last: info.state.last_sequence, subjects: info.config.subjects.iter().cloned().collect() }
    }
}

/// The event that the stream took last, if it still has it.
async fn last_event(stream: &Stream) -> Result<Option<Uuid>> {
    let last = stream.cached_info().state.last_sequence;
    if last == 0 {
        return Ok(None);
    }
    match stream.get_raw_message(last).await {
        Ok(message) => Ok(message.headers.get(NATS_MESSAGE_ID).and_then(|id| Uuid::parse_str(id.as_str()).ok())),
        Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}
