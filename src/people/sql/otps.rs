use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;

/// Requests and guesses for one phone are taken one after the other.
pub async fn otps_take_turns(db: &mut PgConnection, phone: &E164Phone) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('eventify.otp:' || $1, 0))", phone.as_str())
        .fetch_one(db)
        .await?;
    Ok(())
}

/// A new code voids the one before of its network; without a network all of the phone's are void.
pub async fn otps_void(db: &mut PgConnection, phone: &E164Phone, network: Option<&str>, now: Timestamp) -> Result<()> {
    otps_take_turns(db, phone).await?;
    sqlx::query!(
        "update user_phone_otps set closed_at = $3
         where phone_number = $1 and closed_at is null and ($2::text is null or network is null or network = $2)",
        phone.as_str(),
        network,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether the phone's owner has a session that was opened from within this network.
pub async fn has_signed_in_from(db: &mut PgConnection, phone: &E164Phone, network: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from end_users u join end_user_sessions s on s.user_id = u.id
                          where u.phone = $1 and s.ip_address <<= $2::text::cidr) as "known!""#,
        phone.as_str(),
        network,
    )
    .fetch_one(db)
    .await?)
}

pub struct NewOtp<'a> {
    pub id: Uuid,
    pub phone: &'a E164Phone,
    pub hash: [u8; 32],
    pub salt: [u8; 16],
    pub ip: String,
    pub network: String,
    pub expires_at: Timestamp,
}

pub async fn otp_insert(db: &mut PgConnection, otp: &NewOtp<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into user_phone_otps (id, phone_number, otp_hash, otp_salt, ip_address, network, expires_at, created_at,
                                      updated_at)
         values ($1, $2, $3, $4, $5::text::inet, $6, $7, $8, $8)",
        otp.id,
        otp.phone.as_str(),
        otp.hash.as_slice(),
        otp.salt.as_slice(),
        otp.ip,
        otp.network,
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
    pub strange_attempts: i32,
    /// Asked for from the network that guesses.
    pub own: bool,
}

/// The code that works for this phone now, locked: guesses are looked at one after the other. The one this network
/// asked for, else the newest of another that has not had its share of guesses from elsewhere.
pub async fn otp_lock(
    db: &mut PgConnection,
    phone: &E164Phone,
    network: &str,
    most_strange: i32,
    now: Timestamp,
) -> Result<Option<OpenOtp>> {
    Ok(sqlx::query_as!(
        OpenOtp,
        r#"select id, otp_hash, otp_salt, attempts, strange_attempts, coalesce(network = $2, true) as "own!"
           from user_phone_otps
           where phone_number = $1 and closed_at is null and expires_at > $4
                 and (coalesce(network = $2, true) or strange_attempts < $3)
           order by coalesce(network = $2, true) desc, created_at desc limit 1 for no key update"#,
        phone.as_str(),
        network,
        most_strange,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Uses a code up. No other code of the phone works any more either.
pub async fn otp_used(db: &mut PgConnection, id: Uuid, phone: &E164Phone, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update user_phone_otps
         set attempts = attempts + case when id = $1 and attempts < 5 then 1 else 0 end, is_verified = (id = $1),
             closed_at = $3
         where phone_number = $2 and closed_at is null",
        id,
        phone.as_str(),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes a wrong guess; the last one of the network that asked closes the code.
pub async fn otp_missed(db: &mut PgConnection, id: Uuid, own: bool, most: i32, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update user_phone_otps
         set attempts = attempts + case when $2 then 1 else 0 end,
             strange_attempts = strange_attempts + case when $2 then 0 else 1 end,
             closed_at = case when $2 and attempts + 1 >= $3 then $4::timestamptz end
         where id = $1",
        id,
        own,
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
