//! Payouts: what partners are owed leaves once, after two people have looked at it.

use eventify::kernel::clock::new_uuid;
use serde_json::{Value, json};

use crate::finance::{buy, must_balance, with_fees};
use crate::fixtures::{make_guests, open};
use crate::partners::{review, text, upload};
use crate::support::{Person, Site};

/// An account to pay from.
pub const PAYS: &[&str] = &["--payout-account", "DE89370400440532013000", "--payout-bank", "DEUTDEFF"];

/// Makes a partner one that can be paid.
pub async fn payable(admin: &Person, other: &Person, partner: &Value, number: &str) {
    for kind in ["company_reg", "pan", "cheque"] {
        let document = upload(admin, partner, kind).await["id"].clone();
        review(other, partner, &json!({ "id": document }), "verified").await.expect(200);
    }
    let path = format!("/partners/{}/bank-accounts", text(partner, "id"));
    let input = json!({ "holder_name": "Harbour & Sons", "bank_code": "HDFC0001234", "account_number": number });
    let account = admin.post(&path, input).await.expect(201);
    let verify = format!("{path}/{}/review", text(&account, "id"));
    other.post(&verify, json!({ "decision": "verified" })).await.expect(200);
}

/// Somebody has joined for the partner.
pub async fn joined(site: &Site, partner: &str) {
    let mut db = site.test.owner().await;
    sqlx::query("update partners set status = 'active' where id = $1::uuid")
        .bind(partner)
        .execute(&mut db)
        .await
        .unwrap();
}

/// A partner with an event of which a guest has bought two tickets.
async fn sold(site: &Site, admin: &Person, person: &Person) -> (Value, Value, Value) {
    let (event, kinds) = open(site, admin, 20, &[("Paid", None, 50_000)]).await;
    let paid = buy(site, person, &event, &kinds[0], 2).await;
    let partner = admin.get(&format!("/partners/{}", text(&event, "organizer_partner_id"))).await.expect(200);
    (event, partner, paid)
}

async fn start(people: usize) -> (Site, Person, Person, Vec<Person>) {
    let site = Site::start_with(PAYS).await;
    let admin = site.admin().await;
    with_fees(&admin).await;
    let other = site.person("second@example.com", "super_admin").await;
    let people = make_guests(&site, people).await;
    (site, admin, other, people)
}

#[tokio::test]
async fn a_payout_is_called_the_same_wherever_it_is_shown() {
    let (site, admin, other, people) = start(1).await;
    let (_, partner, _) = sold(&site, &admin, &people[0]).await;
    payable(&admin, &other, &partner, "50100234567890").await;
    joined(&site, text(&partner, "id")).await;
    let money = format!("/partners/{}?tab=money", text(&partner, "id"));
    let badges = |html: &str, table: &str| -> Vec<String> {
        let rows = html.split_once(table).expect("the card").1.split_once("</table>").expect("a table").0;
        let badges = rows.split("class=\"badge\"").skip(1);
        badges
            .map(|badge| badge.split_once('>').expect("its text").1.split('<').next().unwrap_or_default().to_owned())
            .collect()
    };
    let prepare = async || admin.post("/financials/payouts", json!({})).await.expect(201);
    let made = prepare().await;
    let (id, reference) =
        (text(&made["batch"], "id").to_owned(), text(&made["payouts"][0], "end_to_end_id").to_owned());
    let batch = format!("/financials/payouts/{id}");
    let pages = async || {
        let in_batch = page(&admin, &format!("/payouts/{id}")).await;
        let of_partner = page(&admin, &money).await;
        (badges(&in_batch, "payout-payees"), badges(&of_partner, "partner-payouts"))
    };
    for (step, word) in [("", "Pending"), ("approve", "Pending"), ("process", "Pending"), ("paid", "Paid")] {
        if !step.is_empty() {
            other.post(&format!("{batch}/{step}"), json!({})).await.expect(200);
        }
        let (in_batch, of_partner) = pages().await;
        assert_eq!(in_batch.len(), 1, "{step}: {in_batch:?}");
        assert!(in_batch[0] == word && in_batch == of_partner, "{step}: {in_batch:?} and {of_partner:?}");
    }

    // What was not approved is paid to nobody: the partner's page does not wait for it.
    let (_, second, _) = sold(&site, &admin, &people[0]).await;
    payable(&admin, &other, &second, "50100234567891").await;
    joined(&site, text(&second, "id")).await;
    let made = prepare().await;
    let id = text(&made["batch"], "id");
    let money = format!("/partners/{}?tab=money", text(&second, "id"));
    let waits = text(&made["payouts"][0], "end_to_end_id");
    assert!(page(&admin, &money).await.contains(waits) && waits != reference);
    admin.post(&format!("/financials/payouts/{id}/discard"), json!({})).await.expect(200);
    assert!(!page(&admin, &money).await.contains(waits));
    let shown = badges(&page(&admin, &format!("/payouts/{id}")).await, "payout-payees");
    assert!(shown.len() == 1 && shown[0] == "Discarded", "{shown:?}");
}

