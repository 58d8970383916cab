//! Beside scanning: supervisors, undoing, searching, telling, pairing.

use super::*;

fn supervisor(phone: &Phone) -> DeviceState {
    DeviceState { supervisor: true, ..Phone::state(&phone.key) }
}

#[test]
fn a_supervisor_lets_in_with_a_reason_and_a_pin_online_alone() {
    let mut phone = Phone::online();
    let wrong_gate = phone.code(23, 11, 2);
    phone.scan(&wrong_gate);
    let call = phone.fetch("/tickets/scan");
    let answer = answered(&phone, 23, "rejected", Some("wrong_gate"));
    phone.answer(call, 200, &answer);
    phone.tap("supervisor", "");
    phone.sees("Admit anyway?");
    phone.tap("force", "");
    phone.sees("Enter the supervisor PIN");
    phone.tell(Event::Input { name: "pin".into(), value: "48 29".into() });
    phone.tap("force_reason", "2");
    phone.tap("force", "");
    let (call, body) = phone.fetched("/tickets/scan");
    assert_eq!(body["force"], json!({ "reason": "Identity checked", "pin": "4829" }));
    phone.answer(call, 403, r#"{"detail":"The supervisor's PIN is not right","code":"pin_wrong"}"#);
    phone.sees("The supervisor's PIN is not right");
    assert!(!phone.html().contains("4829"), "a PIN is never kept");

    // Whether an attempt without an answer was heard, nobody knows: it is asked again under its name.
    phone.tell(Event::Input { name: "pin".into(), value: "4821".into() });
    phone.tap("force", "");
    let (_, first) = phone.fetched("/tickets/scan");
    phone.pass(1_500);
    phone.sees("A PIN can only be checked online");
    phone.tell(Event::Input { name: "pin".into(), value: "4821".into() });
    phone.tap("force", "");
    let (_, again) = phone.fetched("/tickets/scan");
    assert_eq!(first["nonce"], again["nonce"]);
}

#[test]
fn a_supervisors_own_phone_forces_without_a_network_and_what_is_void_stays_so() {
    let mut phone = Phone::offline();
    let state = supervisor(&phone);
    phone.live.device.as_mut().unwrap().state = state;
    let (wrong_gate, refunded) = (phone.code(23, 11, 2), phone.code(24, 10, 2));
    assert_eq!(phone.verdict(&wrong_gate), "Go to Gate C");
    phone.tap("supervisor", "");
    phone.tap("force", "");
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");
    let row = phone.live.queue.rows.last().unwrap();
    assert_eq!((row.forced, row.admitted), (Some(Reason::WrongGate), 1));
    assert_eq!(phone.verdict(&refunded), "Stop");
    assert!(!phone.html().contains("Supervisor"));
}

#[test]
fn undo_is_done_when_the_server_says_so() {
    let mut phone = Phone::online();
    let good = phone.code(20, 10, 2);
    phone.scan(&good);
    let call = phone.fetch("/tickets/scan");
    let answer = answered(&phone, 20, "admitted", None);
    phone.answer(call, 200, &answer);
    phone.tap("undo", "");
    phone.sees("Undo admission");
    phone.tap("why", "Did not enter");
    phone.tap("annul", "");
    let (call, body) = phone.fetched("/annul");
    assert_eq!(body["reason"], "Did not enter");
    assert!(!phone.html().contains("the ticket can be used again"));
    let done = Annulled { checkin_id: id(99), at: Moment(phone.now), tickets: vec![id(20)] };
    phone.answer(call, 200, &serde_json::to_string(&done).unwrap());
    phone.sees("Undone: the ticket can be used again");
    assert_eq!(phone.live.tally.admitted, 0);
    let list = phone.live.list.as_ref().unwrap();
    assert_eq!(list.row(id(20)).unwrap().state, State::Issued);
}

#[test]
fn a_ticket_that_another_scan_admitted_stays_used_when_one_is_undone() {
    let mut phone = Phone::online();
    let good = phone.code(20, 10, 2);
    phone.scan(&good);
    let (call, _) = phone.fetched("/tickets/scan");
    let admitted = answered(&phone, 20, "admitted", None);
    phone.answer(call, 200, &admitted);
    phone.tap("undo", "");
    phone.tap("why", "Did not enter");
    phone.tap("annul", "");
    let call = phone.fetch("/annul");
    let done = Annulled { checkin_id: id(99), at: Moment(phone.now), tickets: Vec::new() };
    phone.answer(call, 200, &serde_json::to_string(&done).unwrap());
    phone.sees("Undone: another scan admitted this ticket too");
    assert_eq!(phone.live.list.as_ref().unwrap().row(id(20)).unwrap().state, State::Inside);
}

#[test]
fn without_a_network_undo_waits() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.verdict(&good);
    phone.tap("undo", "");
    phone.sees("Undo waits for the network");
    assert!(!phone.html().contains("Undo admission"));
}

