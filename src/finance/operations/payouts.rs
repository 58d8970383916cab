//! Payouts: prepared by one person, approved by another. [000 Financials]

use operation::{Answer, operation};

use crate::finance::{
    NewPayoutBatch, Payout, PayoutBatch, PayoutBatchDetail, PayoutBatchId, PayoutChange, PayoutFilter, PayoutId,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::finance::errors::{payout_account_unset, payout_stale},
    crate::finance::{
        PayoutBatchStatus, PayoutStatus,
        bank_file::{BankFile, Transfer},
        bus::PayoutsPrepared,
        paying_out, sql,
    },
    crate::kernel::{
        app::App,
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_transition, is_now},
        files,
        money::Money,
    },
    crate::organisation,
    crate::partners::payees::{BankDetails, bank_details},
};

/// List payout batches
///
/// Newest first.
#[operation(GET "/financials/payouts", staff = FinanceRead)]
pub async fn payout_batch_list(db: &mut Reader, query: PayoutFilter) -> Result<Page<PayoutBatch>> {
    sql::batch_list(db, &query).await
}

/// Get a payout batch with its payouts and the partners left out
#[operation(GET "/financials/payouts/{id}", staff = FinanceRead)]
pub async fn payout_batch_get(db: &mut Reader, id: PayoutBatchId) -> Result<PayoutBatchDetail> {
    paying_out::detail(db, id).await
}

/// Prepare a payout batch
///
/// Includes every partner who is owed at least the minimum in this currency. Partners who are suspended, not verified
/// or without a verified bank account are left out, with the reason. If nobody can be paid, no batch is created.
/// Someone else must approve the batch, and only one batch per currency can be waiting for approval.
#[operation(POST "/financials/payouts", staff = PayoutsPrepare, status = 201, idempotent,
    errors(already_exists, nobody_to_pay))]
pub async fn payout_batch_prepare(tx: &mut Tx, input: NewPayoutBatch) -> Result<PayoutBatchDetail> {
    let currency = match input.currency {
        Some(currency) => currency,
        None => organisation::of(tx.conn()).await?.currency,
    };
    let (minimum, by) = (Money { minor: input.minimum_minor.unwrap_or(1), currency }, tx.caller.person());
    let id = paying_out::prepare(tx, &minimum, by).await?;
    let made = paying_out::detail(tx, id).await?;
    tx.audit_created("payout_batch.prepared", &made.batch);
    tx.emit(&PayoutsPrepared { batch_id: id, amount: made.batch.amount.clone() });
    Ok(made)
}

/// Approve a payout batch
///
/// Reserves the money: it leaves the partners' balances. The person who prepared the batch cannot approve it. Rejected
/// if a partner is now owed less or can no longer be paid to that account.
#[operation(POST "/financials/payouts/{id}/approve", staff = PayoutsApprove,
    errors(invalid_transition, payout_account_unset, payout_stale, period_closed))]
pub async fn payout_batch_approve(tx: &mut Tx, id: PayoutBatchId) -> Result<PayoutBatch> {
    // Before money is set aside that could not be sent.
    paying_account(tx.app())?;
    let by = tx.caller.person();
    let (before, after) = paying_out::approve(tx, id, by).await?;
    tx.audit("payout_batch.approved", &before, &after);
    Ok(after)
}

/// Discard a payout batch that was not approved
#[operation(POST "/financials/payouts/{id}/discard", staff = PayoutsPrepare, errors(invalid_transition))]
pub async fn payout_batch_discard(tx: &mut Tx, id: PayoutBatchId) -> Result<PayoutBatch> {
    let (before, after) = paying_out::transition(tx, id, PayoutBatchStatus::Discarded, None).await?;
    tx.audit("payout_batch.discarded", &before, &after);
    Ok(after)
}

