//! What the walks over everything need to know of finance.

use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::fixtures::{kind, make_guests, open, plan};
use crate::partners::{PDF, partner, text};
use crate::support::{Person, Site};

inventory::submit!(AreaTests {
    records: &[
        ("/budget-lines/{id}", "select id from budget_lines where source = 'typed'"),
        ("/disputes/{id}", "select id from disputes where status = 'opened'"),
        ("/disputes/{id}/evidence/{evidence_id}", "select dispute_id, id from dispute_evidence"),
        ("/door-sales/{id}", "select id from door_sales where refunded_at is null"),
        ("/finance/budget/{event_id}", "select event_id from budgets"),
        (
            "/finance/exceptions/{id}",
            "select id from settlement_lines where exception is not null and resolved_at is null"
        ),
        ("/finance/fraud-signals/{id}", "select id from fraud_signals where resolved_at is null"),
        ("/finance/revenue/{event_id}", "select id from events where status = 'live'"),
        ("/finance/wallets/{id}", "select id from wallets"),
        ("/financials/accounts/{id}", "select id from ledger_accounts"),
        ("/financials/journals/{id}", "select id from ledger_journals"),
        ("/financials/payouts/{id}", "select id from payout_batches"),
        ("/invoices/{id}", "select id from invoices"),
        ("/payments/status/{id}", "select id from payment_orders"),
        ("/payments/webhooks/{provider}", "select 'sandbox'"),
        ("/payments/{id}", "select payment_id from disputes"),
        ("/payouts/{id}", "select id from payouts"),
        ("/refunds/{id}", "select id from refunds"),
    ],
    tables: &[
        (
            "payment_orders",
            "id order_reference user_id event_id amount_minor currency payment_provider provider_payment_id provider_response status created_at updated_at"
        ),
        ("payments", "id order_id provider status amount_minor provider_ref created_at updated_at"),
        ("refunds", "id payment_id amount_minor reason status created_at updated_at"),
        ("payment_webhooks", "id provider provider_event_id body received_at created_at"),
        (
            "door_sales",
            "id event_id attendee_id ticket_type_id seats method amount_minor sold_by created_at updated_at"
        ),
        ("cash_deposits", "id event_id amount_minor currency reference deposited_by created_at"),
        ("settlements", "id provider reference settled_on currency amount_minor fee_minor imported_by created_at"),
        ("settlement_lines", "id settlement_id kind reference amount_minor payment_id exception resolved_at note"),
        ("wallets", "id partner_id user_id currency balance_minor created_at updated_at"),
        ("wallet_transactions", "id wallet_id journal_id currency amount_minor balance_minor created_at"),
        ("fraud_signals", "id rule user_id payment_id outcome resolved_at note created_at updated_at"),
        ("disputes", "id payment_id reason amount_minor status due_at created_at updated_at"),
        ("payout_batches", "id status prepared_by approved_by approved_at created_at updated_at"),
        ("payouts", "id batch_id partner_id amount_minor status created_at updated_at"),
        ("budgets", "id event_id currency created_at updated_at"),
        ("budget_lines", "id budget_id kind title planned_minor committed_minor actual_minor created_at updated_at"),
        ("invoices", "id order_id event_id reference gst_number place_of_supply currency total_minor created_at"),
        ("credit_notes", "id invoice_id refund_id reference total_minor created_at"),
        ("ledger_accounts", "id kind partner_id currency balance_minor created_at updated_at"),
        ("ledger_journals", "id kind object_type object_id event_id description booked_on created_at"),
        ("ledger_postings", "id journal_id account_id currency amount_minor balance_minor created_at"),
        ("accounting_periods", "id month closed_at closed_by created_at"),
        ("fee_schedules", "id partner_id event_id fee_basis_points created_at updated_at"),
    ],
    takes_no_markup: &[
        ("payment_checkout", "ids"),
        ("fee_set", "numbers"),
        ("payout_batch_prepare", "a currency, and a number"),
        ("period_close", "numbers"),
    ],
    elsewhere: &[("/payouts", "/financials/payouts"), ("/budgets", "/finance/budget")],
    ..AreaTests::writes(60, |s| Box::pin(writes(s.site, s.admin, s.out)))
});

