//! What other systems tell finance.

use futures::future::BoxFuture;
use operation::{FieldErrors, Validate};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use time::Duration;

use super::disputing::{self, Raised};
use super::{Dispute, PaymentId, PaymentStatus, ProviderName, sql};
use crate::bus::inbound::{self, Inbound};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::money::Currency;
use crate::kernel::permissions::Permission;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;

inventory::submit!(Inbound::of::<DisputeRaised>(
    "payment.dispute.raised",
    "A guest disputed a payment with their bank. Opens a dispute and holds the money.",
    Permission::DisputesManage,
    take,
));

/// How long there is to answer a dispute that does not say.
const ANSWER: Duration = Duration::days(7);

/// A guest's bank asks for money back. [002]
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DisputeRaised {
    /// What the bank or the provider calls the dispute: it is opened once.
    reference: Reason,
    /// The payment, by our id; else by the provider and its name of the payment or of the charge.
    payment_id: Option<PaymentId>,
    /// Whose payment it is, where `payment_id` is absent.
    provider: Option<ProviderName>,
    /// The provider's name of the payment or of the charge, where `payment_id` is absent.
    provider_ref: Option<String>,
    /// All that is left of the payment if absent.
    amount_minor: Option<i64>,
    /// Must be the payment's.
    currency: Option<Currency>,
    /// Why.
    reason: Reason,
    /// Until when evidence counts; a week from now if absent.
    due_at: Option<Timestamp>,
}

impl Validate for DisputeRaised {
    fn check(&self, errors: &mut FieldErrors) {
        if self.amount_minor.is_some_and(|minor| minor <= 0) {
            errors.entry("payload.amount_minor".to_owned()).or_default().push("must be more than 0".to_owned());
        }
    }
}

fn take(tx: &mut Tx, payload: Value) -> BoxFuture<'_, Result<bool>> {
    Box::pin(async move { raised(tx, inbound::payload(payload)?).await })
}

async fn raised(tx: &mut Tx, said: DisputeRaised) -> Result<bool> {
    let id = payment_of(tx, &said).await?;
    let (event, payment) = disputing::locked(tx, id).await?;
    let known = sql::dispute_by_ref(tx.conn(), said.reference.as_str()).await?;
    if known.as_ref().is_some_and(|dispute| dispute.payment_id != payment.id) {
        return Err(invalid_input().field("payload.reference", "belongs to another payment's dispute"));
    }
    if known.is_some() {
        return Ok(false);
    }
    if let Some(by_hand) = sql::dispute_nameless(tx.conn(), payment.id).await? {
        named(tx, &by_hand, &said).await?;
        return Ok(true);
    }
    if payment.status == PaymentStatus::Disputed {
        return Ok(false);
    }
    let left = payment.left();
    of_currency(&said, &left.currency)?;
    if said.amount_minor.is_some_and(|minor| minor > left.minor) {
        return Err(invalid_input().field("payload.amount_minor", format!("must be at most {}", left.display())));
    }
    let raised = Raised {
        minor: said.amount_minor,
        reason: said.reason.as_str(),
        due_at: said.due_at.unwrap_or(Timestamp(tx.now.0 + ANSWER)),
        provider_ref: Some(said.reference.as_str()),
        by: None,
    };
    let dispute = disputing::open(tx, &event, &payment, &raised).await?;
    tx.audit_created("dispute.opened", &dispute);
    Ok(true)
}

/// The bank's word of a dispute that somebody opened by hand: from now on it goes by the bank's name.
async fn named(tx: &mut Tx, by_hand: &Dispute, said: &DisputeRaised) -> Result<()> {
    let amount = &by_hand.amount;
    of_currency(said, &amount.currency)?;
    if said.amount_minor.is_some_and(|minor| minor != amount.minor) {
        let message = format!("must be {}, as of the dispute that was opened by hand", amount.display());
        return Err(invalid_input().field("payload.amount_minor", message));
    }
    let after = disputing::name(tx, by_hand.id, said.reference.as_str()).await?;
    tx.audit("dispute.reference_added", by_hand, &after);
    Ok(())
}

fn of_currency(said: &DisputeRaised, known: &Currency) -> Result<()> {
    match said.currency.as_ref().filter(|currency| *currency != known) {
        Some(other) => Err(invalid_input().field("payload.currency", format!("must be {known}, not {other}"))),
        None => Ok(()),
    }
}

/// Which payment is meant.
async fn payment_of(tx: &mut Tx, said: &DisputeRaised) -> Result<PaymentId> {
    if let Some(id) = said.payment_id {
        return match sql::payment_find(tx.conn(), id).await {
            Err(error) if error.status() == 404 => Err(nobodys("payload.payment_id")),
            found => found.map(|payment| payment.id),
        };
    }
    let (Some(provider), Some(name)) = (said.provider, said.provider_ref.as_deref()) else {
        return Err(invalid_input().field("payload.payment_id", "is required, or provider and provider_ref"));
    };
    let found = match sql::payment_by_ref(tx.conn(), provider, name).await? {
        Some(payment) => Some(payment),
        None => sql::payment_by_charge(tx.conn(), provider, name).await?,
    };
    found.map(|payment| payment.id).ok_or_else(|| nobodys("payload.provider_ref"))
}

fn nobodys(field: &str) -> crate::Error {
    invalid_input().field(field, "is not a known payment")
}
