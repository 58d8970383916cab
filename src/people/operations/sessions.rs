//! The calling end user's own sessions.

use operation::operation;

use crate::access::Count;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::people::{EndUserSession, EndUserSessionId};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::end_users,
    crate::kernel::{
        context::{Reader, Tx},
        error::not_found,
    },
    serde_json::json,
};

/// List your open sessions as an end user
///
/// The current one first.
#[operation(GET "/me/sessions", end_user)]
pub async fn my_session_list(db: &mut Reader, query: Paging) -> Result<Page<EndUserSession>> {
    let (me, session) = (rules::me(db)?, db.end_user()?.session);
    let rows = end_users::list(db, me, Some(session)).await?;
    query.cut(db, "sessions", me, rows, |session| session.id.0)
}

/// End one of your sessions as an end user
#[operation(DELETE "/me/sessions/{id}", end_user)]
pub async fn my_session_revoke(tx: &mut Tx, id: EndUserSessionId) -> Result<()> {
    let me = rules::me(tx)?;
    if end_users::owner(tx, id).await? != Some(me) || !end_users::end(tx, me, id, "revoked_by_owner").await? {
        return Err(not_found());
    }
    end_users::note(tx, me, "session.revoked", json!({ "session_id": id })).await
}

/// Sign out of all your other sessions as an end user
#[operation(POST "/me/sessions/revoke-others", end_user)]
pub async fn my_sessions_revoke_others(tx: &mut Tx) -> Result<Count> {
    let (me, session) = (rules::me(tx)?, tx.end_user()?.session);
    let count = end_users::end_all(tx, me, "revoked_by_owner", Some(session)).await?;
    end_users::note(tx, me, "sessions.revoked", json!({ "count": count })).await?;
    Ok(Count { count })
}
