//! Signing in by phone. [004 §2.1.3, invariant 10]

use operation::operation;

use crate::kernel::error::Result;
use crate::people::{OtpAnswer, OtpRequest, OtpSecondFactor, OtpSent, OtpVerify};

#[cfg(feature = "ssr")]
use {
    super::{rules, second_factor::code_fits},
    crate::access::{
        SessionKind,
        challenge::{self, Binding},
        end_users,
        refresh::Rotated,
        sessions, totp,
    },
    crate::kernel::{
        context::{Db, RequestContext, Tx},
        error::{rate_limited, session_expired},
        rate,
    },
    crate::people::{
        EndUserId,
        events::UserCreated,
        otp,
        sql::{self, Account},
    },
    time::Duration,
};

/// What a challenge of end users is derived for.
#[cfg(feature = "ssr")]
const CHALLENGE: &str = "end_user_challenge";
/// Over which wrong codes of the authenticator are counted, and how many are taken.
#[cfg(feature = "ssr")]
const WINDOW: Duration = Duration::minutes(15);
#[cfg(feature = "ssr")]
const WRONG_CODES: i32 = 5;

/// Send a sign-in code by text message
///
/// Six digits, valid for five minutes and five attempts. A new code replaces an earlier one requested from the same
/// network. Known and unknown phone numbers get the same answer. Limits apply per phone and network (one per 30
/// seconds, six per hour, twelve per day), per phone across networks its owner has not signed in from, and per network.
/// When the hourly budget for text messages is used up, the answer is `texts_used_up`.
#[operation(POST "/auth/otp/request", public, rate = Costly, errors(texts_used_up))]
pub async fn otp_request(tx: &mut Tx, input: OtpRequest) -> Result<OtpSent> {
    otp::issue(tx, &input.phone).await
}

/// Sign in with a code from a text message
///
/// Creates the account on first use. Returns tokens (or sets cookies, with `"session": "cookie"`), or `mfa_required`
/// with a challenge for `/auth/otp/totp`. A code works once, even for simultaneous requests.
#[operation(POST "/auth/otp/verify", public, errors(invalid_code, account_banned))]
pub async fn otp_verify(cx: &RequestContext, input: OtpVerify) -> Result<OtpAnswer> {
    let kind = input.session;
    let step = cx.write(|tx| Box::pin(first_step(tx, input))).await?;
    match step {
        First::Challenge(challenge) => {
            Ok(OtpAnswer { mfa_required: true, challenge: Some(challenge), tokens: None, is_new: false })
        }
        First::Open(opened, is_new) => answer(cx, kind, &opened, is_new).await,
    }
}

/// Complete sign-in with the authenticator's code
#[operation(POST "/auth/otp/totp", public, errors(invalid_code, session_expired))]
pub async fn otp_totp(cx: &RequestContext, input: OtpSecondFactor) -> Result<OtpAnswer> {
    let (user, binding) = challenge::read(cx, CHALLENGE, &input.challenge)?;
    let kind = input.session;
    let opened = cx.write(|tx| Box::pin(second_step(tx, EndUserId(user), binding, input))).await?;
    answer(cx, kind, &opened, false).await
}

#[cfg(feature = "ssr")]
async fn answer(cx: &RequestContext, kind: SessionKind, opened: &Rotated, is_new: bool) -> Result<OtpAnswer> {
    let tokens = sessions::answer(&cx.request, kind, opened).await?.tokens;
    Ok(OtpAnswer { mfa_required: false, challenge: None, tokens, is_new })
}

/// What the first step leads to.
#[cfg(feature = "ssr")]
enum First {
    Challenge(String),
    Open(Rotated, bool),
}

#[cfg(feature = "ssr")]
async fn first_step(tx: &mut Tx, input: OtpVerify) -> Result<First> {
    otp::check(tx, &input.phone, input.code.expose()).await?;
    let now = tx.now;
    let Some(account) = sql::account_lock_by_phone(tx.conn(), &input.phone).await? else {
        let user = EndUserId::new();
        sql::account_insert(tx.conn(), user, &input.phone, now).await?;
        tx.emit(&UserCreated { user_id: user });
        return Ok(First::Open(end_users::open(tx, user, false).await?, true));
    };
    rules::may_sign_in(tx, &account).await?;
    if account.totp_enabled_at.is_some() {
        return Ok(First::Challenge(challenge::make(tx, CHALLENGE, account.id, &binding_of(tx, &account))));
    }
    Ok(First::Open(end_users::open(tx, EndUserId(account.id), false).await?, false))
}

#[cfg(feature = "ssr")]
async fn second_step(tx: &mut Tx, user: EndUserId, binding: Binding, input: OtpSecondFactor) -> Result<Rotated> {
    let account = sql::account_lock(tx.conn(), user).await?;
    if binding_of(tx, &account) != binding {
        return Err(session_expired().detail("Sign in again from the start."));
    }
    rules::may_sign_in(tx, &account).await?;
    let (now, subject) = (tx.now, user.to_string());
    if rate::counted(tx.conn(), "end_user_totp", &subject, WINDOW, now).await? >= WRONG_CODES {
        return Err(rate_limited().retry_after(rate::window_remaining(WINDOW, now)));
    }
    if !code_fits(tx, &account, input.code.expose()).await? {
        rate::count(tx.conn(), "end_user_totp", &subject, WINDOW, now).await?;
        end_users::note(tx, user, "login.failed", serde_json::json!({ "step": "totp" })).await?;
        return Err(totp::wrong_code());
    }
    end_users::open(tx, user, true).await
}

/// Ties a challenge to the phone and seed it was made for.
#[cfg(feature = "ssr")]
fn binding_of(cx: &RequestContext, account: &Account) -> Binding {
    let phone = account.phone.as_deref().unwrap_or_default().as_bytes();
    let seed = account.totp_secret_enc.as_deref().unwrap_or_default();
    challenge::binding(cx, account.id, &[phone, seed])
}
