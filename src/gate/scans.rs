//! A scan: what is known is gathered, judged by the rules that phones have too, and kept with the answer.
//!
//! The ticket's row is locked before anything is judged. Of any number of simultaneous scans one finds it unused; the
//! others see what that one has written. Scans of different tickets write no row in common.

use eventify_gate::{
    Asked, Code, Direction, GateFacts, Known, Moment, Outcome, Reason, ScanAnswer, ScanQuestion, ScanRequest, Shown,
    State, TicketFacts, Verdict, World, judge, read, typed,
};
use serde_json::Value;
use uuid::Uuid;

use super::answers::{UNDO, kept, moves_to};
use super::pins::Supervisor;
use super::sql::{self, NewCheckin, ScanRow, WorldRow};
use super::{AuditedScan, CheckinId, moment, reach, timestamp};
use crate::events::{EventId, questions};
use crate::gate::errors::nonce_used;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::crypto::sha256;
use crate::kernel::error::{Result, invalid_input, not_found, try_again};
use crate::kernel::permissions::Permission::TicketsScan;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketId;
use crate::tickets::secrets::short_code_hash;

/// What was shown, as far as it can be read without believing it.
pub struct Read {
    /// A code of our form.
    pub code: Option<Code>,
    /// The ticket it names, and the event that says it has it.
    pub ticket: Option<(Uuid, Uuid)>,
    /// A short code was typed, or the ticket was looked up.
    pub named: bool,
}

/// Reads what was shown.
pub async fn look_at(tx: &mut Tx, code: Option<&str>, ticket: Option<Uuid>) -> Result<Read> {
    if let Some(id) = ticket {
        let event = sql::event_of_ticket(tx.conn(), id).await?.ok_or_else(not_found)?;
        return Ok(Read { code: None, ticket: Some((id, event)), named: true });
    }
    let text = code.unwrap_or_default();
    if let Some(code) = Code::read(text) {
        return Ok(Read { ticket: Some((code.ticket, code.event)), code: Some(code), named: false });
    }
    let hash = typed(text).map(|short| short_code_hash(&tx.app().keys, &short));
    let ticket = match hash {
        Some(hash) => sql::ticket_by_short_code(tx.conn(), &hash).await?,
        None => None,
    };
    Ok(Read { code: None, ticket, named: true })
}

/// Where it is asked: the event with its gates, and the gate.
pub(super) struct Place {
    pub(super) world: Option<WorldRow>,
    gate: Option<usize>,
    gate_name: String,
}

impl Place {
    pub(super) fn gate(&self) -> Option<&GateFacts> {
        self.world.as_ref()?.gates.get(self.gate?)
    }
}

async fn place(tx: &mut Tx, input: &ScanRequest, read: &Read) -> Result<Place> {
    let now = tx.now;
    let device_gate = tx.caller.device().map(|device| device.gate);
    let wanted = input.gate.as_deref().map(str::trim);
    let wanted_id = wanted.and_then(|gate| Uuid::parse_str(gate).ok());
    let unknown_gate = || invalid_input().field("gate", "there is no such gate");
    let (event, is_claimed) = match (reach::only_event(tx), wanted_id) {
        (Some(event), _) => (Some(event), false),
        (None, Some(gate)) => (Some(sql::event_of_gate(tx.conn(), gate).await?.ok_or_else(unknown_gate)?), false),
        (None, None) => (read.ticket.map(|(_, event)| event), true),
    };
    let Some(event) = event else {
        return Ok(Place { world: None, gate: None, gate_name: wanted.unwrap_or_default().to_owned() });
    };
    let world = match sql::world(tx.conn(), event, now).await {
        Ok(world) => world,
        // The code names an event that we do not have: it is none of ours.
        Err(error) if is_claimed && error.status() == 404 => {
            return Ok(Place { world: None, gate: None, gate_name: wanted.unwrap_or_default().to_owned() });
        }
        Err(error) => return Err(error),
    };
    reach::must_run(tx, event, TicketsScan).await?;
    let at = |id: Uuid| world.gates.iter().position(|gate| gate.id == id);
    let gate = match (device_gate, wanted_id, wanted) {
        (Some(id), _, _) => at(id),
        (None, Some(id), _) => Some(at(id).ok_or_else(unknown_gate)?),
        (None, None, Some(name)) => {
            let found = world.gates.iter().position(|gate| gate.name.eq_ignore_ascii_case(name));
            if found.is_none() && !world.gates.is_empty() {
                return Err(unknown_gate());
            }
            found
        }
        (None, None, None) => None,
    };
    let gate_name = match gate.and_then(|gate| world.gates.get(gate)) {
        Some(gate) => gate.name.clone(),
        None => wanted.unwrap_or_default().to_owned(),
    };
    Ok(Place { world: Some(world), gate, gate_name })
}

