//! Webhook endpoints: who may have what told to whom, and which addresses are called at all.

use eventify::kernel::permissions::SUPER_ADMIN;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::partners::{partner, text};
use crate::receiver::Receiver;
use crate::support::{Person, Site};
use crate::webhook_sending::{caught_up, test_message};

/// A site whose webhooks may go to this machine.
pub async fn open_site() -> Site {
    let site = Site::start_with(&["--webhook-allow-private"]).await;
    // Known from the beginning: a consumer seen for the first time begins with what comes next.
    sqlx::query("insert into bus_consumers (name) values ('webhooks.fan_out')")
        .execute(&site.test.pool)
        .await
        .expect("a consumer");
    site
}

pub async fn endpoint(person: &Person, url: &str, types: &[&str]) -> Value {
    let input = json!({ "url": url, "description": "Theirs", "event_types": types });
    person.post("/webhooks/endpoints", input).await.expect(201)
}

pub fn path(endpoint: &Value) -> String {
    format!("/webhooks/endpoints/{}", text(endpoint, "id"))
}

/// Somebody with these permissions and no others.
async fn with(site: &Site, admin: &Person, name: &str, permissions: &[&str]) -> Person {
    admin.post("/admin/roles", json!({ "name": name, "permissions": permissions })).await.expect(201);
    site.person(&format!("{name}@example.com"), name).await
}

const URL: &str = "https://hooks.example.com/eventify";

#[tokio::test]
async fn types_are_chosen_in_groups_that_people_know() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let page = Browser::of_staff(&site, &admin).get("/webhooks/new").await;
    let page = page.is(200, "/webhooks/new").says(&["Guests", "Invitations", "Gates and live updates", "Select all"]);
    let types = admin.rows("/webhooks/event-types").await;
    for kind in types.as_array().expect("types") {
        let kind = text(kind, "type");
        let about = kind.split('.').next().unwrap_or_default();
        assert!(page.text.contains(kind), "{kind} can be chosen");
        assert!(!page.text.contains(&format!("<legend>{about}</legend>")), "{about} is a word of ours");
    }
}

#[tokio::test]
async fn an_endpoint_from_creation_to_deletion() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = endpoint(&admin, URL, &["partner.created", "role.changed"]).await;
    let (secret, made) = (text(&made, "secret").to_owned(), made["endpoint"].clone());
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!((&made["status"], &made["created_by_name"]), (&json!("active"), &json!("Test Person")));
    let path = path(&made);
    assert!(!admin.get(&path).await.expect(200).to_string().contains("whsec_"), "the secret is shown once");

    let change = json!({ "description": "Ours", "event_types": ["*"], "version": made["version"] });
    let changed = admin.patch(&path, change.clone()).await.expect(200);
    assert_eq!((&changed["description"], &changed["event_types"]), (&json!("Ours"), &json!(["*"])));
    let stale = admin.patch(&path, change).await;
    stale.refused(409, "conflict");
    assert_eq!(stale.body["current"]["description"], "Ours");
    admin.patch(&path, json!({ "version": changed["version"] })).await.refused(422, "invalid_input");

    let rotated = admin.post(&format!("{path}/rotate-secret"), json!({})).await.expect(200);
    assert_ne!(text(&rotated, "secret"), secret);
    assert!(rotated["endpoint"]["old_secret_until"].is_string());

    let status = format!("{path}/status");
    admin.patch(&status, json!({ "status": "active" })).await.refused(409, "invalid_transition");
    let disable = json!({ "status": "disabled", "reason": "They are moving" });
    let disabled = admin.patch(&status, disable.clone()).await.expect(200);
    assert_eq!(disabled["disabled_reason"], "They are moving");
    admin.patch(&status, disable).await.refused(409, "invalid_transition");
    admin.post(&format!("{path}/test"), json!({})).await.refused(409, "invalid_transition");
    let since = json!({ "since": "2026-01-01T00:00:00Z" });
    admin.post(&format!("{path}/redeliver"), since).await.refused(409, "invalid_transition");
    let list = admin.get("/webhooks/endpoints?status=disabled").await.expect(200);
    assert_eq!(list["items"][0]["id"], made["id"]);
    assert_eq!(admin.get("/webhooks/endpoints?status=active").await.expect(200)["items"], json!([]));
    let enabled = admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    assert!(enabled["disabled_at"].is_null() && enabled["disabled_reason"].is_null());

    admin.delete(&path).await.expect(204);
    admin.get(&path).await.refused(404, "not_found");
    let audits = site.number("select count(*) from audit_logs where object_type = 'webhook_endpoint'").await;
    assert_eq!(audits, 6);
    let dump: String = sqlx::query_scalar("select string_agg(before::text || after::text, '') from audit_values")
        .fetch_one(&site.test.reader)
        .await
        .expect("the values");
    assert!(!dump.contains("whsec_"));
}

