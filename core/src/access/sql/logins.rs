use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::access::StaffId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// What signing in needs to know of an account.
pub struct Login {
    pub id: Uuid,
    pub email: String,
    pub full_name: String,
    pub status: String,
    pub password_hash: Option<String>,
    pub totp_secret_enc: Option<Vec<u8>>,
    pub totp_enabled_at: Option<OffsetDateTime>,
    pub totp_last_step: Option<i64>,
    pub password_changed_at: Option<OffsetDateTime>,
    pub timezone: Option<String>,
    pub version: i64,
    pub has_gate_pin: bool,
}

pub async fn login_by_email(db: &mut PgConnection, email: &str) -> Result<Option<Login>> {
    Ok(sqlx::query_as!(
        Login,
        r#"select id, email, full_name, status, password_hash, totp_secret_enc, totp_enabled_at, totp_last_step,
                password_changed_at, timezone, version,
                exists (select from gate_pins p where p.user_id = admin_users.id) as "has_gate_pin!"
         from admin_users where email = $1"#,
        email,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn login_find(db: &mut PgConnection, id: StaffId) -> Result<Option<Login>> {
    Ok(sqlx::query_as!(
        Login,
        r#"select id, email, full_name, status, password_hash, totp_secret_enc, totp_enabled_at, totp_last_step,
                password_changed_at, timezone, version,
                exists (select from gate_pins p where p.user_id = admin_users.id) as "has_gate_pin!"
         from admin_users where id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?)
}

pub async fn login_lock(db: &mut PgConnection, id: StaffId) -> Result<Option<Login>> {
    Ok(sqlx::query_as!(
        Login,
        r#"select id, email, full_name, status, password_hash, totp_secret_enc, totp_enabled_at, totp_last_step,
                password_changed_at, timezone, version,
                exists (select from gate_pins p where p.user_id = admin_users.id) as "has_gate_pin!"
         from admin_users where id = $1 for no key update"#,
        id.0,
    )
    .fetch_optional(db)
    .await?)
}

/// The account a failed sign-in was meant for.
pub struct Failed {
    pub id: Uuid,
    pub full_name: String,
    pub status: String,
}

/// Counts and notes a failed sign-in at the account with this address; one statement, whether there is
/// such an account or not.
pub async fn login_failed(
    db: &mut PgConnection,
    email: &str,
    note_id: Uuid,
    slowed_until: Option<Timestamp>,
    note: serde_json::Value,
    ip: &str,
    now: Timestamp,
) -> Result<Option<Failed>> {
    Ok(sqlx::query_as!(
        Failed,
        "with hit as (
             update admin_users set failed_logins = failed_logins + 1, locked_until = coalesce($3, locked_until)
             where email = $1 returning id, full_name, status),
         noted as (
             insert into user_activity_logs (id, actor_user_id, action, target_type, target_id, metadata, ip_address,
                                             created_at)
             select $2, id, 'login.failed', 'staff', id, $4, $5::text::inet, $6 from hit)
         select id, full_name, status from hit",
        email,
        note_id,
        slowed_until.map(|t| t.0),
        note,
        ip,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Forgets the failures at one door.
pub async fn failures_forget(db: &mut PgConnection, subject: &str) -> Result<()> {
    sqlx::query!("delete from rate_counters where name = 'login_failure' and subject = $1", subject)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets all failures of an account.
pub async fn failures_forget_all(db: &mut PgConnection, email: &str) -> Result<()> {
    sqlx::query!(
        "delete from rate_counters where name = 'login_failure' and starts_with(subject, $1 || ' ')
            or name in ('login_failure_all', 'login_failure_slow') and subject = $1",
        email,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets a password. What was given out before ends with it: mailed links, and trust in devices. The account is locked.
pub async fn password_set(db: &mut PgConnection, id: StaffId, hash: &str, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update admin_users set password_hash = $2, password_changed_at = $3, failed_logins = 0, locked_until = null,
                version = version + 1 where id = $1",
        id.0,
        hash,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    super::auth_tokens_void_all(db, id, now).await?;
    super::devices_distrust(db, id).await
}

/// Sets or removes the authenticator's seed; trust in devices, given with another one or none, ends with it.
pub async fn totp_set(
    db: &mut PgConnection,
    id: StaffId,
    sealed: Option<&[u8]>,
    enabled_at: Option<Timestamp>,
    last_step: Option<i64>,
) -> Result<()> {
    sqlx::query!(
        "update admin_users set totp_secret_enc = $2, totp_enabled_at = $3, totp_last_step = $4,
                version = version + 1 where id = $1",
        id.0,
        sealed,
        enabled_at.map(|t| t.0),
        last_step,
    )
    .execute(&mut *db)
    .await?;
    super::devices_distrust(db, id).await
}

pub async fn totp_step_used(db: &mut PgConnection, id: StaffId, step: i64) -> Result<()> {
    sqlx::query!("update admin_users set totp_last_step = $2 where id = $1", id.0, step).execute(db).await?;
    Ok(())
}

pub async fn recovery_codes_replace(
    db: &mut PgConnection,
    user: StaffId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<()> {
    sqlx::query!("delete from recovery_codes where user_id = $1", user.0).execute(&mut *db).await?;
    let ids: Vec<Uuid> = hashes.iter().map(|_| crate::kernel::clock::new_uuid()).collect();
    sqlx::query!(
        "insert into recovery_codes (id, user_id, code_hash, created_at)
         select c.id, $1, c.hash, $4 from unnest($2::uuid[], $3::bytea[]) as c (id, hash)",
        user.0,
        &ids,
        hashes,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses up a recovery code, by any of the hashes it may be kept as; false if there is no such unused code.
pub async fn recovery_code_use(
    db: &mut PgConnection,
    user: StaffId,
    hashes: &[Vec<u8>],
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        "update recovery_codes set used_at = $3 where user_id = $1 and code_hash = any($2) and used_at is null",
        user.0,
        hashes,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
