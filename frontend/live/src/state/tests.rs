//! The app without a browser: events in, effects out.

use ed25519_dalek::{Signer, SigningKey};
use eventify_gate::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::promise::Tone;
use super::queue::Status;
use super::*;
use crate::effect::Effect;
use crate::event::{Boot, By, Envelope, Event};

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
    fn start(scans: Vec<queue::Kept>) -> Self {
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
        while self.effects.iter().any(|effect| matches!(effect, Effect::Fetch { path, .. } if path.contains("/live/sync"))) {
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

#[test]
fn without_a_network_the_phone_decides_and_each_verdict_says_why() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    assert_eq!(phone.verdict(&good), "Admitted");
    phone.sees("Guest 20");
    phone.sees("Offline: will be checked later.");
    assert_eq!(phone.verdict(&good), "Already used");
    phone.sees("10 seconds ago, on this phone. Do not admit yet.");
    let forged = format!("{}A", &good[..good.len() - 1]);
    let forged = if forged == good { format!("{}B", &good[..good.len() - 1]) } else { forged };
    assert_eq!(phone.verdict(&forged), "Stop");
    phone.sees("Not one of our tickets");
    let other = phone.signed(id(2), 20, 10, 2);
    assert_eq!(phone.verdict(&other), "Stop");
    phone.sees("Ticket for another event");
    let wrong_gate = phone.code(23, 11, 2);
    assert_eq!(phone.verdict(&wrong_gate), "Go to Gate C");
    let old = phone.code(20, 10, 1);
    assert_eq!(phone.verdict(&old), "Stop");
    phone.sees("Old code: this ticket has a newer one");
    assert!(!phone.html().contains("Guest 20"), "no name with an old code");
    let refunded = phone.code(24, 10, 2);
    assert_eq!(phone.verdict(&refunded), "Stop");
    phone.sees("Ticket was refunded");
    let unknown = phone.code(30, 10, 1);
    assert_eq!(phone.verdict(&unknown), "Admitted", "genuine, and the event lets unknown ones in");
    assert_eq!(phone.verdict(&unknown), "Already used", "and only once");
    assert_eq!(phone.live.queue.count(), 9, "every attempt waits for the server");
}

#[test]
fn two_guests_of_a_party_are_not_taken_for_each_other_and_one_code_may_show_all() {
    let mut phone = Phone::offline();
    let (first, second) = (phone.code(21, 10, 2), phone.code(22, 10, 2));
    phone.scan(&first);
    phone.sees("2 to admit");
    phone.tap("admit", "1");
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");
    assert_eq!(phone.verdict(&second), "Admitted");
    assert_eq!(phone.verdict(&second), "Already used");

    let mut phone = Phone::offline();
    phone.scan(&first);
    phone.tap("admit", "2");
    phone.store(true);
    phone.sees("2 persons");
    assert_eq!(phone.verdict(&second), "Already used");
}

#[test]
fn a_party_shown_again_admits_one_and_a_frame_never_admits_by_itself() {
    let mut phone = Phone::offline();
    let (first, other) = (phone.code(21, 10, 2), phone.code(20, 10, 2));
    phone.scan(&first);
    phone.pass(1_000);
    phone.scan(&other);
    phone.sees("2 to admit");
    phone.pass(2_500);
    phone.scan(&first);
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");

    let mut phone = Phone::offline();
    phone.scan(&first);
    phone.pass(60_000);
    assert!(matches!(phone.live.front, Front::Nothing));
    let row = phone.live.queue.rows.first().unwrap();
    assert_eq!((row.result, row.admitted), (Outcome::Look, 0), "looked at, not admitted");
}

#[test]
fn the_server_is_asked_and_the_phone_decides_when_it_is_late() {
    let mut phone = Phone::online();
    let good = phone.code(20, 10, 2);
    phone.scan(&good);
    let (call, body) = phone.fetched("/tickets/scan");
    assert_eq!(body["confirm"], false);
    phone.pass(300);
    phone.sees("Checking");
    let admitted = answered(&phone, 20, "admitted", None);
    phone.answer(call, 200, &admitted);
    assert_eq!(phone.title(), "Admitted");
    phone.sees("Rehana Sethi");
    assert_eq!(phone.live.queue.count(), 0);

    // The next answer is late: the phone's own verdict stands, and the same attempt is queued.
    phone.pass(5_000);
    let party = phone.code(24, 10, 2);
    phone.scan(&party);
    let (call, body) = phone.fetched("/tickets/scan");
    phone.pass(1_500);
    phone.store(true);
    assert_eq!(phone.title(), "Stop");
    assert_eq!(phone.live.queue.waiting().next().unwrap().nonce, body["nonce"]);
    let late = answered(&phone, 24, "admitted", None);
    phone.answer(call, 200, &late);
    assert_eq!(phone.title(), "Stop", "nothing that was shown is painted over");
    assert_eq!(phone.live.queue.count(), 1, "the server will be told what happened");
    let same = answered(&phone, 24, "rejected", Some("revoked"));
    let row = phone.live.queue.waiting().next().unwrap().nonce.clone();
    phone.live.settle_late(&row, &serde_json::from_str(&same).unwrap());
    assert_eq!(phone.live.queue.count(), 0, "an answer that agrees settles it");
}

#[test]
fn a_disk_that_is_full_gives_no_verdict() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.scan(&good);
    assert_eq!(phone.title(), "", "no verdict before its row is written");
    phone.store(false);
    assert_eq!(phone.title(), "");
    assert_eq!(phone.live.promise().line, "Storage full: stop scanning on this phone");
    assert_eq!(phone.live.queue.count(), 0);
}

