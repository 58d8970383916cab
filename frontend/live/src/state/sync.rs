//! Keeping phone and server of one mind: the queue goes up, the list and the updates come down.

use eventify_gate::{Health, LiveUpdate, Moment, NewUpdate, SyncAnswer, SyncRequest, UpdateAudience};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::list::{Changed, List};
use super::network::{Answer, Purpose};
use super::opening::{Opening, Source, Step};
use super::{Live, Screen};
use crate::effect::Effect;

/// More changes than this are taken as a whole list.
pub(super) const MOST_DELTAS: usize = 200;
/// Updates that are kept.
const MOST_UPDATES: usize = 50;

/// Updates, and up to which they were read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct KeptUpdates {
    pub updates: Vec<LiveUpdate>,
    pub seen: i64,
}

/// What lists of updates answer.
#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<LiveUpdate>,
}

impl Live {
    /// Hands in what waits; with nothing waiting it is a sign of life.
    pub(super) fn send_queue(&mut self) {
        let scans = self.queue.take_next().into_iter().map(Into::into).collect();
        let request = SyncRequest { sent_at: Moment(self.now), scans, health: self.health(), event_id: None };
        self.network.busy = true;
        self.call(Purpose::Sync, "POST", "/live/sync", Some(&request));
    }

    pub(super) fn health(&self) -> Health {
        Health {
            battery: self.battery,
            app_version: Some(self.version.clone()).filter(|version| !version.is_empty()),
            queued: self.queue.count() as u32,
            refused: self.queue.unseen().count() as u32,
            storage_kept: self.persisted,
            manifest: self.list.as_ref().map(|list| list.version.clone()),
        }
    }

    pub(super) fn synced(&mut self, answer: &Answer) {
        self.network.busy = false;
        let Some(done) = answer.json::<SyncAnswer>() else {
            if let Some(nonce) = self.queue.not_answered(answer) {
                self.not_taken(&nonce);
                self.network.try_now();
            } else if self.queue.alone > 0 && answer.status < 500 {
                self.network.try_now();
            }
            return;
        };
        if let Some(nonce) = self.queue.went_well() {
            self.not_taken(&nonce);
        }
        // Half the way there and half the way back.
        self.network.server_ahead = done.now.0 + (answer.took / 2.0) as i64 - self.now;
        self.network.is_clock_known = true;
        self.settle(&done.scans);
        if let Some(state) = done.device {
            self.device_is(state);
        }
        if self.queue.count() > 0 && !done.scans.is_empty() {
            self.network.try_now();
        }
        if self.device.as_ref().is_some_and(|device| device.state.revoked) {
            if self.queue.count() == 0 {
                self.erase("This phone was removed from the event. Its scans were sent.");
            }
            return;
        }
        let known = self.list.as_ref().map(|list| list.version.clone());
        if known.is_none() || done.manifest.is_some() && done.manifest != known {
            self.fetch_list();
        }
        // As long as the stream stands, whatever changes is heard of.
        if !self.stream.stands() {
            self.fetch_updates();
        }
        self.send_reports();
    }

    /// The server says where the phone stands.
    fn device_is(&mut self, state: eventify_gate::DeviceState) {
        let Some(device) = &mut self.device else { return };
        if device.state.gate.id != state.gate.id {
            self.flags.moved = Some(state.gate.name.clone());
        }
        let day = 86_400_000;
        if device.state.event.start_at.0.div_euclid(day) != state.event.start_at.0.div_euclid(day) {
            self.flags.event_moved = Some(state.event.start_at);
        }
        self.flags.cancelled = state.event.cancelled;
        if device.state != state {
            device.state = state;
            let value = serde_json::to_value(&*device).unwrap_or(Value::Null);
            self.put("kv", "device".into(), value, &["token"]);
        }
    }

