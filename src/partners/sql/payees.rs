use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Currency;
use crate::partners::payees::Payee;
use crate::partners::{BankAccountId, PartnerId, PartnerStatus, Verification};

/// These partners, with the account that payouts in this currency go to.
pub async fn payee_list(db: &mut PgConnection, partners: &[PartnerId], currency: &Currency) -> Result<Vec<Payee>> {
    let ids: Vec<Uuid> = partners.iter().map(|id| id.0).collect();
    Ok(sqlx::query_as!(
        Payee,
        r#"select p.id as "partner: PartnerId", p.name, p.status as "status: PartnerStatus",
                  p.verification_status as "verification: Verification", b.id as "account?: BankAccountId"
           from partners p
           left join partner_bank_accounts b
               on b.partner_id = p.id and b.currency = $2 and b.status = 'verified' and b.retired_at is null
           where p.id = any($1) order by p.name, p.id"#,
        &ids,
        currency.as_str(),
    )
    .fetch_all(db)
    .await?)
}

/// What a bank must know of an account: its holder, the bank, and the sealed number.
pub async fn bank_account_sealed(db: &mut PgConnection, id: BankAccountId) -> Result<(String, String, Vec<u8>)> {
    let row = sqlx::query!("select holder_name, bank_code, number_enc from partner_bank_accounts where id = $1", id.0)
        .fetch_optional(db)
        .await?
        .ok_or_else(not_found)?;
    Ok((row.holder_name, row.bank_code, row.number_enc))
}
