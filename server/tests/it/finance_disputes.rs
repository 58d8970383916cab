//! Disputes: what a bank asks back is held, and goes where it is decided, once.

use eventify::finance::provider::sandbox;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Executor;
use time::Duration;

use crate::finance::{buy, checkout, must_balance, say_refund, send, with_fees};
use crate::finance_settlements::import;
use crate::fixtures::{make_guests, open, renew, reserve, run_queued};
use crate::partners::{BOUNDARY, PDF, text};
use crate::support::{Answer, Person, Site, read};

/// What the sandbox says of a dispute.
async fn say(site: &Site, state: &Value, name: &str, kind: &str, minor: i64) -> Value {
    let mut message = sandbox::message(kind, text(&state["payment"], "provider_ref"), minor, "INR");
    message["dispute"] = name.into();
    message["reason"] = "The cardholder does not recognise the payment.".into();
    message["due_at"] =
        eventify::kernel::timestamp::Timestamp(site.test.clock.now().0 + Duration::days(7)).rfc3339().into();
    send(site, &format!("evt-{kind}-{name}"), &message).await.expect(200)["outcome"].clone()
}

pub async fn add_evidence(person: &Person, dispute: &str, kind: &str, file: &[u8]) -> Answer {
    let mut body = Vec::new();
    body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n").bytes());
    let disposition = "form-data; name=\"file\"; filename=\"Scan of the list.pdf\"";
    body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n").bytes());
    body.extend_from_slice(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let request = person.request(Method::POST, &format!("/disputes/{dispute}/evidence"));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    read(request.header("content-type", kind).body(body).send().await.expect("an answer")).await
}

/// What the organiser is owed.
async fn owed(admin: &Person, event: &Value) -> i64 {
    let partner = admin.get(&format!("/partners/{}", text(event, "organizer_partner_id"))).await.expect(200);
    partner["open_balance"]["minor"].as_i64().unwrap()
}

#[tokio::test]
async fn a_dispute_holds_money_until_it_is_decided() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 2).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 2).await;
    let payment = format!("/payments/{}", text(&paid["payment"], "id"));
    let before = owed(&admin, &event).await;
    assert_eq!(say(&site, &paid, "dp_1", "dispute.opened", 999_999).await, "amount_differs");
    // Whatever comes twice opens it once.
    assert_eq!(say(&site, &paid, "dp_2", "dispute.opened", 200_000).await, "applied");
    assert_eq!(say(&site, &paid, "dp_2", "dispute.opened", 200_000).await, "duplicate");
    assert_eq!(say(&site, &paid, "dp_3", "dispute.opened", 200_000).await, "ignored");
    assert_eq!(owed(&admin, &event).await, before - 200_000, "it is held");
    assert_eq!(admin.get(&payment).await.expect(200)["payment"]["status"], "disputed");
    admin.post(&format!("{payment}/refund"), json!({ "reason": "Rain" })).await.refused(409, "invalid_transition");
    let by_hand = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    admin.post(&format!("{payment}/disputes"), by_hand).await.refused(409, "invalid_transition");
    must_balance(&site, &event, "an open dispute").await;

    let attention = admin.get("/admin/payments").await.expect(200);
    assert_eq!((&attention["disputes_open"], &attention["disputes_due"]), (&1.into(), &0.into()));
    assert_eq!(attention["held"], json!([{ "minor": 200_000, "currency": "INR" }]));
    let queue = admin.rows("/disputes?status=opened").await;
    let id = text(&queue[0], "id").to_owned();
    assert_eq!(queue, attention["disputes"]);

    // Evidence: nothing is submitted without, and nothing added afterwards.
    let path = format!("/disputes/{id}");
    admin.post(&format!("{path}/submit"), json!({})).await.refused(409, "invalid_transition");
    add_evidence(&admin, &id, "rumour", PDF).await.refused(422, "invalid_input");
    add_evidence(&admin, &id, "attendance", b"<script>").await.refused(422, "invalid_input");
    let auditor = site.person("auditor@example.com", "auditor").await;
    add_evidence(&auditor, &id, "attendance", PDF).await.refused(403, "forbidden");
    let file = add_evidence(&admin, &id, "attendance", PDF).await.expect(201);
    assert_eq!((text(&file, "file_name"), text(&file, "added_by_name")), ("Scan of the list.pdf", "Test Person"));
    let download = format!("{path}/evidence/{}/file", text(&file, "id"));
    let sent = auditor.request(Method::GET, &download).send().await.expect("an answer");
    assert_eq!((sent.status().as_u16(), sent.headers()["content-type"].to_str().unwrap()), (200, "application/pdf"));
    assert_eq!(sent.bytes().await.expect("the file"), PDF);
    people[0].get(&download).await.refused(403, "forbidden");
    assert_eq!(admin.post(&format!("{path}/submit"), json!({})).await.expect(200)["status"], "under_review");
    add_evidence(&admin, &id, "receipt", PDF).await.refused(409, "invalid_transition");

    // Won: all is as before, and it is decided once.
    let decide = format!("{path}/decide");
    let mail = json!({ "outcome": "won", "note": "The bank wrote to us" });
    auditor.post(&decide, mail.clone()).await.refused(403, "forbidden");
    let both = tokio::join!(admin.post(&decide, mail.clone()), admin.post(&decide, mail));
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "two decide at once");
    assert_eq!(say(&site, &paid, "dp_2", "dispute.lost", 200_000).await, "ignored");
    assert_eq!(owed(&admin, &event).await, before);
    let detail = admin.get(&path).await.expect(200);
    assert_eq!((text(&detail["dispute"], "status"), detail["journals"].as_array().unwrap().len()), ("won", 2));
    let of_payment = admin.get(&payment).await.expect(200);
    assert_eq!(of_payment["journals"].as_array().unwrap().len(), 3, "a payment shows what was disputed");
    assert_eq!(site.number("select count(*) from outbox_events where type = 'dispute.opened'").await, 1);
    assert_eq!(site.number("select count(*) from outbox_events where type = 'dispute.updated'").await, 2);
    must_balance(&site, &event, "a dispute that was won").await;
}

