//! Cases to judge: those that are committed with their verdicts (`vectors.json`), and generated ones of which every face
//! has to make the same digest.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::*;

/// One case: what there is, what is shown and asked, and what it comes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The event.
    pub event: EventFacts,
    /// The gate, as its place among the gates.
    pub gate: Option<usize>,
    /// All gates.
    pub gates: Vec<GateFacts>,
    /// The keys that are known.
    pub keys: Vec<PublicKey>,
    /// What was scanned; none if a short code was typed.
    pub code: Option<String>,
    /// What is known of the ticket.
    pub known: Known,
    /// What is asked.
    pub asked: Asked,
    /// What it comes to.
    pub verdict: Option<Verdict>,
}

impl Case {
    /// What it comes to by the rules as they are.
    pub fn judge(&self) -> Verdict {
        let shown = match &self.code {
            None => Shown::Named,
            Some(code) => match read(code, &self.keys, self.asked.at) {
                Ok(code) => Shown::Signed(code),
                Err(reason) => return Verdict::rejected(reason),
            },
        };
        let gate = self.gate.and_then(|gate| self.gates.get(gate));
        judge(&World { event: &self.event, gate, gates: &self.gates }, &shown, &self.known, &self.asked)
    }
}

/// The committed cases.
pub fn vectors() -> Vec<Case> {
    serde_json::from_str(include_str!("../vectors.json")).expect("vectors.json holds cases")
}

/// The committed cases whose verdict is another here.
pub fn disagreements() -> Vec<String> {
    vectors().iter().filter(|case| Some(case.judge()) != case.verdict).map(|case| case.name.clone()).collect()
}

/// Numbers that look random and are the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
    fn time(&mut self) -> Moment {
        Moment::seconds(1_700_000_000 + self.below(12) as i64 * 3600)
    }
    fn maybe<T>(&mut self, one: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.one_in(2) { Some(one(self)) } else { None }
    }
}

const TYPES: [Uuid; 3] = [Uuid::from_u128(0xa1), Uuid::from_u128(0xa2), Uuid::from_u128(0xa3)];

fn gate(dice: &mut Dice, number: u128) -> GateFacts {
    let kinds = TYPES.into_iter().filter(|_| dice.one_in(3)).collect();
    GateFacts {
        id: Uuid::from_u128(0xb0 + number),
        name: format!("Gate {number}"),
        direction: dice.of(GateWay::ALL),
        types: kinds,
        opens_at: dice.maybe(Dice::time),
        closes_at: dice.maybe(Dice::time),
        adds_guests: false,
    }
}

/// A generated case without a signature: what was shown is taken for genuine, as its arithmetic is not ours.
fn generated(dice: &mut Dice) -> (EventFacts, Vec<GateFacts>, Option<usize>, Shown, Known, Asked) {
    let event = EventFacts {
        id: Uuid::from_u128(0xe1),
        title: String::new(),
        start_at: dice.time(),
        end_at: dice.time(),
        timezone: "UTC".to_owned(),
        good_from: dice.time(),
        good_until: dice.time(),
        cancelled: dice.one_in(10),
        reentry: dice.one_in(2),
        offline_unknown: dice.one_in(2),
        decide_ms: 1500,
    };
    let gates: Vec<GateFacts> = (0..dice.below(4)).map(|n| gate(dice, u128::from(n))).collect();
    let at = if gates.is_empty() { None } else { dice.maybe(|dice| dice.below(gates.len() as u64) as usize) };
    let code = Code {
        key: Uuid::from_u128(1),
        event: Uuid::from_u128(if dice.one_in(12) { 0xe2 } else { 0xe1 }),
        ticket: Uuid::from_u128(2),
        ticket_type: dice.of(&TYPES),
        generation: 1 + dice.below(2) as u32,
        valid_from: 0,
        valid_until: 0,
        secret: [0; SECRET],
    };
    let known = match dice.below(10) {
        0 => Known::Nothing { is_final: dice.one_in(2) },
        1 => Known::Elsewhere,
        _ => Known::Ticket(TicketFacts {
            generation: 1 + dice.below(2) as u32,
            ticket_type: dice.of(&TYPES),
            state: dice.of(State::ALL),
            cancelled: dice.one_in(10),
            blocked: dice.one_in(10),
            unpaid: dice.one_in(10),
            look: dice.one_in(4),
            others: dice.below(4) as u16,
        }),
    };
    let asked = Asked {
        direction: dice.of(Direction::ALL),
        admit: dice.maybe(|dice| match dice.below(3) {
            0 => Admit::One,
            1 => Admit::All,
            _ => Admit::Number(1 + dice.below(4) as u16),
        }),
        confirm: dice.maybe(|dice| dice.one_in(2)),
        force: dice.one_in(8),
        at: dice.time(),
    };
    let shown = if dice.one_in(5) { Shown::Named } else { Shown::Signed(code) };
    (event, gates, at, shown, known, asked)
}

/// Judges so many generated cases and says one digest of all verdicts: equal where the rules are.
pub fn digest(seed: u64, cases: u32) -> String {
    let mut dice = Dice(seed);
    let mut hash = Sha256::new();
    for _ in 0..cases {
        let (event, gates, at, shown, known, asked) = generated(&mut dice);
        let world = World { event: &event, gate: at.and_then(|at| gates.get(at)), gates: &gates };
        let verdict = judge(&world, &shown, &known, &asked);
        hash.update(serde_json::to_vec(&verdict).unwrap_or_default());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Changes so many genuine codes a little and reads them; the number of those that were believed, which is none.
pub fn believed(seed: u64, codes: u32, genuine: &str, keys: &[PublicKey], at: Moment) -> u32 {
    let mut dice = Dice(seed);
    let mut believed = 0;
    for _ in 0..codes {
        let mut bytes = genuine.as_bytes().to_vec();
        for _ in 0..=dice.below(3) {
            let place = dice.below(bytes.len() as u64) as usize;
            match dice.below(4) {
                0 => bytes[place] = dice.below(256) as u8,
                1 => bytes[place] ^= 1 << dice.below(8),
                2 => drop(bytes.remove(place)),
                _ => bytes.insert(place, dice.below(128) as u8),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        // White space around a code is not part of it.
        believed += u32::from(text.trim() != genuine && read(&text, keys, at).is_ok());
    }
    believed
}
