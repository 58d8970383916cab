//! Razorpay: a payment link, which is Razorpay's own page, so that no card number comes near us. A link is named by the
//! attempt it is for; there is one of each name.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use time::Duration;

use super::api::{self, money, must, text};
use super::{About, Case, Notice, Provider, ProviderStatus, Sending, Unsent};
use crate::finance::errors::{payments_off, signature_invalid};
use crate::finance::{DisputeOutcome, Payment, PaymentId, PaymentOrder, ProviderName};
use crate::kernel::app::App;
use crate::kernel::crypto::{plain_mac, same, sha256};
use crate::kernel::error::{Result, internal, malformed_json};
use crate::kernel::request::Request;
use crate::kernel::timestamp::Timestamp;

/// A link lives at least a quarter of an hour.
const LEAST: Duration = Duration::minutes(16);
/// How long there is to answer a dispute that does not say.
const ANSWER: Duration = Duration::days(7);

/// The provider.
pub struct Razorpay;

impl Razorpay {
    async fn call(&self, app: &App, path: &str, body: Option<Value>, key: Option<String>) -> Result<api::Answer> {
        let config = &app.config;
        let keys = config.razorpay_key_id.as_ref().zip(config.razorpay_key_secret.as_ref());
        let (id, secret) = keys.ok_or_else(payments_off)?;
        let mut headers = vec![
            ("authorization", format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))),
            ("content-type", "application/json".to_owned()),
        ];
        headers.extend(key.map(|key| ("x-refund-idempotency", key)));
        api::call(body.map(|body| body.to_string()), &format!("{}/v1/{path}", config.razorpay_url), &headers).await
    }

    /// The page of a link that is there already.
    async fn known(&self, app: &App, name: &str) -> Result<Option<String>> {
        let answer = self.call(app, &format!("payment_links?reference_id={name}"), None, None).await?;
        let links = answer.body["payment_links"].as_array().filter(|_| answer.is_good());
        let open =
            |link: &&Value| text(link, "/reference_id") == Some(name) && text(link, "/status") == Some("created");
        let link = links.and_then(|links| links.iter().find(open));
        Ok(link.and_then(|link| api::page(link, "/short_url", &app.config.razorpay_url)))
    }
}

impl Provider for Razorpay {
    fn name(&self) -> ProviderName {
        ProviderName::Razorpay
    }

    fn reference(&self, payment: PaymentId) -> String {
        format!("rp_{}", payment.0.simple())
    }

    fn page<'t>(
        &'t self,
        app: &'t App,
        payment: &'t Payment,
        order: &'t PaymentOrder,
    ) -> BoxFuture<'t, Result<Option<String>>> {
        Box::pin(async move {
            if let Some(url) = self.known(app, &payment.provider_ref).await? {
                return Ok(Some(url));
            }
            let answer = self.call(app, "payment_links", Some(link(app, payment, order)), None).await?;
            if let Some(url) =
                api::page(&answer.body, "/short_url", &app.config.razorpay_url).filter(|_| answer.is_good())
            {
                return Ok(Some(url));
            }
            // A second click may have been faster: there is one link of each name.
            match self.known(app, &payment.provider_ref).await? {
                Some(url) => Ok(Some(url)),
                None => Err(answer.no_page()),
            }
        })
    }

    fn read(&self, app: &App, request: &Request, body: &[u8]) -> Result<Notice> {
        let secret = app.config.razorpay_webhook_secret.as_deref().ok_or_else(signature_invalid)?;
        let signed = request.webhook.razorpay.as_deref().ok_or_else(signature_invalid)?;
        let right = hex::encode(plain_mac(secret.as_bytes(), &[body]));
        if !same(signed.as_bytes(), right.as_bytes()) {
            return Err(signature_invalid());
        }
        let event: Value = serde_json::from_slice(body).map_err(|_| malformed_json())?;
        // Its id stands in a header that is not signed: what is signed is the body, so that is what it is known by.
        notice(format!("rp_{}", hex::encode(sha256(&[body]))), &event, app.clock.now())
    }

    fn refund<'t>(&'t self, app: &'t Arc<App>, sending: &'t Sending) -> BoxFuture<'t, Result<(), Unsent>> {
        Box::pin(async move {
            let charge = sending.charge.as_ref().ok_or_else(|| internal().internal("no charge to refund"))?;
            let notes = json!({ "refund": sending.refund.id, "payment": sending.payment.provider_ref });
            let body = json!({ "amount": sending.refund.amount.minor, "speed": "normal", "receipt": sending.key(),
                               "notes": notes });
            let path = format!("payments/{charge}/refund");
            self.call(app, &path, Some(body), Some(sending.key())).await?.taken("/error/description")
        })
    }
}

