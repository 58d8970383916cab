//! The OpenAPI 3.1 document, made from the registry: it cannot disagree with the code.

mod answers;
pub mod examples;
pub mod fields;
pub mod shapes;
mod webhooks;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use self::examples::Examples;
pub use self::examples::resolve;
use self::fields::Fields;
use super::areas::Area;
use super::csv::listed;
use super::error::catalogue;
use super::registry::{Access, Argument, Body, Location, OperationMeta, operations};
use super::request::cookies;
use crate::kernel::tokens::TokenAudience;

/// The whole document.
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let fields = Fields::read();
    let mut described: Vec<(&OperationMeta, Value)> = Vec::new();
    for operation in operations() {
        described.push((operation, describe(operation, &mut generator, &fields)));
    }
    let mut sent = webhooks::all(&mut generator);
    let mut schemas: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    schemas.insert("Problem".to_owned(), problem_schema());
    for (name, schema) in &mut schemas {
        shapes::plain(schema);
        fields.describe(name, schema);
    }
    let examples = Examples { schemas: &schemas };
    for message in sent.values_mut() {
        examples.fill(&mut message["post"]);
    }
    let mut paths: Map<String, Value> = Map::new();
    let mut areas: Vec<&str> = Vec::new();
    for (operation, mut value) in described {
        shapes::plain(&mut value);
        examples.fill(&mut value);
        let item = paths.entry(operation.path.to_owned()).or_insert_with(|| json!({}));
        item[operation.method.to_lowercase()] = value;
        if !areas.contains(&operation.area()) {
            areas.push(operation.area());
        }
    }
    areas.sort_unstable();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Eventify",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The software that people who run events trust on the night.",
            "description": "Every operation of the Command Center, over HTTP. Errors are RFC 9457 problem JSON \
                with a stable `code`; the catalogue is at `/api/errors`. Lists are keyset pages: pass \
                `next_cursor` as `cursor`. Every list is also available as CSV, with all rows of its filter: add \
                `/export` to its path. Each field is a column (`venue.name` for a nested field); `columns` selects \
                some. Lists that take `updated_since` date a change to when it began: follow them from a minute before \
                your last call, so that one that took long is not missed. Editable records have a `version`; \
                updating with an outdated one returns 409 with the current record. Operations that list it accept an `Idempotency-Key`.",
            "license": { "name": "Proprietary", "url": "/api/docs" },
        },
        "servers": [{ "url": "/api/v1" }],
        "tags": areas.iter().map(|area| json!({ "name": area, "description": tag(area) })).collect::<Vec<_>>(),
        "paths": paths,
        "webhooks": sent,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "An access token from `/auth/login` or `/auth/otp/verify`, or an API key (`evk_…`).",
                },
                "staff_cookie": cookie(TokenAudience::Staff, "The session of a signed-in team member."),
                "guest_cookie": cookie(TokenAudience::EndUser, "The session of a signed-in end user."),
            },
            "responses": {
                "Problem": {
                    "description": "The request was rejected or failed; `code` says why.",
                    "content": { "application/problem+json": {
                        "schema": { "$ref": "#/components/schemas/Problem" },
                        "example": {
                            "type": "/api/errors#invalid_input", "title": "Some fields are not valid",
                            "status": 422, "code": "invalid_input", "detail": "email: is required",
                            "errors": { "email": ["is required"] },
                        },
                    } },
                },
            },
            "headers": {
                "RateLimit-Limit": number_header("Calls a minute in this class"),
                "RateLimit-Remaining": number_header("Calls left just now"),
                "RateLimit-Reset": number_header("Seconds until there are more"),
                "Retry-After": number_header("Seconds to wait before the next try, where that is known"),
                "X-Request-Id": {
                    "description": "The request's id, also in every error", "schema": { "type": "string" },
                },
            },
        },
    })
}

/// What the operations of an area are about.
fn tag(name: &str) -> &'static str {
    Area::all().find(|area| area.name == name).map_or("", |area| area.about)
}

fn number_header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "integer" } })
}

fn problem_schema() -> Value {
    let codes: Vec<&str> = catalogue().iter().map(|c| c.code).collect();
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "code": { "type": "string", "examples": codes },
            "errors": {
                "type": "object",
                "additionalProperties": { "type": "array", "items": { "type": "string" } },
            },
            "current": { "description": "On a conflict, the current record" },
            "request_id": { "type": "string" },
            "retry_after": { "type": "integer", "description": "Seconds" },
        },
    })
}

