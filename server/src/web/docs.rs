//! The API's documentation and the catalogue of errors: plain HTML made from the registry.

use app::Files;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use eventify::kernel::error::catalogue;
use eventify::kernel::openapi;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::Web;

pub fn routes() -> Router<Web> {
    Router::new().route("/api/docs", get(docs)).route("/api/errors", get(errors)).route("/favicon.ico", get(no_icon))
}

async fn no_icon() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// A plain page in the house's style, without scripts.
pub fn page(files: &Files, title: &str, current: &str, body: &Markup) -> Html<String> {
    let link = |href: &str, name: &str| {
        html! { a .btn .quiet href=(href) aria-current=[(href == current).then_some("page")] { (name) } }
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Eventify" }
                link rel="stylesheet" href=(files.address("/pkg/eventify.css"));
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
            }
            body {
                a .skip href="#main" { "Skip to content" }
                header .bar {
                    a .brand href="/" { "Eventify" }
                    span .push {}
                    (link("/api/docs", "API"))
                    (link("/api/errors", "Errors"))
                }
                main #main tabindex="-1" {
                    div .page { header .page-head { h1 { (title) } } (body) }
                }
            }
        }
    };
    Html(page.into_string())
}

async fn docs(State(web): State<Web>) -> Html<String> {
    static API: std::sync::LazyLock<Markup> = std::sync::LazyLock::new(|| api(&openapi::document()));
    page(&web.site.files(), "The API", "/api/docs", &API)
}

/// Operations of the document: path, method, description.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, op)| (path.as_str(), method.as_str(), op))
    });
    all.collect()
}

fn api(document: &Value) -> Markup {
    let all = operations(document);
    let tags: Vec<&str> =
        document["tags"].as_array().into_iter().flatten().filter_map(|t| t["name"].as_str()).collect();
    html! {
        p .subtitle {
            (document["info"]["description"].as_str().unwrap_or_default().replace('`', ""))
            " Machine-readable: " a href="/api/v1/openapi.json" { "OpenAPI 3.1" } ", and the events as "
            a href="/api/v1/asyncapi.json" { "AsyncAPI 3" } "."
        }
        div .docs {
            nav .docs-index aria-label="Operations" tabindex="0" {
                @for tag in &tags {
                    details open {
                        summary { (tag) }
                        ul {
                            @for (_, method, op) in all.iter().filter(|(_, _, op)| op["tags"][0] == *tag) {
                                li { a href={ "#" (id(op)) } {
                                    (method_badge(method)) span { (op["summary"].as_str().unwrap_or_default()) }
                                } }
                            }
                        }
                    }
                }
            }
            div {
                @for tag in &tags {
                    @for (path, method, op) in all.iter().filter(|(_, _, op)| op["tags"][0] == *tag) {
                        (operation(document, path, method, op))
                    }
                }
            }
        }
    }
}

fn id(op: &Value) -> &str {
    op["operationId"].as_str().unwrap_or_default()
}

fn method_badge(method: &str) -> Markup {
    let method = method.to_uppercase();
    html! { span .method data-method=(method) { (method) } }
}

fn operation(document: &Value, path: &str, method: &str, op: &Value) -> Markup {
    let id = id(op);
    let body = &op["requestBody"]["content"]["application/json"];
    let parameters = op["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let answers = op["responses"].as_object().into_iter().flatten();
    html! {
        section .op id=(id) aria-labelledby={ (id) "-h" } {
            header {
                h2 id={ (id) "-h" } { (op["summary"].as_str().unwrap_or_default()) }
                p .op-path { (method_badge(method)) code { "/api/v1" (path) } }
                @for paragraph in op["description"].as_str().unwrap_or_default().split("\n\n") {
                    p .muted { (paragraph.replace('`', "")) }
                }
            }
            @if !parameters.is_empty() {
                div .stack {
                    h3 { "Parameters" }
                    (table(parameters.iter().map(|p| Row {
                        name: p["name"].as_str().unwrap_or_default(),
                        required: p["required"] == true,
                        kind: format!("{}, in {}", kind(document, &p["schema"]), p["in"].as_str().unwrap_or_default()),
                        meaning: p["description"].as_str().unwrap_or_default(),
                    })))
                }
            }
            @if !body.is_null() {
                div .stack { h3 { "Body" } (fields(document, &body["schema"])) }
            }
            div .stack {
                (code("curl", &curl(path, method, op)))
                @for (status, answer) in answers.filter(|(status, _)| *status != "default") {
                    @let example = &answer["content"]["application/json"]["example"];
                    @if !example.is_null() {
                        (code(&format!("{status} application/json"), &pretty(example)))
                    }
                }
            }
        }
    }
}

struct Row<'a> {
    name: &'a str,
    required: bool,
    kind: String,
    meaning: &'a str,
}

