//! What phones decided by themselves, handed in afterwards. Nothing that was decided is rewritten: it is kept as it
//! happened, and where two admissions clash, a person is told.

use eventify_gate::{
    Admit, Direction, GateFacts, Moment, Outcome, QueuedScan, Reason, State, SyncOutcome, SyncRefusal, SyncedScan, read,
};
use uuid::Uuid;

use super::answers::first_scan;
use super::scans::{Found, Read, find, input_hash, look_at, not_later, state};
use super::sql::{self, LeftRow, NewCheckin, NewConflict, WorldRow};
use super::{AuditedScan, CheckinId, ConflictId, ConflictKind, bus, moment, reach, timestamp};
use crate::events::EventId;
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::TicketId;

/// Whose queue it is.
pub struct Queue {
    /// The event.
    pub event: Uuid,
    /// What its scans are judged by: read once for all of them.
    pub world: WorldRow,
    /// By how much the phone's clock is ahead.
    pub ahead_ms: i64,
    /// The phone was revoked.
    pub revoked: bool,
    /// A supervisor's phone, or somebody who may manage the event's tickets: what they forced was theirs to force.
    pub supervises: bool,
}

/// The answer to what cannot be read.
pub fn unreadable(nonce: String) -> SyncedScan {
    refused(nonce, SyncRefusal::Malformed)
}

fn refused(nonce: String, reason: SyncRefusal) -> SyncedScan {
    SyncedScan {
        nonce,
        outcome: SyncOutcome::Refused,
        reason: Some(reason),
        checkin_id: None,
        conflict_id: None,
        repeated: false,
        first_scan: None,
    }
}

/// Takes one scan of a queue, in a transaction of its own.
pub async fn take(tx: &mut Tx, queue: &Queue, scan: &QueuedScan) -> Result<SyncedScan> {
    if !scan.is_well_formed() {
        return Ok(unreadable(scan.nonce.clone()));
    }
    let hash = input_hash(Some(&scan.code), None, scan.direction);
    let source = source(tx, queue, scan).await?;
    let at = happened(tx, queue, scan, source).await?;
    let mut nonce = scan.nonce.clone();
    for _ in 0..3 {
        let Some(known) = sql::checkin_by_nonce(tx.conn(), source, &nonce).await? else {
            let taking = Taking { queue, scan, source, at, nonce: nonce.clone(), hash: hash.clone() };
            if let Some(answer) = taking.run(tx).await? {
                return Ok(answer);
            }
            continue;
        };
        let same = known.input_hash.as_deref() == Some(&hash[..]);
        let agrees = known.offline || known.result == scan.result.as_str() || scan.result != Outcome::Admitted;
        let kept = known.answer.filter(|_| same && known.offline);
        if let Some(first) = kept.and_then(|kept| serde_json::from_value::<SyncedScan>(kept).ok()) {
            return Ok(SyncedScan { repeated: true, nonce: scan.nonce.clone(), ..first });
        }
        // It was answered while the phone decided by itself: one attempt, unless they decided otherwise.
        if same && agrees {
            let outcome = SyncOutcome::Accepted;
            let first = unreadable(scan.nonce.clone());
            return Ok(SyncedScan { outcome, reason: None, checkin_id: Some(known.id), repeated: true, ..first });
        }
        // Another scan than the one that is known by this name: it counts by itself.
        nonce = format!("{nonce}~{}", &hex::encode(&hash)[..8]);
    }
    Ok(unreadable(scan.nonce.clone()))
}

/// By whose name the nonces go: the phone's that scanned, if whoever hands in answers for it; else their own.
async fn source(tx: &mut Tx, queue: &Queue, scan: &QueuedScan) -> Result<Uuid> {
    let own = reach::source(tx);
    let device = tx.caller.device().map(|device| device.id);
    match scan.device {
        Some(named) if named != own && sql::device_answers_for(tx.conn(), queue.event, device, named).await? => {
            Ok(named)
        }
        _ => Ok(own),
    }
}

/// When it happened: by the phone's clock, put right, and no earlier than it can have been. A clock that is years off
/// makes nobody the first.
async fn happened(tx: &mut Tx, queue: &Queue, scan: &QueuedScan, source: Uuid) -> Result<Timestamp> {
    let said = Moment(scan.device_time.0.saturating_sub(queue.ahead_ms));
    let paired = sql::device_paired_at(tx.conn(), source).await?.map(moment);
    let earliest = paired.into_iter().fold(queue.world.event.good_from, Moment::max);
    Ok(not_later(said.max(earliest), tx.now))
}

