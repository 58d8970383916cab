//! The phone's own verdict, by the rules that the server has too.

use eventify_gate::{
    Asked, Direction, EventFacts, FirstScan, GateFacts, Moment, Outcome, PublicKey, Reason, Row, ScanAnswer, Shown,
    Verdict, World, judge, typed,
};

use super::list::tag_text;
use super::scan::{Attempt, Subject, Wanted};
use super::{Front, Live, Past};
use crate::signals::Signal;
use crate::words::{Card, Facts, Place};

/// What this phone says of a ticket.
#[derive(Clone, Debug)]
pub struct Own {
    pub verdict: Verdict,
    pub facts: Facts,
    /// This ticket, if it is a ticket at all, and others of its party who may come in.
    this: Option<[u8; 8]>,
    others: Vec<[u8; 8]>,
}

impl Own {
    /// The tickets that change when so many are let through.
    pub fn tags(&self, admitted: u16) -> Vec<String> {
        let this = self.this.filter(|_| self.verdict.this || self.verdict.result != Outcome::Admitted);
        this.into_iter().chain(self.others.iter().copied()).take(admitted.into()).map(tag_text).collect()
    }
}

/// A row that is being written, and what is shown once it is.
#[derive(Debug)]
pub struct Written {
    attempt: Attempt,
    /// The steward has turned it away: nothing is shown.
    quietly: bool,
}

impl Live {
    /// The keys that codes may be signed with.
    pub(super) fn keys(&self) -> &[PublicKey] {
        match (&self.list, &self.device) {
            (Some(list), _) => &list.keys,
            (None, Some(device)) => &device.state.keys,
            _ => &[],
        }
    }

    /// Where and when words are said.
    pub(super) fn place(&self) -> Place {
        let device = self.device.as_ref().map(|device| &device.state);
        Place {
            gate: device.map(|device| device.gate.name.clone()).unwrap_or_default(),
            at: self.at(),
            zone: self.zone,
            waiting: self.queue.count(),
            event_end: device.map(|device| device.event.good_until),
        }
    }

    /// Judges by the list; `None` without one.
    pub(super) fn judge(&self, subject: &Subject, wanted: &Wanted) -> Option<Own> {
        let (list, device) = (self.list.as_ref()?, self.device.as_ref()?);
        let asked = Asked {
            direction: self.settings.direction,
            admit: wanted.admit,
            confirm: Some(wanted.confirm),
            force: wanted.force.is_some(),
            at: self.at(),
        };
        let world = World { event: &list.event, gate: Some(&device.state.gate), gates: &list.gates };
        let (verdict, row) = match &subject.shown {
            Err(reason) => (Verdict::rejected(*reason), None),
            Ok(shown) => {
                let row = match (shown, &subject.code, subject.ticket) {
                    (Shown::Signed(code), _, _) => list.row(code.ticket),
                    (Shown::Named, _, Some(ticket)) => list.row(ticket),
                    (Shown::Named, Some(code), None) => typed(code).and_then(|code| list.typed(&code)),
                    _ => None,
                };
                (judge(&world, shown, &list.known(row), &asked), row)
            }
        };
        let this = match (&subject.shown, row) {
            (_, Some(row)) => Some(row.tag),
            (Ok(Shown::Signed(code)), None) => Some(eventify_gate::tag_of(code.ticket)),
            _ => None,
        };
        let others = row.map(|row| list.others(row)).unwrap_or_default();
        Some(Own { facts: self.own_facts(&verdict, subject, row), verdict, this, others })
    }

