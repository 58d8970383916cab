//! Sessions of end users: opened and ended like those of staff, but in tables of their own and under
//! tokens of their own kind. How an end user proves who it is, is the business of `people`.
//!
//! Ending one does not make processes forget all callers, as it does for staff: there are too many end
//! users for that, and what is known of one is trusted for reads for less than a second anyway.

use serde_json::Value;
use time::Duration;

use super::events::EndUserSessionInvalidated;
use super::keys::TokenAudience;
use super::refresh::{RefreshToken, Rotated};
use super::{Activity, EndUserId, EndUserSession, EndUserSessionId, sql};
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// A session nobody refreshes ends after this: people open an app now and then, not daily.
const IDLE: Duration = Duration::days(60);
/// And at the latest after this.
const LONGEST: Duration = Duration::days(365);

/// When a session ends that is used now.
pub fn expiry(now: Timestamp, created: Timestamp) -> Timestamp {
    Timestamp((now.0 + IDLE).min(created.0 + LONGEST))
}

/// Opens a session for an end user who has proved who it is.
pub async fn open(tx: &mut Tx, user: EndUserId, mfa: bool) -> Result<Rotated> {
    let (now, request) = (tx.now, tx.request.clone());
    let id = EndUserSessionId::new();
    let token = RefreshToken::first(TokenAudience::EndUser, id.0);
    let expires_at = expiry(now, now);
    let new = sql::NewEndUserSession {
        id,
        user,
        token_hash: token.hash(),
        mfa,
        ip: request.ip.to_string(),
        user_agent: request.user_agent.clone(),
        expires_at,
    };
    sql::end_user_session_insert(tx.conn(), &new, now).await?;
    note(tx, user, "login", serde_json::json!({ "session_id": id, "mfa": mfa })).await?;
    Ok(Rotated { user: user.0, token, expires_at })
}

/// Ends one session; false if it had ended already.
pub async fn end(tx: &mut Tx, user: EndUserId, session: EndUserSessionId, reason: &'static str) -> Result<bool> {
    let now = tx.now;
    let ended = sql::end_user_session_revoke(tx.conn(), session, reason, now).await?;
    if ended {
        tx.emit(&EndUserSessionInvalidated { user_id: user, session_id: Some(session), reason });
    }
    Ok(ended)
}

/// Ends all sessions of an end user but one; answers how many those were.
pub async fn end_all(
    tx: &mut Tx,
    user: EndUserId,
    reason: &'static str,
    except: Option<EndUserSessionId>,
) -> Result<i64> {
    let now = tx.now;
    let ended = sql::end_user_sessions_revoke(tx.conn(), user, reason, except, now).await?;
    if ended > 0 {
        tx.emit(&EndUserSessionInvalidated { user_id: user, session_id: None, reason });
    }
    Ok(ended)
}

/// The open sessions of an end user, the current one first.
pub async fn list(db: &mut impl Db, user: EndUserId, current: Option<EndUserSessionId>) -> Result<Vec<EndUserSession>> {
    let now = db.cx().now;
    sql::end_user_session_list(db.conn(), user, current, now).await
}

/// Whose session this is, if it is open.
pub async fn owner(db: &mut impl Db, session: EndUserSessionId) -> Result<Option<EndUserId>> {
    sql::end_user_session_owner(db.conn(), session).await
}

/// When this session was opened, if it still is.
pub async fn opened_at(db: &mut impl Db, session: EndUserSessionId) -> Result<Option<Timestamp>> {
    sql::end_user_session_opened_at(db.conn(), session).await
}

/// The second factor was just proven in this session.
pub async fn mark_mfa(tx: &mut Tx, session: EndUserSessionId) -> Result<()> {
    sql::end_user_session_mark_mfa(tx.conn(), session).await
}

/// What happened to an end user's account lately.
pub async fn activity(db: &mut impl Db, user: EndUserId) -> Result<Vec<Activity>> {
    sql::end_user_activity_list(db.conn(), user).await
}

/// Notes what happened to an end user's account, for its owner and for staff.
pub async fn note(tx: &mut Tx, user: EndUserId, action: &str, metadata: Value) -> Result<()> {
    let (ip, now, by) = (tx.request.ip.to_string(), tx.now, tx.actor());
    sql::end_user_activity_insert(tx.conn(), new_uuid(), user, by, action, metadata, &ip, now).await
}
