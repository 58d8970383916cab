use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::StaffId;
use crate::events::EventId;
use crate::events::records::Recorded;
use crate::finance::{PaymentId, Refund, RefundId, RefundStatus};
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;

const REFUND: &str = "select r.id, r.payment_id, r.amount_minor, r.currency::text as currency, r.reason, r.status,
    r.failure_reason, u.full_name as requested_by_name, r.processed_at, r.created_at
    from refunds r left join admin_users u on u.id = r.requested_by where ";

fn refund_row(row: &sqlx::postgres::PgRow) -> Result<Refund> {
    let currency: String = row.try_get("currency")?;
    Ok(Refund {
        id: row.try_get("id")?,
        payment_id: row.try_get("payment_id")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        reason: row.try_get("reason")?,
        status: row.try_get("status")?,
        failure_reason: row.try_get("failure_reason")?,
        requested_by_name: row.try_get("requested_by_name")?,
        processed_at: row.try_get("processed_at")?,
        created_at: row.try_get("created_at")?,
    })
}

/// One refund, or 404.
pub async fn refund_find(db: &mut PgConnection, id: RefundId) -> Result<Refund> {
    let mut query = QueryBuilder::<Postgres>::new(REFUND);
    query.push("r.id = ").push_bind(id);
    refund_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// The same, locked until the transaction ends.
pub async fn refund_lock(db: &mut PgConnection, id: RefundId) -> Result<Refund> {
    sqlx::query!("select id from refunds where id = $1 for no key update", id.0)
        .fetch_optional(&mut *db)
        .await?
        .ok_or_else(not_found)?;
    refund_find(db, id).await
}

/// What went back of a payment, the latest first.
pub async fn refunds_of(db: &mut PgConnection, payment: PaymentId) -> Result<Vec<Refund>> {
    let mut query = QueryBuilder::<Postgres>::new(REFUND);
    query.push("r.payment_id = ").push_bind(payment).push(" order by r.created_at desc, r.id desc");
    query.build().fetch_all(db).await?.iter().map(refund_row).collect()
}

/// The latest that the provider could not send.
pub async fn refunds_that_failed(db: &mut PgConnection, most: i64) -> Result<Vec<Refund>> {
    let mut query = QueryBuilder::<Postgres>::new(REFUND);
    query.push("r.status = 'failed' order by r.created_at desc, r.id desc limit ").push_bind(most);
    query.build().fetch_all(db).await?.iter().map(refund_row).collect()
}

pub async fn refund_insert(
    db: &mut PgConnection,
    id: RefundId,
    payment: PaymentId,
    (amount, reason): (&Money, &str),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into refunds (id, payment_id, amount_minor, currency, reason, requested_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        id.0,
        payment.0,
        amount.minor,
        amount.currency.as_str(),
        reason,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the log calls the refunds of an event, and the evidence of its disputes.
pub async fn refunds_of_event(db: &mut PgConnection, event: EventId) -> Result<Vec<Recorded>> {
    let rows = sqlx::query!(
        r#"with paid as (select p.id from payments p join payment_orders o on o.id = p.order_id where o.event_id = $1)
           select 'refund' as "kind!", r.id::text as "id!" from refunds r join paid on paid.id = r.payment_id
           union all select 'dispute_evidence', e.id::text
               from dispute_evidence e join disputes d on d.id = e.dispute_id join paid on paid.id = d.payment_id"#,
        event.0,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.kind, row.id)).collect())
}

/// How often the provider has refused it.
pub async fn refund_failures(db: &mut PgConnection, id: RefundId) -> Result<i32> {
    Ok(sqlx::query_scalar!("select failures from refunds where id = $1", id.0).fetch_one(db).await?)
}

pub async fn refund_set_status(
    db: &mut PgConnection,
    id: RefundId,
    status: RefundStatus,
    failure: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update refunds set status = $2::text, failure_reason = $3,
             failures = failures + case when $2 = 'failed' then 1 else 0 end,
             processed_at = case when $2 = 'processed' then $4::timestamptz end
         where id = $1",
        id.0,
        status.as_str(),
        failure,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
