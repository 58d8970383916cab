//! Bank accounts that payouts go to.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::partners::{BankAccount, BankAccountId, BankAccountReview, NewBankAccount, PartnerId};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, Tx},
        crypto::Keys,
        error::{forbidden, internal, invalid_transition},
    },
    crate::partners::{
        Decision, Verification,
        events::{BankAccountAdded, BankAccountReviewed},
        notices, sql,
    },
};

/// What account numbers are encrypted for.
#[cfg(feature = "ssr")]
const PURPOSE: &str = "partner_bank_account";

/// What is kept of an account's number.
#[cfg(feature = "ssr")]
pub(in crate::partners) fn bank_account_seal(keys: &Keys, number: &str) -> Result<Vec<u8>> {
    keys.seal(PURPOSE, number.as_bytes())
}

/// The number of an account, of what is kept of it.
#[cfg(feature = "ssr")]
pub(in crate::partners) fn bank_account_number(keys: &Keys, sealed: &[u8]) -> Result<String> {
    String::from_utf8(keys.open(PURPOSE, sealed)?).map_err(|error| internal().internal(error))
}

/// List the bank accounts of a partner
///
/// Newest first.
#[operation(GET "/partners/{id}/bank-accounts", staff = PartnersRead, scoped)]
pub async fn partner_bank_account_list(db: &mut Reader, id: PartnerId, query: Paging) -> Result<Page<BankAccount>> {
    let partner = sql::partner_find(db, id).await?;
    let house = db.scope == Scope::All;
    let rows = sql::bank_account_list(db.conn(), partner.id, house).await?;
    query.cut(db, "bank_accounts", id, rows, |account| account.id.0)
}

/// Add a bank account
///
/// The account number is stored encrypted. Payouts go there once the account is verified.
#[operation(POST "/partners/{id}/bank-accounts", staff = PartnersManage, status = 201, scoped, errors(already_exists))]
pub async fn partner_bank_account_add(tx: &mut Tx, id: PartnerId, input: NewBankAccount) -> Result<BankAccount> {
    let partner = sql::partner_lock(tx, id).await?;
    let sealed = bank_account_seal(&tx.app().keys, input.account_number.as_str())?;
    let account = BankAccount {
        id: BankAccountId::new(),
        partner_id: id,
        holder_name: input.holder_name.into(),
        bank_code: input.bank_code.into(),
        last_four: input.account_number.last_four().to_owned(),
        currency: input.currency.unwrap_or(partner.settlement_currency),
        status: Verification::Pending,
        rejection_reason: None,
        added_by_name: tx.caller.staff().map(|staff| staff.name.clone()),
        reviewed_at: None,
        reviewed_by_name: None,
        retired_at: None,
        version: 1,
        created_at: tx.now,
    };
    let by = tx.caller.person();
    sql::bank_account_insert(tx.conn(), &account, &sealed, by).await?;
    tx.audit_created("partner.bank_account_added", &account);
    tx.emit(&BankAccountAdded { partner_id: id, bank_account_id: account.id });
    Ok(account)
}

/// Approve or reject a bank account
///
/// An approved account replaces the previous payout account in its currency. The person who added it cannot approve it.
#[operation(POST "/partners/{id}/bank-accounts/{account_id}/review", staff = KycReview, scoped,
    errors(invalid_transition, conflict))]
pub async fn partner_bank_account_review(
    tx: &mut Tx,
    id: PartnerId,
    account_id: BankAccountId,
    input: BankAccountReview,
) -> Result<BankAccount> {
    let partner = sql::partner_lock(tx, id).await?;
    rules::house_only(tx)?;
    let before = sql::bank_account_find(tx.conn(), id, account_id).await?;
    if before.status != Verification::Pending {
        return Err(invalid_transition().detail(format!("The account is {} already.", before.status.as_str())));
    }
    if input.decision == Decision::Verified {
        let adder = sql::bank_account_adder(tx.conn(), account_id).await?;
        if adder.is_some() && adder == tx.caller.person() {
            return Err(forbidden().detail("You added this account: someone else must approve it."));
        }
    }
    let (now, by, decision) = (tx.now, tx.actor(), Verification::from(input.decision));
    let reason = input.reason.as_ref().map(|reason| reason.as_str());
    let shown = reason.filter(|_| decision == Verification::Rejected);
    sql::bank_account_review(tx.conn(), &before, decision, shown, by, now).await?;
    let after = sql::bank_account_find(tx.conn(), id, account_id).await?;
    let entry = tx.audit("partner.bank_account_reviewed", &before, &after);
    if let Some(reason) = reason {
        entry.reason(reason);
    }
    notices::account_reviewed(tx, &partner, &after).await?;
    tx.emit(&BankAccountReviewed { partner_id: id, bank_account_id: account_id, decision });
    Ok(after)
}
