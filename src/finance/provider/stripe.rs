//! Stripe: a Checkout Session on Stripe's own page, so that no card number comes near us. A session is named by the
//! attempt it is for, and made again by the same key it is the same session.

use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Arc;
use time::Duration;

use super::api::{self, money, must, text};
use super::{About, Case, Notice, Provider, ProviderStatus, Sending, Unsent};
use crate::finance::errors::{payments_off, signature_invalid};
use crate::finance::{DisputeOutcome, Payment, PaymentId, PaymentOrder, ProviderName};
use crate::kernel::app::App;
use crate::kernel::crypto::{plain_mac, same};
use crate::kernel::error::{Result, internal, malformed_json};
use crate::kernel::money::{Currency, Money};
use crate::kernel::request::Request;
use crate::kernel::timestamp::Timestamp;

/// The version whose words are spoken here.
const VERSION: &str = "2025-04-30.basil";
/// A message is good for so long.
const FRESH: u64 = 300;
/// A session lives at least half an hour, and at most a day.
const LEAST: Duration = Duration::minutes(31);
const MOST: Duration = Duration::hours(23);
/// How long there is to answer a dispute that does not say.
const ANSWER: Duration = Duration::days(7);

/// The provider.
pub struct Stripe;

impl Stripe {
    async fn post(&self, app: &App, path: &str, key: &str, form: &[(&str, String)]) -> Result<api::Answer> {
        let secret = app.config.stripe_secret_key.as_ref().ok_or_else(payments_off)?;
        let body = serde_urlencoded::to_string(form).map_err(|error| internal().internal(error))?;
        let headers = [
            ("authorization", format!("Bearer {secret}")),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("stripe-version", VERSION.to_owned()),
            ("idempotency-key", key.to_owned()),
        ];
        api::call(Some(body), &format!("{}/v1/{path}", app.config.stripe_url), &headers).await
    }
}

impl Provider for Stripe {
    fn name(&self) -> ProviderName {
        ProviderName::Stripe
    }

    fn reference(&self, payment: PaymentId) -> String {
        format!("st_{}", payment.0.simple())
    }

    fn page<'t>(
        &'t self,
        app: &'t App,
        payment: &'t Payment,
        order: &'t PaymentOrder,
    ) -> BoxFuture<'t, Result<Option<String>>> {
        Box::pin(async move {
            let form = session(app, payment, order);
            let answer = self.post(app, "checkout/sessions", &payment.provider_ref, &form).await?;
            match api::page(&answer.body, "/url", &app.config.stripe_url).filter(|_| answer.is_good()) {
                Some(url) => Ok(Some(url)),
                None => Err(answer.no_page()),
            }
        })
    }

    fn read(&self, app: &App, request: &Request, body: &[u8]) -> Result<Notice> {
        let secret = app.config.stripe_webhook_secret.as_deref().ok_or_else(signature_invalid)?;
        let header = request.webhook.stripe.as_deref().ok_or_else(signature_invalid)?;
        must_be_signed(secret, header, body, app.clock.now())?;
        let event: Value = serde_json::from_slice(body).map_err(|_| malformed_json())?;
        notice(&event, app.clock.now())
    }

    fn refund<'t>(&'t self, app: &'t Arc<App>, sending: &'t Sending) -> BoxFuture<'t, Result<(), Unsent>> {
        Box::pin(async move {
            let charge = sending.charge.as_ref().ok_or_else(|| internal().internal("no charge to refund"))?;
            let form = [
                ("payment_intent", charge.clone()),
                ("amount", theirs(&sending.refund.amount).to_string()),
                ("metadata[refund]", sending.refund.id.to_string()),
                ("metadata[payment]", sending.payment.provider_ref.clone()),
            ];
            self.post(app, "refunds", &sending.key(), &form).await?.taken("/error/message")
        })
    }
}

/// What is asked for. The same at every time, or Stripe would take it for another request.
fn session(app: &App, payment: &Payment, order: &PaymentOrder) -> Vec<(&'static str, String)> {
    let back = format!("{}/my/orders/{}", app.config.base_url(), order.id);
    let expires = order.expires_at.plus(LEAST).min(payment.created_at.plus(MOST));
    vec![
        ("mode", "payment".to_owned()),
        ("client_reference_id", payment.provider_ref.clone()),
        ("metadata[payment]", payment.provider_ref.clone()),
        ("payment_intent_data[metadata][payment]", payment.provider_ref.clone()),
        ("payment_intent_data[description]", format!("Order {}", order.order_reference)),
        ("line_items[0][quantity]", "1".to_owned()),
        ("line_items[0][price_data][currency]", payment.amount.currency.to_string().to_ascii_lowercase()),
        ("line_items[0][price_data][unit_amount]", theirs(&payment.amount).to_string()),
        ("line_items[0][price_data][product_data][name]", order.event_title.clone()),
        ("expires_at", expires.0.unix_timestamp().to_string()),
        ("success_url", back.clone()),
        ("cancel_url", format!("{back}?left=yes")),
    ]
}