    /// Asks for the list: what has changed, or all of it.
    pub(super) fn fetch_list(&mut self) {
        let Some(device) = &self.device else { return };
        if self.opening.is_some() || self.asked.values().any(|purpose| matches!(purpose, Purpose::List { .. })) {
            return;
        }
        let since = self.list.as_ref().filter(|_| self.deltas < MOST_DELTAS).map(|list| list.version.clone());
        let path = match &since {
            Some(since) => format!("/live/manifest/{}?since={}", device.state.event.id, encoded(since)),
            None => format!("/live/manifest/{}", device.state.event.id),
        };
        self.call(Purpose::List { whole: since.is_none() }, "GET", &path, None::<&()>);
    }

    pub(super) fn list_came(&mut self, whole: bool, answer: &Answer) {
        if !answer.is_good() {
            return;
        }
        let changed = if whole { None } else { self.list.as_mut().and_then(|list| list.update(&answer.body)) };
        match changed {
            Some(Changed::Nothing) => {}
            Some(Changed::Tickets(tags)) => {
                self.out.push(Effect::PutText { key: format!("delta-{:04}", self.deltas) });
                self.deltas += 1;
                self.drop_known(&tags);
            }
            // Also where the server answered a whole list, for it no longer knows ours.
            None => {
                self.out.push(Effect::HoldText);
                return self.begin_opening(Opening::new(Source::Server { whole }, answer.body.clone(), Vec::new()));
            }
        }
        self.list_is_good();
    }

    /// Takes a list in, a slice at each wake.
    pub(super) fn begin_opening(&mut self, opening: Opening) {
        let short = opening.is_short();
        self.opening = Some(Box::new(opening));
        while short && self.opening.is_some() {
            self.open_more();
        }
    }

    /// One slice more of a list that is being opened.
    pub(super) fn open_more(&mut self) {
        let Some(opening) = self.opening.take() else { return };
        let keys = self.device.as_ref().map(|device| device.state.keys.clone()).unwrap_or_default();
        let (from, bytes) = (opening.from, opening.bytes);
        match opening.step(&keys) {
            Step::More(opening) => return self.opening = Some(Box::new(opening)),
            Step::Done(list, whole) => self.list_opened(*list, bytes, from, whole),
            Step::Bad => self.list_bad(from),
        }
        if let Some((code, by)) = self.held.take() {
            self.code(&code, by);
        }
    }

    fn list_opened(&mut self, list: List, bytes: usize, from: Source, whole: bool) {
        (self.list, self.list_bytes) = (Some(list), bytes);
        match from {
            Source::Kept => {
                if !whole {
                    // The next call asks for all of it.
                    self.deltas = MOST_DELTAS;
                }
                self.replay();
            }
            Source::Server { .. } => {
                for old in 0..self.deltas.min(MOST_DELTAS) {
                    self.out.push(Effect::Remove { store: "kv", key: format!("delta-{old:04}") });
                }
                self.deltas = 0;
                self.out.push(Effect::PutText { key: "list".into() });
                self.list_is_good();
            }
        }
    }

    fn list_bad(&mut self, from: Source) {
        match from {
            Source::Kept => self.flags.list_untested = true,
            Source::Server { whole } => {
                self.out.push(Effect::Complain { what: "the ticket list could not be read".into() });
                if !whole {
                    self.list_lost();
                }
            }
        }
    }

    fn list_is_good(&mut self) {
        self.flags.list_untested = false;
        if let Some(made_at) = self.list.as_ref().map(|list| list.made_at) {
            self.drop_done(made_at);
            self.replay();
        }
    }

    /// The changes do not continue our list: the next call asks for all of it.
    fn list_lost(&mut self) {
        self.deltas = MOST_DELTAS;
        self.fetch_list();
    }

    /// What this phone admitted and the list does not say yet.
    pub(super) fn replay(&mut self) {
        let Some(list) = &mut self.list else { return };
        for row in &self.queue.rows {
            if row.admitted == 0 || row.status == super::queue::Status::Refused {
                continue;
            }
            if let Some(code) = row.code.as_deref().and_then(eventify_gate::Code::read) {
                list.learn(&code);
            }
            list.mark(&row.tags, row.direction, row.at, row.gate);
        }
    }

