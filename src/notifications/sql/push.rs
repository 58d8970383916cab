//! The browsers that people are told on.

use sqlx::PgConnection;
use uuid::Uuid;

use super::settings::whose;
use crate::access::sessions::platform;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::notifications::push::Sealed;
use crate::notifications::{PushDevice, PushDeviceId};

/// A notification that is to be shown by a browser.
pub struct ToShow {
    pub id: Uuid,
    pub kind: String,
    pub severity: String,
    pub title: String,
    pub message: String,
    pub href: String,
    /// Whose it is.
    pub address: String,
    /// Where the browser is reached, sealed; none where push messages are off there, or nobody is signed in any more.
    pub endpoint: Option<Vec<u8>>,
    pub keys: Option<Vec<u8>>,
}

/// What this browser is to show; none where the notification was erased.
pub async fn to_show(db: &mut PgConnection, queued: Uuid, device: Uuid, at: Timestamp) -> Result<Option<ToShow>> {
    Ok(sqlx::query_as!(
        ToShow,
        r#"select n.id, n.type as kind, n.severity, n.title, n.message,
                  coalesce(n.metadata->>'href', '/') as "href!", coalesce(u.email, e.phone, e.email, '') as "address!",
                  s.endpoint_enc as "endpoint?", s.keys_enc as "keys?"
           from notification_queue q join notifications n on n.id = q.notification_id
           left join push_subscriptions s on s.id = $2 and s.recipient_id = n.recipient_id
                and (exists (select 1 from admin_sessions a
                             where a.id = s.session_id and a.revoked_at is null and a.expires_at > $3)
                     or exists (select 1 from end_user_sessions a
                                where a.id = s.session_id and a.revoked_at is null and a.expires_at > $3))
           left join admin_users u on n.recipient_kind = 'staff' and u.id = n.recipient_id
           left join end_users e on n.recipient_kind = 'end_user' and e.id = n.recipient_id
           where q.id = $1"#,
        queued,
        device,
        at.0,
    )
    .fetch_optional(db)
    .await?)
}

/// The browsers somebody is told on, the latest first; `session` is the one that asks.
pub async fn devices(db: &mut PgConnection, of: Uuid, session: Uuid) -> Result<Vec<PushDevice>> {
    let rows = sqlx::query_as!(
        PushDevice,
        r#"select id as "id: PushDeviceId", name, session_id = $2 as "is_this!", created_at as "created_at: Timestamp"
           from push_subscriptions where recipient_id = $1 order by created_at desc, id desc"#,
        of,
        session,
    );
    Ok(rows.fetch_all(db).await?)
}

/// This browser tells this person from now on, and nobody else.
pub async fn device_set(
    tx: &mut Tx,
    (of, session): (Uuid, Uuid),
    service: &str,
    sealed: &Sealed,
) -> Result<PushDevice> {
    let (whose, now) = (whose(tx), tx.now.0);
    let name = platform(&tx.request.user_agent);
    // Of two who turn it on there at once, the later has it.
    let key = format!("push {}", hex::encode(&sealed.endpoint_hash));
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key).execute(tx.conn()).await?;
    sqlx::query!(
        "delete from push_subscriptions where endpoint_hash = $1 and session_id <> $2",
        sealed.endpoint_hash,
        session
    )
    .execute(tx.conn())
    .await?;
    let row = sqlx::query_as!(
        PushDevice,
        r#"insert into push_subscriptions (id, recipient_id, recipient_kind, session_id, endpoint_enc, endpoint_hash,
                                           service, keys_enc, name, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (session_id) do update
           set endpoint_enc = excluded.endpoint_enc, endpoint_hash = excluded.endpoint_hash,
               service = excluded.service, keys_enc = excluded.keys_enc, name = excluded.name
           returning id as "id: PushDeviceId", name, true as "is_this!", created_at as "created_at: Timestamp""#,
        PushDeviceId::new().0,
        of,
        whose,
        session,
        sealed.endpoint,
        sealed.endpoint_hash,
        service,
        sealed.keys,
        name,
        now,
    );
    Ok(row.fetch_one(tx.conn()).await?)
}

/// Forgets one of somebody's browsers, or 404.
pub async fn device_remove(db: &mut PgConnection, of: Uuid, id: PushDeviceId) -> Result<()> {
    let gone = sqlx::query!("delete from push_subscriptions where id = $1 and recipient_id = $2", id.0, of);
    match gone.execute(db).await?.rows_affected() {
        0 => Err(not_found()),
        _ => Ok(()),
    }
}

/// Forgets a browser that its push service does not know any more.
pub async fn device_gone(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("delete from push_subscriptions where id = $1", id).execute(db).await?;
    Ok(())
}
