//! Framed screens: the steward decides. None goes by itself, none admits by itself.

use eventify_gate::{Admit, Direction, DoorGuest, Force, Moment, Outcome, Reason};
use uuid::Uuid;

use super::scan::{Subject, Wanted};
use super::{Front, Live, Screen};
use crate::signals::Signal;
use crate::words::Facts;

/// After so long without a touch it is recorded as looked at, not admitted.
const LEFT: f64 = 60_000.0;

/// What the steward is asked.
#[derive(Debug)]
pub struct Frame {
    pub subject: Subject,
    pub facts: Facts,
    /// Those of the party who can be let in.
    pub total: u16,
    /// The number on the stepper.
    pub step: u16,
    /// Which answers were seen.
    pub ticks: Vec<bool>,
    pub since: f64,
    /// The server's record of it, if it was the server that asked.
    checkin: Option<Uuid>,
    /// The guest was found by name.
    pub is_found: bool,
}

impl Frame {
    /// A genuine code that this phone's list does not have.
    pub fn is_unknown(&self) -> bool {
        self.facts.reason == Some(Reason::NotInList)
    }
    /// There is something to read first.
    pub fn has_notes(&self) -> bool {
        self.facts.note.is_some() || !self.facts.questions.is_empty()
    }
    /// All there is to tick is ticked.
    pub fn may_admit(&self) -> bool {
        !self.is_unknown() && self.ticks.iter().all(|tick| *tick)
    }
    /// Showing the same code again lets one more of the party in.
    pub fn takes_again(&self, code: &str) -> bool {
        self.total > 1 && self.may_admit() && self.subject.code.as_deref() == Some(code)
    }
}

/// A supervisor is about to let in what was refused.
#[derive(Debug)]
pub struct Forcing {
    pub subject: Subject,
    pub card_name: Option<String>,
    /// What was wrong, in a line.
    pub wrong: String,
    pub reason: usize,
    /// Why, where none of the reasons fits.
    pub other: String,
    pub pin: String,
    pub said: Option<String>,
    /// The attempt that was never answered.
    again: Option<String>,
}

/// Why supervisors let in: label, and what has to be seen.
pub const REASONS: [(&str, &str); 4] = [
    ("Left without an exit scan", "Wristband or stamp seen"),
    ("Two guests showed one code", ""),
    ("Identity checked", "ID matches the ticket’s name"),
    ("Other: write why", ""),
];

impl Live {
    /// The steward has to look.
    pub(super) fn ask_steward(&mut self, subject: Subject, facts: Facts, checkin: Option<Uuid>) {
        let total = match facts.reason {
            Some(Reason::NotInside) | Some(Reason::NotInList) => 1,
            _ => facts.party.saturating_sub(facts.inside).max(1),
        };
        let ticks = vec![false; facts.questions.len()];
        self.signal(Signal::Look);
        let frame = Frame { subject, facts, total, step: 1, ticks, since: self.mono, checkin, is_found: false };
        self.front = Front::Frame(Box::new(frame));
        self.screen_is(Screen::Scan);
    }

    /// Somebody was found by name: the ticket is opened, nobody is let in yet.
    pub(super) fn open_found(&mut self, guest: &DoorGuest) {
        let facts = Facts {
            result: Outcome::Look,
            reason: None,
            by_server: true,
            is_in: self.settings.direction == Direction::In,
            name: guest.name.clone(),
            kind: Some(guest.ticket_type.clone()),
            party: guest.party,
            inside: guest.inside,
            admitted: 0,
            back_in: false,
            may_return: false,
            forced: false,
            state: Some(guest.status),
            first: None,
            note: None,
            questions: Vec::new(),
            not_before: None,
            go_to: Vec::new(),
            due: None,
            other_event: None,
            unused_ticket: None,
            list_from: None,
            unknown: false,
            typed: false,
        };
        let subject = Subject::found(guest.ticket_id, guest.name.clone());
        let frame = Frame {
            subject,
            facts,
            total: 1,
            step: 1,
            ticks: Vec::new(),
            since: self.mono,
            checkin: None,
            is_found: true,
        };
        self.front = Front::Frame(Box::new(frame));
        self.screen_is(Screen::Scan);
    }

    /// A ticket of the same order that was not used yet.
    pub(super) fn open_unused(&mut self) {
        let Front::Verdict(verdict) = &self.front else { return };
        let Some(ticket) = verdict.card.unused_ticket else { return };
        let wanted = Wanted::default();
        self.begin(Subject::found(ticket, None), wanted, None);
    }

