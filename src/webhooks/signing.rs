//! Signatures by the Standard Webhooks specification: HMAC-SHA256 over id, time and body.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::WebhookEndpointId;
use crate::kernel::clock::random_bytes;
use crate::kernel::crypto::Keys;
use crate::kernel::error::Result;

/// What every secret begins with; the rest is base64.
const PREFIX: &str = "whsec_";

/// A secret that messages are signed with.
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new one of 256 bits.
    pub fn new() -> Self {
        Self(random_bytes::<32>().to_vec())
    }

    /// As it is shown, once.
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// For the database; bound to its endpoint.
    pub fn seal(&self, keys: &Keys, endpoint: WebhookEndpointId) -> Result<Vec<u8>> {
        keys.seal(&purpose(endpoint), &self.0)
    }

    /// Reads what [`Secret::seal`] wrote.
    pub fn open(keys: &Keys, endpoint: WebhookEndpointId, sealed: &[u8]) -> Result<Self> {
        Ok(Self(keys.open(&purpose(endpoint), sealed)?))
    }

    /// One signature, such as `v1,K5oZ…=`.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }
}

fn purpose(endpoint: WebhookEndpointId) -> String {
    format!("webhook_secret/{endpoint}")
}

/// What goes into `webhook-signature`: one signature for each secret.
pub fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> String {
    secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's own libraries are tested with.
    #[test]
    fn the_specifications_example() {
        let secret = Secret(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_opens_for_its_own_endpoint_alone() {
        let (keys, secret) = (Keys::new(&[7; 32]), Secret::new());
        let (own, other) = (WebhookEndpointId::new(), WebhookEndpointId::new());
        let sealed = secret.seal(&keys, own).unwrap();
        assert_eq!(Secret::open(&keys, own, &sealed).unwrap().shown(), secret.shown());
        assert!(Secret::open(&keys, other, &sealed).is_err());
        assert!(secret.shown().starts_with("whsec_") && secret.shown() != Secret::new().shown());
    }
}
