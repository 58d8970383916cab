//! Paying: from seats that are held to tickets, whatever is said twice, late, in another order or by somebody else.

use eventify::finance::provider::sandbox;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::browser::Browser;
use crate::fixtures::{make_guests, must_hold, open, renew, reserve, run_queued};
use crate::partners::text;
use crate::support::{Answer, Person, Site, read};

/// Begins to pay for seats.
pub async fn checkout(person: &Person, reservations: &[&Value]) -> Answer {
    let ids: Vec<&Value> = reservations.iter().map(|held| &held["id"]).collect();
    person.post("/payments/checkout", json!({ "reservation_ids": ids })).await
}

/// What the sandbox says of a payment, signed as it signs.
pub async fn say(site: &Site, state: &Value, id: &str, kind: &str) -> Answer {
    let payment = &state["payment"];
    let (minor, currency) = (payment["amount"]["minor"].as_i64().unwrap(), text(&payment["amount"], "currency"));
    send(site, id, &sandbox::message(kind, text(payment, "provider_ref"), minor, currency)).await
}

/// What it says of a refund.
pub async fn say_refund(site: &Site, state: &Value, refund: &Value, kind: &str) -> Value {
    let minor = refund["amount"]["minor"].as_i64().unwrap();
    let mut message = sandbox::message(kind, text(&state["payment"], "provider_ref"), minor, "INR");
    message["refund"] = refund["id"].clone();
    message["reason"] = "The card was closed.".into();
    send(site, &format!("evt-{kind}-{}", text(refund, "id")), &message).await.expect(200)
}

pub async fn send(site: &Site, id: &str, message: &Value) -> Answer {
    let (headers, body) = sandbox::signed(&site.test, id, message);
    post(site, &headers, body).await
}

