//! An end user's second factor.

use operation::operation;

use crate::access::{CodeInput, TotpEnrolment};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::{end_users, totp},
    crate::kernel::{
        context::{Db, Tx},
        error::{forbidden, rate_limited, two_factor_already_enabled, two_factor_not_enabled},
        rate,
    },
    crate::people::{
        EndUserId,
        sql::{self, Account},
    },
    serde_json::json,
    time::Duration,
};

/// Whoever sets up a second factor has shown within this time that the phone is theirs: of a session that somebody
/// found open, the owner would be locked out.
#[cfg(feature = "ssr")]
const FRESH: Duration = Duration::minutes(15);

/// What a seed is encrypted for.
#[cfg(feature = "ssr")]
const SEED: &str = "end_user_totp_seed";

/// Start setting up your authenticator
///
/// Returns a new secret as text, link and QR code. The second factor is on only after `/me/totp/confirm`; starting
/// again replaces the secret. Only possible within 15 minutes after signing in.
#[operation(POST "/me/totp/enrol", end_user, secret_answer, errors(two_factor_already_enabled, forbidden))]
pub async fn my_totp_enrol(tx: &mut Tx) -> Result<TotpEnrolment> {
    let account = own_account(tx).await?;
    if account.totp_enabled_at.is_some() {
        return Err(two_factor_already_enabled());
    }
    let session = tx.end_user()?.session;
    if end_users::opened_at(tx, session).await?.is_none_or(|at| tx.now.0 - at.0 > FRESH) {
        return Err(forbidden().detail("Sign in again first, then set up two-factor sign-in within 15 minutes."));
    }
    let seed = totp::new_seed();
    let sealed = tx.app().keys.seal(SEED, &seed)?;
    sql::totp_set(tx.conn(), EndUserId(account.id), Some(&sealed), None, None).await?;
    totp::enrolment(&seed, label(&account))
}

/// Turn on your second factor with a first code
///
/// Ends all other sessions of the account. If you lose the authenticator, the team can reset it.
#[operation(POST "/me/totp/confirm", end_user,
    errors(invalid_code, two_factor_already_enabled, two_factor_not_enabled))]
pub async fn my_totp_confirm(tx: &mut Tx, input: CodeInput) -> Result<()> {
    let account = own_account(tx).await?;
    if account.totp_enabled_at.is_some() {
        return Err(two_factor_already_enabled());
    }
    limit_attempts(tx).await?;
    let (user, now) = (EndUserId(account.id), tx.now);
    let sealed = account.totp_secret_enc.clone().ok_or_else(two_factor_not_enabled)?;
    let seed = tx.app().keys.open(SEED, &sealed)?;
    let Some(step) = totp::matching_step(&seed, label(&account), input.code.expose(), now)? else {
        return Err(totp::wrong_code());
    };
    sql::totp_set(tx.conn(), user, Some(&sealed), Some(now), Some(step)).await?;
    let session = tx.end_user()?.session;
    end_users::mark_mfa(tx, session).await?;
    end_users::end_all(tx, user, "second_factor_enabled", Some(session)).await?;
    end_users::note(tx, user, "totp.enabled", json!({})).await
}

/// Turn off your second factor
#[operation(POST "/me/totp/disable", end_user, errors(invalid_code, two_factor_not_enabled))]
pub async fn my_totp_disable(tx: &mut Tx, input: CodeInput) -> Result<()> {
    let account = own_account(tx).await?;
    if account.totp_enabled_at.is_none() {
        return Err(two_factor_not_enabled());
    }
    limit_attempts(tx).await?;
    if !code_fits(tx, &account, input.code.expose()).await? {
        return Err(totp::wrong_code());
    }
    let user = EndUserId(account.id);
    sql::totp_set(tx.conn(), user, None, None, None).await?;
    end_users::note(tx, user, "totp.disabled", json!({})).await
}

#[cfg(feature = "ssr")]
async fn own_account(tx: &mut Tx) -> Result<Account> {
    let me = rules::me(tx)?;
    sql::account_lock(tx.conn(), me).await
}

/// Guessing from within a session is limited like guessing at the door.
#[cfg(feature = "ssr")]
async fn limit_attempts(tx: &mut Tx) -> Result<()> {
    let (subject, now, window) = (rules::me(tx)?.to_string(), tx.now, Duration::minutes(15));
    if rate::count(tx.conn(), "end_user_own_code", &subject, window, now).await? > 20 {
        return Err(rate_limited().retry_after(rate::window_remaining(window, now)).commit_on_error());
    }
    Ok(())
}

/// What an authenticator calls the account.
#[cfg(feature = "ssr")]
fn label(account: &Account) -> &str {
    account.phone.as_deref().unwrap_or_default()
}

/// Whether the code is the authenticator's, not used before. Uses it up.
#[cfg(feature = "ssr")]
pub(super) async fn code_fits(tx: &mut Tx, account: &Account, code: &str) -> Result<bool> {
    let (Some(sealed), Some(_)) = (&account.totp_secret_enc, account.totp_enabled_at) else {
        return Ok(false);
    };
    let seed = tx.app().keys.open(SEED, sealed)?;
    let step = totp::matching_step(&seed, label(account), code, tx.now)?;
    let Some(step) = step.filter(|step| account.totp_last_step.is_none_or(|last| *step > last)) else {
        return Ok(false);
    };
    sql::totp_step_used(tx.conn(), EndUserId(account.id), step).await?;
    Ok(true)
}