#[tokio::test]
async fn a_lost_dispute_voids_what_nobody_paid_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 2, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 2).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 2).await;
    let line = json!({ "ticket_type_id": kinds[0]["id"] });
    people[1].post(&format!("/events/{}/waiting-list", text(&event, "id")), line).await.expect(201);
    let before = owed(&admin, &event).await;
    // Part of it went back already: no more than the rest can be asked for.
    let payment = format!("/payments/{}", text(&paid["payment"], "id"));
    admin.post(&format!("{payment}/refund"), json!({ "amount_minor": 50_000, "reason": "Rain" })).await.expect(201);
    let ask =
        |minor: i64| json!({ "amount_minor": minor, "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    let refused = admin.post(&format!("{payment}/disputes"), ask(150_001)).await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["amount_minor"][0].as_str().unwrap().contains("₹1,500"), "{}", refused.body);
    admin.post(&format!("{payment}/disputes"), ask(0)).await.refused(422, "invalid_input");
    let made = admin.post(&format!("{payment}/disputes"), ask(150_000)).await.expect(201);
    assert_eq!(text(&made, "opened_by_name"), "Test Person");
    // The bank decides without waiting for evidence.
    let decide = format!("/disputes/{}/decide", text(&made, "id"));
    let lost = admin.post(&decide, json!({ "outcome": "lost", "note": "The bank wrote to us" })).await.expect(200);
    assert_eq!((text(&lost, "status"), text(&lost, "closed_by_name")), ("lost", "Test Person"));
    admin
        .post(&decide, json!({ "outcome": "won", "note": "No, they did not" }))
        .await
        .refused(409, "invalid_transition");
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 2);
    assert_eq!(site.number("select count(*) from waiting_list_entries where status = 'offered'").await, 1);
    let user = admin.get(&format!("/users/{}", people[0].id)).await.expect(200);
    assert_eq!(user["user"]["total_spent"]["minor"], 0);
    let revenue = admin.get(&format!("/finance/revenue/{}", text(&event, "id"))).await.expect(200);
    assert_eq!((&revenue["disputed"]["minor"], &revenue["refunded"]["minor"]), (&150_000.into(), &50_000.into()));
    // The fee on what was sold stays earned; the refunded quarter's came back.
    assert_eq!(owed(&admin, &event).await, before - 200_000 + (11_800 / 4));
    must_balance(&site, &event, "a dispute that was lost").await;
}

/// Where the payment of an order is.
pub fn payment(paid: &Value) -> String {
    format!("/payments/{}", text(&paid["payment"], "id"))
}

