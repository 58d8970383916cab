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
        context::{Db, RequestContext, Tx},
        crypto::verify_password,
        error::{forbidden, invalid_code, invalid_credentials, session_expired},
        request::Request,
    },
    serde_json::json,
    std::sync::Arc,
};

/// What a challenge of staff is derived for.
#[cfg(feature = "ssr")]
const CHALLENGE: &str = "challenge";

/// Sign in with email and password
///
/// Returns tokens (or sets cookies, with `"session": "cookie"`), or `mfa_required` with a challenge for
/// `/auth/login/totp`. A device trusted within the last 30 days needs no second factor. Unknown accounts and wrong
/// passwords get the same answer in similar time. Five failures from one network, or on one of the account's own
/// devices, block further attempts from there for up to 15 minutes; many failures from everywhere slow down further
/// ones. Devices the account has signed in on are not affected by failures elsewhere. Very many failures from one
/// network are answered with `rate_limited`.
#[operation(POST "/auth/login", public, rate = Costly, errors(invalid_credentials, account_locked))]
pub async fn login(cx: &RequestContext, input: LoginInput) -> Result<LoginAnswer> {
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

/// Complete sign-in with the second factor
///
/// Accepts a code from the authenticator or a recovery code. Each works once.
#[operation(POST "/auth/login/totp", public, rate = Costly, errors(invalid_code, account_locked, session_expired))]
pub async fn login_totp(cx: &RequestContext, input: SecondFactorInput) -> Result<LoginAnswer> {
    let (user, binding) = challenge::read(cx, CHALLENGE, &input.challenge)?;
    let user = StaffId(user);
    let kind = input.session;
    let opened = cx.write(|tx| Box::pin(second_step(tx, user, binding, input))).await?;
    sessions::answer(&cx.request, kind, &opened).await
}

/// Refresh an access token
///
/// Returns a new access token and refresh token, for team members and end users alike. A refresh token works until its
/// successor has been used, for at most a day, so a request whose answer was lost can be repeated. Within ten seconds,
/// repeated requests return the same successor; a later one returns another and voids the unused one. Any other reuse
/// of an old token ends the session. Browsers send and receive the token as a cookie.
#[operation(POST "/auth/refresh", public, errors(unauthenticated, session_expired, account_banned))]
pub async fn refresh_session(cx: &RequestContext, input: RefreshInput) -> Result<Option<Tokens>> {
    if let Some(token) = &input.refresh_token {
        let rotated = exchange(cx, token.expose()).await?;
        return Ok(Some(refresh::tokens(cx.app(), &rotated).await?));
    }
    let mut outcome = Err(session_expired());
    for of in cx.request.face.audiences() {
        let Some(token) = &cx.request.session(*of).refresh else { continue };
        match exchange(cx, token).await {
            Ok(rotated) => {
                let access_token = refresh::access_token(cx.app(), &rotated).await?;
                sessions::set_cookies(&cx.request, &access_token, &rotated);
                outcome = Ok(None);
            }
            Err(error) if error.status() == 401 => sessions::clear_cookies(&cx.request, *of),
            Err(error) => return Err(error),
        }
    }
    outcome
}

#[cfg(feature = "ssr")]
async fn exchange(cx: &RequestContext, token: &str) -> Result<Rotated> {
    let token = token.to_owned();
    cx.write(|tx| Box::pin(async move { refresh::rotate(tx, &token).await })).await
}

/// Sign out
///
/// Ends the session of the access token, of the cookies, or of the refresh token in the body, which also works when the
/// access token has expired. 204 means that the session has ended, or that the request had none. An expired access
/// token is answered with 401: send the refresh token instead.
#[operation(POST "/auth/logout", public, errors(unauthenticated, session_expired, forbidden))]
pub async fn logout(cx: &RequestContext, input: RefreshInput) -> Result<()> {
    let request = &cx.request;
    let given = input.refresh_token.map(|token| token.expose().to_owned());
    match &*cx.caller {
        Caller::ApiKey(_) => return Err(forbidden().detail("An API key has no session; revoke the key.")),
        Caller::Anonymous if request.bearer.is_some() && given.is_none() => {
            return Err(session_expired().detail("The access token has expired; send the refresh token."));
        }
        _ => {}
    }
    let by_cookie = if request.bearer.is_none() && given.is_none() { request.face.audiences() } else { &[] };
    let cookies = by_cookie.iter().filter_map(|of| request.session(*of).refresh.clone()).collect();
    match cx.write(|tx| Box::pin(sign_out(tx, given, cookies))).await {
        // It had ended before.
        Err(error) if error.status() == 401 && !by_cookie.is_empty() => {}
        outcome => outcome?,
    }
    by_cookie.iter().for_each(|of| sessions::clear_cookies(request, *of));
    Ok(())
}

/// Ends what the tokens belong to, and the caller's session. A cookie that fits nothing keeps nothing open.
#[cfg(feature = "ssr")]
async fn sign_out(tx: &mut Tx, given: Option<String>, cookies: Vec<String>) -> Result<()> {
    if let Some(token) = given {
        refresh::sign_out(tx, &token).await?;
    }
    for token in cookies {
        match refresh::sign_out(tx, &token).await {
            Err(error) if error.status() == 401 => {}
            outcome => outcome?,
        }
    }
    match &*tx.caller.clone() {
        Caller::EndUser(user) => {
            let ended = end_users::end(tx, user.id, user.session, "logout").await?;
            if ended {
                end_users::note(tx, user.id, "logout", json!({ "session_id": user.session })).await?;
            }
        }
        Caller::Staff(staff) => {
            let ended = sessions::end(tx, staff.id, staff.session, "logout").await?;
            if ended {
                sessions::note(tx, staff.id, "logout", json!({ "session_id": staff.session })).await?;
            }
        }
        _ => {}
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
fn binding_of(cx: &RequestContext, account: &Login) -> Binding {
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
    let cx = RequestContext {
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
