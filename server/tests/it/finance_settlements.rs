//! Reconciliation: what a provider says it sent, against what guests paid.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use time::Duration;

use crate::finance::{buy, must_balance, say_refund, with_fees};
use crate::finance_disputes::{lose, payment};
use crate::fixtures::{make_guests, open, run_queued};
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

/// An event, and what four guests paid for a ticket of ₹500 each; ₹200 of the first went back.
async fn four_paid(site: &Site, admin: &Person) -> (Value, Vec<Value>) {
    let (event, kinds) = open(site, admin, 10, &[("Paid", None, 50_000)]).await;
    let mut paid = Vec::new();
    for person in &make_guests(site, 4).await {
        paid.push(buy(site, person, &event, &kinds[0], 1).await);
    }
    let path = format!("/payments/{}/refund", text(&paid[0]["payment"], "id"));
    let refund = admin.post(&path, json!({ "amount_minor": 20_000, "reason": "Rain" })).await.expect(201);
    say_refund(site, &paid[0], &refund, "refund.processed").await;
    (event, paid)
}

#[tokio::test]
async fn a_report_is_compared_with_the_books() {
    let site = Site::start().await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let (event, paid) = four_paid(&site, &admin).await;
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
    // The books say it in a sentence, and lead back to the settlements.
    let journal = format!("/ledger/{}", text(&done["settlements"][0], "journal_id"));
    let page = crate::finance_payouts::page(&admin, &journal).await;
    for said in ["Settlement S1: ₹", "paid to bank", "/reconciliation?tab=settlements"] {
        assert!(page.contains(said), "{said} is not on the page of the journal");
    }
    // Of 1,800 the provider had, 300 and 500 agree; 490 and 30 wait to be looked at.
    assert_eq!(balances(&admin).await, [100_000, 129_000, 3_000, -52_000]);
    must_balance(&site, &event, "a report").await;
    // Again it changes nothing; what was settled is not settled twice.
    assert_eq!(import(&admin, &rows).await.expect(200)["known"], 2);
    // A settlement that says something else by now, and one in a currency that nobody paid in, are not taken in silence.
    let other = vec![rows[4].replace("500.00", "77.00")];
    for (rows, why) in [(other, "different amounts"), (vec![rows[4].replace("INR,S2", "CHF,S9")], "no payments in CHF")]
    {
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
    assert_eq!(
        admin.get("/overview/waiting").await.expect(200)["exceptions"],
        3,
        "they wait for whoever resolves them"
    );
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
    assert_eq!(admin.get("/overview/waiting").await.expect(200)["exceptions"], 0);
    assert_eq!(admin.rows("/finance/exceptions?resolved=true").await.as_array().unwrap().len(), 3);
    let holding = admin.get("/finance/reconciliation").await.expect(200)["providers"][0].clone();
    assert_eq!((&holding["held"]["minor"], &holding["payments"]), (&50_000.into(), &1.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reports_that_come_at_once_settle_each_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, paid) = four_paid(&site, &admin).await;
    lose(&admin, &payment(&paid[1]), 10_000).await;
    // Each names the same payments, refund and dispute, every second one from the end.
    let report = |at: usize| {
        let row =
            |what: &str, of: usize, amount: &str| format!("{what},{},{amount},0,INR,S{at},2026-11-24", name(&paid[of]));
        let mut rows: Vec<String> = (0..4).map(|of| row("payment", of, "500.00")).collect();
        rows.extend([row("refund", 0, "-200.00"), row("dispute", 1, "-100.00")]);
        if at % 2 == 1 {
            rows.reverse();
        }
        rows
    };
    let reports: Vec<Vec<String>> = (0..8).map(report).collect();
    for answer in join_all(reports.iter().map(|rows| import(&admin, rows))).await {
        assert_eq!(answer.expect(200)["known"], 0);
    }
    assert_eq!(site.number("select count(*) from settlement_lines where exception is null").await, 6);
    assert_eq!(site.number("select count(*) from settlement_lines where exception = 'settled_twice'").await, 7 * 6);
    must_balance(&site, &event, "reports at once").await;
    // The same report at once is imported once.
    let again: Vec<String> = reports[0].iter().map(|row| row.replace(",S0,", ",S9,")).collect();
    let answers = join_all((0..4).map(|_| import(&admin, &again))).await;
    let known: i64 = answers.into_iter().map(|answer| answer.expect(200)["known"].as_i64().unwrap()).sum();
    assert_eq!(known, 3);
    must_balance(&site, &event, "a report that came four times").await;
}

#[tokio::test]
async fn what_was_disputed_comes_back_with_its_sign() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 1).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 1).await;
    for minor in [20_000, 10_000] {
        lose(&admin, &payment(&paid), minor).await;
    }
    assert_eq!(balances(&admin).await, [20_000, 0, 0, 0]);
    // What comes back agrees with no dispute that was lost, whether that one is settled or not.
    let back = |row: &str, settlement: &str| format!("{row},INR,{settlement},2026-11-24");
    let wonback = [back(&format!("adjustment,{},100.00,0", name(&paid)), "S1")];
    assert_eq!(import(&admin, &wonback).await.expect(200)["settlements"][0]["exceptions"], 1);
    let open = admin.rows("/finance/exceptions").await;
    assert_eq!((text(&open[0], "kind"), text(&open[0], "exception")), ("dispute", "unknown"));
    assert_eq!(open[0]["amount"]["minor"], 10_000);
    assert_eq!(balances(&admin).await, [20_000, 10_000, 0, -10_000]);
    // Of two disputes of one payment it is the one of that amount; its fee may be more than small change.
    let went = [back(&format!("dispute,{},-100.00,150.00", name(&paid)), "S2")];
    assert_eq!(import(&admin, &went).await.expect(200)["settlements"][0]["exceptions"], 0);
    assert_eq!(balances(&admin).await, [30_000, -15_000, 15_000, -10_000]);
    must_balance(&site, &event, "a dispute that came back").await;
    let path = format!("/finance/exceptions/{}/resolve", text(&open[0], "id"));
    admin.post(&path, json!({ "note": "The bank gave it back after all" })).await.expect(200);
    assert_eq!(balances(&admin).await, [30_000, -15_000, 5_000, 0]);
    must_balance(&site, &event, "what came back").await;
    for row in ["refund,nobody,1.00,99999999.00", "dispute,nobody,-1.00,-99999999.00"] {
        let refused = import(&admin, &[back(row, "S3")]).await;
        refused.refused(422, "invalid_input");
        assert!(text(&refused.body, "detail").starts_with("Row 2: “fee”"), "{}", refused.body);
    }
}