#[test]
fn a_search_opens_a_ticket_and_admits_nobody_by_itself() {
    let mut phone = Phone::online();
    phone.tap("go", "search");
    phone.tell(Event::Input { name: "q".into(), value: "anand & co".into() });
    phone.tap("find", "");
    let call = phone.fetch("/door/search?q=anand%20%26%20co");
    let guest = DoorGuest {
        ticket_id: id(20),
        attendee_id: id(200),
        name: Some("Ishita Anand".into()),
        phone_ends: Some("418".into()),
        ticket_type: "General".into(),
        status: State::Issued,
        party: 1,
        inside: 0,
    };
    let found = DoorFound { items: vec![guest], more: false };
    phone.answer(call, 200, &serde_json::to_string(&found).unwrap());
    phone.sees("Ishita Anand");
    phone.tap("found", "0");
    phone.sees("Compare the name");
    assert!(!phone.effects.iter().any(|effect| matches!(effect, Effect::Fetch { path, .. } if path.contains("scan"))));
    phone.tap("admit", "1");
    let (_, body) = phone.fetched("/tickets/scan");
    assert_eq!((&body["ticket"], &body["confirm"]), (&json!(id(20)), &json!(false)), "its notes come first");
}

#[test]
fn a_party_that_is_found_is_one_line_and_its_next_ticket_is_opened() {
    let mut phone = Phone::online();
    phone.tap("go", "search");
    phone.tell(Event::Input { name: "q".into(), value: "anand".into() });
    phone.tap("find", "");
    let call = phone.fetch("/door/search?q=anand");
    let one = |ticket, guest, status| DoorGuest {
        ticket_id: id(ticket),
        attendee_id: id(guest),
        name: Some("Ishita Anand".into()),
        phone_ends: Some("418".into()),
        ticket_type: "General".into(),
        status,
        party: 3,
        inside: 1,
    };
    let items = vec![
        one(20, 200, State::Inside),
        one(21, 200, State::Revoked),
        one(22, 200, State::Issued),
        one(23, 200, State::Issued),
        one(24, 201, State::Inside),
    ];
    phone.answer(call, 200, &serde_json::to_string(&DoorFound { items, more: false }).unwrap());
    let shown: Vec<_> = phone.live.search.found.iter().map(|guest| guest.ticket_id).collect();
    assert_eq!(shown, [id(22), id(24)], "the one that waits; another guest of the same name is another line");
    phone.sees("2 guests");
    phone.sees("1 of 3 in");
}

