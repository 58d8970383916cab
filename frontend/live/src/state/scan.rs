//! From a code in view to a verdict: the server is asked with the phone's own verdict ready.

use eventify_gate::{
    Admit, Force, Moment, Outcome, PAIRING_PREFIX, Reason, ScanAnswer, ScanRequest, Shown, read, typed,
};
use uuid::Uuid;

use super::decide::Own;
use super::network::{Answer, Purpose};
use super::queue::{Status, StoredScan};
use super::{Front, Live, Screen, Verdict};
use crate::effect::Effect;
use crate::event::{By, Camera};
use crate::signals::Signal;
use crate::words::{Facts, card};

/// A code is read again when it was gone for so long.
const GONE: f64 = 2_000.0;
/// The same for a hand-held scanner, whose trigger somebody pulls.
const GONE_BY_HAND: f64 = 1_000.0;
/// A green screen gives way to the next code from then on.
const GREEN: f64 = 400.0;
/// Any other from then on, so that nobody walks on the next one's green.
pub const REFUSED: f64 = 3_000.0;
/// A green screen goes by itself after that.
pub const RUNS: f64 = 2_500.0;
/// The question to the server is spoken of from then on.
pub const CHECKING: f64 = 250.0;
/// How long the phone waits for the server, where the event does not say.
const DECIDE: u32 = 1_500;

/// What is in front of the camera.
#[derive(Debug, Default)]
pub struct InView {
    text: String,
    last: f64,
}

impl InView {
    fn is(&self, text: &str) -> bool {
        self.text == text
    }
    /// Whether a code is new in view; it stays in view by being seen.
    fn take(&mut self, text: &str, by: By, mono: f64) -> bool {
        let gone = if by == By::Camera { GONE } else { GONE_BY_HAND };
        let is_new = by == By::Typed || !self.is(text) || mono - self.last >= gone;
        (self.text, self.last) = (text.to_owned(), mono);
        is_new
    }
}

/// What was shown at the gate.
#[derive(Clone, Debug)]
pub struct Subject {
    /// As it was scanned or typed.
    pub code: Option<String>,
    /// Instead of a code: a ticket that was found by name.
    pub ticket: Option<Uuid>,
    /// As this phone reads it: what it is, or why it is nothing.
    pub shown: Result<Shown, Reason>,
    /// The guest's name, where it is known otherwise.
    pub name: Option<String>,
}

impl Subject {
    /// A ticket that was found by name.
    pub fn found(ticket: Uuid, name: Option<String>) -> Self {
        Self { code: None, ticket: Some(ticket), shown: Ok(Shown::Named), name }
    }

    /// Whether it is a short code, as people type them.
    pub fn is_typed(&self) -> bool {
        self.code.as_deref().is_some_and(|code| typed(code).is_some())
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub admit: Option<Admit>,
    /// The steward has seen what there is to see.
    pub confirm: bool,
    pub force: Option<Force>,
}

/// A question that is on its way.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub nonce: String,
    pub subject: Subject,
    pub wanted: Wanted,
    /// By the page's clock.
    pub since: f64,
    pub device_time: Moment,
    pub at: Moment,
    /// What this phone would say; nothing without a list.
    pub own: Option<Own>,
    /// The server does not answer in time: its row is being written.
    pub is_writing: bool,
}

/// Whether an answer says what is wrong with the question, so that asking the phone instead would be no answer to it.
fn is_said(status: u16, forced: bool) -> bool {
    matches!(status, 400 | 403 | 404 | 409 | 422) || forced && status == 429
}

impl Live {
    /// A code came, from wherever.
    pub(super) fn code(&mut self, text: &str, by: By) {
        let readings = if by == By::Wedge { crate::wedge::readings(text) } else { vec![text.trim().to_owned()] };
        if self.device.is_none() || self.flags.expired && readings.iter().any(|one| one.starts_with(PAIRING_PREFIX)) {
            if by != By::Camera || self.in_view.take(text, by, self.mono) {
                self.pair_with(readings.first().map_or(text, String::as_str));
            }
            return;
        }
        if self.list.is_none() && self.opening.is_some() {
            // Half a second: then it is judged by the list.
            self.held = Some((text.to_owned(), by));
            return;
        }
        let Some(text) = self.likeliest(&readings) else {
            self.signal(Signal::Low);
            return self.mention("Scanner uses another keyboard layout");
        };
        let is_same = self.in_view.is(&text);
        if self.is_guarded() && !is_same || !self.in_view.take(&text, by, self.mono) {
            return;
        }
        if text.starts_with(PAIRING_PREFIX) {
            return self.mention("This is a pairing code. This phone is paired already");
        }
        if self.is_guarded() {
            return;
        }
        match &self.front {
            Front::Frame(frame) if frame.takes_again(&text) => self.frame_admit(1),
            Front::Frame(_) | Front::Force(_) => {
                self.signal(Signal::Low);
                self.mention("Finish this one first");
            }
            Front::Asking(_) => self.signal(Signal::Low),
            Front::Nothing | Front::Verdict(_) => {
                let subject = self.subject(text);
                self.begin(subject, Wanted::default(), None);
            }
        }
    }

