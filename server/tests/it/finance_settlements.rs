//! Reconciliation: what a provider says it sent, against what guests paid.

use reqwest::Method;
use serde_json::{Value, json};

use crate::crowd::{crowd, open};
use crate::finance::{buy, must_balance, say_refund, with_fees};
use crate::partners::text;
use crate::support::{Answer, Person, Site, read};

const HEAD: &str = "type,reference,amount,fee,currency,settlement,settled_on\n";

/// Hands in a report.
pub async fn import(person: &Person, rows: &[String]) -> Answer {
    let request =
        person.request(Method::POST, "/finance/settlements?provider=sandbox").header("content-type", "text/csv");
    read(request.body(format!("{HEAD}{}", rows.join("\n"))).send().await.expect("an answer")).await
}

fn name(paid: &Value) -> String {
    text(&paid["payment"], "provider_ref").to_owned()
}

async fn balances(admin: &Person) -> [i64; 4] {
    let sums = admin.rows("/financials/balances").await;
    ["provider_clearing", "bank", "provider_fees", "suspense"].map(|kind| {
        let of = sums.as_array().unwrap().iter().find(|sum| sum["kind"] == kind);
        of.map_or(0, |sum| sum["balance"]["minor"].as_i64().unwrap())
    })
}

#[tokio::test]
async fn a_report_is_compared_with_the_books() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let people = crowd(&site, 4).await;
    let mut paid = Vec::new();
    for person in &people {
        paid.push(buy(&site, person, &event, &kinds[0], 1).await);
    }
    let path = format!("/payments/{}/refund", text(&paid[0]["payment"], "id"));
    let refund = admin.post(&path, json!({ "amount_minor": 20_000, "reason": "Rain" })).await.expect(201);
    say_refund(&site, &paid[0], &refund, "refund.processed").await;
    assert_eq!(balances(&admin).await, [180_000, 0, 0, 0]);

    let auditor = site.person("auditor@example.com", "auditor").await;
    let rows = [
        format!("payment,{},500.00,10.00,INR,S1,2026-11-24", name(&paid[0])),
        format!("refund,{},200.00,0,INR,S1,2026-11-24", name(&paid[0])),
        format!("payment,{},490.00,10.00,INR,S1,2026-11-24", name(&paid[1])),
        "payment,sb_nobody,30.00,0,INR,S1,2026-11-24".to_owned(),
        format!("payment,{},500.00,10.00,INR,S2,2026-11-25", name(&paid[2])),
    ];
    import(&auditor, &rows).await.refused(403, "forbidden");
    let broken = import(&admin, &["payment,x,much,0,INR,S1,2026-11-24".to_owned()]).await;
    broken.refused(422, "invalid_input");
    assert!(text(&broken.body, "detail").starts_with("Row 2: “amount”"), "{}", broken.body);
    let done = import(&admin, &rows).await.expect(200);
    let lines: Vec<_> =
        done["settlements"].as_array().unwrap().iter().map(|s| (&s["lines"], &s["exceptions"])).collect();
    assert_eq!(lines, [(&json!(4), &json!(2)), (&json!(1), &json!(0))]);
    // Of 1,800 the provider had, 300 and 500 agree; 490 and 30 wait to be looked at.
    assert_eq!(balances(&admin).await, [100_000, 129_000, 3_000, -52_000]);
    must_balance(&site, &event, "a report").await;
    // Again it changes nothing; what was settled is not settled twice.
    assert_eq!(import(&admin, &rows).await.expect(200)["known"], 2);
    // A settlement that says something else by now, and one in a currency that nobody paid in, are not taken in silence.
    let other = vec![rows[4].replace("500.00", "77.00")];
    for (rows, why) in [(other, "other figures"), (vec![rows[4].replace("INR,S2", "XXX,S9")], "no payment in XXX")] {
        let refused = import(&admin, &rows).await;
        refused.refused(422, "invalid_input");
        assert!(text(&refused.body, "detail").contains(why), "{}", refused.body);
    }
    let twice = format!("payment,{},500.00,0,INR,S3,2026-11-26", name(&paid[0]));
    import(&admin, &[twice]).await.expect(200);
    assert_eq!(balances(&admin).await, [100_000, 179_000, 3_000, -102_000]);
    must_balance(&site, &event, "another report").await;

    let open = admin.rows("/finance/exceptions").await;
    let mut why: Vec<&str> = open.as_array().unwrap().iter().map(|one| text(one, "exception")).collect();
    why.sort_unstable();
    assert_eq!(why, ["amount_differs", "settled_twice", "unknown"]);
    assert_eq!(admin.get("/finance/reconciliation").await.expect(200)["exceptions"], 3);
    let note = json!({ "note": "The provider says it was a fee" });
    for one in open.as_array().unwrap() {
        let path = format!("/finance/exceptions/{}/resolve", text(one, "id"));
        auditor.post(&path, note.clone()).await.refused(403, "forbidden");
        admin.post(&path, json!({})).await.refused(422, "invalid_input");
        let both = tokio::join!(admin.post(&path, note.clone()), admin.post(&path, note.clone()));
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        must_balance(&site, &event, "an exception").await;
    }
    // 500 that came as 490, 30 of nobody and 500 too much: a cost of 10, less 530, beside the fees of 30.
    assert_eq!(balances(&admin).await, [50_000, 179_000, -49_000, 0]);
    assert_eq!(admin.rows("/finance/exceptions").await, json!([]));
    assert_eq!(admin.rows("/finance/exceptions?resolved=true").await.as_array().unwrap().len(), 3);
    let holding = admin.get("/finance/reconciliation").await.expect(200)["providers"][0].clone();
    assert_eq!((&holding["held"]["minor"], &holding["payments"]), (&50_000.into(), &1.into()));
}
