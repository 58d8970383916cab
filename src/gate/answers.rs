//! What a steward is told of a scan, and what of it is kept.

use eventify_gate::{
    Direction, Due, FirstScan, GateName, OtherEvent, Outcome, Reason, ScanAnswer, ScanAttendee, ScanTicket, State,
    Verdict,
};
use serde_json::Value;
use uuid::Uuid;

use super::scans::{Attempting, Found, state};
use super::{moment, sql};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// An admission can be taken back for so long.
pub const UNDO: time::Duration = time::Duration::minutes(15);

impl Attempting<'_> {
    /// The answer to this attempt.
    pub(super) async fn answer(
        &self,
        tx: &mut Tx,
        id: Uuid,
        verdict: &Verdict,
        found: Option<&Found>,
    ) -> Result<ScanAnswer> {
        let now = moment(tx.now);
        let world = self.place.world.as_ref();
        let gates = world.map(|world| world.gates.as_slice()).unwrap_or_default();
        let named = |id: &Uuid| {
            gates.iter().find(|gate| gate.id == *id).map(|gate| GateName { id: gate.id, name: gate.name.clone() })
        };
        // An older code tells its holder nothing.
        let told = found.filter(|_| verdict.reason != Some(Reason::OldCode));
        let is_used = found.is_some_and(|found| matches!(found.facts.state, State::Inside | State::Outside));
        let first_scan = match told.filter(|_| is_used) {
            Some(found) => first_scan(tx, found.row.id, id).await?,
            None => None,
        };
        let unused_ticket = match told.filter(|_| verdict.reason == Some(Reason::AlreadyRedeemed)) {
            Some(found) if found.row.issued > 0 => sql::unused_of_party(tx.conn(), found.row.id).await?,
            _ => None,
        };
        let other_event = match (verdict.reason, self.read.ticket) {
            (Some(Reason::WrongEvent), Some((_, event))) => {
                let other = sql::other_event(tx.conn(), event).await?;
                other.map(|(title, at, timezone)| OtherEvent { title, start_at: moment(at), timezone })
            }
            _ => None,
        };
        let admitted = verdict.result == Outcome::Admitted;
        let due = |found: &Found| Due { minor: found.row.price_paid_minor, currency: found.row.currency.clone() };
        Ok(ScanAnswer {
            result: verdict.result,
            reason: verdict.reason,
            checkin_id: id,
            event_id: world.map(|world| world.event.id),
            direction: self.input.direction,
            gate: self.place.gate().map(|gate| GateName { id: gate.id, name: gate.name.clone() }),
            at: now,
            ticket: told.map(|found| ticket(found, verdict, self.input.direction)),
            attendee: told.map(|found| attendee(found, verdict, self.input.direction)),
            admitted: verdict.admits,
            back_in: verdict.back_in,
            may_return: world.is_some_and(|world| world.event.reentry),
            forced: verdict.forced,
            first_scan,
            note: told.and_then(|found| found.row.note.clone()),
            questions: told.map(|found| found.questions.clone()).unwrap_or_default(),
            not_before: verdict.not_before,
            go_to: verdict.go_to.iter().filter_map(named).collect(),
            due: told.filter(|_| verdict.reason == Some(Reason::Unpaid)).map(due),
            other_event,
            unused_ticket,
            undo_until: admitted.then(|| now.plus(UNDO.whole_milliseconds() as i64)),
        })
    }
}

/// Where the ticket stands after the verdict, if it moves.
pub fn moves_to(verdict: &Verdict, found: Option<&Found>, direction: Direction) -> Option<&'static str> {
    let state = found?.facts.state;
    match direction {
        Direction::In if verdict.admits > 0 && state != State::Inside && (verdict.this || verdict.forced.is_some()) => {
            Some("inside")
        }
        Direction::Out if verdict.this => Some("outside"),
        _ => None,
    }
}

fn ticket(found: &Found, verdict: &Verdict, direction: Direction) -> ScanTicket {
    let after = moves_to(verdict, Some(found), direction).map(state);
    ScanTicket {
        id: found.row.id,
        ticket_type_id: found.row.ticket_type_id,
        ticket_type: found.row.ticket_type.clone(),
        generation: found.facts.generation,
        status: after.unwrap_or(found.facts.state),
    }
}

fn attendee(found: &Found, verdict: &Verdict, direction: Direction) -> ScanAttendee {
    let small = |count: i64| u16::try_from(count.max(0)).unwrap_or(u16::MAX);
    let moved = i64::from(moves_to(verdict, Some(found), direction).is_some());
    let inside = match direction {
        Direction::In => found.row.inside + moved + i64::from(verdict.admits.saturating_sub(u16::from(verdict.this))),
        Direction::Out => found.row.inside - moved,
    };
    ScanAttendee {
        id: found.row.attendee_id,
        name: found.row.name.clone(),
        party: small(found.row.party),
        inside: small(inside.min(found.row.party)),
    }
}

/// The use of a ticket that came first, as a steward is told.
pub async fn first_scan(tx: &mut Tx, ticket: Uuid, but: Uuid) -> Result<Option<FirstScan>> {
    let own = tx.caller.device().map(|device| device.id.0);
    let first = sql::first_use(tx.conn(), ticket, but).await?;
    Ok(first.map(|row| FirstScan {
        at: moment(Timestamp(row.at)),
        gate: Some(row.gate).filter(|gate| !gate.is_empty()),
        by: row.by,
        device: row.device,
        same_device: row.device_id.is_some() && row.device_id == own,
        offline: row.offline,
    }))
}

/// The answer as it is kept: without what is known of the guest, who may be erased.
pub fn kept(answer: &ScanAnswer) -> Value {
    let mut answer = answer.clone();
    (answer.note, answer.questions) = (None, Vec::new());
    if let Some(attendee) = &mut answer.attendee {
        attendee.name = None;
    }
    let mut value = serde_json::to_value(answer).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, field| !field.is_null());
    }
    value
}
