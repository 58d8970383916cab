//! Fills every text field of an operation's body with markup that can be told apart, as far as the field takes it.

use std::collections::{BTreeMap, BTreeSet};

use eventify::kernel::openapi;
use eventify::kernel::registry::{Access, operations};
use serde_json::{Value, json};

use crate::areas::Write;
use crate::faults::writes;
use crate::fixtures::{make_guests, open, plan};
use crate::partners::text;
use crate::support::{Person, Site};
use reqwest::Method;

/// How wild a text is: the next is tried where one is refused. The last is the sample's own.
const KINDS: usize = 4;

fn marked(kind: usize, number: usize) -> String {
    match kind {
        0 => format!("=1+{number}</title></textarea></script><x-m{number} a=\"'>\r\nX-Mark: {number}"),
        1 => format!("=1+{number}</title></textarea></script><x-m{number} a=\"'>"),
        _ => format!("<x-m{number} a=\"'>"),
    }
}

/// Finds markup that was not escaped: its tag, or its quote within somebody else's tag.
pub fn leak(html: &str) -> Option<String> {
    let within_tag = |at: &usize| html[..*at].rfind('<') > html[..*at].rfind('>');
    let quote = html.match_indices("a=\"'").map(|(at, _)| at).find(within_tag);
    let at = html.find("<x-m").or(quote)?;
    let from = html[..at].char_indices().rev().nth(120).map_or(0, |(at, _)| at);
    Some(html[from..].chars().take(300).collect())
}

/// What was filled.
#[derive(Default)]
pub struct Filled {
    /// The fields that took markup, by operation.
    pub taken: BTreeMap<&'static str, BTreeSet<String>>,
    /// Operations with text fields none of which took any, and what they answered.
    pub refused: BTreeMap<&'static str, String>,
    /// The records it is in, by the path they are under and their id: how many fields of each.
    records: BTreeMap<(String, String), usize>,
    count: usize,
}

/// A text field of a body: its place.
type Place = String;

/// Where texts that are no words of a list may stand.
fn places(document: &Value, schema: &Value, at: &str, sample: &Value, out: &mut Vec<Place>) {
    let schema = match schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    };
    for key in ["anyOf", "oneOf", "allOf"] {
        for one in schema[key].as_array().into_iter().flatten() {
            places(document, one, at, sample, out);
        }
    }
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind))
    };
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        // What stands within another field is there only where the sample has it.
        if at.is_empty() || sample.pointer(at).is_some() {
            places(document, field, &format!("{at}/{name}"), sample, out);
        }
    }
    // Texts by names of their own.
    let names = sample.pointer(at).and_then(Value::as_object).filter(|_| schema["additionalProperties"] != json!(null));
    for (name, _) in names.into_iter().flatten().filter(|(_, text)| text.is_string()) {
        out.push(format!("{at}/{name}"));
    }
    if is("array") && sample.pointer(&format!("{at}/0")).is_some() {
        places(document, &schema["items"], &format!("{at}/0"), sample, out);
    }
    let free = schema.get("enum").is_none() && schema.get("const").is_none() && schema.get("format").is_none();
    if is("string") && free && !out.contains(&at.to_owned()) {
        out.push(at.to_owned());
    }
}

fn set(body: &mut Value, place: &str, text: String) {
    let (parent, name) = place.rsplit_once('/').expect("a place");
    match body.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.insert(name.to_owned(), text.into())),
        Some(Value::Array(list)) => list[0] = text.into(),
        _ => {}
    }
}

/// Whether the refusal speaks of the field.
fn speaks_of(field: &str, place: &str) -> bool {
    let plain = field.replace(['[', '.'], "/").replace(']', "");
    place.trim_start_matches('/') == plain || place.trim_start_matches('/').split('/').next() == Some(&plain)
}

