//! What the pages are made of.

use axum::response::Html;
use eventify::events::{Event, EventStatus, Question, QuestionKind, Zone};
use eventify::kernel::error::Error;
use eventify::kernel::money::Money;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::STYLE_PATH;
use super::visitor::Visitor;
use crate::web::forms::encode;

/// What stands in a page's head.
pub struct Head {
    pub title: String,
    /// For search engines and previews; empty on pages of one's own, which are for neither.
    pub description: String,
    /// The path under which the page is known.
    pub canonical: Option<String>,
    /// Tags of its own.
    pub tags: Markup,
    /// What it is about, for programs.
    pub data: Option<Value>,
}

impl Head {
    /// A page of somebody's own: not for search engines.
    pub fn own(title: &str) -> Head {
        let (description, canonical, data) = (String::new(), None, None);
        Head { title: title.to_owned(), description, canonical, tags: html! {}, data }
    }
}

/// JSON that can stand inside a script element: nothing in it ends the element.
fn inside_script(value: &Value) -> PreEscaped<String> {
    PreEscaped(value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// A whole page.
pub fn page(visitor: &Visitor, head: &Head, body: &Markup) -> Html<String> {
    let path = visitor.here.split('?').next().unwrap_or_default();
    let current = |href: &str| (path == href).then_some("page");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (head.title) " · Eventify" }
                link rel="stylesheet" href=(*STYLE_PATH);
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                meta name="theme-color" content="#0d3b42";
                @if head.canonical.is_none() { meta name="robots" content="noindex"; }
                @if let Some(path) = &head.canonical { link rel="canonical" href={ (visitor.base()) (path) }; }
                @if !head.description.is_empty() { meta name="description" content=(head.description); }
                (head.tags)
                @if let Some(data) = &head.data { script type="application/ld+json" { (inside_script(data)) } }
            }
            body {
                a .skip href="#main" { "Skip to content" }
                header .top {
                    a .brand href="/e" aria-current=[current("/e")] { "Eventify" }
                    nav aria-label="You" {
                        @if visitor.user.is_some() {
                            a href="/my" aria-current=[current("/my")] { "My tickets" }
                            a href="/host" aria-current=[current("/host")] { "Host" }
                            form method="post" action="/my/sign-out" { button .link { "Sign out" } }
                        } @else if !path.starts_with("/my/") {
                            a href={ "/my/sign-in?next=" (encode(&visitor.here)) } rel="nofollow" { "Sign in" }
                        }
                    }
                }
                main #main tabindex="-1" { (body) }
                footer { p { "Tickets by Eventify" } }
            }
        }
    };
    Html(page.into_string())
}

/// A refusal beside its form, in words, with what is wrong where.
pub fn refusal(error: Option<&Error>) -> Markup {
    html! {
        @if let Some(error) = error {
            div .note data-tone="bad" role="alert" {
                p { strong { (sentence(error.message())) } }
                @if let Some(seconds) = error.retry_after_seconds() { p { "Try again in " (wait(seconds)) "." } }
            }
        }
    }
}

/// The same of an act that has no fields: what is wrong stands with it.
pub fn refused_act(error: Option<&Error>) -> Markup {
    html! {
        (refusal(error))
        @if let Some(error) = error.filter(|error| !error.field_errors().is_empty()) {
            ul .wrong { @for message in error.field_errors().iter().flat_map(|(field, messages)| {
                messages.iter().map(move |message| format!("{} {message}", field.replace('_', " ")))
            }) { li { (message) } } }
        }
    }
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn wait(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// What is wrong with one field; the field names it by `aria-describedby`.
pub fn wrong(error: Option<&Error>, field: &str) -> Markup {
    let messages = error.and_then(|error| error.for_field(field));
    html! {
        @if let Some(messages) = messages { p .wrong id={ "wrong-" (field) } { (messages.join("; ")) } }
    }
}

/// Whether a field is wrong, for `aria-invalid` and `aria-describedby`.
pub fn described(error: Option<&Error>, field: &str) -> Option<String> {
    error.and_then(|error| error.for_field(field)).map(|_| format!("wrong-{field}"))
}

/// One field in a line of its own.
pub struct Input<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    pub autocomplete: &'a str,
    pub hint: &'a str,
    pub required: bool,
}

impl Input<'_> {
    pub fn show(&self, error: Option<&Error>) -> Markup {
        self.line(None, error)
    }

    /// The same, with a list of values to choose from.
    pub fn among(&self, list: &str, error: Option<&Error>) -> Markup {
        self.line(Some(list), error)
    }

    fn line(&self, list: Option<&str>, error: Option<&Error>) -> Markup {
        let described = described(error, self.name);
        let numeric = (self.autocomplete == "one-time-code" || self.kind == "number").then_some("numeric");
        html! {
            div .field {
                label for=(self.name) { (self.label) }
                input id=(self.name) name=(self.name) type=(self.kind) value=(self.value) required[self.required] list=[list]
                    dir=[(self.kind == "text").then_some("auto")]
                    autocomplete=(self.autocomplete) inputmode=[numeric] aria-invalid=[described.as_ref().map(|_| "true")]
                    aria-describedby=[described.or((!self.hint.is_empty()).then(|| format!("hint-{}", self.name)))];
                @if !self.hint.is_empty() { p .hint id={ "hint-" (self.name) } { (self.hint) } }
                (wrong(error, self.name))
            }
        }
    }
}

