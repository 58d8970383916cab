//! Phones at the gates: paired once, moved, revoked; what they do without a network, and what they carry.

use std::collections::BTreeSet;

use eventify::gate::{self, Entry, Manifest, ManifestBody, Moment, PublicKey};
use futures::future::join_all;
use serde_json::{Value, json};
use time::Duration;

use crate::browser::Browser;
use crate::fixtures::make_guests;
use crate::gate::{asks, code, gate, main_phone, passes, phone, said, scan, scan_with, ticket_id, tonight};
use crate::partners::text;
use crate::support::{Person, Site};

/// Somebody whose only role is this one, at this event.
pub async fn within_event(site: &Site, admin: &Person, event: &Value, email: &str, role: &str) -> Person {
    admin.post("/admin/roles", json!({ "name": "Nothing at all" })).await;
    let person = site.person(email, "nothing_at_all").await;
    let given = json!({ "role_id": site.role(role).await, "event_id": event["id"] });
    admin.post(&format!("/admin/users/{}/assignments", person.id), given).await.expect(201);
    person
}

pub async fn pairing(admin: &Person, event: &Value, gate: &Value) -> Value {
    let path = format!("/events/{}/gate-devices/pairing", text(event, "id"));
    admin.post(&path, json!({ "gate_id": gate["id"] })).await.expect(201)
}

fn now(site: &Site) -> Moment {
    Moment((site.test.clock.now().0.unix_timestamp_nanos() / 1_000_000) as i64)
}

/// A scan that a phone decided by itself.
pub fn queued(site: &Site, code: &str, ago: i64) -> Value {
    json!({ "code": code, "direction": "in", "nonce": eventify::kernel::clock::new_uuid().to_string(),
            "device_time": now(site).plus(-ago * 1000), "result": "admitted", "admitted": 1, "staff": "Joy Thomas" })
}