#[test]
fn the_queue_drains_once_and_what_was_not_taken_stays_until_seen() {
    let mut phone = Phone::offline();
    for (ticket, kind) in [(20, 10), (24, 10), (30, 10)] {
        let code = phone.code(ticket, kind, 2);
        phone.verdict(&code);
    }
    phone.pass(60_000);
    let nonces: Vec<String> = phone.live.queue.waiting().map(|row| row.nonce.clone()).collect();
    let settled = |nonce: &String, outcome, reason| SyncedScan {
        nonce: nonce.clone(),
        outcome,
        reason,
        checkin_id: Some(id(99)),
        conflict_id: None,
        repeated: false,
        first_scan: None,
    };
    let body = phone.sync(&[
        settled(&nonces[0], SyncOutcome::Accepted, None),
        settled(&nonces[1], SyncOutcome::Conflict, None),
        settled(&nonces[2], SyncOutcome::Refused, Some(SyncRefusal::NotInList)),
    ]);
    assert_eq!(body["scans"].as_array().unwrap().len(), 3);
    assert!(body["scans"][0]["code"].as_str().unwrap().starts_with("EVF1."));
    assert_eq!(phone.live.queue.count(), 0);
    assert_eq!(phone.live.promise().line, "2 scans were refused by the server");
    assert_eq!(phone.live.promise().tone, Tone::Bad);
    phone.tap("go", "queue");
    phone.sees("Genuine code of a ticket that does not exist");
    phone.tap("seen", "");
    assert_eq!(phone.live.queue.unseen().count(), 0);
    assert!(phone.live.queue.rows.iter().all(|row| row.status == Status::Done && row.code.is_none()));
}

#[test]
fn a_restart_forgets_no_admission() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    let unknown = phone.code(30, 10, 2);
    phone.verdict(&good);
    phone.verdict(&unknown);
    let kept: Vec<queue::Kept> = phone.live.queue.rows.clone();
    let mut phone = Phone::start(kept);
    let sync = phone.fetch("/live/sync");
    phone.answer(sync, 0, "");
    assert_eq!(phone.verdict(&good), "Already used");
    assert_eq!(phone.verdict(&unknown), "Already used");
    assert_eq!(phone.live.queue.count(), 4);
}

#[test]
fn a_refused_guest_does_not_walk_on_the_next_ones_green() {
    let mut phone = Phone::offline();
    let (refunded, good) = (phone.code(24, 10, 2), phone.code(20, 10, 2));
    assert_eq!(phone.verdict(&refunded), "Stop");
    phone.pass(2_900);
    phone.scan(&good);
    phone.store(true);
    assert_eq!(phone.title(), "Stop");
    assert!(!phone.html().contains("Next ticket can be scanned"));
    phone.pass(100);
    phone.sees("Next ticket can be scanned");
    phone.scan(&good);
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");
    phone.pass(2_500);
    assert_eq!(phone.title(), "", "green goes by itself");
}

#[test]
fn a_code_that_stays_in_view_is_read_once() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.scan(&good);
    phone.store(true);
    for _ in 0..30 {
        phone.pass(100);
        phone.scan(&good);
    }
    assert_eq!(phone.live.queue.count(), 1);
    phone.pass(2_100);
    phone.scan(&good);
    phone.store(true);
    assert_eq!(phone.title(), "Already used", "gone for two seconds, it is a new attempt");
}

#[test]
fn a_wifi_that_answers_in_the_servers_place_is_not_the_server() {
    let mut phone = Phone::start(Vec::new());
    let sync = phone.fetch("/live/sync");
    phone.tell(Event::Answer { id: sync, status: 200, ours: false, took: 20.0 });
    assert!(phone.live.promise().line.starts_with("Wi-Fi asks for a sign-in: offline since"));
    let good = phone.code(20, 10, 2);
    assert_eq!(phone.verdict(&good), "Admitted");
    assert_eq!(phone.live.queue.count(), 1);
}

