//! The document as those who generate clients from it need it.

use eventify::kernel::csv::listed::lists as lists_of_rows;
use eventify::kernel::openapi;
use eventify::kernel::registry::operations;
use serde_json::{Value, json};

use crate::fixtures::make_guests;
use crate::support::Site;
use crate::walk::KEPT;

/// Operations of the document: method, path, entry.
fn entries(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().expect("an item").iter().map(move |(method, entry)| (method.clone(), path.clone(), entry))
    });
    all.collect()
}

/// Every object within, with the way to it.
fn objects<'v>(value: &'v Value, way: &str, found: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Object(map) => {
            found.push((way.to_owned(), value));
            map.iter().for_each(|(key, inner)| objects(inner, &format!("{way}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| objects(inner, &format!("{way}/{i}"), found))
        }
        _ => {}
    }
}

#[test]
fn what_is_committed_is_what_the_program_says() {
    let kept = include_str!("../../../openapi.json");
    let said = serde_json::to_string_pretty(&openapi::document()).expect("a document");
    let differ = kept.lines().zip(said.lines()).enumerate().find(|(_, (kept, said))| kept != said);
    assert_eq!(differ, None, "run bin/gen and commit");
    assert_eq!(kept.lines().count(), said.lines().count(), "run bin/gen and commit");
}

#[test]
fn its_shapes_are_those_that_generators_read() {
    let document = openapi::document();
    let mut all = Vec::new();
    objects(&document, "#", &mut all);
    assert!(all.len() > 5_000, "only {} objects: is the document as before?", all.len());
    let mut wrong = Vec::new();
    for (way, object) in all.iter().filter(|(way, _)| !way.contains("/example")) {
        let constants =
            object["oneOf"].as_array().is_some_and(|branches| branches.iter().all(|b| b["const"].is_string()));
        let boolean = object["properties"].as_object().into_iter().flatten().any(|(_, schema)| schema.is_boolean());
        if constants || boolean {
            wrong.push(way);
        }
    }
    assert!(wrong.is_empty(), "a choice of constants or a boolean schema: {wrong:?}");
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let numbered: Vec<_> = schemas.keys().filter(|name| name.ends_with(|c: char| c.is_ascii_digit())).collect();
    assert!(numbered.is_empty(), "two schemas of one name: {numbered:?}");
}

#[test]
fn every_event_is_in_the_catalogue_with_a_shape_and_an_example() {
    let document = eventify::bus::asyncapi::document(None);
    assert_eq!(document["asyncapi"], "3.0.0");
    let messages = document["components"]["messages"].as_object().expect("messages");
    let kinds: Vec<&str> = eventify::kernel::outbox::EventType::all().iter().map(|event| event.kind).collect();
    let kept: Vec<&String> = KEPT["webhooks"].as_object().expect("webhooks").keys().collect();
    assert_eq!(kinds, kept, "what openapi.json has is there");
    // What is heard, and what other systems tell of.
    let (told, heard): (Vec<_>, Vec<_>) = messages.iter().partition(|(name, _)| name.ends_with(".told"));
    let named: Vec<&str> = heard.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, kinds);
    let taken = eventify::bus::inbound::Inbound::all();
    assert!(!taken.is_empty() && told.len() == taken.len(), "{told:?}");
    for (name, message) in told {
        let example = &message["examples"][0]["payload"];
        assert_eq!(format!("{}.told", example["type"].as_str().expect("a type")), *name, "{example}");
        assert!(example["id"].is_string() && example["payload"].is_object(), "{name}: {example}");
    }
    for (kind, message) in heard {
        assert!(message["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{kind} says not what happened");
        let example = &message["examples"][0]["payload"];
        assert_eq!(example["type"], kind.as_str(), "{kind}: {example}");
        let said = &message["payload"]["properties"]["payload"];
        let said = said["$ref"].as_str().and_then(|there| document.pointer(&there[1..])).unwrap_or(said);
        for field in said["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(!example["payload"][field].is_null(), "{kind} has no example of {field}: {example}");
        }
    }
    // Nothing is referred to that is not there.
    let mut all = Vec::new();
    objects(&document, "#", &mut all);
    for (way, object) in all {
        if let Some(there) = object["$ref"].as_str() {
            assert!(document.pointer(&there[1..]).is_some(), "{way} refers to {there}");
        }
    }
}

/// Lists are pages, so that each can grow one day without breaking whoever reads it.
#[test]
fn no_answer_is_a_bare_array() {
    let document = openapi::document();
    let schemas = &document["components"]["schemas"];
    let mut arrays = Vec::new();
    let mut lists = 0;
    for (method, path, entry) in entries(&document) {
        for answer in entry["responses"].as_object().expect("answers").values() {
            let schema = &answer["content"]["application/json"]["schema"];
            let schema = openapi::resolve(schema, &|name| schemas.get(name).cloned());
            lists += usize::from(schema["properties"]["items"].is_object());
            if schema["type"].to_string().contains("array") {
                arrays.push(format!("{method} {path}"));
            }
        }
    }
    assert!(lists >= lists_of_rows().len(), "only {lists} lists");
    assert!(arrays.is_empty(), "answers without `items` and `next_cursor`: {arrays:?}");
}

#[test]
fn everything_in_it_is_described() {
    let document = openapi::document();
    let mut silent = Vec::new();
    let mut counted = 0;
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            counted += 1;
            if property["description"].as_str().is_none_or(str::is_empty) {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    for (method, path, entry) in entries(&document) {
        for parameter in entry["parameters"].as_array().into_iter().flatten() {
            counted += 1;
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                silent.push(format!("{method} {path}: {name}"));
            }
            if parameter["example"].is_null() && parameter["in"] != "header" && name != "cursor" {
                silent.push(format!("{method} {path}: {name} has no example"));
            }
        }
        for status in ["429", "500", "503"] {
            assert!(entry["responses"][status].is_object(), "{method} {path} does not say when it answers {status}");
        }
        for (status, answer) in entry["responses"].as_object().expect("answers") {
            let empty = matches!(status.as_str(), "204" | "default");
            assert!(empty || answer["content"].is_object(), "{method} {path}: {status} does not say what it holds");
        }
        if entry["requestBody"].is_object() {
            assert!(entry["requestBody"]["content"].is_object(), "{method} {path}: its body has no type");
        }
    }
    for tag in document["tags"].as_array().expect("tags") {
        assert!(tag["description"].as_str().is_some_and(|text| text.len() > 10), "{tag} is not described");
    }
    assert!(counted > 1_300, "only {counted} fields and parameters were looked at");
    assert!(silent.is_empty(), "describe them where they are declared, or in fields.tsv: {silent:#?}");
}

#[test]
fn every_type_of_event_is_a_webhook_with_an_example() {
    let document = openapi::document();
    let webhooks = document["webhooks"].as_object().expect("webhooks");
    let all = eventify::kernel::outbox::EventType::all();
    assert_eq!(webhooks.len(), all.len());
    for event in all {
        let content = &webhooks[event.kind]["post"]["requestBody"]["content"]["application/json"];
        assert_eq!(content["example"]["type"], event.kind, "{content}");
        assert!(content["example"]["data"].is_object(), "{}", event.kind);
    }
}

#[test]
fn declared_error_codes_are_in_the_catalogue() {
    let known: Vec<&str> = eventify::kernel::error::catalogue().iter().map(|code| code.code).collect();
    assert_eq!(json!(known), KEPT["components"]["schemas"]["Problem"]["properties"]["code"]["examples"]);
    for operation in operations() {
        for code in operation.errors {
            assert!(known.contains(code), "{} declares `{code}`, which is not in the catalogue", operation.id);
        }
    }
}

/// Operations whose input names what there has to be, so that no example fits everywhere: the order of one's pictures,
/// the answer to one's own challenge, a role, a venue, people.
const KNOWS: [&str; 6] =
    ["my_picture_order", "my_wallet_add", "staff_create", "event_create", "users_bulk_ban", "bus_event_take"];

/// Strings that stand for any text at all are no example of an answer.
#[test]
fn examples_are_values_as_they_come() {
    fn texts(value: &Value, way: &str, found: &mut Vec<String>) {
        match value {
            // A question's kind is really called so.
            Value::String(text) if text == "text" && !way.ends_with("/kind") => found.push(way.to_owned()),
            Value::Object(map) => map.iter().for_each(|(key, inner)| texts(inner, &format!("{way}/{key}"), found)),
            Value::Array(items) => items.iter().for_each(|inner| texts(inner, &format!("{way}[]"), found)),
            _ => {}
        }
    }
    let document = openapi::document();
    let (mut found, mut objects_of) = (Vec::new(), Vec::new());
    objects(&document, "#", &mut objects_of);
    for (way, object) in &objects_of {
        texts(&object["example"], way, &mut found);
        // What is neither JSON nor a picture or a file shows what it looks like.
        for media in ["text/csv", "text/event-stream", "text/calendar"] {
            if object[media]["schema"].is_object() && object[media]["example"].as_str().is_none_or(str::is_empty) {
                found.push(format!("{way} has no example of {media}"));
            }
        }
    }
    assert!(found.is_empty(), "give them examples in fields.tsv: {found:#?}");
}

#[test]
fn who_may_send_a_token_and_how_long_to_wait_is_said() {
    let document = openapi::document();
    for operation in operations() {
        let entry = &document["paths"][operation.path][operation.method.to_lowercase()];
        let ways = entry["security"].as_array().expect("security");
        let (open, alone) = (operation.is_public(), operation.access.len() == 1);
        assert_eq!(ways.contains(&json!({})), open && !alone, "{}: {ways:?}", operation.id);
        assert_eq!(ways.contains(&json!({ "bearer": [] })), !(open && alone), "{}: {ways:?}", operation.id);
        for status in ["429", "503"] {
            let header = &entry["responses"][status]["headers"]["Retry-After"]["$ref"];
            assert_eq!(header, "#/components/headers/Retry-After", "{} at {status}", operation.id);
        }
    }
    assert!(document["components"]["headers"]["Retry-After"].is_object());
}

/// What a schema says of a text is what the server takes, and its own example fits.
#[tokio::test]
async fn patterns_are_those_of_the_server() {
    let site = Site::start().await;
    let document = openapi::document();
    let fits = async |text: &str, pattern: &str| {
        let sql = "select $1 ~ $2";
        sqlx::query_scalar::<_, bool>(sql).bind(text).bind(pattern).fetch_one(&site.test.reader).await.expect(pattern)
    };
    let field = |way: &str| document.pointer(&format!("/components/schemas/{way}")).expect(way).clone();
    let phone = field("OtpRequest/properties/phone")["pattern"].as_str().expect("a pattern").to_owned();
    let zone = field("NewEvent/properties/timezone");
    let zone = zone["pattern"].as_str().or(zone["anyOf"][0]["pattern"].as_str()).expect("a pattern").to_owned();
    for (text, pattern, taken) in [
        ("+91 98450 12345", &phone, true),
        ("+44 (0)7700 900123", &phone, true),
        ("98450 12345", &phone, false),
        ("someone", &phone, false),
        ("America/Argentina/Buenos_Aires", &zone, true),
        ("Etc/GMT+5", &zone, true),
        ("UTC", &zone, true),
        ("IST", &zone, false),
    ] {
        assert_eq!(fits(text, pattern).await, taken, "{text}: {pattern}");
    }
    assert_eq!(field("NewPartner/properties/contact_email")["format"], "email");
    let zones = site.anonymous().rows("/time-zones").await;
    for name in zones.as_array().expect("zones") {
        assert!(fits(name.as_str().expect("a name"), &zone).await, "{name}");
    }
    let mut all = Vec::new();
    objects(&document, "#", &mut all);
    let mut looked = 0;
    for (way, object) in all {
        let (Some(pattern), Some(examples)) = (object["pattern"].as_str(), object["examples"].as_array()) else {
            continue;
        };
        if pattern.contains("\\u") {
            continue;
        }
        looked += 1;
        for example in examples.iter().filter_map(Value::as_str) {
            assert!(fits(example, pattern).await, "{way}: {example} is not {pattern}");
        }
    }
    assert!(looked > 10, "{looked} patterns");
}

#[tokio::test]
async fn every_example_is_input_that_is_taken() {
    let site = Site::start().await;
    let mut admin = site.admin().await;
    let mut users = make_guests(&site, 90).await;
    let document = openapi::document();
    let mut refused = Vec::new();
    let mut posted = 0;
    for operation in operations().into_iter().filter(|operation| !operation.takes_raw_body()) {
        let entry = &document["paths"][operation.path][operation.method.to_lowercase()];
        let mut path = operation.path.to_owned();
        let mut query = Vec::new();
        for parameter in entry["parameters"].as_array().into_iter().flatten() {
            let (Some(name), example) = (parameter["name"].as_str(), &parameter["example"]) else { continue };
            let text = match example {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                Value::Array(items) => items
                    .iter()
                    .map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
                    .join(","),
                other => other.to_string(),
            };
            match parameter["in"].as_str() {
                Some("path") => path = path.replace(&format!("{{{name}}}"), &text),
                Some("query") => query.push((name.to_owned(), text)),
                _ => {}
            }
        }
        // Everybody comes anew: signing out and changing one's password are among what is called.
        let end_users = operation.access == [eventify::kernel::registry::Access::EndUser];
        let ends_sessions = ["/auth/", "/admin/users"].iter().any(|start| operation.path.starts_with(start));
        if !end_users && (ends_sessions || admin.get("/auth/me").await.status != 200) {
            admin.sign_in().await;
        }
        let caller = if end_users { users.pop().expect("another user") } else { admin.clone() };
        let body = entry.pointer("/requestBody/content/application~1json/example").cloned();
        let request = caller.request(operation.method.parse().expect("a method"), &path).query(&query);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.expect("an answer");
        posted += 1;
        let status = answer.status().as_u16();
        // A stream that was let in has no end.
        let text = if status < 400 { String::new() } else { answer.text().await.unwrap_or_default() };
        // What it refers to is not there, or it is a whole list of one's own: nothing an example can know.
        let unknown = text.contains("\"unknown_reference\"") || KNOWS.contains(&operation.id);
        // Whoever is known has given a token that is good; the secrets in examples are nobody's.
        let secret = text.contains("\"invalid_credentials\"") || text.contains("\"invalid_code\"");
        let unheard = status == 429 || status == 401 && !operation.is_public() && !secret;
        if [400, 422].contains(&status) && !unknown || unheard || status >= 500 {
            refused.push(format!("{}: {status} {text}", operation.id));
        }
    }
    let raw = operations().iter().filter(|operation| operation.takes_raw_body()).count();
    assert_eq!(posted + raw, entries(&KEPT).len(), "what openapi.json has was posted");
    assert!(refused.is_empty(), "{refused:#?}");
}