pub async fn hand_in(site: &Site, phone: &Person, scans: Vec<Value>) -> Value {
    phone.post("/live/sync", json!({ "sent_at": now(site), "scans": scans })).await.expect(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_phones_that_send_one_pairing_code_one_is_paired() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let guest = make_guests(&site, 1).await.remove(0);
    let pass = passes(&admin, &guest, &event, &kinds[0], 1).await.remove(0);
    let (elsewhere, _) = tonight(&site, &admin, &["Standard"]).await;
    let supervisor = within_event(&site, &admin, &event, "super@example.com", "gate_supervisor").await;
    let steward = within_event(&site, &admin, &event, "steward@example.com", "gate_staff").await;
    let path = format!("/events/{}/gate-devices/pairing", text(&event, "id"));
    steward.post(&path, json!({ "gate_id": main["id"] })).await.refused(403, "forbidden");
    let shown = pairing(&supervisor, &event, &main).await;
    assert!(text(&shown, "svg").starts_with("<svg") && text(&shown, "link").ends_with(text(&shown, "code")));
    let (_, second) = site.another().await;
    let anyone = site.anonymous();
    let calls = (0..8).map(|n| {
        let who = if n % 2 == 0 { anyone.clone() } else { anyone.at(&second) };
        let input = json!({ "code": format!("EVFPAIR1.{}", text(&shown, "code")), "app_version": "1.0.0" });
        async move { who.post("/live/pair", input).await }
    });
    let answers = join_all(calls).await;
    let paired: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(paired.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(410, "link_invalid");
    }
    let late = pairing(&supervisor, &event, &main).await;
    site.test.clock.advance(Duration::minutes(11));
    anyone.post("/live/pair", json!({ "code": late["code"] })).await.refused(410, "link_invalid");
    anyone.post("/live/pair", json!({ "code": "nonsense" })).await.refused(410, "link_invalid");
    // The token is kept as a hash, and lets its holder do what a phone does and nothing else.
    let token = text(&paired[0].body, "token");
    let hashes: Vec<Vec<u8>> =
        sqlx::query_scalar("select token_hash from gate_devices").fetch_all(&site.test.reader).await.unwrap();
    assert!(hashes.iter().all(|hash| hash != token.as_bytes()) && token.starts_with("evd_"));
    let phone = Person { token: Some(token.to_owned()), ..site.anonymous() };
    said(&scan(&phone, code(&pass)).await, "admitted", None);
    phone.get("/events").await.expect(200);
    phone.get("/users").await.refused(403, "forbidden");
    phone.get(&format!("/events/{}/attendees", text(&event, "id"))).await.refused(403, "forbidden");
    phone.get(&format!("/live/manifest/{}", text(&elsewhere, "id"))).await.refused(404, "not_found");
    phone.get(&format!("/events/{}/gates", text(&elsewhere, "id"))).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_revoked_phone_hands_in_what_it_has_and_changes_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let phone = phone(&site, &admin, &event, &main, false).await;
    let guest = make_guests(&site, 1).await.remove(0);
    let pass = passes(&admin, &guest, &event, &kinds[0], 1).await.remove(0);
    admin.delete(&format!("/gates/{}", text(&main, "id"))).await.refused(409, "invalid_transition");
    admin.post(&format!("/gate-devices/{}/revoke", phone.id), json!({ "reason": "Lost" })).await.expect(200);
    phone.post("/tickets/scan", asks(code(&pass))).await.refused(401, "device_revoked");
    phone.get(&format!("/live/manifest/{}", text(&event, "id"))).await.refused(401, "device_revoked");
    let answer = hand_in(&site, &phone, vec![queued(&site, code(&pass), 60)]).await;
    assert_eq!((&answer["device"]["revoked"], &answer["manifest"]), (&json!(true), &json!(null)));
    let taken = &answer["scans"][0];
    assert_eq!((text(taken, "outcome"), text(taken, "reason")), ("refused", "device_revoked"), "{taken}");
    assert_eq!(site.number("select count(*) from tickets where status = 'issued'").await, 1, "nobody came in by it");
    let conflicts = admin.rows(&format!("/events/{}/checkin-conflicts", text(&event, "id"))).await;
    assert_eq!(conflicts[0]["kind"], "revoked_device", "{conflicts}");
    admin.delete(&format!("/gates/{}", text(&main, "id"))).await.expect(204);
}

#[tokio::test]
async fn a_queue_drains_once_and_a_double_admission_is_a_persons_to_settle() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let east = gate(&admin, &event, json!({ "name": "East" })).await;
    let (online, offline) =
        (phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &east, false).await);
    let guests = make_guests(&site, 3).await;
    let pair = passes(&admin, &guests[0], &event, &kinds[0], 2).await;
    let single = passes(&admin, &guests[1], &event, &kinds[0], 1).await.remove(0);
    let void = passes(&admin, &guests[2], &event, &kinds[0], 1).await.remove(0);
    admin.post(&format!("/tickets/{}/revoke", ticket_id(&void)), json!({ "reason": "Stolen" })).await.expect(200);
    // No phone scans before it is paired.
    site.test.clock.advance(Duration::minutes(5));
    said(&scan(&online, code(&pair[0])).await, "admitted", None);
    // The phone's clock is two hours ahead; it was away for four minutes.
    let ahead: i64 = 2 * 3600 * 1000;
    let at = |scan: Value| {
        let time = Moment::parse(text(&scan, "device_time")).unwrap().plus(ahead);
        let mut scan = scan;
        scan["device_time"] = json!(time);
        scan
    };
    let scans = vec![
        at(queued(&site, code(&pair[0]), 240)),
        at(queued(&site, code(&single), 200)),
        at(queued(&site, code(&void), 180)),
        at(queued(&site, "https://example.org/menu", 100)),
        json!({ "code": "x", "direction": "in", "nonce": "", "device_time": now(&site), "result": "admitted" }),
    ];
    let sent = json!({ "sent_at": now(&site).plus(ahead), "scans": scans });
    let answer = offline.post("/live/sync", sent.clone()).await.expect(200);
    assert!((answer["clock_ahead_ms"].as_i64().unwrap() - ahead).abs() < 20_000, "{answer}");
    let outcomes: Vec<_> = answer["scans"].as_array().unwrap().iter().map(|scan| text(scan, "outcome")).collect();
    assert_eq!(outcomes, ["conflict", "accepted", "conflict", "refused", "refused"], "{answer}");
    assert_eq!(answer["scans"][0]["first_scan"]["gate"], "Main");
    assert_eq!((text(&answer["scans"][3], "reason"), text(&answer["scans"][4], "reason")), ("invalid", "malformed"));
    // Handed in again, whatever became of the first answer: the same answers, and nothing happens twice.
    let count = "select count(*) from ticket_checkins";
    let before = site.number(count).await;
    let again = offline.post("/live/sync", sent).await.expect(200);
    let outcomes: Vec<_> = again["scans"].as_array().unwrap().iter().map(|scan| text(scan, "outcome")).collect();
    assert_eq!(outcomes, ["conflict", "accepted", "conflict", "refused", "refused"]);
    assert_eq!((site.number(count).await, site.number("select count(*) from checkin_conflicts").await), (before, 2));
    // A verdict that was given stays.
    assert_eq!(
        site.number("select count(*) from ticket_checkins where result = 'admitted' and not untrusted").await,
        4
    );
    let path = format!("/events/{}/checkin-conflicts", text(&event, "id"));
    let open = admin.rows(&format!("{path}?open=true")).await;
    let double = open.as_array().unwrap().iter().find(|one| one["kind"] == "double_admission").expect("one");
    assert_eq!((text(&double["first"], "gate"), text(&double["second"], "gate")), ("Main", "East"));
    assert_eq!((text(&double["second"], "by"), &double["second"]["offline"]), ("Joy Thomas", &json!(true)));
    assert!((double["clock_ahead_ms"].as_i64().unwrap() - ahead).abs() < 20_000, "{double}");
    let put_right = Moment::parse(text(&double["second"], "at")).unwrap();
    assert!((now(&site).0 - put_right.0 - 240_000).abs() < 30_000, "told by a clock that was put right: {double}");
    assert_eq!(double["unused_ticket_id"], pair[1]["ticket"]["id"]);
    let one = format!("/checkin-conflicts/{}/resolve", text(double, "id"));
    let settled = json!({ "resolution": "two_guests", "note": "Both are at the bar.", "version": 1 });
    let after = admin.post(&one, settled.clone()).await.expect(200);
    assert_eq!(after["closed_ticket_id"], pair[1]["ticket"]["id"]);
    admin.post(&one, settled).await.refused(409, "conflict");
    said(&scan(&online, code(&pair[1])).await, "rejected", Some("already_redeemed"));
    assert_eq!(admin.rows(&format!("{path}?open=true")).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_happens_at_real_gates() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let first = phone(&site, &admin, &event, &main, false).await;
    let guests = make_guests(&site, 4).await;
    let party = passes(&admin, &guests[0], &event, &kinds[0], 3).await;
    // A scan was answered, and the answer was lost: the phone decided alone and hands in the same nonce.
    let single = passes(&admin, &guests[1], &event, &kinds[0], 1).await.remove(0);
    let mut lost = queued(&site, code(&single), 5);
    let input = json!({ "code": lost["code"], "nonce": lost["nonce"] });
    said(&first.post("/tickets/scan", input).await.expect(200), "admitted", None);
    let answer = hand_in(&site, &first, vec![lost.clone()]).await;
    assert_eq!((text(&answer["scans"][0], "outcome"), &answer["scans"][0]["repeated"]), ("accepted", &json!(true)));
    // The second guest under a nonce that was used is not taken for a repeat of the first.
    let other = passes(&admin, &guests[2], &event, &kinds[0], 1).await.remove(0);
    lost["code"] = code(&other).into();
    let answer = hand_in(&site, &first, vec![lost]).await;
    assert_eq!((text(&answer["scans"][0], "outcome"), &answer["scans"][0]["repeated"]), ("accepted", &json!(false)));
    said(&scan(&first, code(&other)).await, "rejected", Some("already_redeemed"));
    // A party that showed one code three times.
    let mut shown = Vec::new();
    for n in 0..3 {
        let mut scan = queued(&site, code(&party[0]), 30 - n);
        scan["admit"] = json!(1);
        shown.push(scan);
    }
    let answer = hand_in(&site, &first, shown).await;
    assert!(answer["scans"].as_array().unwrap().iter().all(|scan| scan["outcome"] == "accepted"), "{answer}");
    assert_eq!(site.number("select count(*) from tickets where status = 'inside'").await, 5);
    // The token ran out, or the server came back from a backup: paired again, the queue is known by what it was.
    let late = passes(&admin, &guests[3], &event, &kinds[0], 1).await.remove(0);
    let mut waiting = queued(&site, code(&late), 10);
    waiting["device"] = json!(first.id);
    hand_in(&site, &first, vec![waiting.clone()]).await;
    let shown = pairing(&admin, &event, &main).await;
    let again = json!({ "code": shown["code"], "was": first.id });
    let paired = site.anonymous().post("/live/pair", again).await.expect(201);
    let second = Person { token: Some(text(&paired, "token").to_owned()), ..site.anonymous() };
    let answer = hand_in(&site, &second, vec![waiting]).await;
    assert_eq!((text(&answer["scans"][0], "outcome"), &answer["scans"][0]["repeated"]), ("accepted", &json!(true)));
    assert_eq!(site.number("select count(*) from checkin_conflicts").await, 0);
    sqlx::query("update gate_devices set expires_at = now() - interval '1 day' where id = $1::uuid")
        .bind(&first.id)
        .execute(&mut site.test.owner().await)
        .await
        .expect("it runs out");
    // The event was cancelled meanwhile: what happened, happened.
    let last = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Rain" })).await.expect(200);
    said(&scan(&second, code(&last)).await, "rejected", Some("cancelled"));
    let answer = hand_in(&site, &second, vec![queued(&site, code(&last), 10)]).await;
    assert_eq!(text(&answer["scans"][0], "outcome"), "conflict");
    assert_eq!(answer["device"]["event"]["cancelled"], true);
}

