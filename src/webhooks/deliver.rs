//! Sending a message: one job for each attempt, so that the log knows of all of them and the schedule is
//! our own.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;

use super::giving_up;
use super::signing::{Secret, signatures};
use super::sql::{self, AfterAttempt, Attempt, ToSend};
use super::{EndpointStatus, WebhookDeliveryId, WebhookEndpointId, schedule};
use crate::kernel::app::App;
use crate::kernel::clock::random_bytes;
use crate::kernel::context::Tx;
use crate::kernel::error::Result;
use crate::kernel::jobs::{self, Job, Pending};
use crate::kernel::outbound::Outcome;
use crate::kernel::queues::Queue;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// Makes one attempt. What goes wrong at the endpoint is the message's business and ends in its log;
/// the job itself is tried again only when we fail.
#[derive(Serialize, Deserialize)]
struct Deliver {
    delivery: WebhookDeliveryId,
    /// How many attempts it had before this one; with the id it names the attempt.
    attempts: i32,
}
impl Job for Deliver {
    const TYPE: &'static str = "webhook.deliver";
    const QUEUE: Queue = Queue::Webhook;
    const ATTEMPTS: i32 = 20;
}
inventory::submit!(JobHandler::of::<Deliver>());

/// A message, to whom, and how many attempts it has had.
#[derive(Clone, Copy)]
pub struct Queued {
    pub endpoint: WebhookEndpointId,
    pub delivery: WebhookDeliveryId,
    pub attempts: i32,
}

impl Queued {
    fn job(self, at: Timestamp) -> Pending {
        let mut job = Pending::new(&Deliver { delivery: self.delivery, attempts: self.attempts });
        // With the time: the job that postpones an attempt still runs while it queues the next.
        job.dedupe(format!("{}:{}:{}", self.delivery, self.attempts, at.0.unix_timestamp())).run_at(at);
        // An endpoint that takes its time keeps only its own messages waiting.
        job.lane(self.endpoint.to_string());
        job
    }
}

/// Queues the next attempt of a message.
pub async fn queue(
    db: &mut PgConnection,
    request_id: &str,
    message: Queued,
    at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    jobs::insert(db, request_id, now, &message.job(at)).await
}

/// The same, in an operation.
pub fn queue_in(tx: &mut Tx, message: Queued) {
    let at = tx.now;
    tx.enqueue_pending(message.job(at));
}

/// The body, as it is sent and shown.
#[derive(Serialize)]
pub struct Body<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub timestamp: Timestamp,
    pub data: &'a Value,
}

impl Run for Deliver {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let to_send = {
            let mut db = app.pool.acquire().await?;
            sql::delivery_to_send(&mut db, self.delivery, self.attempts).await?
        };
        let Some(to_send) = to_send else { return Ok(()) };
        let message = Queued { endpoint: to_send.endpoint_id, delivery: self.delivery, attempts: self.attempts };
        if to_send.endpoint_status == EndpointStatus::Disabled {
            return Ok(abandon(&app, message, "The endpoint was disabled before it could be sent.").await?);
        }
        let now = app.clock.now();
        if let Some(until) = to_send.held_until.filter(|until| *until > now) {
            return Ok(postpone(&app, &context, message, until, now).await?);
        }
        let secrets = match secrets(&app, &to_send, now) {
            Ok(secrets) => secrets,
            Err(error) => {
                tracing::error!(?error, endpoint = %to_send.endpoint_id, "a webhook secret cannot be read");
                return Ok(abandon(&app, message, "The secret cannot be read: rotate it.").await?);
            }
        };
        let outcome = send(&app, &to_send, &secrets, now).await;
        Ok(note(&app, &context, message, &to_send, now, outcome).await?)
    }
}

