use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;

/// A new code voids the one before. Requests for one phone are taken one after the other.
pub async fn otps_void(db: &mut PgConnection, phone: &E164Phone, now: Timestamp) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('eventify.otp:' || $1, 0))", phone.as_str())
        .fetch_one(&mut *db)
        .await?;
    sqlx::query!(
        "update user_phone_otps set closed_at = $2 where phone_number = $1 and closed_at is null",
        phone.as_str(),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct NewOtp<'a> {
    pub id: Uuid,
    pub phone: &'a E164Phone,
    pub hash: [u8; 32],
    pub salt: [u8; 16],
    pub ip: String,
    pub expires_at: Timestamp,
}

pub async fn otp_insert(db: &mut PgConnection, otp: &NewOtp<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into user_phone_otps (id, phone_number, otp_hash, otp_salt, ip_address, expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5::text::inet, $6, $7, $7)",
        otp.id,
        otp.phone.as_str(),
        otp.hash.as_slice(),
        otp.salt.as_slice(),
        otp.ip,
        otp.expires_at.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct OpenOtp {
    pub id: Uuid,
    pub otp_hash: Vec<u8>,
    pub otp_salt: Vec<u8>,
    pub attempts: i32,
}

/// The code that works for this phone now, locked: guesses are looked at one after the other.
pub async fn otp_lock(db: &mut PgConnection, phone: &E164Phone, now: Timestamp) -> Result<Option<OpenOtp>> {
    Ok(sqlx::query_as!(
        OpenOtp,
        "select id, otp_hash, otp_salt, attempts from user_phone_otps
         where phone_number = $1 and closed_at is null and expires_at > $2 for update",
        phone.as_str(),
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Notes a guess; a right one, or the last one, closes the code.
pub async fn otp_tried(db: &mut PgConnection, id: Uuid, right: bool, most: i32, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update user_phone_otps
         set attempts = attempts + 1, is_verified = $2,
             closed_at = case when $2 or attempts + 1 >= $3 then $4::timestamptz end
         where id = $1",
        id,
        right,
        most,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets codes that ended long ago; answers how many, at most 5000.
pub async fn otps_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from user_phone_otps where id in (select id from user_phone_otps where expires_at < $1 limit 5000)",
        before.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets sessions that ended long ago; answers how many, at most 5000.
pub async fn sessions_sweep(db: &mut PgConnection, before: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "delete from end_user_sessions where id in (select id from end_user_sessions where expires_at < $1 limit 5000)",
        before.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
