//! What Eventify sends to others: a message for each type of event.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::kernel::outbox::EventType;

/// The document's `webhooks`: every type of event with what its message holds.
pub fn all(generator: &mut SchemaGenerator) -> Map<String, Value> {
    EventType::all().into_iter().map(|event| (event.kind.to_owned(), message(event, generator))).collect()
}

fn message(event: &EventType, generator: &mut SchemaGenerator) -> Value {
    let body = json!({
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": { "type": "string", "enum": [event.kind], "description": "The type of the event." },
            "timestamp": {
                "type": "string", "format": "date-time", "description": "When it happened.",
                "examples": ["2026-11-21T20:14:00Z"],
            },
            "data": (event.payload)(generator),
        },
    });
    json!({ "post": {
        "operationId": format!("webhook_{}", event.kind.replace('.', "_")),
        "summary": event.description,
        "description": "Sent to every endpoint subscribed to this event type, following the Standard Webhooks \
            specification. The signature is HMAC-SHA256 over `id.timestamp.body` with the endpoint's secret. The same \
            message can arrive more than once: use its `webhook-id` to detect duplicates.",
        "tags": ["webhooks"],
        "parameters": [
            header("webhook-id", "The ID of the message; the same for every attempt.", "msg_01934c2e7a107d3e9b622f6c1a5d8e90"),
            header("webhook-timestamp", "When this attempt was signed, in seconds since 1970.", "1795551240"),
            header("webhook-signature", "One signature for each secret that is valid, separated by spaces.",
                "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": body } } },
        "responses": {
            "2XX": { "description": "Accepted." },
            "410": { "description": "The endpoint is gone and is disabled at once." },
            "default": { "description": "Not accepted. The message is retried eight times over a little more than a day." },
        },
    } })
}

fn header(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": true, "schema": { "type": "string" },
        "description": description, "example": example,
    })
}
