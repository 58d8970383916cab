//! The bus as an AsyncAPI 3 document: every type of event, the stream on which it is heard, and NATS where it is used.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::inbound::Inbound;
use super::nats::{INBOUND_PREFIX, INBOUND_STREAM, PREFIX, STREAM};
use crate::kernel::config::Config;
use crate::kernel::openapi::examples::Examples;
use crate::kernel::openapi::fields::Fields;
use crate::kernel::openapi::shapes;
use crate::kernel::outbox::EventType;

/// Where the messages of the document stand.
const MESSAGES: &str = "#/components/messages/";

/// The whole document; with settings, as it is where they hold.
pub fn document(config: Option<&Config>) -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let (mut generator, fields) = (settings.into_generator(), Fields::read());
    let mut messages: Map<String, Value> =
        EventType::all().into_iter().map(|event| (event.kind.to_owned(), message(event, &mut generator))).collect();
    for inbound in Inbound::all() {
        messages.insert(told_name(inbound), told_message(inbound, &mut generator));
    }
    let mut schemas: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    for (name, schema) in &mut schemas {
        shapes::plain(schema);
        fields.describe(name, schema);
    }
    let examples = Examples { schemas: &schemas };
    for message in messages.values_mut() {
        message["examples"] = json!([{ "payload": examples.of(&message["payload"], 0) }]);
    }
    let list = |name: String| (name.clone(), json!({ "$ref": format!("{MESSAGES}{name}") }));
    let heard: Map<String, Value> = EventType::all().into_iter().map(|event| list(event.kind.to_owned())).collect();
    let told: Map<String, Value> = Inbound::all().into_iter().map(|inbound| list(told_name(inbound))).collect();
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Eventify events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The events of Eventify, as sent on the event stream. Each event is written in the transaction \
                that causes it, is published in a single order, and is delivered at least once: use `id` to detect \
                duplicates. Webhooks carry the same `payload` as their `data`.",
        },
        "defaultContentType": "application/json",
        "channels": { "bus": {
            "address": "/api/v1/bus/stream",
            "title": "Event stream",
            "description": "Server-sent events. `?types=` chooses (`event.*,live.counted`), `Last-Event-ID` or `?after=` \
                resumes after a sequence. Callers receive only the events they may see.",
            "messages": heard.clone(),
        }, "told": {
            "address": "/api/v1/bus/events",
            "title": "Events from other systems",
            "description": "Sent by POST, with an API key that has `bus.read` and the permission of the type.",
            "messages": told.clone(),
        } },
        "operations": { "take": {
            "action": "receive",
            "channel": { "$ref": "#/channels/told" },
            "summary": "Eventify receives an event from another system. Each `id` of a sender is processed once.",
        }, "publish": {
            "action": "send",
            "channel": { "$ref": "#/channels/bus" },
            "summary": "Eventify sends an event after its transaction has committed.",
        } },
        "components": { "messages": messages, "schemas": schemas },
    });
    if let Some(config) = config {
        add_nats(&mut document, config, heard, told);
    }
    document
}

/// The servers and subjects of NATS, where it is used.
fn add_nats(document: &mut Value, config: &Config, heard: Map<String, Value>, told: Map<String, Value>) {
    let Some(nats) = &config.nats_url else { return };
    let address = config.base_url();
    let (protocol, host) = address.split_once("://").unwrap_or(("http", &address));
    let mut servers = Map::new();
    servers.insert("api".to_owned(), json!({ "host": host, "protocol": protocol }));
    let mut brokers = Vec::new();
    for (n, host) in nats.hosts().into_iter().enumerate() {
        let name = format!("nats_{}", n + 1);
        brokers.push(json!({ "$ref": format!("#/servers/{name}") }));
        let how = if nats.is_secure() { "NATS with JetStream, over TLS." } else { "NATS with JetStream." };
        servers.insert(name, json!({ "host": host, "protocol": "nats", "description": how }));
    }
    document["servers"] = servers.into();
    for channel in ["bus", "told"] {
        document["channels"][channel]["servers"] = json!([{ "$ref": "#/servers/api" }]);
    }
    let kind = json!({ "type": { "description": "The event's type, such as `user.flagged`." } });
    document["channels"]["nats"] = json!({
        "address": format!("{PREFIX}{{type}}"),
        "title": "Subjects in NATS",
        "description": format!("What is published, in the same order, in the stream `{STREAM}`. `Nats-Msg-Id` is the \
            event's `id`."),
        "servers": brokers,
        "parameters": kind,
        "messages": heard,
    });
    document["channels"]["nats_told"] = json!({
        "address": format!("{INBOUND_PREFIX}{{type}}"),
        "title": "Events from other systems, in NATS",
        "description": format!("Published to the stream `{INBOUND_STREAM}` by anyone with access to the broker. Messages \
            that cannot be processed are listed for the team and not delivered again."),
        "servers": brokers,
        "parameters": kind,
        "messages": told,
    });
    let operations = &mut document["operations"];
    operations["publish_nats"] = json!({
        "action": "send",
        "channel": { "$ref": "#/channels/nats" },
        "summary": "Eventify forwards each published event to NATS.",
    });
    operations["take_nats"] = json!({
        "action": "receive",
        "channel": { "$ref": "#/channels/nats_told" },
        "summary": "Eventify receives an event from another system. Each `id` is processed once.",
    });
}

fn message(event: &EventType, generator: &mut schemars::SchemaGenerator) -> Value {
    json!({
        "name": event.kind,
        "title": event.kind,
        "summary": event.description.trim(),
        "payload": {
            "type": "object",
            "required": ["seq", "id", "type", "aggregate_type", "aggregate_id", "payload", "at"],
            "properties": {
                "seq": { "type": "integer", "examples": [48_211], "description": "Its sequence in the published order; resume after it." },
                "id": { "type": "string", "format": "uuid", "examples": ["01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90"],
                    "description": "The same for every delivery." },
                "type": { "type": "string", "const": event.kind },
                "aggregate_type": { "type": "string", "examples": [event.aggregate],
                    "description": "The type of the object." },
                "aggregate_id": { "type": "string", "examples": ["01934c2e-8b21-7f4a-8c73-3a7d2b6e9fa1"],
                    "description": "The ID of the object." },
                "payload": (event.payload)(generator),
                "at": { "type": "string", "format": "date-time", "examples": ["2026-11-21T20:14:00Z"],
                    "description": "When it happened." },
                "by": { "type": "string", "examples": ["Meera Iyer"], "description": "The name of the team member who caused it." },
            },
        },
    })
}

/// What is told stands beside what is heard of the same name.
fn told_name(inbound: &Inbound) -> String {
    format!("{}.told", inbound.kind)
}

fn told_message(inbound: &Inbound, generator: &mut schemars::SchemaGenerator) -> Value {
    json!({
        "name": inbound.kind,
        "title": format!("{}, from another system", inbound.kind),
        "summary": inbound.description,
        "description": format!("Needs the permission `{}`.", inbound.permission.code()),
        "payload": {
            "type": "object",
            "required": ["id", "type", "payload"],
            "properties": {
                "id": { "type": "string", "format": "uuid", "examples": ["01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90"],
                    "description": "The sender's own ID of the event. An ID that was already processed has no effect." },
                "type": { "type": "string", "const": inbound.kind },
                "payload": (inbound.payload)(generator),
            },
        },
    })
}
