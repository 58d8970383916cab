//! With a server, without one, and when it comes back.

use super::*;

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
    phone.sees("Genuine code, but no such ticket");
    phone.tap("seen", "");
    assert_eq!(phone.live.queue.unseen().count(), 0);
    assert!(phone.live.queue.rows.iter().all(|row| row.status == Status::Done && row.code.is_none()));
}

#[test]
fn what_the_phone_stopped_and_the_server_refuses_too_is_no_alarm() {
    let mut phone = Phone::offline();
    let stopped = phone.code(24, 10, 2);
    assert_eq!(phone.verdict(&stopped), "Stop");
    phone.pass(60_000);
    let nonce = phone.live.queue.waiting().next().unwrap().nonce.clone();
    phone.sync(&[SyncedScan {
        nonce,
        outcome: SyncOutcome::Refused,
        reason: Some(SyncRefusal::NotInList),
        checkin_id: None,
        conflict_id: None,
        repeated: false,
        first_scan: None,
    }]);
    assert_eq!((phone.live.queue.count(), phone.live.queue.unseen().count()), (0, 0));
}

/// Three admissions that wait, and what they are called.
fn three_waiting() -> (Phone, Vec<String>) {
    let mut phone = Phone::offline();
    for (ticket, kind) in [(20, 10), (24, 10), (30, 10)] {
        let code = phone.code(ticket, kind, 2);
        phone.verdict(&code);
    }
    let nonces = phone.live.queue.waiting().map(|row| row.nonce.clone()).collect();
    (phone, nonces)
}

/// The next call that hands in, and the attempts in it.
fn handed_in(phone: &mut Phone) -> (u32, Vec<String>) {
    phone.pass(60_000);
    let (call, body) = phone.fetched("/live/sync");
    let nonces = body["scans"].as_array().unwrap().iter().map(|scan| scan["nonce"].as_str().unwrap().to_owned());
    (call, nonces.collect())
}

fn taken(phone: &mut Phone, call: u32, nonces: &[String]) {
    let scan = |nonce: &String| SyncedScan {
        nonce: nonce.clone(),
        outcome: SyncOutcome::Accepted,
        reason: None,
        checkin_id: Some(id(99)),
        conflict_id: None,
        repeated: false,
        first_scan: None,
    };
    let answer = SyncAnswer {
        now: Moment(phone.now),
        clock_ahead_ms: 0,
        scans: nonces.iter().map(scan).collect(),
        device: Some(Phone::state(&phone.key)),
        manifest: Some("v1".into()),
    };
    phone.answer(call, 200, &serde_json::to_string(&answer).unwrap());
}

#[test]
fn a_scan_that_the_server_cannot_read_holds_up_no_other() {
    let (mut phone, all) = three_waiting();
    let wrong = json!({ "errors": { "scans[0].code": ["must not contain control characters (U+0000)"] } }).to_string();
    let (call, sent) = handed_in(&mut phone);
    assert_eq!(sent, all);
    phone.answer(call, 422, &wrong);
    let (call, sent) = handed_in(&mut phone);
    assert_eq!(sent, all[..1]);
    phone.answer(call, 422, &wrong);
    for nonce in &all[1..] {
        let (call, sent) = handed_in(&mut phone);
        assert_eq!(sent, std::slice::from_ref(nonce));
        taken(&mut phone, call, &sent);
    }
    assert_eq!(phone.live.queue.count(), 0);
    let unseen: Vec<_> = phone.live.queue.unseen().map(|row| row.nonce.clone()).collect();
    assert_eq!(unseen, all[..1], "it is listed");
    // What is wrong with the call is no scan's fault.
    let (mut phone, all) = three_waiting();
    for _ in 0..5 {
        let (call, _) = handed_in(&mut phone);
        phone.answer(call, 422, &json!({ "errors": { "sent_at": ["must be a time"] } }).to_string());
    }
    assert_eq!(phone.live.queue.count(), all.len());
}

#[test]
fn a_scan_over_which_the_server_fails_goes_last_and_is_given_up() {
    let (mut phone, all) = three_waiting();
    // The server is broken: nothing is given up, however often it says so.
    for _ in 0..12 {
        let (call, _) = handed_in(&mut phone);
        phone.answer(call, 500, "{}");
    }
    assert_eq!(phone.live.queue.count(), 3);
    // It works again, but for one of them.
    let mut order = Vec::new();
    for _ in 0..30 {
        let (call, sent) = handed_in(&mut phone);
        order.extend(sent.iter().filter(|nonce| !order.contains(*nonce)).cloned().collect::<Vec<_>>());
        match sent.contains(&all[0]) {
            true => phone.answer(call, 500, "{}"),
            false => taken(&mut phone, call, &sent),
        }
    }
    assert_eq!(phone.live.queue.count(), 0);
    let unseen: Vec<_> = phone.live.queue.unseen().map(|row| row.nonce.clone()).collect();
    assert_eq!(unseen, all[..1], "only that one is given up; they were sent {order:?}");
}

