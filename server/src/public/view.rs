//! What the pages are made of.

use eventify::events::{Event, EventStatus, Question, QuestionKind};
use eventify::kernel::error::Error;
use eventify::kernel::text::counted;
use eventify::zones::Zone;
use maud::{Markup, html};
use time::macros::format_description;

use super::art;
use super::markdown;
use super::sent::UNREADABLE;
use crate::web::forms::encode;

pub use super::frame::{Ground, Head};

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

/// The same of a form whose fields are all in sight: what is wrong with these is said at them alone.
pub fn refusal_beside(error: Option<&Error>, fields: &[&str]) -> Markup {
    let at_fields = |error: &&Error| {
        let errors = error.field_errors();
        !errors.is_empty() && errors.keys().all(|name| fields.contains(&name.as_str()))
    };
    refusal(error.filter(|error| !at_fields(error)))
}

/// The same of an act that has no fields: what is wrong stands with it.
pub fn refused_act(error: Option<&Error>) -> Markup {
    html! {
        (refusal(error))
        @if let Some(error) = error.filter(|error| !error.field_errors().is_empty()) {
            ul .wrong { @for message in error.field_errors().iter().flat_map(|(field, messages)| {
                let more = messages.iter().filter(|message| *message != error.message());
                more.map(move |message| format!("{} {message}", field.replace('_', " ")))
            }) { li { (message) } } }
        }
    }
}

/// Everything that is wrong with a longer form, each with the way to its field; `labels` are those of its fields, in
/// their order. What is wrong with none of them is said as it is.
pub fn summary(error: Option<&Error>, labels: &[(String, String)]) -> Markup {
    let found = error.map(Error::field_errors).filter(|errors| !errors.is_empty());
    let Some((error, errors)) = error.zip(found) else { return refusal(error) };
    let of_form = labels.iter().filter_map(|(name, label)| Some((name, label, errors.get(name)?.join("; "))));
    let others = errors.iter().filter(|(name, _)| labels.iter().all(|(known, _)| known != *name));
    let count = errors.len();
    // What a field says is said with it alone.
    let at_field = errors.values().flatten().any(|said| said == error.message());
    let own = error.message() != error.title() && error.message() != UNREADABLE && !at_field;
    html! {
        div .note data-tone="bad" role="alert" {
            p { strong {
                @if own { (sentence(error.message())) }
                @else if count == 1 { "1 field needs attention:" }
                @else { (count) " fields need attention:" }
            } }
            ul .list {
                @for (name, label, text) in of_form { li { a href={ "#" (name) } { (named(label, &text)) } } }
                @for (name, messages) in others { li { (named(&name.replace('_', " "), &messages.join("; "))) } }
            }
        }
    }
}

/// A field's label and what is wrong with it: `Title is required`, `Ends: must be after the start`.
fn named(label: &str, text: &str) -> String {
    if goes_on(text) { format!("{label} {text}") } else { format!("{label}: {text}") }
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
    wrong_with(error, field, "This")
}

/// The same, said of the field by its name.
pub fn wrong_with(error: Option<&Error>, field: &str, called: &str) -> Markup {
    let messages = error.and_then(|error| error.for_field(field));
    html! {
        @if let Some(messages) = messages {
            p .wrong id={ "wrong-" (field) } { (said_of(called, &messages.join("; "))) }
        }
    }
}

/// Whether a message goes on from the name of its field.
fn goes_on(message: &str) -> bool {
    ["is ", "or ", "has ", "wants "].iter().any(|begins| message.starts_with(begins))
}

/// What is wrong, as a sentence: messages go on from a name, `is required`, or say by themselves what would be right.
fn said_of(called: &str, message: &str) -> String {
    if goes_on(message) {
        // `Ends, IST (GMT+5:30)` is `Ends`.
        let name = called.split([',', '(']).next().unwrap_or(called).trim();
        return sentence(&format!("{name} {message}"));
    }
    let mut letters = message.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    sentence(&(first + letters.as_str()))
}

/// Whether a field is wrong, for `aria-invalid` and `aria-describedby`.
pub fn described(error: Option<&Error>, field: &str) -> Option<String> {
    error.and_then(|error| error.for_field(field)).map(|_| format!("wrong-{field}"))
}

