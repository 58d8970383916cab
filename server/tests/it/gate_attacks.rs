//! What somebody hostile, or a phone that is broken, tries at the gate.

use eventify::gate::Moment;
use serde_json::{Value, json};
use time::Duration;

use crate::fixtures::make_guests;
use crate::gate::{code, gate, main_phone, passes, phone, said, scan, scan_with, ticket_id, tonight};
use crate::gate_devices::{hand_in, queued, within_event};
use crate::partners::text;
use crate::support::{Person, Site};

/// A scan that was handed in, changed in these places.
pub fn changed(scan: Value, more: Value) -> Value {
    let mut scan = scan;
    for (name, value) in more.as_object().expect("fields") {
        scan[name] = value.clone();
    }
    scan
}

/// What became of each scan, and why.
fn outcomes(answer: &Value) -> Vec<(&str, Option<&str>)> {
    let scans = answer["scans"].as_array().expect("scans");
    scans.iter().map(|scan| (text(scan, "outcome"), scan["reason"].as_str())).collect()
}

async fn kinds_of_conflicts(admin: &Person, event: &Value) -> Vec<String> {
    let rows = admin.rows(&format!("/events/{}/checkin-conflicts", text(event, "id"))).await;
    rows.as_array().expect("rows").iter().map(|row| text(row, "kind").to_owned()).collect()
}

#[tokio::test]
async fn a_scan_that_cannot_be_read_holds_up_no_other() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let guests = make_guests(&site, 3).await;
    let mut good = Vec::new();
    for guest in &guests {
        let pass = passes(&admin, guest, &event, &kinds[0], 1).await.remove(0);
        good.push(queued(&site, code(&pass), 10));
    }
    let menu = queued(&site, "MENU\0…", 10);
    let wrong = |more: Value| changed(queued(&site, "MENU", 10), more);
    let scans = vec![
        good.remove(0),
        menu.clone(),
        wrong(json!({ "result": "perhaps" })),
        wrong(json!({ "reason": "a_new_one" })),
        wrong(json!({ "device_time": "9999-01-01T00:00:00Z" })),
        wrong(json!({ "admitted": -1 })),
        json!("no scan at all"),
        // As some languages write a whole number.
        changed(good.remove(0), json!({ "admitted": 1.0 })),
        good.remove(0),
    ];
    let answer = hand_in(&site, &phone, scans).await;
    let (taken, malformed) = (("accepted", None), ("refused", Some("malformed")));
    let mut wanted = vec![malformed; 9];
    (wanted[0], wanted[7], wanted[8]) = (taken, taken, taken);
    assert_eq!(outcomes(&answer), wanted, "{answer}");
    assert_eq!(answer["scans"][1]["nonce"], menu["nonce"], "it is told which");
    assert_eq!(site.number("select count(*) from tickets where status = 'inside'").await, 3);
}

#[tokio::test]
async fn clocks_that_are_far_off_are_taken_and_make_nobody_the_first() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let paired = site.test.clock.now();
    let phone = phone(&site, &admin, &event, &main, false).await;
    let guests = make_guests(&site, 3).await;
    let mut own = Vec::new();
    for guest in &guests {
        own.push(passes(&admin, guest, &event, &kinds[0], 1).await.remove(0));
    }
    site.test.clock.advance(Duration::minutes(5));
    let old = json!({ "device_time": "1900-01-01T00:00:00Z" });
    let scans = vec![changed(queued(&site, code(&own[0]), 0), old.clone()), queued(&site, code(&own[1]), 0)];
    let sent = json!({ "sent_at": "9998-12-31T23:59:59Z", "scans": scans });
    let answer = phone.post("/live/sync", sent).await.expect(200);
    assert_eq!(outcomes(&answer), [("accepted", None); 2], "{answer}");
    let told = scan(&phone, code(&own[0])).await;
    let first = Moment::parse(text(&told["first_scan"], "at")).expect("a time");
    assert!(first >= eventify::gate::moment(paired), "no phone scans before it is paired: {told}");
    // A second use, said to be of 1970, is not told as the first.
    said(&scan(&phone, code(&own[2])).await, "admitted", None);
    let used = changed(queued(&site, code(&own[2]), 0), json!({ "device_time": "1970-01-01T00:00:00Z" }));
    let answer = hand_in(&site, &phone, vec![used]).await;
    assert_eq!(outcomes(&answer), [("conflict", None)], "{answer}");
    let told = scan(&phone, code(&own[2])).await;
    let first = Moment::parse(text(&told["first_scan"], "at")).expect("a time");
    assert!(first >= eventify::gate::moment(paired), "{told}");
}

