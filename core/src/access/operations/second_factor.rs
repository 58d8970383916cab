//! TOTP and recovery codes.

use operation::operation;

use crate::access::{CodeInput, DisableTotpInput, PasswordInput, RecoveryCodes, TotpEnrolment};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::access::{StaffId, sessions, sql, sql::Login, totp},
    crate::kernel::{
        app::App,
        context::{Db, RequestContext, Tx},
        crypto::verify_password,
        error::{internal, invalid_credentials, not_found, two_factor_already_enabled, two_factor_not_enabled},
        rate,
    },
    serde_json::json,
    time::Duration,
};

#[cfg(feature = "ssr")]
pub(super) const SEED: &str = "totp_seed";

/// Start setting up an authenticator
///
/// Needs the password. Returns a new secret as text, link and QR code. The second factor is on only after
/// `/auth/totp/confirm`; starting again replaces the secret.
#[operation(POST "/auth/totp/enrol", staff, rate = Costly, secret_answer, audit = none("noted in the account's activity when confirmed"),
    errors(invalid_credentials, two_factor_already_enabled))]
pub async fn totp_enrol(cx: &RequestContext, input: PasswordInput) -> Result<TotpEnrolment> {
    let proof = password_proof(cx, input.password.expose()).await?;
    cx.write(|tx| Box::pin(enrol(tx, proof))).await
}

#[cfg(feature = "ssr")]
async fn enrol(tx: &mut Tx, proof: Proof) -> Result<TotpEnrolment> {
    let account = own_account(tx).await?;
    if account.totp_enabled_at.is_some() {
        return Err(two_factor_already_enabled());
    }
    limit_attempts(tx).await?;
    proof.must_hold(&account)?;
    let seed = totp::new_seed();
    let sealed = tx.app().keys.seal(SEED, &seed)?;
    sql::totp_set(tx.conn(), StaffId(account.id), Some(&sealed), None, None).await?;
    totp::enrolment(&seed, &account.email)
}

/// Turn on the second factor with a first code
///
/// Returns ten recovery codes, which are shown only once. Ends all other sessions of the account.
#[operation(POST "/auth/totp/confirm", staff, secret_answer, audit = none("noted in the account's activity"),
    errors(invalid_code, two_factor_already_enabled, two_factor_not_enabled))]
pub async fn totp_confirm(tx: &mut Tx, input: CodeInput) -> Result<RecoveryCodes> {
    let account = own_account(tx).await?;
    if account.totp_enabled_at.is_some() {
        return Err(two_factor_already_enabled());
    }
    limit_attempts(tx).await?;
    let (user, now) = (StaffId(account.id), tx.now);
    let sealed = account.totp_secret_enc.clone().ok_or_else(two_factor_not_enabled)?;
    let seed = tx.app().keys.open(SEED, &sealed)?;
    let step = totp::matching_step(&seed, &account.email, input.code.expose(), now)?;
    let Some(step) = step else {
        return Err(totp::wrong_code());
    };
    sql::totp_set(tx.conn(), user, Some(&sealed), Some(now), Some(step)).await?;
    let session = tx.staff()?.session;
    // The seed was just proven on this very session.
    sql::session_mark_mfa(tx.conn(), session).await?;
    sessions::end_all(tx, user, "second_factor_enabled", Some(session)).await?;
    sessions::note(tx, user, "totp.enabled", json!({})).await?;
    new_recovery_codes(tx, user).await
}

/// Turn off the second factor
///
/// Needs the password and a code. If a role requires a second factor, its permissions are suspended until one is set up
/// again.
#[operation(POST "/auth/totp/disable", staff, rate = Costly, audit = none("noted in the account's activity"),
    errors(invalid_code, invalid_credentials, two_factor_not_enabled))]
pub async fn totp_disable(cx: &RequestContext, input: DisableTotpInput) -> Result<()> {
    let me = cx.staff()?.id;
    let proof = password_proof(cx, input.password.expose()).await?;
    cx.write(|tx| {
        Box::pin(async move {
            let account = own_account(tx).await?;
            limit_attempts(tx).await?;
            if account.totp_enabled_at.is_none() {
                return Err(two_factor_not_enabled());
            }
            proof.must_hold(&account)?;
            if !second_factor_fits(tx, &account, input.code.expose()).await? {
                return Err(totp::wrong_factor());
            }
            turn_off(tx, me).await?;
            sessions::note(tx, me, "totp.disabled", json!({})).await
        })
    })
    .await
}

/// Replace your recovery codes
///
/// The old codes stop working.
#[operation(POST "/auth/totp/recovery-codes", staff, secret_answer, audit = none("noted in the account's activity"),
    errors(invalid_code, invalid_credentials, two_factor_not_enabled))]
