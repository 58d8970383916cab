use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::{EndUserId, StaffId};
use crate::finance::{
    Dispute, DisputeEvidence, DisputeFilter, DisputeId, DisputeStatus, EvidenceId, EvidenceKind, PaymentId, Refund,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::files::Sendable;
use crate::kernel::found::push_person_found;
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::upload::StoredFile;

paged!(DisputeFilter);

const DISPUTE: &str = "select d.id, d.payment_id, o.order_reference, o.event_id, e.title as event_title,
    nullif(p.name, '') as payer_name, d.amount_minor, d.currency::text as currency, d.reason, d.status, d.provider_ref,
    d.due_at, (select count(*) from dispute_evidence v where v.dispute_id = d.id) as evidence,
    a.full_name as opened_by_name, d.submitted_at, d.closed_at, c.full_name as closed_by_name, d.note, d.created_at
    from disputes d join payments t on t.id = d.payment_id join payment_orders o on o.id = t.order_id
    join events e on e.id = o.event_id join end_users u on u.id = o.user_id
    left join user_profiles p on p.user_id = o.user_id left join admin_users a on a.id = d.opened_by
    left join admin_users c on c.id = d.closed_by where true";

fn dispute_row(row: &sqlx::postgres::PgRow) -> Result<Dispute> {
    let currency: String = row.try_get("currency")?;
    Ok(Dispute {
        id: row.try_get("id")?,
        payment_id: row.try_get("payment_id")?,
        order_reference: row.try_get("order_reference")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        payer_name: row.try_get("payer_name")?,
        amount: Money::stored(row.try_get("amount_minor")?, &currency)?,
        reason: row.try_get("reason")?,
        status: row.try_get("status")?,
        provider_ref: row.try_get("provider_ref")?,
        due_at: row.try_get("due_at")?,
        evidence: row.try_get("evidence")?,
        opened_by_name: row.try_get("opened_by_name")?,
        submitted_at: row.try_get("submitted_at")?,
        closed_at: row.try_get("closed_at")?,
        closed_by_name: row.try_get("closed_by_name")?,
        note: row.try_get("note")?,
        created_at: row.try_get("created_at")?,
    })
}

/// Disputes, the one that is due first first.
pub async fn dispute_list(db: &mut impl Db, filter: &DisputeFilter) -> Result<Page<Dispute>> {
    let keyset = filter.keyset(db.cx(), ("d.due_at", "timestamptz", false))?;
    let mut query = QueryBuilder::<Postgres>::new(DISPUTE);
    push_person_found(&mut query, &["lower(o.order_reference)", "u.search_text"], filter.q.as_ref());
    if let Some(statuses) = &filter.status {
        let words: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
        query.push(" and d.status = any(").push_bind(words).push(")");
    }
    if let Some(event) = filter.event_id {
        query.push(" and o.event_id = ").push_bind(event);
    }
    if let Some(payment) = filter.payment_id {
        query.push(" and d.payment_id = ").push_bind(payment);
    }
    keyset.rows(db, query, "d.id").await?.page_by(dispute_row, |dispute| (dispute.due_at, dispute.id.0))
}

/// Disputes of what a person paid, the latest first.
pub async fn disputes_of_user(db: &mut PgConnection, user: EndUserId, most: i64) -> Result<Vec<Dispute>> {
    let mut query = QueryBuilder::<Postgres>::new(DISPUTE);
    query.push(" and o.user_id = ").push_bind(user).push(" order by d.created_at desc, d.id desc limit ");
    query.push_bind(most).build().fetch_all(db).await?.iter().map(dispute_row).collect()
}

/// One dispute, or 404.
pub async fn dispute_find(db: &mut PgConnection, id: DisputeId) -> Result<Dispute> {
    let mut query = QueryBuilder::<Postgres>::new(DISPUTE);
    query.push(" and d.id = ").push_bind(id);
    dispute_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)
}

/// What a provider calls by this name.
pub async fn dispute_by_ref(db: &mut PgConnection, name: &str) -> Result<Option<Dispute>> {
    let mut query = QueryBuilder::<Postgres>::new(DISPUTE);
    query.push(" and d.provider_ref = ").push_bind(name.to_owned());
    query.build().fetch_optional(db).await?.as_ref().map(dispute_row).transpose()
}

/// The open dispute of a payment that has no name of the provider's: somebody opened it before the provider told of it.
pub async fn dispute_nameless(db: &mut PgConnection, payment: PaymentId) -> Result<Option<Dispute>> {
    let mut query = QueryBuilder::<Postgres>::new(DISPUTE);
    query.push(" and d.payment_id = ").push_bind(payment).push(" and d.closed_at is null and d.provider_ref is null");
    query.build().fetch_optional(db).await?.as_ref().map(dispute_row).transpose()
}

