//! Budgets beside what came of them, and revenue that adds up by type and by day.

use serde_json::{Value, json};

use crate::finance::{buy, must_balance, with_fees};
use crate::fixtures::{make_guests, open};
use crate::partners::{partner, text, within};
use crate::support::Site;

fn minor(money: &Value) -> i64 {
    money["minor"].as_i64().expect("an amount")
}

/// The line with this title.
fn line<'b>(budget: &'b Value, title: &str) -> &'b Value {
    let lines = budget["lines"].as_array().expect("lines");
    lines.iter().find(|line| line["title"] == title).unwrap_or_else(|| panic!("{title} in {budget}"))
}

#[tokio::test]
async fn a_budget_follows_the_ledger_where_it_knows_and_people_where_it_does_not() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let id = text(&event, "id");
    let path = format!("/finance/budget/{id}");
    admin.get(&path).await.refused(404, "not_found");
    let twice = json!({ "kind": "income", "source": "ticket_sales", "title": "Sales", "planned_minor": 1 });
    let wrong = json!({ "event_id": id, "lines": [twice, twice] });
    let refused = admin.post("/finance/budget", wrong).await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"].get("lines[1].source").is_some(), "{}", refused.body);
    let wrong =
        json!({ "kind": "cost", "source": "ticket_sales", "title": "S", "planned_minor": -1, "actual_minor": 5 });
    let refused = admin.post("/finance/budget", json!({ "event_id": id, "lines": [wrong] })).await;
    refused.refused(422, "invalid_input");
    for field in ["planned_minor", "actual_minor", "kind"] {
        assert!(refused.body["errors"].get(format!("lines[0].{field}")).is_some(), "{field}: {}", refused.body);
    }

    let made = admin.post("/finance/budget", json!({ "event_id": id })).await.expect(201);
    assert_eq!(made["lines"].as_array().unwrap().len(), 2, "what the ledger knows: {made}");
    admin.post("/finance/budget", json!({ "event_id": id })).await.refused(409, "already_exists");
    let sales = line(&made, "Ticket sales").clone();
    let plan = json!({ "version": sales["version"], "planned_minor": 120_000 });
    let lines = |line: &Value| format!("/budget-lines/{}", text(line, "id"));
    admin.patch(&lines(&sales), plan.clone()).await.expect(200);
    admin.patch(&lines(&sales), plan).await.refused(409, "conflict");
    let typed = json!({ "version": 2, "actual_minor": 5 });
    admin.patch(&lines(&sales), typed).await.refused(422, "invalid_input");
    let venue = json!({ "kind": "cost", "title": "Venue", "planned_minor": 30_000, "committed_minor": 30_000 });
    let venue = admin.post(&format!("{path}/lines"), venue).await.expect(201);
    let paid = json!({ "version": 1, "actual_minor": 33_000 });
    admin.patch(&lines(&venue), paid).await.expect(200);
    let more = json!({ "kind": "income", "source": "ticket_sales", "title": "More", "planned_minor": 1 });
    admin.post(&format!("{path}/lines"), more).await.refused(409, "already_exists");

    // Two orders of two tickets, one of which is refunded.
    let people = make_guests(&site, 2).await;
    let first = buy(&site, &people[0], &event, &kinds[0], 2).await;
    buy(&site, &people[1], &event, &kinds[0], 2).await;
    let refund = json!({ "amount_minor": 50_000, "reason": "One could not come" });
    admin.post(&format!("/payments/{}/refund", text(&first["payment"], "id")), refund).await.expect(201);
    let budget = admin.get(&path).await.expect(200);
    let sums = |of: &Value| ["planned", "committed", "actual", "variance"].map(|part| minor(&of[part]));
    assert_eq!(sums(line(&budget, "Ticket sales")), [120_000, 150_000, 150_000, 30_000]);
    // 5 % of what was kept, and 18 % of that.
    assert_eq!(sums(line(&budget, "Booking fees and tax")), [0, 8_850, 8_850, -8_850]);
    assert_eq!(sums(line(&budget, "Venue")), [30_000, 30_000, 33_000, -3_000]);
    assert_eq!(sums(&budget["budget"]["costs"]), [30_000, 38_850, 41_850, -11_850]);
    assert_eq!(sums(&budget["budget"]["result"]), [90_000, 111_150, 108_150, 18_150]);
    let listed = admin.get("/finance/budget").await.expect(200);
    assert_eq!(admin.get("/finance/budget?event_over=false").await.expect(200)["items"], listed["items"]);
    assert_eq!(admin.get("/finance/budget?event_over=true").await.expect(200)["items"], json!([]));
    assert_eq!(listed["items"][0], budget["budget"]);
    assert_eq!(budget["budget"]["event_over"], false, "what is actual is so far");

    // The revenue says the same, by type and by day.
    let revenue = admin.get(&format!("/finance/revenue/{id}")).await.expect(200);
    let of = |field: &str| minor(&revenue[field]);
    assert_eq!((of("gross") - of("refunded"), of("fee") + of("fee_tax")), (150_000, 8_850));
    let days = revenue["days"].as_array().unwrap();
    let by_day = |field: &str| days.iter().map(|day| minor(&day[field])).sum::<i64>();
    assert_eq!((by_day("gross"), by_day("refunded")), (of("gross"), of("refunded")));
    assert_eq!((by_day("fee"), by_day("net")), (8_850, of("net")));
    let types = revenue["types"].as_array().unwrap();
    assert_eq!(types.iter().map(|kind| minor(&kind["tax"])).sum::<i64>(), of("tax"));
    let chart = &revenue["chart"];
    assert_eq!(chart["rows"].as_array().unwrap().len(), chart["option"]["xAxis"]["data"].as_array().unwrap().len());
    assert_eq!(chart["rows"][0][1], "₹2,000");

    admin.delete(&lines(&venue)).await.expect(204);
    admin.delete(&lines(&venue)).await.refused(404, "not_found");
    must_balance(&site, &event, "a budget").await;
    admin.post(&format!("/events/{id}/cancel"), json!({ "reason": "The roof leaks" })).await.expect(200);
    assert_eq!(admin.get(&path).await.expect(200)["budget"]["event_over"], true);
}

