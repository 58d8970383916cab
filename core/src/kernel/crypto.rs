//! Hashes, keys and encryption. What people choose is hashed with Argon2id; what is random, with
//! SHA-256 or HMAC; what must be read again is encrypted with the server's key.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Semaphore;

use super::clock::random_bytes;
use super::error::{Error, Result, internal};
pub use super::sealed::sha256;

/// HMAC-SHA-256 over parts with a key of its own; parts cannot run together.
pub fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
}

/// HMAC-SHA-256 as others compute it: over the parts as one, with a key of any length.
pub fn plain_mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
}

/// Whether two byte strings are equal, in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// URL-safe base64 without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads URL-safe base64 without padding.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The server's own keys, all derived from one master key by purpose.
pub struct Keys {
    master: hmac::Key,
    sealing: RandomizedNonceKey,
}

impl Keys {
    /// From the 32-byte master key.
    pub fn new(master: &[u8; 32]) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master);
        let sealing = hmac::sign(&master, b"eventify/sealing/v1");
        let sealing = RandomizedNonceKey::new(&AES_256_GCM, sealing.as_ref()).expect("an AES-256 key has 32 bytes");
        Self { master, sealing }
    }

    /// A secret derived from parts: the same parts give the same secret, only on this server.
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.master);
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// Encrypts for the database; `purpose` is bound in, so that values cannot be swapped.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(internal_error)?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut sealed);
        Ok(out)
    }

    /// Reads what [`Keys::seal`] wrote.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(12).ok_or_else(|| internal().internal("sealed value too short"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(internal_error)?;
        let mut body = body.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut body)
            .map_err(|_| internal().internal("a sealed value does not open: was the server's key changed?"))?;
        Ok(plain.to_vec())
    }
}

fn internal_error(error: impl std::fmt::Debug) -> Error {
    internal().internal(format!("{error:?}"))
}

/// One hash at a time per core: a rush of logins queues instead of exhausting memory.
static HASHING: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, |n| n.get()))));

/// A valid hash of nothing anybody knows, verified when an account does not exist so that both
/// answers take the same time.
static DECOY: LazyLock<String> = LazyLock::new(|| hash_now(&base64url(&random_bytes::<24>())).unwrap_or_default());

fn hash_now(password: &str) -> Result<String> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(internal_error)
}

/// Argon2id (19 MiB, 2 passes) with a random salt, as a PHC string. Call it outside a transaction.
pub async fn hash_password(password: &str) -> Result<String> {
    let password = password.to_owned();
    on_hashing_thread(move || hash_now(&password)).await?
}

/// Whether the password fits. Without a hash it takes as long and answers no.
pub async fn verify_password(password: &str, hash: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    on_hashing_thread(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| DECOY.clone());
        let fits = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        fits && known
    })
    .await
}

async fn on_hashing_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = HASHING.clone().acquire_owned().await.map_err(internal_error)?;
    tokio::task::spawn_blocking(work).await.map_err(internal_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealing_binds_purpose_and_content() {
        let keys = Keys::new(&[7; 32]);
        let sealed = keys.seal("totp", b"seed").unwrap();
        assert_eq!(keys.open("totp", &sealed).unwrap(), b"seed");
        assert!(keys.open("stream", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[i] ^= 1;
            assert!(keys.open("totp", &broken).is_err(), "byte {i}");
        }
        assert!(Keys::new(&[8; 32]).open("totp", &sealed).is_err());
        assert!(keys.open("totp", b"short").is_err());
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(sha256(&[b"ab", b"c"]), sha256(&[b"a", b"bc"]));
        let keys = Keys::new(&[7; 32]);
        assert_ne!(keys.derive("p", &[b"ab", b"c"]), keys.derive("p", &[b"a", b"bc"]));
    }

    #[tokio::test]
    async fn passwords() {
        let hash = hash_password("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify_password("wrong horse", Some(hash)).await.unwrap());
        assert!(!verify_password("correct horse", None).await.unwrap());
    }
}
