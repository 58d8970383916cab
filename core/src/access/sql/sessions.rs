use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::{Activity, Device, DeviceId, Session, SessionId, StaffId};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::kernel::timestamp::Timestamp;

pub struct SessionCaller {
    pub user_id: Uuid,
    pub email: String,
    pub full_name: String,
    pub mfa: bool,
    pub trusted: bool,
    pub expires_at: OffsetDateTime,
    pub last_seen_at: OffsetDateTime,
    pub permissions: Vec<String>,
    pub scoped: serde_json::Value,
    pub requires_2fa: bool,
    pub outside_allowlist: bool,
}

/// Everything that decides what a session may do, in one query.
pub async fn caller_of_session(
    db: &mut PgConnection,
    session: SessionId,
    ip: &str,
    now: Timestamp,
) -> Result<Option<SessionCaller>> {
    Ok(sqlx::query_as!(
        SessionCaller,
        r#"with open as (
               select a.role_id, a.event_id, a.partner_id, a.talent_id, r.requires_2fa,
                      exists (select 1 from partners p where p.id = a.partner_id and p.status = 'suspended')
                          as suspended,
                      (select coalesce(array_agg(p.permission_id), '{}') from role_permissions p
                       where p.role_id = a.role_id) as permissions
               from admin_sessions s
               join user_role_assignments a on a.user_id = s.user_id and a.revoked_at is null
                    and (a.expires_at is null or a.expires_at > $3)
               join roles r on r.id = a.role_id
               where s.id = $1)
           select u.id as user_id, u.email, u.full_name, s.mfa, s.expires_at, s.last_seen_at,
                  coalesce(u.totp_enabled_at is not null and d.trusted and d.trusted_until > $3, false) as "trusted!",
                  (select coalesce((select permissions from open
                                    where num_nonnulls(event_id, partner_id, talent_id) = 0), '{}'))
                      as "permissions!",
                  (select coalesce(jsonb_agg(jsonb_build_object('event_id', event_id, 'partner_id', partner_id,
                                             'talent_id', talent_id, 'permissions', permissions,
                                             'suspended', suspended)), '[]')
                   from open where num_nonnulls(event_id, partner_id, talent_id) = 1) as "scoped!",
                  exists (select 1 from open where requires_2fa) as "requires_2fa!",
                  (exists (select 1 from ip_allowlist)
                   and not exists (select 1 from ip_allowlist where $2::text::inet <<= cidr)) as "outside_allowlist!"
           from admin_sessions s
           join admin_users u on u.id = s.user_id
           left join admin_devices d on d.id = s.device_id
           where s.id = $1 and s.revoked_at is null and s.expires_at > $3 and u.status = 'active'
                 and d.risk_state is distinct from 'blocked'"#,
        session.0,
        ip,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn session_seen(db: &mut PgConnection, session: SessionId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "with seen as (update admin_sessions set last_seen_at = $2
                       where id = $1 and last_seen_at < $2::timestamptz - interval '1 minute' returning user_id)
         update admin_users u set last_active_at = $2 from seen where u.id = seen.user_id",
        session.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct LockedSession {
    pub user_id: Uuid,
    pub status: String,
    pub refresh_token_hash: Vec<u8>,
    pub refresh_generation: i32,
    /// The generation that the newest one was given for, and the newest one when that was noted.
    pub refresh_parent: Option<i32>,
    pub refresh_parent_of: Option<i32>,
    pub rotated_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub revoked_at: Option<OffsetDateTime>,
}

pub async fn session_lock(db: &mut PgConnection, session: SessionId) -> Result<Option<LockedSession>> {
    Ok(sqlx::query_as!(
        LockedSession,
        "select s.user_id, u.status, s.refresh_token_hash, s.refresh_generation, s.refresh_parent,
                s.refresh_parent_of, s.rotated_at, s.created_at, s.expires_at, s.revoked_at
         from admin_sessions s join admin_users u on u.id = s.user_id
         where s.id = $1 for no key update of s",
        session.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Which token of a chain is the newest, and for which it was given.
pub struct Generation {
    pub newest: i32,
    pub given_for: i32,
}

pub async fn session_rotate(
    db: &mut PgConnection,
    session: SessionId,
    hash: &[u8],
    generation: &Generation,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update admin_sessions
         set refresh_token_hash = $2, refresh_generation = $3, refresh_parent = $6, refresh_parent_of = $3,
             rotated_at = $4, last_seen_at = $4, expires_at = $5
         where id = $1",
        session.0,
        hash,
        generation.newest,
        now.0,
        expires_at.0,
        generation.given_for,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct NewSession {
    pub id: SessionId,
    pub user: StaffId,
    pub device: DeviceId,
    pub token_hash: [u8; 32],
    pub mfa: bool,
    pub ip: String,
    pub user_agent: String,
    pub expires_at: Timestamp,
}

pub async fn session_insert(db: &mut PgConnection, new: &NewSession, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into admin_sessions (id, user_id, device_id, refresh_token_hash, mfa, ip_address, user_agent,
                                     rotated_at, last_seen_at, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6::text::inet, $7, $8, $8, $8, $9)",
        new.id.0,
        new.user.0,
        new.device.0,
        new.token_hash.as_slice(),
        new.mfa,
        new.ip,
        new.user_agent,
        now.0,
        new.expires_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one session; false if it had ended already.
pub async fn session_revoke(db: &mut PgConnection, session: SessionId, reason: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "update admin_sessions set revoked_at = $3, revoke_reason = $2 where id = $1 and revoked_at is null",
        session.0,
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn sessions_revoke(
    db: &mut PgConnection,
    user: StaffId,
    reason: &str,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<i64> {
    let done = sqlx::query!(
        "update admin_sessions set revoked_at = $3, revoke_reason = $2
         where user_id = $1 and revoked_at is null and id is distinct from $4",
        user.0,
        reason,
        now.0,
        except.map(|id| id.0),
    )
    .execute(db)
    .await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

pub async fn sessions_of_device_revoke(db: &mut PgConnection, device: DeviceId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update admin_sessions set revoked_at = $2, revoke_reason = 'device_removed'
         where device_id = $1 and revoked_at is null",
        device.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn session_list(
    db: &mut PgConnection,
    user: StaffId,
    current: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<Session>> {
    Ok(sqlx::query_as!(
        Session,
        r#"select id as "id: SessionId", (id is not distinct from $2) as "current!", host(ip_address) as ip_address,
                  coalesce(user_agent, '') as "user_agent!", mfa, device_id as "device_id: DeviceId",
                  created_at as "created_at: Timestamp", last_seen_at as "last_seen_at: Timestamp",
                  expires_at as "expires_at: Timestamp"
           from admin_sessions
           where user_id = $1 and revoked_at is null and expires_at > $3
           order by (id is not distinct from $2) desc, last_seen_at desc, id"#,
        user.0,
        current.map(|id| id.0),
        now.0,
    )
    .fetch_all(db)
    .await?)
}

/// Whose session this is, if it is open.
pub async fn session_owner(db: &mut PgConnection, session: SessionId) -> Result<Option<StaffId>> {
    Ok(sqlx::query_scalar!(
        r#"select user_id as "user_id: StaffId" from admin_sessions where id = $1 and revoked_at is null"#,
        session.0,
    )
    .fetch_optional(db)
    .await?)
}

pub struct SeenDevice {
    pub id: Uuid,
    pub is_new: bool,
    pub others: i64,
}

/// A device the account has signed in on.
#[derive(Clone)]
pub struct KnownDevice {
    pub id: Uuid,
    /// Stands in for the second factor.
    pub trusted: bool,
}

/// The device of this fingerprint, if the account has signed in on it and it was not removed since.
pub async fn device_known(
    db: &mut PgConnection,
    user: StaffId,
    fingerprint: &[u8],
    now: Timestamp,
) -> Result<Option<KnownDevice>> {
    Ok(sqlx::query_as!(
        KnownDevice,
        r#"select id, coalesce(trusted and trusted_until > $3, false) as "trusted!" from admin_devices
           where user_id = $1 and device_fingerprint = $2 and risk_state <> 'blocked'"#,
        user.0,
        fingerprint,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// No device of the account stands in for the second factor any more.
pub async fn devices_distrust(db: &mut PgConnection, user: StaffId) -> Result<()> {
    sqlx::query!(
        "update admin_devices set trusted = false, trusted_until = null where user_id = $1 and trusted",
        user.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The device, new or seen again; trust that is given now holds until `trusted_until`.
pub async fn device_upsert(
    db: &mut PgConnection,
    user: StaffId,
    fingerprint: &[u8],
    platform: &str,
    trusted_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<SeenDevice> {
    Ok(sqlx::query_as!(
        SeenDevice,
        r#"insert into admin_devices (id, user_id, device_fingerprint, platform, trusted, trusted_until, risk_state,
                                      last_seen_at, created_at)
           values ($1, $2, $3, $4, $5::timestamptz is not null, $5, 'new', $6, $6)
           on conflict (user_id, device_fingerprint) do update
           set last_seen_at = $6, trusted = admin_devices.trusted or excluded.trusted,
               trusted_until = coalesce(excluded.trusted_until, admin_devices.trusted_until),
               risk_state = case when admin_devices.risk_state = 'blocked' then 'suspicious' else 'known' end
           returning id, (created_at = $6) as "is_new!",
               (select count(*) from admin_devices o where o.user_id = $2 and o.device_fingerprint <> $3) as "others!""#,
        crate::kernel::clock::new_uuid(),
        user.0,
        fingerprint,
        platform,
        trusted_until.map(|t| t.0),
        now.0,
    )
    .fetch_one(db)
    .await?)
}

pub async fn device_list(
    db: &mut PgConnection,
    user: StaffId,
    current: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<Device>> {
    Ok(sqlx::query_as!(
        Device,
        r#"select d.id as "id: DeviceId", d.platform, coalesce(d.trusted and d.trusted_until > $3, false) as "trusted!",
                  d.trusted_until as "trusted_until: Timestamp", d.risk_state,
                  exists (select 1 from admin_sessions s where s.id = $2 and s.device_id = d.id) as "current!",
                  d.last_seen_at as "last_seen_at: Timestamp", d.created_at as "created_at: Timestamp"
           from admin_devices d where d.user_id = $1 and d.risk_state <> 'blocked'
           order by d.last_seen_at desc, d.id"#,
        user.0,
        current.map(|id| id.0),
        now.0,
    )
    .fetch_all(db)
    .await?)
}

/// The device, locked, if it is this person's and was not removed.
pub async fn device_lock(
    db: &mut PgConnection,
    user: StaffId,
    device: DeviceId,
    current: Option<SessionId>,
    now: Timestamp,
) -> Result<Option<Device>> {
    Ok(sqlx::query_as!(
        Device,
        r#"select d.id as "id: DeviceId", d.platform, coalesce(d.trusted and d.trusted_until > $4, false) as "trusted!",
                  d.trusted_until as "trusted_until: Timestamp", d.risk_state,
                  exists (select 1 from admin_sessions s where s.id = $3 and s.device_id = d.id) as "current!",
                  d.last_seen_at as "last_seen_at: Timestamp", d.created_at as "created_at: Timestamp"
           from admin_devices d where d.user_id = $1 and d.id = $2 and d.risk_state <> 'blocked' for no key update of d"#,
        user.0,
        device.0,
        current.map(|id| id.0),
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn device_set(db: &mut PgConnection, device: &Device) -> Result<()> {
    sqlx::query!(
        "update admin_devices set trusted = $2, risk_state = $3, trusted_until = $4 where id = $1",
        device.id.0,
        device.trusted,
        device.risk_state,
        device.trusted_until.map(|t| t.0),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn activity_insert(
    db: &mut PgConnection,
    id: Uuid,
    user: StaffId,
    action: &str,
    metadata: serde_json::Value,
    ip: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into user_activity_logs (id, actor_user_id, action, target_type, target_id, metadata, ip_address, created_at)
         values ($1, $2, $3, 'staff', $2, $4, $5::text::inet, $6)",
        id,
        user.0,
        action,
        metadata,
        ip,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What happened, from the columns `id, action, ip_address, metadata, created_at`.
pub fn activity_row(row: &PgRow) -> sqlx::Result<Activity> {
    Ok(Activity {
        id: row.try_get("id")?,
        action: row.try_get("action")?,
        ip_address: row.try_get("ip_address")?,
        metadata: row.try_get("metadata")?,
        created_at: row.try_get("created_at")?,
    })
}

pub async fn activity_list(db: &mut impl Db, user: StaffId, paging: &Paging) -> Result<Page<Activity>> {
    let keyset = paging.keyset(db.cx(), ("id", "uuid", true), "activity", user)?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select id, action, host(ip_address) as ip_address, metadata, created_at from user_activity_logs
         where actor_user_id = ",
    );
    query.push_bind(user.0);
    keyset.rows(db, query, "id").await?.page_by(activity_row, |entry| (entry.id, entry.id))
}

pub async fn session_mark_mfa(db: &mut PgConnection, session: SessionId) -> Result<()> {
    sqlx::query!("update admin_sessions set mfa = true where id = $1", session.0).execute(db).await?;
    Ok(())
}