#[tokio::test]
async fn a_payment_that_no_report_names_waits_to_be_looked_at() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 3).await;
    let mut paid = Vec::new();
    for person in &people {
        paid.push(buy(&site, person, &event, &kinds[0], 1).await);
    }
    let looked = async || {
        let mut admin = admin.clone();
        admin.sign_in().await;
        enqueue(&site).await;
        run_queued(&site, "finance.look_for_missing").await;
        must_balance(&site, &event, "a look for what is missing").await;
        (admin.rows("/finance/exceptions").await, admin)
    };
    site.test.clock.advance(Duration::days(11));
    assert_eq!(looked().await.0, json!([]), "whose provider sends no reports is not compared with any");
    let row =
        |at: usize, settlement: &str| format!("payment,{},500.00,10.00,INR,{settlement},2026-12-05", name(&paid[at]));
    let mut admin = admin.clone();
    admin.sign_in().await;
    import(&admin, &[row(0, "S1")]).await.expect(200);
    let (open, admin) = looked().await;
    let open = open.as_array().unwrap().clone();
    let of = |one: &Value| (text(one, "exception").to_owned(), text(one, "reference").to_owned());
    let mut found: Vec<_> = open.iter().map(of).collect();
    found.sort();
    let mut missing = [("missing".to_owned(), name(&paid[1])), ("missing".to_owned(), name(&paid[2]))];
    missing.sort();
    assert_eq!(found, missing);
    assert_eq!((&open[0]["settlement_id"], &open[0]["amount"]["minor"]), (&Value::Null, &50_000.into()));
    assert_eq!(looked().await.0.as_array().unwrap().len(), 2, "it is noted once");
    let shown = crate::finance_payouts::page(&admin, "/reconciliation").await;
    assert!(shown.contains("Not in any report"), "the page does not say so");
    for one in &open {
        let order = text(one, "order_reference");
        assert!(shown.contains(order), "whose order it is, and no id: {one}");
    }
    let standing = admin.get("/finance/reconciliation").await.expect(200);
    assert_eq!((&standing["exceptions"], &standing["providers"][0]["payments"]), (&2.into(), &2.into()));

    // A report that names one of them resolves it by itself; somebody resolves the other, and no money moves.
    import(&admin, &[row(1, "S2")]).await.expect(200);
    let (open, admin) = looked().await;
    assert_eq!(open.as_array().unwrap().iter().map(of).collect::<Vec<_>>(), [("missing".to_owned(), name(&paid[2]))]);
    let before = balances(&admin).await;
    let path = format!("/finance/exceptions/{}/resolve", text(&open[0], "id"));
    admin.post(&path, json!({ "note": "They send it next week" })).await.expect(200);
    assert_eq!(balances(&admin).await, before);
    assert_eq!(looked().await.0, json!([]));
    // It can be settled all the same.
    let done = import(&admin, &[row(2, "S3")]).await.expect(200);
    assert_eq!(done["settlements"][0]["exceptions"], 0);
    must_balance(&site, &event, "a payment that came after all").await;
}

/// Queues the daily look.
async fn enqueue(site: &Site) {
    let sql = "insert into job_runs (id, queue_name, job_type, payload)
               values (gen_random_uuid(), 'default', 'finance.look_for_missing', 'null')";
    sqlx::query(sql).execute(&mut site.test.owner().await).await.expect("a job");
}

#[tokio::test]
async fn reports_name_payments_by_the_charge_too() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 1).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 1).await;
    let mut owner = site.test.owner().await;
    sqlx::query("update payments set provider_charge = 'pi_3Q' where id = $1::uuid")
        .bind(text(&paid["payment"], "id"))
        .execute(&mut owner)
        .await
        .expect("a charge");
    let path = format!("/payments/{}/refund", text(&paid["payment"], "id"));
    let refund = admin.post(&path, json!({ "amount_minor": 20_000, "reason": "Rain" })).await.expect(201);
    say_refund(&site, &paid, &refund, "refund.processed").await;
    // As Stripe writes its reports: the charge and the intent, the refund by the intent of its payment.
    let head = "automatic_payout_id,source_id,reporting_category,gross,fee,currency,payment_intent_id,automatic_payout_effective_at";
    let rows = "po_1,ch_3Q,charge,500.00,10.00,inr,pi_3Q,2026-11-24\npo_1,re_3Q,refund,-200.00,0,inr,pi_3Q,2026-11-24";
    let request =
        admin.request(Method::POST, "/finance/settlements?provider=sandbox").header("content-type", "text/csv");
    let done = read(request.body(format!("{head}\n{rows}")).send().await.expect("an answer")).await.expect(200);
    assert_eq!((&done["settlements"][0]["lines"], &done["settlements"][0]["exceptions"]), (&2.into(), &0.into()));
    must_balance(&site, &event, "a report by charges").await;
}
