//! What is whose: wallets, and what a guest or a partner paid and got. [002]

use operation::operation;

use crate::access::EndUserId;
use crate::finance::{AccountId, LedgerWallet, PartnerMoney, UserMoney, WalletFilter, WalletTransaction};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::PartnerId;

#[cfg(feature = "ssr")]
use {
    crate::finance::sql,
    crate::kernel::context::{Db, Reader},
};

/// The most rows of each kind beside the sums.
#[cfg(feature = "ssr")]
const LATEST: i64 = 50;

/// List wallets
///
/// Newest first. What each partner and each host is owed in each currency, according to the ledger.
#[operation(GET "/finance/wallets", staff = FinanceRead)]
pub async fn wallet_balance_list(db: &mut Reader, query: WalletFilter) -> Result<Page<LedgerWallet>> {
    sql::wallet_list(db, &query).await
}

/// List the transactions of a wallet
///
/// Newest first, each with the balance after it.
#[operation(GET "/finance/wallets/{id}/transactions", staff = FinanceRead)]
pub async fn wallet_transaction_list(db: &mut Reader, id: AccountId, query: Paging) -> Result<Page<WalletTransaction>> {
    sql::wallet_transaction_list(db, id, &query).await
}

/// Get an end user's payments and refunds in total
///
/// Totals by currency, what they are owed as a host, disputes and fraud signals. Use `/payments` for the list of
/// payments.
#[operation(GET "/users/{id}/money", staff = FinanceRead)]
pub async fn user_money(db: &mut Reader, id: EndUserId) -> Result<UserMoney> {
    sql::user_must_exist(db.conn(), id).await?;
    Ok(UserMoney {
        user_id: id,
        sums: sql::user_sums(db.conn(), id).await?,
        wallets: sql::wallets_of_user(db.conn(), id).await?,
        disputes: sql::disputes_of_user(db.conn(), id, LATEST).await?,
        signals: sql::signals_of(db.conn(), id, LATEST).await?,
    })
}

/// Get a partner's sales, fees and payouts
///
/// Totals by currency that add up to what is owed now, payouts, and the latest transactions.
#[operation(GET "/partners/{id}/money", staff = FinanceRead)]
pub async fn partner_money(db: &mut Reader, id: PartnerId) -> Result<PartnerMoney> {
    sql::partner_must_exist(db.conn(), id).await?;
    Ok(PartnerMoney {
        partner_id: id,
        sums: sql::partner_sums(db.conn(), id).await?,
        payouts: sql::payouts_to(db.conn(), id, LATEST).await?,
        transactions: sql::transactions_of_partner(db.conn(), id, LATEST).await?,
    })
}
