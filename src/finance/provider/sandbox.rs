//! The built-in provider, for trying out: it has a page to pay at and test cards that say what happens, and it answers
//! as others do, by signed messages over HTTP, later and sometimes twice. No money moves, and no card number is kept.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Duration;

use super::{About, Case, Notice, Provider, ProviderStatus, Sending, Unsent};
use crate::finance::errors::signature_invalid;
use crate::finance::operations::PAYMENT_CHECKOUT_META;
use crate::finance::{DisputeOutcome, Payment, PaymentId, PaymentOrder, PaymentOrderId, ProviderName, sql};
use crate::kernel::app::App;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::crypto::{base64url, mac, same};
use crate::kernel::error::{Result, internal, invalid_input, malformed_json, not_found};
use crate::kernel::jobs::{Job, Pending};
use crate::kernel::money::{Currency, Money};
use crate::kernel::outbound::SafeHttpClient;
use crate::kernel::queues::Queue;
use crate::kernel::request::Request;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// A message is good for so long.
const FRESH: Duration = Duration::minutes(5);
/// How long the slow card takes.
pub const SLOW: Duration = Duration::minutes(2);

/// How long there is to answer a dispute.
const ANSWER: Duration = Duration::days(7);

/// A test card: its number, what it is called in the books, and what happens with it.
pub struct Card {
    /// What is typed.
    pub number: &'static str,
    /// What is kept.
    pub word: &'static str,
    /// For people.
    pub title: &'static str,
}

const fn card(number: &'static str, word: &'static str, title: &'static str) -> Card {
    Card { number, word, title }
}

/// All test cards.
pub const CARDS: &[Card] = &[
    card("4242 4242 4242 4242", "success", "Pays"),
    card("4000 0000 0000 0002", "declined", "Is declined"),
    card("4000 0000 0000 3220", "slow", "Pays after two minutes"),
    card("4000 0000 0000 0341", "twice", "Pays, and says so twice and out of order"),
    card("4000 0000 0000 5126", "refund_fails", "Pays; the first refund fails"),
    card("4000 0000 0000 0259", "disputed", "Pays; the bank asks for it back after two minutes"),
];

/// The provider.
pub struct Sandbox;

impl Provider for Sandbox {
    fn name(&self) -> ProviderName {
        ProviderName::Sandbox
    }

    fn reference(&self, payment: PaymentId) -> String {
        format!("sbx_{}", payment.0.simple())
    }

    fn page<'t>(&'t self, _: &'t App, _: &'t Payment, _: &'t PaymentOrder) -> BoxFuture<'t, Result<Option<String>>> {
        Box::pin(async { Ok(None) })
    }

    fn read(&self, app: &App, request: &Request, body: &[u8]) -> Result<Notice> {
        let header = |value: &Option<String>| value.clone().ok_or_else(signature_invalid);
        let (id, at) = (header(&request.webhook.id)?, header(&request.webhook.timestamp)?);
        let seconds: i64 = at.parse().map_err(|_| signature_invalid())?;
        let age = app.clock.now().0.unix_timestamp().abs_diff(seconds);
        let signed = signature(app, &id, &at, body);
        if age > FRESH.whole_seconds().unsigned_abs()
            || !same(signed.as_bytes(), header(&request.webhook.signature)?.as_bytes())
        {
            return Err(signature_invalid());
        }
        let message: Message = serde_json::from_slice(body).map_err(|_| malformed_json())?;
        let said = match (message.kind.as_str(), message.refund) {
            ("payment.authorised", _) => ProviderStatus::Authorised,
            ("payment.captured", _) => ProviderStatus::Captured,
            ("payment.failed", _) => ProviderStatus::Failed(message.reason.clone().unwrap_or_default()),
            ("refund.processed", Some(refund)) => ProviderStatus::Refunded(refund),
            ("refund.failed", Some(refund)) => {
                ProviderStatus::RefundFailed(refund, message.reason.clone().unwrap_or_default())
            }
            (kind, _) => disputed(kind, &message)?,
        };
        let currency = Currency::parse(&message.currency).map_err(|_| malformed_json())?;
        Ok(Notice {
            id,
            kind: message.kind.clone(),
            about: About::Attempt(message.payment.clone()),
            charge: None,
            amount: Some(Money { minor: message.amount_minor, currency }),
            said,
            body: serde_json::to_value(&message).unwrap_or(Value::Null),
        })
    }