    /// The reading that one of our keys has signed; else the first.
    fn likeliest(&self, readings: &[String]) -> Option<String> {
        let genuine = |text: &&String| read(text, self.keys(), self.at()).is_ok();
        readings.iter().find(genuine).or(readings.first()).cloned()
    }

    /// What is on the screen must be seen before the next code counts.
    fn is_guarded(&self) -> bool {
        let Front::Verdict(verdict) = &self.front else { return false };
        let age = self.mono - verdict.since;
        age < if verdict.card.runs { GREEN } else { REFUSED }
    }

    pub(super) fn subject(&self, code: String) -> Subject {
        let shown = match read(&code, self.keys(), self.at()) {
            Ok(code) => Ok(Shown::Signed(code)),
            Err(Reason::Invalid) if typed(&code).is_some() => Ok(Shown::Named),
            Err(reason) => Err(reason),
        };
        Subject { code: Some(code), ticket: None, shown, name: None }
    }

    /// Starts an attempt; with the name of one that was never answered, it is that one again.
    pub(super) fn begin(&mut self, subject: Subject, wanted: Wanted, again: Option<String>) {
        let Some(gate) = self.device.as_ref().map(|device| device.state.gate.id) else { return };
        self.last_scan = self.mono;
        // A PIN is checked by the server alone.
        let needs_server = wanted.force.as_ref().is_some_and(|force| force.pin.is_some());
        let own = if needs_server { None } else { self.judge(&subject, &wanted) };
        let attempt = Attempt {
            nonce: again.unwrap_or_else(|| self.fresh_name()),
            wanted,
            since: self.mono,
            device_time: Moment(self.now),
            at: self.at(),
            own,
            is_writing: false,
            subject,
        };
        // Where nobody knows yet whether the server answers, it is asked.
        if self.network.offline_since().is_some() && attempt.own.is_some() {
            return self.decide(attempt);
        }
        let request = ScanRequest {
            code: attempt.subject.code.clone(),
            ticket: attempt.subject.ticket,
            gate: Some(gate.to_string()),
            direction: self.settings.direction,
            nonce: attempt.nonce.clone(),
            device_time: Some(attempt.device_time),
            admit: attempt.wanted.admit,
            confirm: Some(attempt.wanted.confirm),
            force: attempt.wanted.force.clone(),
            health: None,
        };
        let purpose = Purpose::Scan { nonce: attempt.nonce.clone() };
        self.front = Front::Asking(Box::new(attempt));
        self.call(purpose, "POST", "/tickets/scan", Some(&request));
    }

    /// How long the phone waits for the server.
    pub(crate) fn decide_after(&self) -> f64 {
        f64::from(self.list.as_ref().map_or(DECIDE, |list| list.event.decide_ms))
    }

    pub(super) fn scan_answered(&mut self, nonce: &str, answer: &Answer) {
        let parsed = answer.json::<ScanAnswer>();
        let waits = matches!(&self.front, Front::Asking(attempt) if attempt.nonce == nonce && !attempt.is_writing);
        if !waits {
            // Too late: nothing that was shown is painted over.
            if let Some(answer) = parsed {
                self.settle_late(nonce, &answer);
            }
            return;
        }
        let Front::Asking(attempt) = std::mem::take(&mut self.front) else { return };
        match parsed {
            Some(answer) => self.server_said(*attempt, answer),
            None if answer.ours && is_said(answer.status, attempt.wanted.force.is_some()) => {
                let said = answer.trouble();
                self.not_done(*attempt, &said, false);
            }
            None => self.decide_or_say(*attempt),
        }
    }

    fn server_said(&mut self, attempt: Attempt, answer: ScanAnswer) {
        let facts = self.facts_of(&answer, &attempt.subject);
        // By the server's word where the phone knows the ticket too, the same tickets change in its list.
        let tags = attempt.own.as_ref().map(|own| own.tags(answer.admitted)).unwrap_or_default();
        if answer.result == Outcome::Look {
            return self.ask_steward(attempt.subject, facts, Some(answer.checkin_id));
        }
        if answer.result == Outcome::Admitted {
            let mut row = self.row(&attempt, facts.result, facts.reason, answer.admitted, tags.clone());
            row.status = Status::Done;
            (row.code, row.staff, row.force_reason) = (None, None, None);
            self.keep(row);
        }
        self.show(&attempt, &facts, &tags, Some(&answer));
    }

    /// Without an answer: the phone decides, where it can.
    pub(super) fn decide_or_say(&mut self, attempt: Attempt) {
        if attempt.own.is_some() && attempt.subject.code.is_some() {
            return self.decide(attempt);
        }
        let said = match (&attempt.wanted.force, self.list.is_none()) {
            (Some(_), _) => "No answer from the server. A PIN can only be checked online",
            (_, true) => "No answer, and no ticket list on this phone yet",
            _ => "No answer from the server. A guest found by name can only be admitted online",
        };
        self.not_done(attempt, said, true);
    }