fn ask(minor: i64) -> Value {
    json!({ "amount_minor": minor, "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" })
}

fn lost() -> Value {
    json!({ "outcome": "lost", "note": "The bank wrote to us" })
}

/// A bank takes back a part of a payment.
pub async fn lose(admin: &Person, payment: &str, minor: i64) {
    let made = admin.post(&format!("{payment}/disputes"), ask(minor)).await.expect(201);
    admin.post(&format!("/disputes/{}/decide", text(&made, "id")), lost()).await.expect(200);
}

#[tokio::test]
async fn what_a_lost_dispute_leaves_can_still_go_back() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 4).await;
    let lose = async |payment: &str, minor: i64| {
        lose(&admin, payment, minor).await;
        must_balance(&site, &event, "a dispute over a part").await;
        let after = admin.get(payment).await.expect(200)["payment"].clone();
        (text(&after, "status").to_owned(), after["lost"]["minor"].as_i64().unwrap())
    };
    let all = json!({ "reason": "Rain" });

    // Lost twice over a part, and the rest is paid back; never more than that.
    let first = buy(&site, &people[0], &event, &kinds[0], 2).await;
    let of = payment(&first);
    assert_eq!(lose(&of, 1_000).await, ("captured".to_owned(), 1_000));
    assert_eq!(lose(&of, 9_000).await, ("captured".to_owned(), 10_000));
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 0);
    let more = json!({ "amount_minor": 190_001, "reason": "Rain" });
    for refused in
        [admin.post(&format!("{of}/refund"), more).await, admin.post(&format!("{of}/disputes"), ask(190_001)).await]
    {
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"]["amount_minor"][0].as_str().unwrap().contains("₹1,900"), "{}", refused.body);
    }
    let refund = admin.post(&format!("{of}/refund"), all.clone()).await.expect(201);
    assert_eq!(refund["amount"]["minor"], 190_000);
    say_refund(&site, &first, &refund, "refund.processed").await;
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 2);
    admin.post(&format!("{of}/refund"), all.clone()).await.refused(409, "invalid_transition");
    admin.post(&format!("{of}/disputes"), ask(1)).await.refused(409, "invalid_transition");
    let user = admin.get(&format!("/users/{}", people[0].id)).await.expect(200);
    assert_eq!(user["user"]["total_spent"]["minor"], 0);
    must_balance(&site, &event, "a refund of what was left").await;

    // A server that does not know of parts cannot pay back more than is left either.
    let of = payment(&buy(&site, &people[2], &event, &kinds[0], 1).await);
    lose(&of, 1_000).await;
    let all_of_it = "update payments set refunded_minor = amount_minor where refunded_minor = 0";
    let refused = site.test.pool.execute(all_of_it).await.unwrap_err().to_string();
    assert!(refused.contains("more than lost disputes left"), "{refused}");

    // Lost bit by bit until nothing is left.
    let of = payment(&buy(&site, &people[1], &event, &kinds[0], 1).await);
    lose(&of, 10_000).await;
    assert_eq!(lose(&of, 90_000).await, ("lost".to_owned(), 100_000));
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 3);
    admin.post(&format!("{of}/refund"), all).await.refused(409, "invalid_transition");

    // A cancelled event pays back what is left, also of what is decided only then.
    let open_still = payment(&buy(&site, &people[3], &event, &kinds[0], 1).await);
    let made = admin.post(&format!("{open_still}/disputes"), ask(20_000)).await.expect(201);
    let cancel = format!("/events/{}/cancel", text(&event, "id"));
    admin.post(&cancel, json!({ "reason": "Storm" })).await.expect(200);
    run_queued(&site, "finance.refund_event").await;
    assert_eq!(site.number("select count(*) from refunds where amount_minor = 99000").await, 1);
    assert_eq!(site.number("select count(*) from refunds").await, 2);
    admin.post(&format!("/disputes/{}/decide", text(&made, "id")), lost()).await.expect(200);
    run_queued(&site, "finance.refund_event").await;
    assert_eq!(site.number("select count(*) from refunds where amount_minor = 80000").await, 1);
    must_balance(&site, &event, "a cancelled event with disputes that were lost in part").await;
}

