//! Every operation there is: unique, documented, guarded, and gentle with bad input.

use std::collections::BTreeSet;

use eventify::kernel::csv::listed::lists;
use eventify::kernel::openapi;
use eventify::kernel::registry::{Access, Location, Media, OperationMeta, operations};
use reqwest::Method;
use serde_json::{Value, json};

use crate::partners::{partner, text, within};
use crate::people::{PHONE, end_user};
use crate::records::Filled;
use crate::support::{Person, Site};

pub fn method(operation: &OperationMeta) -> Method {
    operation.method.parse().expect("an HTTP method")
}

/// The path with ids that nothing has.
fn path(operation: &OperationMeta) -> String {
    let mut path = operation.path.to_owned();
    while let Some(open) = path.find('{') {
        let close = path[open..].find('}').expect("closed") + open;
        let one = if &path[open..=close] == "{number}" { "999" } else { "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90" };
        path.replace_range(open..=close, one);
    }
    let entry = &DOCUMENT["paths"][operation.path][operation.method.to_lowercase()];
    let parameters = entry["parameters"].as_array().into_iter().flatten();
    for wanted in parameters.filter(|p| p["in"] == "query" && p["required"] == true) {
        if let (Some(name), Some(value)) = (wanted["name"].as_str(), wanted["schema"]["examples"][0].as_str()) {
            let sign = if path.contains('?') { '&' } else { '?' };
            path.push_str(&format!("{sign}{name}={}", value.replace(' ', "+")));
        }
    }
    path
}

pub static DOCUMENT: std::sync::LazyLock<Value> = std::sync::LazyLock::new(openapi::document);

/// The document as it is committed, which names everything that must not get lost.
pub static KEPT: std::sync::LazyLock<Value> =
    std::sync::LazyLock::new(|| serde_json::from_str(include_str!("../../../openapi.json")).expect("JSON"));

/// The body that OpenAPI shows for the operation.
pub fn example(document: &Value, operation: &OperationMeta) -> Option<Value> {
    let entry = &document["paths"][operation.path][operation.method.to_lowercase()];
    entry.pointer("/requestBody/content/application~1json/example").cloned()
}

async fn call(person: &Person, operation: &OperationMeta, body: Option<Value>) -> crate::support::Answer {
    person.send(method(operation), &path(operation), body).await
}

#[test]
fn operations_are_unique_and_none_is_lost() {
    let all = operations();
    let paths: BTreeSet<_> = all.iter().map(|o| (o.method, o.path)).collect();
    assert_eq!(paths.len(), all.len(), "two operations share a method and path");
    let ids: BTreeSet<_> = all.iter().map(|o| o.id).collect();
    assert_eq!(ids.len(), all.len(), "two operations share a name");
    let mounted = server_fn::axum::server_fn_paths().count();
    assert_eq!(mounted, all.len(), "an operation is registered but not mounted, or the other way round");
    // The linker may drop what nobody names.
    let kept = KEPT["paths"].as_object().expect("paths").values().flat_map(|item| item.as_object().expect("an item"));
    let kept: BTreeSet<_> = kept.map(|(_, entry)| entry["operationId"].as_str().expect("a name")).collect();
    assert_eq!(
        kept.symmetric_difference(&ids).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "what openapi.json has is there"
    );
}