/// Adds up what happened. What is not settled yet, for other tests of this cluster still write, is counted a moment later.
pub async fn counted(site: &Site) {
    let left = "select count(*) from ticket_checkins c, gate_tally_position p where c.xid >= p.xid";
    loop {
        eventify::gate::tally::count(&mut site.test.owner().await).await.expect("counts");
        if site.number(left).await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// What a manifest says.
pub fn opened(answer: &Value) -> ManifestBody {
    let manifest: Manifest = serde_json::from_value(answer.clone()).expect("a manifest");
    let body: ManifestBody = serde_json::from_str(&manifest.body).expect("a body");
    let keys: Vec<PublicKey> = body.keys.clone();
    assert_eq!(manifest.open(&keys).expect("it is signed"), body);
    body
}

#[tokio::test]
async fn a_manifest_judges_alone_names_nobody_and_tells_what_has_changed() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let path = format!("/events/{}/attendees", text(&event, "id"));
    let noted = json!({ "ticket_type_id": kinds[0]["id"], "name": "Meera Pillai", "email": "meera@guests.test",
                        "note": "Side door", "seats": 2 });
    let noted = admin.post(&path, noted).await.expect(201);
    let tickets = admin.get(&format!("/attendees/{}/tickets", text(&noted, "id"))).await.expect(200);
    let pass = tickets["tickets"][0].clone();
    let guests = make_guests(&site, 3).await;
    for guest in &guests {
        passes(&admin, guest, &event, &kinds[0], 1).await;
    }
    let list = format!("/live/manifest/{}", text(&event, "id"));
    let answer = phone.get(&list).await.expect(200);
    let raw = answer.to_string().to_lowercase();
    for private in ["meera", "pillai", "guests.test", "side door", "example.com", &guests[0].id] {
        assert!(!raw.contains(private), "{private} can be read");
    }
    let names: Vec<String> = sqlx::query_scalar("select name from user_profiles where name <> ''")
        .fetch_all(&site.test.reader)
        .await
        .unwrap();
    assert!(names.iter().all(|name| !raw.contains(&name.to_lowercase())));
    let body = opened(&answer);
    let rows = body.tickets().expect("rows");
    assert_eq!((rows.len(), body.count, &body.since), (5, 5, &None));
    // With the code that was scanned, and only with it, its own entry opens.
    let read = gate::read(code(&pass), &body.keys, now(&site)).expect("genuine");
    let row = rows.iter().find(|row| row.tag == gate::tag_of(read.ticket)).expect("its row");
    let entry = gate::open(&read.secret, read.ticket, read.generation, &row.sealed).expect("it opens");
    assert_eq!(
        entry,
        Entry { name: "Meera Pillai".to_owned(), note: Some("Side door".to_owned()), answers: Vec::new() }
    );
    let opens = rows.iter().filter(|row| gate::open(&read.secret, read.ticket, read.generation, &row.sealed).is_some());
    assert_eq!(opens.count(), 1);
    assert_eq!(row.mark, gate::mark_of(body.event.id, text(&pass["code"], "short_code")));
    assert!(row.look && row.party.is_some());
    // The phone comes to what the server comes to.
    let facts = row.facts(&body.type_ids(), 1).expect("facts");
    let world = gate::World { event: &body.event, gate: body.gates.first(), gates: &body.gates };
    let asked =
        gate::Asked { direction: gate::Direction::In, admit: None, confirm: Some(false), force: false, at: now(&site) };
    let verdict = gate::judge(&world, &gate::Shown::Signed(read), &gate::Known::Ticket(facts), &asked);
    let answer = scan_with(&phone, code(&pass), json!({ "confirm": false })).await.expect(200);
    assert_eq!(verdict.reason.map(gate::Reason::as_str), answer["reason"].as_str());
    // What has changed since, and nothing else: a scan, a reissue, a note, a new guest.
    let changed = async |since: &str| {
        let body = opened(&phone.get(&format!("{list}?since={since}")).await.expect(200));
        let tags: BTreeSet<[u8; 8]> = body.tickets().expect("rows").iter().map(|row| row.tag).collect();
        (body.version, body.since, tags)
    };
    // Other tests' transactions in this cluster may hold a version back: then it tells more, never less.
    let (version, since, _) = changed(&body.version).await;
    assert_eq!(since.as_deref(), Some(body.version.as_str()));
    scan_with(&phone, code(&pass), json!({ "confirm": true })).await.expect(200);
    let (version, _, tags) = changed(&version).await;
    assert!(tags.contains(&row.tag));
    let other = &tickets["tickets"][1];
    admin.post(&format!("/tickets/{}/reissue", ticket_id(other)), json!({})).await.expect(200);
    let (version, _, tags) = changed(&version).await;
    assert!(tags.contains(&gate::tag_of(ticket_id(other).parse().unwrap())));
    let added = json!({ "ticket_type_id": kinds[0]["id"], "name": "Late Guest" });
    admin.post(&path, added).await.expect(201);
    let known: BTreeSet<[u8; 8]> = rows.iter().map(|row| row.tag).collect();
    assert_eq!(changed(&version).await.2.difference(&known).count(), 1, "the new guest");
    // A version of another database: everything.
    assert_eq!(changed("1.1-99").await.2.len(), 6);
}

#[tokio::test]
async fn a_new_day_of_the_board_tells_those_inside_from_those_who_were_not_scanned_out() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let mut owner = site.test.owner().await;
    let days = "update events set start_at = '2026-11-24T10:00Z', end_at = '2026-11-26T16:00Z' where id = $1::uuid";
    sqlx::query(days).bind(text(&event, "id")).execute(&mut owner).await.expect("three days");
    // Three of Tuesday, and on Wednesday two who came and one who left an hour ago.
    for (minute, direction, people) in
        [("2026-11-24T12:00Z", "in", 3), ("2026-11-25T07:50Z", "in", 2), ("2026-11-25T08:10Z", "out", 1)]
    {
        let tally =
            "insert into gate_tallies (event_id, minute, gate_id, ticket_type_id, direction, result, scans, people)
                     values ($1::uuid, $2::timestamptz, $3::uuid, $4::uuid, $5, 'admitted', $6, $6)";
        let row = sqlx::query(tally).bind(text(&event, "id")).bind(minute).bind(text(&main, "id"));
        let row = row.bind(text(&kinds[0], "id")).bind(direction).bind(people);
        row.execute(&mut owner).await.expect("a tally");
    }
    let board = admin.get(&format!("/events/{}/gate-board", text(&event, "id"))).await.expect(200);
    assert_eq!((&board["inside"], &board["inside_overnight"]), (&json!(4), &json!(3)), "{board}");
    let mut browser = Browser::of_staff(&site, &admin);
    for screen in ["", "?screen=wall"] {
        let page = browser.get(&format!("/events/{}/board{screen}", text(&event, "id"))).await;
        page.says(&["3 were not scanned out on Tuesday"]);
    }
    browser.get(&format!("/events/{}/board", text(&event, "id"))).await.says(&["No arrivals since"]);
    // Of one night that goes on past the morning nobody is set apart.
    let night = "update events set start_at = '2026-11-24T15:00Z', end_at = '2026-11-25T10:00Z' where id = $1::uuid";
    sqlx::query(night).bind(text(&event, "id")).execute(&mut owner).await.expect("one night");
    let board = admin.get(&format!("/events/{}/gate-board", text(&event, "id"))).await.expect(200);
    assert_eq!((&board["inside"], &board["inside_overnight"]), (&json!(4), &json!(0)), "{board}");
}