    fn own_facts(&self, verdict: &Verdict, subject: &Subject, row: Option<&Row>) -> Facts {
        let list = self.list.as_ref();
        let entry =
            list.zip(row).zip(subject.shown.as_ref().ok()).and_then(|((list, row), shown)| list.entry(shown, row));
        // A name is told to whoever holds the ticket's present code.
        let is_told = !matches!(verdict.reason, Some(Reason::OldCode | Reason::WrongEvent | Reason::Invalid));
        let name = entry.as_ref().map(|entry| entry.name.clone()).filter(|name| is_told && !name.is_empty());
        let known = list.zip(row);
        let (party, inside) = known.map_or((1, 0), |(list, row)| list.party_of(row));
        let signed = match &subject.shown {
            Ok(Shown::Signed(code)) => list.and_then(|list| list.kind(code.ticket_type)),
            _ => None,
        };
        let kind = known.and_then(|(list, row)| list.kind_of(row)).or(signed).map(str::to_owned);
        let gate_name = |id: &uuid::Uuid| Some(list?.gates.iter().find(|gate| gate.id == *id)?.name.clone());
        Facts {
            result: verdict.result,
            reason: verdict.reason,
            by_server: false,
            is_in: self.settings.direction == Direction::In,
            name: name.or_else(|| subject.name.clone()),
            kind,
            party,
            inside: inside + if verdict.result == Outcome::Admitted { verdict.admits } else { 0 },
            admitted: verdict.admits,
            back_in: verdict.back_in,
            may_return: list.is_some_and(|list| list.event.reentry),
            forced: verdict.forced.is_some(),
            state: row.map(|row| row.state),
            first: row.and_then(|row| self.first_use(row)),
            note: entry.as_ref().and_then(|entry| entry.note.clone()),
            questions: entry.map(|entry| entry.answers).unwrap_or_default(),
            not_before: verdict.not_before,
            go_to: verdict.go_to.iter().filter_map(gate_name).collect(),
            due: None,
            other_event: None,
            unused_ticket: None,
            list_from: list.map(|list| list.made_at),
            unknown: verdict.unknown || verdict.reason == Some(Reason::NotInList),
            typed: subject.is_typed(),
        }
    }

    /// When and where a ticket was first used, as far as this phone knows.
    fn first_use(&self, row: &Row) -> Option<FirstScan> {
        let used = row.used?;
        let tag = tag_text(row.tag);
        let mine = self.queue.rows.iter().find(|kept| kept.admitted > 0 && kept.tags.contains(&tag));
        let gate = used.gate.and_then(|gate| self.list.as_ref()?.gate_name(gate)).map(str::to_owned);
        Some(FirstScan {
            at: mine.map_or(used.at, |mine| mine.at),
            gate: mine.and_then(|mine| mine.gate_name.clone()).or(gate),
            by: mine.and_then(|mine| mine.staff.clone()),
            device: None,
            same_device: mine.is_some(),
            offline: false,
        })
    }

    /// What the server says, in the form of the phone's own.
    pub(super) fn facts_of(&self, answer: &ScanAnswer, subject: &Subject) -> Facts {
        let attendee = answer.attendee.as_ref();
        Facts {
            result: answer.result,
            reason: answer.reason,
            by_server: true,
            is_in: answer.direction == Direction::In,
            name: attendee
                .and_then(|guest| guest.name.clone())
                .or_else(|| subject.name.clone().filter(|_| attendee.is_some())),
            kind: answer.ticket.as_ref().map(|ticket| ticket.ticket_type.clone()),
            party: attendee.map_or(1, |guest| guest.party),
            inside: attendee.map_or(0, |guest| guest.inside),
            admitted: answer.admitted,
            back_in: answer.back_in,
            may_return: answer.may_return,
            forced: answer.forced.is_some(),
            state: answer.ticket.as_ref().map(|ticket| ticket.status),
            first: answer.first_scan.clone(),
            note: answer.note.clone(),
            questions: answer.questions.iter().map(|one| (one.question.clone(), one.answer.clone())).collect(),
            not_before: answer.not_before,
            go_to: answer.go_to.iter().map(|gate| gate.name.clone()).collect(),
            due: answer.due.clone(),
            other_event: answer.other_event.clone(),
            unused_ticket: answer.unused_ticket,
            list_from: None,
            unknown: false,
            typed: subject.is_typed(),
        }
    }

