//! What the gate must hold against: guesses and removals at the same time, calls whose answer was lost, another's name.

use std::collections::BTreeSet;

use eventify::gate::{ManifestBody, tag_of};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::fixtures::{make_guests, must_hold};
use crate::gate::{asks, code, gate, main_phone, passes, phone, said, scan, scan_with, ticket_id, tonight};
use crate::gate_devices::{hand_in, pairing, queued, within_event};
use crate::partners::text;
use crate::support::{Person, Site};

/// Until somebody waits for a lock in this database.
async fn somebody_waits(site: &Site) {
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    // The application's role does not see what others wait for.
    let mut owner = site.test.owner().await;
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut owner).await.expect("a number") == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pins_that_are_guessed_at_the_same_time_are_counted() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    assert_eq!(admin.get("/auth/me").await.expect(200)["has_gate_pin"], false);
    admin.put("/auth/gate-pin", json!({ "pin": "48291" })).await.expect(204);
    assert_eq!(admin.get("/auth/me").await.expect(200)["has_gate_pin"], true);
    let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    let force = |pin: String| json!({ "force": { "reason": "A friend", "pin": pin } });
    // A right one is no guess, however often.
    for _ in 0..6 {
        scan_with(&phone, code(&pass), force("48291".to_owned())).await.expect(200);
    }
    let calls = (0..20).map(|n| scan_with(&phone, code(&pass), force(format!("1000{n:02}"))));
    let tried = join_all(calls).await.iter().filter(|answer| answer.status == 403).count();
    assert_eq!(tried, 5, "so many were tried");
}

#[tokio::test]
async fn who_works_at_one_event_takes_that_events_supervisors_and_who_reads_elsewhere_scans_here() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let (elsewhere, _) = tonight(&site, &admin, &["Standard"]).await;
    gate(&admin, &event, json!({ "name": "Main" })).await;
    let vip = gate(&admin, &event, json!({ "name": "VIP", "direction": "out" })).await;
    let supervisor = within_event(&site, &admin, &event, "super@example.com", "gate_supervisor").await;
    supervisor.put("/auth/gate-pin", json!({ "pin": "73150" })).await.expect(204);
    let steward = within_event(&site, &admin, &event, "steward@example.com", "gate_staff").await;
    let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    let force = json!({ "gate": vip["id"], "force": { "reason": "The band's guest", "pin": "73150" } });
    said(&scan_with(&steward, code(&pass), force).await.expect(200), "admitted", None);
    // Somebody who manages another event and scans at this one.
    let both = within_event(&site, &admin, &elsewhere, "both@example.com", "event_manager").await;
    let given = json!({ "role_id": site.role("gate_staff").await, "event_id": event["id"] });
    admin.post(&format!("/admin/users/{}/assignments", both.id), given).await.expect(201);
    both.get(&format!("/tickets/status/{}", ticket_id(&pass))).await.expect(200);
}

/// While a scan has its ticket, whoever also writes its guest waits for the ticket before the guest, and what the scan's
/// attempt refers to is not kept from it: otherwise each would wait for the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tickets_are_locked_before_their_guests() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard", "VIP"]).await;
    let guests = make_guests(&site, 6).await;
    let asked = guests[1].post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let mut calls = Vec::new();
    for guest in &guests {
        let pass = passes(&admin, guest, &event, &kinds[0], 2).await.remove(1);
        calls.push((ticket_id(&pass).to_owned(), text(&pass["ticket"], "attendee_id").to_owned()));
    }
    let why = json!({ "reason": "Rain" });
    let acts = [
        (format!("/attendees/{}/move", calls[0].1), json!({ "ticket_type_id": kinds[1]["id"] })),
        (format!("/privacy/requests/{}/run", text(&asked, "id")), json!({})),
        (format!("/tickets/{}/reissue", calls[2].0), json!({})),
        (format!("/tickets/{}/revoke", calls[3].0), why.clone()),
        (format!("/attendees/{}/cancel", calls[4].1), why.clone()),
        (format!("/events/{}/cancel", text(&event, "id")), why),
    ];
    let referred = [("events", text(&event, "id")), ("ticket_types", text(&kinds[0], "id"))];
    for ((ticket, guest), (path, input)) in calls.into_iter().zip(acts) {
        let mut scan = site.test.owner().await;
        sqlx::query("begin").execute(&mut scan).await.unwrap();
        sqlx::query("select 1 from tickets where id = $1::uuid for update")
            .bind(&ticket)
            .execute(&mut scan)
            .await
            .unwrap();
        let (admin, called) = (admin.clone(), path.clone());
        let call = tokio::spawn(async move { admin.post(&called, input).await });
        somebody_waits(&site).await;
        sqlx::query("select 1 from event_attendees where id = $1::uuid for no key update nowait")
            .bind(&guest)
            .execute(&mut scan)
            .await
            .expect("the guest is free for the scan");
        for (table, id) in referred {
            sqlx::query(sqlx::AssertSqlSafe(format!("select 1 from {table} where id = $1::uuid for key share nowait")))
                .bind(id)
                .execute(&mut scan)
                .await
                .unwrap_or_else(|error| panic!("{path}: the scan's attempt can refer to {table}: {error}"));
        }
        sqlx::query("commit").execute(&mut scan).await.unwrap();
        call.await.expect("it goes on").expect(200);
    }
}

