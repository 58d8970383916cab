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
    crate::kernel::context::{Cx, Db, Reader, Tx},
};

/// The largest report that is taken.
#[cfg(feature = "ssr")]
const LARGEST: usize = 1024 * 1024;

/// What providers still hold, and what waits to be looked at
#[operation(GET "/finance/reconciliation", staff = FinanceRead)]
pub async fn reconciliation(db: &mut Reader) -> Result<Reconciliation> {
    sql::reconciliation(db.conn()).await
}

/// Settlements, the latest first
#[operation(GET "/finance/settlements", staff = FinanceRead)]
pub async fn settlement_list(db: &mut Reader, query: SettlementFilter) -> Result<Page<Settlement>> {
    sql::settlement_list(db, &query).await
}

/// Import a provider's settlement report
///
/// The body is a CSV file in UTF-8, with commas or semicolons. Its first row names the columns: type (payment, refund or
/// dispute), reference (the provider's name of the payment), amount, fee, currency, settlement (the provider's name of
/// what came to the bank at once) and settled_on; columns of Stripe's and Razorpay's reports are known by their names.
/// Each settlement is posted: what agrees with our books leaves the provider's account, and the net amount comes to the
/// bank. Lines that do not agree wait as exceptions. A refund leaves the provider whatever its sign; a dispute's amount is
/// below zero where it does, and above where the money comes back. All or nothing; a settlement that was imported before
/// is left as it is.
#[operation(POST "/finance/settlements", staff = FinanceManage, body = Csv, errors(period_closed))]
pub async fn settlement_import(cx: &Cx, query: SettlementQuery) -> Result<SettlementReport> {
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

/// Lines of settlements that do not agree with our books, the latest first
#[operation(GET "/finance/exceptions", staff = FinanceRead)]
pub async fn settlement_issue_list(db: &mut Reader, query: SettlementIssueFilter) -> Result<Page<SettlementIssue>> {
    sql::issue_list(db, &query).await
}

/// Resolve an exception
///
/// With a note on what was found out. What the line brought too much or too little is posted as the provider's fee.
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
