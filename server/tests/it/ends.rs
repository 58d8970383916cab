//! The ends of the range: what no type can hold is refused by the field's name, at every operation.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eventify::kernel::openapi::resolve;
use eventify::kernel::registry::{Access, OperationMeta, operations};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::fixtures::{make_guests, open, reserve};
use crate::partners::{partner, text};
use crate::people::{PHONE, end_user};
use crate::support::{Answer, PASSWORD, Person, Site};
use crate::walk::{DOCUMENT, example, method};

const ID: &str = "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90";

/// A call that must be refused for one field.
struct Call {
    operation: &'static OperationMeta,
    path: String,
    body: Option<Value>,
    field: String,
}

fn parameters(operation: &OperationMeta, place: &str) -> Vec<Value> {
    let entry = &DOCUMENT["paths"][operation.path][operation.method.to_lowercase()];
    let all = entry["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == place).cloned().collect()
}

/// The path with `id` for whatever it names.
fn path_of(operation: &OperationMeta, id: &str) -> String {
    let parts = operation.path.split('/').map(|part| if part.starts_with('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Every text in a value, by where it is.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(pointer.to_owned()),
        Value::Array(list) => list.iter().enumerate().for_each(|(at, v)| leaves(v, &format!("{pointer}/{at}"), found)),
        Value::Object(map) => map.iter().for_each(|(name, v)| leaves(v, &format!("{pointer}/{name}"), found)),
        _ => {}
    }
}

/// The texts of a body that its example leaves out, because each excludes one that it has; with an example of each.
fn left_out(operation: &OperationMeta, body: &Value) -> Vec<(String, Value)> {
    let resolved = |schema: &Value| resolve(schema, &|name| DOCUMENT["components"]["schemas"].get(name).cloned());
    let entry = &DOCUMENT["paths"][operation.path][operation.method.to_lowercase()];
    let schema = resolved(&entry["requestBody"]["content"]["application/json"]["schema"]);
    let fields = schema["properties"].as_object().cloned().unwrap_or_default().into_iter();
    let missing = fields.filter(|(name, _)| body.get(name).is_none());
    missing
        .filter_map(|(name, field)| {
            let inner = field["anyOf"].as_array().and_then(|any| any.iter().find(|one| one["type"] != "null"));
            let whole = resolved(inner.unwrap_or(&field));
            let is_text = whole["type"].to_string().contains("\"string\"");
            is_text.then(|| (name, whole["examples"].get(0).cloned().unwrap_or(ID.into())))
        })
        .collect()
}

/// Every query parameter and every text of every body, one at a time, with this value instead of its own.
fn calls(wanted: impl Fn(&Value) -> bool, of_query: impl Fn(&Value) -> bool, value: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for operation in operations() {
        let path = path_of(operation, ID);
        for parameter in parameters(operation, "query").iter().filter(|parameter| of_query(parameter)) {
            let field = text(parameter, "name").to_owned();
            let value: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
            calls.push(Call { operation, path: format!("{path}?{field}={value}"), body: None, field });
        }
        let Some(body) = example(&DOCUMENT, operation).filter(|_| !operation.takes_raw_body()) else { continue };
        for (field, example) in left_out(operation, &body) {
            if wanted(&example) {
                let mut body = body.clone();
                body[&field] = value.into();
                calls.push(Call { operation, path: path.clone(), body: Some(body), field });
            }
        }
        let mut pointers = Vec::new();
        leaves(&body, "", &mut pointers);
        for pointer in pointers {
            let mut body = body.clone();
            let leaf = body.pointer_mut(&pointer).expect("a leaf");
            if wanted(leaf) {
                *leaf = value.into();
                let field = pointer.split('/').nth(1).unwrap_or_default().to_owned();
                calls.push(Call { operation, path: path.clone(), body: Some(body), field });
            }
        }
    }
    // A phone's scans are read one by one: one that cannot be read is answered for itself (`gate_attacks`).
    calls.retain(|call| (call.operation.id, call.field.as_str()) != ("live_sync", "scans"));
    calls
}

/// Makes the calls, as somebody who may, and says which were not refused as they should be.
async fn wrongly_answered(site: &Site, calls: Vec<Call>) -> Vec<String> {
    let (admin, user) = (site.admin().await, end_user(site, PHONE).await);
    let answers = futures::stream::iter(calls).map(|call| {
        let caller = if call.operation.access == [Access::EndUser] { user.clone() } else { admin.clone() };
        async move {
            let answer = caller.send(method(call.operation), &call.path, call.body).await;
            let named = answer.body["errors"].as_object().is_some_and(|errors| {
                errors.keys().any(|key| key.split(['.', '[']).next() == Some(call.field.as_str()))
            });
            let right = answer.status == 422 && named;
            (!right).then(|| format!("{} {}: {} {}", call.operation.id, call.field, answer.status, answer.body))
        }
    });
    answers.buffer_unordered(8).filter_map(async |wrong| wrong).collect().await
}

#[tokio::test]
async fn nul_is_refused_in_every_text_there_is() {
    let site = Site::start().await;
    let calls = calls(|_| true, |_| true, "a\0b");
    assert!(calls.len() > 425, "only {} texts were found", calls.len());
    let wrong = wrongly_answered(&site, calls).await;
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn nul_is_refused_in_paths_and_in_free_json() {
    let site = Site::start().await;
    let admin = site.admin().await;
    for operation in operations().into_iter().filter(|operation| operation.path.contains('{')) {
        let answer = admin.send(method(operation), &path_of(operation, "a%00b"), example(&DOCUMENT, operation)).await;
        assert!([403, 422].contains(&answer.status.as_u16()), "{}: {} {}", operation.id, answer.status, answer.body);
    }
    let venue = |metadata: Value| json!({ "name": "Hall", "city": "Pune", "address": "1 Road", "metadata": metadata });
    for metadata in [json!({ "a": "\0" }), json!({ "a": [{ "b": "x\0" }] }), json!({ "a\0": 1 })] {
        let refused = admin.post("/venues", venue(metadata)).await;
        refused.refused(422, "invalid_input");
        let errors = refused.body["errors"].as_object().expect("errors");
        assert!(errors.keys().all(|key| key.starts_with("metadata")), "{errors:?}");
    }
    admin.post("/venues", venue(json!({ "a": "b", "n": 1.5 }))).await.expect(201);
}

#[tokio::test]
async fn times_that_leave_the_calendar_are_refused_wherever_a_time_is_taken() {
    let site = Site::start().await;
    let is_time = |leaf: &Value| leaf.as_str().is_some_and(|text| text.ends_with(":00Z"));
    let of_query = |parameter: &Value| parameter["schema"].to_string().contains("\"date-time\"");
    let mut all = Vec::new();
    for value in ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"] {
        let calls = calls(is_time, of_query, value);
        assert!(calls.len() > 28, "only {} times were found", calls.len());
        all.extend(calls);
    }
    let wrong = wrongly_answered(&site, all).await;
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn what_follows_from_a_time_stays_within_the_calendar() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let ends = json!({ "name": "Late", "sales_end_at": "9998-12-01T00:00:00Z" });
    admin.post(&format!("{path}/ticket-types"), ends).await;
    let copied = admin.post(&format!("{path}/duplicate"), json!({ "start_at": "9998-12-31T20:00:00Z" })).await;
    assert!(copied.status.as_u16() < 500, "{}", copied.body);
    for start in ["9999-12-31T20:00:00Z", "9998-12-31T23:59:59.999999999-00:01"] {
        admin.post(&format!("{path}/duplicate"), json!({ "start_at": start })).await.refused(422, "invalid_input");
    }
    // What was typed in another zone is answered as it is read again.
    let key =
        json!({ "key_name": "Gate", "scope": ["events.read"], "expires_at": "2999-01-01T05:30:00.123456789+05:30" });
    let made = admin.post("/admin/api-keys", key).await.expect(201);
    assert!(made.to_string().contains("\"2999-01-01T00:00:00.123456Z\""), "{made}");
}

fn refused_for_cursor(answer: &Answer, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_input"), "{what}: {}", answer.body);
    assert!(answer.body["errors"]["cursor"].is_array(), "{what}: {}", answer.body);
}

/// Every order a list knows.
fn sorts(operation: &OperationMeta) -> Vec<String> {
    let all = parameters(operation, "query");
    let schema = all.iter().find(|p| p["name"] == "sort").map(|p| p["schema"].to_string()).unwrap_or_default();
    let name = schema.split("schemas/").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let whole = DOCUMENT["components"]["schemas"][name].clone();
    let mut words = Vec::new();
    for word in whole["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["const"])
        .chain(whole["enum"].as_array().into_iter().flatten())
    {
        words.extend(word.as_str().map(|word| format!("&sort={word}")));
    }
    if words.is_empty() { vec![String::new()] } else { words }
}

/// Something in every list, so that there is a next page.
async fn furnish(site: &Site, admin: &Person) -> (Value, Value) {
    let (event, kinds) = open(site, admin, 20, &[("Standard", None, 0)]).await;
    for guest in &make_guests(site, 3).await {
        reserve(guest, &event, &kinds[0], 1).await.expect(201);
    }
    let owner = partner(admin, "Hall keepers").await;
    for n in 0..3 {
        let contact = json!({ "name": format!("Contact {n}"), "email": format!("c{n}@example.com") });
        admin.post(&format!("/partners/{}/contacts", text(&owner, "id")), contact).await.expect(201);
        let link = json!({ "invite_type": "share_link" });
        admin.post(&format!("/events/{}/invites", text(&event, "id")), link).await.expect(201);
        admin.login(PASSWORD).await.expect(200);
        partner(admin, &format!("Hall {n}")).await;
        admin
            .post("/venues", json!({ "name": format!("Hall {n}"), "city": "Pune", "address": "1 Road" }))
            .await
            .expect(201);
        open(site, admin, 5, &[("Standard", None, 0)]).await;
        site.account(&format!("p{n}@example.com"), "auditor").await;
    }
    (event, owner)
}

/// The first pages of one row each are the first rows of the whole list: none is lost or told twice.
async fn pages_are_the_list(reader: &Person, path: &str) {
    let whole = reader.rows(&format!("{path}&limit=200")).await;
    let (mut rows, mut next) = (Vec::new(), String::new());
    for _ in 0..4 {
        let mut page = reader.get(&format!("{path}&limit=1{next}")).await.expect(200);
        rows.append(page["items"].as_array_mut().expect("rows"));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    let whole = whole.as_array().expect("rows");
    assert_eq!(rows, whole[..rows.len()], "{path}");
    assert!(rows.len() == 4 || rows.len() == whole.len(), "{path}: {} of {}", rows.len(), whole.len());
}

#[tokio::test]
async fn a_cursor_is_what_the_server_gave_for_this_list_in_this_order() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, PHONE).await;
    let (event, owner) = furnish(&site, &admin).await;
    let day = crate::planning::Day::new(&site, &admin, "c").await;
    let (sold, kinds) = crate::fixtures::open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let guest = crate::fixtures::make_guests(&site, 1).await.remove(0);
    crate::finance::buy(&site, &guest, &sold, &kinds[0], 1).await;
    let wallets = admin.rows("/finance/wallets").await;
    let old = |key: &str| URL_SAFE_NO_PAD.encode(json!({ "k": key, "i": ID, "f": "000000000000" }).to_string());
    let forged: Vec<String> =
        [old("x"), old(""), old("-1"), old("NaN"), old("\0"), "x".into(), "%00".into(), "A".repeat(80)].into();
    let (mut lists, mut turned) = (0, 0);
    // An export has every row, whatever page its list is on.
    let paged = |o: &&OperationMeta| parameters(o, "query").iter().any(|p| p["name"] == "cursor");
    for operation in operations().into_iter().filter(|o| paged(o) && !o.path.ends_with("/export")) {
        let owner = match operation.path.split('/').nth(1) {
            Some("partners") => text(&owner, "id"),
            Some("admin") => admin.id.as_str(),
            Some("finance") if operation.path.starts_with("/finance/wallets/{id}") => text(&wallets[0], "id"),
            Some("equipment") => text(&day.gear, "id"),
            Some("talent") if operation.path.starts_with("/talent/{id}") => text(&day.artist, "id"),
            Some("staff") if operation.path.starts_with("/staff/{id}") => text(&day.member, "id"),
            _ => text(&event, "id"),
        };
        let path = path_of(operation, owner);
        let reader = if operation.access == [Access::EndUser] { &user } else { &admin };
        for sort in sorts(operation) {
            lists += 1;
            for cursor in &forged {
                let what = format!("{path}?limit=1{sort}&cursor={cursor}");
                refused_for_cursor(&reader.get(&what).await, &what);
            }
            let first = reader.get(&format!("{path}?limit=1{sort}")).await.expect(200);
            let Some(cursor) = first["next_cursor"].as_str() else { continue };
            turned += 1;
            let next = reader.get(&format!("{path}?limit=1{sort}&cursor={cursor}")).await.expect(200);
            assert_ne!(first["items"], next["items"], "{path}{sort}");
            pages_are_the_list(reader, &format!("{path}?{sort}")).await;
            let bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
            for at in [0, bytes.len() / 2, bytes.len() - 1] {
                let mut tampered = bytes.clone();
                tampered[at] ^= 1;
                let what = format!("{path}?limit=1{sort}&cursor={}", URL_SAFE_NO_PAD.encode(tampered));
                refused_for_cursor(&reader.get(&what).await, &what);
            }
        }
    }
    assert!(lists > 50 && turned > 22, "{lists} lists and orders, {turned} of them with a second page");
}

#[tokio::test]
async fn a_cursor_is_good_at_every_process() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (_other, url) = site.another().await;
    for n in 0..3 {
        site.account(&format!("p{n}@example.com"), "auditor").await;
    }
    let first = admin.get("/admin/users?limit=2&sort=email").await.expect(200);
    let next = format!("/admin/users?limit=2&sort=email&cursor={}", text(&first, "next_cursor"));
    assert_eq!(admin.at(&url).get(&next).await.expect(200)["items"].as_array().expect("rows").len(), 2);
}
