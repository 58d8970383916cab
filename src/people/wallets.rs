//! Proof that somebody holds a wallet's key: a signature over a message of ours. The message holds its
//! own proof that it is ours, so nothing is stored.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use time::{Duration, OffsetDateTime};

use super::{EndUserId, NewWallet, WalletChallenge};
use crate::kernel::clock::random_bytes;
use crate::kernel::crypto::{Keys, base64url, from_base64url, same};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::timestamp::Timestamp;

/// How long a challenge may be answered.
const LIFE: Duration = Duration::minutes(10);

fn seal(keys: &Keys, user: EndUserId, until: &[u8], nonce: &[u8]) -> [u8; 32] {
    keys.derive("wallet_challenge", &[user.0.as_bytes(), until, nonce])
}

fn message(user: EndUserId, token: &str) -> String {
    format!("I link this wallet to my Eventify account {user}.\n\n{token}")
}

/// What this person's wallet is asked to sign.
pub fn challenge(keys: &Keys, user: EndUserId, now: Timestamp) -> WalletChallenge {
    let until = (now.0 + LIFE).unix_timestamp();
    let (bytes, nonce) = (until.to_be_bytes(), random_bytes::<16>());
    let token = base64url(&[bytes.as_slice(), &nonce, &seal(keys, user, &bytes, &nonce)].concat());
    let expires_at = Timestamp(OffsetDateTime::from_unix_timestamp(until).unwrap_or(now.0));
    WalletChallenge { message: message(user, &token), expires_at }
}

/// Whether the wallet signed a message we made for this person, not too long ago.
pub fn check(keys: &Keys, user: EndUserId, wallet: &NewWallet, now: Timestamp) -> Result<()> {
    let stale = || invalid_input().field("message", "is not a challenge of yours, or is too old: ask for a new one");
    let token = wallet.message.rsplit('\n').next().unwrap_or_default();
    let bytes = from_base64url(token).filter(|bytes| bytes.len() == 56).ok_or_else(stale)?;
    let (until, rest) = bytes.split_at(8);
    let (nonce, given) = rest.split_at(16);
    let ours = same(given, &seal(keys, user, until, nonce)) && wallet.message == message(user, token);
    let seconds = i64::from_be_bytes(until.try_into().map_err(|_| stale())?);
    if !ours || seconds <= now.0.unix_timestamp() {
        return Err(stale());
    }
    let key = hex::decode(wallet.address.as_str()).unwrap_or_default();
    let signature = hex::decode(wallet.signature.as_str()).unwrap_or_default();
    UnparsedPublicKey::new(&ED25519, &key)
        .verify(wallet.message.as_bytes(), &signature)
        .map_err(|_| invalid_input().field("signature", "is not that wallet's, over that message"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    use super::*;
    use crate::kernel::text::Note;
    use crate::people::{WalletAddress, WalletKind, WalletSignature};

    #[test]
    fn only_the_keys_holder_only_now_only_here() {
        let (keys, now) = (Keys::new(&[7; 32]), Timestamp::parse("2026-11-21T20:14:00Z").unwrap());
        let (me, other) = (EndUserId::new(), EndUserId::new());
        let pair = Ed25519KeyPair::generate().unwrap();
        let signed = |message: &str| NewWallet {
            kind: WalletKind::Ed25519,
            address: WalletAddress::parse(&hex::encode(pair.public_key().as_ref())).unwrap(),
            label: Note::parse("").unwrap(),
            message: message.to_owned(),
            signature: WalletSignature::parse(&hex::encode(pair.sign(message.as_bytes()).as_ref())).unwrap(),
        };
        let challenge = challenge(&keys, me, now).message;
        let right = signed(&challenge);
        assert!(check(&keys, me, &right, now).is_ok());
        assert!(check(&keys, other, &right, now).is_err());
        assert!(check(&keys, me, &right, Timestamp(now.0 + LIFE)).is_err());
        assert!(check(&Keys::new(&[8; 32]), me, &right, now).is_err());
        assert!(check(&keys, me, &signed("Anything"), now).is_err());
        assert!(check(&keys, me, &signed(&format!("I owe you.\n{challenge}")), now).is_err());
        let forged = NewWallet { signature: signed("Anything").signature, ..right.clone() };
        assert!(check(&keys, me, &forged, now).is_err());
    }
}