fn table<'a>(rows: impl Iterator<Item = Row<'a>>) -> Markup {
    html! {
        table .schema {
            thead { tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "What it means" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { code { (row.name) } @if row.required { " " span .req { "required" } } }
                        td { (row.kind) }
                        td { (row.meaning) }
                    }
                }
            }
        }
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|r| r.strip_prefix('#')).and_then(|r| document.pointer(r)) {
        Some(target) => resolve(document, target),
        None => schema,
    }
}

fn fields(document: &Value, schema: &Value) -> Markup {
    let schema = resolve(document, schema);
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    table(properties.map(|(name, field)| Row {
        name,
        required: required.contains(&name.as_str()),
        kind: kind(document, field),
        meaning: field["description"].as_str().unwrap_or_default(),
    }))
}

/// The type in a few words.
fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolve(document, schema);
    for key in ["anyOf", "oneOf"] {
        if let Some(options) = schema[key].as_array() {
            let given = options.iter().filter(|s| s["type"] != "null");
            let words: Vec<String> = given.map(|s| kind(document, s)).collect();
            return words.join(" | ");
        }
    }
    if let Some(word) = schema["const"].as_str() {
        return word.to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        let shown: Vec<&str> = words.iter().take(6).filter_map(Value::as_str).collect();
        let more = if words.len() > 6 { " | …" } else { "" };
        return shown.join(" | ") + more;
    }
    let word = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect::<Vec<_>>().join(" | ")
        }
        kind => kind.as_str().unwrap_or("any").to_owned(),
    };
    let format = schema["format"].as_str().filter(|f| !f.starts_with("int")).map(|f| format!(" ({f})"));
    match (word.as_str(), schema["maxLength"].as_u64()) {
        ("array", _) => format!("list of {}", kind(document, &schema["items"])),
        (word, Some(most)) => format!("{word} ≤ {most}"),
        (word, None) => format!("{word}{}", format.unwrap_or_default()),
    }
}

fn curl(path: &str, method: &str, op: &Value) -> String {
    let mut path = path.to_owned();
    for parameter in op["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path") {
        let name = parameter["name"].as_str().unwrap_or_default();
        path = path.replace(&format!("{{{name}}}"), parameter["example"].as_str().unwrap_or("…"));
    }
    let mut lines = vec![format!("curl -X {} \"$EVENTIFY/api/v1{path}\"", method.to_uppercase())];
    if op["security"].as_array().is_some_and(|s| !s.is_empty()) {
        lines.push("  -H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    let example = &op["requestBody"]["content"]["application/json"]["example"];
    if !example.is_null() {
        lines.push("  -H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("  -d '{example}'"));
    }
    lines.join(" \\\n")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn code(head: &str, text: &str) -> Markup {
    html! {
        div .code {
            div .code-head { (head) }
            pre tabindex="0" { code { (text) } }
        }
    }
}

async fn errors(State(web): State<Web>) -> Html<String> {
    let body = html! {
        p .subtitle {
            "Every error is problem JSON (RFC 9457). " code { "code" }
            " is stable: programs may match on it. " code { "request_id" } " names the request in our logs."
        }
        table .schema {
            thead { tr { th scope="col" { "Code" } th scope="col" { "Status" } th scope="col" { "What to do" } } }
            tbody {
                @for error in catalogue() {
                    tr id=(error.code) {
                        th scope="row" { code { (error.code) } }
                        td { (error.status) }
                        td { strong { (error.title) "." } " " (error.help.replace('`', "")) }
                    }
                }
            }
        }
    };
    page(&web.site.files(), "Errors", "/api/errors", &body)
}