#[test]
fn the_paths_of_the_specification_are_there() {
    let all = operations();
    for (method, path) in [
        ("POST", "/auth/login"),
        ("POST", "/auth/logout"),
        ("GET", "/auth/me"),
        ("GET", "/admin/users"),
        ("POST", "/admin/users"),
        ("PATCH", "/admin/users/{id}/role"),
        ("DELETE", "/admin/users/{id}"),
        ("GET", "/admin/roles"),
        ("PUT", "/admin/roles/{id}/permissions"),
        ("GET", "/partners"),
        ("POST", "/partners"),
        ("GET", "/partners/{id}"),
        ("GET", "/partners/{id}/documents"),
        ("PATCH", "/partners/{id}/status"),
        ("POST", "/partners/{id}/kyc/review"),
        ("GET", "/users"),
        ("POST", "/users/{id}/ban"),
        ("POST", "/users/{id}/reset-2fa"),
        ("GET", "/events/live"),
        ("POST", "/tickets/scan"),
        ("GET", "/tickets/status/{id}"),
        ("POST", "/live/sync"),
        ("GET", "/live/manifest/{event_id}"),
        ("POST", "/live/updates"),
        ("GET", "/live/updates/{event_id}"),
        ("GET", "/payments"),
        ("POST", "/payments/checkout"),
        ("GET", "/payments/status/{id}"),
        ("POST", "/payments/{id}/refund"),
        ("POST", "/payments/webhooks/{provider}"),
        ("GET", "/financials/entries"),
        ("GET", "/financials/payouts"),
        ("POST", "/financials/payouts"),
        ("GET", "/admin/payments"),
        ("POST", "/production/schedules"),
        ("GET", "/production/schedules/{event_id}"),
        ("POST", "/production/equipment"),
        ("GET", "/production/equipment/{event_id}"),
        ("GET", "/staff"),
        ("POST", "/staff"),
        ("PUT", "/staff/{id}"),
        ("DELETE", "/staff/{id}"),
        ("POST", "/staff/assignments"),
        ("GET", "/staff/assignments/{event_id}"),
        ("GET", "/talent"),
        ("POST", "/talent"),
        ("PUT", "/talent/{id}"),
        ("DELETE", "/talent/{id}"),
        ("POST", "/talent/schedules"),
        ("GET", "/talent/schedules/{event_id}"),
        ("POST", "/finance/budget"),
        ("GET", "/finance/budget"),
        ("GET", "/finance/budget/{event_id}"),
        ("GET", "/finance/revenue/{event_id}"),
    ] {
        assert!(all.iter().any(|o| o.method == method && o.path == path), "{method} {path}");
    }
}

