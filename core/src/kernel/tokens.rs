//! What the tokens of a session look like. What becomes of them, access decides.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::clock::random_bytes;
use super::crypto::{Keys, base64url, from_base64url, sha256};
use super::error::{Result, session_expired};

/// For whom a token is: one kind's is never taken for another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenAudience {
    /// The Command Center and its API.
    Staff,
    /// The apps and public pages of end users.
    EndUser,
}

/// What tokens begin with, by whose they are.
const PREFIXES: [(TokenAudience, &str); 2] = [(TokenAudience::Staff, "evr_"), (TokenAudience::EndUser, "evu_")];

/// One refresh token of a session's chain.
#[derive(Clone)]
pub struct RefreshToken {
    /// Whose session it is of.
    pub audience: TokenAudience,
    /// The session.
    pub session: Uuid,
    /// How many came before it.
    pub generation: u32,
    secret: [u8; 32],
}

impl RefreshToken {
    /// The first token of a new session.
    pub fn first(audience: TokenAudience, session: Uuid) -> Self {
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

    /// Whether it is a later one, as far as it says itself: of the same session, or of one that was opened later.
    pub fn follows(&self, other: &Self) -> bool {
        (self.session, self.generation) > (other.session, other.generation)
    }
}