#[tokio::test]
async fn a_card_that_is_disputed_leads_to_a_dispute() {
    let site = Site::start_reachable().await;
    let mut admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let mut people = make_guests(&site, 1).await;
    let held = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let state = checkout(&people[0], &[&held]).await.expect(201);
    let reference = text(&state["payment"], "provider_ref").to_owned();
    sandbox::pay(&site.test.app, &reference, "4000 0000 0000 0259").await.expect("paid");
    site.test.clock.advance(Duration::minutes(2));
    run_queued(&site, "sandbox.send").await;
    renew(&site, &mut people[0]).await;
    admin.sign_in().await;
    let dispute = admin.rows("/disputes").await[0].clone();
    assert_eq!((text(&dispute, "status"), &dispute["opened_by_name"]), ("opened", &Value::Null));
    // The event is cancelled meanwhile: everybody else is paid back, and this guest once the dispute is withdrawn.
    let cancel = format!("/events/{}/cancel", text(&event, "id"));
    admin.post(&cancel, json!({ "reason": "Storm" })).await.expect(200);
    run_queued(&site, "finance.refund_event").await;
    assert_eq!(site.number("select count(*) from refunds").await, 0);
    let name = text(&dispute, "provider_ref").to_owned();
    assert_eq!(say(&site, &state, &name, "dispute.withdrawn", 100_000).await, "applied");
    run_queued(&site, "finance.refund_event").await;
    assert_eq!(site.number("select count(*) from refunds where amount_minor = 100000").await, 1);
    must_balance(&site, &event, "a withdrawn dispute").await;
}

#[tokio::test]
async fn evidence_that_is_due_within_a_day_waits_for_whoever_may_submit_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let auditor = site.person("auditor@example.com", "auditor").await;
    let people = make_guests(&site, 2).await;
    for (person, hours, due) in [(0, 30, 0), (1, 12, 1)] {
        let paid = buy(&site, &people[person], &event, &kinds[0], 1).await;
        let due_at = site.test.clock.now().plus(Duration::hours(hours)).rfc3339();
        let by_hand = json!({ "reason": "A letter came", "due_at": due_at });
        admin.post(&format!("/payments/{}/disputes", text(&paid["payment"], "id")), by_hand).await.expect(201);
        let waiting = admin.get("/overview/waiting").await.expect(200);
        assert_eq!(waiting["disputes_due"], due, "{waiting}");
    }
    let waiting = auditor.get("/overview/waiting").await.expect(200);
    assert!(waiting["disputes_due"].is_null(), "who only reads them has nothing to hand in: {waiting}");
}

/// Tells of a dispute as another system does.
async fn tell(by: &Person, payload: Value) -> Answer {
    let id = eventify::kernel::clock::new_uuid();
    by.post("/bus/events", json!({ "id": id, "type": "payment.dispute.raised", "payload": payload })).await
}

