//! Opening and ending sessions, whichever operation does it.

use serde_json::{Value, json};
use time::Duration;

use super::events::SessionInvalidated;
use super::keys::TokenAudience;
use super::refresh::{self, RefreshToken, Rotated};
use super::{DeviceId, LoginAnswer, SessionId, SessionKind, StaffId, keys, sql};
use crate::kernel::app::App;
use crate::kernel::clock::{new_uuid, random_bytes};
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::{base64url, sha256};
use crate::kernel::error::Result;
use crate::kernel::rate;
use crate::kernel::request::{Request, cookies};
use crate::kernel::timestamp::Timestamp;

/// A session nobody refreshes ends after this.
const IDLE: Duration = Duration::days(7);
/// And at the latest after this.
const LONGEST: Duration = Duration::days(30);
/// A trusted device stands in for the second factor this long.
const TRUST: Duration = Duration::days(30);
const DEVICE_COOKIE_SECONDS: i64 = 365 * 86_400;

/// When a session ends that is used now.
pub fn expiry(now: Timestamp, created: Timestamp) -> Timestamp {
    Timestamp((now.0 + IDLE).min(created.0 + LONGEST))
}

/// Until when a device is trusted that is trusted now.
pub fn trusted_until(now: Timestamp) -> Timestamp {
    Timestamp(now.0 + TRUST)
}

/// What the device the request comes from is known by; none if it has no cookie yet.
pub fn fingerprint(request: &Request) -> Option<[u8; 32]> {
    request.device_cookie.as_deref().map(fingerprint_of)
}

fn fingerprint_of(cookie: &str) -> [u8; 32] {
    sha256(&[b"device", cookie.as_bytes()])
}

/// Somebody who has proved who they are.
pub struct Proven {
    pub user: StaffId,
    pub email: String,
    pub name: String,
    pub mfa: bool,
    pub trust_device: bool,
}

/// Opens a session on the device the request comes from.
pub async fn open(tx: &mut Tx, proven: &Proven) -> Result<Rotated> {
    let now = tx.now;
    let device = device(tx, proven).await?;
    let session = SessionId::new();
    let token = RefreshToken::first(TokenAudience::Staff, session.0);
    let expires_at = expiry(now, now);
    let request = tx.request.clone();
    let new = sql::NewSession {
        id: session,
        user: proven.user,
        device,
        token_hash: token.hash(),
        mfa: proven.mfa,
        ip: request.ip.to_string(),
        user_agent: request.user_agent.clone(),
        expires_at,
    };
    sql::session_insert(tx.conn(), &new, now).await?;
    sql::staff_signed_in(tx.conn(), proven.user, now).await?;
    note(tx, proven.user, "login", json!({ "session_id": session, "mfa": proven.mfa })).await?;
    Ok(Rotated { user: proven.user.0, token, expires_at })
}

/// The device row for this browser; a device never seen before is mailed about, unless it is the
/// account's first.
async fn device(tx: &mut Tx, proven: &Proven) -> Result<DeviceId> {
    let request = tx.request.clone();
    let cookie = request.device_cookie.clone().unwrap_or_else(|| base64url(&random_bytes::<18>()));
    request.set_cookie(cookies::DEVICE, &cookie, Some(DEVICE_COOKIE_SECONDS));
    let fingerprint = fingerprint_of(&cookie);
    let now = tx.now;
    let trust = proven.trust_device.then(|| trusted_until(now));
    let platform = platform(&request.user_agent);
    let seen = sql::device_upsert(tx.conn(), proven.user, &fingerprint, platform, trust, now).await?;
    if seen.is_new && seen.others > 0 {
        let told = Some(sql::moment_told(tx.conn(), None, proven.user.0, now).await?);
        let mail = super::templates::NewDeviceSignIn {
            name: proven.name.clone(),
            platform: platform.to_owned(),
            ip: request.ip.to_string(),
            at: now,
            told,
        };
        crate::notify::mail(tx, &proven.email, mail);
    }
    Ok(DeviceId(seen.id))
}

/// What a person would call the device; the browser's own words are too long for a list.
pub fn platform(user_agent: &str) -> &'static str {
    let has = |word: &str| user_agent.contains(word);
    match () {
        () if has("iPhone") => "iPhone",
        () if has("iPad") => "iPad",
        () if has("Android") => "Android",
        () if has("Windows") => "Windows",
        () if has("CrOS") => "Chromebook",
        () if has("Macintosh") => "Mac",
        () if has("Linux") => "Linux",
        () => "Program",
    }
}

