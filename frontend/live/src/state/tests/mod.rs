//! The app without a browser: events in, effects out.

mod door;
mod network;
mod scans;

use ed25519_dalek::{Signer, SigningKey};
use eventify_gate::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::promise::Tone;
use super::queue::Status;
use super::*;
use crate::effect::Effect;
use crate::event::{Boot, By, Camera, Envelope, Event};

const NOW: i64 = 1_790_000_000_000;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n << 64 | n)
}

/// A phone at Gate A of an event with three tickets, two of them a party.
struct Phone {
    live: Live,
    key: SigningKey,
    now: i64,
    names: u32,
    /// What was to be done and was not looked at yet.
    effects: Vec<Effect>,
}

fn event_facts() -> EventFacts {
    EventFacts {
        id: id(1),
        title: "Monsoon Static".into(),
        start_at: Moment(NOW),
        end_at: Moment(NOW + 6 * 3_600_000),
        timezone: "Asia/Kolkata".into(),
        good_from: Moment(NOW - 3 * 3_600_000),
        good_until: Moment(NOW + 9 * 3_600_000),
        cancelled: false,
        reentry: true,
        offline_unknown: true,
        decide_ms: 1500,
    }
}

fn gate(n: u128, name: &str, types: Vec<Uuid>) -> GateFacts {
    GateFacts {
        id: id(n),
        name: name.into(),
        direction: GateWay::Both,
        types,
        opens_at: None,
        closes_at: None,
        adds_guests: false,
    }
}

