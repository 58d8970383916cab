use eventify_gate::Health;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::access::{GateDeviceId, StaffId};
use crate::events::EventId;
use crate::gate::{DeviceHealth, GateDevice, GateId};
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;

/// After so long without a word a phone is silent.
const SILENT: Duration = Duration::minutes(2);

struct DeviceRow {
    id: Uuid,
    event_id: Uuid,
    gate_id: Uuid,
    gate: String,
    name: String,
    supervisor: bool,
    paired_by: Option<String>,
    paired_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    revoked_at: Option<OffsetDateTime>,
    last_seen_at: OffsetDateTime,
    battery: Option<i32>,
    app_version: Option<String>,
    queued: i32,
    refused: i32,
    storage_kept: Option<bool>,
    clock_ahead_ms: Option<i64>,
    version: i64,
}

impl DeviceRow {
    fn device(self, now: Timestamp) -> GateDevice {
        let health = match () {
            () if self.revoked_at.is_some() => DeviceHealth::Revoked,
            () if self.expires_at <= now.0 => DeviceHealth::Expired,
            () if now.0 - self.last_seen_at > SILENT => DeviceHealth::Silent,
            () if self.queued > 0 || self.refused > 0 => DeviceHealth::Waiting,
            () => DeviceHealth::Well,
        };
        GateDevice {
            id: GateDeviceId(self.id),
            event_id: EventId(self.event_id),
            gate_id: GateId(self.gate_id),
            gate: self.gate,
            name: self.name,
            supervisor: self.supervisor,
            paired_by: self.paired_by,
            paired_at: Timestamp(self.paired_at),
            expires_at: Timestamp(self.expires_at),
            revoked_at: self.revoked_at.map(Timestamp),
            last_seen_at: Timestamp(self.last_seen_at),
            health,
            battery: self.battery,
            app_version: self.app_version,
            queued: self.queued,
            refused: self.refused,
            storage_kept: self.storage_kept,
            clock_ahead_ms: self.clock_ahead_ms,
            version: self.version,
        }
    }
}

/// The phones of an event, or the one with this id; the latest paired last.
pub async fn device_list(
    db: &mut PgConnection,
    event: Option<EventId>,
    id: Option<GateDeviceId>,
    now: Timestamp,
) -> Result<Vec<GateDevice>> {
    let rows = sqlx::query_as!(
        DeviceRow,
        r#"select d.id, d.event_id, d.gate_id, g.name as gate, d.name, d.supervisor, s.full_name as "paired_by?",
                  d.paired_at, d.expires_at, d.revoked_at, d.last_seen_at, d.battery, d.app_version, d.queued, d.refused,
                  d.storage_kept, d.clock_ahead_ms, d.version
           from gate_devices d join gates g on g.id = d.gate_id left join admin_users s on s.id = d.paired_by
           where ($1::uuid is null or d.event_id = $1) and ($2::uuid is null or d.id = $2)
           order by d.paired_at, d.id"#,
        event.map(|id| id.0),
        id.map(|id| id.0),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| row.device(now)).collect())
}

pub async fn device_find(db: &mut PgConnection, id: GateDeviceId, now: Timestamp) -> Result<GateDevice> {
    device_list(db, None, Some(id), now).await?.pop().ok_or_else(not_found)
}

/// The same, locked.
pub async fn device_lock(db: &mut PgConnection, id: GateDeviceId, now: Timestamp) -> Result<GateDevice> {
    sqlx::query!("select id from gate_devices where id = $1 for no key update", id.0).fetch_optional(&mut *db).await?;
    device_find(db, id, now).await
}

/// A phone to be paired.
pub struct NewDevice<'d> {
    pub id: GateDeviceId,
    pub event: Uuid,
    pub gate: Uuid,
    pub name: Option<&'d str>,
    pub supervisor: bool,
    pub token_hash: &'d [u8],
    pub was: Option<Uuid>,
    pub app_version: Option<&'d str>,
    pub paired_by: Option<Uuid>,
    pub expires_at: Timestamp,
}

/// Without a name it gets the next number of its event.
pub async fn device_insert(db: &mut PgConnection, device: &NewDevice<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into gate_devices (id, event_id, gate_id, name, supervisor, token_hash, was_device_id, app_version,
                                   paired_by, paired_at, expires_at, last_seen_at, created_at, updated_at)
         values ($1, $2, $3, coalesce($4, 'Phone ' || (select count(*) + 1 from gate_devices where event_id = $2)), $5, $6,
                 (select d.id from gate_devices d where d.id = $7 and d.event_id = $2), $8, $9, $10, $11, $10, $10, $10)",
        device.id.0,
        device.event,
        device.gate,
        device.name,
        device.supervisor,
        device.token_hash,
        device.was,
        device.app_version,
        device.paired_by,
        now.0,
        device.expires_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether what this phone, or member of staff for a phone of the event, hands in may go by that phone's name: it is
/// the phone's own, or one that it was before it was paired anew.
pub async fn device_answers_for(
    db: &mut PgConnection,
    event: Uuid,
    own: Option<GateDeviceId>,
    named: Uuid,
) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"with recursive was as (
               select d.id, d.was_device_id from gate_devices d where d.id = $2
               union select d.id, d.was_device_id from gate_devices d join was w on d.id = w.was_device_id)
           select case when $2::uuid is null then exists (select 1 from gate_devices where id = $3 and event_id = $1)
                       else exists (select 1 from was where id = $3) end as "may!""#,
        event,
        own.map(|id| id.0),
        named,
    )
    .fetch_one(db)
    .await?)
}