/// Who is in when the event is cancelled stays so; the rest of the party has no tickets any more, and nothing is wrong.
#[tokio::test]
async fn a_party_that_is_half_in_when_its_event_is_cancelled_adds_up() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let party = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 2).await;
    scan_with(&phone, code(&party[0]), json!({ "admit": "one" })).await.expect(200);
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Rain" })).await.expect(200);
    let stand = "select array_agg(status order by status) from tickets";
    let stand: Vec<String> = sqlx::query_scalar(stand).fetch_one(&site.test.reader).await.expect("two");
    assert_eq!(stand, ["inside", "revoked"]);
    must_hold(&site, &event, "cancelling").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_phone_is_paired_with_a_gate_that_is_being_removed_nor_moved_there() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let other = phone(&site, &admin, &event, &main, false).await;
    for moves in [false, true] {
        let gone = gate(&admin, &event, json!({ "name": format!("Side {moves}") })).await;
        let shown = pairing(&admin, &event, &gone).await;
        let mut remover = site.test.owner().await;
        sqlx::query("begin").execute(&mut remover).await.unwrap();
        sqlx::query("update gates set removed_at = now() where id = $1::uuid")
            .bind(text(&gone, "id"))
            .execute(&mut remover)
            .await
            .unwrap();
        let (anyone, admin, device) = (site.anonymous(), admin.clone(), other.id.clone());
        let call = tokio::spawn(async move {
            match moves {
                false => anyone.post("/live/pair", json!({ "code": shown["code"] })).await,
                true => admin.patch(&format!("/gate-devices/{device}"), json!({ "gate_id": gone["id"] })).await,
            }
        });
        tokio::time::timeout(std::time::Duration::from_secs(20), somebody_waits(&site)).await.expect("it waits");
        sqlx::query("commit").execute(&mut remover).await.unwrap();
        let answer = call.await.expect("an answer");
        match moves {
            false => answer.refused(410, "link_invalid"),
            true => answer.refused(422, "invalid_input"),
        }
    }
}

async fn again(who: &Person, path: &str, input: &Value) -> Value {
    let call = || who.request(reqwest::Method::POST, path).header("idempotency-key", "n-1").json(input).send();
    let first = crate::support::read(call().await.expect("an answer")).await.expect(201);
    assert_eq!(crate::support::read(call().await.expect("an answer")).await.expect(201), first);
    first
}

#[tokio::test]
async fn what_is_sent_again_counts_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let door = gate(&admin, &event, json!({ "name": "Main", "adds_guests": true })).await;
    let phone = phone(&site, &admin, &event, &door, false).await;
    again(&phone, "/live/updates", &json!({ "kind": "incident", "body": "A fight" })).await;
    again(&phone, &format!("/events/{}/door/guests", text(&event, "id")), &json!({ "name": "Rohit", "seats": 1 }))
        .await;
    assert_eq!(site.number("select count(*) from live_updates").await, 1);
    assert_eq!(site.number("select count(*) from event_attendees").await, 1);
}