fn describe(operation: &OperationMeta, generator: &mut SchemaGenerator, fields: &Fields) -> Value {
    let mut parameters = Vec::new();
    let mut body = None;
    for argument in operation.arguments {
        let schema = (argument.schema)(generator);
        match argument.location {
            Location::Body => body = Some(schema),
            _ if argument.name == "query" => parameters.extend(query_parameters(&schema, generator, fields)),
            _ => parameters.push(parameter(argument, schema, fields)),
        }
    }
    if operation.idempotent {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 200 },
            "description": "Repeating a request with the same key and input returns the first answer again, for 24 hours.",
        }));
    }
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary.trim(),
        "tags": [operation.area()],
        "security": security(operation),
        "responses": answers::all(operation, generator),
    });
    let csv = listed::list_of(operation).map(|list| format!("As CSV: `GET {}`.", list.path)).unwrap_or_default();
    let description = [operation.description, &access_text(operation), &csv].join("\n\n");
    value["description"] = description.trim().into();
    if !parameters.is_empty() {
        value["parameters"] = parameters.into();
    }
    if let Some(schema) = body {
        value["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    match operation.body {
        Body::Json => {}
        Body::Raw(media) => value["requestBody"] = json!({ "required": true, "content": answers::content(media) }),
        Body::Multipart(fields) => {
            let form = form(fields.map(|fields| fields(generator)), generator);
            value["requestBody"] =
                json!({ "required": true, "content": { "multipart/form-data": { "schema": form } } });
        }
    }
    for (what, content) in [("body", "/requestBody/content"), ("answer", "/responses/200/content")] {
        let example = fields.example(&format!("{}:{what}", operation.id));
        let types = value.pointer_mut(content).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
        for (content, example) in types.zip(example.into_iter().cycle()) {
            content["example"] = example.clone();
        }
    }
    if let Some(permission) = operation.permission() {
        value["x-permission"] = permission.code().into();
    }
    value
}

/// A form with a file and the fields of a type.
fn form(fields: Option<Schema>, generator: &SchemaGenerator) -> Value {
    let fields = fields.map(|schema| resolve(schema.as_value(), &|name| generator.definitions().get(name).cloned()));
    let mut form = fields.unwrap_or_else(|| json!({ "type": "object", "properties": {}, "required": [] }));
    form["properties"]["file"] = json!({
        "type": "string", "contentMediaType": "application/octet-stream", "description": "The file.",
    });
    match form["required"].as_array_mut() {
        Some(required) => required.push("file".into()),
        None => form["required"] = json!(["file"]),
    }
    form
}

fn access_text(operation: &OperationMeta) -> String {
    let alternatives: Vec<String> = operation
        .access
        .iter()
        .map(|access| match access {
            Access::Public => "anyone".to_owned(),
            Access::EndUser => "signed-in end users".to_owned(),
            Access::Device => "phones paired with a gate of the event".to_owned(),
            Access::RevokedDevice => "revoked phones".to_owned(),
            Access::Staff(None) => "any signed-in team member".to_owned(),
            Access::Staff(Some(p)) => format!("team members and API keys with `{}`", p.code()),
        })
        .collect();
    format!("Available to {}.", alternatives.join(", or "))
}

fn security(operation: &OperationMeta) -> Value {
    // Some are for anybody and tell more to those who are known: a client that has a token sends it.
    let mut ways = match operation.access {
        [Access::Public] => return json!([]),
        _ if operation.is_public() => vec![json!({}), json!({ "bearer": [] })],
        _ => vec![json!({ "bearer": [] })],
    };
    if operation.access.iter().any(|access| matches!(access, Access::Staff(_))) {
        ways.push(json!({ "staff_cookie": [] }));
    }
    if operation.access.contains(&Access::EndUser) {
        ways.push(json!({ "guest_cookie": [] }));
    }
    ways.into()
}

fn cookie(of: TokenAudience, what: &str) -> Value {
    let description = format!("{what} Over TLS its name begins with `__Host-`.");
    json!({ "type": "apiKey", "in": "cookie", "name": cookies::access(of), "description": description })
}

fn parameter(argument: &Argument, schema: Schema, fields: &Fields) -> Value {
    let place = if argument.location == Location::Path { "path" } else { "query" };
    let mut schema = Value::from(schema);
    let description = match argument.type_name.strip_suffix("Id") {
        Some(thing) if argument.location == Location::Path => format!("The id of the {}.", words(thing)).into(),
        _ => described(argument.type_name, argument.name, &mut schema, fields),
    };
    json!({
        "name": argument.name, "in": place, "required": place == "path", "schema": schema, "description": description,
    })
}

/// `PartnerDocument` → `partner document`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// Takes a field's description out of its schema; a parameter has it beside.
fn described(schema: &str, name: &str, field: &mut Value, fields: &Fields) -> Value {
    shapes::plain(field);
    fields.fill(schema, name, field);
    field.as_object_mut().and_then(|map| map.remove("description")).unwrap_or_default()
}

/// The fields of a query struct, each as a parameter.
fn query_parameters(schema: &Schema, generator: &SchemaGenerator, fields: &Fields) -> Vec<Value> {
    let owner = schema.as_value()["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let value = resolve(schema.as_value(), &|name| generator.definitions().get(name).cloned());
    let required: Vec<&str> = value["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = value["properties"].as_object().cloned().unwrap_or_default();
    properties
        .into_iter()
        .map(|(name, mut schema)| {
            if let Some(map) = schema.as_object_mut() {
                map.remove("default");
            }
            let description = described(owner, &name, &mut schema, fields);
            json!({
                "name": name, "in": "query", "required": required.contains(&name.as_str()), "schema": schema,
                "style": "form", "explode": false, "allowEmptyValue": true, "description": description,
            })
        })
        .collect()
}
