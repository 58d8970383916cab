//! The OpenAPI 3.1 document, made from the registry: it cannot disagree with the code.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::error::CATALOGUE;
use super::registry::{Access, Argument, Location, OperationMeta, operations};
use super::request::cookies;
use crate::access::keys::Audience;

/// The whole document.
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut described: Vec<(&OperationMeta, Value)> = Vec::new();
    for operation in operations() {
        described.push((operation, describe(operation, &mut generator)));
    }
    let mut schemas: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    schemas.insert("Problem".to_owned(), problem_schema());
    let examples = Examples { schemas: &schemas };
    let mut paths: Map<String, Value> = Map::new();
    let mut areas: Vec<&str> = Vec::new();
    for (operation, mut value) in described {
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
                `next_cursor` as `cursor`. A record that people edit carries a `version`; a stale one gets 409 \
                with the current record. Writes that say so take an `Idempotency-Key`.",
            "license": { "name": "Proprietary", "url": "/api/docs" },
        },
        "servers": [{ "url": "/api/v1" }],
        "tags": areas.iter().map(|area| json!({ "name": area })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "An access token from `/auth/login` or `/auth/otp/verify`, or an api key (`evk_…`).",
                },
                "staff_cookie": cookie(Audience::Staff, "A browser in which staff is signed in."),
                "guest_cookie": cookie(Audience::EndUser, "A browser in which an end user is signed in."),
            },
            "responses": {
                "Problem": {
                    "description": "Refused or failed; `code` says why.",
                    "content": { "application/problem+json": {
                        "schema": { "$ref": "#/components/schemas/Problem" },
                        "example": {
                            "type": "/api/errors#invalid_input", "title": "Some of the input is not valid",
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
                "X-Request-Id": {
                    "description": "The request's id, also in every error", "schema": { "type": "string" },
                },
            },
        },
    })
}

fn number_header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "integer" } })
}

fn problem_schema() -> Value {
    let codes: Vec<&str> = CATALOGUE.iter().map(|c| c.code).collect();
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
            "current": { "description": "On a conflict, the record as it stands now" },
            "request_id": { "type": "string" },
            "retry_after": { "type": "integer", "description": "Seconds" },
        },
    })
}

fn describe(operation: &OperationMeta, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = Vec::new();
    let mut body = None;
    for argument in operation.arguments {
        let schema = (argument.schema)(generator);
        match argument.location {
            Location::Body => body = Some(schema),
            _ if argument.name == "query" => parameters.extend(query_parameters(&schema, generator)),
            _ => parameters.push(parameter(argument, &schema)),
        }
    }
    if operation.idempotent {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 200 },
            "description": "The same key and input give the first answer again, for 24 hours.",
        }));
    }
    let mut value = json!({
        "operationId": operation.id,
        "summary": operation.summary.trim(),
        "tags": [operation.area()],
        "security": security(operation),
        "responses": responses(operation, generator),
    });
    let description = [operation.description, &access_text(operation)].join("\n\n");
    value["description"] = description.trim().into();
    if !parameters.is_empty() {
        value["parameters"] = parameters.into();
    }
    if let Some(schema) = body {
        value["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    if operation.multipart {
        let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
        let fields = json!({
            "type": "object", "required": ["file"], "properties": { "file": file },
            "additionalProperties": { "type": "string" },
        });
        value["requestBody"] = json!({ "required": true, "content": { "multipart/form-data": { "schema": fields } } });
    }
    if let Some(permission) = operation.permission() {
        value["x-permission"] = permission.code().into();
    }
    value
}

fn access_text(operation: &OperationMeta) -> String {
    let alternatives: Vec<String> = operation
        .access
        .iter()
        .map(|access| match access {
            Access::Public => "anybody".to_owned(),
            Access::EndUser => "a signed-in end user".to_owned(),
            Access::Staff(None) => "any signed-in staff member".to_owned(),
            Access::Staff(Some(p)) => format!("staff or an api key with `{}`", p.code()),
        })
        .collect();
    format!("Open to {}.", alternatives.join(", or "))
}

