//! Selling at the door: tickets at once, cash in the books, and never more seats than there are.

use eventify::kernel::clock::new_uuid;
use reqwest::Method;
use serde_json::{Value, json};

use crate::crowd::{crowd, open};
use crate::finance::{buy, must_balance, with_fees};
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
    let people = crowd(&site, 1).await;
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
    let asked = (0..8).map(|at| crate::crowd::patiently(&admin, &door, sale(&kinds[0], 1, ["cash", "comp"][at % 2])));
    let answers = futures::future::join_all(asked).await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, 4, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    must_balance(&site, &event, "sales at once").await;
}