/// The questions of an event, with what was answered.
pub fn questions(asked: &[Question], given: impl Fn(&str) -> String, error: Option<&Error>) -> Markup {
    html! {
        @for question in asked {
            @let (name, field) = (format!("answer-{}", question.id), format!("answers.{}", question.id));
            @let value = given(&name);
            @let described = described(error, &field);
            @let options: Vec<&str> = match question.kind {
                QuestionKind::YesNo => vec!["yes", "no"],
                _ => question.options.iter().map(String::as_str).collect(),
            };
            div .field {
                label for=(name) { bdi { (question.label) } @if !question.required { span .hint { " (if you like)" } } }
                @if question.kind == QuestionKind::Text {
                    input id=(name) name=(name) value=(value) maxlength="1000" dir="auto" required[question.required]
                        aria-describedby=[described];
                } @else {
                    select id=(name) name=(name) required[question.required] aria-describedby=[described] {
                        option value="" { "Choose" }
                        @for option in options { option value=(option) selected[option == value] { (option) } }
                    }
                }
                (wrong(error, &field))
            }
        }
    }
}

/// What somebody wrote, with its own direction and line breaks.
pub fn words(text: &str) -> Markup {
    html! { p .words dir="auto" { (text) } }
}

/// The same, as somebody's own words.
pub fn quoted(text: &str) -> Markup {
    html! { p .words dir="auto" { "“" (text) "”" } }
}

/// A place in a line: `1st`, `2nd`, `11th`.
pub fn nth(place: i64) -> String {
    let ending = match (place % 10, place % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{place}{ending}")
}

/// What was done, how to tell it from what was there before.
pub fn done(said: &str, further: &[&str]) -> Markup {
    html! {
        div .note data-tone="ok" role="status" {
            p { strong { (said) } }
            @for text in further { p { (text) } }
        }
    }
}

/// From when to when, by the clocks there.
pub fn when(event: &Event, zone: &Zone) -> String {
    zone.display_span(event.start_at, event.end_at)
}

/// Where it is, the most exact first.
pub fn place(event: &Event) -> String {
    let parts = [&event.venue_name, &event.venue_text, &event.venue_address].map(|part| part.as_deref());
    let parts = parts.into_iter().flatten().chain([event.city.as_str()]).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// Who organises it.
pub fn organiser(event: &Event) -> &str {
    event.organizer_name.as_deref().or(event.host_name.as_deref()).unwrap_or_default()
}

/// An amount, or that there is none.
pub fn price(money: &Money) -> String {
    if money.minor == 0 { "Free".to_owned() } else { money.display() }
}

/// What everybody has to know of an event first.
pub fn standing(event: &Event, now: eventify::kernel::timestamp::Timestamp) -> Markup {
    let (tone, text) = match event.status {
        EventStatus::Cancelled => ("bad", "This event was cancelled."),
        EventStatus::Ended => ("plain", "This event is over."),
        _ if event.end_at <= now => ("plain", "This event is over."),
        EventStatus::Live => ("ok", "On now."),
        _ => return html! {},
    };
    html! { p .note data-tone=(tone) { (text) } }
}

/// Number and word: `1 seat`, `3 seats`.
pub fn seats(count: i32) -> String {
    if count == 1 { "1 seat".to_owned() } else { format!("{count} seats") }
}

/// How often: `once`, `3 times`.
pub fn times(count: i64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// A button that posts to `action` and nothing else.
pub fn act(action: &str, label: &str, quiet: bool) -> Markup {
    html! {
        form .act method="post" action=(action) { button .quiet[quiet] { (label) } }
    }
}

/// The same, opened first: what it does cannot be undone.
pub fn act_sure(action: &str, label: &str, warning: &str, sure: &str) -> Markup {
    html! {
        details .sure {
            summary { (label) }
            p { (warning) }
            (act(action, sure, false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_line_are_said_as_people_say_them() {
        let said: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].into_iter().map(nth).collect();
        assert_eq!(said, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]);
    }
}