#[test]
fn every_operation_is_documented_with_examples() {
    let document = openapi::document();
    for operation in operations() {
        let entry = &document["paths"][operation.path][operation.method.to_lowercase()];
        assert_eq!(entry["operationId"], operation.id);
        assert!(entry["summary"].as_str().is_some_and(|s| s.len() > 5), "{} has no summary", operation.id);
        if operation.arguments.iter().any(|a| a.location == Location::Body) {
            let example = example(&document, operation);
            assert!(example.is_some_and(|e| e.is_object()), "{} has no example body", operation.id);
        }
        if operation.output.is_some() && operation.status != 204 {
            let answers = entry["responses"].as_object().expect("answers");
            let documented = answers
                .iter()
                .any(|(status, answer)| status == "204" || !answer["content"]["application/json"]["example"].is_null());
            assert!(documented, "{} has no example answer", operation.id);
        }
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_caller_or_the_permission() {
    let site = Site::start().await;
    let admin = site.admin().await;
    admin.post("/admin/roles", json!({ "name": "Nothing at all" })).await.expect(201);
    let powerless = site.person("powerless@example.com", "nothing_at_all").await;
    let user = end_user(&site, PHONE).await;
    let document = openapi::document();
    for operation in operations() {
        if operation.is_public() {
            continue;
        }
        let body = example(&document, operation);
        let answer = call(&site.anonymous(), operation, body.clone()).await;
        answer.refused(401, "unauthenticated");
        let mut forged = site.anonymous();
        forged.token = Some("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned());
        assert_eq!(call(&forged, operation, body.clone()).await.status, 401, "{} with a forged token", operation.id);
        if operation.access.iter().any(|a| matches!(a, Access::Staff(Some(_)))) {
            let answer = call(&powerless, operation, body.clone()).await;
            answer.refused(403, "forbidden");
        }
        // What is for staff is not for end users, nor the other way round.
        let stranger = if operation.access == [Access::EndUser] { &powerless } else { &user };
        if stranger.id != user.id || !operation.access.contains(&Access::EndUser) {
            let answer = call(stranger, operation, body).await;
            answer.refused(403, "forbidden");
        }
    }
}

/// A list as CSV says to everybody what the list itself says: who may not read it, and what is not there.
#[tokio::test]
async fn every_list_is_had_as_csv_by_whoever_may_read_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    admin.post("/admin/roles", json!({ "name": "Nothing at all" })).await.expect(201);
    let powerless = site.person("powerless@example.com", "nothing_at_all").await;
    let (user, nobody) = (end_user(&site, PHONE).await, site.anonymous());
    let before = site.number("select count(*) from audit_logs").await;
    let mut files = 0;
    for list in lists() {
        let path = path(list.operation);
        let (of_list, query) = path.split_once('?').unwrap_or((&path, ""));
        let export = format!("{of_list}/export?{query}");
        for person in [&nobody, &powerless, &user, &admin] {
            let (listed, exported) = (person.get(&path).await, person.get(&export).await);
            let said = (exported.status, exported.code());
            assert_eq!(said, (listed.status, listed.code()), "{export}: {}", exported.body);
            let kind = exported.headers["content-type"].to_str().unwrap_or_default();
            assert_eq!(kind.starts_with("text/csv"), listed.status == 200, "{export}: {kind}");
            files += usize::from(listed.status == 200);
        }
        let of_permission = list.operation.access.iter().all(|access| matches!(access, Access::Staff(Some(_))));
        if of_permission {
            powerless.get(&export).await.refused(403, "forbidden");
        }
        assert_eq!(admin.request(Method::HEAD, &export).send().await.unwrap().status(), admin.get(&path).await.status);
    }
    let of_nothing = lists().iter().filter(|list| !list.path.contains('{')).count();
    assert!(files >= of_nothing, "only {files} files of {of_nothing} lists that are there anyway");
    assert_eq!(site.number("select count(*) from audit_logs").await, before, "to read is not audited");
}

/// A list that has no columns of its own has those of its rows, and its documentation says where.
#[test]
fn no_list_is_without_a_file() {
    let is_page = |o: &&OperationMeta| {
        let answers = &DOCUMENT["paths"][o.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        answers["$ref"].as_str().is_some_and(|name| name.ends_with("Page"))
    };
    let all = operations();
    let said_of = |path: &str| KEPT["paths"][path]["get"]["description"].as_str().unwrap_or_default().to_owned();
    let kept = KEPT["paths"].as_object().expect("paths").keys();
    let kept = kept.filter(|path| said_of(path).contains(&format!("`GET {path}/export`"))).count();
    assert_eq!(lists().len(), kept, "what openapi.json has is there");
    let own = |path: &str| all.iter().any(|o| o.method == "GET" && o.path == format!("{path}/export"));
    for operation in all.iter().copied().filter(|o| o.method == "GET").filter(is_page) {
        let listed = lists().iter().any(|list| list.path == format!("{}/export", operation.path));
        assert!(listed != own(operation.path), "{}", operation.id);
        let said = DOCUMENT["paths"][operation.path]["get"]["description"].as_str().unwrap_or_default();
        assert_eq!(said.contains(&format!("`GET {}/export`", operation.path)), listed, "{}", operation.id);
    }
}

#[tokio::test]
async fn bad_input_is_refused_and_nothing_leaks() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, PHONE).await;
    let document = openapi::document();
    for operation in operations().into_iter().filter(|o| !o.takes_raw_body()) {
        let admin = if operation.access == [Access::EndUser] { &user } else { &admin };
        let has_body = operation.arguments.iter().any(|a| a.location == Location::Body);
        if has_body {
            let answer = call(admin, operation, Some(json!({ "no_such_field": 1 }))).await;
            let optional = operation.id == "refresh_session";
            assert!(
                answer.status == 422 || (optional && answer.status == 401),
                "{}: {} {}",
                operation.id,
                answer.status,
                answer.body
            );
            assert!(answer.body["errors"].is_object() || optional, "{}: {}", operation.id, answer.body);
            let text =
                admin.request(method(operation), &path(operation)).body("{}").header("content-type", "text/plain");
            assert_eq!(text.send().await.unwrap().status(), 415, "{}", operation.id);
            let broken =
                admin.request(method(operation), &path(operation)).body("{").header("content-type", "application/json");
            assert_eq!(broken.send().await.unwrap().status(), 400, "{}", operation.id);
        }
        if operation.path.contains('{') {
            let wrong = operation.path.split('/').map(|s| if s.starts_with('{') { "not-an-id" } else { s });
            let wrong = wrong.collect::<Vec<_>>().join("/");
            let answer = admin.send(method(operation), &wrong, example(&document, operation)).await;
            // A word in the path can be anything: there is just nothing of that name.
            let expected = if operation.path.contains("{slug}") { 404 } else { 422 };
            assert_eq!(answer.status, expected, "{}: {}", operation.id, answer.body);
            let answer = call(admin, operation, example(&document, operation)).await;
            assert!(
                [404, 409, 410, 422].contains(&answer.status.as_u16()),
                "{} of an unknown id: {} {}",
                operation.id,
                answer.status,
                answer.body
            );
        }
    }
}

/// The body with one of its values made another, for every value of it and both others.
fn spoilt(body: &Value) -> Vec<Value> {
    fn places(at: &str, value: &Value, all: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| places(&format!("{at}/{name}"), value, all)),
            Value::Array(list) => list.iter().take(1).for_each(|value| places(&format!("{at}/0"), value, all)),
            _ => all.push(at.to_owned()),
        }
    }
    let mut all = Vec::new();
    places("", body, &mut all);
    let mut bodies = Vec::new();
    for place in all {
        for wrong in [json!([7]), json!("?")] {
            let mut body = body.clone();
            *body.pointer_mut(&place).expect("a place of its own") = wrong;
            // Whatever may stand there: it is not done.
            body["zzz_no_such_field"] = json!(1);
            bodies.push(body);
        }
    }
    bodies
}