    /// Nothing was decided: back to where it was asked for.
    fn not_done(&mut self, attempt: Attempt, said: &str, is_open: bool) {
        // Where nobody knows whether the server heard it, asking again must be the same attempt.
        let again = is_open.then(|| attempt.nonce.clone());
        if let Some(force) = attempt.wanted.force {
            self.back_to_forcing(attempt.subject, force.reason, again, said);
        } else {
            self.front = Front::Nothing;
            self.signal(Signal::Low);
            self.mention(said);
        }
    }

    /// Puts a verdict on the screen, in the list of last scans and into the ticket list.
    pub(super) fn show(&mut self, attempt: &Attempt, facts: &Facts, tags: &[String], answer: Option<&ScanAnswer>) {
        let mut card = card(facts, &self.place());
        if facts.result == Outcome::Admitted {
            let gate = self.device.as_ref().map(|device| device.state.gate.id);
            if let Some(list) = &mut self.list {
                if let Ok(Shown::Signed(code)) = &attempt.subject.shown {
                    list.learn(code);
                }
                list.mark(tags, self.settings.direction, attempt.at, gate);
            }
            self.count(facts.admitted.max(1));
        }
        // A supervisor may let in what the phone, or the server, refused; only online, or as supervisor.
        card.can_force &= facts.result == Outcome::Rejected;
        self.remember(attempt, &card, facts, tags, answer);
        self.signal(card.signal);
        let runs = card.runs;
        let verdict =
            Verdict { card, nonce: attempt.nonce.clone(), since: self.mono, runs, subject: attempt.subject.clone() };
        self.front = Front::Verdict(Box::new(verdict));
        self.screen_is(Screen::Scan);
    }

    /// A row of what happened.
    pub(super) fn row(
        &self,
        attempt: &Attempt,
        result: Outcome,
        reason: Option<Reason>,
        admitted: u16,
        tags: Vec<String>,
    ) -> StoredScan {
        let device = self.device.as_ref().map(|device| &device.state);
        let staff = Some(self.settings.staff.clone()).filter(|name| !name.is_empty());
        StoredScan {
            nonce: attempt.nonce.clone(),
            code: attempt.subject.code.as_ref().map(|code| code.chars().take(4000).collect()),
            gate: device.map(|device| device.gate.id),
            gate_name: device.map(|device| device.gate.name.clone()),
            direction: self.settings.direction,
            device_time: attempt.device_time,
            at: attempt.at,
            result,
            reason,
            admitted,
            admit: attempt.wanted.admit,
            staff,
            forced: attempt.own.as_ref().and_then(|own| own.verdict.forced),
            force_reason: attempt.wanted.force.as_ref().map(|force| force.reason.clone()),
            device: device.map(|device| device.id),
            tags,
            kind: attempt.own.as_ref().and_then(|own| own.facts.kind.clone()),
            status: Status::Waiting,
            why: None,
        }
    }

    pub(super) fn pass_scan(&mut self) {
        let limit = self.decide_after();
        let mono = self.mono;
        match &self.front {
            Front::Asking(attempt) if !attempt.is_writing && mono - attempt.since >= limit => {
                let Front::Asking(attempt) = std::mem::take(&mut self.front) else { return };
                self.decide_or_say(*attempt);
            }
            Front::Verdict(verdict) if verdict.runs && mono - verdict.since >= RUNS => self.front = Front::Nothing,
            _ => {}
        }
    }

    pub(super) fn wake_scan(&self) -> Option<f64> {
        let after = |since: f64, times: [f64; 2]| times.into_iter().map(|time| since + time).find(|at| *at > self.mono);
        match &self.front {
            Front::Asking(attempt) if !attempt.is_writing => after(attempt.since, [CHECKING, self.decide_after()]),
            Front::Verdict(verdict) if verdict.runs => Some(verdict.since + RUNS),
            Front::Verdict(verdict) => after(verdict.since, [REFUSED, REFUSED]),
            _ => None,
        }
    }

    /// Scanning turns the camera on, everything else turns it off.
    pub(super) fn screen_is(&mut self, screen: Screen) {
        if self.screen == screen {
            return;
        }
        let (was, is) = (self.screen == Screen::Scan, screen == Screen::Scan);
        self.screen = screen;
        self.form = super::Form::default();
        if is {
            self.camera_on();
        } else if was || self.camera == Camera::On {
            self.camera_off();
        }
    }

    pub(super) fn camera_on(&mut self) {
        if self.camera != Camera::None {
            self.camera = Camera::Starting;
            self.out.push(Effect::CameraOn { id: self.settings.camera.clone() });
        }
    }

    pub(super) fn camera_off(&mut self) {
        if matches!(self.camera, Camera::On | Camera::Starting) {
            self.camera = Camera::Off;
        }
        self.out.push(Effect::CameraOff);
    }
}
