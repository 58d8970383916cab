//! Selling at the door: tickets at once, cash in the books, and never more seats than there are.

use eventify::kernel::clock::new_uuid;
use reqwest::Method;
use serde_json::{Value, json};

use crate::finance::{buy, must_balance, with_fees};
use crate::fixtures::{make_guests, open};
use crate::partners::text;
use crate::support::{Person, Site, read};

fn sale(kind: &Value, seats: i32, method: &str) -> Value {
    json!({ "ticket_type_id": kind["id"], "seats": seats, "method": method, "name": "Rohit Iyer" })
}

async fn balance(admin: &Person, kind: &str) -> i64 {
    let sums = admin.rows("/financials/balances").await;
    let of = sums.as_array().unwrap().iter().find(|sum| sum["kind"] == kind);
    of.map_or(0, |sum| sum["balance"]["minor"].as_i64().unwrap())
}

#[tokio::test]
async fn tickets_are_sold_for_cash_and_given_away_at_the_door() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000), ("Guests", Some(2), 0)]).await;
    let people = make_guests(&site, 1).await;
    buy(&site, &people[0], &event, &kinds[0], 2).await;
    let door = format!("/events/{}/door-sales", text(&event, "id"));

    // Said twice, it is sold once.
    let key = new_uuid().to_string();
    let once = async || {
        let request = admin.request(Method::POST, &door).header("idempotency-key", &key);
        read(request.json(&sale(&kinds[0], 3, "cash")).send().await.expect("an answer")).await.expect(201)
    };
    let (sold, again) = (once().await, once().await);
    assert_eq!(sold, again);
    assert_eq!(sold["amount"], json!({ "minor": 150_000, "currency": "INR" }));
    assert_eq!(sold["tickets"].as_array().unwrap().len(), 3, "issued at once");
    assert_eq!(balance(&admin, "cash").await, 150_000);
    let given = admin.post(&door, sale(&kinds[0], 1, "comp")).await.expect(201);
    assert_eq!(given["amount"]["minor"], 0);
    must_balance(&site, &event, "door sales").await;
    let takings = admin.get(&format!("{door}/takings")).await.expect(200);
    assert_eq!(
        (&takings["cash"]["minor"], &takings["sold"], &takings["given"]),
        (&150_000.into(), &3.into(), &1.into())
    );
    let revenue = admin.get(&format!("/finance/revenue/{}", text(&event, "id"))).await.expect(200);
    assert_eq!((&revenue["gross"]["minor"], &revenue["fee"]["minor"]), (&250_000.into(), &12_500.into()));
    let kind = &revenue["types"][0];
    assert_eq!((&kind["seats"], &kind["gross"]["minor"]), (&5.into(), &250_000.into()));

    // Four seats are left; a type of another event is none of this one's.
    admin.post(&door, sale(&kinds[0], 5, "cash")).await.refused(409, "sold_out");
    admin.post(&door, sale(&json!({ "id": new_uuid() }), 1, "cash")).await.refused(422, "invalid_input");
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post(&door, sale(&kinds[0], 1, "cash")).await.refused(403, "forbidden");

    // The cash goes back: the tickets are void, the seats free, the fee is the organiser's again.
    let refund = format!("/door-sales/{}/refund", text(&sold, "id"));
    let reason = json!({ "reason": "The guest cannot stay" });
    auditor.post(&refund, reason.clone()).await.refused(403, "forbidden");
    let back = admin.post(&refund, reason.clone()).await.expect(200);
    assert_eq!(text(&back, "refund_reason"), "The guest cannot stay");
    assert_eq!(balance(&admin, "cash").await, 0);
    let guest = admin.get(&format!("/attendees/{}", text(&sold, "attendee_id"))).await.expect(200);
    assert_eq!(guest["refunded"]["minor"], 150_000, "the guest list says so too");
    admin.post(&refund, reason).await.refused(409, "invalid_transition");
    assert_eq!(site.number("select count(*) from tickets where status = 'refunded'").await, 3);
    must_balance(&site, &event, "cash that went back").await;
    let sales = admin.rows(&door).await;
    let shown: Vec<bool> = sales.as_array().unwrap().iter().map(|one| one["refunded_at"].is_null()).collect();
    assert_eq!(shown, [true, false], "the latest first");
    let revenue = admin.get(&format!("/finance/revenue/{}", text(&event, "id"))).await.expect(200);
    assert_eq!((&revenue["refunded"]["minor"], &revenue["fee"]["minor"]), (&150_000.into(), &5_000.into()));

    // Once the event is cancelled nothing is sold there.
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Heavy rain" })).await.expect(200);
    admin.post(&door, sale(&kinds[0], 1, "cash")).await.refused(409, "event_closed");
}