/// What is known of a ticket, and what a steward is shown of it.
pub struct Found {
    pub row: ScanRow,
    pub facts: TicketFacts,
    pub questions: Vec<ScanQuestion>,
}

/// Where a ticket stands, in the rules' words.
pub fn state(word: &str) -> State {
    State::parse(word).unwrap_or(State::Revoked)
}

/// The ticket, locked; a whole party where several may be let in.
pub async fn find(tx: &mut Tx, ticket: Uuid, party: bool, reentry: bool) -> Result<Option<Found>> {
    let now = tx.now;
    if party {
        sql::party_lock(tx.conn(), ticket).await?;
    }
    let Some(row) = sql::scan_row(tx.conn(), ticket, !party, now).await? else { return Ok(None) };
    let (questions, must_be_seen) = answered(tx, EventId(row.event_id), &row.answers).await?;
    let this = row.status == "issued" || row.status == "outside" && reentry;
    let others = row.issued + if reentry { row.outside } else { 0 } - i64::from(this);
    let facts = TicketFacts {
        generation: row.generation.unsigned_abs(),
        ticket_type: row.ticket_type_id,
        state: state(&row.status),
        cancelled: is_cancelled(&row.attendee_status, row.seats),
        blocked: row.blocked,
        unpaid: row.price_paid_minor > 0 && !row.is_paid,
        look: row.note.is_some() || must_be_seen,
        others: u16::try_from(others).unwrap_or(0),
    };
    Ok(Some(Found { row, facts, questions }))
}

/// Whether the booking was cancelled. Of one that has no seat left each ticket was voided by itself.
pub fn is_cancelled(attendee_status: &str, seats: i32) -> bool {
    seats > 0 && matches!(attendee_status, "cancelled" | "not_going")
}

/// What was answered, question by question; and whether a steward must see it before anybody is let in.
pub async fn answered(tx: &mut Tx, event: EventId, answers: &Value) -> Result<(Vec<ScanQuestion>, bool)> {
    if answers.as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok((Vec::new(), false));
    }
    let asked = questions(tx.conn(), event).await?;
    let mut must_be_seen = false;
    let mut all = Vec::new();
    for question in asked {
        if let Some(answer) = answers.get(question.id.to_string()).map(plain).filter(|answer| !answer.is_empty()) {
            must_be_seen |= question.required;
            all.push(ScanQuestion { question: question.label, answer });
        }
    }
    Ok((all, must_be_seen))
}

