//! Refresh tokens. A session's tokens form a chain: each is derived from the one it replaces, so
//! the row needs only the newest one's hash.
//!
//! A token stays good until its successor was exchanged, for a day at most: an answer may be lost on its way. Uses within
//! ten seconds get the same successor, for a browser sends several requests at once. A later one gets the next token of
//! the chain, and the successor that was not seen is void. Any other use of an old token means that there are two who
//! hold it, and ends the session.

use time::Duration;
use uuid::Uuid;

use super::sql::{Generation, LockedSession};
use super::{EndUserId, EndUserSessionId, SessionId, StaffId, Tokens, end_users, keys, sessions, sql};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::{Keys, same};
use crate::kernel::error::{Result, session_expired};
use crate::kernel::timestamp::Timestamp;
pub use crate::kernel::tokens::RefreshToken;
use crate::kernel::tokens::TokenAudience;

/// How long a replaced token yields the very successor it yielded first.
const AT_ONCE: Duration = Duration::seconds(10);
/// How long it can be exchanged anew while its successor was not.
const GRACE: Duration = Duration::DAY;
/// A chain longer than this has long outlived its session.
const LONGEST_CHAIN: u32 = 100_000;
/// What the database knows of the session a token is of.
trait Chain: Sized {
    /// The newest token of the chain, if this one is of the chain that ends there.
    fn newest(&self, row: &LockedSession, keys: &Keys) -> Option<Self>;
    /// Locks the session.
    async fn lock(&self, tx: &mut Tx) -> Result<Option<LockedSession>>;
    /// Notes this token as the newest of its session, given for that one.
    async fn keep(&self, tx: &mut Tx, given_for: &Self, expires_at: Timestamp) -> Result<()>;
    /// Ends the session and notes why; not if it has ended already.
    async fn end_session(&self, tx: &mut Tx, user: Uuid, reason: &'static str, action: &str) -> Result<()>;
}

impl Chain for RefreshToken {
    fn newest(&self, row: &LockedSession, keys: &Keys) -> Option<Self> {
        let steps = row.refresh_generation.unsigned_abs().checked_sub(self.generation)?;
        if steps > LONGEST_CHAIN {
            return None;
        }
        let newest = (0..steps).fold(self.clone(), |token, _| token.successor(keys));
        same(&newest.hash(), &row.refresh_token_hash).then_some(newest)
    }

    async fn lock(&self, tx: &mut Tx) -> Result<Option<LockedSession>> {
        let now = tx.now;
        match self.audience {
            TokenAudience::Staff => sql::session_lock(tx.conn(), SessionId(self.session)).await,
            TokenAudience::EndUser => sql::end_user_session_lock(tx.conn(), EndUserSessionId(self.session), now).await,
        }
    }

    async fn keep(&self, tx: &mut Tx, given_for: &Self, expires_at: Timestamp) -> Result<()> {
        let (hash, now) = (self.hash(), tx.now);
        let generation = Generation { newest: as_int(self.generation), given_for: as_int(given_for.generation) };
        match self.audience {
            TokenAudience::Staff => {
                let id = SessionId(self.session);
                sql::session_rotate(tx.conn(), id, &hash, &generation, expires_at, now).await
            }
            TokenAudience::EndUser => {
                let id = EndUserSessionId(self.session);
                sql::end_user_session_rotate(tx.conn(), id, &hash, &generation, expires_at, now).await
            }
        }
    }