    /// The phone decides: nothing is shown before its row is written.
    pub(super) fn decide(&mut self, mut attempt: Attempt) {
        let Some(own) = attempt.own.clone() else { return };
        let is_unknown = own.verdict.reason == Some(Reason::NotInList);
        if own.verdict.result == Outcome::Look || is_unknown && !attempt.wanted.confirm {
            return self.ask_steward(attempt.subject, own.facts, None);
        }
        let admitted = own.verdict.admits;
        let row = self.row(&attempt, own.verdict.result, own.verdict.reason, admitted, own.tags(admitted));
        attempt.is_writing = true;
        let id = self.keep(row);
        self.writing.insert(id, Written { attempt: attempt.clone(), quietly: false });
        self.front = Front::Asking(Box::new(attempt));
    }

    /// Recorded, and nothing is shown: the steward looked and did not admit.
    pub(super) fn record_looked_at(&mut self, subject: Subject, reason: Option<Reason>) {
        let (nonce, at) = (self.fresh_name(), self.at());
        let (device_time, since) = (Moment(self.now), self.mono);
        let wanted = Wanted::default();
        let attempt = Attempt { nonce, wanted, since, device_time, at, own: None, is_writing: true, subject };
        let row = self.row(&attempt, Outcome::Look, reason, 0, Vec::new());
        let id = self.keep(row);
        self.writing.insert(id, Written { attempt, quietly: true });
    }

    /// A row is on the disk, or is not.
    pub(super) fn stored(&mut self, id: u32, ok: bool) {
        if !ok {
            self.flags.full = true;
        }
        let Some(written) = self.writing.remove(&id) else { return };
        let nonce = written.attempt.nonce.clone();
        if !ok {
            // No verdict is given that could be lost.
            self.queue.rows.retain(|row| row.nonce != nonce);
            self.front = Front::Nothing;
            self.signal(Signal::Stop);
            return self.say("Storage full: stop scanning on this phone");
        }
        self.flags.full = false;
        if written.quietly {
            return;
        }
        let Some(own) = written.attempt.own.clone() else { return };
        let tags = own.tags(own.verdict.admits);
        self.show(&written.attempt, &own.facts, &tags, None);
    }

    /// Into the last scans; names stay in memory alone.
    pub(super) fn remember(
        &mut self,
        attempt: &Attempt,
        card: &Card,
        facts: &Facts,
        tags: &[String],
        answer: Option<&ScanAnswer>,
    ) {
        if let Some(name) = &facts.name {
            let more = if facts.admitted > 1 { format!(" + {}", facts.admitted - 1) } else { String::new() };
            self.names.insert(attempt.nonce.clone(), format!("{name}{more}"));
        }
        let short = attempt.subject.code.as_deref().and_then(typed).unwrap_or_default();
        let admitted = facts.result == Outcome::Admitted;
        self.past.push_front(Past {
            nonce: attempt.nonce.clone(),
            card: card.clone(),
            at: attempt.at,
            direction: self.settings.direction,
            checkin: answer.map(|answer| answer.checkin_id),
            undo_until: answer
                .map_or_else(|| admitted.then(|| attempt.at.plus(15 * 60_000)), |answer| answer.undo_until),
            undone: None,
            tags: tags.to_vec(),
            short,
        });
        self.past.truncate(20);
    }

    /// One more of those this phone let in.
    pub(super) fn count(&mut self, admitted: u16) {
        if self.settings.direction == Direction::Out {
            return;
        }
        self.tally.admitted += u32::from(admitted);
        self.tally.recent.extend(std::iter::repeat_n(self.now, admitted.into()));
        while self.tally.recent.len() > 300 {
            self.tally.recent.pop_front();
        }
        let value = serde_json::to_value(&self.tally).unwrap_or_default();
        self.put("kv", "tally".into(), value, &[]);
    }

    /// How many this phone let in within the last minute, as an average over three.
    pub(crate) fn per_minute(&self) -> u32 {
        let from = self.now - 180_000;
        let recent = self.tally.recent.iter().filter(|at| **at > from && **at <= self.now).count() as u32;
        recent.div_ceil(3)
    }

    /// The event and the gate, as they are known.
    pub(crate) fn here(&self) -> Option<(&EventFacts, &GateFacts)> {
        self.device.as_ref().map(|device| (&device.state.event, &device.state.gate))
    }
}