/// What is wrong with a value is said as a person would say it, not in the words of the library that read it.
#[tokio::test]
async fn a_wrong_value_is_told_in_plain_words() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, PHONE).await;
    let document = openapi::document();
    let (mut told, mut machine) = (0, BTreeSet::new());
    for operation in operations().into_iter().filter(|o| !o.takes_raw_body()) {
        let person = if operation.access == [Access::EndUser] { &user } else { &admin };
        for body in example(&document, operation).iter().flat_map(spoilt) {
            let answer = call(person, operation, Some(body)).await;
            if answer.status != 422 {
                continue;
            }
            let errors = answer.body["errors"].as_object().expect("the fields").values();
            for said in errors.flat_map(|said| said.as_array().expect("a list")).filter_map(Value::as_str) {
                told += 1;
                let of_library =
                    ["invalid ", "parsing failed", "expected", "did not match", "variant", "line ", "struct "];
                if of_library.iter().any(|words| said.contains(words)) {
                    machine.insert(format!("{}: {said}", operation.id));
                }
            }
        }
    }
    assert!(machine.is_empty(), "{machine:#?}");
    assert!(told > 500, "only {told} were told");
}

/// Reads that answer an administrator with something else than what is there, each with why.
const NOT_READ: &[(&str, &str)] = &[
    ("dispute_evidence_file", "of the evidence there is no more than the row"),
    ("event_mine", "an end user asks, and the event is not public"),
    ("my_privacy_export_link", "an end user asks for another's"),
    ("organisation_logo", "there is none"),
    ("payout_bank_file", "the batch has none at this step"),
    ("view_list", "it is not said which list the views are of"),
];

