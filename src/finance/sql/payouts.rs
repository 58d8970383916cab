use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::StaffId;
use crate::finance::{
    Payout, PayoutBatch, PayoutBatchId, PayoutBatchStatus, PayoutExclusion, PayoutExclusionReason, PayoutFilter,
    PayoutId, PayoutStatus,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::partners::{BankAccountId, PartnerId};

paged!(PayoutFilter);

/// What partners are owed in a currency, where it is more than nothing.
pub async fn owed_list(db: &mut PgConnection, currency: &Currency) -> Result<Vec<(PartnerId, Money)>> {
    let rows = sqlx::query!(
        r#"select partner_id as "partner!: PartnerId", -balance_minor as "owed!" from ledger_accounts
           where kind = 'partner_payable' and currency = $1 and balance_minor < 0 order by partner_id"#,
        currency.as_str(),
    )
    .fetch_all(db)
    .await?;
    let owed = |minor| Money { minor, currency: currency.clone() };
    Ok(rows.into_iter().map(|row| (row.partner, owed(row.owed))).collect())
}

/// The partners of a batch who would owe us now.
pub async fn overdrawn(db: &mut PgConnection, batch: PayoutBatchId) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select p.name from payouts t
             join ledger_accounts a on a.partner_id = t.partner_id and a.currency = t.currency and a.kind = 'partner_payable'
             join partners p on p.id = t.partner_id
         where t.batch_id = $1 and a.balance_minor > 0 order by p.name",
        batch.0,
    )
    .fetch_all(db)
    .await?)
}

const BATCH: &str = "select b.id, b.reference, b.status, b.currency::text as currency, b.minimum_minor,
    coalesce(s.amount, 0)::bigint as amount_minor, coalesce(s.payouts, 0) as payouts, coalesce(s.failed, 0) as failed,
    b.prepared_by, m.full_name as prepared_by_name, a.full_name as approved_by_name, b.approved_at, b.processing_at,
    b.done_at, b.created_at
    from payout_batches b left join admin_users m on m.id = b.prepared_by left join admin_users a on a.id = b.approved_by
    left join lateral (select sum(amount_minor) as amount, count(*) as payouts,
                              count(*) filter (where status = 'failed') as failed
                       from payouts where batch_id = b.id) s on true
    where true";