#[tokio::test]
async fn the_board_counts_beside_the_scans() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard", "VIP"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let guests = make_guests(&site, 3).await;
    for (n, guest) in guests.iter().enumerate() {
        let pass = passes(&admin, guest, &event, &kinds[n % 2], 2).await;
        scan_with(&phone, code(&pass[0]), json!({ "admit": "all" })).await.expect(200);
        scan(&phone, code(&pass[1])).await;
        counted(&site).await;
    }
    let annulled =
        scan(&phone, code(&passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await[0])).await;
    let path = format!("/tickets/checkins/{}/annul", text(&annulled, "checkin_id"));
    phone.post(&path, json!({ "reason": "Wrong queue" })).await.expect(200);
    counted(&site).await;
    // Nothing is counted twice.
    counted(&site).await;
    let board = phone.get(&format!("/events/{}/gate-board", text(&event, "id"))).await.expect(200);
    assert_eq!((&board["inside"], &board["came_in"], &board["refused"]), (&json!(6), &json!(6), &json!(3)), "{board}");
    assert_eq!((&board["gates"][0]["came_in"], text(&board["gates"][0], "name")), (&json!(6), "Main"));
    assert_eq!((&board["types"][0]["came_in"], &board["types"][1]["came_in"]), (&json!(4), &json!(2)));
    // The event's own figures say the same.
    let summary = admin.get(&format!("/events/{}/summary", text(&event, "id"))).await.expect(200);
    assert_eq!((&summary["came_in"], &summary["checked_in"]), (&json!(6), &json!(3)), "{summary}");
    assert_eq!(board["refusals"], json!([{ "reason": "already_redeemed", "count": 3 }]));
    assert_eq!(board["devices"][0]["health"], "well");
    let expected: f64 = board["expected"].as_array().unwrap().iter().filter_map(|at| at["people"].as_f64()).sum();
    assert!((expected - board["tickets"].as_f64().unwrap()).abs() < 0.01, "{expected}");
}