#[test]
fn a_token_that_ran_out_keeps_the_queue() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.verdict(&good);
    phone.pass(60_000);
    let sync = phone.fetch("/live/sync");
    phone.answer(sync, 401, "{}");
    assert_eq!(phone.live.promise().line, "Pair again: 1 scan is safe");
    phone.pass(60_000);
    assert!(!phone.effects.iter().any(|effect| matches!(effect, Effect::Fetch { .. })), "it does not knock on and on");
    phone.tap("go", "pair");
    phone.tell(Event::Input { name: "text".into(), value: "ABCDEFGHJK".into() });
    phone.tap("pair", "");
    let (pair, body) = phone.fetched("/live/pair");
    assert_eq!(body["was"], json!(id(70)));
    let answer = PairAnswer { token: "evd_y".into(), expires_at: Moment(NOW), device: Phone::state(&phone.key) };
    phone.answer(pair, 201, &serde_json::to_string(&answer).unwrap());
    let body = phone.sync(&[]);
    assert_eq!(body["scans"].as_array().unwrap().len(), 1, "what waited is handed in");
}

#[test]
fn a_revoked_phone_hands_in_its_scans_and_forgets_the_list() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.verdict(&good);
    phone.pass(60_000);
    let (sync, body) = phone.fetched("/live/sync");
    let nonce = body["scans"][0]["nonce"].as_str().unwrap().to_owned();
    let refused = SyncedScan {
        nonce,
        outcome: SyncOutcome::Refused,
        reason: Some(SyncRefusal::DeviceRevoked),
        checkin_id: None,
        conflict_id: None,
        repeated: false,
        first_scan: None,
    };
    let device = DeviceState { revoked: true, ..Phone::state(&phone.key) };
    let answer = SyncAnswer {
        now: Moment(phone.now),
        clock_ahead_ms: 0,
        scans: vec![refused],
        device: Some(device),
        manifest: None,
    };
    phone.answer(sync, 200, &serde_json::to_string(&answer).unwrap());
    assert!(phone.live.device.is_none() && phone.live.list.is_none());
    assert!(phone.effects.contains(&Effect::Remove { store: "kv", key: "list".into() }));
    assert!(phone.effects.contains(&Effect::Remove { store: "kv", key: "device".into() }));
    assert_eq!(phone.live.queue.unseen().count(), 1, "what was not taken is still listed");
    phone.sees("Pair this phone with a gate");
}

#[test]
fn nothing_that_rests_names_a_guest() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.verdict(&good);
    phone.pass(60_000);
    phone.tap("undo", "");
    phone.sees("Guest 20");
    let text = serde_json::to_string(&phone.live.queue.rows).unwrap();
    assert!(!text.contains("Guest"));
    assert!(!Phone::list(&phone.key).contains("Guest"));
}

#[test]
fn a_clock_that_is_hours_off_is_corrected() {
    let mut phone = Phone::start(Vec::new());
    let (id_, _) = phone.fetched("/live/sync");
    let answer = SyncAnswer {
        now: Moment(NOW - 2 * 3_600_000),
        clock_ahead_ms: 0,
        scans: Vec::new(),
        device: Some(Phone::state(&phone.key)),
        manifest: Some("v1".into()),
    };
    phone.answer(id_, 200, &serde_json::to_string(&answer).unwrap());
    assert_eq!(phone.live.promise().line, "Phone clock is 2 h ahead: times are corrected");
    assert!((phone.live.at().0 - (NOW - 2 * 3_600_000)).abs() < 100);
}

#[test]
fn changes_of_the_list_continue_it_or_it_is_fetched_whole() {
    let mut phone = Phone::online();
    let list = phone.live.list.as_mut().unwrap();
    let change = Phone::manifest(&phone.key, "v2", Some("v1"), &[Phone::row(20, 0, State::Refunded, false)]);
    assert!(list.update(&change));
    assert_eq!((list.version.as_str(), list.len()), ("v2", 5));
    assert!(!list.update(&change), "it does not continue v2");
    let stranger = SigningKey::from_bytes(&[8; 32]);
    let forged = Phone::manifest(&stranger, "v3", Some("v2"), &[]);
    assert!(!list.update(&forged), "nobody we know has signed it");
    let good = phone.code(20, 10, 2);
    assert_eq!(
        phone.live.judge(&phone.live.subject(good), &scan::Wanted::default()).unwrap().verdict.reason,
        Some(Reason::Revoked)
    );
}