#[tokio::test]
async fn doors_never_sell_a_seat_twice() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 4, &[("Paid", None, 50_000)]).await;
    let door = format!("/events/{}/door-sales", text(&event, "id"));
    let asked =
        (0..8).map(|at| crate::fixtures::patiently(&admin, &door, sale(&kinds[0], 1, ["cash", "comp"][at % 2])));
    let answers = futures::future::join_all(asked).await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, 4, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    must_balance(&site, &event, "sales at once").await;
    let guests = admin.rows(&format!("/events/{}/attendees", text(&event, "id"))).await;
    assert!(guests.as_array().unwrap().iter().all(|guest| guest["at_door"] == true), "{guests}");
    // Who bought at the door did not book: figures, filter and file say so.
    let bought = guests.as_array().unwrap().iter().filter(|guest| guest["source"] == "direct").count();
    let seen = admin.get(&format!("/events/{}/summary", text(&event, "id"))).await.expect(200);
    let at_door = seen["sources"].as_array().unwrap().iter().filter(|from| from["at_door"] == true);
    assert_eq!(at_door.map(|from| from["seats"].as_i64().unwrap()).sum::<i64>(), bought as i64, "{seen}");
    let listed = async |query: &str| {
        admin.rows(&format!("/events/{}/attendees?{query}", text(&event, "id"))).await.as_array().unwrap().len()
    };
    assert_eq!(listed("source=direct&at_door=true").await, bought);
    assert_eq!(listed("source=direct&at_door=false").await, 0);
    let file = admin.request(Method::GET, &format!("/events/{}/attendees/export", text(&event, "id")));
    let file = file.send().await.unwrap().text().await.unwrap();
    assert_eq!(file.matches(",door,").count(), bought, "{file}");
}

#[tokio::test]
async fn cash_goes_to_the_bank_and_no_more_than_there_is() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let door = format!("/events/{}/door-sales", text(&event, "id"));
    let sold = admin.post(&door, sale(&kinds[0], 3, "cash")).await.expect(201);
    let bank = format!("/events/{}/cash-deposits", text(&event, "id"));
    let slip = |minor: i64| json!({ "amount_minor": minor, "reference": "HDFC-0041" });
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post(&bank, slip(100)).await.refused(403, "forbidden");
    for (wrong, field) in [
        (slip(150_001), "amount_minor"),
        (slip(0), "amount_minor"),
        (json!({ "amount_minor": 100 }), "reference"),
        (json!({ "amount_minor": 100, "reference": " " }), "reference"),
    ] {
        let refused = admin.post(&bank, wrong).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"][field].is_array(), "{}", refused.body);
    }
    // Two at once never pay in more than there is.
    let other = json!({ "amount_minor": 100_000, "reference": "HDFC-0042" });
    let both = tokio::join!(admin.post(&bank, slip(100_000)), admin.post(&bank, other));
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
    assert_eq!((balance(&admin, "cash").await, balance(&admin, "bank").await), (50_000, 100_000));
    must_balance(&site, &event, "cash that was paid in").await;
    let takings = admin.get(&format!("{door}/takings")).await.expect(200);
    assert_eq!((&takings["cash"]["minor"], &takings["deposited"]["minor"]), (&50_000.into(), &100_000.into()));
    let paid_in = auditor.rows(&bank).await;
    let known = text(&paid_in[0], "reference").to_owned();
    // One slip is one payment into the bank.
    let again = admin.post(&bank, json!({ "amount_minor": 100, "reference": known })).await;
    again.refused(422, "invalid_input");
    assert!(again.body["errors"]["reference"].is_array(), "{}", again.body);
    let journal = admin.get(&format!("/financials/journals/{}", text(&paid_in[0], "journal_id"))).await.expect(200);
    assert_eq!((text(&journal, "kind"), text(&paid_in[0], "reference")), ("cash_deposit", &*known));
    let shown = crate::finance_payouts::page(&admin, &door).await;
    for words in ["Paid into the bank", &known, "Record a bank deposit?"] {
        assert!(shown.contains(words), "the page does not say {words}");
    }
    // Those who see to money find it among the event's money, without selling at the door themselves.
    let finance = site.person("finance@example.com", "finance").await;
    finance.get(&format!("{door}/takings")).await.refused(403, "forbidden");
    let revenue = format!("/finance/revenue/{}", text(&event, "id"));
    assert_eq!(finance.get(&revenue).await.expect(200)["cash"]["minor"], 50_000);
    let tab = format!("/events/{}?tab=money", text(&event, "id"));
    let shown = crate::finance_payouts::page(&finance, &tab).await;
    for words in ["In the cash box", "Record a bank deposit?"] {
        assert!(shown.contains(words), "the money tab does not say {words}");
    }
    // The guest gets cash from elsewhere then, and the books say so.
    admin.post(&format!("/door-sales/{}/refund", text(&sold, "id")), json!({ "reason": "Ill" })).await.expect(200);
    assert_eq!(balance(&admin, "cash").await, -100_000);
    must_balance(&site, &event, "cash that went back").await;
    for (person, path) in [(&admin, &door), (&finance, &tab)] {
        let shown = crate::finance_payouts::page(person, path).await;
        assert!(shown.contains("The cash box is short by ₹1,000"), "{path} is silent");
    }
}