async fn post(site: &Site, headers: &[(&'static str, String)], body: String) -> Answer {
    let mut request = site.anonymous().request(Method::POST, "/payments/webhooks/sandbox").body(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    read(request.send().await.expect("an answer")).await
}

/// Seats that were paid for: the state of the order.
pub async fn buy(site: &Site, person: &Person, event: &Value, kind: &Value, seats: i32) -> Value {
    let held = reserve(person, event, kind, seats).await.expect(201);
    let state = checkout(person, &[&held]).await.expect(201);
    let id = format!("evt-{}", text(&state["payment"], "id"));
    assert_eq!(say(site, &state, &id, "payment.captured").await.expect(200)["outcome"], "applied");
    person.get(&format!("/payments/status/{}", text(&state["order"], "id"))).await.expect(200)
}

/// The books add up, and so do the seats.
pub async fn must_balance(site: &Site, event: &Value, after: &str) {
    let mut db = site.test.reader.acquire().await.expect("a connection");
    let wrong = eventify::finance::verify::violations(&mut db).await.expect("the books");
    assert!(wrong.is_empty(), "after {after}: {wrong:?}");
    drop(db);
    must_hold(site, event, after).await;
}

/// Five percent, and eighteen of tax on it.
pub async fn with_fees(admin: &Person) {
    let fee = json!({ "fee_basis_points": 500, "tax_basis_points": 1800 });
    admin.post("/finance/fees", fee).await.expect(201);
}

#[tokio::test]
async fn paid_seats_become_tickets_and_postings() {
    let site = Site::start_reachable().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Front row", None, 129_900), ("Lawn", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    let front = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    let lawn = reserve(&people[0], &event, &kinds[1], 1).await.expect(201);
    checkout(&people[1], &[&front]).await.refused(404, "not_found");
    let state = checkout(&people[0], &[&front, &lawn]).await.expect(201);
    assert_eq!(state["order"]["amount"], json!({ "minor": 309_800, "currency": "INR" }));
    assert_eq!((&state["order"]["status"], &state["payment"]["status"]), (&"created".into(), &"initiated".into()));
    // The guest pays on the provider's page, which says so by HTTP.
    let reference = text(&state["payment"], "provider_ref").to_owned();
    sandbox::pay(&site.test.app, &reference, "4242 4242 4242 4242").await.expect("paid");
    run_queued(&site, "sandbox.send").await;
    let path = format!("/payments/status/{}", text(&state["order"], "id"));
    let paid = people[0].get(&path).await.expect(200);
    assert_eq!((&paid["order"]["status"], &paid["pay_url"]), (&"paid".into(), &Value::Null));
    people[1].get(&path).await.refused(404, "not_found");
    for (line, seats) in paid["order"]["lines"].as_array().unwrap().iter().zip([2, 1]) {
        let guest = people[0].get(&format!("/attendees/{}/tickets", text(line, "attendee_id"))).await.expect(200);
        assert_eq!(guest["tickets"].as_array().unwrap().len(), seats);
        assert_eq!(guest["attendee"]["is_paid"], true);
    }
    // Asked again, it is the same order, paid.
    let again = checkout(&people[0], &[&lawn, &front]).await.expect(201);
    assert_eq!((&again["order"]["id"], &again["pay_url"]), (&state["order"]["id"], &Value::Null));
    checkout(&people[0], &[&front]).await.refused(409, "already_in_order");
    must_balance(&site, &event, "a sale").await;

    // 5 % of 2,598 and of 500, and 18 % of each.
    let revenue = admin.get(&format!("/finance/revenue/{}", text(&event, "id"))).await.expect(200);
    let sums = ["gross", "fee", "fee_tax", "net", "refunded"].map(|part| revenue[part]["minor"].as_i64().unwrap());
    assert_eq!(sums, [309_800, 12_990 + 2_500, 2_338 + 450, 309_800 - 15_490 - 2_788, 0]);
    let partner = admin.get(&format!("/partners/{}", text(&event, "organizer_partner_id"))).await.expect(200);
    assert_eq!(partner["open_balance"]["minor"], 291_522);
    assert_eq!(partner["total_revenue"]["minor"], 309_800);
    let payment = admin.get(&format!("/payments/{}", text(&paid["payment"], "id"))).await.expect(200);
    let (list, totals) = (admin.get("/payments").await.expect(200), admin.get("/payments/totals").await.expect(200));
    let sums = totals["sums"].as_array().unwrap();
    assert_eq!((sums.len(), &sums[0]["paid"]["minor"], &sums[0]["refunded"]["minor"]), (1, &309_800.into(), &0.into()));
    assert_eq!(list["total_estimate"], sums[0]["payments"]);
    assert_eq!(admin.get("/payments/totals?refunded=true").await.expect(200), json!({ "sums": [] }));
    let journal = &payment["journals"][0];
    assert_eq!(
        journal["entries"].as_array().unwrap().iter().map(|e| e["amount"]["minor"].as_i64().unwrap()).sum::<i64>(),
        0
    );
    let journal = admin.get(&format!("/financials/journals/{}", text(journal, "id"))).await.expect(200);
    assert_eq!(journal["payment_id"], payment["payment"]["id"]);
    assert!(text(&journal, "description").contains(": 3 tickets paid"), "{journal}");
    let user = admin.get(&format!("/users/{}", people[0].id)).await.expect(200);
    assert_eq!(user["user"]["total_spent"]["minor"], 309_800);
    // Nothing of a card is kept anywhere.
    let all = crate::secrets::whole_database(&site).await.expect("the database");
    assert!(!all.contains("4242424242424242") && !all.contains("4242 4242"), "a card number is stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_checkouts_at_once_pay_once() {
    let site = Site::start_reachable().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 1).await;
    let held = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    let answers = join_all((0..16).map(|_| async { checkout(&people[0], &[&held]).await })).await;
    let states: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201)).collect();
    assert!(states.iter().all(|state| state["payment"]["id"] == states[0]["payment"]["id"]));
    let reference = text(&states[0]["payment"], "provider_ref").to_owned();
    let clicks = join_all((0..8).map(|_| sandbox::pay(&site.test.app, &reference, "4000000000000341"))).await;
    assert!(clicks.iter().all(Result::is_ok));
    assert_eq!(site.number("select count(*) from job_runs where job_type = 'sandbox.send'").await, 3);
    run_queued(&site, "sandbox.send").await;
    for sql in [
        "select count(*) from payment_orders where status = 'paid'",
        "select count(*) from payments where status = 'captured'",
        "select count(*) from ledger_journals",
        "select count(*) from event_attendees",
    ] {
        assert_eq!(site.number(sql).await, 1, "{sql}");
    }
    must_balance(&site, &event, "a rush").await;
}

#[tokio::test]
async fn forged_messages_change_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 1).await;
    let held = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let state = checkout(&people[0], &[&held]).await.expect(201);
    let reference = text(&state["payment"], "provider_ref");
    let message = sandbox::message("payment.captured", reference, 50_000, "INR");
    let (good, body) = sandbox::signed(&site.test, "evt-1", &message);
    let with = |name: &str, value: &str| -> Vec<_> {
        good.iter().map(|(n, v)| (*n, if *n == name { value.to_owned() } else { v.clone() })).collect()
    };
    let without = |name: &str| good.iter().filter(|(n, _)| *n != name).cloned().collect::<Vec<_>>();
    let forged = [
        (with("webhook-signature", "v1,AAAA"), body.clone()),
        (with("webhook-id", "evt-2"), body.clone()),
        (with("webhook-timestamp", "1"), body.clone()),
        (with("webhook-timestamp", "soon"), body.clone()),
        (good.clone(), body.replace("50000", "1")),
        (without("webhook-signature"), body.clone()),
        (without("webhook-id"), body.clone()),
        (without("webhook-timestamp"), body.clone()),
    ];
    for (headers, body) in forged {
        post(&site, &headers, body).await.refused(401, "signature_invalid");
    }
    site.test.clock.advance(Duration::minutes(6));
    post(&site, &good, body).await.refused(401, "signature_invalid");
    assert_eq!(site.number("select count(*) from payment_webhooks").await, 0);
    assert_eq!(site.number("select count(*) from payments where status <> 'initiated'").await, 0);
    // Signed, but about nothing that is known, or about another amount: kept, and nothing follows.
    let unknown = sandbox::message("payment.captured", "sbx_none", 50_000, "INR");
    assert_eq!(send(&site, "evt-3", &unknown).await.expect(200)["outcome"], "unknown_payment");
    let other = sandbox::message("payment.captured", reference, 1, "INR");
    assert_eq!(send(&site, "evt-4", &other).await.expect(200)["outcome"], "amount_differs");
    let nonsense = json!({ "type": "payment.invented", "payment": reference, "amount_minor": 1, "currency": "INR" });
    send(&site, "evt-5", &nonsense).await.refused(400, "malformed_json");
    assert_eq!(site.number("select count(*) from event_attendees").await, 0);
    must_balance(&site, &event, "forgeries").await;
}

