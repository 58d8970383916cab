//! Signing in and out.

use operation::operation;

use crate::access::{LoginAnswer, LoginInput, RefreshInput, SecondFactorInput, Tokens};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    super::second_factor::second_factor_fits,
    crate::access::{
        StaffId,
        challenge::{self, Binding},
        end_users,
        lockout::Door,
        refresh,
        refresh::Rotated,
        sessions::{self, Proven},
        sql,
        sql::Login,
    },
    crate::kernel::{
        app::App,
        caller::{Caller, Scope},
        context::{Cx, Db, Tx},
        crypto::verify_password,
        error::{invalid_code, invalid_credentials, session_expired},
        request::Request,
    },
    serde_json::json,
    std::sync::Arc,
};

/// What a challenge of staff is derived for.
#[cfg(feature = "ssr")]
const CHALLENGE: &str = "challenge";

/// Sign in with e-mail and password
///
/// Answers tokens (or sets cookies, with `"session": "cookie"`), or `mfa_required` with a challenge
/// for `/auth/login/totp`; a device trusted within the last 30 days needs none. Unknown accounts and
/// wrong passwords answer alike, in like time. Five failures from one network, or on one device of the
/// account, shut it out there for what is left of a quarter of an hour; many from everywhere slow
/// further ones down. Devices the account has signed in on are not held up by what others do.
#[operation(POST "/auth/login", public, rate = Costly)]
pub async fn login(cx: &Cx, input: LoginInput) -> Result<LoginAnswer> {
    let email = input.email.as_str();
    let (account, door) = {
        let mut db = cx.reader().await?;
        let account = sql::login_by_email(db.conn(), email).await?;
        let door = Door::find(&mut db, email, account.as_ref(), false).await?;
        door.refuse_if_shut(&mut db).await?;
        (account, door)
    };
    let hash = account.as_ref().filter(|a| a.status == "active").and_then(|a| a.password_hash.clone());
    if !verify_password(input.password.expose(), hash).await? {
        return cx.write(|tx| Box::pin(async move { door.failed(tx, invalid_credentials()).await })).await;
    }
    let account = account.ok_or_else(invalid_credentials)?;
    if account.totp_enabled_at.is_some() && !door.is_trusted() {
        // Again: of many guesses at once, those past the limit must not tell that one was right.
        door.refuse_if_shut(&mut cx.reader().await?).await?;
        let challenge = Some(challenge::make(cx, CHALLENGE, account.id, &binding_of(cx, &account)));
        return Ok(LoginAnswer { mfa_required: true, challenge, tokens: None });
    }
    let opened = cx.write(|tx| Box::pin(open(tx, account, door, false, false))).await?;
    sessions::answer(&cx.request, input.session, &opened).await
}

/// Finish signing in with the second factor
///
/// The code of the authenticator, or a recovery code; each works once.
#[operation(POST "/auth/login/totp", public, rate = Costly)]
pub async fn login_totp(cx: &Cx, input: SecondFactorInput) -> Result<LoginAnswer> {
    let (user, binding) = challenge::read(cx, CHALLENGE, &input.challenge)?;
    let user = StaffId(user);
    let kind = input.session;
    let opened = cx.write(|tx| Box::pin(second_step(tx, user, binding, input))).await?;
    sessions::answer(&cx.request, kind, &opened).await
}

/// Exchange a refresh token for a new pair
///
/// Each refresh token works once. Uses of one token within ten seconds all get the same successor;
/// a later use of an old one ends the session. Staff and end users alike. Browsers send it as a cookie and get cookies back.
#[operation(POST "/auth/refresh", public)]
pub async fn refresh_session(cx: &Cx, input: RefreshInput) -> Result<Option<Tokens>> {
    let given = input.refresh_token.as_ref().map(|token| token.expose().to_owned());
    let by_cookie = given.is_none();
    let token = given.or_else(|| cx.request.refresh_cookie.clone()).ok_or_else(session_expired)?;
    let rotated = cx.write(|tx| Box::pin(async move { refresh::rotate(tx, &token).await })).await;
    let rotated = match rotated {
        Err(error) if by_cookie && error.status() == 401 => {
            sessions::clear_cookies(&cx.request);
            return Err(error);
        }
        other => other?,
    };
    let tokens = refresh::tokens(cx.app(), &rotated).await?;
    if by_cookie {
        sessions::set_cookies(&cx.request, &tokens.access_token, &rotated);
        return Ok(None);
    }
    Ok(Some(tokens))
}

