//! More staff writes for the fault injection: what was planned and sold, by whom, and the access area's rest.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::areas::{AreaTests, Write};
use crate::crowd::{crowd, draft, kind, open, plan, reserve};
use crate::partners::{PDF, partner, text};
use crate::support::{Person, Site};

/// Writes that this does not cut, each with its reason.
pub const NOT_CUT: &[(&str, &str)] = &[("event_stream_reveal_key", "it changes nothing but the audit")];

inventory::submit!(AreaTests::writes(10, |s| Box::pin(access(s.site, s.admin, s.tag, s.out))));
inventory::submit!(AreaTests::writes(20, |s| Box::pin(partner_rest(s.admin, s.tag, s.out))));
inventory::submit!(AreaTests::writes(30, |s| Box::pin(events(s.site, s.admin, s.tag, s.out))));
inventory::submit!(AreaTests::writes(40, |s| Box::pin(tickets(s.site, s.admin, s.tag, s.out))));
inventory::submit!(AreaTests::writes(50, |s| Box::pin(people(s.site, s.tag, s.out))));
inventory::submit!(AreaTests::writes(60, |s| Box::pin(money(s.site, s.admin, s.out))));
inventory::submit!(AreaTests::writes(70, |s| Box::pin(sent(s.site, s.out))));

fn add(out: &mut Vec<Write>, name: &'static str, method: Method, path: String, body: Value) {
    let body = if body.is_null() { None } else { Some(body) };
    out.push((name, method, path, body));
}

/// What was left of access.
async fn access(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let (auditor, finance) = (site.role("auditor").await, site.role("finance").await);
    let third = admin.post("/admin/roles", json!({ "name": format!("Third {tag}") })).await.expect(201);
    let renamed = json!({ "name": format!("Fourth {tag}"), "version": third["version"] });
    add(out, "role_update", Method::PATCH, format!("/admin/roles/{}", text(&third, "id")), renamed);
    let me = admin.get("/auth/me").await.expect(200);
    let renamed = json!({ "full_name": format!("Admin {tag}"), "version": me["version"] });
    add(out, "me_update", Method::PATCH, "/auth/me".to_owned(), renamed);
    let invited = json!({ "email": format!("{tag}inv@example.com"), "full_name": "Inv", "role_id": auditor });
    let invited = admin.post("/admin/users", invited).await.expect(201);
    let path = format!("/admin/users/{}/invite", text(&invited, "id"));
    add(out, "staff_invite_again", Method::POST, path, json!({}));
    let gone = site.account(&format!("{tag}gone@example.com"), "auditor").await;
    admin.delete(&format!("/admin/users/{}", gone.id)).await.expect(200);
    let now = admin.get(&format!("/admin/users/{}", gone.id)).await.expect(200);
    let back = json!({ "role_id": auditor, "version": now["version"] });
    add(out, "staff_reactivate", Method::POST, format!("/admin/users/{}/reactivate", gone.id), back);
    let factor = site.account(&format!("{tag}totp@example.com"), "auditor").await;
    sqlx::query("update admin_users set totp_enabled_at = now(), totp_secret_enc = '\\x00' where id = $1::uuid")
        .bind(&factor.id)
        .execute(&mut site.test.owner().await)
        .await
        .expect("a second factor");
    let path = format!("/admin/users/{}/reset-2fa", factor.id);
    add(out, "staff_reset_second_factor", Method::POST, path, json!({}));
    let scoped = json!({ "role_id": finance, "event_id": draft(site, admin, 10).await["id"] });
    let path = format!("/admin/users/{}/assignments", factor.id);
    let given = admin.post(&path, scoped).await.expect(201);
    add(out, "assignment_close", Method::DELETE, format!("{path}/{}", text(&given, "id")), Value::Null);
    let now = admin.get("/organisation").await.expect(200);
    let settings = json!({ "name": format!("House {tag}"), "primary_colour": "#006469", "accent_colour": "#d2f13c",
                           "timezone": "Asia/Kolkata", "currency": "INR", "version": now["version"] });
    add(out, "organisation_update", Method::PUT, "/admin/organisation".to_owned(), settings);
    add(out, "organisation_remove_logo", Method::DELETE, "/admin/organisation/logo".to_owned(), Value::Null);
    // The caller's own network comes first.
    admin.post("/admin/ip-allowlist", json!({ "cidr": "127.0.0.0/8" })).await.expect(201);
    let other = admin.post("/admin/ip-allowlist", json!({ "cidr": "10.9.0.0/16" })).await.expect(201);
    let path = format!("/admin/ip-allowlist/{}", text(&other, "id"));
    add(out, "allowlist_remove", Method::DELETE, path, Value::Null);
}

