//! Ticket secrets: derived, so that a code can be shown, mailed and printed again while the database
//! holds only salted hashes; and the keys that codes are signed with.

use std::fmt::Write;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use qrcode::{Color, QrCode};
use time::Duration;

use super::code::{self, CodeBody, SECRET};
use super::{Ticket, TicketCode, TicketId, sql};
use crate::access::SigningKeyId;
use crate::events::{Event, EventId};
use crate::kernel::clock::random_bytes;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::{Keys, sha256};
use crate::kernel::error::{Error, Result, internal, invalid_transition};
use crate::kernel::text::letters;
use crate::kernel::timestamp::Timestamp;

/// What event keys are encrypted for.
const SEAL: &str = "event_signing_key";
/// How long one key signs, and how long its codes are good after that.
const SIGNS_FOR: Duration = Duration::days(365);
const ACCEPTED_AFTER: Duration = Duration::days(730);
/// Codes are good from so long before the event.
pub const EARLY: Duration = Duration::hours(12);
/// And until so long after it.
pub const LATE: Duration = Duration::hours(6);

/// The secret of a ticket's generation.
pub fn secret(keys: &Keys, event: EventId, ticket: TicketId, generation: i32) -> [u8; SECRET] {
    let key = keys.derive("ticket_secret", &[event.0.as_bytes(), ticket.0.as_bytes(), &generation.to_be_bytes()]);
    key[..SECRET].try_into().expect("16 of 32 bytes")
}

pub use eventify_gate::SHORT_CODE;

/// The code that can be typed: ten letters and digits that are hard to mistake (50 bits).
pub fn short_code(keys: &Keys, event: EventId, ticket: TicketId, generation: i32) -> String {
    let key = keys.derive("ticket_short_code", &[event.0.as_bytes(), ticket.0.as_bytes(), &generation.to_be_bytes()]);
    let code = letters(&key[..SHORT_CODE]);
    format!("{}-{}", &code[..5], &code[5..])
}

/// How a typed code is looked up: keyed, as it is too short for a plain hash to hide it.
pub fn short_code_hash(keys: &Keys, short_code: &str) -> [u8; 32] {
    let typed = eventify_gate::typed(short_code).unwrap_or_default();
    keys.derive("ticket_short_code_hash", &[typed.as_bytes()])
}

/// What the database keeps of a generation's codes.
pub struct TicketHashes {
    pub ticket: TicketId,
    pub short_code_hash: Vec<u8>,
    pub secret_hash: Vec<u8>,
    pub secret_salt: Vec<u8>,
}

/// The hashes of a generation, with a new salt.
pub fn seal(keys: &Keys, event: EventId, ticket: TicketId, generation: i32) -> TicketHashes {
    let salt = random_bytes::<16>();
    TicketHashes {
        ticket,
        short_code_hash: short_code_hash(keys, &short_code(keys, event, ticket, generation)).to_vec(),
        secret_hash: sha256(&[&salt, &secret(keys, event, ticket, generation)]).to_vec(),
        secret_salt: salt.to_vec(),
    }
}

/// Makes sure that there is a key to sign codes with.
pub async fn ensure_key(tx: &mut Tx) -> Result<()> {
    let now = tx.now;
    if sql::event_key(tx.conn()).await?.is_some_and(|key| key.signs_until > now) {
        return Ok(());
    }
    sql::event_key_lock(tx.conn()).await?;
    if sql::event_key(tx.conn()).await?.is_some_and(|key| key.signs_until > now) {
        return Ok(());
    }
    let pair = Ed25519KeyPair::generate().map_err(unspecified)?;
    let pkcs8 = pair.to_pkcs8().map_err(unspecified)?;
    let sealed = tx.app().keys.seal(SEAL, pkcs8.as_ref())?;
    let signs_until = Timestamp(now.0 + SIGNS_FOR);
    let expires_at = Timestamp(signs_until.0 + ACCEPTED_AFTER);
    let id = SigningKeyId::new();
    sql::event_key_insert(tx.conn(), id, &sealed, pair.public_key().as_ref(), signs_until, expires_at, now).await
}

fn unspecified(error: impl std::fmt::Debug) -> Error {
    internal().internal(format!("{error:?}"))
}

/// When codes of an event are good, as its time is now: those that were printed before it moved too
/// (see [`CodeBody::is_in_time`]).
pub fn hours(event: &Event) -> (Timestamp, Timestamp) {
    (Timestamp(event.start_at.0 - EARLY), Timestamp(event.end_at.0 + LATE))
}