    fn refund<'t>(&'t self, app: &'t Arc<App>, sending: &'t Sending) -> BoxFuture<'t, Result<(), Unsent>> {
        Box::pin(async move {
            let (payment, refund) = (&sending.payment, &sending.refund);
            let mut tx = Tx::begin(RequestContext::system(app, &PAYMENT_CHECKOUT_META)).await?;
            let card = sql::sandbox_card(tx.conn(), &payment.provider_ref).await?;
            // Only the first time: somebody will want to see that it can be sent again.
            let fails = card.as_deref() == Some("refund_fails") && sending.failures == 0;
            let kind = if fails { "refund.failed" } else { "refund.processed" };
            let mut message = Message::of(kind, &payment.provider_ref, &refund.amount);
            message.refund = Some(refund.id);
            message.reason = fails.then(|| "The card was closed.".to_owned());
            let at = tx.now;
            // Asked twice, it says the same twice.
            tx.enqueue_pending(send_as(format!("evt_{}", sending.key()), message, at));
            tx.commit().await?;
            Ok(())
        })
    }
}

/// A message about a dispute.
fn disputed(kind: &str, message: &Message) -> Result<ProviderStatus> {
    let name = message.dispute.clone();
    let closed = |outcome| name.clone().map(|name| ProviderStatus::DisputeClosed(name, outcome));
    let said = match kind {
        "dispute.opened" => name.clone().zip(message.due_at).map(|(name, due_at)| {
            ProviderStatus::Disputed(Case { name, reason: message.reason.clone().unwrap_or_default(), due_at })
        }),
        "dispute.won" => closed(DisputeOutcome::Won),
        "dispute.lost" => closed(DisputeOutcome::Lost),
        "dispute.withdrawn" => closed(DisputeOutcome::Withdrawn),
        _ => None,
    };
    said.ok_or_else(|| malformed_json().detail("Unknown message."))
}

/// The sandbox signs with a key that is made of the server's own.
fn signature(app: &App, id: &str, at: &str, body: &[u8]) -> String {
    let key = app.keys.derive("sandbox webhook", &[]);
    format!("v1,{}", base64url(&mac(&key, &[id.as_bytes(), at.as_bytes(), body])))
}

/// What the sandbox says to our webhook.
#[derive(Clone, Serialize, Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    payment: String,
    amount_minor: i64,
    currency: String,
    refund: Option<crate::finance::RefundId>,
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispute: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
}

impl Message {
    fn of(kind: &str, payment: &str, amount: &Money) -> Message {
        Message {
            kind: kind.to_owned(),
            payment: payment.to_owned(),
            amount_minor: amount.minor,
            currency: amount.currency.to_string(),
            refund: None,
            reason: None,
            dispute: None,
            due_at: None,
        }
    }
}

/// Sends one message; again until it is taken.
#[derive(Serialize, Deserialize)]
struct SendMessage {
    id: String,
    message: Message,
}
impl Job for SendMessage {
    const TYPE: &'static str = "sandbox.send";
    const QUEUE: Queue = Queue::Webhook;
}
inventory::submit!(JobHandler::of::<SendMessage>());

fn send(message: Message, at: Timestamp) -> Pending {
    send_as(format!("evt_{}", new_uuid().simple()), message, at)
}

fn send_as(id: String, message: Message, at: Timestamp) -> Pending {
    let lane = message.payment.clone();
    let mut job = Pending::new(&SendMessage { id, message });
    job.lane(lane).run_at(at);
    job
}

impl Run for SendMessage {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        // It calls this very server, which may well be on a private address.
        static CLIENT: OnceLock<SafeHttpClient> = OnceLock::new();
        let client = CLIENT.get_or_init(|| SafeHttpClient::new(true));
        let body = serde_json::to_string(&self.message).unwrap_or_default();
        let at = app.clock.now().0.unix_timestamp().to_string();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-signature", signature(&app, &self.id, &at, body.as_bytes())),
            ("webhook-id", self.id),
            ("webhook-timestamp", at),
        ];
        let url = format!("{}/api/v1/payments/webhooks/sandbox", app.config.base_url());
        let failed = |why: String| Failure::Again(internal().internal(format!("the sandbox's message: {why}")));
        match client.post(&url, &headers, body).await.answer {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(failed(format!("{} {}", answer.status, answer.body))),
            Err(unanswered) => Err(failed(unanswered.reason)),
        }
    }
}