#[tokio::test]
async fn budgets_are_for_those_who_may_and_within_their_partner() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let id = text(&event, "id");
    let made = admin.post("/finance/budget", json!({ "event_id": id })).await.expect(201);
    let path = format!("/budget-lines/{}", text(&made["lines"][0], "id"));
    let change = json!({ "version": 1, "planned_minor": 1 });
    // An auditor reads, and no more.
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.get(&format!("/finance/budget/{id}")).await.expect(200);
    auditor.post("/finance/budget", json!({ "event_id": id })).await.refused(403, "forbidden");
    auditor.patch(&path, change.clone()).await.refused(403, "forbidden");
    // Within one partner: its own events, and not even the ids of others.
    let rights = ["events.read", "finance.read", "budgets.manage"];
    let own = json!({ "id": event["organizer_partner_id"] });
    let of_it = within(&site, &admin, &own, "own@example.com", &rights).await;
    of_it.patch(&path, change.clone()).await.expect(200);
    assert_eq!(of_it.get("/finance/budget").await.expect(200)["items"].as_array().unwrap().len(), 1);
    let other = partner(&admin, "Somebody else").await;
    let stranger = within(&site, &admin, &other, "other@example.com", &rights).await;
    stranger.patch(&path, json!({ "version": 2, "planned_minor": 1 })).await.refused(404, "not_found");
    stranger.get(&format!("/finance/budget/{id}")).await.refused(403, "forbidden");
    stranger.post("/finance/budget", json!({ "event_id": id })).await.refused(403, "forbidden");
    assert_eq!(stranger.get("/finance/budget").await.expect(200)["items"], json!([]));
    // Two people who add a line at once both get their own place.
    let line = |title: &str| json!({ "kind": "cost", "title": title, "planned_minor": 100 });
    let lines = format!("/finance/budget/{id}/lines");
    let both = tokio::join!(admin.post(&lines, line("Crew")), of_it.post(&lines, line("Posters")));
    let places = [both.0.expect(201)["position"].clone(), both.1.expect(201)["position"].clone()];
    assert_ne!(places[0], places[1]);
}
