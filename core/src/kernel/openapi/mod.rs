//! The OpenAPI 3.1 document, made from the registry: it cannot disagree with the code.

mod answers;
mod examples;
mod shapes;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use self::examples::{Examples, resolve};
use super::error::CATALOGUE;
use super::registry::{Access, Argument, Body, Location, OperationMeta, operations};

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
    schemas.values_mut().for_each(shapes::plain);
    let examples = Examples { schemas: &schemas };
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
                "cookie": {
                    "type": "apiKey", "in": "cookie", "name": super::request::cookies::ACCESS,
                    "description": "Set by signing in with a browser; over https its name starts with `__Host-`.",
                },
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
        "responses": answers::all(operation, generator),
    });
    let description = [operation.description, &access_text(operation)].join("\n\n");
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
            value["requestBody"] = json!({ "required": true, "content": { "multipart/form-data": { "schema": form } } });
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
            Access::Public => "anybody".to_owned(),
            Access::EndUser => "a signed-in end user".to_owned(),
            Access::Staff(None) => "any signed-in staff member".to_owned(),
            Access::Staff(Some(p)) => format!("staff or an api key with `{}`", p.code()),
        })
        .collect();
    format!("Open to {}.", alternatives.join(", or "))
}

fn security(operation: &OperationMeta) -> Value {
    if operation.is_public() { json!([]) } else { json!([{ "bearer": [] }, { "cookie": [] }]) }
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
