//! Web Push: what a browser shows of a notification while no page of ours is open. [RFC 8030, 8188, 8291, 8292]
//!
//! The push service in between can read nothing of it: a message is encrypted for the browser's own key. That it is from us
//! a signature says, by a key that is derived from the server's, as all others are.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde::Serialize;
use serde_json::json;
use time::Duration;
use web_push_native::p256::PublicKey;
use web_push_native::{Auth, encrypt};

use super::{NewPushDevice, NoticeSeverity};
use crate::kernel::app::App;
use crate::kernel::crypto::{Keys, base64url, from_base64url};
use crate::kernel::error::{Error, Result, internal, invalid_input};
use crate::kernel::outbound::Outcome;
use crate::kernel::timestamp::Timestamp;

/// How long a push service keeps a message for a browser that is not there.
const KEPT: Duration = Duration::days(1);
/// How long a signature holds; push services take a day at most.
const SIGNED: Duration = Duration::hours(12);
/// So many characters of title and text are shown: with its encryption a message has 4096 bytes at most.
const LONGEST: [usize; 2] = [120, 600];
/// What the keys are for, where they are sealed and derived.
const ENDPOINT: &str = "push_endpoint";
const KEYS: &str = "push_keys";
const SENDER: &str = "push_sender";

fn failed(error: impl std::fmt::Debug) -> Error {
    internal().internal(format!("web push: {error:?}"))
}

/// Who push messages are from: the server's key pair on P-256.
pub struct Sender {
    pair: EcdsaKeyPair,
    public: Vec<u8>,
}

impl Sender {
    /// Derived from the server's key.
    pub fn of(keys: &Keys) -> Result<Sender> {
        // One number in four thousand million is no key of the curve; then the next one is.
        let secret = (0..u8::MAX).find_map(|n| {
            let bytes = keys.derive(SENDER, &[&[n]]);
            PrivateKey::from_private_key(&ECDH_P256, &bytes).ok().map(|key| (key, bytes))
        });
        let (key, secret) = secret.ok_or_else(|| failed("no key"))?;
        let public = key.compute_public_key().map_err(failed)?.as_ref().to_vec();
        let alg = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(alg, &secret, &public).map_err(failed)?;
        Ok(Sender { pair, public })
    }

    /// As browsers take it, when they are asked to take messages from us.
    pub fn public_key(&self) -> String {
        base64url(&self.public)
    }

    /// What says that a request to this push service is from us, and whom to write to about it.
    fn authorization(&self, service: &str, contact: &str, now: Timestamp) -> Result<String> {
        let part = |value: serde_json::Value| base64url(value.to_string().as_bytes());
        let expires = (now.0 + SIGNED).unix_timestamp();
        let head = part(json!({ "typ": "JWT", "alg": "ES256" }));
        let token = format!("{head}.{}", part(json!({ "aud": service, "exp": expires, "sub": contact })));
        let signature = self.pair.sign(&SystemRandom::new(), token.as_bytes()).map_err(failed)?;
        Ok(format!("vapid t={token}.{}, k={}", base64url(signature.as_ref()), self.public_key()))
    }
}

/// Where a browser is reached, and what messages to it are encrypted with.
#[derive(Clone, Debug, PartialEq)]
pub struct Browser {
    endpoint: String,
    key: Vec<u8>,
    secret: Vec<u8>,
}

/// The same as the database has it.
pub struct Sealed {
    pub endpoint: Vec<u8>,
    /// A keyed hash, by which it is known again.
    pub endpoint_hash: Vec<u8>,
    pub keys: Vec<u8>,
}

impl Browser {
    /// What a browser gave; its key must be a point of the curve.
    pub fn read(given: &NewPushDevice) -> Result<Browser> {
        let key = from_base64url(given.p256dh.as_str()).filter(|key| PublicKey::from_sec1_bytes(key).is_ok());
        let key = key.ok_or_else(|| invalid_input().field("p256dh", "must be a public key on P-256"))?;
        let secret = from_base64url(given.auth.as_str()).filter(|secret| secret.len() == 16);
        let secret = secret.ok_or_else(|| invalid_input().field("auth", "must be sixteen bytes"))?;
        Ok(Browser { endpoint: given.endpoint.to_string(), key, secret })
    }

    /// For the database.
    pub fn seal(&self, keys: &Keys) -> Result<Sealed> {
        Ok(Sealed {
            endpoint: keys.seal(ENDPOINT, self.endpoint.as_bytes())?,
            endpoint_hash: keys.derive(ENDPOINT, &[self.endpoint.as_bytes()]).to_vec(),
            keys: keys.seal(KEYS, &[&*self.secret, &*self.key].concat())?,
        })
    }

