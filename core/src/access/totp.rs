//! Time-based one-time passwords (RFC 6238) and recovery codes.

use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Totp};

use crate::kernel::clock::random_bytes;
use crate::kernel::crypto::{Keys, sha256};
use crate::kernel::error::{Error, Result, internal, invalid_code};
use crate::kernel::timestamp::Timestamp;

/// How many recovery codes one set has.
pub const RECOVERY_CODES: usize = 10;

fn totp(seed: &[u8], email: &str) -> Result<Totp> {
    Builder::new()
        .with_secret(seed.to_vec())
        .with_account_name(email.to_owned())
        .with_issuer(Some("Eventify".to_owned()))
        .build()
        .map_err(|e| internal().internal(format!("{e:?}")))
}

/// A code that is not the authenticator's: it counts.
pub fn wrong_code() -> Error {
    invalid_code()
        .field("code", "That code isn't right. Type the one your authenticator app shows now")
        .commit_on_error()
}

/// Neither that nor a recovery code that was not used.
pub fn wrong_factor() -> Error {
    let said = "That code isn't right. Type the one your authenticator app shows now, or an unused recovery code";
    invalid_code().field("code", said).commit_on_error()
}

/// A new seed of 160 bits.
pub fn new_seed() -> [u8; 20] {
    random_bytes()
}

/// Seed in base 32, link and QR code for an authenticator.
pub fn enrolment(seed: &[u8], email: &str) -> Result<super::TotpEnrolment> {
    let totp = totp(seed, email)?;
    let otpauth_url = totp.to_url().map_err(|e| internal().internal(format!("{e:?}")))?;
    let code = QrCode::new(otpauth_url.as_bytes()).map_err(|e| internal().internal(e))?;
    let qr_svg = code.render::<svg::Color>().min_dimensions(200, 200).quiet_zone(true).build();
    // Without the XML declaration, so that it can stand inside a page.
    let qr_svg = qr_svg.split_once("?>").map_or(qr_svg.clone(), |(_, svg)| svg.to_owned());
    let secret = totp_rs::Secret::from(seed.to_vec()).to_base32();
    Ok(super::TotpEnrolment { secret, otpauth_url, qr_svg })
}

/// The time step a code belongs to, if it is right now (one step either way).
pub fn matching_step(seed: &[u8], email: &str, code: &str, now: Timestamp) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let totp = totp(seed, email)?;
    let now = now.0.unix_timestamp();
    // Step by step, to know which one it was: a code must not work twice.
    for step in [now / 30, now / 30 - 1, now / 30 + 1] {
        let expected = totp.generate(step.unsigned_abs() * 30).to_string();
        if crate::kernel::crypto::same(expected.as_bytes(), code.as_bytes()) {
            return Ok(Some(step));
        }
    }
    Ok(None)
}

/// A code right now; for tests and demo data.
#[cfg(feature = "testing")]
pub fn code_at(seed: &[u8], email: &str, at: Timestamp) -> Result<String> {
    Ok(totp(seed, email)?.generate(at.0.unix_timestamp().unsigned_abs()).to_string())
}

/// Ten fresh codes such as `k7pq-2mwx`, without letters that look alike.
pub fn new_recovery_codes() -> Vec<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    (0..RECOVERY_CODES)
        .map(|_| {
            let code: String = random_bytes::<10>().iter().map(|b| ALPHABET[usize::from(b % 32)] as char).collect();
            format!("{}-{}", &code[..5], &code[5..])
        })
        .collect()
}

/// The hash a recovery code is kept as, bound to its account. A code is short enough to be searched for:
/// only with the server's key can it be tried.
pub fn recovery_hash(keys: &Keys, user: super::StaffId, code: &str) -> Vec<u8> {
    keys.derive("recovery_code", &[user.0.as_bytes(), plain(code).as_bytes()]).to_vec()
}

/// The same as it was kept before, without a key; codes from then work until new ones are asked for.
pub fn recovery_hash_before(user: super::StaffId, code: &str) -> Vec<u8> {
    sha256(&[user.0.as_bytes(), plain(code).as_bytes()]).to_vec()
}

/// However it was typed.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}
