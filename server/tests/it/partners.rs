//! Partners, their people, documents and bank accounts: rules, refusals and races.

use std::time::Duration;

use eventify::kernel::registry::operations;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, Site, read};

pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n";
pub const BOUNDARY: &str = "a-line-that-is-in-no-file";

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

pub async fn partner(admin: &Person, name: &str) -> Value {
    let email = format!("{}@partner.example.com", name.to_lowercase().replace(' ', "."));
    let input = json!({ "name": name, "type": "venue", "contact_name": "First Contact", "contact_email": email });
    admin.post("/partners", input).await.expect(201)
}

/// Somebody with a role of these permissions within one partner alone.
pub async fn within(site: &Site, admin: &Person, partner: &Value, email: &str, permissions: &[&str]) -> Person {
    let name = format!("Role of {email}");
    let role = admin.post("/admin/roles", json!({ "name": name, "permissions": permissions })).await.expect(201);
    let mut person = site.account(email, "talent").await;
    let scoped = json!({ "role_id": role["id"], "partner_id": partner["id"] });
    admin.post(&format!("/admin/users/{}/assignments", person.id), scoped).await.expect(201);
    person.sign_in().await;
    person
}

pub fn form(kind: Option<&str>, file_name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some(kind) = kind {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n{kind}\r\n").bytes());
    }
    let disposition = format!("form-data; name=\"file\"; filename=\"{file_name}\"");
    body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n").bytes());
    body.extend_from_slice(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

pub async fn send_form(person: &Person, partner: &Value, body: impl Into<reqwest::Body>) -> Answer {
    let request = person.request(Method::POST, &format!("/partners/{}/documents", text(partner, "id")));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    read(request.header("content-type", kind).body(body).send().await.expect("an answer")).await
}

pub async fn upload(person: &Person, partner: &Value, kind: &str) -> Value {
    send_form(person, partner, form(Some(kind), "Scan 1.pdf", PDF)).await.expect(201)
}

pub async fn review(person: &Person, partner: &Value, document: &Value, decision: &str) -> Answer {
    let input = json!({ "document_id": document["id"], "decision": decision, "reason": "Looked at it" });
    person.post(&format!("/partners/{}/kyc/review", text(partner, "id")), input).await
}

#[tokio::test]
async fn a_partner_from_invitation_to_joining() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    assert_eq!((&made["status"], &made["verification_status"]), (&json!("invited"), &json!("pending")));
    assert_eq!(made["open_balance"], json!({ "minor": 0, "currency": "INR" }));
    let contacts = admin.rows(&format!("/partners/{}/contacts", text(&made, "id"))).await;
    assert_eq!((&contacts[0]["access"], &contacts[0]["is_primary"]), (&json!("invited"), &json!(true)));

    let background = eventify_server::serve::background(&site.test.app, true);
    let link: uuid::Uuid = sqlx::query_scalar("select id from auth_tokens where purpose = 'invitation'")
        .fetch_one(&site.test.reader)
        .await
        .expect("an invitation");
    let token = eventify::access::links::token(&site.test.keys, link);
    let accept = json!({ "token": token, "full_name": "First Contact", "password": PASSWORD });
    site.anonymous().post("/auth/invitation/accept", accept).await.expect(204);
    let mut contact = site.anonymous();
    contact.email = text(&made, "primary_contact_email").to_owned();
    contact.sign_in().await;
    let path = format!("/partners/{}", text(&made, "id"));
    for attempt in 0.. {
        let now = contact.get(&path).await.expect(200);
        if now["status"] == "active" {
            assert!(now["joined_at"].is_string(), "{now}");
            break;
        }
        assert!(attempt < 100, "it never became active: {now}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(site.number("select count(*) from audit_logs where action = 'partner.joined'").await, 1);
    // Its own people keep its records, and no more.
    let list = contact.get("/partners").await.expect(200);
    assert_eq!((list["items"].as_array().unwrap().len(), &list["total_estimate"]), (1, &json!(1)));
    upload(&contact, &made, "pan").await;
    contact
        .patch(&format!("{path}/status"), json!({ "status": "suspended", "reason": "Just so" }))
        .await
        .refused(403, "forbidden");
    let another = json!({ "name": "X", "type": "venue", "contact_name": "X", "contact_email": "x@example.com" });
    contact.post("/partners", another).await.refused(403, "forbidden");
    contact.get("/kyc/queue").await.refused(403, "forbidden");
    drop(background);
}

#[tokio::test]
async fn the_list_is_filtered_searched_and_paged() {
    let site = Site::start().await;
    let admin = site.admin().await;
    for name in ["Beta Stage", "alpha rooms", "Gamma 100%_Loud", "Delta Drinks"] {
        partner(&admin, name).await;
    }
    let names = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|p| text(p, "name").to_owned()).collect()
    };
    let first = admin.get("/partners?limit=3").await.expect(200);
    assert_eq!(
        (names(&first), &first["total_estimate"]),
        (vec!["alpha rooms".into(), "Beta Stage".into(), "Delta Drinks".into()], &json!(4))
    );
    let next = admin.get(&format!("/partners?limit=3&cursor={}", text(&first, "next_cursor"))).await.expect(200);
    assert_eq!(names(&next), ["Gamma 100%_Loud"]);
    let other = format!("/partners?limit=3&type=vendor&cursor={}", text(&first, "next_cursor"));
    admin.get(&other).await.refused(422, "invalid_input");
    for (query, expected) in [
        ("q=LOUD", 1),
        ("q=beta.stage%40partner", 1),
        ("search=first+contact", 4),
        ("q=%25", 1),
        ("status=active", 0),
        ("status=Invited&type=Venue&verification=Pending", 4),
        ("sort=-joined_at", 4),
        ("sort=-created&limit=2", 2),
    ] {
        let page = admin.get(&format!("/partners?{query}")).await.expect(200);
        assert_eq!(names(&page).len(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_stale_version_gets_the_record_as_it_stands() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let path = format!("/partners/{}", text(&made, "id"));
    let change =
        json!({ "name": "Harbour House", "logo_url": "https://example.com/l.png", "version": made["version"] });
    let changed = admin.patch(&path, change.clone()).await.expect(200);
    assert_eq!(changed["logo_url"], "https://example.com/l.png");
    let stale = admin.patch(&path, change).await;
    stale.refused(409, "conflict");
    assert_eq!(stale.body["current"]["name"], "Harbour House");
    let cleared = admin.patch(&path, json!({ "logo_url": null, "version": changed["version"] })).await.expect(200);
    assert!(cleared["logo_url"].is_null());
    admin.patch(&path, json!({ "version": 1 })).await.refused(422, "invalid_input");
}

#[tokio::test]
async fn suspending_stops_a_partners_own_writes_and_nothing_else() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let own = within(&site, &admin, &made, "own@example.com", &["partners.read", "partners.manage"]).await;
    let (path, status) =
        (format!("/partners/{}", text(&made, "id")), format!("/partners/{}/status", text(&made, "id")));
    let suspend = json!({ "status": "suspended", "reason": "Unpaid invoices" });
    admin.patch(&status, suspend.clone()).await.refused(409, "invalid_transition");
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    upload(&own, &made, "pan").await;
    admin.patch(&status, json!({ "status": "suspended" })).await.refused(422, "invalid_input");
    let suspended = admin.patch(&status, suspend.clone()).await.expect(200);
    assert_eq!(suspended["suspension_reason"], "Unpaid invoices");
    admin.patch(&status, suspend).await.refused(409, "invalid_transition");
    own.get(&path).await.expect(200);
    let contact = json!({ "name": "New", "email": "new@example.com" });
    own.post(&format!("{path}/contacts"), contact.clone()).await.refused(409, "partner_suspended");
    send_form(&own, &made, form(Some("pan"), "a.pdf", PDF)).await.refused(409, "partner_suspended");
    admin.post(&format!("{path}/contacts"), contact).await.expect(201);
    let back = admin.patch(&status, json!({ "status": "Active" })).await.expect(200);
    assert!(back["suspension_reason"].is_null() && back["joined_at"].is_string());
    upload(&own, &made, "pan").await;
    assert_eq!(mailed(&site, "partner_suspended").await.len(), 1);
    assert!(mailed(&site, "partner_suspended").await[0].contains("Unpaid invoices"));
    // Becoming active for the first time is no news; the contact who was added meanwhile does not sign in.
    assert_eq!(mailed(&site, "partner_reactivated").await.len(), 1);
}

/// Mails of this kind that were queued: address and content.
pub async fn mailed(site: &Site, template: &str) -> Vec<String> {
    sqlx::query_scalar("select payload::text from job_runs where payload->'mail'->>'template' = $1 order by id")
        .bind(template)
        .fetch_all(&site.test.reader)
        .await
        .expect("mails")
}

#[tokio::test]
async fn exactly_one_primary_contact_whoever_is_first() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let path = format!("/partners/{}/contacts", text(&made, "id"));
    let mut ids = Vec::new();
    for n in 0..4 {
        let contact =
            json!({ "name": format!("Contact {n}"), "email": format!("c{n}@example.com"), "phone": "+91 98450 12345" });
        ids.push(text(&admin.post(&path, contact).await.expect(201), "id").to_owned());
    }
    let again = json!({ "name": "Contact", "email": "C0@example.com" });
    admin.post(&path, again).await.refused(409, "already_exists");
    let calls = (0..16).map(|n| {
        let (admin, path) = (admin.clone(), format!("{path}/{}/primary", ids[n % 4]));
        async move { admin.post(&path, json!({})).await }
    });
    for answer in futures::future::join_all(calls).await {
        answer.expect(200);
    }
    assert_eq!(site.number("select count(*) from partner_contacts where is_primary").await, 1);
    assert_eq!(site.number("select count(*) from audit_logs where action = 'partner.contact_made_primary'").await, 16);
    let contacts = admin.rows(&path).await;
    let (primary, other) = (text(&contacts[0], "id"), text(&contacts[1], "id"));
    admin.delete(&format!("{path}/{primary}")).await.refused(409, "primary_contact");
    admin.delete(&format!("{path}/{other}")).await.expect(204);
    admin.delete(&format!("{path}/{other}")).await.refused(404, "not_found");
    assert_eq!(admin.get("/partners?q=contact").await.expect(200)["items"][0]["primary_contact_id"], primary);
}

#[tokio::test]
async fn a_removed_contact_is_out_at_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let person = site.person("known@example.com", "talent").await;
    let path = format!("/partners/{}/contacts", text(&made, "id"));
    let input = json!({ "name": "Known", "email": "known@example.com", "invite": true });
    let contact = admin.post(&path, input).await.expect(201);
    assert_eq!(contact["access"], "active", "who works with us already has nothing to accept");
    site.test.forget_callers();
    person.get(&path).await.expect(200);
    admin.post(&format!("{path}/{}/invite", text(&contact, "id")), json!({})).await.refused(409, "invalid_transition");
    let moved = json!({ "email": "other@example.com", "version": contact["version"] });
    admin.patch(&format!("{path}/{}", text(&contact, "id")), moved).await.refused(422, "invalid_input");
    admin.delete(&format!("{path}/{}", text(&contact, "id"))).await.expect(204);
    let write = json!({ "name": "Mine", "email": "mine@example.com" });
    person.post(&path, write).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_partner_scoped_caller_finds_no_other_partner() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, other) = (partner(&admin, "Own Place").await, partner(&admin, "Other Place").await);
    let all = ["partners.read", "partners.manage", "kyc.review"];
    let caller = within(&site, &admin, &own, "scoped@example.com", &all).await;
    let (own_document, document) = (upload(&admin, &own, "pan").await, upload(&admin, &other, "pan").await);
    let number = json!({ "holder_name": "Other", "bank_code": "HDFC0001234", "account_number": "50100234567890" });
    let account = format!("/partners/{}/bank-accounts", text(&other, "id"));
    let account = admin.post(&account, number).await.expect(201);
    let document_openapi = eventify::kernel::openapi::document();
    let mut walked = 0;
    for operation in operations().into_iter().filter(|o| o.area() == "partners" && o.path.starts_with("/partners/{id}"))
    {
        assert!(operation.scoped, "{} does not let a partner's own people in", operation.id);
        walked += 1;
        let path = operation
            .path
            .replace("{id}", text(&other, "id"))
            .replace("{contact_id}", text(&other, "primary_contact_id"))
            .replace("{document_id}", text(&document, "id"))
            .replace("{account_id}", text(&account, "id"));
        let pointer = "/requestBody/content/application~1json/example";
        let entry = &document_openapi["paths"][operation.path][operation.method.to_lowercase()];
        let mut body = entry.pointer(pointer).cloned();
        if let Some(id) = body.as_mut().and_then(|b| b.get_mut("document_id")) {
            *id = document["id"].clone();
        }
        let answer = if operation.takes_raw_body() {
            send_form(&caller, &other, form(Some("pan"), "a.pdf", PDF)).await
        } else {
            caller.send(operation.method.parse().unwrap(), &path, body).await
        };
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"), "{}: {}", operation.id, answer.body);
    }
    assert!(walked >= 15, "only {walked} operations were walked");
    // Nor does another's document hide behind the own partner's path.
    let hidden = format!("/partners/{}/documents/{}/link", text(&own, "id"), text(&document, "id"));
    caller.get(&hidden).await.refused(404, "not_found");
    let list = caller.get("/partners?q=place").await.expect(200);
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["id"]), (1, &own["id"]));
    let queue = caller.get("/kyc/queue").await.expect(200);
    assert_eq!(queue["items"].as_array().unwrap().len(), 1);
    assert_eq!(queue["items"][0]["document"]["id"], own_document["id"]);
    // Nobody reviews itself, whatever its role says.
    review(&caller, &own, &own_document, "verified").await.refused(403, "forbidden");
}

