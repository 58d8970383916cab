use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::GateDeviceId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

pub struct DeviceRow {
    pub id: Uuid,
    pub name: String,
    pub event_id: Uuid,
    pub gate_id: Uuid,
    pub supervisor: bool,
    pub revoked: bool,
    pub last_seen_at: OffsetDateTime,
}

/// The phone that has this token, also if it was revoked; none once the token has run out.
pub async fn caller_of_device(db: &mut PgConnection, hash: &[u8], now: Timestamp) -> Result<Option<DeviceRow>> {
    Ok(sqlx::query_as!(
        DeviceRow,
        r#"select id, name, event_id, gate_id, supervisor, revoked_at is not null as "revoked!",
                  last_seen_at
           from gate_devices where token_hash = $1 and expires_at > $2"#,
        hash,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn device_seen(db: &mut PgConnection, id: GateDeviceId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update gate_devices set last_seen_at = $2
         where id = $1 and last_seen_at < $2::timestamptz - interval '1 minute'",
        id.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