/// What the ticket shows at the gate.
pub async fn code(db: &mut impl Db, event: &Event, ticket: &Ticket) -> Result<TicketCode> {
    if ticket.revoked_at.is_some() {
        return Err(invalid_transition().detail("The ticket is void."));
    }
    let key = sql::event_key(db.conn()).await?.ok_or_else(|| internal().internal("there is no event key"))?;
    let keys = &db.cx().app().keys;
    let pair = opened(keys, &key)?;
    let (valid_from, valid_until) = hours(event);
    let body = CodeBody {
        key: key.id.0,
        event: event.id.0,
        ticket: ticket.id.0,
        ticket_type: ticket.ticket_type_id.0,
        generation: ticket.generation.unsigned_abs(),
        valid_from: valid_from.0.unix_timestamp(),
        valid_until: valid_until.0.unix_timestamp(),
        secret: secret(keys, event.id, ticket.id, ticket.generation),
    };
    let code = code::sign(&body, &pair);
    let svg = drawn(&code)?;
    Ok(TicketCode {
        ticket_id: ticket.id,
        generation: ticket.generation,
        short_code: short_code(keys, event.id, ticket.id, ticket.generation),
        code,
        svg,
        valid_from,
        valid_until,
    })
}

fn opened(keys: &Keys, key: &EventKey) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_pkcs8(&keys.open(SEAL, &key.secret_enc)?).map_err(unspecified)
}

/// Signs something else with the key that codes are signed with.
pub async fn signer(db: &mut impl Db) -> Result<Signer> {
    let key = sql::event_key(db.conn()).await?.ok_or_else(|| internal().internal("there is no event key"))?;
    Ok(Signer { id: key.id, pair: opened(&db.cx().app().keys, &key)? })
}

/// The key that signs.
pub struct Signer {
    /// Its id.
    pub id: SigningKeyId,
    pair: Ed25519KeyPair,
}

impl Signer {
    /// The signature.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// The key that signs, as the database has it.
pub struct EventKey {
    pub id: SigningKeyId,
    pub secret_enc: Vec<u8>,
    pub signs_until: Timestamp,
}

/// The QR code as an SVG that can stand inside a page: one path with a stroke for each run of dark squares, which is a
/// tenth of the size of squares one by one.
pub fn drawn(code: &str) -> Result<String> {
    // Four light squares on each side, as readers want.
    const QUIET: usize = 4;
    let qr = QrCode::new(code.as_bytes()).map_err(|e| internal().internal(e))?;
    let (width, colours) = (qr.width(), qr.to_colors());
    let mut path = String::new();
    for (row, line) in colours.chunks(width).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let _ = write!(path, "M{} {}.5h{}", column + QUIET, row + QUIET, run.len());
            }
            column += run.len();
        }
    }
    let side = width + 2 * QUIET;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path stroke="#000" d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_codes_of_its_own() {
        let keys = Keys::new(&[7; 32]);
        let (event, ticket) = (EventId::new(), TicketId::new());
        assert_eq!(secret(&keys, event, ticket, 1), secret(&keys, event, ticket, 1));
        assert_ne!(secret(&keys, event, ticket, 1), secret(&keys, event, ticket, 2));
        assert_ne!(secret(&keys, event, ticket, 1), secret(&Keys::new(&[8; 32]), event, ticket, 1));
        let code = short_code(&keys, event, ticket, 1);
        assert_ne!(code, short_code(&keys, event, ticket, 2));
        assert_eq!(short_code_hash(&keys, &code), short_code_hash(&keys, &code.to_lowercase().replace('-', " ")));
        let (one, two) = (seal(&keys, event, ticket, 1), seal(&keys, event, ticket, 1));
        assert_ne!(one.secret_hash, two.secret_hash, "salted");
    }

    #[test]
    fn a_drawn_code_has_every_dark_square_and_no_other() {
        let code = "4EX8H".repeat(40);
        let svg = drawn(&code).unwrap();
        let qr = QrCode::new(code.as_bytes()).unwrap();
        let mut dark = Vec::new();
        for run in svg.split("d=\"M").nth(2).unwrap().split('"').next().unwrap().split('M') {
            let (column, rest) = run.split_once(' ').unwrap();
            let (row, long) = rest.split_once(".5h").unwrap();
            let number = |text: &str| text.parse::<usize>().unwrap();
            dark.extend((0..number(long)).map(|step| (number(column) + step - 4, number(row) - 4)));
        }
        let wanted: Vec<_> = qr
            .to_colors()
            .iter()
            .enumerate()
            .filter(|(_, colour)| **colour == Color::Dark)
            .map(|(at, _)| (at % qr.width(), at / qr.width()))
            .collect();
        assert_eq!(dark, wanted);
        assert!(svg.len() < 14_000, "{} bytes", svg.len());
    }
}
