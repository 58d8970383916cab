//! What a steward must see without a network: sealed for each ticket with a key that only its own code yields.

use aes_gcm_siv::aead::{Aead, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use uuid::Uuid;

use crate::SECRET;

/// What stands in a sealed entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The guest's name; empty where there is none.
    pub name: String,
    /// What the organiser has noted.
    pub note: Option<String>,
    /// What the guest answered to the event's questions: question and answer.
    pub answers: Vec<(String, String)>,
}

/// Parts of an entry; no text that is kept has it.
const PART: char = '\u{1f}';

/// One use: every key belongs to one generation of one ticket, and equal texts alone look equal under AES-GCM-SIV.
const NONCE: [u8; 12] = [0; 12];

fn cipher(secret: &[u8; SECRET], ticket: Uuid, generation: u32) -> Aes256GcmSiv {
    let mut key = [0; 32];
    let hkdf = Hkdf::<Sha256>::new(Some(ticket.as_bytes()), secret);
    let info = [b"eventify/entry/v1".as_slice(), &generation.to_be_bytes()].concat();
    hkdf.expand(&info, &mut key).expect("32 bytes are within what HKDF gives");
    Aes256GcmSiv::new(&key.into())
}

impl Entry {
    fn text(&self) -> String {
        let clean = |text: &str| text.replace(PART, " ");
        let mut parts = vec![clean(&self.name)];
        if self.note.is_some() || !self.answers.is_empty() {
            parts.push(clean(self.note.as_deref().unwrap_or_default()));
        }
        for (question, answer) in &self.answers {
            parts.extend([clean(question), clean(answer)]);
        }
        parts.join(&PART.to_string())
    }

    fn read(text: &str) -> Self {
        let mut parts = text.split(PART).map(str::to_owned);
        let name = parts.next().unwrap_or_default();
        let note = parts.next().filter(|note| !note.is_empty());
        let mut answers = Vec::new();
        while let (Some(question), Some(answer)) = (parts.next(), parts.next()) {
            answers.push((question, answer));
        }
        Self { name, note, answers }
    }
}

/// Seals an entry for the holder of the code with this secret.
pub fn seal(secret: &[u8; SECRET], ticket: Uuid, generation: u32, entry: &Entry) -> Vec<u8> {
    let text = entry.text();
    cipher(secret, ticket, generation).encrypt(&Nonce::from(NONCE), text.as_bytes()).expect("an entry is short")
}

/// Opens an entry with the code that was scanned; `None` if it is not this code's.
pub fn open(secret: &[u8; SECRET], ticket: Uuid, generation: u32, sealed: &[u8]) -> Option<Entry> {
    let plain = cipher(secret, ticket, generation).decrypt(&Nonce::from(NONCE), sealed).ok()?;
    Some(Entry::read(&String::from_utf8(plain).ok()?))
}
