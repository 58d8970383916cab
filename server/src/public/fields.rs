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

/// Under which zones stand: what else has a name in two parts is an older name for one of them.
const CONTINENTS: [&str; 10] =
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Older names of places that stand in the list by today's, and halves of countries that have places of their own.
const OLDER: [&str; 40] = [
    "America/Buenos_Aires",
    "America/Catamarca",
    "America/Cordoba",
    "America/Fort_Wayne",
    "America/Godthab",
    "America/Indianapolis",
    "America/Jujuy",
    "America/Knox_IN",
    "America/Louisville",
    "America/Mendoza",
    "Asia/Ashkhabad",
    "Asia/Calcutta",
    "Asia/Chongqing",
    "Asia/Chungking",
    "Asia/Dacca",
    "Asia/Istanbul",
    "Asia/Katmandu",
    "Asia/Macao",
    "Asia/Rangoon",
    "Asia/Saigon",
    "Asia/Tel_Aviv",
    "Asia/Thimbu",
    "Asia/Ujung_Pandang",
    "Asia/Ulan_Bator",
    "Atlantic/Faeroe",
    "Atlantic/Jan_Mayen",
    "Australia/ACT",
    "Australia/Canberra",
    "Australia/LHI",
    "Australia/NSW",
    "Australia/North",
    "Australia/Queensland",
    "Australia/South",
    "Australia/Tasmania",
    "Australia/Victoria",
    "Australia/West",
    "Australia/Yancowinna",
    "Europe/Belfast",
    "Europe/Kiev",
    "Pacific/Enderbury",
];

/// Each continent with its zones: the name, and what people call the place. UTC comes last. Older names are left out,
/// but for the one that is `chosen`.
fn by_continent<'z>(zones: &'z [String], chosen: &str) -> Vec<(&'z str, Vec<(&'z str, String)>)> {
    let mut all: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    let mut others = Vec::new();
    for zone in zones {
        let parts = zone.split_once('/').filter(|(continent, _)| CONTINENTS.contains(continent));
        let today = zone == "UTC" || parts.is_some() && !OLDER.contains(&zone.as_str());
        if !today && zone != chosen {
            continue;
        }
        let Some((continent, place)) = parts else {
            others.push((zone.as_str(), zone.trim_start_matches("Etc/").to_owned()));
            continue;
        };
        let place = (zone.as_str(), place.replace('_', " ").replace('/', ", "));
        match all.iter_mut().find(|(known, _)| *known == continent) {
            Some((_, places)) => places.push(place),
            None => all.push((continent, vec![place])),
        }
    }
    all.extend((!others.is_empty()).then_some(("Other", others)));
    all
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
        self.with_present(name, &input.starred(self.error), said)
    }

    /// A time zone out of all there are, by continent.
    pub fn zone(&self, name: &str, zones: &[String], hint: &str) -> Markup {
        let label = "Time zone";
        self.note(name, label);
        let (described, typed) = (described(self.error, name), self.sent.get(name));
        let hinted = (!hint.is_empty()).then(|| format!("hint-{name}"));
        let field = html! {
            div .field {
                label for=(name) { (label) (star_mark()) }
                select id=(name) name=(name) required aria-invalid=[described.as_ref().map(|_| "true")]
                    aria-describedby=[described.or(hinted)] {
                    // What is none of them is not taken for the first.
                    @if !zones.iter().any(|zone| zone == typed) { option value="" { "Choose" } }
                    @for (continent, zones) in by_continent(zones, typed) {
                        optgroup label=(continent) {
                            @for (zone, city) in zones { option value=(zone) selected[zone == typed] { (city) } }
                        }
                    }
                }
                @if !hint.is_empty() { p .hint id={ "hint-" (name) } { (hint) } }
                (wrong_with(self.error, name, label))
            }
        };
        self.with_present(name, &field, |zone| zone.replace('_', " "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_stand_under_their_continent_by_the_name_of_the_place() {
        let names =
            ["America/Argentina/Buenos_Aires", "Asia/Calcutta", "Asia/Kolkata", "Asia/Tokyo", "Etc/GMT+4", "UTC"];
        let names = names.map(str::to_owned);
        let said = |zone: &str| {
            let sent = Sent(vec![("timezone".to_owned(), zone.to_owned())]);
            Fields::new(&sent, None).zone("timezone", &names, "").into_string()
        };
        let kolkata = said("Asia/Kolkata");
        assert!(
            kolkata.contains(r#"<optgroup label="Asia"><option value="Asia/Kolkata" selected>Kolkata"#),
            "{kolkata}"
        );
        assert!(kolkata.contains(">Argentina, Buenos Aires<") && kolkata.contains(r#"label="Other""#), "{kolkata}");
        assert!(!kolkata.contains("Calcutta") && !kolkata.contains("GMT"), "{kolkata}");
        assert!(said("Asia/Calcutta").contains(r#"<option value="Asia/Calcutta" selected>Calcutta"#));
        assert!(!kolkata.contains("Choose") && said("Asia/Nowhere").contains(r#"<option value="">Choose"#));
    }
}