/// Sign out
///
/// Ends the session of the token or cookie that comes with the request. Without one, it is done
/// already.
#[operation(POST "/auth/logout", public)]
pub async fn logout(cx: &Cx) -> Result<()> {
    sessions::clear_cookies(&cx.request);
    if !matches!(*cx.caller, Caller::Staff(_) | Caller::EndUser(_)) {
        return Ok(());
    }
    cx.write(|tx| Box::pin(sign_out(tx))).await
}

#[cfg(feature = "ssr")]
async fn sign_out(tx: &mut Tx) -> Result<()> {
    if let Caller::EndUser(user) = &*tx.caller.clone() {
        if end_users::end(tx, user.id, user.session, "logout").await? {
            end_users::note(tx, user.id, "logout", json!({ "session_id": user.session })).await?;
        }
        return Ok(());
    }
    let (user, session) = (tx.staff()?.id, tx.staff()?.session);
    if sessions::end(tx, user, session, "logout").await? {
        sessions::note(tx, user, "logout", json!({ "session_id": session })).await?;
    }
    Ok(())
}

#[cfg(feature = "ssr")]
async fn open(tx: &mut Tx, account: Login, door: Door, mfa: bool, trust_device: bool) -> Result<Rotated> {
    let user = StaffId(account.id);
    // Again, under lock: the password may have changed or the account been closed meanwhile.
    let row = sql::login_lock(tx.conn(), user).await?.ok_or_else(invalid_credentials)?;
    if row.status != "active" || row.password_hash != account.password_hash {
        return Err(invalid_credentials());
    }
    if row.totp_enabled_at.is_some() && !mfa && !Door::find(tx, &row.email, Some(&row), false).await?.is_trusted() {
        return Err(session_expired().detail("Sign in again from the start."));
    }
    door.refuse_if_shut(tx).await?;
    door.forget(tx).await?;
    let proven = Proven { user, email: account.email, name: account.full_name, mfa, trust_device };
    sessions::open(tx, &proven).await
}

#[cfg(feature = "ssr")]
async fn second_step(tx: &mut Tx, user: StaffId, binding: Binding, input: SecondFactorInput) -> Result<Rotated> {
    let account = sql::login_lock(tx.conn(), user).await?.ok_or_else(session_expired)?;
    if binding_of(tx, &account) != binding {
        return Err(session_expired().detail("Sign in again from the start."));
    }
    let door = Door::find(tx, &account.email, Some(&account), true).await?;
    door.refuse_if_shut(tx).await?;
    if !second_factor_fits(tx, &account, input.code.expose()).await? {
        return door.failed(tx, invalid_code()).await;
    }
    open(tx, account, door, true, input.trust_device).await
}

/// Ties a challenge to the password and seed it was made for.
#[cfg(feature = "ssr")]
fn binding_of(cx: &Cx, account: &Login) -> Binding {
    let password = account.password_hash.as_deref().unwrap_or_default().as_bytes();
    let seed = account.totp_secret_enc.as_deref().unwrap_or_default();
    challenge::binding(cx, account.id, &[password, seed])
}

/// Rotates a browser's token while its request is still on its way in; answers the access token.
#[cfg(feature = "ssr")]
pub async fn rotate_outside_call(app: &Arc<App>, request: &Request, token: &str) -> Result<(String, Rotated)> {
    let mut inner = Request::internal(app.clone());
    inner.ip = request.ip;
    let now = app.clock.now();
    let cx = Cx {
        operation: &REFRESH_SESSION_META,
        request: Arc::new(inner),
        caller: Arc::new(Caller::Anonymous),
        scope: Scope::All,
        now,
    };
    let token = token.to_owned();
    let rotated = cx.write(|tx| Box::pin(async move { refresh::rotate(tx, &token).await })).await?;
    Ok((refresh::access_token(app, &rotated).await?, rotated))
}