pub async fn recovery_codes_renew(tx: &mut Tx, input: CodeInput) -> Result<RecoveryCodes> {
    let account = own_account(tx).await?;
    limit_attempts(tx).await?;
    if account.totp_enabled_at.is_none() {
        return Err(two_factor_not_enabled());
    }
    if !second_factor_fits(tx, &account, input.code.expose()).await? {
        return Err(totp::wrong_factor());
    }
    let user = StaffId(account.id);
    sessions::note(tx, user, "recovery_codes.renewed", json!({})).await?;
    new_recovery_codes(tx, user).await
}

/// Whether the own password was typed, and which hash it was compared with.
#[cfg(feature = "ssr")]
struct Proof {
    fits: bool,
    hash: Option<String>,
}

/// Compares what was typed with the caller's password; slow, so before the transaction.
#[cfg(feature = "ssr")]
async fn password_proof(cx: &RequestContext, password: &str) -> Result<Proof> {
    let me = cx.staff()?.id;
    let account = sql::login_find(cx.reader().await?.conn(), me).await?.ok_or_else(not_found)?;
    let fits = verify_password(password, account.password_hash.clone()).await?;
    Ok(Proof { fits, hash: account.password_hash })
}

#[cfg(feature = "ssr")]
impl Proof {
    /// Refused, and counted, if the password was wrong or has changed since.
    fn must_hold(&self, account: &Login) -> Result<()> {
        if self.fits && account.password_hash == self.hash {
            return Ok(());
        }
        Err(invalid_credentials()
            .detail("The password is not right.")
            .field("password", "is not right")
            .commit_on_error())
    }
}

/// Guessing from within a session is limited like guessing at the door.
#[cfg(feature = "ssr")]
async fn limit_attempts(tx: &mut Tx) -> Result<()> {
    let (subject, now, window) = (tx.staff()?.id.to_string(), tx.now, Duration::minutes(15));
    if rate::count(tx.conn(), "own_code", &subject, window, now).await? > 20 {
        let wait = rate::window_remaining(window, now);
        return Err(crate::kernel::error::rate_limited().retry_after(wait).commit_on_error());
    }
    Ok(())
}

#[cfg(feature = "ssr")]
async fn own_account(tx: &mut Tx) -> Result<Login> {
    let me = tx.staff()?.id;
    sql::login_lock(tx.conn(), me).await?.ok_or_else(not_found)
}

#[cfg(feature = "ssr")]
async fn new_recovery_codes(tx: &mut Tx, user: StaffId) -> Result<RecoveryCodes> {
    let codes = totp::new_recovery_codes();
    let keys = &tx.app().keys;
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| totp::recovery_hash(keys, user, code)).collect();
    let now = tx.now;
    sql::recovery_codes_replace(tx.conn(), user, &hashes, now).await?;
    Ok(RecoveryCodes { codes })
}

/// Whether the code is the authenticator's, not used before, or an unused recovery code. Uses it up.
#[cfg(feature = "ssr")]
pub(super) async fn second_factor_fits(tx: &mut Tx, account: &Login, code: &str) -> Result<bool> {
    let (user, now) = (StaffId(account.id), tx.now);
    let (Some(sealed), Some(_)) = (&account.totp_secret_enc, account.totp_enabled_at) else {
        return Ok(false);
    };
    let seed = open_seed(tx.app(), sealed)?;
    match totp::matching_step(&seed, &account.email, code, now)? {
        Some(step) if account.totp_last_step.is_some_and(|last| step <= last) => Ok(false),
        Some(step) => {
            sql::totp_step_used(tx.conn(), user, step).await?;
            Ok(true)
        }
        None => {
            let hashes = [totp::recovery_hash(&tx.app().keys, user, code), totp::recovery_hash_before(user, code)];
            let used = sql::recovery_code_use(tx.conn(), user, &hashes, now).await?;
            if used {
                sessions::note(tx, user, "recovery_code.used", json!({})).await?;
            }
            Ok(used)
        }
    }
}

#[cfg(feature = "ssr")]
fn open_seed(app: &App, sealed: &[u8]) -> Result<Vec<u8>> {
    app.keys.open(SEED, sealed).map_err(|e| internal().internal(format!("{e:?}")))
}

/// Removes seed and recovery codes.
#[cfg(feature = "ssr")]
pub(super) async fn turn_off(tx: &mut Tx, user: StaffId) -> Result<()> {
    let now = tx.now;
    sql::totp_set(tx.conn(), user, None, None, None).await?;
    sql::recovery_codes_replace(tx.conn(), user, &[], now).await
}