#[tokio::test]
async fn payouts_go_to_one_reviewed_account() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let reviewer = site.person("reviewer@example.com", "super_admin").await;
    let made = partner(&admin, "Harbour Hall").await;
    let path = format!("/partners/{}/bank-accounts", text(&made, "id"));
    let mut ids = Vec::new();
    for number in ["5010 0234 5678 90", "50100234567891"] {
        let input = json!({ "holder_name": "Harbour Hall", "bank_code": "hdfc0001234", "account_number": number });
        let account = admin.post(&path, input).await.expect(201);
        assert_eq!((text(&account, "status"), text(&account, "bank_code")), ("pending", "HDFC0001234"));
        ids.push(text(&account, "id").to_owned());
    }
    let verify = |id: &str| {
        let (reviewer, path) = (reviewer.clone(), format!("{path}/{id}/review"));
        async move { reviewer.post(&path, json!({ "decision": "verified" })).await }
    };
    verify(&ids[0]).await.expect(200);
    verify(&ids[1]).await.expect(200);
    verify(&ids[1]).await.refused(409, "invalid_transition");
    let mails = mailed(&site, "bank_account_verified").await;
    assert!(mails.len() == 2 && mails[1].contains("7891"), "{mails:?}");
    let accounts = admin.rows(&path).await;
    let open = accounts.as_array().unwrap().iter().filter(|a| a["retired_at"].is_null());
    assert_eq!(open.map(|a| text(a, "last_four")).collect::<Vec<_>>(), ["7891"]);
    let plain: i64 = sqlx::query_scalar(
        "select count(*) from partner_bank_accounts where position('50100234567890'::bytea in number_enc) > 0",
    )
    .fetch_one(&site.test.reader)
    .await
    .unwrap();
    assert_eq!(plain, 0, "the number stands there as it is");
}

#[tokio::test]
async fn a_partner_reads_what_was_done_to_it_and_to_no_other() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, other) = (partner(&admin, "Own Hall").await, partner(&admin, "Other Hall").await);
    let (document, _) = (upload(&admin, &own, "pan").await, upload(&admin, &other, "pan").await);
    review(&admin, &own, &document, "rejected").await.expect(200);
    let person = within(&site, &admin, &own, "own@example.com", &["partners.read"]).await;
    let path = |of: &Value| format!("/partners/{}/activity", text(of, "id"));
    let read = person.rows(&path(&own)).await;
    let actions: Vec<&str> = read.as_array().unwrap().iter().map(|entry| text(entry, "action")).collect();
    assert_eq!(actions.iter().filter(|action| action.starts_with("partner.document")).count(), 2, "{actions:?}");
    assert!(actions.contains(&"partner.created"), "{actions:?}");
    assert!(!read.to_string().contains("127.0.0.1"), "no addresses");
    person.get(&path(&other)).await.refused(404, "not_found");
}
