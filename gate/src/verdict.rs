//! The verdict: one pure function of what is known and what is asked.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::wire::wire_enum;
use crate::{Code, EventFacts, GateFacts, Moment, PublicKey, is_genuine};

wire_enum! {
    /// The result of a scan.
    pub enum Outcome {
        /// Admitted, or checked out.
        Admitted "admitted",
        /// Not let through.
        Rejected "rejected",
        /// Nothing was decided: the steward looks first.
        Look "look",
    }

    /// Why a scan was not admitted, or what the steward needs to check.
    pub enum Reason {
        /// Not one of our codes.
        Invalid "invalid",
        /// It looks like one of our codes, but its signature is invalid.
        SignatureInvalid "signature_invalid",
        /// A ticket for another event.
        WrongEvent "wrong_event",
        /// A good ticket at the wrong gate.
        WrongGate "wrong_gate",
        /// It was used already.
        AlreadyRedeemed "already_redeemed",
        /// The ticket is void.
        Revoked "revoked",
        /// The booking or the event was cancelled.
        Cancelled "cancelled",
        /// It is not paid.
        Unpaid "unpaid",
        /// It is too early.
        NotYetValid "not_yet_valid",
        /// It is too late.
        Expired "expired",
        /// A supervisor has to be called.
        Blocked "blocked",
        /// An older code of a ticket that has a newer one.
        OldCode "old_code",
        /// A genuine code, of a ticket that is not in the list.
        NotInList "not_in_list",
        /// There is a note or an answer to read before the guest is admitted.
        CheckFirst "check_first",
        /// The ticket is one of several of a party: how many come in?
        Party "party",
        /// Goes out, and was not scanned in.
        NotInside "not_inside",
    }

    /// Direction.
    pub enum Direction {
        /// Into the event.
        In "in",
        /// Out of it.
        Out "out",
    }

    /// Status of a ticket.
    pub enum State {
        /// Not used.
        Issued "issued",
        /// Its holder is inside.
        Inside "inside",
        /// Its holder went out.
        Outside "outside",
        /// Void.
        Revoked "revoked",
        /// Void, and paid back.
        Refunded "refunded",
    }
}

impl Reason {
    /// Whether a supervisor may let somebody in all the same. What is void or not ours stays so.
    pub fn can_be_forced(self) -> bool {
        matches!(
            self,
            Reason::WrongGate
                | Reason::AlreadyRedeemed
                | Reason::Unpaid
                | Reason::NotYetValid
                | Reason::Expired
                | Reason::Blocked
                | Reason::CheckFirst
                | Reason::Party
                | Reason::NotInside
        )
    }
}

/// How many a scan lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// The holder of this ticket alone.
    One,
    /// Everybody of the party who is not inside yet.
    All,
    /// So many of the party who are not inside yet: this ticket first.
    Number(u16),
}

impl Serialize for Admit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Admit::One => serializer.serialize_str("one"),
            Admit::All => serializer.serialize_str("all"),
            Admit::Number(number) => serializer.serialize_u16(*number),
        }
    }
}
impl<'de> Deserialize<'de> for Admit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Word(String),
        }
        let wrong = || serde::de::Error::custom("must be one, all or a number from 1 to 100");
        let number = match Written::deserialize(deserializer).map_err(|_| wrong())? {
            Written::Word(word) if word == "one" => return Ok(Admit::One),
            Written::Word(word) if word == "all" => return Ok(Admit::All),
            Written::Word(word) => word.parse().map_err(|_| wrong())?,
            Written::Number(number) => number,
        };
        if (1..=100).contains(&number) { Ok(Admit::Number(number as u16)) } else { Err(wrong()) }
    }
}
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Admit {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Admit".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "string", "enum": ["one", "all"] },
                { "type": "integer", "minimum": 1, "maximum": 100 },
            ],
            "examples": ["all"],
        })
    }
}

/// What the gate asks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The direction.
    pub direction: Direction,
    /// How many; this ticket alone if absent.
    pub admit: Option<Admit>,
    /// `false`: nobody is let in before the steward has seen what there is to see. `true`: it was seen. Absent: let in
    /// at once, whatever there is to see.
    pub confirm: Option<bool>,
    /// A supervisor admits the guest against the rules.
    pub force: bool,
    /// When, by a clock that was put right.
    pub at: Moment,
}

/// What was shown at the gate.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A code that is genuine.
    Signed(Code),
    /// A short code that was typed, or a ticket that was looked up.
    Named,
}

/// What is known of the ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Known {
    /// Nothing: it is not among those of the event.
    Nothing {
        /// Whoever asks knows all tickets there are, or may not admit those it does not know.
        is_final: bool,
    },
    /// It is another event's.
    Elsewhere,
    /// This.
    Ticket(TicketFacts),
}