/// The provider calls it so.
pub async fn dispute_name(db: &mut PgConnection, id: DisputeId, name: &str) -> Result<()> {
    sqlx::query!("update disputes set provider_ref = $2 where id = $1", id.0, name).execute(db).await?;
    Ok(())
}

/// A dispute to be kept.
pub struct NewDisputeRow<'d> {
    pub id: DisputeId,
    pub payment: PaymentId,
    pub amount: &'d Money,
    pub reason: &'d str,
    pub due_at: Timestamp,
    pub provider_ref: Option<&'d str>,
    pub by: Option<StaffId>,
}

pub async fn dispute_insert(db: &mut PgConnection, new: &NewDisputeRow<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into disputes (id, payment_id, amount_minor, currency, reason, provider_ref, opened_by, due_at, created_at,
                               updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        new.id.0,
        new.payment.0,
        new.amount.minor,
        new.amount.currency.as_str(),
        new.reason,
        new.provider_ref,
        new.by.map(|by| by.0),
        new.due_at.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The evidence is with the bank.
pub async fn dispute_submit(db: &mut PgConnection, id: DisputeId, by: Option<StaffId>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update disputes set status = 'under_review', submitted_at = $2, submitted_by = $3 where id = $1",
        id.0,
        now.0,
        by.map(|by| by.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// It is decided.
pub async fn dispute_close(
    db: &mut PgConnection,
    id: DisputeId,
    (status, note): (DisputeStatus, Option<&str>),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update disputes set status = $2, note = $3, closed_by = $4, closed_at = $5 where id = $1",
        id.0,
        status.as_str(),
        note,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The files of a dispute, the first first.
pub async fn evidence_list(db: &mut PgConnection, dispute: DisputeId) -> Result<Vec<DisputeEvidence>> {
    Ok(sqlx::query_as!(
        DisputeEvidence,
        r#"select v.id as "id: EvidenceId", v.dispute_id as "dispute_id: DisputeId", v.kind as "kind: EvidenceKind",
                  v.file_name, v.media_type, v.size_bytes, u.full_name as "added_by_name?",
                  v.created_at as "created_at: Timestamp"
           from dispute_evidence v left join admin_users u on u.id = v.added_by
           where v.dispute_id = $1 order by v.created_at, v.id"#,
        dispute.0,
    )
    .fetch_all(db)
    .await?)
}

/// Keeps a file as evidence.
pub async fn evidence_insert(
    db: &mut PgConnection,
    id: EvidenceId,
    dispute: DisputeId,
    (kind, name, file): (EvidenceKind, &str, &StoredFile),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into dispute_evidence (id, dispute_id, kind, file_id, storage_key, file_name, media_type, size_bytes, sha256,
                                       added_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id.0,
        dispute.0,
        kind.as_str(),
        file.id,
        file.storage_key,
        name,
        file.media_type,
        file.size_bytes,
        &file.sha256[..],
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A file of a dispute, or 404.
pub async fn evidence_file(db: &mut PgConnection, dispute: DisputeId, id: EvidenceId) -> Result<Sendable> {
    sqlx::query_as!(
        Sendable,
        "select storage_key, file_name, media_type, size_bytes from dispute_evidence where id = $1 and dispute_id = $2",
        id.0,
        dispute.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

/// How many disputes are open, how many of them are due before `soon` and lack evidence, and what they hold.
pub async fn disputes_open(db: &mut PgConnection, soon: Timestamp) -> Result<(i64, i64, Vec<Money>)> {
    let rows = sqlx::query!(
        r#"select currency::text as "currency!", count(*) as "open!", sum(amount_minor)::bigint as "held!",
                  count(*) filter (where status = 'opened' and due_at < $1) as "due!"
           from disputes where closed_at is null group by currency order by currency"#,
        soon.0,
    )
    .fetch_all(db)
    .await?;
    let (open, due) = (rows.iter().map(|row| row.open).sum(), rows.iter().map(|row| row.due).sum());
    let held = rows.iter().map(|row| Money::stored(row.held, &row.currency)).collect::<Result<Vec<_>>>()?;
    Ok((open, due, held))
}

/// How many refunds are on their way and how many failed, and the latest of those.
pub async fn refunds_failed(db: &mut PgConnection, most: i64) -> Result<(i64, i64, Vec<Refund>)> {
    let counts = sqlx::query!(
        r#"select count(*) filter (where status in ('requested', 'processing')) as "open!",
                  count(*) filter (where status = 'failed') as "failed!"
           from refunds where status <> 'processed'"#
    )
    .fetch_one(&mut *db)
    .await?;
    Ok((counts.open, counts.failed, super::refunds_that_failed(db, most).await?))
}