#[tokio::test]
async fn what_is_handed_in_is_held_to_the_rules_of_the_gate() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard", "VIP"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let vip = gate(&admin, &event, json!({ "name": "VIP", "ticket_types": [kinds[1]["id"]] })).await;
    let steward = within_event(&site, &admin, &event, "steward@example.com", "gate_staff").await;
    let (plain, theirs) =
        (phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &vip, true).await);
    let guests = make_guests(&site, 4).await;
    let mut own = Vec::new();
    for guest in &guests {
        own.push(passes(&admin, guest, &event, &kinds[0], 1).await.remove(0));
    }
    let by_staff = async |scan: Value| {
        let sent = json!({ "sent_at": scan["device_time"], "event_id": event["id"], "scans": [scan] });
        steward.post("/live/sync", sent).await.expect(200)
    };
    let forced = |reason: &str| json!({ "forced": reason, "force_reason": "A friend", "staff": "Asha Rao" });
    // At the wrong gate: by whoever is no supervisor, forced or not.
    let at_vip = |n: usize| changed(queued(&site, code(&own[n]), 5), json!({ "gate": vip["id"] }));
    assert_eq!(outcomes(&by_staff(at_vip(0)).await), [("conflict", None)]);
    assert_eq!(outcomes(&by_staff(changed(at_vip(1), forced("wrong_gate"))).await), [("conflict", None)]);
    assert_eq!(kinds_of_conflicts(&admin, &event).await, ["against_rules"; 2]);
    // It happened: they are inside, and it is said whose account handed it in.
    let path = format!("/tickets/status/{}", ticket_id(&own[1]));
    let status = admin.get(&path).await.expect(200);
    assert_eq!(text(&status, "status"), "inside");
    let by = text(&status["attempts"][0], "by");
    assert!(by.starts_with("Asha Rao (") && status["attempts"][0]["forced"].is_null(), "{status}");
    // A supervisor's phone forces what it says, and not what it did not know of.
    let answer = hand_in(&site, &theirs, vec![changed(at_vip(2), forced("wrong_gate"))]).await;
    assert_eq!(outcomes(&answer), [("accepted", None)], "{answer}");
    let answer = hand_in(&site, &theirs, vec![changed(at_vip(2), forced("wrong_gate"))]).await;
    assert_eq!(outcomes(&answer), [("conflict", None)], "it was used already: {answer}");
    // Used, said to be forced by somebody else, and for a hundred people.
    let many =
        changed(changed(queued(&site, code(&own[2]), 5), forced("already_redeemed")), json!({ "admitted": 100 }));
    let answer = hand_in(&site, &plain, vec![many.clone()]).await;
    assert_eq!(outcomes(&answer), [("conflict", None)], "{answer}");
    assert_eq!(site.number("select max(people)::bigint from ticket_checkins").await, 1, "no more than the booking has");
    let again = changed(many, json!({ "nonce": "n-many", "admitted": 1, "gate": main["id"] }));
    assert_eq!(outcomes(&hand_in(&site, &theirs, vec![again]).await), [("accepted", None)]);
    let audited = admin.rows("/admin/audit?action=ticket.forced").await;
    assert_eq!(audited.as_array().map(Vec::len), Some(3), "what supervisors forced: {audited}");
    // Somebody who was banned that minute.
    admin.post(&format!("/users/{}/ban", guests[3].id), json!({ "reason": "Fights" })).await.expect(200);
    let answer = hand_in(&site, &plain, vec![queued(&site, code(&own[3]), 5)]).await;
    assert_eq!(outcomes(&answer), [("conflict", None)], "{answer}");
    assert_eq!(kinds_of_conflicts(&admin, &event).await[0], "against_rules");
}

#[tokio::test]
async fn a_scan_that_comes_after_it_was_handed_in_gets_its_answer() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let party = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 2).await;
    let both = changed(queued(&site, code(&party[0]), 5), json!({ "admitted": 2, "admit": "all" }));
    let record = hand_in(&site, &phone, vec![both.clone()]).await["scans"][0]["checkin_id"].clone();
    let late = json!({ "code": both["code"], "nonce": both["nonce"], "admit": "all" });
    let answer = phone.post("/tickets/scan", late).await.expect(200);
    said(&answer, "admitted", None);
    assert_eq!((&answer["checkin_id"], &answer["admitted"]), (&record, &json!(2)), "{answer}");
    assert_eq!((&answer["ticket"]["status"], &answer["attendee"]["inside"]), (&json!("inside"), &json!(2)), "{answer}");
    assert_eq!(site.number("select count(*) from ticket_checkins").await, 2, "nothing happened twice");
    let other = json!({ "code": both["code"], "nonce": both["nonce"], "direction": "out" });
    phone.post("/tickets/scan", other).await.refused(422, "nonce_used");
}

