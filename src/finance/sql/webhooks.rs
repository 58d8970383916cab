use serde_json::Value;
use sqlx::PgConnection;

use crate::finance::{PaymentId, ProviderName};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Whether this message is here already; whoever has it now is waited for.
pub async fn webhook_known(db: &mut PgConnection, provider: ProviderName, event: &str) -> Result<bool> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", format!("{} {event}", provider.as_str()))
        .fetch_one(&mut *db)
        .await?;
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from payment_webhooks where provider = $1 and provider_event_id = $2) as "known!""#,
        provider.as_str(),
        event,
    )
    .fetch_one(db)
    .await?)
}

/// Keeps a message, with what came of it.
pub async fn webhook_insert(
    db: &mut PgConnection,
    provider: ProviderName,
    (event, kind, body): (&str, &str, &Value),
    (payment, outcome): (Option<PaymentId>, &str),
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into payment_webhooks (id, provider, provider_event_id, payment_id, event_type, body, outcome,
                                       received_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        crate::kernel::clock::new_uuid(),
        provider.as_str(),
        event,
        payment.map(|id| id.0),
        kind,
        body,
        outcome,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The card that a sandbox payment is made with; the first stays. Answers whether it is the first.
pub async fn sandbox_charge(db: &mut PgConnection, name: &str, card: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "insert into sandbox_charges (provider_ref, card, created_at) values ($1, $2, $3) on conflict do nothing",
        name,
        card,
        now.0,
    );
    Ok(done.execute(db).await?.rows_affected() > 0)
}

/// The card of a sandbox payment.
pub async fn sandbox_card(db: &mut PgConnection, name: &str) -> Result<Option<String>> {
    let found = sqlx::query_scalar!("select card from sandbox_charges where provider_ref = $1", name);
    Ok(found.fetch_optional(db).await?)
}
