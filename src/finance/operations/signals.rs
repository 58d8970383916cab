//! What looks wrong about payments. [002 fraud detection]

use operation::operation;

use crate::finance::{FraudResolution, FraudSignal, FraudSignalFilter, FraudSignalId};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::finance::{sql, watching},
    crate::kernel::context::{Reader, Tx},
};

/// List fraud signals
///
/// Newest first. Raised for many failed payments or many payments within an hour, many refunds within 30 days, more
/// than one dispute within 180 days, or a host who pays for their own event. Fraud signals never block a payment.
#[operation(GET "/finance/fraud-signals", staff = FinanceRead)]
pub async fn fraud_signal_list(db: &mut Reader, query: FraudSignalFilter) -> Result<Page<FraudSignal>> {
    sql::signal_list(db, &query).await
}

/// Resolve a fraud signal
///
/// Record the outcome with a note. Later activity is counted from zero.
#[operation(POST "/finance/fraud-signals/{id}/resolve", staff = FinanceManage, errors(invalid_transition))]
pub async fn fraud_signal_resolve(tx: &mut Tx, id: FraudSignalId, input: FraudResolution) -> Result<FraudSignal> {
    let by = tx.actor();
    let (before, after) = watching::resolve(tx, id, (input.outcome, input.note.as_str()), by).await?;
    tx.audit("fraud_signal.resolved", &before, &after);
    Ok(after)
}
