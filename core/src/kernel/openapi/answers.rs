//! What operations answer.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::kernel::error::{Code, catalogue};
use crate::kernel::registry::{Media, OperationMeta};

/// Every answer an operation can give.
pub fn all(operation: &OperationMeta, generator: &mut SchemaGenerator) -> Value {
    let headers: Map<String, Value> = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id"]
        .into_iter()
        .map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })))
        .collect();
    let schema = operation.output.map(|output| output(generator));
    let is_unit = schema.as_ref().is_some_and(|s| s.as_value()["type"] == "null");
    let mut responses = Map::new();
    match schema {
        Some(schema) if !is_unit => responses.insert(
            operation.status.to_string(),
            json!({
                "description": "Success.", "headers": headers,
                "content": { "application/json": { "schema": schema } },
            }),
        ),
        Some(_) => responses.insert("204".to_owned(), json!({ "description": "Success.", "headers": headers })),
        None => responses.insert(
            "200".to_owned(),
            json!({ "description": describe(operation.answer), "headers": headers, "content": content(operation.answer) }),
        ),
    };
    for (status, codes) in refusals(operation) {
        responses.insert(status.to_string(), refusal(&codes));
    }
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    Value::Object(responses)
}

/// The error codes an operation can give, by their status: those of its declaration, and those of how it is called.
fn refusals(operation: &OperationMeta) -> BTreeMap<u16, Vec<&'static Code>> {
    let mut by_status: BTreeMap<u16, Vec<&'static Code>> = BTreeMap::new();
    for code in catalogue().iter().filter(|code| operation.can_refuse_with(code.code)) {
        by_status.entry(code.status).or_default().push(code);
    }
    by_status
}

fn refusal(codes: &[&Code]) -> Value {
    let meanings: Vec<String> = codes.iter().map(|code| format!("- `{}`: {}", code.code, code.title)).collect();
    let words: Vec<&str> = codes.iter().map(|code| code.code).collect();
    let mut refusal = json!({
        "description": meanings.join("\n"),
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        "x-error-codes": words,
    });
    if codes.iter().any(|code| [429, 503].contains(&code.status)) {
        refusal["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/Retry-After" } });
    }
    refusal
}

fn describe(media: Media) -> &'static str {
    match media {
        Media::Json => "Success.",
        Media::Csv => "The rows as CSV, the first with the names of the columns.",
        Media::Calendar => "An iCalendar file.",
        Media::Html => "The page.",
        Media::File => "The file.",
        Media::Picture => "The picture.",
        Media::Events => "A stream of server-sent events; it ends when the caller may no longer read it.",
    }
}

/// The content of a body or an answer that is not JSON.
pub fn content(media: Media) -> Value {
    let schema = match media {
        Media::Csv | Media::Calendar | Media::Html | Media::Events => json!({ "type": "string" }),
        Media::Json => json!({ "type": "object" }),
        Media::File | Media::Picture => json!({ "type": "string", "format": "binary" }),
    };
    let types = media.types().iter().map(|kind| ((*kind).to_owned(), json!({ "schema": schema })));
    Value::Object(types.collect())
}