impl Phone {
    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }
    fn gates() -> Vec<GateFacts> {
        vec![gate(50, "Gate A", vec![id(10)]), gate(51, "Gate C", vec![id(11)])]
    }
    fn keys(key: &SigningKey) -> Vec<PublicKey> {
        vec![PublicKey::new(id(90), key.verifying_key().as_bytes(), Moment(NOW + 365 * 86_400_000))]
    }
    fn state(key: &SigningKey) -> DeviceState {
        DeviceState {
            id: id(70),
            name: "Phone 7".into(),
            supervisor: false,
            event: event_facts(),
            gate: Self::gates().remove(0),
            gates: Self::gates(),
            keys: Self::keys(key),
            revoked: false,
            now: Moment(NOW),
        }
    }

    fn code(&self, ticket: u128, kind: u128, generation: u32) -> String {
        self.signed(id(1), ticket, kind, generation)
    }
    fn signed(&self, event: Uuid, ticket: u128, kind: u128, generation: u32) -> String {
        let code = Code {
            key: id(90),
            event,
            ticket: id(ticket),
            ticket_type: id(kind),
            generation,
            valid_from: 0,
            valid_until: i64::MAX,
            secret: [ticket as u8; SECRET],
        };
        code.text(&self.key.sign(&code.body()).to_bytes())
    }

    fn row(ticket: u128, kind: usize, state: State, party: bool) -> Row {
        let secret = [ticket as u8; SECRET];
        let entry = Entry { name: format!("Guest {ticket}"), note: None, answers: Vec::new() };
        Row {
            tag: tag_of(id(ticket)),
            mark: mark_of(id(1), &format!("ABCDEFGH{ticket}")),
            generation: 2,
            ticket_type: kind,
            state,
            cancelled: false,
            blocked: false,
            unpaid: false,
            look: false,
            party: party.then_some([1; 4]),
            used: None,
            sealed: seal(&secret, id(ticket), 2, &entry),
        }
    }

    fn manifest(key: &SigningKey, version: &str, since: Option<&str>, rows: &[Row]) -> String {
        let mut body = ManifestBody {
            beyond: 0,
            event: event_facts(),
            version: version.into(),
            since: since.map(str::to_owned),
            made_at: Moment(NOW),
            keys: Self::keys(key),
            gates: Self::gates(),
            types: vec![
                TypeFacts { id: id(10), name: "General".into() },
                TypeFacts { id: id(11), name: "Terrace".into() },
            ],
            count: 0,
            rows: String::new(),
        };
        body.set_rows(rows);
        let manifest = Manifest::signed(&body, id(90), |bytes| key.sign(bytes).to_bytes().to_vec());
        serde_json::to_string(&manifest).unwrap()
    }

    fn list(key: &SigningKey) -> String {
        let rows = [
            Self::row(20, 0, State::Issued, false),
            Self::row(21, 0, State::Issued, true),
            Self::row(22, 0, State::Issued, true),
            Self::row(23, 1, State::Issued, false),
            Self::row(24, 0, State::Refunded, false),
        ];
        Self::manifest(key, "v1", None, &rows)
    }

    /// Restarted, with what it had kept.
    fn start(scans: Vec<queue::StoredScan>) -> Self {
        let key = Self::key();
        let device = json!({ "token": "evd_x", "state": Self::state(&key) });
        let names = 100 * scans.len() as u32;
        let boot = Boot { device: Some(device), scans, camera: true, ..Boot::default() };
        let mut phone = Self { live: Live::default(), now: NOW, names, effects: Vec::new(), key };
        let list = Self::list(&phone.key);
        phone.tell_with(Event::Boot(Box::new(boot)), Some(list));
        phone
    }

    /// At the gate, without a network.
    fn offline() -> Self {
        let mut phone = Self::start(Vec::new());
        let sync = phone.fetch("/live/sync");
        phone.answer(sync, 0, "");
        phone
    }

    /// At the gate, with the server answering.
    fn online() -> Self {
        let mut phone = Self::start(Vec::new());
        phone.sync(&[]);
        phone
    }

    fn tell_with(&mut self, event: Event, text: Option<String>) {
        self.names += 1;
        let envelope = Envelope {
            now: self.now,
            mono: (self.now - NOW) as f64 + 1000.0,
            zone: 330,
            fresh: format!("n{}", self.names),
            event,
        };
        self.effects.extend(self.live.handle(envelope, text));
    }
    fn tell(&mut self, event: Event) {
        self.tell_with(event, None);
    }
    fn tap(&mut self, act: &str, arg: &str) {
        self.tell(Event::Tap { act: act.into(), arg: arg.into() });
    }
    fn pass(&mut self, ms: i64) {
        self.now += ms;
        self.tell(Event::Wake);
    }
    fn scan(&mut self, code: &str) {
        self.tell(Event::Code { text: code.into(), by: By::Camera });
    }
    /// Writes all rows down.
    fn store(&mut self, ok: bool) {
        let ids: Vec<u32> = self
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Put { id, store: "scans", .. } => Some(*id),
                _ => None,
            })
            .collect();
        self.effects.retain(|effect| !matches!(effect, Effect::Put { store: "scans", .. }));
        for id in ids {
            self.tell(Event::Stored { id, ok });
        }
    }
    /// The call to that address, with its body.
    fn fetched(&mut self, path: &str) -> (u32, Value) {
        let at = self
            .effects
            .iter()
            .rposition(|effect| matches!(effect, Effect::Fetch { path: one, .. } if one.contains(path)));
        let at = at.unwrap_or_else(|| panic!("{path} was not called: {:?}", self.effects));
        match self.effects.remove(at) {
            Effect::Fetch { id, body, .. } => (id, body.unwrap_or_default()),
            _ => unreachable!(),
        }
    }
    fn fetch(&mut self, path: &str) -> u32 {
        self.fetched(path).0
    }
    fn answer(&mut self, id: u32, status: u16, body: &str) {
        let ours = status != 0;
        self.tell_with(Event::Answer { id, status, ours, took: 40.0 }, ours.then(|| body.to_owned()));
    }
    fn sync(&mut self, scans: &[SyncedScan]) -> Value {
        let (id, body) = self.fetched("/live/sync");
        let answer = SyncAnswer {
            now: Moment(self.now),
            clock_ahead_ms: 0,
            scans: scans.to_vec(),
            device: Some(Self::state(&self.key)),
            manifest: Some("v1".into()),
        };
        self.answer(id, 200, &serde_json::to_string(&answer).unwrap());
        body
    }
    fn html(&self) -> String {
        crate::view::page(&self.live).into_string()
    }
    fn sees(&self, words: &str) {
        assert!(self.html().contains(words), "{words:?} is not on: {}", self.html());
    }
    fn title(&self) -> &str {
        match &self.live.front {
            Front::Verdict(verdict) => &verdict.card.title,
            _ => "",
        }
    }
    /// Scans offline and answers the verdict's title.
    fn verdict(&mut self, code: &str) -> String {
        self.pass(10_000);
        self.no_answer();
        self.scan(code);
        self.store(true);
        self.title().to_owned()
    }
    /// Whatever the server was asked, it does not answer.
    fn no_answer(&mut self) {
        while self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Fetch { path, .. } if path.contains("/live/sync")))
        {
            let call = self.fetch("/live/sync");
            self.answer(call, 0, "");
        }
    }
}

fn answered(phone: &Phone, ticket: u128, result: &str, reason: Option<&str>) -> String {
    json!({
        "result": result, "reason": reason, "checkin_id": id(99), "event_id": id(1), "direction": "in",
        "gate": { "id": id(50), "name": "Gate A" }, "at": Moment(phone.now),
        "ticket": { "id": id(ticket), "ticket_type_id": id(10), "ticket_type": "General", "generation": 2, "status": "inside" },
        "attendee": { "id": id(200), "name": "Rehana Sethi", "party": 1, "inside": 1 },
        "admitted": u8::from(result == "admitted"), "back_in": false, "may_return": true, "forced": null, "first_scan": null,
        "note": null, "questions": [], "not_before": null, "go_to": [], "due": null, "other_event": null,
        "unused_ticket": null, "undo_until": Moment(phone.now + 900_000),
    })
    .to_string()
}
