//! Every list that has no columns of its own, as CSV: its columns are the fields of its rows, as their schema has them.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::{heading, line, unknown_column};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::openapi::resolve;
use crate::kernel::page::Limit;
use crate::kernel::registry::{OperationMeta, operations};

/// Marks a field in its schema: whoever has its value may do something with it.
const SECRET: &str = "x-secret";
/// What lies deeper in a row stands in one cell.
const DEPTH: usize = 3;
/// The fields by which one of several is called in a cell.
const NAMES: [&str; 5] = ["name", "title", "label", "sentence", "text"];

/// A list, and how it is written.
pub struct Listed {
    /// The operation that answers it page by page.
    pub operation: &'static OperationMeta,
    /// Where it is had as CSV: the list's own path, and `/export`.
    pub path: String,
    turns: bool,
    columns: Vec<Column>,
}

/// A column: its heading, and where in a row its value lies.
#[derive(Debug, PartialEq)]
pub struct Column {
    key: String,
    way: Vec<String>,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Value,
    Amount,
    Currency,
}

/// All of them, in the order of their paths.
pub fn lists() -> &'static [Listed] {
    static LISTS: LazyLock<Vec<Listed>> =
        LazyLock::new(|| operations().into_iter().filter_map(Listed::of_operation).collect());
    &LISTS
}

/// How the list of this operation is written, if it answers one that has no columns of its own.
pub fn list_of(operation: &OperationMeta) -> Option<&'static Listed> {
    lists().iter().find(|list| list.operation.id == operation.id)
}

impl Listed {
    fn of_operation(operation: &'static OperationMeta) -> Option<Listed> {
        let path = format!("{}/export", operation.path);
        if operation.writes() || operations().iter().any(|other| other.path == path && !other.writes()) {
            return None;
        }
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let answer = (operation.output?)(&mut generator);
        let queries = operation.arguments.iter().filter(|argument| argument.name == "query");
        let queries: Vec<Value> = queries.map(|argument| (argument.schema)(&mut generator).into()).collect();
        let find = |name: &str| generator.definitions().get(name).cloned();
        let page = resolve(answer.as_value(), &find);
        let is_page =
            ["items", "next_cursor", "total_estimate"].iter().all(|name| page["properties"][name].is_object());
        if !is_page {
            return None;
        }
        let turns = queries.iter().any(|query| !resolve(query, &find)["properties"]["cursor"].is_null());
        let mut columns = Vec::new();
        collect(&page["properties"]["items"]["items"], &[], &find, &mut columns);
        Some(Listed { operation, path, turns, columns })
    }

    /// The file's name: the last word of the list's address.
    pub fn name(&self) -> &'static str {
        self.operation.path.rsplit('/').find(|word| !word.starts_with('{')).unwrap_or("list")
    }

    /// The query of the page that starts at a cursor, of the list as it was asked for. Pages do not matter to whoever
    /// asks: they are as long as they can be.
    pub fn query_of(&self, asked: &[(String, String)], cursor: Option<&str>) -> Vec<(String, String)> {
        let turned = |name: &str| self.turns && matches!(name, "cursor" | "limit");
        let kept = asked.iter().filter(|(name, _)| !turned(name)).cloned();
        let limit = self.turns.then(|| ("limit".to_owned(), Limit::MOST.rows().to_string()));
        let cursor = cursor.map(|cursor| ("cursor".to_owned(), cursor.to_owned()));
        kept.chain(limit).chain(cursor).collect()
    }

    /// The columns of these keys, in this order; all where none are named. A field with several columns names them all.
    pub fn chosen(&self, keys: &[String]) -> Result<Vec<&Column>> {
        if keys.is_empty() {
            return Ok(self.columns.iter().collect());
        }
        let mut chosen: Vec<&Column> = Vec::new();
        for key in keys {
            let before = format!("{key}.");
            let mut named =
                self.columns.iter().filter(|one| one.key == *key || one.key.starts_with(&before)).peekable();
            if named.peek().is_none() {
                return Err(unknown_column(self.columns.iter().map(|column| column.key.as_str())));
            }
            for column in named {
                if !chosen.contains(&column) {
                    chosen.push(column);
                }
            }
        }
        Ok(chosen)
    }
}

/// The first line of a file with these columns.
pub fn head(columns: &[&Column]) -> Result<Vec<u8>> {
    heading(columns.iter().map(|column| column.key.as_str()))
}