#[test]
fn a_restart_forgets_no_admission() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    let unknown = phone.code(30, 10, 2);
    phone.verdict(&good);
    phone.verdict(&unknown);
    let kept: Vec<queue::StoredScan> = phone.live.queue.rows.clone();
    let mut phone = Phone::start(kept);
    let sync = phone.fetch("/live/sync");
    phone.answer(sync, 0, "");
    assert_eq!(phone.verdict(&good), "Already used");
    assert_eq!(phone.verdict(&unknown), "Already used");
    assert_eq!(phone.live.queue.count(), 4);
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
    let tags = vec![list::tag_text(tag_of(id(20)))];
    assert_eq!(list.update(&change), Some(list::Changed::Tickets(tags)));
    assert_eq!((list.version.as_str(), list.len()), ("v2", 5));
    assert_eq!(list.update(&change), None, "it does not continue v2");
    let nothing = Phone::manifest(&phone.key, "v3", Some("v2"), &[]);
    assert_eq!(list.update(&nothing), Some(list::Changed::Nothing));
    assert_eq!(list.version, "v2", "nothing has to be kept of it");
    let stranger = SigningKey::from_bytes(&[8; 32]);
    let forged = Phone::manifest(&stranger, "v3", Some("v2"), &[]);
    assert_eq!(list.update(&forged), None, "nobody we know has signed it");
    let good = phone.code(20, 10, 2);
    assert_eq!(
        phone.live.judge(&phone.live.subject(good), &scan::Wanted::default()).unwrap().verdict.reason,
        Some(Reason::Revoked)
    );
}

#[test]
fn a_long_list_is_opened_in_slices_and_who_comes_meanwhile_is_judged_by_it() {
    let mut phone = Phone::offline();
    let mut rows: Vec<Row> = (1000..21_000).map(|n| Phone::row(n, 0, State::Issued, false)).collect();
    rows.push(Phone::row(20, 0, State::Inside, false));
    let list = Phone::manifest(&phone.key, "v9", None, &rows);
    let device = json!({ "token": "evd_x", "state": Phone::state(&phone.key) });
    let change = Phone::manifest(&phone.key, "v10", Some("v9"), &[Phone::row(1000, 0, State::Inside, false)]);
    let boot = Boot { device: Some(device), deltas: vec![change], camera: true, ..Boot::default() };
    phone.live = Live::default();
    phone.effects.clear();
    phone.tell_with(Event::Boot(Box::new(boot)), Some(list.clone()));
    assert!(phone.live.list.is_none(), "the page is there first");
    phone.no_answer();
    let used = phone.code(20, 10, 2);
    phone.scan(&used);
    assert_eq!(phone.title(), "");
    let mut slices = 0;
    while phone.live.opening.is_some() {
        assert_eq!(phone.live.wake(), Some(phone.live.mono), "the next slice is next");
        phone.pass(1);
        slices += 1;
    }
    assert!(slices >= 7, "{slices}");
    phone.store(true);
    assert_eq!(phone.title(), "Already used");
    let opened = phone.live.list.as_ref().unwrap();
    assert_eq!((opened.len(), opened.version.as_str(), opened.inside), (20_001, "v10", 2));

    // From the server: the old one counts until the new one was found good, and only then it is written down.
    let mut phone = Phone::online();
    phone.live.list.as_mut().unwrap().version = "v0".into();
    phone.pass(30_000);
    phone.sync(&[]);
    let call = phone.fetch("/live/manifest");
    phone.effects.clear();
    phone.answer(call, 200, &list);
    assert!(phone.effects.contains(&Effect::HoldText));
    assert_eq!(phone.live.list.as_ref().unwrap().len(), 5);
    let kept = Effect::PutText { key: "list".into() };
    assert!(!phone.effects.contains(&kept));
    while phone.live.opening.is_some() {
        phone.pass(1);
    }
    assert!(phone.effects.contains(&kept));
    assert_eq!(phone.live.list.as_ref().unwrap().len(), 20_001);
}

#[test]
fn what_changes_is_told_and_not_asked_for() {
    let mut phone = Phone::online();
    let listens = |phone: &Phone| {
        phone.effects.iter().filter(|effect| matches!(effect, Effect::Listen { token, .. } if token == "evd_x")).count()
    };
    assert_eq!(listens(&phone), 1, "once the server answers");
    let call = phone.fetch("/live/updates");
    phone.answer(call, 200, r#"{"items":[]}"#);
    phone.tell(Event::Stream { stands: true });
    let call = phone.fetch("/live/updates");
    // Two more while it is being answered are one more call.
    for _ in 0..2 {
        phone.tell(Event::Heard { kind: "live.update_changed".into() });
    }
    phone.answer(call, 200, r#"{"items":[]}"#);
    let call = phone.fetch("/live/updates");
    phone.answer(call, 200, r#"{"items":[]}"#);
    let asked = |phone: &Phone, path: &str| {
        phone.effects.iter().any(|effect| matches!(effect, Effect::Fetch { path: one, .. } if one.contains(path)))
    };
    assert!(!asked(&phone, "/live/updates"));
    // A sign of life asks for no updates while the stream stands.
    phone.pass(30_000);
    phone.sync(&[]);
    assert!(!asked(&phone, "/live/updates"));
    // The phone was moved, or revoked: it hears where it stands now.
    phone.tell(Event::Heard { kind: "live.device_changed".into() });
    phone.sync(&[]);
    // The stream ends: is the server still there? It is, and is listened to again.
    phone.pass(1);
    phone.tell(Event::Stream { stands: false });
    phone.sync(&[]);
    assert!(asked(&phone, "/live/updates"), "in between they are asked for");
    phone.pass(2_000);
    assert_eq!(listens(&phone), 2);
    phone.tell(Event::Visible { yes: false });
    assert!(phone.effects.contains(&Effect::Unlisten), "in a pocket it listens to nothing");
    phone.pass(30_000);
    assert_eq!(listens(&phone), 2);
    phone.tell(Event::Visible { yes: true });
    assert_eq!(listens(&phone), 3);
}