/// Of ₹1,000: less 5 % and its tax of 18 %.
const NET: i64 = 100_000 - 5_000 - 900;

#[tokio::test]
async fn two_people_pay_partners_out() {
    let (site, admin, other, people) = start(5).await;
    let mut sales = Vec::new();
    for person in &people {
        sales.push(sold(&site, &admin, person).await);
    }
    let event = &sales[0].0;
    // Paid, suspended, not joined, not verified, without an account.
    payable(&admin, &other, &sales[0].1, "50100234567890").await;
    payable(&admin, &other, &sales[1].1, "50100234567891").await;
    payable(&admin, &other, &sales[2].1, "50100234567892").await;
    for at in [0, 1, 3, 4] {
        joined(&site, text(&sales[at].1, "id")).await;
    }
    for kind in ["company_reg", "pan", "cheque"] {
        let document = upload(&admin, &sales[4].1, kind).await["id"].clone();
        review(&other, &sales[4].1, &json!({ "id": document }), "verified").await.expect(200);
    }
    let suspend = json!({ "status": "suspended", "reason": "Complaints" });
    let path = format!("/partners/{}", text(&sales[1].1, "id"));
    admin.patch(&format!("{path}/status"), suspend).await.expect(200);

    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.post("/financials/payouts", json!({})).await.refused(403, "forbidden");
    admin.post("/financials/payouts", json!({ "minimum_minor": 0 })).await.refused(422, "invalid_input");
    let made = admin.post("/financials/payouts", json!({})).await.expect(201);
    let reasons = |made: &Value| {
        let mut reasons: Vec<String> =
            made["left_out"].as_array().unwrap().iter().map(|x| text(x, "reason").to_owned()).collect();
        reasons.sort();
        reasons
    };
    assert_eq!(reasons(&made), ["no_bank_account", "not_active", "not_verified", "suspended"]);
    assert_eq!(made["batch"]["amount"], json!({ "minor": NET, "currency": "INR" }));
    assert_eq!(text(&made["payouts"][0], "last_four"), "7890");
    admin.post("/financials/payouts", json!({})).await.refused(409, "already_exists");
    must_balance(&site, event, "a prepared batch").await;

    // It waits for whoever may approve it, and not for who prepared it.
    for (person, waits) in [(&admin, json!(0)), (&other, json!(1)), (&auditor, Value::Null)] {
        let waiting = person.get("/overview/waiting").await.expect(200);
        assert_eq!(waiting["payout_batches"], waits, "{waiting}");
    }
    // Never who prepared it; of two others one.
    let batch = format!("/financials/payouts/{}", text(&made["batch"], "id"));
    let approve = format!("{batch}/approve");
    let refused = admin.post(&approve, json!({})).await;
    refused.refused(403, "forbidden");
    assert!(text(&refused.body, "detail").contains("someone else"), "{}", refused.body);
    auditor.post(&approve, json!({})).await.refused(403, "forbidden");
    let third = site.person("third@example.com", "super_admin").await;
    let both = tokio::join!(other.post(&approve, json!({})), third.post(&approve, json!({})));
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "two approve at once");
    let owed = admin.get(&format!("/partners/{}", text(&sales[0].1, "id"))).await.expect(200);
    assert_eq!((&owed["open_balance"]["minor"], &owed["total_revenue"]["minor"]), (&0.into(), &100_000.into()));
    admin.post(&format!("{batch}/discard"), json!({})).await.refused(409, "invalid_transition");
    must_balance(&site, event, "an approved batch").await;

    // The bank gets a file, and fails at first.
    other.get(&format!("{batch}/bank-file")).await.refused(409, "invalid_transition");
    other.post(&format!("{batch}/paid"), json!({})).await.refused(409, "invalid_transition");
    other.post(&format!("{batch}/process"), json!({})).await.expect(200);
    let file = other.request(reqwest::Method::GET, &format!("{batch}/bank-file")).send().await.expect("an answer");
    assert!(file.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename*=UTF-8''PO-"));
    let xml = file.text().await.expect("a file");
    for part in ["<NbOfTxs>1</NbOfTxs><CtrlSum>941.00</CtrlSum>", "<Id>50100234567890</Id>", "Harbour &amp; Sons"] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    auditor.get(&format!("{batch}/bank-file")).await.refused(403, "forbidden");
    let payout = format!("/payouts/{}", text(&made["payouts"][0], "id"));
    other.patch(&payout, json!({ "status": "failed" })).await.refused(422, "invalid_input");
    let failed = json!({ "status": "failed", "reason": "The account is closed" });
    assert_eq!(other.patch(&payout, failed).await.expect(200)["failure_reason"], "The account is closed");
    assert_eq!(other.post(&format!("{batch}/paid"), json!({})).await.expect(200)["status"], "processing");
    other.patch(&payout, json!({ "status": "paid" })).await.refused(409, "invalid_transition");
    must_balance(&site, event, "a payout that failed").await;
    // Tried again it goes to the account that holds now.
    payable(&admin, &other, &sales[0].1, "50100234569999").await;
    let again = other.patch(&payout, json!({ "status": "pending" })).await.expect(200);
    assert_eq!((text(&again, "last_four"), &again["failure_reason"]), ("9999", &Value::Null));
    let all = format!("{batch}/paid");
    let twice = tokio::join!(other.post(&all, json!({})), third.patch(&payout, json!({ "status": "paid" })));
    assert!(twice.0.status == 200 || twice.1.status == 200, "{} {}", twice.0.body, twice.1.body);
    let done = admin.get(&batch).await.expect(200);
    assert_eq!((text(&done["batch"], "status"), text(&done["payouts"][0], "status")), ("done", "paid"));
    assert_eq!(site.number("select count(*) from ledger_journals where kind = 'payout_paid'").await, 1);
    assert_eq!(site.number("select count(*) from outbox_events where type = 'payout.paid'").await, 1);
    must_balance(&site, event, "a paid batch").await;
}