/// Says that a field must be filled; readers are told so by the field itself.
pub fn star_mark() -> Markup {
    html! { " " span .req aria-hidden="true" { "*" } }
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
        self.line(false, error)
    }

    /// The same in a longer form, where those that must be filled have a star.
    pub fn starred(&self, error: Option<&Error>) -> Markup {
        self.line(self.required, error)
    }

    fn line(&self, star: bool, error: Option<&Error>) -> Markup {
        let described = described(error, self.name);
        let numeric = (self.autocomplete == "one-time-code" || self.kind == "number").then_some("numeric");
        // What is wrong says what would be right, in the hint's place. By whose clock it goes is said all the same.
        let hinted = !self.hint.is_empty() && (described.is_none() || self.kind == "datetime-local");
        let hint = hinted.then(|| format!("hint-{}", self.name));
        let about = [described.clone(), hint.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        html! {
            div .field {
                label for=(self.name) { (self.label) @if star { (star_mark()) } }
                input id=(self.name) name=(self.name) type=(self.kind) value=(self.value) required[self.required]
                    dir=[(self.kind == "text").then_some("auto")]
                    autofocus[self.autocomplete == "one-time-code"] autocomplete=(self.autocomplete) inputmode=[numeric] aria-invalid=[described.as_ref().map(|_| "true")]
                    aria-describedby=[(!about.is_empty()).then_some(about)];
                @if let Some(hint) = hint { p .hint id=(hint) { (self.hint) } }
                (wrong_with(error, self.name, self.label))
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
                label for=(name) { bdi { (question.label) } @if !question.required { span .hint { " (optional)" } } }
                @if question.kind == QuestionKind::Text {
                    input id=(name) name=(name) value=(value) maxlength="1000" dir="auto" required[question.required]
                        aria-describedby=[described];
                } @else {
                    select id=(name) name=(name) required[question.required] aria-describedby=[described] {
                        option value="" { "Choose" }
                        @for option in options { option value=(option) selected[option == value] { (option) } }
                    }
                }
                (wrong_with(error, &field, "This question"))
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

/// What everybody has to know of an event first.
pub fn standing(event: &Event, now: eventify::kernel::timestamp::Timestamp) -> Markup {
    let (tone, text) = match event.status {
        EventStatus::Cancelled => ("bad", "This event was cancelled."),
        EventStatus::Ended => ("plain", "This event has ended."),
        _ if event.end_at <= now => ("plain", "This event has ended."),
        EventStatus::Live => return html! { p .tags { span .tag data-tone="live" { "Live now" } } },
        _ => return html! {},
    };
    html! { p .note data-tone=(tone) { (text) } }
}

/// The day as a small leaf of a calendar; the sentence beside it says the same.
pub fn tile(event: &Event, zone: &Zone) -> Markup {
    let there = zone.local(event.start_at);
    let month = there.format(format_description!("[month repr:short]")).unwrap_or_default();
    let last = zone.last_day(event.start_at, event.end_at);
    html! {
        span .tile data-hue=(art::hue(&event.title)) aria-hidden="true" {
            b { (month) }
            @match last {
                Some(last) => em .days { (there.day()) "–" (last.day()) },
                None => em { (there.day()) },
            }
        }
    }
}

/// An icon where a date would be.
pub fn icon_tile(icon: &str) -> Markup {
    html! { span .tile aria-hidden="true" { (art::icon(icon)) } }
}

/// The day in full: `Saturday 5 December 2026`; of several the first and the last.
pub fn day(event: &Event, zone: &Zone) -> String {
    if let Some(days) = zone.days(event.start_at, event.end_at) {
        return days;
    }
    let form = format_description!("[weekday] [day padding:none] [month repr:long] [year]");
    zone.local(event.start_at).format(form).unwrap_or_default()
}

/// The hours by the clocks there: `19:30 – 23:00 IST (GMT+5:30)`; over several days `Fri 12:00 – Sun 22:00 IST (GMT+5:30)`.
pub fn hours(event: &Event, zone: &Zone) -> String {
    let label = zone.label(event.end_at);
    if zone.days(event.start_at, event.end_at).is_some() && zone.label(event.start_at) == label {
        let of_day = |moment| {
            let form = format_description!("[weekday repr:short] [hour]:[minute]");
            zone.local(moment).format(form).unwrap_or_default()
        };
        return format!("{} – {} {label}", of_day(event.start_at), of_day(event.end_at));
    }
    zone.display_hours(event.start_at, event.end_at)
}

/// When and where, each with its sign.
pub fn facts(event: &Event, zone: &Zone) -> Markup {
    let name = event.venue_name.as_deref().or(event.venue_text.as_deref()).unwrap_or(&event.city);
    let rest = place(event);
    let rest = rest.strip_prefix(name).unwrap_or(&rest).trim_start_matches(", ");
    html! {
        div .line .mid {
            (tile(event, zone))
            div .flow {
                strong { (day(event, zone)) }
                time datetime=(event.start_at.rfc3339()) { (hours(event, zone)) }
            }
        }
        div .line .mid {
            (icon_tile(art::PIN))
            div .flow {
                strong { bdi { (name) } }
                span .hint {
                    @if !rest.is_empty() { bdi { (rest) } " · " }
                    a href=(map(event)) rel="noopener noreferrer" { "Map" }
                }
            }
        }
    }
}

/// Where a map shows the place. Nothing of it is loaded before somebody goes there.
pub fn map(event: &Event) -> String {
    match (event.latitude, event.longitude) {
        (Some(north), Some(east)) => {
            format!("https://www.openstreetmap.org/?mlat={north}&mlon={east}#map=17/{north}/{east}")
        }
        _ => format!("https://www.openstreetmap.org/search?query={}", encode(&place(event))),
    }
}

/// What is written about an event.
pub fn about(event: &Event) -> Markup {
    html! {
        @if !event.description.trim().is_empty() {
            section .flow aria-labelledby="about" { h2 #about { "About" } (markdown::shown(&event.description)) }
        }
    }
}

/// Showing a link to others: to copy, and by the ways every phone has.
pub fn share(link: &str, label: &str, text: &str, id: &str) -> Markup {
    // A blank is no plus in these.
    let encode = |text: &str| encode(text).replace('+', "%20");
    let said = encode(&format!("{text} {link}"));
    html! {
        div .share .flow {
            div .field {
                label for=(id) { (label) }
                input id=(id) type="url" value=(link) readonly;
            }
            p .acts {
                a .button .quiet href={ "https://wa.me/?text=" (said) } rel="noopener noreferrer" { "WhatsApp" }
                a .button .quiet href={ "sms:?&body=" (said) } { "Message" }
                a .button .quiet href={ "mailto:?subject=" (encode(text)) "&body=" (encode(link)) } { "Email" }
            }
        }
    }
}

/// The same behind a button.
pub fn sharing(link: &str, text: &str) -> Markup {
    html! {
        details .sharing #share {
            summary .button .quiet { (art::icon(art::SHARE)) "Share" }
            (share(link, "Link to this event", text, "link"))
        }
    }
}

/// How many, out of so many as there can be: no thumb misses a list, and none of its numbers is wrong. `beside` stands
/// next to it.
pub fn how_many(most: i32, typed: &str, error: Option<&Error>, beside: &Markup) -> Markup {
    let chosen = typed.parse::<i32>().map_or(1, |many| many.clamp(1, most.max(1)));
    html! {
        div .field .few {
            label for="seats" { "How many" }
            div .row {
                select id="seats" name="seats" aria-describedby=[described(error, "seats")] {
                    @for many in 1..=most { option value=(many) selected[many == chosen] { (many) } }
                }
                (beside)
            }
            (wrong(error, "seats"))
        }
    }
}

/// Several of them in words: `2 tickets`.
pub fn tickets(count: i32) -> String {
    counted(count, "ticket")
}

/// Number and word: `1 seat`, `3 seats`.
pub fn seats(count: i32) -> String {
    counted(count, "seat")
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
    fn what_a_field_says_is_said_once() {
        let taken = "More seats are taken than that.";
        let error = Error::new("capacity_below_taken", 409, "Too few seats").detail(taken).field("capacity", taken);
        let labels = [("capacity".to_owned(), "Seats".to_owned())];
        for shown in [summary(Some(&error), &labels), refused_act(Some(&error))] {
            assert_eq!(shown.0.matches(taken).count(), 1, "{}", shown.0);
        }
        assert!(summary(Some(&error), &labels).0.contains("1 field needs attention:"));
        let more = Error::new("forbidden", 403, "Forbidden").detail("Ask the host.").field("capacity", taken);
        let shown = summary(Some(&more), &labels).0;
        assert!(shown.contains("Ask the host.") && shown.contains(taken), "{shown}");
    }

    #[test]
    fn places_in_a_line_are_said_as_people_say_them() {
        let said: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 112].into_iter().map(nth).collect();
        assert_eq!(said, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]);
    }

    #[test]
    fn what_is_wrong_with_a_field_is_a_sentence() {
        assert_eq!(said_of("City", "is required"), "City is required.");
        assert_eq!(said_of("Ends, IST (GMT+5:30)", "must be after the start"), "Must be after the start.");
        assert_eq!(said_of("This question", "wants an answer"), "This question wants an answer.");
        assert_eq!(said_of("This", "Taken!"), "Taken!");
    }
}
