//! What a ticket's QR code says: everything a gate needs to judge it without any other data, and a
//! signature over all of it.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use uuid::Uuid;

use crate::kernel::crypto::{base64url, from_base64url};

/// Bytes of a ticket's secret.
pub const SECRET: usize = 16;
/// What codes begin with, so that a scanner knows them from others.
const PREFIX: &str = "EVF1.";
const VERSION: u8 = 1;
const BODY: usize = 1 + 4 * 16 + 4 + 8 + 8 + SECRET;
const SIGNATURE: usize = 64;

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBody {
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

impl CodeBody {
    fn bytes(&self) -> Vec<u8> {
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

    /// The code, signed.
    pub fn sign(&self, key: &Ed25519KeyPair) -> String {
        let mut bytes = self.bytes();
        let signature = key.sign(&bytes);
        bytes.extend_from_slice(signature.as_ref());
        format!("{PREFIX}{}", base64url(&bytes))
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
    let bytes = from_base64url(code.trim().strip_prefix(PREFIX)?)?;
    (bytes.len() == BODY + SIGNATURE && bytes[0] == VERSION).then_some(bytes)
}

/// Whether the code was signed by the key with this public half, and is unchanged.
pub fn is_genuine(code: &str, public_key: &[u8]) -> bool {
    let Some(bytes) = bytes_of(code) else { return false };
    let (body, signature) = bytes.split_at(BODY);
    UnparsedPublicKey::new(&ED25519, public_key).verify(body, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair;
    use proptest::prelude::*;

    use super::*;

    fn body() -> CodeBody {
        let id = |n| Uuid::from_u128(n);
        CodeBody {
            key: id(1),
            event: id(2),
            ticket: id(3),
            ticket_type: id(4),
            generation: 7,
            valid_from: 1_700_000_000,
            valid_until: 1_700_086_400,
            secret: [9; SECRET],
        }
    }

    #[test]
    fn a_code_says_what_was_signed_and_nothing_else_passes() {
        let key = Ed25519KeyPair::generate().unwrap();
        let code = body().sign(&key);
        assert_eq!(CodeBody::read(&code), Some(body()));
        assert!(is_genuine(&code, key.public_key().as_ref()));
        assert!(!is_genuine(&code, Ed25519KeyPair::generate().unwrap().public_key().as_ref()));
        let bytes = from_base64url(code.strip_prefix(PREFIX).unwrap()).unwrap();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            assert!(!is_genuine(&format!("{PREFIX}{}", base64url(&broken)), key.public_key().as_ref()), "byte {at}");
        }
    }

    #[test]
    fn a_printed_code_goes_by_the_hours_of_the_event_as_they_are() {
        let day = 86_400;
        let (printed, began) = (body(), 1_700_000_000);
        let moved = Some(began + 2 * day..began + 3 * day);
        assert!(printed.is_in_time(began, None) && !printed.is_in_time(began + 2 * day, None));
        assert!(printed.is_in_time(began + 2 * day, moved.clone()), "on the new day it opens the door");
        assert!(!printed.is_in_time(began, moved), "on the old day it does not");
    }

    proptest! {
        #[test]
        fn anything_can_be_scanned(text in ".{0,300}") {
            prop_assert!(CodeBody::read(&text).is_none());
            prop_assert!(!is_genuine(&text, &[0; 32]));
        }
    }
}