/// A ticket as whoever judges knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketFacts {
    /// Its present generation.
    pub generation: u32,
    /// Its type.
    pub ticket_type: Uuid,
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
    /// Others of the party who are not inside and may come in.
    pub others: u16,
}

/// Where the question arises.
#[derive(Clone, Debug)]
pub struct World<'w> {
    /// The event of the gate.
    pub event: &'w EventFacts,
    /// The gate; none where an event has none.
    pub gate: Option<&'w GateFacts>,
    /// All gates of the event.
    pub gates: &'w [GateFacts],
}

/// What a scan comes to, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What it comes to.
    pub result: Outcome,
    /// Why not, or what to check first.
    pub reason: Option<Reason>,
    /// How many tickets change: this one first, then others of the party. None where nothing is admitted.
    pub admits: u16,
    /// Whether this ticket is among them; else only others of its party are.
    pub this: bool,
    /// The holder was out and comes back in.
    pub back_in: bool,
    /// Nobody knows this ticket; its signature alone let it in.
    pub unknown: bool,
    /// It would have been rejected for this, and a supervisor let it in.
    pub forced: Option<Reason>,
    /// From when on it is good, if it is too early.
    pub not_before: Option<Moment>,
    /// Where the ticket may come in instead.
    pub go_to: Vec<Uuid>,
}

impl Verdict {
    fn of(result: Outcome, reason: Option<Reason>) -> Self {
        let (not_before, go_to) = (None, Vec::new());
        Self { result, reason, admits: 0, this: false, back_in: false, unknown: false, forced: None, not_before, go_to }
    }
    /// Not admitted.
    pub fn rejected(reason: Reason) -> Self {
        Self::of(Outcome::Rejected, Some(reason))
    }
    fn look(reason: Reason) -> Self {
        Self::of(Outcome::Look, Some(reason))
    }
    fn admitted(admits: u16, this: bool) -> Self {
        Self { admits, this, ..Self::of(Outcome::Admitted, None) }
    }
}

/// Reads what was scanned, and believes it only if one of these keys has signed it. What is not of our form may be a
/// short code: [`crate::typed`].
pub fn read(text: &str, keys: &[PublicKey], at: Moment) -> Result<Code, Reason> {
    let code = Code::read(text).ok_or(Reason::Invalid)?;
    let key = keys.iter().find(|key| key.id == code.key && at < key.good_until).ok_or(Reason::SignatureInvalid)?;
    if is_genuine(text, &key.bytes()) { Ok(code) } else { Err(Reason::SignatureInvalid) }
}

/// The result of a scan.
pub fn judge(world: &World<'_>, shown: &Shown, known: &Known, asked: &Asked) -> Verdict {
    if let Shown::Signed(code) = shown
        && code.event != world.event.id
    {
        return Verdict::rejected(Reason::WrongEvent);
    }
    match known {
        Known::Elsewhere => Verdict::rejected(Reason::WrongEvent),
        Known::Nothing { is_final } => unknown(world, shown, *is_final, asked),
        Known::Ticket(ticket) => ticket_verdict(world, shown, ticket, asked),
    }
}

/// A genuine code of a ticket nobody here knows: its own words count.
fn unknown(world: &World<'_>, shown: &Shown, is_final: bool, asked: &Asked) -> Verdict {
    let Shown::Signed(code) = shown else { return Verdict::rejected(Reason::Invalid) };
    if world.event.cancelled && asked.direction == Direction::In {
        return Verdict::rejected(Reason::Cancelled);
    }
    if is_final {
        return Verdict::rejected(Reason::NotInList);
    }
    match asked.direction {
        Direction::Out => Verdict { unknown: true, ..Verdict::admitted(1, true) },
        Direction::In => match hours(world, asked.at).or_else(|| place(world, code.ticket_type, asked.at)) {
            Some(refused) => refused,
            None => Verdict { unknown: true, ..Verdict::admitted(1, true) },
        },
    }
}

fn ticket_verdict(world: &World<'_>, shown: &Shown, ticket: &TicketFacts, asked: &Asked) -> Verdict {
    if let Some(refused) = void(world, shown, ticket, asked) {
        return refused;
    }
    let plain = match asked.direction {
        Direction::In => way_in(world, ticket, asked),
        Direction::Out => way_out(world, ticket, asked),
    };
    match plain.reason {
        Some(reason) if asked.force && reason.can_be_forced() => {
            let (admits, this) = number(world, ticket, asked);
            let (admits, this) = if admits == 0 { (1, true) } else { (admits, this) };
            let back_in = ticket.state == State::Outside && asked.direction == Direction::In;
            Verdict { forced: Some(reason), back_in, ..Verdict::admitted(admits, this) }
        }
        _ => plain,
    }
}