/// The lines of these rows.
pub fn lines(columns: &[&Column], rows: &[Value]) -> Result<Vec<u8>> {
    let mut lines = Vec::with_capacity(rows.len() * 100);
    for row in rows {
        lines.extend(line(columns.iter().map(|column| column.cell(row)))?);
    }
    Ok(lines)
}

impl Column {
    fn new(way: &[String], part: Part) -> Column {
        let mut key = if way.is_empty() { "value".to_owned() } else { way.join(".") };
        if part == Part::Currency {
            key.push_str(".currency");
        }
        Column { key, way: way.to_vec(), part }
    }

    /// Its heading.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn cell(&self, row: &Value) -> String {
        let value = self.way.iter().fold(row, |value, name| &value[name]);
        match self.part {
            Part::Value => text(value),
            Part::Amount => money(value).map(|money| money.decimal()).unwrap_or_default(),
            Part::Currency => money(value).map(|money| money.currency.to_string()).unwrap_or_default(),
        }
    }
}

/// The columns of what a schema describes: those that are always there as its type has them, the others by name.
fn collect(schema: &Value, way: &[String], find: &dyn Fn(&str) -> Option<Value>, columns: &mut Vec<Column>) {
    let schema = present(schema, find);
    let none = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&none);
    if fields.len() == 2 && fields.contains_key("minor") && fields.contains_key("currency") {
        columns.extend([Part::Amount, Part::Currency].map(|part| Column::new(way, part)));
        return;
    }
    if fields.is_empty() || way.len() == DEPTH {
        columns.push(Column::new(way, Part::Value));
        return;
    }
    let always: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let others = fields.keys().map(String::as_str).filter(|name| !always.contains(name));
    // What opens something for whoever has it does not go into files.
    for name in always.iter().copied().chain(others).filter(|name| fields[*name][SECRET] != true) {
        collect(&fields[name], &[way, &[name.to_owned()]].concat(), find, columns);
    }
}

/// The schema of what may also be absent, where it is there.
fn present(schema: &Value, find: &dyn Fn(&str) -> Option<Value>) -> Value {
    let schema = resolve(schema, find);
    let choice = schema["anyOf"].as_array().or(schema["oneOf"].as_array()).into_iter().flatten();
    let choice: Vec<&Value> = choice.filter(|one| one["type"] != "null").collect();
    match choice[..] {
        [only] => present(only, find),
        _ => schema,
    }
}

fn money(value: &Value) -> Option<Money> {
    serde_json::from_value(value.clone()).ok()
}

/// A value in one cell. Several stand one after another, each by its name where it has one.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(several) => several.iter().map(called).collect::<Vec<_>>().join("; "),
        Value::Object(fields) if fields.is_empty() => String::new(),
        other => other.to_string(),
    }
}

fn called(one: &Value) -> String {
    let name = NAMES.iter().find_map(|name| one[*name].as_str());
    name.map_or_else(|| text(one), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_written_flat() {
        let money = json!({
            "type": "object", "required": ["minor", "currency"],
            "properties": { "currency": { "type": "string" }, "minor": { "type": "integer" } },
        });
        let schema = json!({
            "type": "object",
            "required": ["title", "hall", "tags"],
            "properties": {
                "tags": { "type": "array" },
                "title": { "type": "string" },
                "price": { "anyOf": [{ "$ref": "#/$defs/Money" }, { "type": "null" }] },
                "hall": { "type": "object", "properties": { "name": { "type": ["string", "null"] }, "seats": {} } },
                "more": true,
            },
        });
        let mut columns = Vec::new();
        collect(&schema, &[], &|name| (name == "Money").then(|| money.clone()), &mut columns);
        let keys: Vec<&str> = columns.iter().map(|column| column.key.as_str()).collect();
        assert_eq!(keys, ["title", "hall.name", "hall.seats", "tags", "more", "price", "price.currency"]);
        let written = |row: Value| {
            let columns: Vec<&Column> = columns.iter().collect();
            String::from_utf8(lines(&columns, &[row]).expect("a line")).expect("text")
        };
        let row = json!({
            "title": "=1+1", "hall": { "name": "North", "seats": 40 }, "tags": ["a", { "name": "b" }, 3],
            "more": { "k": true }, "price": { "minor": -129_950, "currency": "INR" },
        });
        assert_eq!(written(row), "'=1+1,North,40,a; b; 3,\"{\"\"k\"\":true}\",-1299.50,INR\r\n");
        assert_eq!(written(json!({ "title": "x", "hall": null, "tags": [], "more": {} })), "x,,,,,,\r\n");
    }
}
