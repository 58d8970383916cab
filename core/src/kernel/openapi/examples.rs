//! Examples made from the schemas: every operation has one, and it fits by construction.

use serde_json::{Map, Value, json};

use super::fields::LEFT_OUT;

/// Follows `$ref`s into the components.
pub fn resolve(schema: &Value, find: &dyn Fn(&str) -> Option<Value>) -> Value {
    match schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()).and_then(find) {
        Some(target) => resolve(&target, find),
        None => schema.clone(),
    }
}

/// Makes them.
pub struct Examples<'a> {
    /// The components they may refer to.
    pub schemas: &'a Map<String, Value>,
}

impl Examples<'_> {
    /// Fills in those of one operation.
    pub fn fill(&self, operation: &mut Value) {
        // Not by index: on a missing key that would leave a null behind.
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            // A cursor comes from a page alone, a key of its own from each caller.
            if parameter["in"] != "header" && parameter["name"] != "cursor" {
                parameter["example"] = self.of(&parameter["schema"], 0);
            }
        }
        let bodies = ["/requestBody/content/application~1json".to_owned()];
        let answers = operation["responses"].as_object().into_iter().flatten();
        let answers = answers.map(|(status, _)| format!("/responses/{status}/content/application~1json"));
        for pointer in bodies.into_iter().chain(answers.collect::<Vec<_>>()) {
            if let Some(content) = operation.pointer_mut(&pointer)
                && content.get("example").is_none()
            {
                content["example"] = self.of(&content["schema"], 0);
            }
        }
    }

    /// An example of what the schema describes.
    pub fn of(&self, schema: &Value, depth: usize) -> Value {
        // Beside a reference it says more than what is referred to.
        let beside = schema["examples"].as_array().and_then(|examples| examples.first()).cloned();
        let schema = resolve(schema, &|name| self.schemas.get(name).cloned());
        if let Some(example) = beside {
            return example;
        }
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
                let shown = properties.iter().filter(|(_, schema)| schema.get(LEFT_OUT).is_none());
                Value::Object(shown.map(|(name, schema)| (name.clone(), self.of(schema, depth + 1))).collect())
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