/// Partners' people and accounts.
async fn partner_rest(admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let made = partner(admin, &format!("People {tag}")).await;
    let path = format!("/partners/{}", text(&made, "id"));
    let number = json!({ "holder_name": "P", "bank_code": "HDFC0001234", "account_number": "50100234567890" });
    let account = admin.post(&format!("{path}/bank-accounts"), number).await.expect(201);
    let review = format!("{path}/bank-accounts/{}/review", text(&account, "id"));
    add(
        out,
        "partner_bank_account_review",
        Method::POST,
        review,
        json!({ "decision": "rejected", "reason": "Typed wrong" }),
    );
    let mut contacts = Vec::new();
    for n in 0..4 {
        let contact = json!({ "name": "E", "email": format!("{tag}e{n}@partner.example.com") });
        contacts.push(admin.post(&format!("{path}/contacts"), contact).await.expect(201));
    }
    let one = |n: usize| format!("{path}/contacts/{}", text(&contacts[n], "id"));
    let renamed = json!({ "name": "Other", "version": contacts[0]["version"] });
    add(out, "partner_contact_update", Method::PATCH, one(0), renamed);
    add(out, "partner_contact_make_primary", Method::POST, format!("{}/primary", one(1)), json!({}));
    add(out, "partner_contact_remove", Method::DELETE, one(2), Value::Null);
    add(out, "partner_contact_invite", Method::POST, format!("{}/invite", one(3)), json!({}));
}