#[tokio::test]
async fn a_pin_is_found_among_any_number_of_supervisors() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    gate(&admin, &event, json!({ "name": "Main" })).await;
    let vip = gate(&admin, &event, json!({ "name": "VIP", "direction": "out" })).await;
    let phone = phone(&site, &admin, &event, &vip, false).await;
    let first = within_event(&site, &admin, &event, "first@example.com", "gate_supervisor").await;
    first.put("/auth/gate-pin", json!({ "pin": "73150" })).await.expect(204);
    let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    let force = json!({ "force": { "reason": "The band's guest", "pin": "73150" } });
    // Set before there were tags: found all the same, and by its tag from then on.
    let tagged = "select count(*) from gate_pins where pin_tag is not null";
    let mut owner = site.test.owner().await;
    sqlx::query("update gate_pins set pin_tag = null").execute(&mut owner).await.expect("an older row");
    said(&scan_with(&phone, code(&pass), force.clone()).await.expect(200), "admitted", None);
    assert_eq!(site.number(tagged).await, 1);
    let others = "with u as (insert into admin_users (id, email, full_name, status)
                 select gen_random_uuid(), 'super' || n || '@example.com', 'Super', 'active' from generate_series(1, 40) n
                 returning id),
             a as (insert into user_role_assignments (id, user_id, role_id, event_id)
                 select gen_random_uuid(), u.id, r.id, $1::uuid from u, roles r where r.code = 'gate_supervisor')
         insert into gate_pins (user_id, pin_hash) select id, 'none' from u";
    sqlx::query(others).bind(text(&event, "id")).execute(&mut owner).await.expect("supervisors");
    said(&scan_with(&phone, code(&pass), force).await.expect(200), "admitted", None);
    // An older process that changes the hash leaves no tag of the PIN before.
    sqlx::query("update gate_pins set pin_hash = 'other'").execute(&mut owner).await.expect("changed");
    assert_eq!(site.number(tagged).await, 0);
}

#[tokio::test]
async fn guests_are_told_by_supervisors_alone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let (plain, theirs) =
        (phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &main, true).await);
    let steward = within_event(&site, &admin, &event, "steward@example.com", "gate_staff").await;
    let path = format!("/live/updates/{}", text(&event, "id"));
    let says = |more: Value| changed(json!({ "event_id": event["id"], "kind": "info", "body": "Go home" }), more);
    let staff = plain.post("/live/updates", says(json!({}))).await.expect(201);
    for who in [&plain, &steward] {
        who.post("/live/updates", says(json!({ "audience": "guests" }))).await.refused(403, "forbidden");
        who.post("/live/updates", says(json!({ "pinned": true }))).await.refused(403, "forbidden");
    }
    let one = format!("{path}/{}", text(&staff, "id"));
    steward.patch(&one, json!({ "pinned": true })).await.refused(403, "forbidden");
    let told = theirs.post("/live/updates", says(json!({ "audience": "guests", "pinned": true }))).await.expect(201);
    steward.delete(&format!("{path}/{}", text(&told, "id"))).await.refused(403, "forbidden");
    assert_eq!(site.anonymous().rows(&path).await.as_array().map(Vec::len), Some(1));
    steward.delete(&one).await.expect(204);
}

#[tokio::test]
async fn a_phone_does_not_learn_who_paired_the_others() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let path = format!("/events/{}/gate-board", text(&event, "id"));
    let board = phone.get(&path).await.expect(200);
    assert_eq!((text(&board["devices"][0], "name"), &board["devices"][0]["paired_by"]), ("Phone 1", &json!(null)));
    assert!(admin.get(&path).await.expect(200)["devices"][0]["paired_by"].is_string());
}

