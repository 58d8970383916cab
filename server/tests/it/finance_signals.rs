//! Whose money is whose, and what looks wrong about it.

use serde_json::{Value, json};
use time::Duration;

use crate::finance::{buy, checkout, must_balance, say, say_refund, with_fees};
use crate::finance_payouts::{joined, page, payable};
use crate::fixtures::{kind, make_guests, open, plan, renew, reserve};
use crate::partners::text;
use crate::secrets::whole_database;
use crate::support::{Person, Site};

fn minor(of: &Value, part: &str) -> i64 {
    of[part]["minor"].as_i64().unwrap_or_else(|| panic!("{part} in {of}"))
}

/// Opens a dispute of a payment by hand.
pub async fn dispute(admin: &Person, paid: &Value) -> Value {
    let asked = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    admin.post(&format!("/payments/{}/disputes", text(&paid["payment"], "id")), asked).await.expect(201)
}

async fn refund(admin: &Person, paid: &Value, input: Value) -> Value {
    admin.post(&format!("/payments/{}/refund", text(&paid["payment"], "id")), input).await.expect(201)
}

#[tokio::test]
async fn people_and_partners_see_where_their_money_is() {
    let site = Site::start_with(crate::finance_payouts::PAYS).await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    let mut paid = Vec::new();
    for seats in [2, 1, 1] {
        paid.push(buy(&site, &people[0], &event, &kinds[0], seats).await);
    }
    let back = refund(&admin, &paid[0], json!({ "amount_minor": 30_000, "reason": "Rain" })).await;
    let of = format!("/users/{}/money", people[0].id);
    let sums = admin.get(&of).await.expect(200)["sums"][0].clone();
    assert_eq!((minor(&sums, "refunded"), minor(&sums, "refunding")), (0, 30_000), "it is on its way");
    say_refund(&site, &paid[0], &back, "refund.processed").await;
    let asked = dispute(&admin, &paid[1]).await;
    let lost = json!({ "outcome": "lost", "note": "The bank wrote to us" });
    admin.post(&format!("/disputes/{}/decide", text(&asked, "id")), lost).await.expect(200);
    dispute(&admin, &paid[2]).await;

    let money = admin.get(&of).await.expect(200);
    let sums = &money["sums"][0];
    let parts = ["paid", "refunded", "refunding", "disputed", "lost", "kept"].map(|part| minor(sums, part));
    assert_eq!(parts, [200_000, 30_000, 0, 50_000, 50_000, 120_000]);
    assert_eq!((&sums["payments"], money["disputes"].as_array().unwrap().len()), (&3.into(), 2));
    let nobody = admin.get(&format!("/users/{}/money", people[1].id)).await.expect(200);
    assert_eq!((&nobody["sums"], &nobody["wallets"]), (&json!([]), &json!([])));

    // The partner's parts add up to what is owed, and to what the ledger says.
    let partner = text(&event, "organizer_partner_id");
    let other = site.person("second@example.com", "super_admin").await;
    let of_partner = format!("/partners/{partner}/money");
    let sums = admin.get(&of_partner).await.expect(200)["sums"][0].clone();
    let owed = minor(&sums, "sold")
        - ["refunded", "fee", "fee_tax", "disputed", "paid_out"].map(|part| minor(&sums, part)).iter().sum::<i64>();
    assert_eq!((minor(&sums, "sold"), minor(&sums, "refunded"), minor(&sums, "disputed")), (200_000, 30_000, 100_000));
    assert_eq!((owed, owed > 0), (minor(&sums, "owed"), true));
    let record = admin.get(&format!("/partners/{partner}")).await.expect(200);
    assert_eq!(minor(&record, "open_balance"), owed);
    let wallet = format!("/finance/wallets?partner_id={partner}");
    assert!(admin.rows(&wallet).await[0]["payout_block"].is_string(), "nobody is paid before they joined");
    payable(&admin, &other, &record, "50100234567890").await;
    joined(&site, partner).await;
    assert_eq!(admin.rows(&wallet).await[0]["payout_block"], Value::Null);
    let made = admin.post("/financials/payouts", json!({})).await.expect(201);
    other.post(&format!("/financials/payouts/{}/approve", text(&made["batch"], "id")), json!({})).await.expect(200);
    let money = admin.get(&of_partner).await.expect(200);
    assert_eq!((minor(&money["sums"][0], "owed"), minor(&money["sums"][0], "paid_out")), (0, owed));
    assert_eq!(minor(&money["payouts"][0], "amount"), owed);
    must_balance(&site, &event, "money by person").await;

    // Each transaction says what the wallet held after it; the first list ends where the wallet stands.
    let wallets = admin.rows(&format!("/finance/wallets?partner_id={partner}")).await;
    let wallet = format!("/finance/wallets/{}/transactions", text(&wallets[0], "id"));
    let all = admin.rows(&format!("{wallet}?limit=100")).await;
    let all = all.as_array().unwrap().clone();
    assert_eq!(all.len() as i64, wallets[0]["transactions"].as_i64().unwrap());
    assert_eq!(minor(&all[0], "balance"), 0);
    assert_eq!(all.iter().map(|one| minor(one, "amount")).sum::<i64>(), 0);
    assert_eq!(admin.rows(&format!("/finance/wallets?open=true&partner_id={partner}")).await, json!([]));

    // As for payments: who may see the ledger, and nobody else.
    let auditor = site.person("auditor@example.com", "auditor").await;
    let moderator = site.person("moderator@example.com", "moderator").await;
    for path in [&*of, &*of_partner, "/finance/wallets", &*wallet, "/finance/fraud-signals"] {
        auditor.get(path).await.expect(200);
        moderator.get(path).await.refused(403, "forbidden");
        people[0].get(path).await.refused(403, "forbidden");
    }
    let unknown = eventify::kernel::clock::new_uuid();
    for path in ["/users/{}/money", "/partners/{}/money", "/finance/wallets/{}/transactions"] {
        admin.get(&path.replace("{}", &unknown.to_string())).await.refused(404, "not_found");
    }
    let shown = page(&admin, &format!("/users/{}?tab=money", people[0].id)).await;
    for words in ["Totals", "₹2,000", "₹1,200", "Lost to disputes", "/payments/", "/disputes/"] {
        assert!(shown.contains(words), "the user's page does not say {words}");
    }
    let shown = page(&admin, &format!("/partners/{partner}?tab=money")).await;
    for words in ["Ticket sales", "Owed to the partner", "/payouts/", "/ledger/", "Latest entries"] {
        assert!(shown.contains(words), "the partner's page does not say {words}");
    }
    assert!(page(&admin, "/wallets").await.contains(&format!("/partners/{partner}?tab=money")));
}

