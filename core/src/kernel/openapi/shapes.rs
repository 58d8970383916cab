//! Schemas as the generators of clients read them best.

use serde_json::{Map, Value, json};

/// Where a subschema that takes anything may stand as `true`.
const MEMBERS: [&str; 2] = ["properties", "$defs"];

/// Rewrites all schemas within: a choice of constants becomes an `enum` that says in its description what each means,
/// and what takes anything an object, not `true`.
pub fn plain(document: &mut Value) {
    match document {
        Value::Object(map) => {
            map.values_mut().for_each(plain);
            plain_schema(map);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn plain_schema(schema: &mut Map<String, Value>) {
    for members in MEMBERS {
        for member in schema.get_mut(members).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            anything(member);
        }
    }
    if let Some(items) = schema.get_mut("items") {
        anything(items);
    }
    if let Some(choice) = schema.get("oneOf").and_then(Value::as_array).and_then(|all| choice(all)) {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), choice.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().into());
        let meanings: Vec<String> = choice
            .iter()
            .filter_map(|(word, meaning)| meaning.as_ref().map(|meaning| format!("- `{word}`: {meaning}")))
            .collect();
        let mut description = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !meanings.is_empty() {
            description = format!("{description}\n\n{}", meanings.join("\n"));
        }
        schema.insert("description".to_owned(), description.trim().into());
    }
}

fn anything(schema: &mut Value) {
    if *schema == Value::Bool(true) {
        *schema = json!({ "description": "Any JSON value." });
    }
}

/// The words of a choice between constants, with what they mean.
fn choice(branches: &[Value]) -> Option<Vec<(String, Option<String>)>> {
    let mut words = Vec::new();
    for branch in branches {
        let meaning = branch["description"].as_str().map(str::to_owned);
        match (branch["const"].as_str(), branch["enum"].as_array()) {
            (Some(word), _) => words.push((word.to_owned(), meaning)),
            (None, Some(several)) => {
                for word in several {
                    words.push((word.as_str()?.to_owned(), meaning.clone()));
                }
            }
            _ => return None,
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_constants_is_an_enum() {
        let mut schema = json!({
            "description": "A state.",
            "oneOf": [
                { "const": "on", "type": "string", "description": "It runs." },
                { "enum": ["off", "gone"], "type": "string" },
            ],
        });
        plain(&mut schema);
        assert_eq!(
            schema,
            json!({ "type": "string", "enum": ["on", "off", "gone"], "description": "A state.\n\n- `on`: It runs." }),
        );
    }

    #[test]
    fn what_takes_anything_is_an_object_and_what_takes_nothing_more_stays() {
        let mut schema = json!({
            "type": "object", "properties": { "any": true }, "additionalProperties": false,
        });
        plain(&mut schema);
        assert!(schema["properties"]["any"].is_object());
        assert_eq!(schema["additionalProperties"], false);
        let mut mixed = json!({ "oneOf": [{ "const": "a" }, { "type": "object" }] });
        plain(&mut mixed);
        assert!(mixed["oneOf"].is_array());
    }
}
