//! What a phone takes along: everything it needs to judge tickets without a network, and nothing that can be read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::code::Signed;
use crate::wire::wire;
use crate::{EventFacts, GateFacts, Moment, PublicKey, Row, TypeFacts, read_rows, write_rows};

wire! {
    /// A manifest, signed: `body` is a [`ManifestBody`] as JSON, and `signature` is over its bytes.
    pub struct Manifest {
        /// The manifest itself, as JSON: read it after its signature was found good.
        pub body: String,
        /// The key that signed it.
        pub key: Uuid,
        /// Ed25519 over the bytes of `body`; URL-safe base64 without padding.
        pub signature: String,
    }

    /// What a manifest says.
    pub struct ManifestBody {
        /// The event.
        pub event: EventFacts,
        /// Ask with it next time for what has changed since.
        pub version: String,
        /// It holds what has changed since this version; everything if absent.
        pub since: Option<String>,
        /// When it was made, by the server's clock.
        pub made_at: Moment,
        /// All keys that codes of the event may be signed with.
        pub keys: Vec<PublicKey>,
        /// All gates.
        pub gates: Vec<GateFacts>,
        /// All ticket types; rows name them by their place here.
        pub types: Vec<TypeFacts>,
        /// People inside beyond the tickets that are: let in on a ticket that had been used. With them, a phone counts as
        /// the board does.
        #[serde(default)]
        pub beyond: i32,
        /// Tickets in `rows`.
        pub count: u32,
        /// Tickets: [`Row`]s in their binary form, URL-safe base64 without padding.
        pub rows: String,
    }

    /// Parameters of the manifest.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct ManifestQuery {
        /// The version that is known: answers what has changed since.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub since: Option<String>,
    }
}

#[cfg(feature = "operation")]
impl operation::Validate for ManifestQuery {
    fn check(&self, errors: &mut operation::FieldErrors) {
        if let Some(since) = &self.since {
            crate::wire::text(errors, "since", since, 1..=100, false);
        }
    }
}

/// Why a manifest is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestError {
    /// None of the known keys has signed it.
    NotSigned,
    /// It is signed, and cannot be read: a newer server's.
    Unreadable,
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes of what stands in a manifest as text.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

impl Manifest {
    /// With the signature that `sign` gives of the body.
    pub fn signed(body: &ManifestBody, key: Uuid, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let body = serde_json::to_string(body).unwrap_or_default();
        let signature = base64url(&sign(body.as_bytes()));
        Self { body, key, signature }
    }

    /// What it says, if one of these keys has signed it.
    pub fn open(self, trusted: &[PublicKey]) -> Result<ManifestBody, ManifestError> {
        let mut checking = self.check(trusted)?;
        checking.go_on(usize::MAX);
        checking.body()
    }

    /// The same piece by piece: megabytes take a slow phone longer than it may keep somebody waiting.
    pub fn check(self, trusted: &[PublicKey]) -> Result<Checking, ManifestError> {
        let signature = from_base64url(&self.signature).ok_or(ManifestError::NotSigned)?;
        let key = trusted.iter().find(|key| key.id == self.key).ok_or(ManifestError::NotSigned)?;
        let signed = Signed::new(&signature, &key.bytes()).ok_or(ManifestError::NotSigned)?;
        Ok(Checking { body: self.body, signed, at: 0 })
    }
}

/// A manifest whose signature is being checked.
#[derive(Debug)]
pub struct Checking {
    body: String,
    signed: Signed,
    at: usize,
}

impl Checking {
    /// So many bytes more; whether that was all.
    pub fn go_on(&mut self, bytes: usize) -> bool {
        let rest = &self.body.as_bytes()[self.at..];
        let part = &rest[..bytes.min(rest.len())];
        self.signed.update(part);
        self.at += part.len();
        self.at == self.body.len()
    }

    /// What it says, if the key has signed all of it.
    pub fn body(mut self) -> Result<ManifestBody, ManifestError> {
        self.go_on(usize::MAX);
        if !self.signed.holds() {
            return Err(ManifestError::NotSigned);
        }
        serde_json::from_str(&self.body).map_err(|_| ManifestError::Unreadable)
    }
}

impl ManifestBody {
    /// Puts the tickets in.
    pub fn set_rows(&mut self, rows: &[Row]) {
        self.count = rows.len() as u32;
        self.rows = base64url(&write_rows(rows));
    }
    /// The tickets; `None` if they cannot be read.
    pub fn tickets(&self) -> Option<Vec<Row>> {
        read_rows(&from_base64url(&self.rows)?)
    }
    /// The ids of the types, as [`Row::facts`] takes them.
    pub fn type_ids(&self) -> Vec<Uuid> {
        self.types.iter().map(|kind| kind.id).collect()
    }
}
