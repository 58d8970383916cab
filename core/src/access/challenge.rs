//! Between the first and the second factor: a challenge holds account, binding and end of life, under
//! the server's key. Nothing is stored.

use uuid::Uuid;

use crate::kernel::context::RequestContext;
use crate::kernel::crypto::{base64url, from_base64url, same};
use crate::kernel::error::{Result, session_expired};

/// How long the second factor may take.
const SECONDS: i64 = 300;

/// What a challenge is bound to besides the account: when that changes, the challenge is void.
pub type Binding = [u8; 16];

/// Ties a challenge to secrets of the account as they are now.
pub fn binding(cx: &RequestContext, account: Uuid, secrets: &[&[u8]]) -> Binding {
    let parts: Vec<&[u8]> = std::iter::once(account.as_bytes().as_slice()).chain(secrets.iter().copied()).collect();
    let derived = cx.app().keys.derive("challenge_binding", &parts);
    derived[..16].try_into().expect("sixteen of 32 bytes")
}

/// A new challenge. `purpose` keeps those of staff and end users apart.
pub fn make(cx: &RequestContext, purpose: &str, account: Uuid, binding: &Binding) -> String {
    let until = (cx.now.0.unix_timestamp() + SECONDS).to_be_bytes();
    let body = [account.as_bytes().as_slice(), binding, &until].concat();
    let mac = cx.app().keys.derive(purpose, &[&body]);
    base64url(&[body.as_slice(), &mac].concat())
}

/// The account and binding of a challenge that is ours and not too old.
pub fn read(cx: &RequestContext, purpose: &str, text: &str) -> Result<(Uuid, Binding)> {
    let again = || session_expired().detail("The sign-in took too long; start again.");
    let bytes = from_base64url(text).filter(|bytes| bytes.len() == 72).ok_or_else(again)?;
    let (body, mac) = bytes.split_at(40);
    let until = i64::from_be_bytes(body[32..].try_into().map_err(|_| again())?);
    if !same(mac, &cx.app().keys.derive(purpose, &[body])) || until < cx.now.0.unix_timestamp() {
        return Err(again());
    }
    let account = Uuid::from_slice(&body[..16]).map_err(|_| again())?;
    Ok((account, body[16..32].try_into().map_err(|_| again())?))
}