#[test]
fn an_incident_without_a_network_goes_out_when_it_returns() {
    let mut phone = Phone::offline();
    phone.tap("go", "incident");
    phone.sees("use the radio");
    phone.tap("send_incident", "");
    phone.sees("Choose what it is first");
    phone.tap("incident", "Crowd pressure");
    phone.tell(Event::Input { name: "text".into(), value: "Barrier moving".into() });
    phone.tap("send_incident", "");
    assert_eq!(phone.live.reports.len(), 1);
    phone.pass(60_000);
    phone.sync(&[]);
    let (call, body) = phone.fetched("/live/updates");
    assert_eq!(body["body"], "Crowd pressure: Barrier moving");
    phone.answer(call, 201, "{}");
    assert!(phone.live.reports.is_empty());
}

#[test]
fn a_hand_held_scanner_works_on_every_screen_and_presses_no_button() {
    let mut phone = Phone::offline();
    let good = phone.code(20, 10, 2);
    phone.tap("go", "type");
    phone.effects.clear();
    let from = phone.now;
    for letter in good.chars() {
        phone.now += 4;
        phone.tell(Event::Key { key: letter.to_string() });
    }
    phone.now += 4;
    phone.tell(Event::Key { key: "Enter".into() });
    assert!(phone.effects.contains(&Effect::Swallow));
    assert!(phone.effects.contains(&Effect::Retract { letters: good.len() }));
    phone.store(true);
    assert_eq!(phone.title(), "Admitted");
    assert!(phone.now - from < 2_000);

    // Unpaired, it pairs.
    let mut phone = Phone { live: Live::default(), key: Phone::key(), now: NOW, names: 0, effects: Vec::new() };
    phone.tell(Event::Boot(Box::default()));
    for letter in "EVFPAIR1.ABCDEFGHJK".chars() {
        phone.now += 4;
        phone.tell(Event::Key { key: letter.to_string() });
    }
    phone.pass(60);
    let (_, body) = phone.fetched("/live/pair");
    assert_eq!(body["code"], "ABCDEFGHJK");
}

#[test]
fn a_new_version_waits_until_nobody_is_scanned() {
    let mut phone = Phone::offline();
    let refunded = phone.code(24, 10, 2);
    phone.verdict(&refunded);
    phone.tell(Event::Update);
    phone.pass(400_000);
    assert!(!phone.effects.contains(&Effect::TakeOver), "a verdict is open");
    phone.tap("next", "");
    assert!(!phone.effects.contains(&Effect::TakeOver), "something is being sent");
    phone.no_answer();
    phone.pass(10);
    assert!(phone.effects.contains(&Effect::TakeOver));
}

#[test]
fn a_phone_that_was_moved_says_so_until_it_was_seen() {
    let mut phone = Phone::online();
    phone.pass(30_000);
    let call = phone.fetch("/live/sync");
    let mut state = Phone::state(&phone.key);
    state.gate = Phone::gates().remove(1);
    let answer = SyncAnswer {
        now: Moment(phone.now),
        clock_ahead_ms: 0,
        scans: Vec::new(),
        device: Some(state),
        manifest: Some("v1".into()),
    };
    phone.answer(call, 200, &serde_json::to_string(&answer).unwrap());
    assert_eq!(phone.live.promise().line, "This phone was moved to Gate C");
    let terrace = phone.code(23, 11, 2);
    let wanted = scan::Wanted::default();
    let own = phone.live.judge(&phone.live.subject(terrace), &wanted).unwrap();
    assert_eq!(own.verdict.result, Outcome::Admitted, "it judges for its new gate at once");
    phone.tap("seen_moved", "");
    assert_ne!(phone.live.promise().tone, Tone::Bad);
}

/// The key that the last call to that address was sent by.
fn key(phone: &Phone, path: &str) -> Option<String> {
    phone.effects.iter().rev().find_map(|effect| match effect {
        Effect::Fetch { path: one, name, .. } if one.contains(path) => Some(name.clone()),
        _ => None,
    })?
}