struct Taking<'a> {
    queue: &'a Queue,
    scan: &'a QueuedScan,
    source: Uuid,
    at: Timestamp,
    nonce: String,
    hash: Vec<u8>,
}

/// What an admission without a network comes to, now that all is known.
struct Settled {
    /// Where the ticket stood, if it is a move: of several, the latest leaves it where it stands now.
    was: Option<State>,
    moves_to: Option<&'static str>,
    /// Who went out again, if that was told before they came in.
    left: Option<LeftRow>,
    /// Who came in again, if that was told before they went out.
    came_back: Option<Uuid>,
    conflict: Option<ConflictKind>,
    first: Option<Uuid>,
    /// Others of the party that came in with it, and where they stood.
    others: Vec<(Uuid, String)>,
}

impl Taking<'_> {
    /// `None` where somebody else has just handed in the same.
    async fn run(&self, tx: &mut Tx) -> Result<Option<SyncedScan>> {
        let world = &self.queue.world;
        let seen = look_at(tx, Some(&self.scan.code), None).await?;
        let refusal = self.refusal(world, &seen);
        let ticket = seen.ticket.filter(|_| refusal.is_none()).map(|(ticket, _)| ticket);
        let party = self.scan.admitted > 1 || self.scan.admit.is_some();
        let found = match ticket {
            Some(ticket) => find(tx, ticket, party, world.event.reentry).await?,
            None => None,
        };
        let refusal = refusal.or_else(|| found.is_none().then_some(SyncRefusal::NotInList));
        let settled = self.settle(tx, world, found.as_ref(), &seen).await?;
        self.keep(tx, world, &seen, found.as_ref(), settled, refusal).await
    }

    /// Why it cannot be taken at all.
    fn refusal(&self, world: &WorldRow, seen: &Read) -> Option<SyncRefusal> {
        if let Some(code) = &seen.code {
            // A key that has ended since was good then.
            if read(&self.scan.code, &world.keys, moment(self.at)) != Ok(code.clone()) {
                return Some(SyncRefusal::SignatureInvalid);
            }
        }
        match seen.ticket {
            None => Some(SyncRefusal::Invalid),
            Some((_, event)) if event != self.queue.event => Some(SyncRefusal::WrongEvent),
            Some(_) => None,
        }
    }

    async fn settle(&self, tx: &mut Tx, world: &WorldRow, found: Option<&Found>, seen: &Read) -> Result<Settled> {
        let nothing = Settled {
            was: None,
            moves_to: None,
            left: None,
            came_back: None,
            conflict: None,
            first: None,
            others: Vec::new(),
        };
        let Some(found) = found.filter(|_| self.scan.result == Outcome::Admitted) else { return Ok(nothing) };
        if self.queue.revoked {
            let conflict = (self.scan.direction == Direction::In).then_some(ConflictKind::RevokedDevice);
            return Ok(Settled { conflict, ..nothing });
        }
        let around = sql::around(tx.conn(), found.row.id, self.at).await?;
        let state = found.facts.state;
        let is_last = around.after.is_none();
        if self.scan.direction == Direction::Out {
            let goes = around.goes_out(state);
            let came_back = around.came_back.filter(|_| goes);
            let moves_to = (goes && is_last && came_back.is_none()).then_some("outside");
            return Ok(Settled { was: goes.then_some(State::Inside), moves_to, came_back, ..nothing });
        }
        let old = seen.code.as_ref().is_some_and(|code| code.generation != found.facts.generation);
        if old || found.facts.cancelled || matches!(state, State::Revoked | State::Refunded) {
            return Ok(Settled { conflict: Some(ConflictKind::VoidTicket), ..nothing });
        }
        let free = around.comes_in(state, world.event.reentry);
        let wanted = self.wanted(Some(found));
        // A party may have shown one code for all: whoever is in already stays, and the next of them came in.
        let whole = !matches!(self.scan.admit, None | Some(Admit::One));
        let more = if whole { wanted - u16::from(free).min(wanted) } else { 0 };
        let others = match more {
            0 => Vec::new(),
            more => sql::party_others(tx.conn(), found.row.id, world.event.reentry, i64::from(more)).await?,
        };
        let came = usize::from(free) + others.len();
        let more_than_there_are = self.scan.admitted > wanted;
        let known = self.forced() == Some(Reason::AlreadyRedeemed);
        let clash = (came < usize::from(wanted) || more_than_there_are) && !known;
        let against = self.against(tx, world, found).is_some_and(|reason| self.forced() != Some(reason));
        let first = sql::first_use(tx.conn(), found.row.id, Uuid::nil()).await?;
        let conflict = match (clash, against) {
            (true, _) => Some(ConflictKind::DoubleAdmission),
            (false, true) => Some(ConflictKind::AgainstRules),
            (false, false) => None,
        };
        Ok(Settled {
            was: free.then(|| around.stood(state)),
            moves_to: (free && is_last).then_some("inside"),
            left: around.left.filter(|_| free),
            came_back: None,
            conflict,
            first: first.map(|first| first.id).filter(|_| clash),
            others,
        })
    }

    /// What a supervisor passed over; anybody's phone can say so, and only theirs is believed.
    fn forced(&self) -> Option<Reason> {
        self.scan.forced.filter(|_| self.queue.supervises)
    }

    /// How many it let in, as far as the booking has them.
    fn wanted(&self, found: Option<&Found>) -> u16 {
        let party = found.map_or(1, |found| u16::try_from(found.row.party).unwrap_or(u16::MAX).max(1));
        self.scan.admitted.clamp(1, party)
    }

    /// Why the gate would not have let it in, beside the ticket's own state and the hours.
    fn against(&self, tx: &Tx, world: &WorldRow, found: &Found) -> Option<Reason> {
        let takes = |gate: &GateFacts| gate.takes(found.facts.ticket_type) && gate.direction.lets(Direction::In);
        match found.facts {
            ref facts if facts.blocked => Some(Reason::Blocked),
            _ if self.gate(tx, world).is_some_and(|gate| !takes(gate)) => Some(Reason::WrongGate),
            ref facts if facts.unpaid => Some(Reason::Unpaid),
            _ => None,
        }
    }

    /// Where it was.
    fn gate<'w>(&self, tx: &Tx, world: &'w WorldRow) -> Option<&'w GateFacts> {
        let gate = self.scan.gate.or_else(|| tx.caller.device().map(|device| device.gate))?;
        world.gates.iter().find(|known| known.id == gate)
    }

    async fn keep(
        &self,
        tx: &mut Tx,
        world: &WorldRow,
        seen: &Read,
        found: Option<&Found>,
        settled: Settled,
        refusal: Option<SyncRefusal>,
    ) -> Result<Option<SyncedScan>> {
        let (now, id) = (tx.now, new_uuid());
        let conflict_id = settled.conflict.map(|_| ConflictId::new());
        let refusal = refusal.or_else(|| self.queue.revoked.then_some(SyncRefusal::DeviceRevoked));
        let outcome = match (refusal, conflict_id) {
            (Some(_), _) => SyncOutcome::Refused,
            (None, Some(_)) => SyncOutcome::Conflict,
            (None, None) => SyncOutcome::Accepted,
        };
        let first_scan = match found.filter(|_| conflict_id.is_some()) {
            Some(found) => first_scan(tx, found.row.id, id).await?,
            None => None,
        };
        let answer = SyncedScan {
            nonce: self.scan.nonce.clone(),
            outcome,
            reason: refusal,
            checkin_id: Some(id),
            conflict_id: conflict_id.map(|id| id.0),
            repeated: false,
            first_scan,
        };
        let row = NewCheckin {
            source: Some(self.source),
            nonce: Some(self.nonce.clone()),
            input_hash: Some(self.hash.clone()),
            answer: serde_json::to_value(&answer).ok(),
            people: self.people(found, &settled, refusal.is_some()),
            was: settled.was.map(State::as_str),
            untrusted: refusal.is_some(),
            ..self.row(tx, world, seen, found, id)
        };
        if !sql::checkin_insert(tx.conn(), &row, settled.moves_to, now).await? {
            return Ok(None);
        }
        for (ticket, was) in &settled.others {
            let row = NewCheckin {
                ticket_id: Some(*ticket),
                attempt_id: Some(id),
                people: 1,
                was: Some(state(was).as_str()),
                reason: None,
                forced: None,
                forced_by: None,
                ..self.row(tx, world, seen, found, new_uuid())
            };
            sql::checkin_insert(tx.conn(), &row, Some("inside"), now).await?;
        }
        if let Some(came_back) = settled.came_back {
            sql::checkin_came_back(tx.conn(), came_back).await?;
        }
        if let Some(left) = settled.left {
            let moves_to = settled.moves_to.and(Some("outside"));
            sql::checkin_insert(tx.conn(), &self.counted(found, left), moves_to, now).await?;
        }
        if let (Some(kind), Some(conflict)) = (settled.conflict, conflict_id) {
            let row = NewConflict {
                id: conflict,
                event: self.queue.event,
                ticket: found.map(|found| found.row.id),
                kind,
                first: settled.first,
                second: id,
                clock_ahead_ms: Some(self.queue.ahead_ms),
            };
            sql::conflict_insert(tx.conn(), &row, now).await?;
            tx.emit(&bus::ConflictFound { event_id: EventId(self.queue.event), conflict_id: conflict });
        }
        self.audit(tx, world, found, id);
        Ok(Some(answer))
    }

    /// People who went through with this ticket; those of the party have rows of their own. Whoever goes out without
    /// having come in was never counted.
    fn people(&self, found: Option<&Found>, settled: &Settled, refused: bool) -> i32 {
        match (self.scan.result, self.scan.direction) {
            _ if refused => 0,
            (Outcome::Admitted, Direction::In) => i32::from(self.wanted(found)) - settled.others.len() as i32,
            (Outcome::Admitted, Direction::Out) => i32::from(settled.was.is_some()),
            _ => 0,
        }
    }

    /// Who went out is counted now that they are known to have been in.
    fn counted(&self, found: Option<&Found>, left: LeftRow) -> NewCheckin {
        NewCheckin {
            id: new_uuid(),
            event_id: Some(self.queue.event),
            ticket_id: found.map(|found| found.row.id),
            ticket_type_id: found.map(|found| found.row.ticket_type_id),
            attempt_id: Some(left.id),
            checked_in_by: left.checked_in_by,
            device_id: left.device_id,
            gate_id: left.gate_id,
            gate: left.gate,
            at: left.at.map(|at| at.0),
            direction: Direction::Out.as_str(),
            result: Outcome::Admitted.as_str(),
            people: 1,
            offline: left.offline,
            steward: left.steward,
            was: Some(State::Inside.as_str()),
            ..NewCheckin::default()
        }
    }

    fn row(&self, tx: &Tx, world: &WorldRow, seen: &Read, found: Option<&Found>, id: Uuid) -> NewCheckin {
        let gate = self.gate(tx, world);
        NewCheckin {
            id,
            event_id: Some(self.queue.event),
            ticket_id: found.map(|found| found.row.id),
            ticket_type_id: found.map(|found| found.row.ticket_type_id),
            checked_in_by: tx.caller.person().map(|staff| staff.0),
            device_id: tx.caller.device().map(|device| device.id.0),
            gate_id: gate.map(|gate| gate.id),
            gate: gate.map(|gate| gate.name.clone()).unwrap_or_default(),
            at: Some(self.at.0),
            direction: self.scan.direction.as_str(),
            result: self.scan.result.as_str(),
            reason: self.scan.reason.map(Reason::as_str),
            generation: seen.code.as_ref().and_then(|code| i32::try_from(code.generation).ok()),
            typed: seen.named,
            offline: true,
            device_time: Some(timestamp(self.scan.device_time).0),
            clock_ahead_ms: Some(self.queue.ahead_ms),
            forced: self.forced().map(Reason::as_str),
            forced_by: self.forced().and(tx.caller.person()).map(|staff| staff.0),
            force_reason: self.scan.force_reason.clone(),
            steward: self.scan.staff.clone(),
            ..NewCheckin::default()
        }
    }

    fn audit(&self, tx: &mut Tx, world: &WorldRow, found: Option<&Found>, id: Uuid) {
        let Some(forced) = self.forced() else { return };
        let gate = self.gate(tx, world);
        let record = AuditedScan {
            id: CheckinId(id),
            event_id: EventId(self.queue.event),
            ticket_id: found.map(|found| TicketId(found.row.id)),
            gate: gate.map(|gate| gate.name.clone()).unwrap_or_default(),
            result: self.scan.result,
            forced: Some(forced.as_str().to_owned()),
            annulled_at: None,
        };
        let reason = self.scan.force_reason.clone().unwrap_or_default();
        tx.audit_created("ticket.forced", &record).reason(reason).note("offline", true);
    }
}