#[tokio::test]
async fn phones_learn_who_was_banned_and_who_has_another_name() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let guests = make_guests(&site, 3).await;
    let mut tags = Vec::new();
    for guest in &guests {
        let pass = passes(&admin, guest, &event, &kinds[0], 1).await.remove(0);
        tags.push(tag_of(ticket_id(&pass).parse().unwrap()));
    }
    let list = format!("/live/manifest/{}", text(&event, "id"));
    let read = async |since: &str| -> (String, Vec<eventify::gate::Row>) {
        let answer = phone.get(&format!("{list}{since}")).await.expect(200);
        let body: ManifestBody = serde_json::from_str(text(&answer, "body")).expect("a body");
        (body.version.clone(), body.tickets().expect("rows"))
    };
    // What is settled later than the list is told again: until nothing is.
    let quiet = async || loop {
        let (version, _) = read("").await;
        if read(&format!("?since={version}")).await.1.is_empty() {
            return version;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let version = quiet().await;
    admin.post(&format!("/users/{}/ban", guests[0].id), json!({ "reason": "Fights" })).await.expect(200);
    let (_, rows) = read(&format!("?since={version}")).await;
    let banned: Vec<_> = rows.iter().map(|row| (row.tag, row.blocked)).collect();
    assert_eq!(banned, [(tags[0], true)]);
    let version = quiet().await;
    admin.post(&format!("/users/{}/unban", guests[0].id), json!({ "reason": "Said sorry" })).await.expect(200);
    let profile = guests[1].get("/me").await.expect(200);
    let named = json!({ "name": "Another Name", "version": profile["version"] });
    guests[1].patch("/me", named).await.expect(200);
    let (_, rows) = read(&format!("?since={version}")).await;
    let told: BTreeSet<_> = rows.iter().map(|row| (row.tag, row.blocked)).collect();
    assert_eq!(told, BTreeSet::from([(tags[0], false), (tags[1], false)]));
}

#[tokio::test]
async fn a_phone_hands_in_under_its_own_name_and_staff_under_any_of_the_event() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    let (one, two) =
        (phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &main, false).await);
    let guests = make_guests(&site, 3).await;
    let mut waiting = Vec::new();
    for guest in &guests {
        let pass = passes(&admin, guest, &event, &kinds[0], 1).await.remove(0);
        waiting.push(queued(&site, code(&pass), 10));
    }
    // Another's name is not taken: it stays free for whom it belongs to.
    let mut foreign = waiting[0].clone();
    foreign["device"] = json!(one.id);
    hand_in(&site, &two, vec![foreign]).await;
    let sources = "select count(distinct source) from ticket_checkins";
    let own = sqlx::query_scalar::<_, String>("select source::text from ticket_checkins")
        .fetch_all(&site.test.reader)
        .await
        .unwrap();
    assert_eq!(own, std::slice::from_ref(&two.id));
    // Paired anew, and once more: what the first of them had queued is known by its name.
    let mut scan = waiting[1].clone();
    scan["device"] = json!(one.id);
    hand_in(&site, &one, vec![scan.clone()]).await;
    let mut now = one.clone();
    for _ in 0..2 {
        let shown = pairing(&admin, &event, &main).await;
        let paired =
            site.anonymous().post("/live/pair", json!({ "code": shown["code"], "was": now.id })).await.expect(201);
        let id = text(&paired["device"], "id").to_owned();
        now = Person { token: Some(text(&paired, "token").to_owned()), id, ..site.anonymous() };
    }
    let answer = hand_in(&site, &now, vec![scan]).await;
    assert_eq!(answer["scans"][0]["repeated"], json!(true), "{answer}");
    // For a phone that is lost, somebody hands in its queue.
    let mut lost = waiting[2].clone();
    lost["device"] = json!(one.id);
    let sent = json!({ "sent_at": lost["device_time"], "event_id": event["id"], "scans": [lost] });
    admin.post("/live/sync", sent).await.expect(200);
    assert_eq!(site.number(sources).await, 2, "no third name");
}

#[tokio::test]
async fn gates_that_cannot_be_read_are_a_fault_and_let_nobody_in() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard", "VIP"]).await;
    let vip = gate(&admin, &event, json!({ "name": "VIP", "ticket_types": [kinds[1]["id"]] })).await;
    let phone = phone(&site, &admin, &event, &vip, false).await;
    let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    sqlx::query("update gates set opens_at = '-infinity'")
        .execute(&mut site.test.owner().await)
        .await
        .expect("a fault");
    let answer = phone.post("/tickets/scan", asks(code(&pass))).await;
    assert_eq!(answer.status, 500);
    assert_eq!(site.number("select count(*) from tickets where status = 'inside'").await, 0);
}

#[tokio::test]
async fn the_check_ins_add_up_and_what_does_not_is_named() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let guests = make_guests(&site, 3).await;
    let party = passes(&admin, &guests[0], &event, &kinds[0], 3).await;
    let all = scan_with(&phone, code(&party[0]), json!({ "admit": "all" })).await.expect(200);
    let annul = format!("/tickets/checkins/{}/annul", text(&all, "checkin_id"));
    phone.post(&annul, json!({ "reason": "Wrong queue" })).await.expect(200);
    scan_with(&phone, code(&party[1]), json!({ "admit": 2 })).await.expect(200);
    scan_with(&phone, code(&party[1]), json!({ "direction": "out" })).await.expect(200);
    let pass = passes(&admin, &guests[1], &event, &kinds[0], 1).await.remove(0);
    scan(&phone, code(&pass)).await;
    // A double admission without a network is known, as long as its conflict is there.
    hand_in(&site, &phone, vec![queued(&site, code(&pass), 5)]).await;
    let broken = async || {
        let mut db = site.test.owner().await;
        eventify::gate::verify::violations(&mut db).await.expect("it looks")
    };
    loop {
        eventify::gate::tally::count(&mut site.test.owner().await).await.expect("counts");
        if site.number("select count(*) from ticket_checkins c, gate_tally_position p where c.xid >= p.xid").await == 0
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(broken().await, Vec::<String>::new());
    for (statement, says) in [
        ("delete from checkin_conflicts", "admitted more than once"),
        ("update tickets set status = 'inside' where status = 'issued' or status = 'outside'", "stands"),
        ("update ticket_secrets set is_redeemed = false, redeemed_at = null", "redeemed"),
        ("update gate_tallies set people = people + 1", "counted"),
    ] {
        let before = broken().await.len();
        sqlx::query(statement).execute(&mut site.test.owner().await).await.expect(statement);
        let wrong = broken().await;
        assert!(wrong.len() > before && wrong.iter().any(|what| what.contains(says)), "{statement}: {wrong:#?}");
    }
}