#[tokio::test]
async fn nobody_is_paid_what_they_are_no_longer_owed() {
    let (site, admin, other, people) = start(2).await;
    let (event, partner, paid) = sold(&site, &admin, &people[0]).await;
    payable(&admin, &other, &partner, "50100234567890").await;
    joined(&site, text(&partner, "id")).await;
    // The same key prepares once.
    let key = new_uuid().to_string();
    let once = || {
        let request = admin.request(reqwest::Method::POST, "/financials/payouts").header("idempotency-key", &key);
        request.json(&json!({ "minimum_minor": 100 }))
    };
    let made = crate::support::read(once().send().await.expect("an answer")).await.expect(201);
    let again = crate::support::read(once().send().await.expect("an answer")).await.expect(201);
    assert_eq!(made, again);
    // A refund comes before the approval, a dispute, or the partner is suspended: the batch no longer holds.
    let payment = format!("/payments/{}", text(&paid["payment"], "id"));
    admin.post(&format!("{payment}/refund"), json!({ "amount_minor": 1_000, "reason": "Rain" })).await.expect(201);
    let batch = format!("/financials/payouts/{}", text(&made["batch"], "id"));
    let refused = other.post(&format!("{batch}/approve"), json!({})).await;
    refused.refused(409, "payout_stale");
    assert!(text(&refused.body, "detail").contains("owed less"), "{}", refused.body);
    assert_eq!(site.number("select count(*) from ledger_journals where kind = 'payout'").await, 0);
    admin.post(&format!("{batch}/discard"), json!({})).await.expect(200);
    other.post(&format!("{batch}/approve"), json!({})).await.refused(409, "invalid_transition");

    // A batch with nobody to pay is none.
    for (input, why) in [
        (json!({ "minimum_minor": 10_000_000 }), "The only partner who is owed INR is owed less than the minimum."),
        (json!({ "currency": "EUR" }), "No partner is owed anything in EUR."),
    ] {
        let refused = admin.post("/financials/payouts", input).await;
        refused.refused(409, "nobody_to_pay");
        assert_eq!(text(&refused.body, "detail"), why);
    }
    assert_eq!(site.number("select count(*) from payout_batches where status = 'draft'").await, 0);

    let third = admin.post("/financials/payouts", json!({})).await.expect(201);
    let batch = format!("/financials/payouts/{}", text(&third["batch"], "id"));
    let path = format!("/partners/{}/status", text(&partner, "id"));
    admin.patch(&path, json!({ "status": "suspended", "reason": "Complaints" })).await.expect(200);
    let refused = other.post(&format!("{batch}/approve"), json!({})).await;
    refused.refused(409, "payout_stale");
    assert!(text(&refused.body, "detail").contains("no longer be paid"), "{}", refused.body);
    admin.patch(&path, json!({ "status": "active", "reason": "Settled" })).await.expect(200);
    // A sale meanwhile is for the next batch.
    other.post(&format!("{batch}/approve"), json!({})).await.expect(200);
    must_balance(&site, &event, "an approval").await;
}