/// Of a few currencies Stripe counts two figures more than there are, of one two less.
fn figures(currency: &Currency) -> (i64, i64) {
    match currency.as_str() {
        "ISK" | "UGX" => (100, 1),
        "MGA" => (1, 100),
        _ => (1, 1),
    }
}

/// An amount as Stripe counts it.
fn theirs(amount: &Money) -> i64 {
    let (more, less) = figures(&amount.currency);
    amount.minor.saturating_mul(more) / less
}

/// An amount of Stripe's as we count it.
fn ours(amount: Money) -> Money {
    let (more, less) = figures(&amount.currency);
    Money { minor: amount.minor.saturating_mul(less) / more, currency: amount.currency }
}

/// `t=1700000000,v1=…`: of several signatures, as while a secret is replaced, one is enough.
fn must_be_signed(secret: &str, header: &str, body: &[u8], now: Timestamp) -> Result<()> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let at = parts().find(|(name, _)| *name == "t").map(|(_, value)| value).ok_or_else(signature_invalid)?;
    let seconds: i64 = at.parse().map_err(|_| signature_invalid())?;
    let right = hex::encode(plain_mac(secret.as_bytes(), &[at.as_bytes(), b".", body]));
    let is_one = |(name, value): (&str, &str)| name == "v1" && same(value.as_bytes(), right.as_bytes());
    match now.0.unix_timestamp().abs_diff(seconds) <= FRESH && parts().any(is_one) {
        true => Ok(()),
        false => Err(signature_invalid()),
    }
}

fn notice(event: &Value, now: Timestamp) -> Result<Notice> {
    let (id, kind, object) = (must(event, "/id")?, must(event, "/type")?, &event["data"]["object"]);
    let (about, amount, said) = match kind.as_str() {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed"
        | "checkout.session.expired" => {
            let about = About::Attempt(must(object, "/client_reference_id")?);
            (about, Some(money(object, "/amount_total", "/currency")?), of_session(&kind, object))
        }
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            let about = text(object, "/metadata/payment").map_or(About::None, |name| About::Attempt(name.to_owned()));
            (about, Some(money(object, "/amount", "/currency")?), of_refund(object))
        }
        "charge.dispute.created" | "charge.dispute.closed" => {
            let about = About::Charge(intent(object).ok_or_else(malformed_json)?);
            (about, Some(money(object, "/amount", "/currency")?), of_dispute(&kind, object, now)?)
        }
        _ => (About::None, None, ProviderStatus::Nothing),
    };
    let amount = amount.map(ours);
    let body = json!({ "id": id, "type": kind, "object": object["id"], "status": object["status"],
                       "payment_status": object["payment_status"], "amount": amount, "reason": object["reason"] });
    Ok(Notice { id, kind, about, charge: intent(object), amount, said, body })
}

/// The PaymentIntent, by its id or whole.
fn intent(object: &Value) -> Option<String> {
    text(object, "/payment_intent").or_else(|| text(object, "/payment_intent/id")).map(str::to_owned)
}

fn of_session(kind: &str, session: &Value) -> ProviderStatus {
    match (kind, text(session, "/payment_status")) {
        ("checkout.session.expired", _) => ProviderStatus::Failed("The payment was not made in time.".to_owned()),
        ("checkout.session.async_payment_failed", _) => {
            ProviderStatus::Failed("Your bank declined the payment.".to_owned())
        }
        (_, Some("paid")) => ProviderStatus::Captured,
        // The bank takes its time.
        ("checkout.session.completed", _) => ProviderStatus::Authorised,
        _ => ProviderStatus::Nothing,
    }
}

fn of_refund(refund: &Value) -> ProviderStatus {
    let Some(id) = api::refund_id(refund, "/metadata/refund") else { return ProviderStatus::Nothing };
    let why = || text(refund, "/failure_reason").map_or_else(|| "The provider gave no reason.".to_owned(), api::plain);
    match text(refund, "/status") {
        Some("succeeded") => ProviderStatus::Refunded(id),
        Some("failed" | "canceled") => ProviderStatus::RefundFailed(id, why()),
        _ => ProviderStatus::Nothing,
    }
}

fn of_dispute(kind: &str, dispute: &Value, now: Timestamp) -> Result<ProviderStatus> {
    let (name, status) = (must(dispute, "/id")?, text(dispute, "/status").unwrap_or_default());
    Ok(match (kind, status) {
        ("charge.dispute.closed", "won") => ProviderStatus::DisputeClosed(name, DisputeOutcome::Won),
        ("charge.dispute.closed", "lost") => ProviderStatus::DisputeClosed(name, DisputeOutcome::Lost),
        ("charge.dispute.closed", _) => ProviderStatus::DisputeClosed(name, DisputeOutcome::Withdrawn),
        // A question of the bank's, by which no money moves.
        (_, "warning_needs_response" | "warning_under_review") => ProviderStatus::Nothing,
        _ => ProviderStatus::Disputed(Case {
            name,
            reason: api::plain(text(dispute, "/reason").unwrap_or("general")),
            due_at: api::moment(dispute, "/evidence_details/due_by").unwrap_or_else(|| now.plus(ANSWER)),
        }),
    })
}