/// What is planned: events, places, interests.
async fn events(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let owner = partner(admin, &format!("Planner {tag}")).await;
    let friend = partner(admin, &format!("Friend {tag}")).await;
    let mut fresh = plan(site, 10, 12);
    fresh["organizer_partner_id"] = owner["id"].clone();
    add(out, "event_create", Method::POST, "/events".to_owned(), fresh);
    let event = draft(site, admin, 10).await;
    let path = format!("/events/{}", text(&event, "id"));
    let renamed = json!({ "title": format!("Renamed {tag}"), "version": event["version"] });
    add(out, "event_update", Method::PATCH, path.clone(), renamed);
    let asked = json!({ "questions": [{ "label": "What do you eat?", "kind": "text", "required": false }] });
    add(out, "event_question_set", Method::PUT, format!("{path}/questions"), asked);
    add(out, "event_co_host_add", Method::POST, format!("{path}/co-hosts"), json!({ "partner_id": friend["id"] }));
    let guest = admin.post(&format!("{path}/co-hosts"), json!({ "partner_id": owner["id"] })).await.expect(201);
    let gone = format!("{path}/co-hosts/{}", text(&guest, "id"));
    add(out, "event_co_host_remove", Method::DELETE, gone, Value::Null);
    let stream = json!({ "provider": "youtube", "stream_key": "a-key-of-some-length" });
    add(out, "event_stream_add", Method::POST, format!("{path}/streams"), stream.clone());
    for (name, method) in [("event_stream_update", Method::PATCH), ("event_stream_remove", Method::DELETE)] {
        let made = admin.post(&format!("{path}/streams"), stream.clone()).await.expect(201);
        let change = json!({ "playback_url": "https://example.com/live", "version": made["version"] });
        let body = if method == Method::PATCH { change } else { Value::Null };
        add(out, name, method, format!("{path}/streams/{}", text(&made, "id")), body);
    }
    let start = site.test.clock.now().0 + time::Duration::days(40);
    let at = |moment: time::OffsetDateTime| eventify::kernel::timestamp::Timestamp(moment).rfc3339();
    let times = json!({ "start_at": at(start), "end_at": at(start + time::Duration::hours(3)) });
    add(out, "event_duplicate", Method::POST, format!("{path}/duplicate"), times.clone());
    let moved = draft(site, admin, 10).await;
    let mut later = times;
    later["version"] = moved["version"].clone();
    add(out, "event_reschedule", Method::POST, format!("/events/{}/reschedule", text(&moved, "id")), later);
    let shown = draft(site, admin, 10).await;
    add(out, "event_publish", Method::POST, format!("/events/{}/publish", text(&shown, "id")), json!({}));
    for (name, step) in [("event_start", "start"), ("event_end", "end")] {
        let mut soon = plan(site, 10, 0);
        soon["start_at"] = at(site.test.clock.now().0 + time::Duration::hours(2)).into();
        soon["organizer_partner_id"] = owner["id"].clone();
        let soon = format!("/events/{}", text(&admin.post("/events", soon).await.expect(201), "id"));
        admin.post(&format!("{soon}/publish"), json!({})).await.expect(200);
        if step == "end" {
            admin.post(&format!("{soon}/start"), json!({})).await.expect(200);
        }
        add(out, name, Method::POST, format!("{soon}/{step}"), json!({}));
    }
    let pictured = draft(site, admin, 10).await;
    let mut images = Vec::new();
    for _ in 0..3 {
        images.push(crate::events::image(admin, &pictured).await.expect(201)["id"].clone());
    }
    let path = format!("/events/{}/images", text(&pictured, "id"));
    images.reverse();
    let order = json!({ "images": images, "covers": [images[0]] });
    add(out, "event_image_order", Method::PUT, path.clone(), order);
    let gone = format!("{path}/{}", images[1].as_str().expect("an id"));
    add(out, "event_image_remove", Method::DELETE, gone, Value::Null);
    let place = json!({ "name": format!("Place {tag}"), "city": "Pune" });
    add(out, "venue_create", Method::POST, "/venues".to_owned(), place.clone());
    for (name, method) in [("venue_update", Method::PATCH), ("venue_retire", Method::DELETE)] {
        let made = admin.post("/venues", place.clone()).await.expect(201);
        let change = json!({ "name": format!("Hall {tag}"), "version": made["version"] });
        let body = if method == Method::PATCH { change } else { Value::Null };
        add(out, name, method, format!("/venues/{}", text(&made, "id")), body);
    }
    let word = |n: u8| json!({ "name": format!("Interest {tag} {n}") });
    add(out, "interest_create", Method::POST, "/interests".to_owned(), word(0));
    for (n, name, method) in [(1, "interest_update", Method::PATCH), (2, "interest_delete", Method::DELETE)] {
        let made = admin.post("/interests", word(n)).await.expect(201);
        let change = json!({ "is_active": false, "version": made["version"] });
        let body = if method == Method::PATCH { change } else { Value::Null };
        add(out, name, method, format!("/interests/{}", text(&made, "id")), body);
    }
}