#[test]
fn a_report_is_of_its_event_counts_once_and_holds_up_no_other() {
    let mut phone = Phone::offline();
    phone.live.device.as_mut().unwrap().state.event.id = id(2);
    for kind in ["Medical", "Security"] {
        phone.tap("go", "incident");
        phone.tap("incident", kind);
        phone.tap("send_incident", "");
    }
    // With the answer the phone is another event's.
    phone.pass(60_000);
    phone.sync(&[]);
    let first = key(&phone, "/live/updates").expect("a key");
    let (call, body) = phone.fetched("/live/updates");
    assert_eq!(body["event_id"], json!(id(2)));
    phone.answer(call, 0, "");
    phone.pass(60_000);
    phone.sync(&[]);
    assert_eq!(key(&phone, "/live/updates"), Some(first.clone()), "sent again it is the same");
    let call = phone.fetch("/live/updates");
    phone.answer(call, 404, r#"{"detail":"There is no such event.","code":"not_found"}"#);
    phone.sees("Not sent: There is no such event.");
    let second = key(&phone, "/live/updates").expect("the next goes out");
    assert_ne!(first, second);
    let (call, body) = phone.fetched("/live/updates");
    assert_eq!(body["body"], "Security");
    phone.answer(call, 201, "{}");
    assert!(phone.live.reports.is_empty());
}

#[test]
fn who_is_added_at_the_door_gets_the_ticket_type_that_was_chosen() {
    let mut phone = Phone::online();
    // This gate lets in one type: there is nothing to choose.
    phone.tap("go", "add_guest");
    assert!(phone.live.door_types().len() == 1 && phone.live.door_type().is_none());
    phone.live.device.as_mut().unwrap().state.gate.types = Vec::new();
    let types = phone.live.door_types();
    assert!(types.len() > 1, "{types:?}");
    for (chosen, sent) in [(None, types[0].0), (Some(types[1].0), types[1].0), (Some(id(99)), types[0].0)] {
        phone.tap("go", "add_guest");
        phone.tell(Event::Input { name: "name".into(), value: "Rohit".into() });
        if let Some(chosen) = chosen {
            phone.tap("door_type", &chosen.to_string());
        }
        phone.tap("add", "");
        let (call, body) = phone.fetched("/door/guests");
        assert_eq!(body["ticket_type_id"], json!(sent));
        phone.answer(call, 0, "");
    }
}

#[test]
fn a_guest_who_is_added_again_as_before_is_the_same_guest() {
    let mut phone = Phone::online();
    phone.tap("go", "add_guest");
    phone.tell(Event::Input { name: "name".into(), value: "Rohit".into() });
    let mut keys = Vec::new();
    for name in ["Rohit", "Rohit", "Rohit Nair"] {
        phone.tell(Event::Input { name: "name".into(), value: name.into() });
        phone.tap("add", "");
        keys.push(key(&phone, "/door/guests").expect("a key"));
        let call = phone.fetch("/door/guests");
        phone.answer(call, 0, "");
    }
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[test]
fn setting_up_claims_no_camera_that_is_not_there() {
    let mut phone = Phone::offline();
    phone.live.screen = Screen::Ready;
    let said = [
        (Camera::None, "No camera"),
        (Camera::Denied, "The camera is blocked"),
        (Camera::Taken, "Another app uses the camera"),
        (Camera::Off, "Camera found"),
    ];
    for (state, words) in said {
        phone.tell(Event::Camera { state, torch: false, cameras: 0 });
        phone.sees(words);
    }
}

#[test]
fn every_tool_of_the_camera_has_its_word() {
    let mut phone = Phone::online();
    phone.tell(Event::Camera { state: Camera::On, torch: true, cameras: 2 });
    phone.sees("</svg>Torch</button>");
    phone.sees("</svg><span>Switch<i class=\"sr\"> camera</i></span></button>");
}

#[test]
fn being_offline_is_marked_in_one_colour() {
    let mut phone = Phone::offline();
    phone.tap("go", "incident");
    phone.sees("class=\"promise off\"");
    phone.sees("<section class=\"box look\"><p class=\"why\">You are offline");
}
