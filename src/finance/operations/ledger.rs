//! The ledger, to be read, and its months.

use operation::{Answer, operation};

use crate::finance::{
    AccountId, AccountingPeriod, ClosePeriod, Journal, JournalId, LedgerAccount, LedgerAccountFilter, LedgerBalance,
    LedgerEntry, LedgerFilter,
};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::finance::errors::period_not_over,
    crate::finance::{PeriodId, sql},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::internal,
        page::Paged,
    },
};

/// List ledger postings
///
/// Newest first. For a single account, each posting includes the balance after it.
#[operation(GET "/financials/entries", staff = FinanceRead)]
pub async fn ledger_entry_list(db: &mut Reader, query: LedgerFilter) -> Result<Page<LedgerEntry>> {
    sql::entry_list(db, &query).await
}

/// Export ledger postings as CSV
///
/// Every posting of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/financials/entries/export", staff = FinanceRead, answer = Csv)]
pub async fn ledger_entry_export(
    cx: &RequestContext,
    query: LedgerFilter,
    columns: Option<Vec<String>>,
) -> Result<Answer> {
    csv::answer(cx, "ledger", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::entry_list(db, &filter).await })
    })
    .await
}

/// Get a journal with its source and postings
#[operation(GET "/financials/journals/{id}", staff = FinanceRead)]
pub async fn ledger_journal_get(db: &mut Reader, id: JournalId) -> Result<Journal> {
    sql::journal_find(db.conn(), id).await
}

/// List ledger accounts with their balances
///
/// Ordered by type.
#[operation(GET "/financials/accounts", staff = FinanceRead)]
pub async fn ledger_account_list(db: &mut Reader, query: LedgerAccountFilter) -> Result<Page<LedgerAccount>> {
    sql::account_list(db, &query).await
}

/// Get a ledger account with its balance
#[operation(GET "/financials/accounts/{id}", staff = FinanceRead)]
pub async fn ledger_account_get(db: &mut Reader, id: AccountId) -> Result<LedgerAccount> {
    sql::account_find(db.conn(), id).await
}

/// Get balances by account type
///
/// One row per account type and currency.
#[operation(GET "/financials/balances", staff = FinanceRead)]
pub async fn ledger_balance_list(db: &mut Reader) -> Result<Page<LedgerBalance>> {
    Ok(sql::balance_list(db.conn()).await?.into())
}

/// List closed accounting periods
///
/// Newest first.
#[operation(GET "/financials/periods", staff = FinanceRead)]
pub async fn period_list(db: &mut Reader, query: Paging) -> Result<Page<AccountingPeriod>> {
    let periods = sql::period_list(db.conn()).await?;
    query.cut(db, "accounting periods", (), periods, |period| period.id.0)
}

/// Close an accounting period
///
/// No more entries can be posted to the month: post corrections in an open month. A month can be closed once it is
/// over, and cannot be reopened.
#[operation(POST "/financials/periods", staff = FinanceManage, status = 201, errors(period_closed, period_not_over))]
pub async fn period_close(tx: &mut Tx, input: ClosePeriod) -> Result<AccountingPeriod> {
    let month = time::Month::try_from(input.month).map_err(|e| internal().internal(e))?;
    let first = time::Date::from_calendar_date(input.year, month, 1).map_err(|e| internal().internal(e))?;
    let today = tx.now.0.date();
    if (first.year(), u8::from(first.month())) >= (today.year(), u8::from(today.month())) {
        return Err(period_not_over());
    }
    let (id, now, by) = (PeriodId::new(), tx.now, tx.actor());
    sql::period_close(tx.conn(), id, first, by, now).await?;
    let closed = sql::period_list(tx.conn()).await?.into_iter().find(|period| period.id == id);
    let closed = closed.ok_or_else(|| internal().internal("the closed month is not there"))?;
    tx.audit_created("accounting_period.closed", &closed);
    Ok(closed)
}