/// Whether a link is asked for, which is no more than an example here.
fn by_link(operation: &OperationMeta) -> bool {
    let entry = &DOCUMENT["paths"][operation.path][operation.method.to_lowercase()];
    let needs = |name: &str| {
        let parameters = entry["parameters"].as_array().into_iter().flatten();
        parameters.filter(|wanted| wanted["required"] == true).any(|wanted| wanted["name"] == name)
    };
    needs("token") || needs("signature")
}

/// Of records that are there, by whoever reads them all: every table is as it was before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_change_nothing() {
    let filled = Filled::new().await;
    let before = filled.state().await;
    let (mut refused, mut known) = (Vec::new(), BTreeSet::new());
    for operation in operations().into_iter().filter(|o| !o.writes() && o.answer != Media::Events) {
        let asked = filled.ask(operation).await;
        let person = if operation.access == [Access::EndUser] { &filled.people[0] } else { &filled.admin };
        let answer = asked.of(person).await;
        assert!(answer.status.as_u16() < 500, "{}: {}", operation.id, answer.body);
        let head = person.request(Method::HEAD, &asked.path).send().await.unwrap();
        assert_eq!(head.status(), answer.status, "HEAD {}", operation.id);
        if by_link(operation) {
            answer.refused(410, "link_invalid");
            continue;
        }
        let is_known = NOT_READ.iter().any(|(id, _)| *id == operation.id);
        if answer.status != 200 && is_known {
            known.insert(operation.id);
        } else if answer.status != 200 {
            refused.push(format!("{} {}: {}", operation.id, answer.status, answer.body));
        }
    }
    assert!(refused.is_empty(), "they were asked about what is there: {refused:#?}");
    let gone: Vec<_> = NOT_READ.iter().filter(|(id, _)| !known.contains(id)).collect();
    assert!(gone.is_empty(), "these are read now: {gone:?}");
    filled.must_be(&before, "reading").await;
}

/// So many operations change something that a partner's people may be let do.
const OF_PARTNERS: usize = 102;

/// Whatever a partner's people may do: while it is suspended they read, and nothing else, wherever it is.
#[tokio::test]
async fn the_people_of_a_suspended_partner_change_nothing_anywhere() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let owner = partner(&admin, "Late Payers").await;
    let everything: Vec<&str> = eventify::kernel::permissions::Permission::ALL.iter().map(|p| p.code()).collect();
    let contact = within(&site, &admin, &owner, "late@example.com", &everything).await;
    let venue = json!({ "name": "Their hall", "city": "Pune", "partner_id": owner["id"] });
    contact.post("/venues", venue).await.expect(201);
    let status = format!("/partners/{}/status", text(&owner, "id"));
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    admin.patch(&status, json!({ "status": "suspended", "reason": "Unpaid" })).await.expect(200);
    let document = openapi::document();
    let mut walked = 0;
    for operation in operations().into_iter().filter(|o| o.scoped && o.writes()) {
        if operation.access.iter().any(|access| matches!(access, Access::Staff(Some(_)))) {
            let answer = call(&contact, operation, example(&document, operation)).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (409, "partner_suspended"), "{}", operation.id);
            walked += 1;
        }
    }
    assert_eq!(walked, OF_PARTNERS, "a partner's people may do more, or less: say so here");
    contact.get(&format!("/partners/{}", text(&owner, "id"))).await.expect(200);
    // What they are told they may do is what they may: pages offer nothing else.
    let me = contact.get("/auth/me").await.expect(200);
    let permissions = me["scopes"][0]["permissions"].as_array().expect("permissions");
    assert!(permissions.iter().all(|code| code.as_str().is_some_and(|code| code.ends_with(".read"))), "{me}");
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    let again = json!({ "name": "Their other hall", "city": "Pune", "partner_id": owner["id"] });
    contact.post("/venues", again).await.expect(201);
}