#[tokio::test]
async fn a_gate_closes_after_it_opens() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let hours = json!({ "name": "Main", "opens_at": "2030-01-01T18:00:00Z" });
    let main = gate(&admin, &event, hours).await;
    let path = format!("/gates/{}", text(&main, "id"));
    for closes in ["2030-01-01T18:00:00Z", "2030-01-01T17:00:00Z"] {
        let answer = admin.patch(&path, json!({ "closes_at": closes, "version": 1 })).await;
        answer.refused(422, "invalid_input");
        assert_eq!(answer.body["errors"]["closes_at"], json!(["must be after it opens"]), "{}", answer.body);
    }
    admin.patch(&path, json!({ "closes_at": "2030-01-01T19:00:00Z", "version": 1 })).await.expect(200);
}

#[tokio::test]
async fn people_are_found_by_their_order_and_added_by_a_name_that_can_be_read() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let guests = make_guests(&site, 2).await;
    let pair = passes(&admin, &guests[0], &event, &kinds[0], 2).await;
    passes(&admin, &guests[1], &event, &kinds[0], 1).await;
    let paid = "with o as (insert into payment_orders (id, order_reference, user_id, event_id, amount_minor, currency,
                     payment_provider, status, expires_at, paid_at)
                 select gen_random_uuid(), 'EV-Q1TMDB8SDX', k.user_id, k.event_id, 100, 'INR', 'sandbox', 'paid', now(), now()
                 from tickets k where k.id = $1::uuid returning id)
         insert into payment_order_lines (id, order_id, reservation_id, ticket_type_id, seats, amount_minor, tax_minor,
             fee_minor, fee_tax_minor)
         select gen_random_uuid(), o.id, a.reservation_id, k.ticket_type_id, 2, 100, 0, 0, 0
         from o, tickets k join event_attendees a on a.id = k.attendee_id where k.id = $1::uuid";
    sqlx::query(paid).bind(ticket_id(&pair[0])).execute(&mut site.test.owner().await).await.expect("an order");
    let path = format!("/events/{}/door", text(&event, "id"));
    for typed in ["EV-Q1TMDB8SDX", "ev-q1tmdb8sdx", "Q1TMDB8SDX", "%20EV%20Q1TMDB8SDX"] {
        let found = admin.get(&format!("{path}/search?q={typed}")).await.expect(200);
        let tickets: Vec<_> = found["items"].as_array().unwrap().iter().map(|one| text(one, "attendee_id")).collect();
        assert_eq!(tickets, [text(&pair[0]["ticket"], "attendee_id"); 2], "{typed}: {found}");
    }
    let none = admin.get(&format!("{path}/search?q=EV-Q1TMDB8SDY")).await.expect(200);
    assert_eq!(none["items"], json!([]));
    let add = async |name: &str| admin.post(&format!("{path}/guests"), json!({ "name": name, "seats": 1 })).await;
    add("Asha \u{202e}evil").await.refused(422, "invalid_input");
    // At its ends such a mark is left out, as it is of every name: address books put them there.
    let added = add("\u{202e}Asha").await.expect(201);
    let guest = admin.get(&format!("/attendees/{}", text(&added, "attendee_id"))).await.expect(200);
    assert_eq!(text(&guest, "name"), "Asha", "{guest}");
}

#[tokio::test]
async fn what_is_cut_says_so() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    for n in 0..5 {
        let update = json!({ "event_id": event["id"], "kind": "info", "body": format!("{n}"), "pinned": n == 0 });
        admin.post("/live/updates", update).await.expect(201);
    }
    let path = format!("/live/updates/{}", text(&event, "id"));
    for (which, wanted) in [("", ["0", "4", "3", "2", "1"]), ("&after=0", ["0", "1", "2", "3", "4"])] {
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let page = admin.get(&format!("{path}?limit=2{which}{cursor}")).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|one| text(one, "body").to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, wanted);
    }
    let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    scan(&phone, code(&pass)).await;
    let status = format!("/tickets/status/{}", ticket_id(&pass));
    assert_eq!(admin.get(&status).await.expect(200)["more"], json!(false));
    let rows = "insert into ticket_checkins (id, event_id, ticket_id, checked_in_at, recorded_at, direction, result)
         select gen_random_uuid(), event_id, id, now(), now(), 'in', 'rejected' from tickets, generate_series(1, 200)
         where id = $1::uuid";
    sqlx::query(rows).bind(ticket_id(&pass)).execute(&mut site.test.owner().await).await.expect("attempts");
    let answer = admin.get(&status).await.expect(200);
    assert_eq!((answer["attempts"].as_array().map(Vec::len), &answer["more"]), (Some(200), &json!(true)));
}
