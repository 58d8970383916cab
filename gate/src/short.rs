//! The code that can be typed: ten letters and digits that are hard to mistake.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How many letters and digits it has.
pub const SHORT_CODE: usize = 10;

/// What was typed, as it is looked up: capitals and digits alone, of a letter that no code has the digit it was taken
/// for. `None` if it cannot be a short code.
pub fn typed(text: &str) -> Option<String> {
    let mut out = String::with_capacity(SHORT_CODE);
    for letter in text.trim().chars() {
        match letter.to_ascii_uppercase() {
            ' ' | '-' | '\u{2010}'..='\u{2015}' => {}
            'I' | 'L' => out.push('1'),
            'O' => out.push('0'),
            'U' => out.push('V'),
            letter if letter.is_ascii_alphanumeric() => out.push(letter),
            _ => return None,
        }
    }
    (out.len() == SHORT_CODE).then_some(out)
}

/// What a manifest holds of a short code: 32 of its 50 bits. Enough to find the ticket among those of an event, too
/// little to learn the code from a lost phone.
pub fn short_mark(event: Uuid, short_code: &str) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(b"eventify/short-code/v1");
    hash.update(event.as_bytes());
    hash.update(typed(short_code).unwrap_or_default().as_bytes());
    let hash = hash.finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}