/// What nobody can let in: it is no ticket any more.
fn void(world: &World<'_>, shown: &Shown, ticket: &TicketFacts, asked: &Asked) -> Option<Verdict> {
    let reason = match shown {
        Shown::Signed(code) if code.generation != ticket.generation => Reason::OldCode,
        _ if matches!(ticket.state, State::Revoked | State::Refunded) && ticket.cancelled => Reason::Cancelled,
        _ if matches!(ticket.state, State::Revoked | State::Refunded) => Reason::Revoked,
        // Whoever is inside may always go out.
        _ if asked.direction == Direction::Out => return None,
        _ if ticket.cancelled || world.event.cancelled => Reason::Cancelled,
        _ => return None,
    };
    Some(Verdict::rejected(reason))
}

fn way_in(world: &World<'_>, ticket: &TicketFacts, asked: &Asked) -> Verdict {
    if ticket.blocked {
        return Verdict::rejected(Reason::Blocked);
    }
    let (admits, this) = number(world, ticket, asked);
    // A party may show one code for all: whoever is in already stays in, and the others are asked about.
    let looks_at_party = asked.confirm == Some(false) && asked.admit.is_none() && ticket.others > 0;
    if admits == 0 && !looks_at_party {
        return Verdict::rejected(Reason::AlreadyRedeemed);
    }
    if let Some(refused) = hours(world, asked.at).or_else(|| place(world, ticket.ticket_type, asked.at)) {
        return refused;
    }
    if ticket.unpaid {
        return Verdict::rejected(Reason::Unpaid);
    }
    if asked.confirm == Some(false) {
        if ticket.look {
            return Verdict::look(Reason::CheckFirst);
        }
        if looks_at_party {
            return Verdict::look(Reason::Party);
        }
    }
    Verdict { back_in: this && ticket.state == State::Outside, ..Verdict::admitted(admits, this) }
}

/// How many are let in, and whether this ticket is among them.
fn number(world: &World<'_>, ticket: &TicketFacts, asked: &Asked) -> (u16, bool) {
    let this = match (asked.direction, ticket.state) {
        (Direction::In, State::Outside) => world.event.reentry,
        (Direction::In, state) => state != State::Inside,
        (Direction::Out, state) => state == State::Inside,
    };
    // Only the way in is for many; whether those who went out may come back is asked before.
    let others = if asked.direction == Direction::In { ticket.others } else { 0 };
    let all = others + u16::from(this);
    match asked.admit {
        None | Some(Admit::One) => (u16::from(this), this),
        Some(Admit::All) => (all, this),
        Some(Admit::Number(number)) => (number.min(all), this),
    }
}

fn way_out(world: &World<'_>, ticket: &TicketFacts, asked: &Asked) -> Verdict {
    if world.gate.is_some_and(|gate| !gate.direction.lets(Direction::Out)) {
        return elsewhere(world, |gate| gate.direction.lets(Direction::Out) && !gate.is_closed(asked.at));
    }
    if ticket.state != State::Inside && asked.confirm != Some(true) {
        return Verdict::look(Reason::NotInside);
    }
    Verdict::admitted(1, ticket.state == State::Inside)
}

/// The event's hours, as its time is now.
fn hours(world: &World<'_>, at: Moment) -> Option<Verdict> {
    if at < world.event.good_from {
        let not_before = Some(world.event.good_from);
        return Some(Verdict { not_before, ..Verdict::rejected(Reason::NotYetValid) });
    }
    (at >= world.event.good_until).then(|| Verdict::rejected(Reason::Expired))
}

/// Whether this gate takes the type now.
fn place(world: &World<'_>, ticket_type: Uuid, at: Moment) -> Option<Verdict> {
    let gate = world.gate?;
    if !gate.takes(ticket_type) || !gate.direction.lets(Direction::In) || gate.is_closed(at) {
        let takes =
            |gate: &GateFacts| gate.takes(ticket_type) && gate.direction.lets(Direction::In) && !gate.is_closed(at);
        return Some(elsewhere(world, takes));
    }
    let opens = gate.opens_later(at)?;
    Some(Verdict { not_before: Some(opens), ..Verdict::rejected(Reason::NotYetValid) })
}

fn elsewhere(world: &World<'_>, takes: impl Fn(&GateFacts) -> bool) -> Verdict {
    let go_to = world.gates.iter().filter(|gate| takes(gate)).map(|gate| gate.id).collect();
    Verdict { go_to, ..Verdict::rejected(Reason::WrongGate) }
}
