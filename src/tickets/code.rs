//! Signing what a ticket's QR code says. Reading and judging it is `eventify-gate`'s, for gates and server alike.

use aws_lc_rs::signature::Ed25519KeyPair;
pub use eventify_gate::{Code as CodeBody, SECRET, is_genuine};

/// The code, signed.
pub fn sign(body: &CodeBody, key: &Ed25519KeyPair) -> String {
    body.text(key.sign(&body.body()).as_ref())
}
