//! What providers have sent to our bank, compared with our books. [001 Finance]

use operation::operation;

use crate::finance::{
    Reconciliation, Settlement, SettlementFilter, SettlementIssue, SettlementIssueFilter, SettlementLineId,
    SettlementQuery, SettlementReport, SettlementResolution,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::finance::{settling, sql},
    crate::kernel::context::{Db, Reader, RequestContext, Tx},
};

/// The largest report that is taken.
#[cfg(feature = "ssr")]
const LARGEST: usize = 1024 * 1024;

/// Get the balances held by providers and open exceptions
#[operation(GET "/finance/reconciliation", staff = FinanceRead)]
pub async fn reconciliation(db: &mut Reader) -> Result<Reconciliation> {
    sql::reconciliation(db.conn()).await
}

/// List settlements
///
/// Newest first.
#[operation(GET "/finance/settlements", staff = FinanceRead)]
pub async fn settlement_list(db: &mut Reader, query: SettlementFilter) -> Result<Page<Settlement>> {
    sql::settlement_list(db, &query).await
}

/// Import a provider's settlement report
///
/// Send a CSV file in UTF-8, with commas or semicolons. The first row names the columns: type (payment, refund or
/// dispute), reference (the provider's payment ID), amount, fee, currency, settlement (the provider's ID of the bank
/// transfer) and settled_on; column names of Stripe's and Razorpay's reports are recognised. Matching lines are posted
/// from the provider's account to the bank, net of fees. Lines that do not match become exceptions. Refunds reduce the
/// balance whatever their sign; a dispute's amount is negative when money leaves and positive when it is returned.
/// Either all lines are imported or none. Settlements that were imported before are skipped.
#[operation(POST "/finance/settlements", staff = FinanceManage, body = Csv, errors(period_closed))]
pub async fn settlement_import(cx: &RequestContext, query: SettlementQuery) -> Result<SettlementReport> {
    let bytes = cx.request.whole_body(LARGEST).await.map_err(|error| match error.status() {
        413 => error.detail("A settlement report has at most 1 MiB."),
        _ => error,
    })?;
    let found = settling::report::read(&bytes, cx.now.0.date())?;
    cx.write(move |tx| {
        Box::pin(async move {
            let by = tx.actor();
            let report = settling::import(tx, query.provider, found, by).await?;
            tx.audit_created("settlement.imported", &report);
            Ok(report)
        })
    })
    .await
}

/// List settlement lines that do not match the ledger
///
/// Newest first.
#[operation(GET "/finance/exceptions", staff = FinanceRead)]
pub async fn settlement_issue_list(db: &mut Reader, query: SettlementIssueFilter) -> Result<Page<SettlementIssue>> {
    sql::issue_list(db, &query).await
}

/// Resolve a settlement exception
///
/// Add a note with the outcome. The difference is posted as a provider fee.
#[operation(POST "/finance/exceptions/{id}/resolve", staff = FinanceManage, errors(invalid_transition, period_closed))]
pub async fn settlement_issue_resolve(
    tx: &mut Tx,
    id: SettlementLineId,
    input: SettlementResolution,
) -> Result<SettlementIssue> {
    let by = tx.actor();
    let (before, after) = settling::resolve(tx, id, input.note.as_str(), by).await?;
    tx.audit("settlement_exception.resolved", &before, &after);
    Ok(after)
}