#[tokio::test]
async fn event_types_are_those_there_are() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let types = admin.rows("/webhooks/event-types").await;
    let types = types.as_array().unwrap();
    let one = types.iter().find(|event| event["type"] == "partner.created").expect("listed");
    assert_eq!((&one["description"], &one["permission"]), (&json!("A partner was created."), &json!("partners.read")));
    for kind in ["session.invalidated", "admin.action.logged", "role.changed", "webhook.endpoint_disabled"] {
        assert!(types.iter().any(|event| event["type"] == kind), "{kind}");
    }
    for (bad, why) in [
        (json!([]), "at least one"),
        (json!(["partner.created", "*"]), "alone"),
        (json!(["no.such_event"]), "no event type"),
        (json!(["nonsense"]), ""),
        (json!(["role.changed", "partner.created", "role.changed"]), "role.changed twice"),
    ] {
        let answer = admin.post("/webhooks/endpoints", json!({ "url": URL, "event_types": bad })).await;
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"].to_string().contains(why), "{bad}: {}", answer.body);
    }
}

#[tokio::test]
async fn nobody_has_told_what_they_may_not_see() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let little = with(&site, &admin, "little", &["notifications.manage"]).await;
    let partners = with(&site, &admin, "partners_too", &["notifications.manage", "partners.read"]).await;
    for types in [json!(["partner.created"]), json!(["*"]), json!(["role.changed"])] {
        let input = json!({ "url": URL, "event_types": types });
        little.post("/webhooks/endpoints", input).await.refused(403, "forbidden");
    }
    let own = endpoint(&partners, URL, &["partner.created"]).await["endpoint"].clone();
    // Neither by moving what somebody else may see to an address of one's own.
    let moved = json!({ "url": "https://mine.example.com/", "version": own["version"] });
    little.patch(&path(&own), moved.clone()).await.refused(403, "forbidden");
    let described = json!({ "description": "Seen to", "version": own["version"] });
    let own = little.patch(&path(&own), described).await.expect(200);
    let wider = json!({ "event_types": ["partner.created", "role.changed"], "version": own["version"] });
    partners.patch(&path(&own), wider).await.refused(403, "forbidden");
    site.person("second@example.com", SUPER_ADMIN)
        .await
        .patch(&path(&own), json!({ "event_types": ["*"], "version": own["version"] }))
        .await
        .expect(200);

    // Nor are bodies shown in the log.
    let id: uuid::Uuid = sqlx::query_scalar(
        "insert into webhook_deliveries (id, endpoint_id, event_id, event_type, event_at, payload, status)
         values (gen_random_uuid(), $1::uuid, gen_random_uuid(), 'partner.created', now(), '{\"partner_id\": 1}', 'failed')
         returning id",
    )
    .bind(uuid::Uuid::parse_str(text(&own, "id")).unwrap())
    .fetch_one(&site.test.pool)
    .await
    .expect("a message");
    let log = format!("/webhooks/deliveries/{id}");
    assert!(little.get(&log).await.expect(200)["payload"].is_null());
    assert_eq!(partners.get(&log).await.expect(200)["payload"]["data"], json!({ "partner_id": 1 }));
}