#[tokio::test]
async fn messages_may_come_twice_and_in_any_order() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    let held = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let state = checkout(&people[0], &[&held]).await.expect(201);
    for (id, kind, outcome) in [
        ("a", "payment.captured", "applied"),
        ("a", "payment.captured", "duplicate"),
        ("b", "payment.captured", "ignored"),
        ("c", "payment.authorised", "ignored"),
        ("d", "payment.failed", "ignored"),
        ("c", "payment.authorised", "duplicate"),
    ] {
        assert_eq!(say(&site, &state, id, kind).await.expect(200)["outcome"], outcome, "{id} {kind}");
    }
    must_balance(&site, &event, "repetition").await;

    // A declined card: another attempt. Then the first one's money comes after all, and the second one's too.
    let held = reserve(&people[1], &event, &kinds[0], 2).await.expect(201);
    let first = checkout(&people[1], &[&held]).await.expect(201);
    say(&site, &first, "e", "payment.failed").await.expect(200);
    let path = format!("/payments/status/{}", text(&first["order"], "id"));
    let failed = people[1].get(&path).await.expect(200);
    assert_eq!((&failed["payment"]["status"], &failed["pay_url"]), (&"failed".into(), &Value::Null));
    let second = checkout(&people[1], &[&held]).await.expect(201);
    assert_eq!(second["order"]["id"], first["order"]["id"]);
    assert_ne!(second["payment"]["id"], first["payment"]["id"]);
    let of = format!("/payments?order_id={}", text(&first["order"], "id"));
    let one_row = format!("{of}&latest=true");
    let (all, latest) = (admin.get(&of).await.expect(200), admin.get(&one_row).await.expect(200));
    let rows = |page: &Value| page["items"].as_array().map(Vec::len);
    assert_eq!((rows(&all), rows(&latest), &latest["total_estimate"]), (Some(2), Some(1), &json!(1)));
    let row = &latest["items"][0];
    assert_eq!(
        (&row["id"], &row["attempt"], &all["items"][1]["attempt"]),
        (&second["payment"]["id"], &json!(2), &json!(1))
    );
    assert_eq!(say(&site, &first, "f", "payment.captured").await.expect(200)["outcome"], "applied");
    assert_eq!(say(&site, &second, "g", "payment.captured").await.expect(200)["outcome"], "applied");
    assert_eq!(rows(&admin.get(&one_row).await.expect(200)), Some(2), "money that came is never left out");
    let twice = admin.get(&format!("/payments/{}", text(&second["payment"], "id"))).await.expect(200);
    assert_eq!(twice["payment"]["refunded"]["minor"], 100_000, "the second one goes back");
    assert_eq!((&twice["order"]["status"], &twice["order"]["refunded"]["minor"]), (&"paid".into(), &0.into()));
    say_refund(&site, &second, &twice["refunds"][0], "refund.processed").await;
    must_balance(&site, &event, "two payments for one order").await;
}