async fn postpone(app: &App, context: &JobContext, message: Queued, until: Timestamp, now: Timestamp) -> Result<()> {
    let at = schedule::after_hold(until, random_bytes::<1>()[0]);
    let mut tx = app.begin().await?;
    if sql::delivery_postpone(&mut tx, message.delivery, message.attempts, at).await? {
        queue(&mut tx, &context.request(), message, at, now).await?;
    }
    context.done(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn abandon(app: &App, message: Queued, why: &str) -> Result<()> {
    let mut db = app.pool.acquire().await?;
    sql::delivery_abandon(&mut db, message.delivery, message.attempts, why).await
}

/// What a message is signed with now: the secret, and each one before it for a day after it was replaced.
fn secrets(app: &App, message: &ToSend, now: Timestamp) -> Result<Vec<Secret>> {
    let before = message.old_secret_enc.iter().zip(message.old_secret_until);
    let older = message.older_secrets_enc.iter().zip(message.older_secrets_until.iter().copied());
    let good = before.chain(older).filter(|(_, until)| *until > now).map(|(secret, _)| secret);
    std::iter::once(&message.secret_enc)
        .chain(good)
        .map(|secret| Secret::open(&app.keys, message.endpoint_id, secret))
        .collect()
}

/// Signs and posts.
async fn send(app: &App, message: &ToSend, secrets: &[Secret], now: Timestamp) -> Outcome {
    let body = Body { kind: &message.event_type, timestamp: message.event_at, data: &message.payload };
    let body = serde_json::to_string(&body).unwrap_or_default();
    let (id, timestamp) = (format!("msg_{}", message.event_id), now.0.unix_timestamp());
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-signature", signatures(secrets, &id, timestamp, &body)),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
    ];
    app.outbound.post(&message.url, &headers, body).await
}

/// The status with which an endpoint asks to be sent nothing any more.
const GONE: u16 = 410;

/// The statuses with which an endpoint says that it is too busy.
const BUSY: [u16; 2] = [429, 503];

/// What an answer means for the message: nothing, or why it does not count as delivered.
fn fault(outcome: &Outcome) -> Option<String> {
    match &outcome.answer {
        Ok(answer) if (200..300).contains(&answer.status) => None,
        Ok(answer) if (300..400).contains(&answer.status) => {
            Some(format!("Answered {}: redirects are not followed.", answer.status))
        }
        Ok(answer) => Some(format!("Answered {}.", answer.status)),
        Err(unanswered) => Some(unanswered.reason.clone()),
    }
}

/// Until when the endpoint is sent nothing: it hung, or says that it is too busy and for how long.
fn held(outcome: &Outcome, now: Timestamp) -> Option<Timestamp> {
    match &outcome.answer {
        Ok(answer) if BUSY.contains(&answer.status) => {
            answer.retry_after.map(|seconds| schedule::asked_for(seconds, now))
        }
        Ok(_) => None,
        Err(unanswered) => unanswered.timed_out.then(|| schedule::held_until(now)),
    }
}

/// Where the message stands after the attempt.
fn then(sent: &ToSend, error: Option<&String>, gone: bool, now: Timestamp) -> AfterAttempt {
    match error {
        None => AfterAttempt::Delivered,
        Some(_) if gone => AfterAttempt::GivenUp,
        Some(_) => schedule::next(sent.round_attempts + 1, now, random_bytes::<1>()[0])
            .map_or(AfterAttempt::GivenUp, AfterAttempt::Again),
    }
}

/// Writes down what came of the attempt, queues the next one and ends the job, in one transaction.
async fn note(
    app: &App,
    context: &JobContext,
    message: Queued,
    sent: &ToSend,
    begun: Timestamp,
    outcome: Outcome,
) -> Result<()> {
    let (now, error) = (app.clock.now(), fault(&outcome));
    let answer = outcome.answer.as_ref().ok();
    let gone = answer.is_some_and(|answer| answer.status == GONE);
    let then = then(sent, error.as_ref(), gone, now);
    let attempt = Attempt {
        delivery: message.delivery,
        number: message.attempts + 1,
        at: begun,
        status_code: answer.map(|answer| i32::from(answer.status)),
        latency_ms: i32::try_from(outcome.took.as_millis()).unwrap_or(i32::MAX),
        response_body: answer.map(|answer| answer.body.as_str()),
        error: error.as_deref(),
    };
    let mut tx = app.begin().await?;
    // The endpoint before its message, as everywhere; it may be gone by now.
    if error.is_some() && !sql::endpoint_hold(&mut tx, sent.endpoint_id).await? {
        return Ok(());
    }
    if !sql::attempt_note(&mut tx, &attempt, &then, now).await? {
        return Ok(());
    }
    if let AfterAttempt::Again(at) = then {
        let next = Queued { attempts: message.attempts + 1, ..message };
        queue(&mut tx, &context.request(), next, at, now).await?;
    }
    if error.is_none() {
        context.done(&mut tx, now).await?;
        tx.commit().await?;
        // Apart, and only where there is something to forget: the usual success touches no row that all
        // messages share.
        return sql::endpoint_succeeded(&mut *app.pool.acquire().await?, sent.endpoint_id).await;
    }
    let held = held(&outcome, now);
    let gave_up = matches!(then, AfterAttempt::GivenUp);
    let health = sql::endpoint_failed(&mut tx, sent.endpoint_id, now, gave_up, held).await?;
    let reason = if gone { Some(giving_up::GONE.to_owned()) } else { giving_up::reason(&health, gave_up, now) };
    if let Some(reason) = reason {
        giving_up::disable(&mut tx, app, &context.request(), sent.endpoint_id, &reason).await?;
    }
    context.done(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}