/// What is sold: kinds of tickets, codes, requests, invitations, seats.
async fn tickets(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let kinds = [("Standard", Some(9), 0), ("Paid", Some(5), 50_000)];
    let (event, kinds) = open(site, admin, 20, &kinds).await;
    let path = format!("/events/{}", text(&event, "id"));
    let price = json!({ "minor": 100, "currency": "INR" });
    let another = json!({ "name": format!("Another {tag}"), "price": price });
    add(out, "ticket_type_add", Method::POST, format!("{path}/ticket-types"), another);
    let third = kind(admin, &event, "Third", None, 0).await;
    let change = json!({ "name": "Third place", "version": third["version"] });
    add(out, "ticket_type_update", Method::PATCH, format!("/ticket-types/{}", text(&third, "id")), change);
    let last = kind(admin, &event, "Last", None, 0).await;
    let gone = format!("/ticket-types/{}", text(&last, "id"));
    add(out, "ticket_type_retire", Method::DELETE, gone, Value::Null);
    let code = |n: u8| json!({ "code": format!("CODE-{tag}-{n}"), "discount_percent": "10.00" });
    add(out, "promo_code_add", Method::POST, format!("{path}/promo-codes"), code(0));
    let made = admin.post(&format!("{path}/promo-codes"), code(1)).await.expect(201);
    add(out, "promo_code_revoke", Method::DELETE, format!("/promo-codes/{}", text(&made, "id")), Value::Null);
    let made = admin.post(&format!("{path}/promo-codes"), code(2)).await.expect(201);
    let revoked = format!("/promo-codes/{}", text(&made, "id"));
    admin.delete(&revoked).await.expect(204);
    add(out, "promo_code_restore", Method::POST, format!("{revoked}/restore"), json!({}));
    let people = crowd(site, 8).await;
    let link = json!({ "invite_type": "share_link", "max_uses": 3 });
    add(out, "event_invite_create", Method::POST, format!("{path}/invites"), link);
    let direct = json!({ "invite_type": "direct", "invited_user_id": people[0].id });
    let made = admin.post(&format!("{path}/invites"), direct).await.expect(201);
    let invite = made.get("invite").unwrap_or(&made);
    let back = format!("/invites/{}", text(invite, "id"));
    add(out, "event_invite_decide", Method::PATCH, back, json!({ "status": "expired" }));
    let request = people[1].post(&format!("{path}/requests"), json!({ "ticket_type_id": kinds[0]["id"] })).await;
    let path_of = format!("/requests/{}", text(&request.expect(201), "id"));
    add(out, "event_request_decide", Method::PATCH, path_of, json!({ "status": "accepted" }));
    let held = reserve(&people[2], &event, &kinds[1], 1).await.expect(201);
    add(out, "reservation_release", Method::DELETE, format!("/reservations/{}", text(&held, "id")), Value::Null);
    for (n, name) in [(3, "ticket_transfer"), (4, "ticket_revoke"), (6, "ticket_resend"), (7, "ticket_reissue")] {
        let taken = reserve(&people[n], &event, &kinds[0], 1).await.expect(201);
        let tickets = admin.get(&format!("/attendees/{}/tickets", text(&taken, "attendee_id"))).await.expect(200);
        let ticket = tickets["tickets"][0]["ticket"].clone();
        let step = name.trim_start_matches("ticket_");
        let body = match step {
            "revoke" => json!({ "reason": "Sold twice" }),
            "resend" => json!({ "reissue": true }),
            "reissue" => json!({}),
            _ => json!({ "name": "A friend", "email": format!("{tag}friend@example.com") }),
        };
        add(out, name, Method::POST, format!("/tickets/{}/{step}", text(&ticket, "id")), body);
    }
    let silent = json!({ "ticket_type_id": kinds[0]["id"], "name": "Rohit" });
    let silent = admin.post(&format!("{path}/attendees"), silent).await.expect(201);
    let contact = format!("/attendees/{}/contact", text(&silent, "id"));
    add(out, "attendee_contact_add", Method::POST, contact, json!({ "email": format!("{tag}rohit@example.com") }));
    let moved = json!({ "ticket_type_id": kinds[0]["id"], "name": "Mo" });
    let moved = admin.post(&format!("{path}/attendees"), moved).await.expect(201);
    let other = kind(admin, &event, "Moved to", None, 0).await;
    let to = json!({ "ticket_type_id": other["id"] });
    add(out, "attendee_move", Method::POST, format!("/attendees/{}/move", text(&moved, "id")), to);
    let (full, one) = open(site, admin, 1, &[("Only", None, 0)]).await;
    reserve(&people[0], &full, &one[0], 1).await.expect(201);
    let line = format!("/events/{}/waiting-list", text(&full, "id"));
    let waits = people[5].post(&line, json!({ "ticket_type_id": one[0]["id"] })).await.expect(201);
    add(out, "waiting_list_leave", Method::DELETE, format!("/waiting-list/{}", text(&waits, "id")), Value::Null);
    let (roomy, few) = open(site, admin, 5, &[("Few", Some(1), 0)]).await;
    reserve(&people[0], &roomy, &few[0], 1).await.expect(201);
    let line = format!("/events/{}/waiting-list", text(&roomy, "id"));
    let waits = people[5].post(&line, json!({ "ticket_type_id": few[0]["id"] })).await.expect(201);
    let offer = format!("/waiting-list/{}/offer", text(&waits, "id"));
    add(out, "waiting_list_offer", Method::POST, offer, Value::Null);
}