/// What is asked for.
fn link(app: &App, payment: &Payment, order: &PaymentOrder) -> Value {
    json!({
        "amount": payment.amount.minor,
        "currency": payment.amount.currency,
        "accept_partial": false,
        "reference_id": payment.provider_ref,
        "description": format!("Order {} · {}", order.order_reference, order.event_title),
        "expire_by": order.expires_at.plus(LEAST).0.unix_timestamp(),
        "notify": { "sms": false, "email": false },
        "reminder_enable": false,
        "notes": { "payment": payment.provider_ref },
        "callback_url": format!("{}/my/orders/{}", app.config.base_url(), order.id),
        "callback_method": "get",
    })
}

fn notice(id: String, event: &Value, now: Timestamp) -> Result<Notice> {
    let (kind, payload) = (must(event, "/event")?, &event["payload"]);
    let entity = |of: &str| &payload[of]["entity"];
    let [link, payment, refund, dispute] = ["payment_link", "payment", "refund", "dispute"].map(entity);
    let of_link = || must(link, "/reference_id").map(About::Attempt);
    let (about, of, said) = match kind.as_str() {
        "payment_link.paid" => (of_link()?, payment, ProviderStatus::Captured),
        "payment_link.expired" | "payment_link.cancelled" => {
            (of_link()?, link, ProviderStatus::Failed("The payment was not made in time.".to_owned()))
        }
        "refund.processed" | "refund.failed" => {
            let about = text(refund, "/notes/payment").map_or(About::None, |name| About::Attempt(name.to_owned()));
            (about, refund, of_refund(&kind, refund))
        }
        "payment.dispute.created" | "payment.dispute.won" | "payment.dispute.lost" | "payment.dispute.closed" => {
            (About::Charge(must(dispute, "/payment_id")?), dispute, of_dispute(&kind, dispute, now)?)
        }
        _ => (About::None, &Value::Null, ProviderStatus::Nothing),
    };
    let amount = match said {
        ProviderStatus::Nothing => None,
        _ => Some(money(of, "/amount", "/currency")?),
    };
    let body = json!({ "event": kind, "object": of["id"], "status": of["status"], "amount": amount,
                       "reason": of["reason_code"] });
    let charge = text(payment, "/id").map(str::to_owned);
    Ok(Notice { id, kind, about, charge, amount, said, body })
}

fn of_refund(kind: &str, refund: &Value) -> ProviderStatus {
    match (api::refund_id(refund, "/notes/refund"), kind) {
        (Some(id), "refund.processed") => ProviderStatus::Refunded(id),
        (Some(id), _) => ProviderStatus::RefundFailed(id, "The bank rejected it.".to_owned()),
        (None, _) => ProviderStatus::Nothing,
    }
}

fn of_dispute(kind: &str, dispute: &Value, now: Timestamp) -> Result<ProviderStatus> {
    let name = must(dispute, "/id")?;
    let reason = text(dispute, "/reason_description").map(str::to_owned);
    Ok(match kind {
        "payment.dispute.won" => ProviderStatus::DisputeClosed(name, DisputeOutcome::Won),
        "payment.dispute.lost" => ProviderStatus::DisputeClosed(name, DisputeOutcome::Lost),
        "payment.dispute.closed" => ProviderStatus::DisputeClosed(name, DisputeOutcome::Withdrawn),
        _ => ProviderStatus::Disputed(Case {
            name,
            reason: reason.unwrap_or_else(|| api::plain(text(dispute, "/reason_code").unwrap_or("general"))),
            due_at: api::moment(dispute, "/respond_by").unwrap_or_else(|| now.plus(ANSWER)),
        }),
    })
}