    pub(super) fn fetch_updates(&mut self) {
        let Some(device) = &self.device else { return };
        let path = format!("/live/updates/{}?limit={MOST_UPDATES}", device.state.event.id);
        self.updates_again = self.asked.values().any(|purpose| *purpose == Purpose::Updates);
        if !self.updates_again {
            self.call(Purpose::Updates, "GET", &path, None::<&()>);
        }
    }

    pub(super) fn updates_came(&mut self, answer: &Answer) {
        if std::mem::take(&mut self.updates_again) && answer.is_good() {
            self.fetch_updates();
        }
        let Some(page) = answer.json::<Page>() else { return };
        let updates = page.items;
        let newest = updates.iter().map(|one| one.seq).max().unwrap_or(0);
        if self.screen == Screen::Updates {
            self.seen = self.seen.max(newest);
        }
        if updates != self.updates {
            let has_new =
                newest > self.updates.iter().map(|one| one.seq).max().unwrap_or(0) && !self.updates.is_empty();
            self.updates = updates;
            if has_new && self.screen != Screen::Updates {
                self.say("New update");
            }
            self.save_updates();
        }
    }

    pub(super) fn save_updates(&mut self) {
        let kept = KeptUpdates { updates: self.updates.clone(), seen: self.seen };
        let value = serde_json::json!({ "text": serde_json::to_string(&kept).unwrap_or_default() });
        self.put("kv", "updates".into(), value, &["text"]);
    }

    /// Reports go one after the other, oldest first.
    pub(super) fn send_reports(&mut self) {
        let Some(here) = self.device.as_ref().map(|device| device.state.event.id) else { return };
        let Some(report) = self.reports.first_mut().filter(|report| !report.sending) else { return };
        report.sending = true;
        let name = report.name.clone();
        let update = NewUpdate {
            event_id: Some(report.event.unwrap_or(here)),
            kind: report.kind,
            body: report.body.clone(),
            audience: UpdateAudience::Staff,
            pinned: false,
        };
        self.call_once(Purpose::Report, "/live/updates", &update, name);
    }

    pub(super) fn reported(&mut self, answer: &Answer) {
        if answer.is_good() {
            self.reports.remove(0);
            self.save_reports();
            self.mention("Sent to the control room");
            self.fetch_updates();
            self.send_reports();
        } else if let Some(report) = self.reports.first_mut() {
            report.sending = false;
            // What will never be taken holds up no other: it is said, and goes.
            if answer.ours && matches!(answer.status, 403 | 404 | 422) {
                let said = answer.trouble();
                self.reports.remove(0);
                self.save_reports();
                self.mention(&format!("Not sent: {said}"));
                self.send_reports();
            }
        }
    }

    pub(super) fn save_reports(&mut self) {
        let value = serde_json::json!({ "text": serde_json::to_string(&self.reports).unwrap_or_default() });
        self.put("kv", "reports".into(), value, &["text"]);
    }

    /// Everything of the event goes; what was not taken stays, until it was seen.
    pub(super) fn erase(&mut self, said: &str) {
        for key in ["device", "list", "updates", "tally"] {
            self.out.push(Effect::Remove { store: "kv", key: key.into() });
        }
        for delta in 0..self.deltas.min(MOST_DELTAS) {
            self.out.push(Effect::Remove { store: "kv", key: format!("delta-{delta:04}") });
        }
        (self.device, self.list, self.opening, self.deltas) = (None, None, None, 0);
        (self.updates, self.seen) = (Vec::new(), 0);
        self.past.clear();
        self.names.clear();
        self.tally = super::Tally::default();
        let done: Vec<String> = self
            .queue
            .rows
            .iter()
            .filter(|row| row.status == super::queue::Status::Done)
            .map(|row| row.nonce.clone())
            .collect();
        for nonce in done {
            self.forget(&nonce);
        }
        self.stream_anew(false);
        self.flags = super::promise::Flags::default();
        self.front = super::Front::Nothing;
        self.camera_off();
        self.screen = Screen::Pair;
        self.pair_said = Some(said.to_owned());
    }
}

/// As it stands in an address.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}