#[tokio::test]
async fn a_dispute_opened_by_hand_takes_the_name_it_is_told() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 2).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 1).await;
    let other = buy(&site, &people[1], &event, &kinds[0], 1).await;
    let by_hand = json!({ "amount_minor": 60_000, "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    let mut opened = Vec::new();
    for one in [&paid, &other] {
        let path = format!("/payments/{}/disputes", text(&one["payment"], "id"));
        opened.push(admin.post(&path, by_hand.clone()).await.expect(201));
    }
    // By the bus: another amount or currency is refused, and what agrees gives the dispute its name, once.
    let said = json!({ "reference": "case-7", "payment_id": paid["payment"]["id"], "reason": "Not as described" });
    for (field, wrong) in [("amount_minor", json!(50_000)), ("currency", json!("EUR"))] {
        let mut bad = said.clone();
        bad[field] = wrong;
        let refused = tell(&admin, bad).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"][format!("payload.{field}")].is_array(), "{field}: {}", refused.body);
    }
    assert_eq!(tell(&admin, said.clone()).await.expect(200), json!({ "taken": true }));
    assert_eq!(tell(&admin, said).await.expect(200), json!({ "taken": false }));
    let named = admin.get(&format!("/disputes/{}", text(&opened[0], "id"))).await.expect(200)["dispute"].clone();
    assert_eq!((text(&named, "provider_ref"), text(&named, "status")), ("case-7", "opened"));
    assert_eq!((text(&named, "opened_by_name"), &named["amount"]["minor"]), ("Test Person", &60_000.into()));
    assert_eq!(site.number("select count(*) from audit_logs where action = 'dispute.reference_added'").await, 1);
    // By the provider's own message: so it can decide it too.
    assert_eq!(say(&site, &other, "dp_1", "dispute.opened", 50_000).await, "amount_differs");
    assert_eq!(say(&site, &other, "dp_2", "dispute.opened", 60_000).await, "applied");
    assert_eq!(say(&site, &other, "dp_3", "dispute.opened", 60_000).await, "ignored", "it has a name already");
    assert_eq!(say(&site, &other, "dp_2", "dispute.lost", 60_000).await, "applied");
    assert_eq!(site.number("select count(*) from disputes").await, 2);
    must_balance(&site, &event, "disputes that were named").await;
    // A report knows both by these names.
    let lost = json!({ "outcome": "lost", "note": "The bank wrote to us" });
    admin.post(&format!("/disputes/{}/decide", text(&named, "id")), lost).await.expect(200);
    let rows = ["case-7", "dp_2"].map(|name| format!("dispute,{name},-600.00,0,INR,S1,2026-11-24"));
    let done = import(&admin, &rows).await.expect(200);
    assert_eq!(done["settlements"][0]["exceptions"], 0);
    must_balance(&site, &event, "a report of disputes").await;
}

#[tokio::test]
async fn the_bus_raises_a_dispute_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 2).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 1).await;
    let other = buy(&site, &people[1], &event, &kinds[0], 1).await;
    let before = owed(&admin, &event).await;
    let tell = async |payload: Value| tell(&admin, payload).await;
    let payment = &paid["payment"];
    let mut said = json!({ "reference": "case-7", "provider": "sandbox", "provider_ref": payment["provider_ref"],
                           "amount_minor": 60_000, "currency": "INR", "reason": "Not as described",
                           "due_at": "2026-12-24T12:00:00Z" });
    // What cannot be right is refused by its name, and changes nothing.
    for (field, wrong) in [
        ("provider_ref", json!("sb_nobody")),
        ("provider", json!("paypal")),
        ("amount_minor", json!(100_001)),
        ("amount_minor", json!(0)),
        ("currency", json!("EUR")),
        ("reason", Value::Null),
        ("reference", json!("")),
        ("due_at", json!("soon")),
    ] {
        let mut bad = said.clone();
        bad[field] = wrong;
        let refused = tell(bad).await;
        refused.refused(422, "invalid_input");
        let named = &refused.body["errors"][format!("payload.{field}")];
        assert!(named.is_array(), "{field}: {}", refused.body);
    }
    for bad in [json!([]), json!({}), json!({ "reference": "case-7", "reason": "x" })] {
        tell(bad).await.refused(422, "invalid_input");
    }
    assert_eq!(owed(&admin, &event).await, before);

    let (done, nothing) = (json!({ "taken": true }), json!({ "taken": false }));
    assert_eq!(tell(said.clone()).await.expect(200), done);
    assert_eq!(tell(said.clone()).await.expect(200), nothing, "it came before");
    said["reference"] = "case-8".into();
    assert_eq!(tell(said).await.expect(200), nothing, "it is disputed already");
    assert_eq!(owed(&admin, &event).await, before - 60_000, "it is held");
    let queue = admin.rows("/disputes").await;
    let one = &queue[0];
    assert_eq!(
        (text(one, "provider_ref"), text(one, "reason"), &one["opened_by_name"]),
        ("case-7", "Not as described", &Value::Null)
    );
    // A reference of one payment is not quietly taken for another's.
    let theirs = json!({ "reference": "case-7", "payment_id": other["payment"]["id"], "reason": "Stolen card" });
    let refused = tell(theirs).await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["payload.reference"].is_array(), "{}", refused.body);
    // By our own id, for all that is left and within a week.
    let plain = json!({ "reference": "case-9", "payment_id": other["payment"]["id"], "reason": "Stolen card" });
    assert_eq!(tell(plain).await.expect(200), done);
    let dispute = admin.get(&format!("/payments/{}", text(&other["payment"], "id"))).await.expect(200);
    assert_eq!(dispute["payment"]["status"], "disputed");
    assert_eq!(site.number("select count(*) from outbox_events where type = 'dispute.opened'").await, 2);
    must_balance(&site, &event, "disputes from the bus").await;
}