/// Tries to pay, and fails.
async fn fail(site: &Site, person: &Person, held: &Value) {
    let state = checkout(person, &[held]).await.expect(201);
    let id = format!("evt-{}", text(&state["payment"], "id"));
    assert_eq!(say(site, &state, &id, "payment.failed").await.expect(200)["outcome"], "applied");
}

/// What waits to be looked at: rule, and what speaks for it.
async fn found(admin: &Person) -> Vec<(String, i64)> {
    let rows = admin.rows("/finance/fraud-signals").await;
    let one = |row: &Value| (text(row, "rule").to_owned(), row["evidence"].as_i64().unwrap());
    rows.as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn payment_after_payment_that_fails_is_looked_at() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let mut people = make_guests(&site, 2).await;
    let held = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    for _ in 0..4 {
        fail(&site, &people[0], &held).await;
    }
    let other = reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    fail(&site, &people[1], &other).await;
    assert_eq!(found(&admin).await, [], "four of one person are none, and another's do not count");
    fail(&site, &people[0], &held).await;
    assert_eq!(found(&admin).await, [("many_failures".to_owned(), 5)]);
    fail(&site, &people[0], &held).await;
    assert_eq!(found(&admin).await, [("many_failures".to_owned(), 6)], "what comes on top is told by the same one");
    // Nothing is refused by it.
    let signal = admin.rows("/finance/fraud-signals").await[0].clone();
    assert_eq!(signal["user_id"], people[0].id);
    assert_eq!(
        admin.get("/overview/waiting").await.expect(200)["fraud_signals"],
        1,
        "it waits for whoever resolves it"
    );

    let resolve = format!("/finance/fraud-signals/{}/resolve", text(&signal, "id"));
    let input = json!({ "outcome": "dismissed", "note": "The bank had locked the card" });
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post(&resolve, input.clone()).await.refused(403, "forbidden");
    for wrong in
        [json!({ "outcome": "dismissed" }), json!({ "outcome": "dismissed", "note": " " }), json!({ "note": "x" })]
    {
        admin.post(&resolve, wrong).await.refused(422, "invalid_input");
    }
    let both = tokio::join!(admin.post(&resolve, input.clone()), admin.post(&resolve, input));
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "it is resolved once");
    assert_eq!(found(&admin).await, []);
    assert_eq!(admin.get("/overview/waiting").await.expect(200)["fraud_signals"], 0);
    let all = admin.rows(&format!("/finance/fraud-signals?resolved=true&user_id={}", people[0].id)).await;
    assert_eq!((text(&all[0], "outcome"), text(&all[0], "note")), ("dismissed", "The bank had locked the card"));

    // Counted anew from then on, and no further back than an hour.
    site.test.clock.advance(Duration::seconds(1));
    for _ in 0..4 {
        fail(&site, &people[0], &held).await;
    }
    site.test.clock.advance(Duration::hours(2));
    renew(&site, &mut people[0]).await;
    let held = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    fail(&site, &people[0], &held).await;
    let mut admin = admin;
    admin.sign_in().await;
    assert_eq!(found(&admin).await, []);
    for _ in 0..4 {
        fail(&site, &people[0], &held).await;
    }
    assert_eq!(found(&admin).await, [("many_failures".to_owned(), 5)]);
}