    /// So many are let in.
    pub(super) fn frame_admit(&mut self, number: u16) {
        let Front::Frame(frame) = &self.front else { return };
        if !frame.may_admit() {
            return self.mention("Tick what you have seen first");
        }
        let Front::Frame(frame) = std::mem::take(&mut self.front) else { return };
        // Found by name: whatever there is to see of it comes first.
        let confirm = !frame.is_found;
        let admit = match (frame.total > 1, frame.is_found) {
            (true, _) => Some(Admit::Number(number.min(frame.total))),
            (false, true) => None,
            (false, false) => Some(Admit::One),
        };
        self.begin(frame.subject, Wanted { admit, confirm, force: None }, None);
    }

    /// Nobody is let in.
    pub(super) fn frame_leave(&mut self) {
        let Front::Frame(frame) = std::mem::take(&mut self.front) else { return };
        if frame.checkin.is_none() && !frame.is_found {
            let reason = frame.facts.reason;
            self.record_looked_at(frame.subject, reason);
        }
        self.say("Not admitted");
    }

    pub(super) fn frame_step(&mut self, by: i32) {
        if let Front::Frame(frame) = &mut self.front {
            let most = i32::from(frame.total.saturating_sub(1)).max(1);
            frame.step = (i32::from(frame.step) + by).clamp(1, most) as u16;
            frame.since = self.mono;
        }
    }

    pub(super) fn frame_tick(&mut self, at: &str) {
        if let Front::Frame(frame) = &mut self.front
            && let Some(tick) = at.parse().ok().and_then(|at: usize| frame.ticks.get_mut(at))
        {
            *tick = !*tick;
            frame.since = self.mono;
        }
    }

    /// A supervisor is asked, from a verdict or a frame.
    pub(super) fn ask_supervisor(&mut self) {
        let (subject, name, wrong) = match std::mem::take(&mut self.front) {
            Front::Verdict(verdict) => (verdict.subject, verdict.card.name, verdict.card.short),
            Front::Frame(frame) => (frame.subject, frame.facts.name, "not in this phone’s list".to_owned()),
            front => return self.front = front,
        };
        let (other, pin) = (String::new(), String::new());
        let forcing = Forcing { subject, card_name: name, wrong, reason: 0, other, pin, said: None, again: None };
        self.front = Front::Force(Box::new(forcing));
    }

    /// The supervisor's word was not taken, or was not heard.
    pub(super) fn back_to_forcing(&mut self, subject: Subject, reason: String, again: Option<String>, said: &str) {
        let at = REASONS.iter().position(|(label, _)| *label == reason).unwrap_or(REASONS.len() - 1);
        let other = if at == REASONS.len() - 1 { reason } else { String::new() };
        let card_name = self.past.front().and_then(|past| past.card.name.clone());
        let wrong = self.past.front().map(|past| past.card.short.clone()).unwrap_or_default();
        let (pin, said) = (String::new(), Some(said.to_owned()));
        self.front = Front::Force(Box::new(Forcing { subject, card_name, wrong, reason: at, other, pin, said, again }));
        self.signal(Signal::Low);
    }

    /// This phone was paired as a supervisor's: it needs no PIN.
    pub(crate) fn is_supervisor(&self) -> bool {
        self.device.as_ref().is_some_and(|device| device.state.supervisor)
    }

    /// Held long enough.
    pub(super) fn force(&mut self) {
        let (is_supervisor, is_online) = (self.is_supervisor(), self.network.is_online());
        let Front::Force(forcing) = &mut self.front else { return };
        let other = forcing.other.trim().to_owned();
        let reason = if forcing.reason == REASONS.len() - 1 { other } else { REASONS[forcing.reason].0.to_owned() };
        let said = if reason.chars().count() < 3 {
            Some("Write why, in a few words")
        } else if !is_supervisor && !is_online {
            Some("A PIN can only be checked online. Call the control room")
        } else if !is_supervisor && forcing.pin.len() < 4 {
            Some("Enter the supervisor PIN: 4 to 12 digits")
        } else {
            None
        };
        if let Some(said) = said {
            forcing.said = Some(said.to_owned());
            return self.say(said);
        }
        let pin = (!is_supervisor).then(|| forcing.pin.clone());
        let Front::Force(forcing) = std::mem::take(&mut self.front) else { return };
        let wanted = Wanted { admit: None, confirm: true, force: Some(Force { reason, pin }) };
        self.begin(forcing.subject, wanted, forcing.again);
    }

    pub(super) fn pass_frame(&mut self) {
        if let Front::Frame(frame) = &self.front
            && self.mono - frame.since >= LEFT
        {
            self.frame_leave();
        }
    }

    pub(super) fn wake_frame(&self) -> Option<f64> {
        match &self.front {
            Front::Frame(frame) => Some(frame.since + LEFT),
            _ => None,
        }
    }
}

/// When an admission can no longer be taken back.
pub fn undo_is_over(until: Option<Moment>, at: Moment) -> bool {
    until.is_none_or(|until| at >= until)
}