#[tokio::test]
async fn updates_reach_those_they_are_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let incident = json!({ "kind": "incident", "body": "A fight at the bar" });
    let incident = phone.post("/live/updates", incident).await.expect(201);
    assert_eq!((text(&incident, "author"), text(&incident, "gate")), ("Phone 1", "Main"));
    let told = json!({ "event_id": event["id"], "kind": "schedule", "body": "The band is late", "audience": "guests" });
    let told = admin.post("/live/updates", told).await.expect(201);
    let path = format!("/live/updates/{}", text(&event, "id"));
    let seen = async |who: &Person| {
        let rows = who.rows(&path).await;
        rows.as_array().unwrap().iter().map(|row| text(row, "body").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(seen(&phone).await, ["The band is late", "A fight at the bar"]);
    assert_eq!(seen(&site.anonymous()).await, ["The band is late"]);
    assert_eq!(site.anonymous().rows(&path).await[0]["author"], json!(null));
    admin.patch(&format!("{path}/{}", text(&incident, "id")), json!({ "pinned": true })).await.expect(200);
    assert_eq!(seen(&phone).await[0], "A fight at the bar");
    admin.delete(&format!("{path}/{}", text(&told, "id"))).await.expect(204);
    assert_eq!(seen(&site.anonymous()).await, Vec::<String>::new());
    // On the one stream a phone hears of its own event, from where it was cut, and of no other.
    let (elsewhere, _) = tonight(&site, &admin, &["Standard"]).await;
    let other = json!({ "event_id": elsewhere["id"], "kind": "info", "body": "Not for them" });
    admin.post("/live/updates", other).await.expect(201);
    let last = json!({ "event_id": event["id"], "kind": "info", "body": "All is calm" });
    admin.post("/live/updates", last).await.expect(201);
    let _publishing = crate::live::publish(&site);
    let mut stream = crate::live::Stream::open(&phone, "types=live.update_changed,role.*", Some(0)).await;
    for _ in 0..5 {
        let said = stream.message().await;
        assert_eq!((&said.data["type"], &said.data["aggregate_id"]), (&json!("live.update_changed"), &event["id"]));
    }
    admin.post(&format!("/gate-devices/{}/revoke", phone.id), json!({})).await.expect(200);
    stream.end().await;
}

#[tokio::test]
async fn a_guest_is_added_where_the_gate_may() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let phone = phone(&site, &admin, &event, &main, false).await;
    let path = format!("/events/{}/door/guests", text(&event, "id"));
    let input = json!({ "name": "Rohit Nair", "seats": 2, "note": "Crew" });
    phone.post(&path, input.clone()).await.refused(403, "forbidden");
    let open = json!({ "adds_guests": true, "version": 1 });
    admin.patch(&format!("/gates/{}", text(&main, "id")), open).await.expect(200);
    let added = phone.post(&path, input).await.expect(201);
    let ticket = added["tickets"][0].as_str().expect("a ticket");
    let named = json!({ "ticket": ticket, "nonce": "n1", "admit": "all" });
    let answer = phone.post("/tickets/scan", named).await.expect(200);
    said(&answer, "admitted", None);
    assert_eq!((&answer["admitted"], text(&answer["attendee"], "name")), (&json!(2), "Rohit Nair"));
    phone.post("/tickets/scan", json!({ "nonce": "n2" })).await.refused(422, "invalid_input");
}

#[tokio::test]
async fn the_audit_log_is_sealed_while_the_gates_are_counted() {
    let site = Site::start().await;
    site.admin().await.post("/admin/roles", json!({ "name": "Recorded" })).await.expect(201);
    let (app, stop) = (site.test.app.clone(), tokio_util::sync::CancellationToken::new());
    let counting = tokio::spawn(eventify::gate::tally::run(app, stop.clone()));
    let leads = "select count(*) from pg_locks where locktype = 'advisory' and granted
                 and database = (select oid from pg_database where datname = current_database())";
    while site.number(leads).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut owner = site.test.owner().await;
    let sealed = tokio::time::timeout(
        std::time::Duration::from_secs(10),
        eventify::audit::sealer::seal(&mut owner, site.test.app.clock.now()),
    );
    assert!(sealed.await.expect("nobody waits for the count").expect("seals") > 0);
    stop.cancel();
    counting.await.expect("ends");
}