/// Send an approved payout batch to the bank
///
/// The bank file can then be downloaded, and the result of each payout recorded.
#[operation(POST "/financials/payouts/{id}/process", staff = PayoutsApprove,
    errors(invalid_transition, payout_account_unset))]
pub async fn payout_batch_process(tx: &mut Tx, id: PayoutBatchId) -> Result<PayoutBatch> {
    paying_account(tx.app())?;
    let (before, after) = paying_out::transition(tx, id, PayoutBatchStatus::Processing, None).await?;
    tx.audit("payout_batch.processed", &before, &after);
    Ok(after)
}

/// The account payouts come from: its number, and its bank.
#[cfg(feature = "ssr")]
fn paying_account(app: &App) -> Result<(String, String)> {
    let config = &app.config;
    let both = config.payout_account.clone().zip(config.payout_bank.clone());
    both.ok_or_else(|| {
        payout_account_unset().detail("Set EVENTIFY_PAYOUT_ACCOUNT and EVENTIFY_PAYOUT_BANK on the server.")
    })
}

/// Download the bank file of a payout batch
///
/// An ISO 20022 document (pain.001.001.09) with every unpaid payout, including full account numbers.
#[operation(GET "/financials/payouts/{id}/bank-file", staff = PayoutsApprove, answer = File,
    errors(invalid_transition, payout_account_unset, payout_stale))]
pub async fn payout_bank_file(cx: &RequestContext, id: PayoutBatchId) -> Result<Answer> {
    let (number, bank_code) = paying_account(cx.app())?;
    let mut db = cx.reader().await?;
    let found = paying_out::detail(&mut db, id).await?;
    if found.batch.status != PayoutBatchStatus::Processing {
        return Err(is_now("batch", found.batch.status.as_str()));
    }
    let mut transfers = Vec::new();
    for payout in found.payouts.into_iter().filter(|payout| payout.status == PayoutStatus::Pending) {
        let account = sql::payout_account(db.conn(), payout.id).await?;
        let to = bank_details(db.conn(), &cx.app().keys, account).await?;
        transfers.push(Transfer { end_to_end: payout.end_to_end_id, amount: payout.amount, to });
    }
    if transfers.is_empty() {
        return Err(invalid_transition().detail("No payout of this batch is waiting."));
    }
    let holder = organisation::current(cx.app()).await?.name.clone();
    let file = BankFile {
        reference: found.batch.reference.clone(),
        at: db.now,
        from: BankDetails { holder, bank_code, number },
        currency: found.batch.amount.currency.clone(),
        transfers,
    };
    if let Some(holder) = file.unfit() {
        return Err(payout_stale().detail(format!("The account number of {holder} is longer than a bank file takes.")));
    }
    let name = format!("{}.xml", found.batch.reference);
    Ok(Answer { response: files::attached(&name, "application/xml", file.xml())? })
}

/// Mark a payout batch as paid
///
/// All pending payouts become paid, and the batch is complete unless one has failed.
#[operation(POST "/financials/payouts/{id}/paid", staff = PayoutsApprove, errors(invalid_transition, period_closed))]
pub async fn payout_batch_paid(tx: &mut Tx, id: PayoutBatchId) -> Result<PayoutBatch> {
    let (before, after) = paying_out::all_paid(tx, id).await?;
    tx.audit("payout_batch.paid", &before, &after);
    Ok(after)
}

/// Record the bank's result of a payout
///
/// Paid, or failed with the reason. A failed payout that is set to pending again goes to the account that is verified
/// now.
#[operation(PATCH "/payouts/{id}", staff = PayoutsApprove, errors(invalid_transition, payout_stale, period_closed))]
pub async fn payout_change(tx: &mut Tx, id: PayoutId, input: PayoutChange) -> Result<Payout> {
    let (before, after) = paying_out::change(tx, id, &input).await?;
    let entry = tx.audit("payout.changed", &before, &after);
    if let Some(reason) = &input.reason {
        entry.reason(reason.as_str());
    }
    Ok(after)
}