/// Money: what was paid and goes back, what is charged, months of the books.
async fn writes(site: &Site, admin: &Person, out: &mut Vec<Write>) {
    let (event, kinds) = open(site, admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(site, 2).await;
    let paid = crate::finance::buy(site, &people[0], &event, &kinds[0], 2).await;
    let path = format!("/payments/{}/refund", text(&paid["payment"], "id"));
    add(out, "payment_refund", Method::POST, path, json!({ "amount_minor": 40_000, "reason": "Heavy rain" }));
    let other = crate::finance::buy(site, &people[1], &event, &kinds[0], 1).await;
    let path = format!("/payments/{}/refund", text(&other["payment"], "id"));
    let failed = admin.post(&path, json!({ "reason": "Sold twice" })).await.expect(201);
    crate::finance::say_refund(site, &other, &failed, "refund.failed").await;
    add(out, "refund_retry", Method::POST, format!("/refunds/{}/retry", text(&failed, "id")), json!({}));
    let door = format!("/events/{}/door-sales", text(&event, "id"));
    let sale = json!({ "ticket_type_id": kinds[0]["id"], "seats": 2, "method": "cash", "name": "Rohit Iyer" });
    let sold = admin.post(&door, sale.clone()).await.expect(201);
    add(out, "door_sale_make", Method::POST, door, sale);
    let paid_in = json!({ "amount_minor": 20_000, "reference": "HDFC-20261125-0042" });
    add(out, "cash_deposit_make", Method::POST, format!("/events/{}/cash-deposits", text(&event, "id")), paid_in);
    let path = format!("/door-sales/{}/refund", text(&sold, "id"));
    add(out, "door_sale_refund", Method::POST, path, json!({ "reason": "The guest cannot stay" }));
    let tag = &eventify::kernel::clock::new_uuid().simple().to_string()[20..];
    let unknown = format!("payment,sb_{tag},30.00,0,INR,S{tag},2026-11-24");
    crate::finance_settlements::import(admin, &[unknown]).await.expect(200);
    let open = admin.rows("/finance/exceptions").await;
    let path = format!("/finance/exceptions/{}/resolve", text(&open[0], "id"));
    add(out, "settlement_issue_resolve", Method::POST, path, json!({ "note": "The provider says it was a fee" }));
    let (spender, mut signalled) = (make_guests(site, 1).await, Vec::new());
    for _ in 0..2 {
        signalled.push(crate::finance::buy(site, &spender[0], &event, &kinds[0], 1).await);
    }
    for paid in &signalled {
        crate::finance_signals::dispute(admin, paid).await;
    }
    let open = admin.rows(&format!("/finance/fraud-signals?user_id={}", spender[0].id)).await;
    let path = format!("/finance/fraud-signals/{}/resolve", text(&open[0], "id"));
    let said = json!({ "outcome": "dismissed", "note": "The bank had locked the card" });
    add(out, "fraud_signal_resolve", Method::POST, path, said);
    disputes_and_payouts(site, admin, out).await;
    budgets(site, admin, out).await;
    let fee = json!({ "event_id": event["id"], "fee_basis_points": 500, "tax_basis_points": 1800 });
    add(out, "fee_set", Method::POST, "/finance/fees".to_owned(), fee);
    let taken = site.number("select count(*) from accounting_periods").await;
    let month = json!({ "year": 2025, "month": taken + 1 });
    add(out, "period_close", Method::POST, "/financials/periods".to_owned(), month);
}

/// What events are planned to bring in and to cost.
async fn budgets(site: &Site, admin: &Person, out: &mut Vec<Write>) {
    let (event, _) = open(site, admin, 20, &[("Planned", None, 50_000)]).await;
    let (other, _) = open(site, admin, 20, &[("Planned too", None, 50_000)]).await;
    let line = |title: &str| json!({ "kind": "cost", "title": title, "planned_minor": 50_000 });
    let of = |event: &Value| json!({ "event_id": event["id"], "lines": [line("Crew"), line("Venue")] });
    add(out, "budget_create", Method::POST, "/finance/budget".to_owned(), of(&event));
    let made = admin.post("/finance/budget", of(&other)).await.expect(201);
    let path = format!("/finance/budget/{}/lines", text(&other, "id"));
    add(out, "budget_line_add", Method::POST, path, line("Posters"));
    let lines = |at: usize| format!("/budget-lines/{}", text(&made["lines"][at], "id"));
    let change = json!({ "title": "Stage crew", "actual_minor": 60_000, "version": 1 });
    add(out, "budget_line_update", Method::PATCH, lines(0), change);
    add(out, "budget_line_remove", Method::DELETE, lines(1), Value::Null);
}

/// What banks ask back, and what partners are paid.
async fn disputes_and_payouts(site: &Site, admin: &Person, out: &mut Vec<Write>) {
    let tag = &eventify::kernel::clock::new_uuid().simple().to_string()[20..];
    let other = site.person(&format!("second{tag}@example.com"), "super_admin").await;
    let people = make_guests(site, 3).await;
    let (event, kinds) = open(site, admin, 20, &[("Disputed", None, 50_000)]).await;
    let ask = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    let mut asked = Vec::new();
    for person in &people {
        let paid = crate::finance::buy(site, person, &event, &kinds[0], 1).await;
        asked.push(format!("/payments/{}/disputes", text(&paid["payment"], "id")));
    }
    add(out, "dispute_open", Method::POST, asked[0].clone(), ask.clone());
    let decided = admin.post(&asked[1], ask.clone()).await.expect(201);
    let path = format!("/disputes/{}/decide", text(&decided, "id"));
    add(out, "dispute_decide", Method::POST, path, json!({ "outcome": "lost", "note": "The bank wrote to us" }));
    let submitted = admin.post(&asked[2], ask).await.expect(201);
    crate::finance_disputes::add_evidence(admin, text(&submitted, "id"), "receipt", PDF).await.expect(201);
    add(out, "dispute_submit", Method::POST, format!("/disputes/{}/submit", text(&submitted, "id")), json!({}));

    let (owner, number) = (partner(admin, &format!("Payee {tag}")).await, "50100234567890");
    crate::finance_payouts::payable(admin, &other, &owner, number).await;
    crate::finance_payouts::joined(site, text(&owner, "id")).await;
    let mut plan = plan(site, 20, 10);
    plan["organizer_partner_id"] = owner["id"].clone();
    let event = admin.post("/events", plan).await.expect(201);
    let paid = kind(admin, &event, "Paid", None, 50_000).await;
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    let mut batches = Vec::new();
    for (at, person) in make_guests(site, 5).await.iter().enumerate() {
        crate::finance::buy(site, person, &event, &paid, 1).await;
        let made = other.post("/financials/payouts", json!({})).await.expect(201);
        let path = format!("/financials/payouts/{}", text(&made["batch"], "id"));
        // One for each step: what comes before it is done.
        for step in ["approve", "process"].iter().take([1, 2, 2, 0][at.min(3)]) {
            admin.post(&format!("{path}/{step}"), json!({})).await.expect(200);
        }
        if at == 3 {
            other.post(&format!("{path}/discard"), json!({})).await.expect(200);
        }
        batches.push((path, format!("/payouts/{}", text(&made["payouts"][0], "id"))));
    }
    add(out, "payout_batch_process", Method::POST, format!("{}/process", batches[0].0), json!({}));
    add(out, "payout_batch_paid", Method::POST, format!("{}/paid", batches[1].0), json!({}));
    let failed = json!({ "status": "failed", "reason": "The account is closed" });
    add(out, "payout_change", Method::PATCH, batches[2].1.clone(), failed);
    add(out, "payout_batch_approve", Method::POST, format!("{}/approve", batches[4].0), json!({}));
    add(out, "payout_batch_prepare", Method::POST, "/financials/payouts".to_owned(), json!({ "currency": "EUR" }));
    for currency in ["EUR", "USD"] {
        owed(site, admin, &other, &owner, currency).await;
    }
    let draft = other.post("/financials/payouts", json!({ "currency": "USD" })).await.expect(201);
    let path = format!("/financials/payouts/{}/discard", text(&draft["batch"], "id"));
    add(out, "payout_batch_discard", Method::POST, path, json!({}));
}

/// A partner is owed something in another currency, and can be paid in it.
async fn owed(site: &Site, admin: &Person, other: &Person, owner: &Value, currency: &str) {
    let accounts = format!("/partners/{}/bank-accounts", text(owner, "id"));
    let number = json!({ "holder_name": "Payee", "bank_code": "HDFC0001234", "account_number": "50100234567891",
                         "currency": currency });
    let account = admin.post(&accounts, number).await.expect(201);
    let path = format!("{accounts}/{}/review", text(&account, "id"));
    other.post(&path, json!({ "decision": "verified" })).await.expect(200);
    let mut plan = plan(site, 20, 10);
    plan["organizer_partner_id"] = owner["id"].clone();
    plan["currency"] = currency.into();
    let event = admin.post("/events", plan).await.expect(201);
    let paid = json!({ "name": "Paid", "price": { "minor": 50_000, "currency": currency } });
    let paid = admin.post(&format!("/events/{}/ticket-types", text(&event, "id")), paid).await.expect(201);
    admin.post(&format!("/events/{}/publish", text(&event, "id")), json!({})).await.expect(200);
    crate::finance::buy(site, &make_guests(site, 1).await[0], &event, &paid, 1).await;
}
