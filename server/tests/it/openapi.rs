//! The document as those who generate clients from it need it.

use eventify::kernel::openapi;
use eventify::kernel::registry::operations;
use serde_json::Value;

use crate::people::{PHONE, end_user};
use crate::support::Site;

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
    assert!(lists > 55, "only {lists} lists");
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
    for event in eventify::kernel::outbox::EventType::all() {
        let content = &webhooks[event.kind]["post"]["requestBody"]["content"]["application/json"];
        assert_eq!(content["example"]["type"], event.kind, "{content}");
        assert!(content["example"]["data"].is_object(), "{}", event.kind);
    }
    assert!(webhooks.len() >= 40, "only {} types of events", webhooks.len());
}

#[test]
fn declared_error_codes_are_in_the_catalogue() {
    let known: Vec<&str> = eventify::kernel::error::CATALOGUE.iter().map(|code| code.code).collect();
    for operation in operations() {
        for code in operation.errors {
            assert!(known.contains(code), "{} declares `{code}`, which is not in the catalogue", operation.id);
        }
    }
}

/// Operations whose input names what there has to be, so that no example fits everywhere: the order of one's pictures,
/// the answer to one's own challenge, a role, a venue, people.
const KNOWS: [&str; 5] = ["my_picture_order", "my_wallet_add", "staff_create", "event_create", "users_bulk_ban"];

#[tokio::test]
async fn every_example_is_input_that_is_taken() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, PHONE).await;
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
        let end_users = operation.access == [eventify::kernel::registry::Access::EndUser];
        let caller = if end_users { &user } else { &admin };
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
        if [400, 422].contains(&status) && !unknown || status >= 500 {
            refused.push(format!("{}: {status} {text}", operation.id));
        }
    }
    assert!(posted > 200, "only {posted} examples were posted");
    assert!(refused.is_empty(), "{refused:#?}");
}