/// Money: what was paid and goes back, what is charged, months of the books.
async fn money(site: &Site, admin: &Person, out: &mut Vec<Write>) {
    let (event, kinds) = open(site, admin, 20, &[("Paid", None, 50_000)]).await;
    let people = crowd(site, 2).await;
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
    let (spender, mut signalled) = (crowd(site, 1).await, Vec::new());
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
    let people = crowd(site, 3).await;
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
    for (at, person) in crowd(site, 5).await.iter().enumerate() {
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
    crate::finance::buy(site, &crowd(site, 1).await[0], &event, &paid, 1).await;
}

/// Messages that were given up, and jobs.
async fn sent(site: &Site, out: &mut Vec<Write>) {
    let db = &mut site.test.owner().await;
    for (name, step, status) in [("job_redrive", "redrive", "dead"), ("job_cancel", "cancel", "retry")] {
        let job: Uuid = sqlx::query_scalar(
            "insert into job_runs (id, queue_name, job_type, status, payload)
             values (gen_random_uuid(), 'default', 'mail.send', $1, '{}') returning id",
        )
        .bind(status)
        .fetch_one(&mut *db)
        .await
        .expect("a job");
        add(out, name, Method::POST, format!("/ops/jobs/{job}/{step}"), json!({}));
    }
    let message: Uuid = sqlx::query_scalar(
        "with job as (
             insert into job_runs (id, queue_name, job_type, status, payload)
             values (gen_random_uuid(), 'bulk', 'mail.send', 'dead', '{}') returning id)
         insert into notification_queue (id, job_id, channel, kind, recipient, recipient_hash, status, not_before, created_at)
         select gen_random_uuid(), id, 'email', 'tickets_issued', 'a•••@b.c', '', 'failed', now(), now() from job
         returning id",
    )
    .fetch_one(&mut *db)
    .await
    .expect("a message");
    add(out, "message_retry", Method::POST, format!("/admin/messages/{message}/retry"), json!({}));
    dead_letters(db, out).await;
}

/// Messages that could not be taken in; what one of them tells is known by now, so that it brings nothing else about.
async fn dead_letters(db: &mut sqlx::PgConnection, out: &mut Vec<Write>) {
    let known: Uuid = sqlx::query_scalar(
        "insert into inbound_events (told_by, id, type, created_at)
         values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'user.flagged', now()) returning id",
    )
    .fetch_one(&mut *db)
    .await
    .expect("a known event");
    let body = json!({ "id": known, "type": "user.flagged", "payload": {} });
    let letters: Vec<Uuid> = sqlx::query_scalar(
        "insert into bus_dead_letters (id, place, subject, body, error_code, error, received_at)
         select gen_random_uuid(), gen_random_uuid()::text, 'eventify.in.user.flagged', $1, 'invalid_input', 'x', now()
         from generate_series(1, 2) returning id",
    )
    .bind(body.to_string())
    .fetch_all(&mut *db)
    .await
    .expect("dead letters");
    add(out, "bus_dead_letter_retry", Method::POST, format!("/bus/dead-letters/{}/retry", letters[0]), json!({}));
    out.push(("bus_dead_letter_discard", Method::DELETE, format!("/bus/dead-letters/{}", letters[1]), None));
}

/// End users.
async fn people(site: &Site, tag: &str, out: &mut Vec<Write>) {
    let crowd = crowd(site, 2).await;
    let many = json!({ "ids": [crowd[0].id], "reason": format!("Spam {tag}") });
    add(out, "users_bulk_ban", Method::POST, "/users/bulk-ban".to_owned(), many);
    sqlx::query("update end_users set totp_enabled_at = now(), totp_secret_enc = '\\x00' where id = $1::uuid")
        .bind(&crowd[1].id)
        .execute(&mut site.test.owner().await)
        .await
        .expect("a second factor");
    let path = format!("/users/{}/reset-2fa", crowd[1].id);
    add(out, "user_reset_second_factor", Method::POST, path, json!({ "reason": "Lost the phone" }));
    let asked = crowd[1].post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let path = format!("/privacy/requests/{}/reject", text(&asked, "id"));
    add(out, "privacy_request_reject", Method::POST, path, json!({ "answer": "Not you" }));
}

/// Every audited staff write with a JSON body stands in the list, or in [`NOT_CUT`].
pub fn must_be_all(names: &[&str]) {
    let left: Vec<&str> = eventify::kernel::registry::operations()
        .into_iter()
        .filter(|o| o.writes() && !o.takes_raw_body() && o.unaudited.is_none())
        .filter(|o| o.access.iter().any(|a| matches!(a, eventify::kernel::registry::Access::Staff(_))))
        .map(|o| o.id)
        .filter(|id| !names.contains(id) && NOT_CUT.iter().all(|(name, _)| name != id))
        .collect();
    assert!(left.is_empty(), "staff writes that are not cut: {left:?}");
}