/// An answer as people read it.
pub fn plain(answer: &Value) -> String {
    match answer {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "Yes".to_owned(),
        Value::Bool(false) => "No".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// One attempt, from asking to answer.
pub async fn scan(tx: &mut Tx, input: &ScanRequest, by: Option<Supervisor>) -> Result<ScanAnswer> {
    let read = look_at(tx, input.code.as_deref(), input.ticket).await?;
    let place = place(tx, input, &read).await?;
    if let (Some(by), Some(world)) = (by, &place.world) {
        by.must_reach(tx, world.event.id).await?;
    }
    let hash = input_hash(input.code.as_deref(), input.ticket, input.direction);
    let source = reach::source(tx);
    // Who looked first asks again with `confirm`: also with the nonce it had.
    for nonce in [input.nonce.clone(), format!("{}+", input.nonce)] {
        let attempt = Attempting { input, read: &read, place: &place, by, hash: &hash, source, nonce };
        if let Some(answer) = attempt.run(tx).await? {
            return Ok(answer);
        }
        let known = sql::checkin_by_nonce(tx.conn(), source, &attempt.nonce).await?.ok_or_else(try_again)?;
        if known.input_hash.as_deref() != Some(&hash[..]) {
            return Err(nonce_used());
        }
        if known.offline && !known.untrusted {
            return attempt.handed_in(tx, &known).await;
        }
        if known.result != Outcome::Look.as_str() || input.confirm != Some(true) {
            return again(tx, known.answer).await;
        }
    }
    Err(nonce_used())
}

/// What is the same in every repetition of an attempt.
pub fn input_hash(code: Option<&str>, ticket: Option<Uuid>, direction: Direction) -> Vec<u8> {
    let ticket = ticket.map(|id| id.to_string()).unwrap_or_default();
    sha256(&[code.unwrap_or_default().trim().as_bytes(), ticket.as_bytes(), direction.as_str().as_bytes()])[..16]
        .to_vec()
}

/// The first answer, with what is known of the guest now.
async fn again(tx: &mut Tx, kept: Option<Value>) -> Result<ScanAnswer> {
    let mut answer: ScanAnswer = kept.and_then(|kept| serde_json::from_value(kept).ok()).ok_or_else(nonce_used)?;
    let now = tx.now;
    if let Some(ticket) = answer.ticket.as_ref().map(|ticket| ticket.id)
        && let Some(row) = sql::scan_row(tx.conn(), ticket, false, now).await?
    {
        let (questions, _) = answered(tx, EventId(row.event_id), &row.answers).await?;
        if let Some(attendee) = &mut answer.attendee {
            (attendee.name, answer.note, answer.questions) = (row.name, row.note, questions);
        }
    }
    Ok(answer)
}

/// One attempt.
pub(super) struct Attempting<'a> {
    pub(super) input: &'a ScanRequest,
    pub(super) read: &'a Read,
    pub(super) place: &'a Place,
    by: Option<Supervisor>,
    hash: &'a [u8],
    source: Uuid,
    nonce: String,
}

impl Attempting<'_> {
    /// `None` where the nonce was used before: then nothing was written.
    async fn run(&self, tx: &mut Tx) -> Result<Option<ScanAnswer>> {
        let asked = Asked {
            direction: self.input.direction,
            admit: self.input.admit,
            confirm: self.input.confirm,
            force: self.by.is_some(),
            at: moment(tx.now),
        };
        let (verdict, found) = self.judge(tx, &asked).await?;
        let id = new_uuid();
        let answer = self.answer(tx, id, &verdict, found.as_ref()).await?;
        if !self.keep(tx, id, &verdict, found.as_ref(), &answer).await? {
            return Ok(None);
        }
        if let (Some(found), true) = (&found, verdict.admits > u16::from(verdict.this)) {
            self.admit_others(tx, id, &verdict, found).await?;
        }
        if verdict.forced.is_some() {
            self.audit(tx, id, &verdict, &answer);
        }
        Ok(Some(answer))
    }

    /// The answer to an attempt that the phone had decided by itself and handed in before this call came through.
    async fn handed_in(&self, tx: &mut Tx, known: &sql::Known) -> Result<ScanAnswer> {
        let world = self.place.world.as_ref();
        let ours = |event: &Uuid| world.is_some_and(|world| world.event.id == *event);
        let found = match self.read.ticket.filter(|(_, event)| ours(event)) {
            Some((ticket, _)) => find(tx, ticket, false, world.is_some_and(|world| world.event.reentry)).await?,
            None => None,
        };
        let generation = self.read.code.as_ref().map(|code| code.generation);
        let found = found.filter(|found| generation.is_none_or(|known| known == found.facts.generation));
        let result = Outcome::parse(&known.result).unwrap_or(Outcome::Rejected);
        let verdict = Verdict {
            result,
            reason: known.reason.as_deref().and_then(Reason::parse),
            forced: known.forced.as_deref().and_then(Reason::parse),
            ..Verdict::rejected(Reason::Invalid)
        };
        let at = moment(Timestamp(known.at));
        let undo_until = (result == Outcome::Admitted).then(|| at.plus(UNDO.whole_milliseconds() as i64));
        let admitted = u16::try_from(known.people).unwrap_or(0);
        Ok(ScanAnswer { at, undo_until, admitted, ..self.answer(tx, known.id, &verdict, found.as_ref()).await? })
    }

    async fn judge(&self, tx: &mut Tx, asked: &Asked) -> Result<(Verdict, Option<Found>)> {
        let Some(world) = &self.place.world else {
            let unsigned = if self.read.code.is_some() { Reason::SignatureInvalid } else { Reason::Invalid };
            return Ok((Verdict::rejected(unsigned), None));
        };
        let shown = match &self.read.code {
            None => Shown::Named,
            Some(_) => match read(self.input.code.as_deref().unwrap_or_default(), &world.keys, asked.at) {
                Ok(code) => Shown::Signed(code),
                Err(reason) => return Ok((Verdict::rejected(reason), None)),
            },
        };
        let party = !matches!(asked.admit, None | Some(eventify_gate::Admit::One));
        let (known, found) = match self.read.ticket {
            Some((_, event)) if event != world.event.id => (Known::Elsewhere, None),
            Some((ticket, _)) => match find(tx, ticket, party, world.event.reentry).await? {
                Some(found) => (Known::Ticket(found.facts.clone()), Some(found)),
                None => (Known::Nothing { is_final: true }, None),
            },
            None => (Known::Nothing { is_final: true }, None),
        };
        let around = World { event: &world.event, gate: self.place.gate(), gates: &world.gates };
        Ok((judge(&around, &shown, &known, asked), found))
    }

    async fn keep(
        &self,
        tx: &mut Tx,
        id: Uuid,
        verdict: &Verdict,
        found: Option<&Found>,
        answer: &ScanAnswer,
    ) -> Result<bool> {
        let now = tx.now;
        let moves_to = moves_to(verdict, found, self.input.direction);
        let device_time = self.input.device_time;
        let row = NewCheckin {
            ticket_id: found.map(|found| found.row.id),
            ticket_type_id: found.map(|found| found.row.ticket_type_id),
            result: verdict.result.as_str(),
            reason: verdict.reason.map(Reason::as_str),
            // Whoever goes out without having come in was never counted.
            people: match self.input.direction {
                Direction::In => i32::from(verdict.admits > 0 && (verdict.this || verdict.forced.is_some())),
                Direction::Out => i32::from(verdict.this),
            },
            generation: self.read.code.as_ref().and_then(|code| i32::try_from(code.generation).ok()),
            typed: self.read.named,
            device_time: device_time.map(|at| timestamp(at).0),
            clock_ahead_ms: device_time.map(|at| at.0.saturating_sub(moment(now).0)),
            forced: verdict.forced.map(Reason::as_str),
            forced_by: verdict.forced.and(self.by).and_then(|by| by.staff(tx)),
            force_reason: verdict.forced.and(self.input.force.as_ref()).map(|force| force.reason.trim().to_owned()),
            source: Some(self.source),
            nonce: Some(self.nonce.clone()),
            input_hash: Some(self.hash.to_vec()),
            answer: Some(kept(answer)),
            was: moves_to.and(found).map(|found| found.facts.state.as_str()),
            ..self.row(tx, id)
        };
        sql::checkin_insert(tx.conn(), &row, moves_to, now).await
    }

    /// What all rows of an attempt have in common.
    fn row(&self, tx: &Tx, id: Uuid) -> NewCheckin {
        NewCheckin {
            id,
            event_id: self.place.world.as_ref().map(|world| world.event.id),
            checked_in_by: tx.caller.person().map(|staff| staff.0),
            device_id: tx.caller.device().map(|device| device.id.0),
            gate_id: self.place.gate().map(|gate| gate.id),
            gate: self.place.gate_name.clone(),
            direction: self.input.direction.as_str(),
            ..NewCheckin::default()
        }
    }

    /// The rest of a party, each with a row of its own.
    async fn admit_others(&self, tx: &mut Tx, attempt: Uuid, verdict: &Verdict, found: &Found) -> Result<()> {
        let now = tx.now;
        let reentry = self.place.world.as_ref().is_some_and(|world| world.event.reentry);
        let most = i64::from(verdict.admits - u16::from(verdict.this));
        for (ticket, was) in sql::party_others(tx.conn(), found.row.id, reentry, most).await? {
            let row = NewCheckin {
                ticket_id: Some(ticket),
                attempt_id: Some(attempt),
                ticket_type_id: Some(found.row.ticket_type_id),
                result: Outcome::Admitted.as_str(),
                people: 1,
                was: Some(state(&was).as_str()),
                ..self.row(tx, new_uuid())
            };
            sql::checkin_insert(tx.conn(), &row, Some("inside"), now).await?;
        }
        Ok(())
    }

    fn audit(&self, tx: &mut Tx, id: Uuid, verdict: &Verdict, answer: &ScanAnswer) {
        let Some(event) = answer.event_id else { return };
        let record = AuditedScan {
            id: CheckinId(id),
            event_id: EventId(event),
            ticket_id: answer.ticket.as_ref().map(|ticket| TicketId(ticket.id)),
            gate: self.place.gate_name.clone(),
            result: verdict.result,
            forced: verdict.forced.map(|reason| reason.as_str().to_owned()),
            annulled_at: None,
        };
        let reason = self.input.force.as_ref().map(|force| force.reason.trim().to_owned()).unwrap_or_default();
        let supervisor = self.by.and_then(|by| by.staff(tx));
        tx.audit_created("ticket.forced", &record).reason(reason).note("supervisor", supervisor);
    }
}

/// A moment as the database keeps it, no later than now.
pub fn not_later(at: Moment, now: Timestamp) -> Timestamp {
    timestamp(at).min(now)
}