/// What the sandbox's own page shows.
pub struct Bill {
    /// What is paid.
    pub order: PaymentOrderId,
    /// Its name.
    pub reference: String,
    /// For what.
    pub event: String,
    /// How much.
    pub amount: Money,
    /// A card was given already.
    pub answered: bool,
}

/// The bill behind an address, or 404.
pub async fn bill(app: &Arc<App>, provider_ref: &str) -> Result<Bill> {
    super::named(app, ProviderName::Sandbox)?;
    // What stands in an address may be anything, also what PostgreSQL takes for no text.
    if !provider_ref.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(not_found());
    }
    let mut db = app.reader.acquire().await?;
    let payment = sql::payment_by_ref(&mut db, ProviderName::Sandbox, provider_ref).await?.ok_or_else(not_found)?;
    let card = sql::sandbox_card(&mut db, provider_ref).await?;
    Ok(Bill {
        order: payment.order_id,
        reference: payment.order_reference,
        event: payment.event_title,
        amount: payment.amount,
        answered: card.is_some() || !payment.status.is_open(),
    })
}

/// Pays a bill with a test card. A second click changes nothing: the first card stays.
pub async fn pay(app: &Arc<App>, provider_ref: &str, typed: &str) -> Result<PaymentOrderId> {
    let bill = bill(app, provider_ref).await?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let card = CARDS.iter().find(|card| digits(card.number) == digits(typed));
    let card = card.ok_or_else(|| invalid_input().field("card", "must be one of the test cards"))?;
    let mut tx = Tx::begin(RequestContext::system(app, &PAYMENT_CHECKOUT_META)).await?;
    let now = tx.now;
    if !bill.answered && sql::sandbox_charge(tx.conn(), provider_ref, card.word, now).await? {
        let of = |kind: &str| Message::of(kind, provider_ref, &bill.amount);
        match card.word {
            "declined" => {
                let mut message = of("payment.failed");
                message.reason = Some("Your card was declined.".to_owned());
                tx.enqueue_pending(send(message, now));
            }
            "slow" => {
                tx.enqueue_pending(send(of("payment.authorised"), now));
                tx.enqueue_pending(send(of("payment.captured"), now.plus(SLOW)));
            }
            "twice" => {
                let id = format!("evt_{}", new_uuid().simple());
                tx.enqueue_pending(send_as(id.clone(), of("payment.captured"), now));
                tx.enqueue_pending(send_as(id, of("payment.captured"), now));
                tx.enqueue_pending(send(of("payment.authorised"), now));
            }
            word => {
                tx.enqueue_pending(send(of("payment.authorised"), now));
                tx.enqueue_pending(send(of("payment.captured"), now));
                if word == "disputed" {
                    let mut message = of("dispute.opened");
                    message.reason = Some("The cardholder does not recognise the payment.".to_owned());
                    message.dispute = Some(format!("dp_{}", new_uuid().simple()));
                    message.due_at = Some(now.plus(ANSWER));
                    tx.enqueue_pending(send(message, now.plus(SLOW)));
                }
            }
        }
    }
    tx.commit().await?;
    Ok(bill.order)
}

/// A message as the sandbox would send it, for tests: headers and body.
#[cfg(any(test, feature = "testing"))]
pub fn signed(app: &App, id: &str, message: &Value) -> (Vec<(&'static str, String)>, String) {
    let (body, at) = (message.to_string(), app.clock.now().0.unix_timestamp().to_string());
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-signature", signature(app, id, &at, body.as_bytes())),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at),
    ];
    (headers, body)
}

/// What a message says, for tests.
#[cfg(any(test, feature = "testing"))]
pub fn message(kind: &str, payment: &str, minor: i64, currency: &str) -> Value {
    serde_json::json!({ "type": kind, "payment": payment, "amount_minor": minor, "currency": currency,
            "refund": null, "reason": null })
}
