//! What a ticket's QR code says: everything a gate needs to judge it without any other data, and a
//! signature over all of it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, StreamVerifier, VerifyingKey};
use uuid::Uuid;

/// Bytes of a ticket's secret.
pub const SECRET: usize = 16;
/// What codes begin with, so that a scanner knows them from others.
pub const PREFIX: &str = "EVF1.";
const VERSION: u8 = 1;
const BODY: usize = 1 + 4 * 16 + 4 + 8 + 8 + SECRET;
const SIGNATURE: usize = 64;

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The key that signed it.
    pub key: Uuid,
    /// The event.
    pub event: Uuid,
    /// The ticket.
    pub ticket: Uuid,
    /// Its type.
    pub ticket_type: Uuid,
    /// Only the ticket's present generation is good.
    pub generation: u32,
    /// Good from then, in seconds; as the event's hours were when the code was made.
    pub valid_from: i64,
    /// Good until then, in seconds; as `valid_from`.
    pub valid_until: i64,
    /// Derived from event, ticket and generation with the server's key.
    pub secret: [u8; SECRET],
}

impl Code {
    /// What is signed.
    pub fn body(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BODY + SIGNATURE);
        out.push(VERSION);
        for id in [self.key, self.event, self.ticket, self.ticket_type] {
            out.extend_from_slice(id.as_bytes());
        }
        out.extend_from_slice(&self.generation.to_be_bytes());
        out.extend_from_slice(&self.valid_from.to_be_bytes());
        out.extend_from_slice(&self.valid_until.to_be_bytes());
        out.extend_from_slice(&self.secret);
        out
    }

    /// The code as it is shown, with the signature over [`Code::body`].
    pub fn text(&self, signature: &[u8]) -> String {
        let mut bytes = self.body();
        bytes.extend_from_slice(signature);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bytes))
    }

    /// Whether the code is good at that moment, both in seconds. A printed code outlives a change of the event's
    /// time: who knows the hours of codes of this event as they are now judges by them, and by those of the code
    /// only who knows nothing else.
    pub fn is_in_time(&self, at: i64, hours_now: Option<std::ops::Range<i64>>) -> bool {
        hours_now.unwrap_or(self.valid_from..self.valid_until).contains(&at)
    }

    /// Reads a code without believing it: see [`is_genuine`].
    pub fn read(code: &str) -> Option<Self> {
        let bytes = bytes_of(code)?;
        let mut at = 1;
        let mut take = |length: usize| {
            let part = &bytes[at..at + length];
            at += length;
            part
        };
        let mut id = || Uuid::from_slice(take(16)).ok();
        let (key, event, ticket, ticket_type) = (id()?, id()?, id()?, id()?);
        Some(Self {
            key,
            event,
            ticket,
            ticket_type,
            generation: u32::from_be_bytes(take(4).try_into().ok()?),
            valid_from: i64::from_be_bytes(take(8).try_into().ok()?),
            valid_until: i64::from_be_bytes(take(8).try_into().ok()?),
            secret: take(SECRET).try_into().ok()?,
        })
    }
}

fn bytes_of(code: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(code.trim().strip_prefix(PREFIX)?).ok()?;
    (bytes.len() == BODY + SIGNATURE && bytes[0] == VERSION).then_some(bytes)
}

/// Whether the code was signed by the key with this public half, and is unchanged.
pub fn is_genuine(code: &str, public_key: &[u8]) -> bool {
    let Some(bytes) = bytes_of(code) else { return false };
    let (body, signature) = bytes.split_at(BODY);
    is_signed(body, signature, public_key)
}

/// Whether this is the key's signature over the message.
fn is_signed(message: &[u8], signature: &[u8], public_key: &[u8]) -> bool {
    let key = public_key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
    let signature = Signature::from_slice(signature).ok();
    key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
}

/// A signature over a message that comes in pieces.
pub(crate) struct Signed(StreamVerifier);

impl Signed {
    pub(crate) fn new(signature: &[u8], public_key: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(public_key.try_into().ok()?).ok().filter(|key| !key.is_weak())?;
        Some(Self(key.verify_stream(&Signature::from_slice(signature).ok()?).ok()?))
    }
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }
    pub(crate) fn holds(self) -> bool {
        self.0.finalize_and_verify().is_ok()
    }
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signed")
    }
}