impl Filled {
    /// Sends the sample with as much markup in it as is taken.
    async fn fill(&mut self, document: &Value, person: &Person, (id, method, path, sample): &Write) {
        let operation = operations().into_iter().find(|o| o.id == *id).expect("an operation");
        let entry = &document["paths"][operation.path][operation.method.to_lowercase()];
        let schema = entry.pointer("/requestBody/content/application~1json/schema");
        let (Some(schema), Some(sample)) = (schema, sample) else {
            person.send(method.clone(), path, sample.clone()).await;
            return;
        };
        let mut found = Vec::new();
        places(document, schema, "", sample, &mut found);
        // A token that is not the sample's is refused whatever else there is: it goes back first.
        found.sort_by_key(|place| !place.ends_with("/token"));
        let mut kinds: Vec<(Place, usize)> = found.into_iter().map(|place| (place, 0)).collect();
        let mut answer = None;
        for _ in 0..=KINDS * kinds.len().max(1) {
            let mut body = sample.clone();
            for (place, kind) in kinds.iter().filter(|(_, kind)| *kind < KINDS - 1) {
                self.count += 1;
                set(&mut body, place, marked(*kind, self.count));
            }
            let now = person.send(method.clone(), path, Some(body)).await;
            let done = now.status.is_success();
            if !done {
                let errors = now.body["errors"].as_object().cloned().unwrap_or_default();
                let named: Vec<usize> = (0..kinds.len())
                    .filter(|at| kinds[*at].1 < KINDS - 1)
                    .filter(|at| errors.keys().any(|field| speaks_of(field, &kinds[*at].0)))
                    .collect();
                // A refusal that names no field: one after the other goes back to the sample.
                match (named.is_empty(), kinds.iter().position(|(_, kind)| *kind < KINDS - 1)) {
                    (false, _) => named.iter().for_each(|at| kinds[*at].1 += 1),
                    (true, Some(first)) => kinds[first].1 = KINDS - 1,
                    (true, None) => {
                        answer = Some(now);
                        break;
                    }
                }
            }
            answer = Some(now);
            if done {
                break;
            }
        }
        let answer = answer.expect("an answer");
        let taken: BTreeSet<String> = kinds.iter().filter(|(_, kind)| *kind < KINDS - 1).map(|k| k.0.clone()).collect();
        if answer.status.is_success() && !taken.is_empty() {
            self.note(path, &answer.body, taken.len());
            self.taken.entry(id).or_default().extend(taken);
        } else if !kinds.is_empty() {
            self.refused.insert(id, format!("{} {}", answer.status, answer.body));
        }
    }

    /// Operations that no sample speaks of: with the documented example, on the records that are known.
    async fn the_rest(&mut self, document: &Value, admin: &Person, user: &Person) {
        for operation in operations().into_iter().filter(|o| !o.takes_raw_body()) {
            let entry = &document["paths"][operation.path][operation.method.to_lowercase()];
            let Some(body) = entry.pointer("/requestBody/content/application~1json") else { continue };
            let mut found = Vec::new();
            places(document, &body["schema"], "", &body["example"], &mut found);
            let is_known = self.taken.contains_key(operation.id) || self.refused.contains_key(operation.id);
            if found.is_empty() || is_known {
                continue;
            }
            let Some(path) = self.path(operation.path) else {
                self.refused.insert(operation.id, "there is no record for it".to_owned());
                continue;
            };
            let person = if operation.access == [Access::EndUser] { user } else { admin };
            let method = operation.method.parse().expect("a method");
            self.fill(document, person, &(operation.id, method, path, Some(body["example"].clone()))).await;
        }
    }

    /// The path of a known record; nothing where there is none.
    fn path(&self, pattern: &str) -> Option<String> {
        let mut path = String::new();
        for part in pattern.trim_start_matches('/').split('/') {
            let part = if part.starts_with('{') { self.ids(&path).first()?.to_string() } else { part.to_owned() };
            path = format!("{path}/{part}");
        }
        Some(path)
    }

    /// The same for every record, where the path names one.
    pub fn paths(&self, pattern: &str) -> Vec<String> {
        match pattern.split_once("/{id}") {
            Some((under, below)) if !below.contains('{') => {
                self.ids(under).into_iter().map(|id| format!("{under}/{id}{below}")).collect()
            }
            _ => self.path(pattern).into_iter().collect(),
        }
    }