fn security(operation: &OperationMeta) -> Value {
    if operation.is_public() {
        return json!([]);
    }
    let mut ways = vec![json!({ "bearer": [] })];
    if operation.access.iter().any(|access| matches!(access, Access::Staff(_))) {
        ways.push(json!({ "staff_cookie": [] }));
    }
    if operation.access.contains(&Access::EndUser) {
        ways.push(json!({ "guest_cookie": [] }));
    }
    ways.into()
}

fn cookie(of: Audience, what: &str) -> Value {
    let description = format!("{what} Over TLS its name begins with `__Host-`.");
    json!({ "type": "apiKey", "in": "cookie", "name": cookies::access(of), "description": description })
}

fn parameter(argument: &Argument, schema: &Schema) -> Value {
    let place = if argument.location == Location::Path { "path" } else { "query" };
    json!({ "name": argument.name, "in": place, "required": place == "path", "schema": schema })
}

/// The fields of a query struct, each as a parameter.
fn query_parameters(schema: &Schema, generator: &SchemaGenerator) -> Vec<Value> {
    let value = resolve(schema.as_value(), &|name| generator.definitions().get(name).cloned());
    let required: Vec<&str> = value["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = value["properties"].as_object().cloned().unwrap_or_default();
    properties
        .into_iter()
        .map(|(name, mut schema)| {
            let description = schema.get("description").cloned();
            if let Some(map) = schema.as_object_mut() {
                map.remove("default");
            }
            let mut value = json!({
                "name": name, "in": "query", "required": required.contains(&name.as_str()),
                "schema": schema, "style": "form", "explode": false,
            });
            if let Some(description) = description {
                value["description"] = description;
            }
            value
        })
        .collect()
}

fn responses(operation: &OperationMeta, generator: &mut SchemaGenerator) -> Value {
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
                "description": "Done.", "headers": headers,
                "content": { "application/json": { "schema": schema } },
            }),
        ),
        Some(_) => responses.insert("204".to_owned(), json!({ "description": "Done.", "headers": headers })),
        None => responses.insert("200".to_owned(), json!({ "description": "A stream or a file.", "headers": headers })),
    };
    responses.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    Value::Object(responses)
}

/// Follows `$ref`s into the components.
fn resolve(schema: &Value, find: &dyn Fn(&str) -> Option<Value>) -> Value {
    match schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()).and_then(find) {
        Some(target) => resolve(&target, find),
        None => schema.clone(),
    }
}

/// Examples made from the schemas: every operation has one, and it fits by construction.
struct Examples<'a> {
    schemas: &'a Map<String, Value>,
}

impl Examples<'_> {
    fn fill(&self, operation: &mut Value) {
        // Not by index: on a missing key that would leave a null behind.
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if parameter["in"] == "path" {
                parameter["example"] = self.of(&parameter["schema"], 0);
            }
        }
        let bodies = ["/requestBody/content/application~1json".to_owned()];
        let answers = operation["responses"].as_object().into_iter().flatten();
        let answers = answers.map(|(status, _)| format!("/responses/{status}/content/application~1json"));
        for pointer in bodies.into_iter().chain(answers.collect::<Vec<_>>()) {
            if let Some(content) = operation.pointer_mut(&pointer) {
                content["example"] = self.of(&content["schema"], 0);
            }
        }
    }

    fn of(&self, schema: &Value, depth: usize) -> Value {
        let schema = resolve(schema, &|name| self.schemas.get(name).cloned());
        if let Some(example) = schema["examples"].as_array().and_then(|e| e.first()) {
            return example.clone();
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(first) = schema["enum"].as_array().and_then(|e| e.first()) {
            return first.clone();
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema[key].as_array().and_then(|a| a.iter().find(|s| s["type"] != "null")) {
                return self.of(first, depth + 1);
            }
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find_map(|k| k.as_str().filter(|k| *k != "null")),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") if depth < 8 => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                Value::Object(properties.iter().map(|(name, s)| (name.clone(), self.of(s, depth + 1))).collect())
            }
            Some("array") if depth < 8 => json!([self.of(&schema["items"], depth + 1)]),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(true),
            Some("string") if schema["format"] == "uuid" => json!("01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90"),
            Some("string") => json!("text"),
            _ => Value::Null,
        }
    }
}
