//! Codes to sign in with. [invariant 10] Six digits, five minutes, five attempts; a new code voids the one before of the
//! same network. All limits hold over all processes.
//!
//! Nobody can use up a stranger's codes: requests, codes and guesses are counted for each pair of phone and network, and
//! what holds for a phone over all networks does not hold where its owner has signed in before. Many people behind one
//! address are not one person: a network may ask for many phones, but for each of them as little as anybody.

use time::Duration;

use super::OtpSent;
use super::sql::{self, NewOtp, OpenOtp};
use crate::access::one_time_code;
use crate::kernel::clock::{new_uuid, random_bytes};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Error, Result, invalid_code, rate_limited};
use crate::kernel::rate;
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::notify::{self, Message};

/// How long a code works.
const LIFE: Duration = Duration::minutes(5);
/// How often one may guess.
const ATTEMPTS: i32 = 5;
/// How often one may guess from another network than the code was asked for from: the phone may have changed it.
const STRANGE_ATTEMPTS: i32 = 3;
/// No second code before this.
const PAUSE: Duration = Duration::seconds(30);
/// Codes for one phone from one network, in an hour and in a day.
const PER_PAIR: [(&str, Duration, i32); 2] =
    [("otp_pair_hour", Duration::HOUR, 6), ("otp_pair_day", Duration::DAY, 12)];
/// The same over all networks its owner has not signed in from: with the attempts this is what guessing comes to.
const PER_PHONE: [(&str, Duration, i32); 2] =
    [("otp_phone_hour", Duration::HOUR, 15), ("otp_phone_day", Duration::DAY, 30)];
/// What to do about a code that is not right.
const LATEST: &str = "Check the latest text message, or send a new code.";
/// Over which requests and wrong guesses of one network are counted.
const WINDOW: Duration = Duration::minutes(15);

/// Who asks, as the counters know it.
struct Asking {
    network: String,
    /// Counters outlive what they count: they know a phone by its hash alone.
    phone: String,
    pair: String,
}

impl Asking {
    fn of(tx: &Tx, phone: &E164Phone) -> Self {
        let network = rate::network(tx.request.ip).to_string();
        let subject = |parts: &[&[u8]]| hex::encode(&tx.app().keys.derive("otp_subject", parts)[..16]);
        Self {
            phone: subject(&[phone.as_str().as_bytes()]),
            pair: subject(&[phone.as_str().as_bytes(), network.as_bytes()]),
            network,
        }
    }
}

/// Makes a code and queues the message that brings it. Whether the phone is known plays no part that a stranger sees.
pub async fn issue(tx: &mut Tx, phone: &E164Phone) -> Result<OtpSent> {
    let (now, ip, most) = (tx.now, tx.request.ip, tx.app().config.otp_requests);
    let asking = Asking::of(tx, phone);
    limit(tx, "otp_address", &asking.network, WINDOW, most).await?;
    sql::otps_void(tx.conn(), phone, Some(&asking.network), now).await?;
    limit(tx, "otp_pause", &asking.pair, PAUSE, 1).await?;
    for (name, window, most) in PER_PAIR {
        limit(tx, name, &asking.pair, window, most).await?;
    }
    let known = sql::has_signed_in_from(tx.conn(), phone, &rate::network_cidr(ip)).await?;
    if !known {
        for (name, window, most) in PER_PHONE {
            limit(tx, name, &asking.phone, window, most).await?;
        }
    }
    notify::budget::spend(tx, phone, known).await?;
    let (id, salt) = (new_uuid(), random_bytes::<16>());
    let keys = &tx.app().keys;
    let hash = one_time_code::hash(keys, &salt, phone.as_str(), &one_time_code::code(keys, id));
    let until = Timestamp(now.0 + LIFE);
    let (ip, network) = (ip.to_string(), asking.network);
    sql::otp_insert(tx.conn(), &NewOtp { id, phone, hash, salt, ip, network, expires_at: until }, now).await?;
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

/// Whether this is the code that works for the phone now. A right code is used up, and with it all others of the phone;
/// a wrong one counts, also where there is no code at all.
pub async fn check(tx: &mut Tx, phone: &E164Phone, typed: &str) -> Result<()> {
    let (now, most) = (tx.now, tx.app().config.login_failures);
    let network = rate::network(tx.request.ip).to_string();
    if rate::counted(tx.conn(), "otp_guess", &network, WINDOW, now).await? >= most {
        return Err(rate_limited().retry_after(rate::window_remaining(WINDOW, now)));
    }
    sql::otps_take_turns(tx.conn(), phone).await?;
    if let Some(otp) = sql::otp_lock(tx.conn(), phone, &network, STRANGE_ATTEMPTS, now).await? {
        if one_time_code::fits(&tx.app().keys, &otp.otp_salt, phone.as_str(), typed, &otp.otp_hash) {
            return sql::otp_used(tx.conn(), otp.id, phone, now).await;
        }
        let left = missed(tx, phone, &otp).await?;
        rate::count(tx.conn(), "otp_guess", &network, WINDOW, now).await?;
        // Who guesses from elsewhere is not told whether there is a code at all.
        return Err(wrong(otp.own.then_some(left)));
    }
    rate::count(tx.conn(), "otp_guess", &network, WINDOW, now).await?;
    Err(wrong(None))
}

/// What a wrong code is told, with how many guesses are left where that is known.
fn wrong(left: Option<i32>) -> Error {
    let next = match left {
        Some(..=0) => "No attempts are left: send a new code".to_owned(),
        Some(1) => format!("{LATEST} 1 attempt left"),
        Some(left) => format!("{LATEST} {left} attempts left"),
        None => LATEST.to_owned(),
    };
    invalid_code().field("code", format!("That code isn't right. {next}")).commit_on_error()
}

/// Counts a wrong guess; answers how many are left. Guesses from elsewhere close nothing: the owner's own attempts are
/// left.
async fn missed(tx: &mut Tx, phone: &E164Phone, otp: &OpenOtp) -> Result<i32> {
    let now = tx.now;
    let (attempts, most) =
        if otp.own { (otp.attempts + 1, ATTEMPTS) } else { (otp.strange_attempts + 1, STRANGE_ATTEMPTS) };
    sql::otp_missed(tx.conn(), otp.id, otp.own, ATTEMPTS, now).await?;
    if attempts >= most {
        spent(tx, phone, attempts).await?;
    }
    Ok(most - attempts)
}

/// Somebody guessed until nothing was left: whoever looks after people should know.
async fn spent(tx: &mut Tx, phone: &E164Phone, attempts: i32) -> Result<()> {
    let Some(account) = sql::account_lock_by_phone(tx.conn(), phone).await? else { return Ok(()) };
    let user = super::EndUserId(account.id);
    crate::access::end_users::note(tx, user, "otp.spent", serde_json::json!({ "attempts": attempts })).await?;
    tx.emit(&super::events::UserFlagged { user_id: user, reason: "otp_guessing".to_owned() });
    Ok(())
}
