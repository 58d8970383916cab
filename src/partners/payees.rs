//! Whom payouts can go to, and where.

use sqlx::PgConnection;

use super::operations::bank_account_number;
use super::{BankAccountId, PartnerId, PartnerStatus, Verification, sql};
use crate::kernel::crypto::Keys;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;

/// A partner, as whoever pays it out has to know it.
#[derive(Clone, Debug)]
pub struct Payee {
    /// Which.
    pub partner: PartnerId,
    /// Its name.
    pub name: String,
    /// Whether it is suspended.
    pub status: PartnerStatus,
    /// Whether its documents are verified.
    pub verification: Verification,
    /// The verified account that payouts in that currency go to.
    pub account: Option<BankAccountId>,
}

/// An account as a bank must know it.
pub struct BankDetails {
    /// Whose it is.
    pub holder: String,
    /// Which bank and branch.
    pub bank_code: String,
    /// Its number, whole: for the bank alone.
    pub number: String,
}

/// These partners, with the account that payouts in this currency go to.
pub async fn payees(db: &mut PgConnection, partners: &[PartnerId], currency: &Currency) -> Result<Vec<Payee>> {
    sql::payee_list(db, partners, currency).await
}

/// An account, to be named to the bank.
pub async fn bank_details(db: &mut PgConnection, keys: &Keys, id: BankAccountId) -> Result<BankDetails> {
    let (holder, bank_code, sealed) = sql::bank_account_sealed(db, id).await?;
    Ok(BankDetails { holder, bank_code, number: bank_account_number(keys, &sealed)? })
}
