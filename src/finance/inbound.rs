//! What other systems tell finance.

use futures::future::BoxFuture;
use serde::Deserialize;
use time::Duration;

use super::disputing::{self, Raised};
use super::{PaymentId, PaymentStatus, ProviderName, sql};
use crate::bus::inbound::{Inbound, InboundHandler, Taken};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::money::Currency;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;

inventory::submit!(InboundHandler { kind: "payment.dispute.raised", take });

/// How long there is to answer a dispute that does not say.
const ANSWER: Duration = Duration::days(7);

/// A guest's bank asks for money back. [002]
#[derive(Deserialize)]
struct DisputeRaised {
    /// What the bank or the provider calls the dispute: it is opened once.
    reference: Reason,
    /// The payment, by our id; else by the provider and its name of the payment or of the charge.
    payment_id: Option<PaymentId>,
    provider: Option<ProviderName>,
    provider_ref: Option<String>,
    /// All that is left of the payment if absent.
    amount_minor: Option<i64>,
    currency: Option<Currency>,
    reason: Reason,
    due_at: Option<Timestamp>,
}

fn take<'t>(tx: &'t mut Tx, event: &'t Inbound) -> BoxFuture<'t, Result<Taken>> {
    Box::pin(async move {
        let said: DisputeRaised = operation::read_json(event.payload.clone())?;
        raised(tx, said).await
    })
}

async fn raised(tx: &mut Tx, said: DisputeRaised) -> Result<Taken> {
    let id = payment_of(tx, &said).await?;
    let (event, payment) = disputing::locked(tx, id).await?;
    let known = sql::dispute_by_ref(tx.conn(), said.reference.as_str()).await?;
    if known.is_some() || payment.status == PaymentStatus::Disputed {
        return Ok(Taken::Ignored);
    }
    let left = payment.left();
    if let Some(currency) = said.currency.filter(|currency| *currency != left.currency) {
        return Err(invalid_input().field("currency", format!("must be {}, not {currency}", left.currency)));
    }
    if said.amount_minor.is_some_and(|minor| minor <= 0) {
        return Err(invalid_input().field("amount_minor", "must be more than 0"));
    }
    let raised = Raised {
        minor: said.amount_minor,
        reason: said.reason.as_str(),
        due_at: said.due_at.unwrap_or(Timestamp(tx.now.0 + ANSWER)),
        provider_ref: Some(said.reference.as_str()),
        by: None,
    };
    disputing::open(tx, &event, &payment, &raised).await?;
    Ok(Taken::Applied)
}

/// Which payment is meant.
async fn payment_of(tx: &mut Tx, said: &DisputeRaised) -> Result<PaymentId> {
    if let Some(id) = said.payment_id {
        return match sql::payment_find(tx.conn(), id).await {
            Err(error) if error.status() == 404 => Err(nobodys("payment_id")),
            found => found.map(|payment| payment.id),
        };
    }
    let (Some(provider), Some(name)) = (said.provider, said.provider_ref.as_deref()) else {
        return Err(invalid_input().field("payment_id", "is required, or provider and provider_ref"));
    };
    let found = match sql::payment_by_ref(tx.conn(), provider, name).await? {
        Some(payment) => Some(payment),
        None => sql::payment_by_charge(tx.conn(), provider, name).await?,
    };
    found.map(|payment| payment.id).ok_or_else(|| nobodys("provider_ref"))
}

fn nobodys(field: &str) -> crate::Error {
    invalid_input().field(field, "is no payment that is known here")
}
