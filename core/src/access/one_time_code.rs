//! Codes sent to phones. A code is derived from its row's id with the server's key at the moment the
//! message is sent: no queue, log or backup ever holds it. The row holds its salted hash.

use uuid::Uuid;

use crate::kernel::crypto::{Keys, same};

/// Six digits.
pub fn code(keys: &Keys, id: Uuid) -> String {
    let derived = keys.derive("otp_code", &[id.as_bytes()]);
    let (head, _) = derived.split_at(8);
    let number = u64::from_be_bytes(head.try_into().expect("eight of 32 bytes"));
    // Of 2^64 numbers the last few thousand make some codes more likely by one in 10^13.
    format!("{:06}", number % 1_000_000)
}

/// What the row keeps. A code is too short for any plain hash: only with the server's key can it be
/// tried.
pub fn hash(keys: &Keys, salt: &[u8], phone: &str, code: &str) -> [u8; 32] {
    keys.derive("otp_hash", &[salt, phone.as_bytes(), code.as_bytes()])
}

/// Whether this is the code, in constant time. Spaces do not count.
pub fn fits(keys: &Keys, salt: &[u8], phone: &str, typed: &str, kept: &[u8]) -> bool {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    same(&hash(keys, salt, phone, &code), kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_and_fits_its_own_row_alone() {
        let keys = Keys::new(&[7; 32]);
        for _ in 0..200 {
            let id = crate::kernel::clock::new_uuid();
            let code = code(&keys, id);
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
            let kept = hash(&keys, b"salt", "+919845012345", &code);
            assert!(fits(&keys, b"salt", "+919845012345", &format!("{} {}", &code[..3], &code[3..]), &kept));
            assert!(!fits(&keys, b"tlas", "+919845012345", &code, &kept));
            assert!(!fits(&keys, b"salt", "+919845012346", &code, &kept));
            assert!(!fits(&Keys::new(&[8; 32]), b"salt", "+919845012345", &code, &kept));
        }
    }
}
