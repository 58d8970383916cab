use sqlx::PgConnection;

use crate::access::SigningKeyId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::secrets::EventKey;

/// The newest key that ticket codes are signed with.
pub async fn event_key(db: &mut PgConnection) -> Result<Option<EventKey>> {
    Ok(sqlx::query_as!(
        EventKey,
        r#"select id as "id: SigningKeyId", secret_enc, signs_until from signing_keys
           where purpose = 'event' order by created_at desc limit 1"#,
    )
    .fetch_optional(db)
    .await?)
}

/// One maker of keys at a time.
pub async fn event_key_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!(r#"select pg_advisory_xact_lock(hashtext('tickets.event_key')) as "locked""#).fetch_one(db).await?;
    Ok(())
}

pub async fn event_key_insert(
    db: &mut PgConnection,
    id: SigningKeyId,
    sealed: &[u8],
    public_key: &[u8],
    signs_until: Timestamp,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into signing_keys (id, purpose, secret_enc, public_key, signs_until, expires_at, created_at)
         values ($1, 'event', $2, $3, $4, $5, $6)",
        id.0,
        sealed,
        public_key,
        signs_until.0,
        expires_at.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