#[tokio::test]
async fn an_address_inside_is_refused_however_it_is_spelled() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = endpoint(&admin, URL, &["role.changed"]).await["endpoint"].clone();
    for url in [
        "http://hooks.example.com/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://017700000001/",
        "https://10.0.0.8/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.100.100.200/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd12:3456::1]/",
        "https://[fe80::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://localhost/",
        "https://a.LOCALHOST./",
        "https://metadata.google.internal/",
        "https://user@example.com/",
        "ftp://example.com/",
        "https://",
    ] {
        let input = json!({ "url": url, "event_types": ["role.changed"] });
        let answer = admin.post("/webhooks/endpoints", input).await;
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"]["url"].is_array(), "{url}: {}", answer.body);
        let change = json!({ "url": url, "version": made["version"] });
        admin.patch(&path(&made), change).await.refused(422, "invalid_input");
    }
    assert_eq!(site.number("select count(*) from webhook_endpoints").await, 1);
}

#[tokio::test]
async fn an_endpoint_is_told_no_more_than_whoever_answers_for_it_may_know() {
    let site = open_site().await;
    let admin = site.admin().await;
    let (theirs, narrow, ours) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let maker = site.person("maker@example.com", SUPER_ADMIN).await;
    let key = json!({ "key_name": "K", "scope": ["notifications.manage", "partners.read"] });
    let key = maker.post("/admin/api-keys", key).await.expect(201);
    let key = Person { token: key["secret"].as_str().map(str::to_owned), ..site.anonymous() };
    let left = endpoint(&maker, &theirs.url, &["partner.created"]).await["endpoint"].clone();
    endpoint(&key, &theirs.url, &["partner.created"]).await;
    let some = with(&site, &admin, "some", &["notifications.manage", "partners.read"]).await;
    let kept = endpoint(&some, &narrow.url, &["partner.created"]).await["endpoint"].clone();
    endpoint(&admin, &ours.url, &["partner.created"]).await;
    let background = eventify_server::serve::background(&site.test.app, true);
    partner(&admin, "One").await;
    theirs.expect(2).await;
    narrow.expect(1).await;
    ours.expect(1).await;
    // One leaves, the other may not see partners any more.
    admin.delete(&format!("/admin/users/{}", maker.id)).await.expect(200);
    let role = site.role("some").await;
    let version = admin.get(&format!("/admin/roles/{role}")).await.expect(200)["version"].clone();
    let less = json!({ "permissions": ["notifications.manage"], "version": version });
    admin.put(&format!("/admin/roles/{role}/permissions"), less).await.expect(200);
    partner(&admin, "Two").await;
    ours.expect(2).await;
    caught_up(&site).await;
    let messages = "select count(*) from webhook_deliveries";
    assert_eq!(site.number(messages).await, 5, "four were told of the first, one of the second");
    let disabled = admin.get(&path(&left)).await.expect(200);
    assert_eq!(disabled["status"], "disabled");
    assert!(text(&disabled, "disabled_reason").contains("manage webhooks"), "{disabled}");
    assert_eq!(admin.get(&path(&kept)).await.expect(200)["status"], "active");
    let since = json!({ "since": site.test.clock.now() });
    let again = some.post(&format!("{}/redeliver", path(&kept)), since).await.expect(202);
    assert_eq!(again["queued"], 0, "nor does it hear afterwards what it missed");
    // Somebody takes it over.
    admin.patch(&format!("{}/status", path(&left)), json!({ "status": "active" })).await.expect(200);
    partner(&admin, "Three").await;
    theirs.expect(3).await;
    drop(background);
}

#[tokio::test]
async fn a_message_holds_all_its_attempts() {
    let site = open_site().await;
    let admin = site.admin().await;
    let made = endpoint(&admin, "https://hooks.example.com/eventify", &["partner.created"]).await;
    let message = test_message(&admin, &made["endpoint"]).await;
    sqlx::query(
        "insert into webhook_attempts (delivery_id, number, latency_ms, created_at)
         select id, n, 5, now() from webhook_deliveries, generate_series(1, 130) n",
    )
    .execute(&site.test.pool)
    .await
    .expect("attempts");
    let kept = admin.get(&format!("/webhooks/deliveries/{}", text(&message, "id"))).await.expect(200);
    let numbers: Vec<_> =
        kept["attempts"].as_array().expect("attempts").iter().map(|one| one["number"].as_i64()).collect();
    assert_eq!(numbers, (1..=130).rev().map(Some).collect::<Vec<_>>());
}
