//! The fields of a longer form: each with what was typed, what is wrong with it, and what somebody else saved there.

use std::cell::RefCell;

use eventify::kernel::error::Error;
use maud::{Markup, html};

use super::sent::Sent;
use super::view::{Input, described, star_mark, summary, wrong_with};

/// A text as it is told beside another one.
fn said(text: &str) -> String {
    if text.is_empty() { "nothing" } else { text }.to_owned()
}

/// What the fields of one form have in common.
pub struct Fields<'a> {
    pub sent: &'a Sent,
    pub error: Option<&'a Error>,
    /// What stands now, where somebody else has saved meanwhile.
    pub present: Option<&'a Sent>,
    /// Names and labels of those drawn so far.
    labels: RefCell<Vec<(String, String)>>,
}

impl<'a> Fields<'a> {
    pub fn new(sent: &'a Sent, error: Option<&'a Error>) -> Fields<'a> {
        Fields::beside(sent, error, None)
    }

    /// The same beside what somebody else has saved meanwhile.
    pub fn beside(sent: &'a Sent, error: Option<&'a Error>, present: Option<&'a Sent>) -> Fields<'a> {
        Fields { sent, error, present, labels: RefCell::default() }
    }

    /// The form they stand in, with all that is wrong said above it.
    pub fn under_summary(&self, form: &Markup) -> Markup {
        html! { (summary(self.error, &self.labels.borrow())) (form) }
    }

    fn note(&self, name: &str, label: &str) {
        self.labels.borrow_mut().push((name.to_owned(), label.to_owned()));
    }

    /// A field in one line that must be filled.
    pub fn must(&self, name: &str, label: &str, kind: &str, hint: &str) -> Markup {
        self.line(name, label, kind, hint, true)
    }

    /// A field in one line that may stay empty.
    pub fn may(&self, name: &str, label: &str, kind: &str, hint: &str) -> Markup {
        self.line(name, label, kind, hint, false)
    }

    fn line(&self, name: &str, label: &str, kind: &str, hint: &str, required: bool) -> Markup {
        self.note(name, label);
        let input = Input { name, label, kind, value: self.sent.get(name), autocomplete: "off", hint, required };
        self.with_present(name, &input.starred(None, self.error), said)
    }

    /// A field in one line for one of many values, which the browser helps to find.
    pub fn one_of(&self, name: &str, label: &str, values: &[String], hint: &str) -> Markup {
        self.note(name, label);
        let list = format!("list-{name}");
        let value = self.sent.get(name);
        let input = Input { name, label, kind: "text", value, autocomplete: "off", hint, required: true };
        let field = html! {
            (input.starred(Some(&list), self.error))
            datalist id=(list) { @for value in values { option value=(value); } }
        };
        self.with_present(name, &field, said)
    }

    /// A text of several lines.
    pub fn area(&self, name: &str, label: &str, rows: u32, hint: &str, required: bool) -> Markup {
        self.note(name, label);
        let described = described(self.error, name);
        let hinted = (!hint.is_empty()).then(|| format!("hint-{name}"));
        let field = html! {
            div .field {
                label for=(name) { (label) @if required { (star_mark()) } }
                textarea id=(name) name=(name) rows=(rows) dir="auto" required[required]
                    aria-invalid=[described.as_ref().map(|_| "true")] aria-describedby=[described.or(hinted)] {
                    "\n" (self.sent.get(name))
                }
                @if !hint.is_empty() { p .hint id={ "hint-" (name) } { (hint) } }
                (wrong_with(self.error, name, label))
            }
        };
        self.with_present(name, &field, said)
    }

    /// One of several: their values and what people call them.
    pub fn pick(&self, name: &str, label: &str, options: &[(String, String)], hint: &str) -> Markup {
        self.note(name, label);
        let (described, typed) = (described(self.error, name), self.sent.get(name));
        let hinted = (!hint.is_empty()).then(|| format!("hint-{name}"));
        let field = html! {
            div .field {
                label for=(name) { (label) }
                select id=(name) name=(name) aria-describedby=[described.or(hinted)] {
                    @for (value, text) in options { option value=(value) selected[value == typed] { (text) } }
                }
                @if !hint.is_empty() { p .hint id={ "hint-" (name) } { (hint) } }
                (wrong_with(self.error, name, label))
            }
        };
        let called = |value: &str| options.iter().find(|(v, _)| v == value).map_or("", |(_, text)| text).to_owned();
        self.with_present(name, &field, called)
    }

    /// One of a few, all in sight; the first where none was chosen.
    pub fn one(&self, name: &str, legend: &str, options: &[(&str, &str)]) -> Markup {
        self.note(name, legend);
        let chosen = match self.sent.get(name) {
            "" => options.first().map_or("", |(value, _)| *value),
            chosen => chosen,
        };
        html! {
            fieldset .boxes id=(name) aria-describedby=[described(self.error, name)] {
                legend { (legend) }
                @for (value, text) in options {
                    label .tick {
                        input type="radio" name=(name) value=(value) checked[*value == chosen];
                        span { (text) }
                    }
                }
                (wrong_with(self.error, name, legend))
            }
        }
    }

    /// A box to tick.
    pub fn tick(&self, name: &str, label: &str) -> Markup {
        self.note(name, label);
        let field = html! {
            label .tick {
                input type="checkbox" id=(name) name=(name) value="yes" checked[self.sent.ticked(name)];
                span { (label) }
            }
            (wrong_with(self.error, name, label))
        };
        self.with_present(name, &field, |value| if value == "yes" { "ticked" } else { "not ticked" }.to_owned())
    }

    /// Any of several.
    pub fn boxes(&self, name: &str, legend: &str, options: &[(String, String)]) -> Markup {
        self.note(name, legend);
        let chosen = self.sent.all(name);
        html! {
            fieldset .boxes id=(name) aria-describedby=[described(self.error, name)] {
                legend { (legend) }
                @for (value, text) in options {
                    label .tick {
                        input type="checkbox" name=(name) value=(value) checked[chosen.contains(&value.as_str())];
                        span { (text) }
                    }
                }
                (wrong_with(self.error, name, legend))
            }
        }
    }

    /// What was saved meanwhile stands with what was typed, where they are not the same.
    fn with_present(&self, name: &str, field: &Markup, called: impl Fn(&str) -> String) -> Markup {
        let present = self.present.map(|present| present.get(name)).filter(|present| *present != self.sent.get(name));
        html! {
            @if let Some(present) = present {
                div .field {
                    (field)
                    p .meanwhile {
                        "Saved meanwhile: "
                        strong { (called(present)) }
                    }
                }
            } @else { (field) }
        }
    }
}
