//! A template becomes a subject, a plain text and simple HTML. There is one source for both bodies,
//! so that they never say different things: paragraphs, and `[label](link)` alone in one is a button.

use super::template::{Template, Values};
use crate::kernel::app::App;

const LAYOUT: &str = include_str!("templates/layout.html");

/// A mail's three parts.
#[derive(Debug, PartialEq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A text message: one line, whatever line breaks people typed.
pub(super) fn text_of(source: &str, values: &Values) -> String {
    substitute(source, values, str::to_owned).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Renders a mail for sending.
pub fn render(app: &App, template: &Template) -> Rendered {
    fill_in(template.source(), &template.values(app))
}

pub(super) fn fill_in(source: &str, values: &Values) -> Rendered {
    let (subject, body) = source.split_once("\n\n").unwrap_or((source, ""));
    // What people typed ends up in a header: one line of it.
    let subject: String = substitute(subject, values, str::to_owned).split_whitespace().collect::<Vec<_>>().join(" ");
    // What has nothing to say, such as a reason that was not given, leaves no gap.
    let empty = |p: &&str| substitute(p, values, str::to_owned).trim().is_empty();
    let paragraphs: Vec<&str> = body.trim().split("\n\n").filter(|p| !empty(p)).collect();
    let text: Vec<String> = paragraphs.iter().map(|p| text_paragraph(p, values)).collect();
    let html: String = paragraphs.iter().map(|p| html_paragraph(p, values)).collect();
    let html = LAYOUT.replace("{{subject}}", &escape(&subject)).replace("{{body}}", &html);
    Rendered { subject, text: text.join("\n\n") + "\n", html }
}

fn text_paragraph(paragraph: &str, values: &Values) -> String {
    match button(paragraph) {
        Some((label, link)) => format!("{label}:\n{}", substitute(link, values, str::to_owned)),
        None => substitute(paragraph, values, str::to_owned),
    }
}

fn html_paragraph(paragraph: &str, values: &Values) -> String {
    match button(paragraph) {
        Some((label, link)) => {
            let link = substitute(link, values, escape);
            format!("<p><a class=\"button\" href=\"{link}\">{}</a></p>\n<p class=\"small\">{link}</p>\n", escape(label))
        }
        // People's words have a direction of their own: alone in a paragraph, or within a sentence of ours.
        None if alone(paragraph) => format!("<p dir=\"auto\">{}</p>\n", substitute(paragraph, values, escape)),
        None => format!("<p>{}</p>\n", substitute(&escape(paragraph), values, apart)),
    }
}

/// Whether a paragraph is one placeholder and nothing else.
fn alone(paragraph: &str) -> bool {
    let name = paragraph.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    name.is_some_and(|name| !name.contains("{{"))
}

fn apart(value: &str) -> String {
    format!("<bdi>{}</bdi>", escape(value))
}

fn button(paragraph: &str) -> Option<(&str, &str)> {
    paragraph.strip_prefix('[')?.strip_suffix(')')?.split_once("](")
}

/// One pass over the source: what stands in a value is never taken for a placeholder.
fn substitute(source: &str, values: &Values, escape: fn(&str) -> String) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(&escape(value));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text as it may stand in HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
