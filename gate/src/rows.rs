//! Tickets in a manifest: few bytes each, for tens of thousands of them.

use uuid::Uuid;

use crate::{Moment, State, TicketFacts, short_mark};

/// A ticket that was used: when, and at which gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// When it was first let in.
    pub at: Moment,
    /// The gate's place in the manifest's list of gates; `None` if it is not among them.
    pub gate: Option<usize>,
}

/// A ticket as a phone keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Names the ticket: [`tag_of`].
    pub tag: [u8; 8],
    /// Of the code that can be typed: [`mark_of`].
    pub mark: [u8; 4],
    /// Its present generation.
    pub generation: u32,
    /// The type's place in the manifest's list of types.
    pub ticket_type: usize,
    /// Status.
    pub state: State,
    /// The booking was cancelled.
    pub cancelled: bool,
    /// The guest is blocked.
    pub blocked: bool,
    /// It is not paid.
    pub unpaid: bool,
    /// There is a note or an answer to read.
    pub look: bool,
    /// Names the party, where it has more than one ticket.
    pub party: Option<[u8; 4]>,
    /// When and where it was first used, if it was.
    pub used: Option<Used>,
    /// What opens with the ticket's own code: [`crate::open`].
    pub sealed: Vec<u8>,
}

/// What names a ticket in a manifest: the random half of its id.
pub fn tag_of(ticket: Uuid) -> [u8; 8] {
    ticket.as_bytes()[8..].try_into().expect("8 of 16 bytes")
}

/// What finds a ticket by its short code.
pub fn mark_of(event: Uuid, short_code: &str) -> [u8; 4] {
    short_mark(event, short_code)
}

const CANCELLED: u8 = 1 << 3;
const BLOCKED: u8 = 1 << 4;
const UNPAID: u8 = 1 << 5;
const LOOK: u8 = 1 << 6;
const PARTY: u8 = 1 << 7;
const STATES: [State; 5] = [State::Issued, State::Inside, State::Outside, State::Revoked, State::Refunded];

impl Row {
    /// As the verdict takes it; `types` are those of the manifest, `others` those of the party who may come in.
    pub fn facts(&self, types: &[Uuid], others: u16) -> Option<TicketFacts> {
        Some(TicketFacts {
            generation: self.generation,
            ticket_type: *types.get(self.ticket_type)?,
            state: self.state,
            cancelled: self.cancelled,
            blocked: self.blocked,
            unpaid: self.unpaid,
            look: self.look,
            others,
        })
    }
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Rows, one after the other.
pub fn write_rows<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        out.extend_from_slice(&row.tag);
        out.extend_from_slice(&row.mark);
        let state = STATES.iter().position(|state| *state == row.state).unwrap_or_default() as u8;
        let flag = |is: bool, bit: u8| if is { bit } else { 0 };
        let used = flag(row.used.is_some(), 1);
        out.push(
            state
                | flag(row.cancelled, CANCELLED)
                | flag(row.blocked, BLOCKED)
                | flag(row.unpaid, UNPAID)
                | flag(row.look, LOOK)
                | flag(row.party.is_some(), PARTY),
        );
        number(&mut out, u64::from(row.generation) << 1 | u64::from(used));
        number(&mut out, row.ticket_type as u64);
        out.extend_from_slice(row.party.as_ref().map_or(&[], |party| party.as_slice()));
        if let Some(used) = row.used {
            number(&mut out, used.at.unix().max(0) as u64);
            number(&mut out, used.gate.map_or(0, |gate| gate as u64 + 1));
        }
        number(&mut out, row.sealed.len() as u64);
        out.extend_from_slice(&row.sealed);
    }
    out
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
    fn row(&mut self) -> Option<Row> {
        let (tag, mark) = (self.array()?, self.array()?);
        let flags = *self.take(1)?.first()?;
        let generation = self.number()?;
        let ticket_type = usize::try_from(self.number()?).ok()?;
        let party = if flags & PARTY == 0 { None } else { Some(self.array()?) };
        let used = match generation & 1 {
            0 => None,
            _ => {
                let at = Moment::seconds(i64::try_from(self.number()?).ok()?);
                let gate = self.number()?.checked_sub(1).and_then(|gate| usize::try_from(gate).ok());
                Some(Used { at, gate })
            }
        };
        let length = usize::try_from(self.number()?).ok()?;
        Some(Row {
            tag,
            mark,
            generation: u32::try_from(generation >> 1).ok()?,
            ticket_type,
            state: *STATES.get(usize::from(flags & 7))?,
            cancelled: flags & CANCELLED != 0,
            blocked: flags & BLOCKED != 0,
            unpaid: flags & UNPAID != 0,
            look: flags & LOOK != 0,
            party,
            used,
            sealed: self.take(length)?.to_vec(),
        })
    }
}

/// Reads what [`write_rows`] wrote; `None` if it is anything else.
pub fn read_rows(bytes: &[u8]) -> Option<Vec<Row>> {
    read_rows_from(bytes, 0, usize::MAX).map(|(rows, _)| rows)
}

/// The same from that byte on, and no more rows than that; answers where the next one begins.
pub fn read_rows_from(bytes: &[u8], from: usize, most: usize) -> Option<(Vec<Row>, usize)> {
    let mut reader = Reader(bytes.get(from..)?);
    let mut rows = Vec::with_capacity((reader.0.len() / 45).min(most));
    while !reader.0.is_empty() && rows.len() < most {
        rows.push(reader.row()?);
    }
    Some((rows, bytes.len() - reader.0.len()))
}