    /// From the database.
    pub fn open(keys: &Keys, endpoint: &[u8], sealed_keys: &[u8]) -> Result<Browser> {
        let endpoint = String::from_utf8(keys.open(ENDPOINT, endpoint)?).map_err(failed)?;
        let both = keys.open(KEYS, sealed_keys)?;
        let (secret, key) = both.split_at_checked(16).ok_or_else(|| failed("sealed keys are too short"))?;
        Ok(Browser { endpoint, key: key.to_vec(), secret: secret.to_vec() })
    }
}

/// What a browser shows: `public/push-worker.js` reads it.
#[derive(Serialize)]
pub struct Shown<'s> {
    /// In a few words.
    pub title: &'s str,
    /// The rest of it; may be empty.
    pub body: &'s str,
    /// The page of it.
    pub href: &'s str,
    /// Of two with the same one only the later is shown.
    pub tag: String,
}

impl Shown<'_> {
    fn encoded(&self) -> Result<Vec<u8>> {
        let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let (title, body) = (cut(self.title, LONGEST[0]), cut(self.body, LONGEST[1]));
        let short = Shown { title: &title, body: &body, href: self.href, tag: self.tag.clone() };
        serde_json::to_vec(&short).map_err(failed)
    }
}

/// Whom the people of a push service write to: the site where it has an address of its own, else who mails are from.
fn contact(app: &App) -> String {
    let mail_from = app.config.mail_from.trim_end_matches('>');
    let address = mail_from.rsplit_once('<').map_or(mail_from, |(_, address)| address);
    if app.config.is_secure() { app.config.base_url() } else { format!("mailto:{address}") }
}

/// Hands one message to the push service.
pub async fn send(app: &App, to: &Browser, shown: &Shown<'_>, severity: NoticeSeverity) -> Result<Outcome> {
    let key = PublicKey::from_sec1_bytes(&to.key).map_err(failed)?;
    let secret: [u8; 16] = to.secret.as_slice().try_into().map_err(failed)?;
    let body = encrypt(shown.encoded()?, &key, &Auth::from(secret)).map_err(failed)?;
    let url = app.outbound.check(&to.endpoint).map_err(|why| failed(format!("the address {why}")))?;
    let service = url.origin().ascii_serialization();
    let urgency = if severity == NoticeSeverity::Critical { "high" } else { "normal" };
    let headers = [
        ("authorization", Sender::of(&app.keys)?.authorization(&service, &contact(app), app.clock.now())?),
        ("content-encoding", "aes128gcm".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("ttl", KEPT.whole_seconds().to_string()),
        ("urgency", urgency.to_owned()),
    ];
    Ok(app.outbound.post(&to.endpoint, &headers, body).await)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_signature_is_the_servers_own_and_says_for_whom() {
        let sender = Sender::of(&Keys::new(&[7; 32])).unwrap();
        assert_eq!(sender.public_key(), Sender::of(&Keys::new(&[7; 32])).unwrap().public_key());
        assert_ne!(sender.public_key(), Sender::of(&Keys::new(&[8; 32])).unwrap().public_key());
        let now = Timestamp::parse("2026-11-25T09:00:00Z").unwrap();
        let said = sender.authorization("https://push.example", "mailto:desk@example.com", now).unwrap();
        let (token, key) = said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, from_base64url(key).unwrap());
        let signature = from_base64url(signature).unwrap();
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());
        assert!(key.verify(format!("{signed}x").as_bytes(), &signature).is_err());
        let claims = from_base64url(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let expected = json!({ "aud": "https://push.example", "sub": "mailto:desk@example.com", "exp": 1_795_640_400 });
        assert_eq!(claims, expected);
    }

    #[test]
    fn what_is_kept_of_a_browser_opens_with_the_servers_key_alone() {
        let keys = Keys::new(&[7; 32]);
        let browser = Browser { endpoint: "https://push.example/a".to_owned(), key: vec![4; 65], secret: vec![1; 16] };
        let sealed = browser.seal(&keys).unwrap();
        assert_eq!(Browser::open(&keys, &sealed.endpoint, &sealed.keys).unwrap(), browser);
        assert!(Browser::open(&Keys::new(&[8; 32]), &sealed.endpoint, &sealed.keys).is_err());
        assert!(Browser::open(&keys, &sealed.keys, &sealed.endpoint).is_err(), "each is bound to its purpose");
        assert!(!sealed.endpoint.windows(12).any(|part| part == b"push.example"));
    }

    #[test]
    fn the_longest_message_fits() {
        let long = "\u{1F39F}".repeat(5_000);
        let shown = Shown { title: &long, body: &long, href: "/my", tag: "01934c2e".to_owned() };
        assert!(shown.encoded().unwrap().len() <= 3_993);
    }
}