#[tokio::test]
async fn late_money_gets_the_seats_or_goes_back() {
    let site = Site::start_reachable().await;
    let mut admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 3, &[("Paid", None, 50_000), ("Other", None, 20_000)]).await;
    let mut people = make_guests(&site, 3).await;
    let held = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    let other = reserve(&people[0], &event, &kinds[1], 1).await.expect(201);
    let late = checkout(&people[0], &[&held, &other]).await.expect(201);
    site.test.clock.advance(Duration::minutes(16));
    for person in &mut people {
        renew(&site, person).await;
    }
    let path = format!("/payments/status/{}", text(&late["order"], "id"));
    assert_eq!(people[0].get(&path).await.expect(200)["order"]["status"], "expired");
    checkout(&people[0], &[&held, &other]).await.refused(409, "reservation_expired");
    // Somebody else has taken one of three by now: two of the order still fit, one does not.
    buy(&site, &people[1], &event, &kinds[1], 1).await;
    assert_eq!(say(&site, &late, "late", "payment.captured").await.expect(200)["outcome"], "applied");
    let state = people[0].get(&path).await.expect(200);
    assert_eq!(state["order"]["status"], "partially_refunded");
    assert_eq!(state["order"]["refunded"]["minor"], 20_000);
    assert!(
        state["order"]["lines"][0]["attendee_id"].is_string() && state["order"]["lines"][1]["attendee_id"].is_null()
    );
    must_balance(&site, &event, "late money").await;
    // It is sent back without anybody's doing.
    run_queued(&site, "finance.send_refund").await;
    run_queued(&site, "sandbox.send").await;
    assert_eq!(
        site.number("select count(*) from refunds where status = 'processed' and requested_by is null").await,
        1
    );
    must_balance(&site, &event, "money sent back").await;

    // Full: all of it goes back.
    admin.sign_in().await;
    let (full, kinds) = open(&site, &admin, 1, &[("Paid", None, 50_000)]).await;
    let held = reserve(&people[0], &full, &kinds[0], 1).await.expect(201);
    let late = checkout(&people[0], &[&held]).await.expect(201);
    site.test.clock.advance(Duration::minutes(16));
    for person in &mut people {
        renew(&site, person).await;
    }
    buy(&site, &people[2], &full, &kinds[0], 1).await;
    say(&site, &late, "too late", "payment.captured").await.expect(200);
    let path = format!("/payments/status/{}", text(&late["order"], "id"));
    assert_eq!(people[0].get(&path).await.expect(200)["order"]["status"], "refunded");
    must_balance(&site, &full, "money without a seat").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_goes_back_than_came() {
    let site = Site::start_reachable().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 4, &[("Paid", None, 33_333)]).await;
    let people = make_guests(&site, 3).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 3).await;
    let payment = format!("/payments/{}", text(&paid["payment"], "id"));
    let refund = format!("{payment}/refund");
    people[0].post(&refund, json!({ "reason": "Please" })).await.refused(403, "forbidden");
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post(&refund, json!({ "reason": "Please" })).await.refused(403, "forbidden");
    let too_much = admin.post(&refund, json!({ "amount_minor": 100_000, "reason": "Too much" })).await;
    too_much.refused(422, "invalid_input");
    assert!(too_much.body["errors"]["amount_minor"][0].as_str().unwrap().contains("₹999.99"), "{}", too_much.body);
    // Two at once of sixty percent each: one is refused.
    let sixty = json!({ "amount_minor": 60_000, "reason": "Rain" });
    let both = tokio::join!(admin.post(&refund, sixty.clone()), admin.post(&refund, sixty));
    let statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    assert!(statuses == [201, 422] || statuses == [422, 201], "{statuses:?}");
    must_balance(&site, &event, "two refunds at once").await;
    // One ticket: void, its seat is the next one's on the waiting list.
    let line = json!({ "ticket_type_id": kinds[0]["id"] });
    reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    people[2].post(&format!("/events/{}/waiting-list", text(&event, "id")), line).await.expect(201);
    let detail = admin.get(&payment).await.expect(200);
    assert_eq!(
        (&detail["payment"]["refunded"]["minor"], &detail["order"]["status"]),
        (&60_000.into(), &"partially_refunded".into())
    );
    let ticket = detail["tickets"][0]["id"].clone();
    let one = json!({ "ticket_ids": [ticket], "reason": "Cannot come" });
    let made = admin.post(&refund, one.clone()).await.expect(201);
    assert_eq!(made["amount"]["minor"], 33_333);
    admin.post(&refund, one).await.refused(422, "invalid_input");
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 1);
    assert_eq!(site.number("select count(*) from waiting_list_entries where status = 'offered'").await, 1);
    // What is left voids the rest.
    let rest = admin.post(&refund, json!({ "reason": "All of it" })).await.expect(201);
    assert_eq!(rest["amount"]["minor"], 99_999 - 60_000 - 33_333);
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 3);
    admin.post(&refund, json!({ "reason": "Again" })).await.refused(409, "invalid_transition");
    let revenue = admin.get(&format!("/finance/revenue/{}", text(&event, "id"))).await.expect(200);
    for part in ["fee", "fee_tax", "net"] {
        assert_eq!(revenue[part]["minor"], 0, "all of the {part} is given back");
    }
    must_balance(&site, &event, "all refunded").await;
    // The provider could not send one: it is sent again.
    say_refund(&site, &paid, &rest, "refund.failed").await;
    let again = admin.post(&format!("/refunds/{}/retry", text(&rest, "id")), json!({})).await.expect(200);
    assert_eq!((&again["status"], &again["failure_reason"]), (&"requested".into(), &"The card was closed.".into()));
    run_queued(&site, "finance.send_refund").await;
    run_queued(&site, "sandbox.send").await;
    assert_eq!(site.number("select count(*) from refunds where status <> 'processed'").await, 0);
    must_balance(&site, &event, "all sent back").await;
}