/// When this phone was paired; none if it is no phone.
pub async fn device_paired_at(db: &mut PgConnection, id: Uuid) -> Result<Option<Timestamp>> {
    let paired = sqlx::query_scalar!("select paired_at from gate_devices where id = $1", id);
    Ok(paired.fetch_optional(db).await?.map(Timestamp))
}

pub async fn device_update(db: &mut PgConnection, id: GateDeviceId, gate: GateId, name: &str) -> Result<()> {
    sqlx::query!(
        "update gate_devices set gate_id = $2, name = $3, version = version + 1 where id = $1",
        id.0,
        gate.0,
        name
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn device_revoke(db: &mut PgConnection, id: GateDeviceId, by: Option<StaffId>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update gate_devices set revoked_at = $2, revoked_by = $3, version = version + 1 where id = $1",
        id.0,
        now.0,
        by.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How a phone says it is.
pub async fn device_heard(
    db: &mut PgConnection,
    id: GateDeviceId,
    health: &Health,
    clock_ahead_ms: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update gate_devices set last_seen_at = greatest(last_seen_at, $2), battery = coalesce($3, battery),
             app_version = coalesce($4, app_version), queued = $5, refused = $6,
             storage_kept = coalesce($7, storage_kept), clock_ahead_ms = coalesce($8, clock_ahead_ms)
         where id = $1",
        id.0,
        now.0,
        health.battery.map(i32::from),
        health.app_version,
        i32::try_from(health.queued).unwrap_or(i32::MAX),
        i32::try_from(health.refused).unwrap_or(i32::MAX),
        health.storage_kept,
        clock_ahead_ms,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a pairing code up: of any number of phones one gets what it says, and who showed it.
pub async fn pairing_use(
    db: &mut PgConnection,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<(serde_json::Value, Option<Uuid>)>> {
    let row = sqlx::query!(
        "update auth_tokens set used_at = $2
         where token_hash = $1 and purpose = 'device_pairing' and used_at is null and expires_at > $2
         returning data, user_id",
        hash,
        now.0,
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.data, row.user_id)))
}

/// A supervisor and the hash of their PIN.
pub struct PinRow {
    pub user_id: Uuid,
    pub pin_hash: String,
    /// It was found by its tag.
    pub is_tagged: bool,
}

/// Those who may force at an event and may have this PIN: whoever has its tag, however many supervisors there are; then
/// those whose PIN was set before there were tags.
pub async fn pins(db: &mut PgConnection, event: Option<Uuid>, tag: &[u8], now: Timestamp) -> Result<Vec<PinRow>> {
    Ok(sqlx::query_as!(
        PinRow,
        r#"select p.user_id, p.pin_hash, p.pin_tag is not null as "is_tagged!" from gate_pins p join admin_users u on u.id = p.user_id and u.status = 'active'
         where (p.pin_tag = $3 or p.pin_tag is null) and exists (
             select 1 from user_role_assignments a
             join role_permissions r on r.role_id = a.role_id and r.permission_id = 'tickets.manage'
             where a.user_id = p.user_id and a.revoked_at is null and (a.expires_at is null or a.expires_at > $2)
                   and (num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0 or a.event_id = $1))
         order by p.pin_tag is null,
                  exists (select 1 from user_role_assignments a where a.user_id = p.user_id and a.event_id = $1) desc,
                  p.updated_at desc limit 30"#,
        event,
        now.0,
        tag,
    )
    .fetch_all(db)
    .await?)
}

/// The PIN is this row's: from now on it is found by its tag.
pub async fn pin_tag(db: &mut PgConnection, row: &PinRow, tag: &[u8]) -> Result<()> {
    sqlx::query!(
        "update gate_pins set pin_tag = $3 where user_id = $1 and pin_hash = $2",
        row.user_id,
        row.pin_hash,
        tag
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A PIN's hash and tag; none removes it.
pub async fn pin_set(db: &mut PgConnection, user: StaffId, pin: Option<(&str, &[u8])>) -> Result<()> {
    match pin {
        Some((hash, tag)) => {
            sqlx::query!(
                "insert into gate_pins (user_id, pin_hash, pin_tag) values ($1, $2, $3)
             on conflict (user_id) do update set pin_hash = excluded.pin_hash, pin_tag = excluded.pin_tag",
                user.0,
                hash,
                tag
            )
            .execute(db)
            .await?
        }
        None => sqlx::query!("delete from gate_pins where user_id = $1", user.0).execute(db).await?,
    };
    Ok(())
}