    async fn end_session(&self, tx: &mut Tx, user: Uuid, reason: &'static str, action: &str) -> Result<()> {
        let ended = match self.audience {
            TokenAudience::Staff => sessions::end(tx, StaffId(user), SessionId(self.session), reason).await?,
            TokenAudience::EndUser => {
                end_users::end(tx, EndUserId(user), EndUserSessionId(self.session), reason).await?
            }
        };
        if !ended {
            return Ok(());
        }
        let metadata = serde_json::json!({ "session_id": self.session });
        match self.audience {
            TokenAudience::Staff => sessions::note(tx, StaffId(user), action, metadata).await,
            TokenAudience::EndUser => end_users::note(tx, EndUserId(user), action, metadata).await,
        }
    }
}

fn as_int(generation: u32) -> i32 {
    i32::try_from(generation).unwrap_or(i32::MAX)
}

impl LockedSession {
    /// The generation whose token the newest one was given for. An older version of Eventify notes none: it goes step by
    /// step.
    fn given_for(&self) -> Option<u32> {
        let noted = self.refresh_parent.filter(|_| self.refresh_parent_of == Some(self.refresh_generation));
        u32::try_from(noted.unwrap_or(self.refresh_generation - 1)).ok()
    }
}

/// What a rotation, or a new session, yields.
pub struct Rotated {
    /// The account.
    pub user: Uuid,
    /// The token to use from now on; it knows its session.
    pub token: RefreshToken,
    /// When the session ends unless refreshed again.
    pub expires_at: Timestamp,
}

/// Exchanges a token. Reuse is refused but kept: the session stays ended.
pub async fn rotate(tx: &mut Tx, token: &str) -> Result<Rotated> {
    let token = RefreshToken::decode(token)?;
    let now = tx.now;
    let row = token.lock(tx).await?.ok_or_else(session_expired)?;
    if row.revoked_at.is_some() || row.expires_at <= now.0 || row.status != "active" {
        return Err(session_expired());
    }
    let app = tx.app().clone();
    let newest = token.newest(&row, &app.keys).ok_or_else(session_expired)?;
    let user = row.user_id;
    if token.generation != newest.generation {
        let age = now.0 - row.rotated_at;
        if row.given_for() != Some(token.generation) || age > GRACE {
            token.end_session(tx, user, "refresh_reuse", "session.refresh_reused").await?;
            let why = "This session was ended because an old token of it was used again.";
            return Err(session_expired().detail(why).commit_on_error());
        }
        if age <= AT_ONCE {
            return Ok(Rotated { user, token: newest, expires_at: Timestamp(row.expires_at) });
        }
    }
    let expires_at = match token.audience {
        TokenAudience::Staff => sessions::expiry(now, Timestamp(row.created_at)),
        TokenAudience::EndUser => end_users::expiry(now, Timestamp(row.created_at)),
    };
    let successor = newest.successor(&app.keys);
    successor.keep(tx, &token, expires_at).await?;
    Ok(Rotated { user, token: successor, expires_at })
}

/// Signs out: ends the session a token belongs to, whichever of its chain it is. Fine if it has ended already.
pub async fn sign_out(tx: &mut Tx, token: &str) -> Result<()> {
    let token = RefreshToken::decode(token)?;
    let Some(row) = token.lock(tx).await? else { return Ok(()) };
    let app = tx.app().clone();
    token.newest(&row, &app.keys).ok_or_else(session_expired)?;
    token.end_session(tx, row.user_id, "logout", "logout").await
}

/// An access token of the session a refresh token belongs to.
pub async fn access_token(app: &App, rotated: &Rotated) -> Result<String> {
    keys::issue(app, rotated.token.audience, rotated.user, rotated.token.session).await
}

/// The tokens of a rotation, for the wire.
pub async fn tokens(app: &App, rotated: &Rotated) -> Result<Tokens> {
    Ok(Tokens {
        access_token: access_token(app, rotated).await?,
        token_type: "Bearer".to_owned(),
        expires_in: keys::ACCESS_TOKEN_SECONDS,
        refresh_token: rotated.token.encode(),
        session_expires_at: rotated.expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_recognises_its_own_past_and_nothing_else() {
        let keys = Keys::new(&[1; 32]);
        let first = RefreshToken::first(TokenAudience::Staff, SessionId::new().0);
        let newest = (0..21).fold(first.clone(), |token, _| token.successor(&keys));
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let row = LockedSession {
            user_id: first.session,
            status: "active".to_owned(),
            refresh_token_hash: newest.hash().to_vec(),
            refresh_generation: 21,
            refresh_parent: Some(18),
            refresh_parent_of: Some(21),
            rotated_at: now,
            created_at: now,
            expires_at: now,
            revoked_at: None,
        };
        assert!(first.newest(&row, &keys).is_some_and(|found| found.hash() == newest.hash()));
        assert!(newest.newest(&row, &keys).is_some());
        let mut forged = RefreshToken::first(TokenAudience::Staff, first.session);
        forged.generation = 3;
        assert!(forged.newest(&row, &keys).is_none());
        assert!(newest.successor(&keys).newest(&row, &keys).is_none());
        assert!(first.newest(&row, &Keys::new(&[2; 32])).is_none());
        assert_eq!(row.given_for(), Some(18));
        // Since then an older version has exchanged the newest one.
        assert_eq!(LockedSession { refresh_parent_of: Some(20), ..row }.given_for(), Some(20));
        let read = RefreshToken::decode(&newest.encode()).unwrap();
        assert_eq!((read.session, read.generation, read.hash()), (newest.session, newest.generation, newest.hash()));
        for bad in ["", "evr_", "evr_AAAA", "evk_x", &newest.encode()[..60]] {
            assert!(RefreshToken::decode(bad).is_err());
        }
        let theirs = RefreshToken::first(TokenAudience::EndUser, first.session);
        assert_eq!(RefreshToken::decode(&theirs.encode()).unwrap().audience, TokenAudience::EndUser);
    }
}