    /// Remembers whatever the path and the answer name.
    fn note(&mut self, path: &str, answer: &Value, fields: usize) {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let is_id = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| is_id(part)) {
            let under = format!("/{}", parts[..at].join("/"));
            *self.records.entry((under, (*part).to_owned())).or_default() += fields;
        }
        let made = answer["id"].as_str().or(answer.pointer("/endpoint/id").and_then(Value::as_str));
        if let (Some(id), false) = (made, parts.last().is_some_and(|last| is_id(last))) {
            *self.records.entry((path.to_owned(), id.to_owned())).or_default() += fields;
        }
    }

    /// The ids of the records under a path that hold the most of it: so many that all of it is in one.
    pub fn ids(&self, under: &str) -> Vec<&str> {
        let mut found: Vec<_> = self.records.iter().filter(|((path, _), _)| path == under).collect();
        found.sort_by_key(|(_, fields)| std::cmp::Reverse(**fields));
        found.into_iter().take(4).map(|((_, id), _)| id.as_str()).collect()
    }
}

/// What end users write, and what staff keep for themselves: the audit does not ask for a sample of these.
async fn others(site: &Site, admin: &Person) -> Vec<(Person, Write)> {
    let people = make_guests(site, 2).await;
    let (host, guest) = (&people[0], &people[1]);
    let me = host.get("/me").await.expect(200);
    let (event, kinds) = open(site, admin, 10, &[("Standard", None, 0)]).await;
    let asked = json!({ "questions": [{ "label": "Anything else?", "kind": "text", "required": false }] });
    let path = format!("/events/{}", text(&event, "id"));
    let questions = admin.put(&format!("{path}/questions"), asked).await.expect(200);
    let answers = json!({ text(&questions["items"][0], "id"): "No" });
    let view = json!({ "list": "events", "name": "Mine", "query": "?q=x" });
    let own = plan(site, 10, 11);
    let day = crate::planning::Day::new(site, admin, "z").await;
    let mut works = crate::planning::works(&day, 0, 1);
    works["status"] = "accepted".into();
    let works = admin.post("/staff/assignments", works).await.expect(201);
    let link = admin.get(&format!("/staff/{}/link", text(&day.member, "id"))).await.expect(200);
    let token = text(&link, "url").rsplit('/').next().expect("a token").to_owned();
    let swap = json!({ "token": token, "asked": true, "note": "An exam" });
    vec![
        (
            host.clone(),
            (
                "my_profile_update",
                Method::PATCH,
                "/me".to_owned(),
                Some(json!({ "name": "Host", "version": me["version"] })),
            ),
        ),
        (host.clone(), ("event_create", Method::POST, "/events".to_owned(), Some(own))),
        (
            guest.clone(),
            (
                "event_request_create",
                Method::POST,
                format!("{path}/requests"),
                Some(json!({ "ticket_type_id": kinds[0]["id"], "message": "Hello", "answers": answers })),
            ),
        ),
        (
            guest.clone(),
            (
                "my_privacy_request_file",
                Method::POST,
                "/me/privacy-requests".to_owned(),
                Some(json!({ "request_type": "export" })),
            ),
        ),
        (
            site.anonymous(),
            ("own_shift_swap", Method::POST, format!("/staff-assignments/{}/swap", text(&works, "id")), Some(swap)),
        ),
        (admin.clone(), ("view_save", Method::POST, "/views".to_owned(), Some(view))),
        (
            admin.clone(),
            (
                "event_update",
                Method::PATCH,
                path.clone(),
                Some(json!({ "title": "Marked", "version": admin.get(&path).await.expect(200)["version"] })),
            ),
        ),
    ]
}

/// Every operation there is a sample of, filled.
pub async fn everything(site: &Site, admin: &Person) -> (Filled, Vec<Person>) {
    let document = openapi::document();
    let mut filled = Filled::default();
    let samples = writes(site, admin, "m").await;
    let others = others(site, admin).await;
    let people = others.iter().map(|(person, _)| person.clone()).collect();
    for (person, write) in &others {
        filled.fill(&document, person, write).await;
    }
    for write in &samples {
        filled.fill(&document, admin, write).await;
    }
    filled.the_rest(&document, admin, &others[0].0).await;
    (filled, people)
}
