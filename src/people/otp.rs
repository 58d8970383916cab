//! Codes to sign in with. [invariant 10] Six digits, five minutes, five attempts; a new code voids the
//! one before; requests are limited per phone and per address, and all of it holds over all processes.

use time::Duration;

use super::OtpSent;
use super::sql::{self, NewOtp};
use crate::access::one_time_code;
use crate::kernel::clock::{new_uuid, random_bytes};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_code, rate_limited};
use crate::kernel::rate;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{self, Message};

/// How long a code works.
const LIFE: Duration = Duration::minutes(5);
/// How often one may guess.
const ATTEMPTS: i32 = 5;
/// No second code before this.
const PAUSE: Duration = Duration::seconds(30);
/// Codes for one phone in an hour, and in a day: with [`ATTEMPTS`] this is what guessing comes to.
const PER_PHONE: [(&str, Duration, i32); 2] =
    [("otp_phone_hour", Duration::hours(1), 6), ("otp_phone_day", Duration::days(1), 12)];
/// Over which requests and wrong guesses of one address are counted.
const WINDOW: Duration = Duration::minutes(15);

/// Makes a code and queues the message that brings it. Whether the phone is known plays no part.
pub async fn issue(tx: &mut Tx, phone: &E164Phone) -> Result<OtpSent> {
    let (now, ip, most) = (tx.now, tx.request.ip.to_string(), tx.app().config.otp_requests);
    limit(tx, "otp_address", &ip, WINDOW, most).await?;
    sql::otps_void(tx.conn(), phone, now).await?;
    // Counters outlive what they count: they know the phone by its hash alone.
    let subject = hex::encode(&tx.app().keys.derive("otp_subject", &[phone.as_str().as_bytes()])[..16]);
    limit(tx, "otp_pause", &subject, PAUSE, 1).await?;
    for (name, window, most) in PER_PHONE {
        limit(tx, name, &subject, window, most).await?;
    }
    let (id, salt) = (new_uuid(), random_bytes::<16>());
    let keys = &tx.app().keys;
    let hash = one_time_code::hash(keys, &salt, phone.as_str(), &one_time_code::code(keys, id));
    let until = Timestamp(now.0 + LIFE);
    sql::otp_insert(tx.conn(), &NewOtp { id, phone, hash, salt, ip, expires_at: until }, now).await?;
    notify::text(tx, phone, Message::OneTimeCode { otp: id, until });
    Ok(OtpSent { expires_in: LIFE.whole_seconds(), resend_in: PAUSE.whole_seconds() })
}

async fn limit(tx: &mut Tx, name: &str, subject: &str, window: Duration, most: i32) -> Result<()> {
    let now = tx.now;
    if rate::count(tx.conn(), name, subject, window, now).await? > most {
        // Refused before anything was voided or sent: a full counter needs no keeping.
        return Err(rate_limited().retry_after(rate::window_remaining(window, now)));
    }
    Ok(())
}

/// Whether this is the code that works for the phone now. A right code is used up; a wrong one counts,
/// also where there is no code at all.
pub async fn check(tx: &mut Tx, phone: &E164Phone, typed: &str) -> Result<()> {
    let (now, ip, most) = (tx.now, tx.request.ip.to_string(), tx.app().config.login_failures);
    if rate::counted(tx.conn(), "otp_guess", &ip, WINDOW, now).await? >= most {
        return Err(rate_limited().retry_after(rate::window_remaining(WINDOW, now)));
    }
    if let Some(otp) = sql::otp_lock(tx.conn(), phone, now).await? {
        let right = one_time_code::fits(&tx.app().keys, &otp.otp_salt, phone.as_str(), typed, &otp.otp_hash);
        sql::otp_tried(tx.conn(), otp.id, right, ATTEMPTS, now).await?;
        if right {
            return Ok(());
        }
        if otp.attempts + 1 >= ATTEMPTS {
            spent(tx, phone).await?;
        }
    }
    rate::count(tx.conn(), "otp_guess", &ip, WINDOW, now).await?;
    Err(invalid_code().field("code", "is not right, or no longer works").keep())
}

/// Somebody guessed until the code was void: whoever looks after people should know.
async fn spent(tx: &mut Tx, phone: &E164Phone) -> Result<()> {
    let Some(account) = sql::account_lock_by_phone(tx.conn(), phone).await? else { return Ok(()) };
    let user = super::EndUserId(account.id);
    crate::access::end_users::note(tx, user, "otp.spent", serde_json::json!({ "attempts": ATTEMPTS })).await?;
    tx.emit(&super::events::UserFlagged { user_id: user, reason: "otp_guessing" });
    Ok(())
}
