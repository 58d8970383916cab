//! All SQL of notify.

use serde_json::{Value, json};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::deliveries::Recipient as Addressee;
use super::{
    Channel, Delivery, DeliveryFilter, DeliveryOutcome, DispatchStatus, MessageFilter, MessageId, QueuedMessage,
};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paged, paged};
use crate::kernel::timestamp::Timestamp;
use crate::ops::JobId;

paged!(MessageFilter, DeliveryFilter);

/// Whom a mail greets and where it goes.
pub struct Recipient {
    pub email: String,
    pub full_name: String,
}

/// A staff member who still has access.
pub async fn staff_recipient(db: &mut PgConnection, id: Uuid) -> Result<Option<Recipient>> {
    Ok(sqlx::query_as!(Recipient, "select email, full_name from admin_users where id = $1 and status = 'active'", id,)
        .fetch_optional(db)
        .await?)
}

/// An attempt to be noted.
pub struct NewDelivery<'d> {
    pub id: Uuid,
    pub job: Uuid,
    pub attempt: i32,
    pub channel: Channel,
    pub kind: &'d str,
    pub recipient: &'d Addressee,
    pub outcome: DeliveryOutcome,
    pub reason: Option<&'d str>,
}

/// Notes an attempt.
pub async fn delivery_insert(db: &mut PgConnection, new: &NewDelivery<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into delivery_logs (id, job_id, attempt, channel, kind, recipient, recipient_hash, outcome, reason,
                                    created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.id,
        new.job,
        new.attempt,
        new.channel.as_str(),
        new.kind,
        new.recipient.masked,
        new.recipient.hash.as_slice(),
        new.outcome.as_str(),
        new.reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes at the message itself why it is where it is. One that an older version queued has its row from now on.
pub async fn message_note(db: &mut PgConnection, new: &NewDelivery<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into notification_queue (id, job_id, channel, kind, recipient, recipient_hash, status, reason, attempts,
                                         not_before, created_at)
         values ($1, $2, $3, $4, $5, $6, 'sending', $7, $8, $9, $9)
         on conflict (job_id) do update set reason = excluded.reason",
        new.id,
        new.job,
        new.channel.as_str(),
        new.kind,
        new.recipient.masked,
        new.recipient.hash.as_slice(),
        new.reason,
        new.attempt,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

const MESSAGE: &str = "select id, job_id, channel, kind, recipient, status, reason, attempts, not_before, created_at,
                              status in ('failed', 'cancelled')
                                  and exists (select from job_runs j where j.id = job_id) as can_retry
                       from notification_queue where recipient_hash is not null";

fn message(row: &sqlx::postgres::PgRow) -> sqlx::Result<QueuedMessage> {
    let (channel, status): (String, String) = (row.try_get("channel")?, row.try_get("status")?);
    Ok(QueuedMessage {
        id: MessageId(row.try_get("id")?),
        job_id: row.try_get::<Option<Uuid>, _>("job_id")?.map(JobId),
        channel: Channel::of(&channel),
        kind: row.try_get("kind")?,
        subject: None,
        recipient: row.try_get("recipient")?,
        status: DispatchStatus::ALL.into_iter().find(|one| one.as_str() == status).unwrap_or(DispatchStatus::Failed),
        reason: row.try_get("reason")?,
        attempts: row.try_get("attempts")?,
        not_before: row.try_get("not_before")?,
        can_retry: row.try_get("can_retry")?,
        created_at: row.try_get("created_at")?,
    })
}

/// What these jobs were told to do, while they are kept.
pub async fn job_payloads(db: &mut PgConnection, jobs: Vec<Uuid>) -> Result<Vec<(Uuid, Value)>> {
    let mut query = QueryBuilder::<Postgres>::new("select id, payload from job_runs where id = any(");
    Ok(query.push_bind(jobs).push(")").build_query_as().fetch_all(db).await?)
}

/// Messages, the newest first; `to` is whose they are, if anybody's.
pub async fn message_list(
    db: &mut impl Db,
    filter: &MessageFilter,
    to: Option<&Addressee>,
) -> Result<Page<QueuedMessage>> {
    let keyset = filter.keyset_of(db.cx(), ("created_at", "timestamptz", true), "messages")?;
    let mut query = QueryBuilder::<Postgres>::new(MESSAGE);
    if let Some(to) = to {
        query.push(" and recipient_hash = ").push_bind(to.hash.to_vec());
    }
    if let Some(channel) = filter.channel {
        query.push(" and channel = ").push_bind(channel.as_str());
    }
    if let Some(status) = filter.status {
        query.push(" and status = ").push_bind(status.as_str());
    }
    if let Some(kind) = &filter.kind {
        query.push(" and kind = ").push_bind(kind.as_str());
    }
    keyset.rows(db, query, "id").await?.page_by(message, |one| (one.created_at, one.id.0))
}

/// One message, or 404.
pub async fn message_find(db: &mut PgConnection, id: MessageId) -> Result<QueuedMessage> {
    let mut query = QueryBuilder::<Postgres>::new(MESSAGE);
    query.push(" and id = ").push_bind(id.0);
    Ok(message(&query.build().fetch_one(db).await?)?)
}

/// Deletes messages that were queued before and have ended; one that still waits stays.
pub async fn message_sweep(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from notification_queue where id in (
             select id from notification_queue
             where created_at < $1 and status in ('sent', 'skipped', 'failed', 'cancelled')
             order by created_at limit $2)",
        before.0,
        limit,
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Attempts, the newest first; `to` is whose they are, if anybody's.
pub async fn delivery_list(
    db: &mut impl Db,
    filter: &DeliveryFilter,
    to: Option<&Addressee>,
) -> Result<Page<Delivery>> {
    let keyset = filter.keyset_of(db.cx(), ("created_at", "timestamptz", true), "deliveries")?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select id, job_id, attempt, channel, kind, recipient, outcome, reason, created_at from delivery_logs where true",
    );
    if let Some(to) = to {
        query.push(" and recipient_hash = ").push_bind(to.hash.to_vec());
    }
    if let Some(channel) = filter.channel {
        query.push(" and channel = ").push_bind(channel.as_str());
    }
    if let Some(outcome) = filter.outcome {
        query.push(" and outcome = ").push_bind(outcome.as_str());
    }
    if let Some(kind) = &filter.kind {
        query.push(" and kind = ").push_bind(kind.as_str());
    }
    if let Some(job) = filter.job_id {
        query.push(" and job_id = ").push_bind(job.0);
    }
    let one = |row: &sqlx::postgres::PgRow| -> sqlx::Result<Delivery> {
        let (channel, outcome): (String, String) = (row.try_get("channel")?, row.try_get("outcome")?);
        Ok(Delivery {
            id: row.try_get("id")?,
            job_id: JobId(row.try_get("job_id")?),
            attempt: row.try_get("attempt")?,
            channel: Channel::of(&channel),
            kind: row.try_get("kind")?,
            recipient: row.try_get("recipient")?,
            outcome: DeliveryOutcome::ALL
                .into_iter()
                .find(|one| one.as_str() == outcome)
                .unwrap_or(DeliveryOutcome::Failed),
            reason: row.try_get("reason")?,
            created_at: row.try_get("created_at")?,
        })
    };
    keyset.rows(db, query, "id").await?.page_by(one, |one| (one.created_at, one.id))
}

/// Deletes attempts that were made before.
pub async fn delivery_sweep(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from delivery_logs where id in (
             select id from delivery_logs where created_at < $1 order by created_at limit $2)",
        before.0,
        limit,
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// What was sent to these addresses.
pub async fn delivery_gather(db: &mut PgConnection, hashes: &[Vec<u8>]) -> Result<Value> {
    let rows = sqlx::query_scalar!(
        r#"select jsonb_build_object('channel', channel, 'kind', kind, 'recipient', recipient, 'outcome', outcome,
                                     'created_at', created_at) as "row!"
           from delivery_logs where recipient_hash = any($1) order by created_at, id"#,
        hashes,
    );
    let attempts = rows.fetch_all(&mut *db).await?;
    let rows = sqlx::query_scalar!(
        r#"select jsonb_build_object('channel', channel, 'kind', kind, 'recipient', recipient, 'status', status,
                                     'created_at', created_at) as "row!"
           from notification_queue where recipient_hash = any($1) order by created_at, id"#,
        hashes,
    );
    Ok(json!({ "messages": rows.fetch_all(db).await?, "attempts": attempts }))
}

/// Forgets what was sent to these addresses.
pub async fn delivery_forget(db: &mut PgConnection, hashes: &[Vec<u8>]) -> Result<()> {
    sqlx::query!("delete from delivery_logs where recipient_hash = any($1)", hashes).execute(&mut *db).await?;
    sqlx::query!("delete from notification_queue where recipient_hash = any($1)", hashes).execute(db).await?;
    Ok(())
}