#[tokio::test]
async fn a_cancelled_events_cash_is_listed_and_handed_back() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let door = format!("/events/{}/door-sales", text(&event, "id"));
    let mut sold = Vec::new();
    for method in ["cash", "cash", "comp"] {
        sold.push(admin.post(&door, sale(&kinds[0], 2, method)).await.expect(201));
    }
    let owed = async || {
        let takings = admin.get(&format!("{door}/takings")).await.expect(200);
        (takings["to_hand_back"]["minor"].as_i64().unwrap(), takings["sales_to_hand_back"].as_i64().unwrap())
    };
    assert_eq!(owed().await, (0, 0), "while it takes place nothing is owed");
    admin.post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "Storm" })).await.expect(200);
    assert_eq!(owed().await, (200_000, 2));
    let shown = crate::finance_payouts::page(&admin, &door).await;
    for words in ["₹2,000 in cash to refund", "Refund 2 sales"] {
        assert!(shown.contains(words), "the page does not say {words}");
    }
    let listed = admin.rows(&format!("{door}?refunded=false&method=cash")).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    for one in &sold[..2] {
        let path = format!("/door-sales/{}/refund", text(one, "id"));
        admin.post(&path, json!({ "reason": "The event was cancelled" })).await.expect(200);
        must_balance(&site, &event, "cash of a cancelled event").await;
    }
    assert_eq!((owed().await, balance(&admin, "cash").await), ((0, 0), 0));
    assert_eq!(admin.rows(&format!("{door}?refunded=true")).await.as_array().unwrap().len(), 2);
    // The organiser owes nothing and is owed nothing.
    let revenue = admin.get(&format!("/finance/revenue/{}", text(&event, "id"))).await.expect(200);
    assert_eq!((&revenue["net"]["minor"], &revenue["fee"]["minor"]), (&0.into(), &0.into()));
}

#[tokio::test]
async fn door_sales_are_invoiced_in_the_same_series() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let event = crate::fixtures::draft(&site, &admin, 20).await;
    let id = text(&event, "id");
    let gst = json!({ "gst_number": "29ABCDE1234F1Z5", "gst_percent": "18", "version": event["version"] });
    admin.patch(&format!("/events/{id}"), gst).await.expect(200);
    let kind = crate::fixtures::kind(&admin, &event, "Paid", None, 59_000).await;
    let event = admin.post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    let people = make_guests(&site, 1).await;
    buy(&site, &people[0], &event, &kind, 1).await;
    let door = format!("/events/{}/door-sales", text(&event, "id"));
    let sold = admin.post(&door, sale(&kind, 2, "cash")).await.expect(201);
    let given = admin.post(&door, sale(&kind, 1, "comp")).await.expect(201);
    assert_eq!(given["invoice_id"], Value::Null, "what costs nothing is not invoiced");
    let invoice = admin.get(&format!("/invoices/{}", text(&sold, "invoice_id"))).await.expect(200);
    let one = &invoice["invoice"];
    assert_eq!((text(one, "reference"), text(one, "payer_name")), ("INV/26-27/000002", "Rohit Iyer"));
    assert_eq!((&one["order_id"], &one["door_sale_id"]), (&Value::Null, &sold["id"]));
    let sums = ["taxable", "cgst", "sgst", "total"].map(|part| one["sums"][part]["minor"].as_i64().unwrap());
    assert_eq!(sums, [100_000, 9_000, 9_000, 118_000]);
    assert_eq!((&invoice["lines"][0]["seats"], &invoice["lines"][0]["amount"]["minor"]), (&2.into(), &118_000.into()));
    // By the guest too: for staff, not for guests.
    let path = format!("/attendees/{}/invoice", text(&sold, "attendee_id"));
    assert_eq!(admin.get(&path).await.expect(200), invoice);
    people[0].get(&path).await.refused(404, "not_found");

    admin.post(&format!("/door-sales/{}/refund", text(&sold, "id")), json!({ "reason": "Ill" })).await.expect(200);
    let notes = admin.rows("/credit-notes").await;
    let note = &notes[0];
    assert_eq!((text(note, "reference"), text(note, "reason")), ("CRN/26-27/000001", "Ill"));
    assert_eq!((&note["sums"]["total"]["minor"], &note["refund_id"]), (&118_000.into(), &Value::Null));
    must_balance(&site, &event, "invoices of door sales").await;
    let shown = crate::finance_payouts::page(&admin, "/invoices").await;
    assert!(shown.contains("At the door") && shown.contains("INV/26-27/000002"), "the list does not name it");
    let shown = crate::finance_payouts::page(&admin, &format!("/invoices/{}", text(&sold, "invoice_id"))).await;
    assert!(shown.contains("Sold at the door") && shown.contains("CRN/26-27/000001"), "the invoice is not whole");
}