fn batch_row(row: &sqlx::postgres::PgRow) -> Result<PayoutBatch> {
    let currency: String = row.try_get("currency")?;
    Ok(PayoutBatch {
        id: row.try_get("id")?,
        reference: row.try_get("reference")?,
        status: row.try_get("status")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        minimum: Money::stored(row.try_get("minimum_minor")?, &currency)?,
        payouts: row.try_get("payouts")?,
        failed: row.try_get("failed")?,
        prepared_by: row.try_get("prepared_by")?,
        prepared_by_name: row.try_get("prepared_by_name")?,
        approved_by_name: row.try_get("approved_by_name")?,
        approved_at: row.try_get("approved_at")?,
        processing_at: row.try_get("processing_at")?,
        done_at: row.try_get("done_at")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Batches, the latest first.
pub async fn batch_list(db: &mut impl Db, filter: &PayoutFilter) -> Result<Page<PayoutBatch>> {
    let keyset = filter.keyset(db.cx(), ("b.created_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(BATCH);
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        query.push(" and b.status = any(").push_bind(words).push(")");
    }
    keyset.rows(db, query, "b.id").await?.page_by(batch_row, |batch| (batch.created_at, batch.id.0))
}

/// One batch, or 404.
pub async fn batch_find(db: &mut PgConnection, id: PayoutBatchId) -> Result<PayoutBatch> {
    let mut query = QueryBuilder::<Postgres>::new(BATCH);
    query.push(" and b.id = ").push_bind(id);
    batch_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// The same, locked until the transaction ends.
pub async fn batch_lock(db: &mut PgConnection, id: PayoutBatchId) -> Result<PayoutBatch> {
    sqlx::query!("select id from payout_batches where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    batch_find(db, id).await
}

pub async fn batch_insert(
    db: &mut PgConnection,
    id: PayoutBatchId,
    (reference, minimum): (&str, &Money),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into payout_batches (id, reference, currency, minimum_minor, prepared_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        id.0,
        reference,
        minimum.currency.as_str(),
        minimum.minor,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A step of a batch; when and by whom is noted.
pub async fn batch_step(
    db: &mut PgConnection,
    id: PayoutBatchId,
    status: PayoutBatchStatus,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update payout_batches set status = $2::text,
             approved_at = case when $2 = 'approved' then $4::timestamptz else approved_at end,
             approved_by = case when $2 = 'approved' then $3::uuid else approved_by end,
             processing_at = case when $2 = 'processing' then $4 else processing_at end,
             done_at = case when $2 = 'done' then $4 else done_at end
         where id = $1",
        id.0,
        status.as_str(),
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

const PAYOUT: &str = "select t.id, t.batch_id, t.partner_id, p.name as partner_name, a.holder_name, a.last_four,
    t.amount_minor, t.currency::text as currency, t.end_to_end_id, t.status, t.failure_reason, t.paid_at
    from payouts t join partners p on p.id = t.partner_id join partner_bank_accounts a on a.id = t.bank_account_id
    where ";

fn payout_row(row: &sqlx::postgres::PgRow) -> Result<Payout> {
    let currency: String = row.try_get("currency")?;
    Ok(Payout {
        id: row.try_get("id")?,
        batch_id: row.try_get("batch_id")?,
        partner_id: row.try_get("partner_id")?,
        partner_name: row.try_get("partner_name")?,
        holder_name: row.try_get("holder_name")?,
        last_four: row.try_get("last_four")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        end_to_end_id: row.try_get("end_to_end_id")?,
        status: row.try_get("status")?,
        failure_reason: row.try_get("failure_reason")?,
        paid_at: row.try_get("paid_at")?,
    })
}

/// Everybody in a batch.
pub async fn payouts_of(db: &mut PgConnection, batch: PayoutBatchId) -> Result<Vec<Payout>> {
    let mut query = QueryBuilder::<Postgres>::new(PAYOUT);
    query.push("t.batch_id = ").push_bind(batch).push(" order by t.end_to_end_id");
    query.build().fetch_all(db).await?.iter().map(payout_row).collect()
}

/// What a partner was and will be paid, the latest first.
pub async fn payouts_to(db: &mut PgConnection, partner: PartnerId, most: i64) -> Result<Vec<Payout>> {
    let mut query = QueryBuilder::<Postgres>::new(PAYOUT);
    query.push("t.partner_id = ").push_bind(partner);
    query.push(" and t.batch_id not in (select id from payout_batches where status = 'discarded')");
    query.push(" order by t.created_at desc, t.id desc limit ").push_bind(most);
    query.build().fetch_all(db).await?.iter().map(payout_row).collect()
}

/// One payout, or 404.
pub async fn payout_find(db: &mut PgConnection, id: PayoutId) -> Result<Payout> {
    let mut query = QueryBuilder::<Postgres>::new(PAYOUT);
    query.push("t.id = ").push_bind(id);
    payout_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// The account a payout goes to.
pub async fn payout_account(db: &mut PgConnection, id: PayoutId) -> Result<BankAccountId> {
    let id =
        sqlx::query_scalar!(r#"select bank_account_id as "account: BankAccountId" from payouts where id = $1"#, id.0,);
    Ok(id.fetch_one(db).await?)
}

/// A payout to be made.
pub struct NewPayout {
    pub partner: PartnerId,
    pub account: BankAccountId,
    pub amount: Money,
    pub end_to_end: String,
}

pub async fn payout_insert(db: &mut PgConnection, batch: PayoutBatchId, new: &NewPayout, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into payouts (id, batch_id, partner_id, bank_account_id, amount_minor, currency, end_to_end_id, created_at,
                              updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        PayoutId::new().0,
        batch.0,
        new.partner.0,
        new.account.0,
        new.amount.minor,
        new.amount.currency.as_str(),
        new.end_to_end,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the bank says of a payout; tried again, it goes to the account that holds now.
pub async fn payout_set_status(
    db: &mut PgConnection,
    id: PayoutId,
    (status, reason): (PayoutStatus, Option<&str>),
    account: Option<BankAccountId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update payouts set status = $2::text, failure_reason = $3, bank_account_id = coalesce($4, bank_account_id),
             paid_at = case when $2 = 'paid' then $5::timestamptz end
         where id = $1",
        id.0,
        status.as_str(),
        reason,
        account.map(|account| account.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn exclusion_insert(
    db: &mut PgConnection,
    batch: PayoutBatchId,
    (partner, amount, reason): (PartnerId, &Money, PayoutExclusionReason),
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into payout_exclusions (batch_id, partner_id, amount_minor, reason, created_at) values ($1, $2, $3, $4, $5)",
        batch.0,
        partner.0,
        amount.minor,
        reason.as_str(),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who was left out of a batch.
pub async fn exclusions_of(db: &mut PgConnection, batch: &PayoutBatch) -> Result<Vec<PayoutExclusion>> {
    let rows = sqlx::query!(
        r#"select x.partner_id as "partner: PartnerId", p.name, x.amount_minor,
                  x.reason as "reason: PayoutExclusionReason"
           from payout_exclusions x join partners p on p.id = x.partner_id
           where x.batch_id = $1 order by x.amount_minor desc, p.name"#,
        batch.id.0,
    )
    .fetch_all(db)
    .await?;
    let excluded = rows.into_iter().map(|row| PayoutExclusion {
        partner_id: row.partner,
        partner_name: row.name,
        amount: Money { minor: row.amount_minor, currency: batch.amount.currency.clone() },
        reason: row.reason,
    });
    Ok(excluded.collect())
}