#[tokio::test]
async fn many_payments_refunds_and_disputes_of_one_person_are_looked_at() {
    let site = Site::start().await;
    let admin = site.admin().await;
    // One person takes no more than four of a type.
    let (event, kinds) = open(&site, &admin, 40, &[("Paid", None, 50_000), ("Lawn", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    let mut paid = Vec::new();
    for at in 0..5 {
        paid.push(buy(&site, &people[0], &event, &kinds[at % 2], 1).await);
    }
    assert_eq!(found(&admin).await, []);
    paid.push(buy(&site, &people[0], &event, &kinds[1], 1).await);
    assert_eq!(found(&admin).await, [("many_payments".to_owned(), 6)]);

    // Two refunds of one payment are one; what an event's end pays back by itself is none.
    for minor in [10_000, 10_000] {
        refund(&admin, &paid[0], json!({ "amount_minor": minor, "reason": "Rain" })).await;
    }
    refund(&admin, &paid[1], json!({ "reason": "Rain" })).await;
    assert_eq!(found(&admin).await.len(), 1);
    refund(&admin, &paid[2], json!({ "reason": "Rain" })).await;
    assert!(found(&admin).await.contains(&("many_refunds".to_owned(), 3)));
    dispute(&admin, &paid[3]).await;
    assert_eq!(found(&admin).await.len(), 2, "one dispute is none");
    dispute(&admin, &paid[4]).await;
    assert!(found(&admin).await.contains(&("many_disputes".to_owned(), 2)));
    assert_eq!(found(&admin).await.len(), 3);
    let shown = page(&admin, "/fraud-signals").await;
    for words in ["Several disputes", "2 disputes within 180 days", "3 payments refunded", "6 payments within an hour"]
    {
        assert!(shown.contains(words), "the page does not say {words}");
    }
    let shown = page(&admin, &format!("/users/{}?tab=money", people[0].id)).await;
    assert!(shown.contains("3 fraud signals are open"), "the user's page does not warn");
    must_balance(&site, &event, "signals").await;

    // A cancelled event pays the others back: nobody is suspected for it.
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(buy(&site, &people[1], &event, &kinds[0], 1).await);
    }
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Heavy rain" })).await.expect(200);
    crate::fixtures::run_queued(&site, "finance.refund_event").await;
    let refunded = admin.get(&format!("/payments/{}", text(&others[2]["payment"], "id"))).await.expect(200);
    assert_eq!(refunded["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(admin.rows(&format!("/finance/fraud-signals?user_id={}", people[1].id)).await, json!([]));
}

#[tokio::test]
async fn a_host_who_pays_for_an_own_event_is_looked_at() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let event = people[0].post("/events", plan(&site, 20, 12)).await.expect(201);
    let paid = kind(&admin, &event, "Paid", None, 50_000).await;
    let event = admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    buy(&site, &people[1], &event, &paid, 1).await;
    assert_eq!(found(&admin).await, []);
    let held = reserve(&people[0], &event, &paid, 1).await.expect(201);
    let state = checkout(&people[0], &[&held]).await.expect(201);
    say(&site, &state, "evt-own", "payment.captured").await.expect(200);
    assert_eq!(found(&admin).await, [("own_event".to_owned(), 1)]);
    // The host's wallet is on the host's page.
    let money = admin.get(&format!("/users/{}/money", people[0].id)).await.expect(200);
    assert_eq!((minor(&money["wallets"][0], "balance"), minor(&money["sums"][0], "paid")), (100_000, 50_000));
}

#[tokio::test]
async fn what_was_written_of_an_erased_person_is_gone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 1).await;
    let own = people[0].get("/me").await.expect(200);
    people[0].patch("/me", json!({ "name": "Markbearer Signalled", "version": own["version"] })).await.expect(200);
    for _ in 0..2 {
        let paid = buy(&site, &people[0], &event, &kinds[0], 1).await;
        dispute(&admin, &paid).await;
    }
    let signal = admin.rows("/finance/fraud-signals").await[0].clone();
    let resolve = format!("/finance/fraud-signals/{}/resolve", text(&signal, "id"));
    admin.post(&resolve, json!({ "outcome": "confirmed", "note": "mark-signal" })).await.expect(200);
    let before = whole_database(&site).await.expect("a dump");
    assert!(before.contains("mark-signal") && before.contains("Markbearer"), "the test proves nothing");
    let asked = people[0].post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let run = format!("/privacy/requests/{}/run", text(&asked, "id"));
    assert_eq!(admin.post(&run, json!({})).await.expect(200)["status"], "completed");
    let after = whole_database(&site).await.expect("a dump");
    for mark in ["mark-signal", "Markbearer"] {
        if let Some(at) = after.find(mark) {
            panic!("{mark} is still stored: …{}…", &after[at.saturating_sub(200)..(at + 80).min(after.len())]);
        }
    }
    assert_eq!(site.number("select count(*) from fraud_signals").await, 1, "that there was one stays");
}