/// The answer to a sign-in that succeeded: tokens, or cookies.
pub async fn answer(request: &Request, kind: SessionKind, opened: &Rotated) -> Result<LoginAnswer> {
    let tokens = refresh::tokens(&request.app, opened).await?;
    let tokens = match kind {
        SessionKind::Token => Some(tokens),
        SessionKind::Cookie => {
            set_cookies(request, &tokens.access_token, opened);
            None
        }
    };
    Ok(LoginAnswer { mfa_required: false, challenge: None, tokens })
}

/// Gives the browser the two cookies of a session, of staff or of a guest.
pub fn set_cookies(request: &Request, access_token: &str, opened: &Rotated) {
    let left = (opened.expires_at.0 - request.app.clock.now().0).whole_seconds().max(1);
    let of = opened.token.audience;
    request.set_cookie(cookies::access(of), access_token, Some(keys::ACCESS_TOKEN_SECONDS));
    request.set_cookie(cookies::refresh(of), &opened.token.encode(), Some(left));
    if owns_old_names(request, of) {
        request.set_cookie(cookies::OLD_ACCESS, access_token, Some(keys::ACCESS_TOKEN_SECONDS));
        request.set_cookie(cookies::OLD_REFRESH, &opened.token.encode(), Some(left));
    }
}

/// The version before has one pair of names for both kinds of session: whoever has it keeps it.
fn owns_old_names(request: &Request, of: TokenAudience) -> bool {
    request.old_session.is_none_or(|old| old == of)
}

/// Takes them away again.
pub fn clear_cookies(request: &Request, of: TokenAudience) {
    request.set_cookie(cookies::access(of), "", None);
    request.set_cookie(cookies::refresh(of), "", None);
    if owns_old_names(request, of) {
        request.set_cookie(cookies::OLD_ACCESS, "", None);
        request.set_cookie(cookies::OLD_REFRESH, "", None);
    }
}

/// Before a browser's request is answered: where its access token has run out but the refresh token
/// has not, a new pair is fetched, so that no page and no call needs to know of it. Where that fails for a reason that
/// says nothing about the token, the session is noted as unknown: its owner is not taken for nobody.
pub async fn renew(request: &mut Request) {
    if request.bearer.is_some() {
        return;
    }
    let app = request.app.clone();
    let (network, now) = (format!("ip:{}", rate::network(request.ip)), app.clock.now());
    for of in request.face.audiences() {
        let cookies = request.session(*of).clone();
        let Some(refresh_token) = cookies.refresh else { continue };
        if let Some(token) = cookies.access
            && keys::verify(&app, &token).await.is_ok()
        {
            continue;
        }
        // Made-up tokens are not looked up without end.
        let exchanged = match app.limiter.may_be_recognised(&network, now) {
            Ok(()) => super::operations::rotate_outside_call(&app, request, &refresh_token).await,
            Err(error) => Err(error),
        };
        match exchanged {
            Ok((access_token, rotated)) => {
                set_cookies(request, &access_token, &rotated);
                request.session_mut(*of).access = Some(access_token);
            }
            Err(error) if error.status() == 401 => {
                let _ = app.limiter.not_recognised(&network, now);
                clear_cookies(request, *of);
            }
            Err(error) => {
                tracing::warn!(?error, "could not renew a session");
                request.session_mut(*of).unknown = Some(error);
            }
        }
    }
}

/// Ends one session; false if it had ended already.
pub async fn end(tx: &mut Tx, user: StaffId, session: SessionId, reason: &'static str) -> Result<bool> {
    let now = tx.now;
    let ended = sql::session_revoke(tx.conn(), session, reason, now).await?;
    if ended {
        tx.emit(&SessionInvalidated { user_id: user, session_id: Some(session), reason });
    }
    tx.access_changed();
    Ok(ended)
}

/// Ends all sessions of an account but one.
pub async fn end_all(tx: &mut Tx, user: StaffId, reason: &'static str, except: Option<SessionId>) -> Result<i64> {
    let now = tx.now;
    let ended = sql::sessions_revoke(tx.conn(), user, reason, except, now).await?;
    if ended > 0 {
        tx.emit(&SessionInvalidated { user_id: user, session_id: None, reason });
    }
    tx.access_changed();
    Ok(ended)
}

/// Notes what happened to an account, for its owner and for investigation.
pub async fn note(tx: &mut Tx, user: StaffId, action: &str, metadata: Value) -> Result<()> {
    let ip = tx.request.ip.to_string();
    let now = tx.now;
    sql::activity_insert(tx.conn(), new_uuid(), user, action, metadata, &ip, now).await
}

/// Whether a signing key must be made before the first token.
pub async fn prepare(app: &App) -> Result<()> {
    keys::ensure(app).await
}
