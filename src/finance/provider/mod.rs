//! Who takes the money. A provider gives an attempt its name and an address to pay at, and tells what came of it by
//! signed messages; nothing else that anybody says counts.

mod api;
pub mod hosted;
mod razorpay;
pub mod sandbox;
mod stripe;

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use super::{DisputeOutcome, Payment, PaymentId, PaymentOrder, PaymentOrderId, ProviderName, Refund, RefundId};
use crate::finance::errors::payments_off;
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result, not_found};
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
    /// Deadline for evidence.
    pub due_at: Timestamp,
}

/// What a provider says has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderStatus {
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
    /// Nothing that matters here.
    Nothing,
}

/// Which payment a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// By the name that it was begun with.
    Attempt(String),
    /// By what the provider calls the money that came.
    Charge(String),
    /// None.
    None,
}

/// A message of a provider, whose signature is right.
#[derive(Debug)]
pub struct Notice {
    /// The provider's own id of it: it is taken once.
    pub id: String,
    /// What the provider calls this kind of message.
    pub kind: String,
    /// Which payment it is about.
    pub about: About,
    /// What the provider calls the money that came, where it says so.
    pub charge: Option<String>,
    /// How much it is about; absent where it is about nothing.
    pub amount: Option<Money>,
    /// The text.
    pub said: ProviderStatus,
    /// What is kept of it: nothing of a card, nothing of a person.
    pub body: Value,
}

/// A refund on its way to the provider.
pub struct Sending {
    /// Of what.
    pub payment: Payment,
    /// What the provider calls the money that came.
    pub charge: Option<String>,
    /// How much goes back.
    pub refund: Refund,
    /// How often the provider has refused.
    pub failures: i32,
}

impl Sending {
    /// The same however often it is asked for, until the provider has refused.
    pub fn key(&self) -> String {
        format!("{}-{}", self.refund.id.0.simple(), self.failures)
    }
}

/// Why a refund was not taken.
pub enum Unsent {
    /// It may be later.
    Later(Error),
    /// It will not be, for this reason.
    Refused(String),
}

impl From<Error> for Unsent {
    fn from(error: Error) -> Self {
        Unsent::Later(error)
    }
}

/// One provider.
pub trait Provider: Send + Sync {
    /// Its name.
    fn name(&self) -> ProviderName;
    /// What it will call this payment.
    fn reference(&self, payment: PaymentId) -> String;
    /// Where a guest pays: an address of ours, which may lead on to the provider's.
    fn pay_url(&self, app: &App, provider_ref: &str) -> String {
        format!("{}/pay/{}/{provider_ref}", app.config.base_url(), self.name().as_str())
    }
    /// The provider's own page for an attempt that is open; asked again, it is the same page. None where it is ours.
    fn page<'t>(
        &'t self,
        app: &'t App,
        payment: &'t Payment,
        order: &'t PaymentOrder,
    ) -> BoxFuture<'t, Result<Option<String>>>;
    /// Reads a message; 401 `signature_invalid` where it is not the provider's own.
    fn read(&self, app: &App, request: &Request, body: &[u8]) -> Result<Notice>;
    /// Asks it to send money back; its answer is a message as well. Asked again, it sends it once.
    fn refund<'t>(&'t self, app: &'t Arc<App>, sending: &'t Sending) -> BoxFuture<'t, Result<(), Unsent>>;
}

/// The providers that are set up, in the order in which they are taken.
fn all(app: &App) -> impl Iterator<Item = &'static dyn Provider> {
    let config = &app.config;
    let known: [(bool, &'static dyn Provider); 3] = [
        (config.stripe_secret_key.is_some(), &stripe::Stripe),
        (config.razorpay_key_id.is_some(), &razorpay::Razorpay),
        (config.payments_sandbox, &sandbox::Sandbox),
    ];
    known.into_iter().filter(|(is_set_up, _)| *is_set_up).map(|(_, provider)| provider)
}

/// The provider that takes payments here; 409 `payments_off` where there is none.
pub fn active(app: &App) -> Result<&'static dyn Provider> {
    let wanted = app.config.payments_by.as_deref();
    all(app).find(|provider| wanted.is_none_or(|name| name == provider.name().as_str())).ok_or_else(payments_off)
}

/// Whether guests can pay here.
pub fn takes_payments(app: &App) -> bool {
    active(app).is_ok()
}

/// The provider of that name, or 404 where it is not in use.
pub fn named(app: &App, name: ProviderName) -> Result<&'static dyn Provider> {
    all(app).find(|provider| provider.name() == name).ok_or_else(not_found)
}
