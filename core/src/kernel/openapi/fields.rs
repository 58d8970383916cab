//! What fields and parameters mean where their own documentation does not say.
//!
//! One name means one thing everywhere, so most are described once, by their name, in `fields.tsv` here or in the area that
//! they are of: name, meaning and an example in JSON. `operation:body` and `operation:answer` give examples of what is no object. `Schema.field`
//! says it of one schema alone and goes before what the field says itself; its example may be `-`, where the field is
//! left out of examples because it excludes another one.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::kernel::areas::Area;

/// Marks a field that examples leave out.
pub const LEFT_OUT: &str = "x-left-out-of-examples";

/// The meanings, by name.
pub struct Fields(HashMap<&'static str, Meaning>);

struct Meaning {
    description: &'static str,
    example: Option<Value>,
    left_out: bool,
}

impl Fields {
    /// Reads `fields.tsv`, and those of the areas.
    pub fn read() -> Self {
        let areas = Area::all().map(|area| area.fields);
        Self([include_str!("fields.tsv")].into_iter().chain(areas).flat_map(str::lines).filter_map(entry).collect())
    }

    /// Describes the properties of the schemas within `value`, which belong to the component `schema`.
    pub fn describe(&self, schema: &str, value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (name, property) in map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
                    self.fill(schema, name, property);
                }
                map.values_mut().for_each(|inner| self.describe(schema, inner));
            }
            Value::Array(items) => items.iter_mut().for_each(|inner| self.describe(schema, inner)),
            _ => {}
        }
    }

    /// The example of this name.
    pub fn example(&self, name: &str) -> Option<&Value> {
        self.0.get(name)?.example.as_ref()
    }

    /// Describes one field, if it needs it.
    pub fn fill(&self, schema: &str, name: &str, field: &mut Value) {
        let own = self.0.get(format!("{schema}.{name}").as_str());
        let Some(meaning) = own.or_else(|| self.0.get(name)) else { return };
        let Some(map) = field.as_object_mut() else { return };
        if !meaning.description.is_empty() && (own.is_some() || !map.contains_key("description")) {
            map.insert("description".to_owned(), meaning.description.into());
        }
        if let Some(example) = &meaning.example
            && (own.is_some() || !map.contains_key("examples") && takes(map, example))
        {
            map.insert("examples".to_owned(), Value::Array(vec![example.clone()]));
        }
        if meaning.left_out {
            map.insert(LEFT_OUT.to_owned(), true.into());
        }
    }
}

fn entry(line: &'static str) -> Option<(&'static str, Meaning)> {
    let mut cells = line.split('\t');
    let (name, description) = (cells.next()?, cells.next()?);
    let example = cells.next().unwrap_or_default();
    Some((name, Meaning { description, example: serde_json::from_str(example).ok(), left_out: example == "-" }))
}

/// Whether an example is of the schema's type.
fn takes(schema: &Map<String, Value>, example: &Value) -> bool {
    let kind = match example {
        Value::String(_) => "string",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::Null => "null",
    };
    let free = schema.get("enum").is_none() && schema.get("format").is_none_or(|format| format != "uuid");
    free && match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}
