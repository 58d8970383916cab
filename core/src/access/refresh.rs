//! Refresh tokens. A session's tokens form a chain: each is derived from the one it replaces, so
//! the row needs only the newest one's hash. Any number of uses of one token within ten seconds get
//! the same successor; a later use of an old token means that somebody copied it, and ends the session.

use time::Duration;
use uuid::Uuid;

use super::keys::Audience;
use super::sql::LockedSession;
use super::{EndUserId, EndUserSessionId, SessionId, StaffId, Tokens, end_users, keys, sessions, sql};
use crate::kernel::app::App;
use crate::kernel::clock::random_bytes;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::{Keys, base64url, from_base64url, same, sha256};
use crate::kernel::error::{Result, session_expired};
use crate::kernel::timestamp::Timestamp;

/// How long the replaced token still yields its successor.
const GRACE: Duration = Duration::seconds(10);
/// A chain longer than this has long outlived its session.
const LONGEST_CHAIN: u32 = 100_000;
/// What tokens begin with, by whose they are.
const PREFIXES: [(Audience, &str); 2] = [(Audience::Staff, "evr_"), (Audience::EndUser, "evu_")];

/// One token of a session's chain.
pub struct RefreshToken {
    audience: Audience,
    session: Uuid,
    generation: u32,
    secret: [u8; 32],
}

impl RefreshToken {
    /// The first token of a new session.
    pub fn first(audience: Audience, session: Uuid) -> Self {
        Self { audience, session, generation: 0, secret: random_bytes() }
    }

    /// The token that replaces this one; always the same.
    pub fn successor(&self, keys: &Keys) -> Self {
        let secret = keys.derive("refresh", &[self.session.as_bytes(), &self.secret]);
        Self { generation: self.generation.saturating_add(1), secret, ..*self }
    }

    /// What the row keeps.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[b"refresh", &self.secret])
    }

    /// As it travels.
    pub fn encode(&self) -> String {
        let bytes = [self.session.as_bytes().as_slice(), &self.generation.to_be_bytes(), &self.secret].concat();
        let prefix = PREFIXES.iter().find(|(audience, _)| *audience == self.audience).map_or("", |(_, prefix)| prefix);
        format!("{prefix}{}", base64url(&bytes))
    }

    /// Reads a token; nonsense is 401 like everything else that is wrong with it.
    pub fn decode(text: &str) -> Result<Self> {
        let known = PREFIXES.iter().find_map(|(audience, prefix)| Some((*audience, text.strip_prefix(prefix)?)));
        let (audience, rest) = known.ok_or_else(session_expired)?;
        let bytes = from_base64url(rest).filter(|bytes| bytes.len() == 52).ok_or_else(session_expired)?;
        let session = Uuid::from_slice(&bytes[..16]).map_err(|_| session_expired())?;
        let generation = u32::from_be_bytes(bytes[16..20].try_into().map_err(|_| session_expired())?);
        let secret = bytes[20..].try_into().map_err(|_| session_expired())?;
        Ok(Self { audience, session, generation, secret })
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

    async fn lock(&self, tx: &mut Tx) -> Result<Option<LockedSession>> {
        let now = tx.now;
        match self.audience {
            Audience::Staff => sql::session_lock(tx.conn(), SessionId(self.session)).await,
            Audience::EndUser => sql::end_user_session_lock(tx.conn(), EndUserSessionId(self.session), now).await,
        }
    }

    /// Notes this token as the newest of its session.
    async fn keep(&self, tx: &mut Tx, expires_at: Timestamp) -> Result<()> {
        let (hash, generation, now) = (self.hash(), self.generation, tx.now);
        match self.audience {
            Audience::Staff => {
                let id = SessionId(self.session);
                sql::session_rotate(tx.conn(), id, &hash, generation, expires_at, now).await
            }
            Audience::EndUser => {
                let id = EndUserSessionId(self.session);
                sql::end_user_session_rotate(tx.conn(), id, &hash, generation, expires_at, now).await
            }
        }
    }

    /// Somebody uses a token that was replaced long ago: the session ends.
    async fn reused(&self, tx: &mut Tx, user: Uuid) -> Result<()> {
        const WHY: &str = "refresh_reuse";
        match self.audience {
            Audience::Staff => sessions::end(tx, StaffId(user), SessionId(self.session), WHY).await?,
            Audience::EndUser => end_users::end(tx, EndUserId(user), EndUserSessionId(self.session), WHY).await?,
        };
        let metadata = serde_json::json!({ "session_id": self.session });
        match self.audience {
            Audience::Staff => sessions::note(tx, StaffId(user), "session.refresh_reused", metadata).await,
            Audience::EndUser => end_users::note(tx, EndUserId(user), "session.refresh_reused", metadata).await,
        }
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
    let current = row.refresh_generation.unsigned_abs();
    let genuine = token.generation <= current && token.leads_to(current, &row.refresh_token_hash, &app.keys);
    if !genuine {
        return Err(session_expired());
    }
    let (user, successor) = (row.user_id, token.successor(&app.keys));
    if token.generation == current {
        let expires_at = match token.audience {
            Audience::Staff => sessions::expiry(now, Timestamp(row.created_at)),
            Audience::EndUser => end_users::expiry(now, Timestamp(row.created_at)),
        };
        successor.keep(tx, expires_at).await?;
        return Ok(Rotated { user, token: successor, expires_at });
    }
    let just_replaced = successor.generation == current && now.0 - row.rotated_at <= GRACE;
    if just_replaced {
        return Ok(Rotated { user, token: successor, expires_at: Timestamp(row.expires_at) });
    }
    token.reused(tx, user).await?;
    Err(session_expired().detail("This session was ended because an old token of it was used again.").keep())
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
        let first = RefreshToken::first(Audience::Staff, SessionId::new().0);
        let mut newest = first.successor(&keys);
        for _ in 0..20 {
            newest = newest.successor(&keys);
        }
        assert!(first.leads_to(newest.generation, &newest.hash(), &keys));
        assert!(newest.leads_to(newest.generation, &newest.hash(), &keys));
        let forged = RefreshToken { generation: 3, ..RefreshToken::first(Audience::Staff, first.session) };
        assert!(!forged.leads_to(newest.generation, &newest.hash(), &keys));
        assert!(!first.leads_to(newest.generation, &newest.hash(), &Keys::new(&[2; 32])));
        let read = RefreshToken::decode(&newest.encode()).unwrap();
        assert_eq!((read.session, read.generation, read.secret), (newest.session, newest.generation, newest.secret));
        for bad in ["", "evr_", "evr_AAAA", "evk_x", &newest.encode()[..60]] {
            assert!(RefreshToken::decode(bad).is_err());
        }
        let theirs = RefreshToken::first(Audience::EndUser, first.session);
        assert_eq!(RefreshToken::decode(&theirs.encode()).unwrap().audience, Audience::EndUser);
    }
}