#[tokio::test]
async fn nothing_is_sent_without_an_account_to_pay_from() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let other = site.person("second@example.com", "super_admin").await;
    let people = make_guests(&site, 1).await;
    let (event, partner, _) = sold(&site, &admin, &people[0]).await;
    payable(&admin, &other, &partner, "50100234567890").await;
    joined(&site, text(&partner, "id")).await;
    let made = admin.post("/financials/payouts", json!({})).await.expect(201);
    let batch = format!("/financials/payouts/{}", text(&made["batch"], "id"));
    // Nothing is set aside that could not be sent.
    other.post(&format!("{batch}/approve"), json!({})).await.refused(409, "payout_account_unset");
    assert_eq!(text(&admin.get(&batch).await.expect(200)["batch"], "status"), "draft");
    must_balance(&site, &event, "no account").await;
}

/// A page of the Command Center, as it is sent.
pub async fn page(person: &Person, path: &str) -> String {
    let token = person.token.clone().expect("signed in");
    let request = person.http.get(format!("{}{path}", person.url)).header("cookie", format!("evf_staff={token}"));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a page")
}

#[tokio::test]
async fn the_demos_money_adds_up_and_is_shown() {
    let site = Site::start_with_nobody(&[]).await;
    let app = &site.test.app;
    crate::support::demo_events(app).await;
    eventify::tickets::demo::seed(app).await.expect("the tickets");
    for _ in 0..2 {
        eventify::finance::demo::seed(app).await.expect("the money");
    }
    let mut db = site.test.reader.acquire().await.expect("a connection");
    let wrong = eventify::finance::verify::violations(&mut db).await.expect("the books");
    assert!(wrong.is_empty(), "{wrong:?}");
    drop(db);
    let out_of_order = "select count(*) from invoices a join invoices b
                        on (b.supplier, b.financial_year) = (a.supplier, a.financial_year)
                           and b.number > a.number and b.issued_at < a.issued_at";
    assert_eq!(site.number(out_of_order).await, 0, "a supplier's invoices are numbered as they were issued");
    let audited = "select count(distinct (actor_label, action)) from audit_logs where (actor_label, action) in
                       (('luca@demo.eventify.test', 'payout_batch.prepared'),
                        ('luca@demo.eventify.test', 'settlement.imported'),
                        ('luca@demo.eventify.test', 'budget.created'),
                        ('asha@demo.eventify.test', 'payout_batch.approved'))";
    assert_eq!(site.number(audited).await, 4, "what people of the demo did stands in the audit log");
    let mut admin = site.anonymous();
    admin.email = eventify::access::demo::TEAM[0].0.to_owned();
    let answer = admin.login(eventify::access::demo::PASSWORD).await.expect(200);
    admin.token = answer["tokens"]["access_token"].as_str().map(str::to_owned);
    let says = async |path: &str, words: &[&str]| {
        let page = page(&admin, path).await;
        for word in words {
            assert!(page.contains(word), "{path} does not say {word}");
        }
    };
    says("/disputes", &["Needs evidence", "Won", "Lost", "open dispute", "hold", "within a day"]).await;
    let open = admin.rows("/disputes?status=opened").await;
    let path = format!("/disputes/{}", text(&open[0], "id"));
    says(&path, &["Add evidence", "held for a dispute", "Evidence due", "No evidence yet"]).await;
    says(&format!("/payments/{}", text(&open[0], "payment_id")), &["Disputed", "/disputes?q=EV-"]).await;
    says("/payouts", &["Prepare payouts", "Needs approval", "Paid", "Luca Moretti"]).await;
    let draft = admin.rows("/financials/payouts?status=draft").await;
    let path = format!("/payouts/{}", text(&draft[0], "id"));
    says(&path, &["Approve", "Left out", "Discard", "Nobody yet"]).await;
    let done = admin.rows("/financials/payouts?status=done").await;
    let path = format!("/payouts/{}", text(&done[0], "id"));
    says(&path, &["Asha Rao", "Luca Moretti", "····"]).await;
    says("/fraud-signals?show=all", &["Many failed payments", "Open", "Nothing wrong"]).await;
    says("/wallets", &["Owner", "Partner", "₹"]).await;
    says("/ledger", &["Held for disputes", "Bank account", "Owed to partners"]).await;
    says("/ledger?account_kind=bank", &["Payout PO-", "paid to the partner"]).await;
}

