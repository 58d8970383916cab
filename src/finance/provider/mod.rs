//! Who takes the money. A provider gives an attempt its name and an address to pay at, and tells what came of it by
//! signed messages; nothing else that anybody says counts.

pub mod sandbox;

use futures::future::BoxFuture;
use serde_json::Value;

use super::{DisputeOutcome, Payment, PaymentId, PaymentOrderId, ProviderName, Refund, RefundId};
use crate::kernel::app::App;
use crate::kernel::context::Tx;
use crate::kernel::error::{Result, not_found, payments_off};
use crate::kernel::money::Money;
use crate::kernel::request::Request;
use crate::kernel::timestamp::Timestamp;

/// An attempt that is about to begin.
pub struct Attempt {
    /// Ours.
    pub payment: PaymentId,
    /// What it pays.
    pub order: PaymentOrderId,
    /// By whom.
    pub provider: ProviderName,
    /// What the provider calls it.
    pub provider_ref: String,
    /// How much.
    pub amount: Money,
}

/// What a guest's bank asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What the provider calls it.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Until when evidence counts.
    pub due_at: Timestamp,
}

/// What a provider says has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The bank has agreed.
    Authorised,
    /// The money came.
    Captured,
    /// It did not work, for this reason.
    Failed(String),
    /// This refund was sent.
    Refunded(RefundId),
    /// This refund could not be sent, for this reason.
    RefundFailed(RefundId, String),
    /// The guest's bank asks for the amount.
    Disputed(Case),
    /// This dispute, by the provider's name of it, was decided.
    DisputeClosed(String, DisputeOutcome),
}

/// A message of a provider, whose signature is right.
pub struct Notice {
    /// The provider's own id of it: it is taken once.
    pub id: String,
    /// What the provider calls this kind of message.
    pub kind: String,
    /// What the provider calls the payment.
    pub provider_ref: String,
    /// How much it is about.
    pub amount: Money,
    /// What it says.
    pub said: Said,
    /// All of it.
    pub body: Value,
}

/// One provider.
pub trait Provider: Send + Sync {
    /// Its name.
    fn name(&self) -> ProviderName;
    /// What it will call this payment.
    fn reference(&self, payment: PaymentId) -> String;
    /// Where a guest pays.
    fn pay_url(&self, app: &App, provider_ref: &str) -> String;
    /// Reads a message; 401 `signature_invalid` where it is not the provider's own.
    fn read(&self, app: &App, request: &Request, body: &[u8]) -> Result<Notice>;
    /// Asks it to send money back; its answer is a message as well. Asked again, it sends it once.
    fn refund<'t>(&'t self, tx: &'t mut Tx, payment: &'t Payment, refund: &'t Refund) -> BoxFuture<'t, Result<()>>;
}

/// The provider that takes payments here; 409 `payments_off` where there is none.
pub fn active(app: &App) -> Result<&'static dyn Provider> {
    if app.config.payments_sandbox {
        return Ok(&sandbox::Sandbox);
    }
    Err(payments_off())
}

/// Whether guests can pay here.
pub fn takes_payments(app: &App) -> bool {
    active(app).is_ok()
}

/// The provider of that name, or 404 where it is not in use.
pub fn named(app: &App, name: ProviderName) -> Result<&'static dyn Provider> {
    active(app).ok().filter(|provider| provider.name() == name).ok_or_else(not_found)
}
