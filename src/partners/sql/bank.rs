use sqlx::PgConnection;

use crate::access::StaffId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Currency;
use crate::kernel::timestamp::Timestamp;
use crate::partners::{BankAccount, BankAccountId, PartnerId, Verification};

/// All bank accounts of a partner, newest first. To its own people (not `house`) whoever works here is "Eventify".
pub async fn bank_account_list(db: &mut PgConnection, partner: PartnerId, house: bool) -> Result<Vec<BankAccount>> {
    Ok(sqlx::query_as!(
        BankAccount,
        r#"with own as (select user_id from user_role_assignments where partner_id = $1)
           select b.id as "id: BankAccountId", b.partner_id as "partner_id: PartnerId", b.holder_name, b.bank_code,
                  b.last_four, b.currency::text as "currency!: Currency", b.status as "status: Verification",
                  b.rejection_reason,
                  case when adder.id is null or $2 or adder.id in (select user_id from own)
                       then adder.full_name else 'Eventify' end as "added_by_name?",
                  b.reviewed_at as "reviewed_at: Timestamp",
                  case when reviewer.id is null or $2 or reviewer.id in (select user_id from own)
                       then reviewer.full_name else 'Eventify' end as "reviewed_by_name?",
                  b.retired_at as "retired_at: Timestamp", b.version, b.created_at as "created_at: Timestamp"
           from partner_bank_accounts b
           left join admin_users adder on adder.id = b.added_by
           left join admin_users reviewer on reviewer.id = b.reviewed_by
           where b.partner_id = $1
           order by b.created_at desc, b.id desc"#,
        partner.0,
        house,
    )
    .fetch_all(db)
    .await?)
}

/// One bank account of this partner as it is, or 404.
pub async fn bank_account_find(db: &mut PgConnection, partner: PartnerId, id: BankAccountId) -> Result<BankAccount> {
    bank_account_list(db, partner, true).await?.into_iter().find(|b| b.id == id).ok_or_else(not_found)
}

/// Who added it, where that is known.
pub async fn bank_account_adder(db: &mut PgConnection, id: BankAccountId) -> Result<Option<StaffId>> {
    let added_by = sqlx::query_scalar!(
        r#"select added_by as "added_by: StaffId" from partner_bank_accounts where id = $1"#,
        id.0,
    );
    Ok(added_by.fetch_one(db).await?)
}

pub async fn bank_account_insert(
    db: &mut PgConnection,
    account: &BankAccount,
    sealed: &[u8],
    by: Option<StaffId>,
) -> Result<()> {
    sqlx::query!(
        "insert into partner_bank_accounts (id, partner_id, holder_name, bank_code, number_enc, last_four, currency,
                                            added_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        account.id.0,
        account.partner_id.0,
        account.holder_name,
        account.bank_code,
        sealed,
        account.last_four,
        account.currency.as_str(),
        by.map(|id| id.0),
        account.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes the decision; a verified account takes the place of the one that payouts went to.
pub async fn bank_account_review(
    db: &mut PgConnection,
    account: &BankAccount,
    state: Verification,
    reason: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    if state == Verification::Verified {
        sqlx::query!(
            "update partner_bank_accounts set retired_at = $3, version = version + 1
             where partner_id = $1 and currency = $2 and status = 'verified' and retired_at is null",
            account.partner_id.0,
            account.currency.as_str(),
            now.0,
        )
        .execute(&mut *db)
        .await?;
    }
    sqlx::query!(
        "update partner_bank_accounts
         set status = $2, rejection_reason = $3, reviewed_at = $4, reviewed_by = $5, version = version + 1
         where id = $1",
        account.id.0,
        state.as_str(),
        reason,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}
