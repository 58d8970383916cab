//! Refresh tokens. A session's tokens form a chain: each is derived from the one it replaces, so
//! the row needs only the newest one's hash. Any number of uses of one token within ten seconds get
//! the same successor; a later use of an old token means that somebody copied it, and ends the session.

use time::Duration;

use super::events::SessionInvalidated;
use super::{SessionId, StaffId, Tokens, keys, sessions, sql};
use crate::kernel::app::App;
use crate::kernel::clock::random_bytes;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::{Keys, base64url, from_base64url, same, sha256};
use crate::kernel::error::{Result, session_expired};

/// How long the replaced token still yields its successor.
const GRACE: Duration = Duration::seconds(10);
/// A chain longer than this has long outlived its session.
const LONGEST_CHAIN: u32 = 100_000;
const PREFIX: &str = "evr_";

/// One token of a session's chain.
pub struct RefreshToken {
    session: SessionId,
    generation: u32,
    secret: [u8; 32],
}

impl RefreshToken {
    /// The first token of a new session.
    pub fn first(session: SessionId) -> Self {
        Self { session, generation: 0, secret: random_bytes() }
    }

    /// The token that replaces this one; always the same.
    pub fn successor(&self, keys: &Keys) -> Self {
        let secret = keys.derive("refresh", &[self.session.0.as_bytes(), &self.secret]);
        Self { session: self.session, generation: self.generation.saturating_add(1), secret }
    }

    /// What the row keeps.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[b"refresh", &self.secret])
    }

    /// As it travels.
    pub fn encode(&self) -> String {
        let bytes = [self.session.0.as_bytes().as_slice(), &self.generation.to_be_bytes(), &self.secret].concat();
        format!("{PREFIX}{}", base64url(&bytes))
    }

    /// Reads a token; nonsense is 401 like everything else that is wrong with it.
    pub fn decode(text: &str) -> Result<Self> {
        let bytes = text.strip_prefix(PREFIX).and_then(from_base64url).filter(|bytes| bytes.len() == 52);
        let bytes = bytes.ok_or_else(session_expired)?;
        let session = uuid::Uuid::from_slice(&bytes[..16]).map_err(|_| session_expired())?;
        let generation = u32::from_be_bytes(bytes[16..20].try_into().map_err(|_| session_expired())?);
        let secret = bytes[20..].try_into().map_err(|_| session_expired())?;
        Ok(Self { session: SessionId(session), generation, secret })
    }

    /// Whether walking the chain from this token to `generation` ends at `hash`.
    fn leads_to(&self, generation: u32, hash: &[u8], keys: &Keys) -> bool {
        let steps = generation.saturating_sub(self.generation);
        if steps > LONGEST_CHAIN {
            return false;
        }
        let mut token = Self { ..*self };
        for _ in 0..steps {
            token = token.successor(keys);
        }
        same(&token.hash(), hash)
    }
}

/// What a rotation yields.
pub struct Rotated {
    /// The account.
    pub user: StaffId,
    /// The session.
    pub session: SessionId,
    /// The successor.
    pub token: RefreshToken,
    /// When the session ends unless refreshed again.
    pub expires_at: crate::kernel::timestamp::Timestamp,
}

/// Exchanges a token. Reuse is refused but kept: the session stays ended.
pub async fn rotate(tx: &mut Tx, token: &str) -> Result<Rotated> {
    let token = RefreshToken::decode(token)?;
    let now = tx.now;
    let row = sql::session_lock(tx.conn(), token.session).await?.ok_or_else(session_expired)?;
    if row.revoked_at.is_some() || row.expires_at <= now.0 || row.status != "active" {
        return Err(session_expired());
    }
    let app = tx.app().clone();
    let current = row.refresh_generation.unsigned_abs();
    let genuine = token.generation <= current && token.leads_to(current, &row.refresh_token_hash, &app.keys);
    if !genuine {
        return Err(session_expired());
    }
    let user = StaffId(row.user_id);
    let successor = token.successor(&app.keys);
    if token.generation == current {
        let expires_at = sessions::expiry(now, crate::kernel::timestamp::Timestamp(row.created_at));
        sql::session_rotate(tx.conn(), token.session, &successor.hash(), successor.generation, expires_at, now).await?;
        return Ok(Rotated { user, session: token.session, token: successor, expires_at });
    }
    let just_replaced = successor.generation == current && now.0 - row.rotated_at <= GRACE;
    if just_replaced {
        let expires_at = crate::kernel::timestamp::Timestamp(row.expires_at);
        return Ok(Rotated { user, session: token.session, token: successor, expires_at });
    }
    sql::session_revoke(tx.conn(), token.session, "refresh_reuse", now).await?;
    sessions::note(tx, user, "session.refresh_reused", serde_json::json!({ "session_id": token.session })).await?;
    tx.emit(&SessionInvalidated { user_id: user, session_id: Some(token.session), reason: "refresh_reuse" });
    tx.access_changed();
    Err(session_expired().detail("This session was ended because an old token of it was used again.").keep())
}

/// The tokens of a rotation, for the wire.
pub async fn tokens(app: &App, rotated: &Rotated) -> Result<Tokens> {
    Ok(Tokens {
        access_token: keys::issue(app, rotated.user, rotated.session).await?,
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
        let first = RefreshToken::first(SessionId::new());
        let mut newest = first.successor(&keys);
        for _ in 0..20 {
            newest = newest.successor(&keys);
        }
        assert!(first.leads_to(newest.generation, &newest.hash(), &keys));
        assert!(newest.leads_to(newest.generation, &newest.hash(), &keys));
        let forged = RefreshToken { generation: 3, ..RefreshToken::first(first.session) };
        assert!(!forged.leads_to(newest.generation, &newest.hash(), &keys));
        assert!(!first.leads_to(newest.generation, &newest.hash(), &Keys::new(&[2; 32])));
        let read = RefreshToken::decode(&newest.encode()).unwrap();
        assert_eq!((read.session, read.generation, read.secret), (newest.session, newest.generation, newest.secret));
        for bad in ["", "evr_", "evr_AAAA", "evk_x", &newest.encode()[..60]] {
            assert!(RefreshToken::decode(bad).is_err());
        }
    }
}