#[tokio::test]
async fn a_key_stands_for_whoever_made_it() {
    let (site, admin, other, people) = start(1).await;
    let (_, partner, _) = sold(&site, &admin, &people[0]).await;
    payable(&admin, &other, &partner, "50100234567890").await;
    joined(&site, text(&partner, "id")).await;
    let key = json!({ "key_name": "Books", "scope": ["payouts.prepare", "payments.refund"] });
    let made = admin.post("/admin/api-keys", key).await.expect(201);
    let program = Person { token: Some(text(&made, "secret").to_owned()), ..site.anonymous() };
    let batch = program.post("/financials/payouts", json!({})).await.expect(201);
    // What one's own key has prepared, somebody else approves.
    let approve = format!("/financials/payouts/{}/approve", text(&batch["batch"], "id"));
    admin.post(&approve, json!({})).await.refused(403, "forbidden");
    other.post(&approve, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_key_refunds_as_its_maker_may() {
    let (site, admin, other, people) = start(1).await;
    let (event, _, paid) = sold(&site, &admin, &people[0]).await;
    let key = json!({ "key_name": "Refunds", "scope": ["payments.refund", "finance.read"] });
    let made = other.post("/admin/api-keys", key).await.expect(201);
    let program = Person { token: Some(text(&made, "secret").to_owned()), ..site.anonymous() };
    let payment = format!("/payments/{}", text(&paid["payment"], "id"));
    let part = json!({ "amount_minor": 1_000, "reason": "A late start" });
    let refund = program.post(&format!("{payment}/refund"), part.clone()).await.expect(201);
    let by = admin.get(&format!("/admin/users/{}", other.id)).await.expect(200)["full_name"].clone();
    assert_eq!(refund["requested_by_name"], by, "its maker answers for it");
    // Who may no longer refund takes the key along.
    let known = admin.get(&format!("/admin/users/{}", other.id)).await.expect(200);
    let role = site.role("moderator").await;
    let change = json!({ "role_id": role, "version": known["version"] });
    admin.patch(&format!("/admin/users/{}/role", other.id), change).await.expect(200);
    program.post(&format!("{payment}/refund"), part).await.refused(403, "forbidden");
    must_balance(&site, &event, "a key's refund").await;
}