/// However all of it goes back, no ticket stays valid.
#[tokio::test]
async fn what_is_wholly_refunded_is_wholly_void() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    for (at, person) in people.iter().enumerate() {
        let paid = buy(&site, person, &event, &kinds[0], 3).await;
        let path = format!("/payments/{}", text(&paid["payment"], "id"));
        let tickets = admin.get(&path).await.expect(200)["tickets"].clone();
        let refund = format!("{path}/refund");
        // The guest's page and the list of guests say what came back.
        let of = text(&paid["order"]["lines"][0], "attendee_id").to_owned();
        let mut guest = Browser::of(&site, person);
        let own = format!("/my/tickets?of={of}");
        guest.get(&own).await.hides(&["Refunded ₹", "of ₹1,500 refunded"]);
        // A part without a ticket first, then one ticket whose price is all that is left; or one ticket for all of it.
        let last = if at == 0 {
            admin.post(&refund, json!({ "amount_minor": 100_000, "reason": "Rain" })).await.expect(201);
            guest.get(&own).await.says(&["₹1,000 of ₹1,500 refunded", "Invoice and credit notes"]);
            json!({ "ticket_ids": [tickets[0]["id"]], "reason": "The rest" })
        } else {
            json!({ "ticket_ids": [tickets[0]["id"]], "amount_minor": 150_000, "reason": "All" })
        };
        admin.post(&refund, last).await.expect(201);
        let after = admin.get(&path).await.expect(200);
        assert_eq!(after["order"]["status"], "refunded");
        let states: Vec<&Value> = after["tickets"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
        assert_eq!(states, ["refunded"; 3], "case {at}");
        guest.get(&own).await.says(&["Refunded ₹1,500"]);
        guest.get("/my").await.says(&["Refunded ₹1,500"]);
        let listed = admin.get(&format!("/attendees/{of}")).await.expect(200);
        assert_eq!(listed["refunded"], json!({ "minor": 150_000, "currency": "INR" }));
    }
    must_balance(&site, &event, "all went back").await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_told_so() {
    let site = Site::start().await;
    let body = || {
        reqwest::Body::wrap_stream(futures::stream::iter((0..5).map(|_| Ok::<_, std::io::Error>(vec![b' '; 65_536]))))
    };
    // Its length is not said: it comes in chunks.
    let request = site.anonymous().request(Method::POST, "/payments/webhooks/sandbox").body(body());
    let sent = request.header("content-type", "application/json").send().await.expect("an answer");
    read(sent).await.refused(413, "body_too_large");
}

#[tokio::test]
async fn a_cancelled_event_pays_everybody_back() {
    let site = Site::start_reachable().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 200, &[("Paid", None, 50_000), ("Free", None, 0)]).await;
    let people = make_guests(&site, 53).await;
    for person in &people[..52] {
        buy(&site, person, &event, &kinds[0], 1).await;
    }
    reserve(&people[52], &event, &kinds[1], 1).await.expect(201);
    let cancel = format!("/events/{}/cancel", text(&event, "id"));
    admin.post(&cancel, json!({ "reason": "Storm" })).await.expect(200);
    run_queued(&site, "finance.refund_event").await;
    let path = format!("/finance/revenue/{}", text(&event, "id"));
    let half = admin.get(&path).await.expect(200);
    assert_eq!(
        (&half["orders"], &half["refunded_orders"], &half["refunds_open"]),
        (&52.into(), &50.into(), &50.into())
    );
    run_queued(&site, "finance.refund_event").await;
    run_queued(&site, "finance.send_refund").await;
    run_queued(&site, "sandbox.send").await;
    let done = admin.get(&path).await.expect(200);
    assert_eq!(
        (&done["refunded_orders"], &done["refunds_open"], &done["net"]["minor"]),
        (&52.into(), &0.into(), &0.into())
    );
    must_balance(&site, &event, "a cancelled event").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_strangers_send_and_what_comes_twice_is_no_fault_of_ours() {
    let site = Site::start().await;
    let admin = site.admin().await;
    // A time so far off that no difference to it can be told.
    for at in [i64::MIN, i64::MAX] {
        let headers = [
            ("webhook-id", "x".to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", "v1,x".to_owned()),
        ];
        post(&site, &headers, "{}".to_owned()).await.refused(401, "signature_invalid");
    }
    // An address that is no text.
    let page = reqwest::get(format!("{}/pay/sandbox/%00", site.url)).await.expect("an answer");
    assert_eq!(page.status(), 404);
    // Twelve set the same fee at once: one after the other, and one rule holds.
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let fee = |points: i32| json!({ "event_id": event["id"], "fee_basis_points": points });
    let all = join_all((0..12).map(|at| admin.post("/finance/fees", fee(100 + at)))).await;
    for answer in all {
        answer.expect(201);
    }
    assert_eq!(site.number("select count(*) from fee_schedules where replaced_at is null").await, 1);
    // A ticket that is named twice is paid back once.
    let people = make_guests(&site, 1).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 2).await;
    let attendee = text(&paid["order"]["lines"][0], "attendee_id").to_owned();
    let guest = people[0].get(&format!("/attendees/{attendee}/tickets")).await.expect(200);
    let ticket = &guest["tickets"][0]["ticket"]["id"];
    let refund = json!({ "ticket_ids": [ticket, ticket], "reason": "One of two" });
    let path = format!("/payments/{}/refund", text(&paid["payment"], "id"));
    let refund = admin.post(&path, refund).await.expect(201);
    assert_eq!(refund["amount"]["minor"], 50_000);
    must_balance(&site, &event, "a ticket named twice").await;
}
