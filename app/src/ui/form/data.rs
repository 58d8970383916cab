//! From the browser's form data to the JSON an operation takes.

use eventify_core::kernel::error::FieldErrors;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use super::words::{self, Ask};
use crate::ui::dom;

/// Says what is wrong with a text, or nothing.
pub type Check = fn(&str) -> Result<(), String>;

/// The check that a type makes of its text: `rule::<Email>`.
pub fn rule<T: TryFrom<String, Error = String>>(text: &str) -> Result<(), String> {
    T::try_from(text.to_owned()).map(|_| ())
}

/// The check that a type makes of a whole number: `integer::<Seats>`.
pub fn integer<T: TryFrom<i32, Error = String>>(text: &str) -> Result<(), String> {
    let number = text.trim().parse::<i32>().map_err(|_| "must be a whole number".to_owned())?;
    T::try_from(number).map(|_| ())
}

/// How a field becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; left out when empty.
    Text,
    /// Text; sent even when empty, because emptying it means something: as nothing where its type refuses an empty text.
    Emptyable,
    /// A choice; sent as nothing when there is none, because that takes the value away.
    Clearable,
    /// A whole number; left out when empty.
    Number,
    /// A checkbox: true or false.
    Flag,
    /// Several checkboxes of one name: the values of those ticked.
    List,
    /// A day and time, in UTC.
    Time,
}

/// What a form knows of a field.
pub(super) struct FieldSpec {
    pub name: &'static str,
    pub label: String,
    pub kind: Kind,
    pub required: bool,
    pub check: Option<Check>,
    /// Filling this other field does as well.
    pub unless: Option<&'static str>,
    /// A time that must be later than that of this other field, and what the other one is called.
    pub after: Option<(&'static str, &'static str)>,
    /// It only serves to think twice: must be exactly this, and is not sent.
    pub exactly: Option<String>,
    /// Chosen from what there is, where others are typed.
    pub chosen: bool,
}

impl FieldSpec {
    pub fn new(name: &'static str, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name,
            label: label.into(),
            kind,
            required: false,
            check: None,
            unless: None,
            after: None,
            exactly: None,
            chosen: false,
        }
    }
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }
    pub fn check(mut self, check: Option<Check>) -> Self {
        self.check = check;
        self
    }
    pub fn unless(mut self, other: Option<&'static str>) -> Self {
        self.unless = other;
        self
    }
    /// Chosen from what there is.
    pub fn chosen(mut self) -> Self {
        self.chosen = true;
        self
    }
    /// What is wrong with it, as people are told.
    pub fn fault(&self, text: &str) -> String {
        let ask = match (self.chosen, self.kind) {
            (true, _) | (_, Kind::List) => Ask::Choose,
            (_, Kind::Number) => Ask::Count,
            _ => Ask::Enter,
        };
        words::fault(&self.label, ask, text)
    }
    pub fn after(mut self, other: Option<(&'static str, &'static str)>) -> Self {
        self.after = other;
        self
    }
    /// Whether what is right here depends on this other field.
    pub fn is_judged_by(&self, other: &str) -> bool {
        self.unless == Some(other) || self.after.is_some_and(|(name, _)| name == other)
    }
    pub fn exactly(mut self, text: String) -> Self {
        self.exactly = Some(text);
        self
    }
}

/// The form's element.
pub(super) fn element(id: &str) -> Option<HtmlFormElement> {
    dom::by_id(id)?.dyn_into().ok()
}

/// The fields as a JSON object, or everything that is wrong with them: each alone, and beside the others.
pub(super) fn collect(id: &str, fields: &[FieldSpec]) -> Result<Map<String, Value>, FieldErrors> {
    let (mut map, mut errors) = (Map::new(), FieldErrors::new());
    let Some(data) = element(id).and_then(|form| FormData::new_with_form(&form).ok()) else { return Ok(map) };
    for field in fields {
        let (text, value) = read(&data, field);
        let other = |name: &str| data.get(name).as_string().unwrap_or_default();
        match fault(field, &text, &value, &other) {
            Some(message) => {
                errors.insert(field.name.to_owned(), vec![message]);
            }
            None if field.exactly.is_some() => {}
            None if text.is_empty() && matches!(field.kind, Kind::Text | Kind::Time | Kind::Number) => {}
            None => {
                map.insert(field.name.to_owned(), value);
            }
        }
    }
    if errors.is_empty() { Ok(map) } else { Err(errors) }
}

/// A field's text, and its value as JSON.
fn read(data: &FormData, field: &FieldSpec) -> (String, Value) {
    let text = data.get(field.name).as_string().unwrap_or_default();
    let values = || data.get_all(field.name).iter().filter_map(|v| v.as_string()).map(Value::String).collect();
    let value = match field.kind {
        Kind::Flag => Value::Bool(data.has(field.name)),
        Kind::List => Value::Array(values()),
        _ => typed(field, &text),
    };
    (text, value)
}

/// What was typed or chosen, as JSON.
fn typed(field: &FieldSpec, text: &str) -> Value {
    let refused_empty = || field.check.is_some_and(|check| check("").is_err());
    match field.kind {
        Kind::Time => Value::String(utc(text)),
        Kind::Clearable if text.is_empty() => Value::Null,
        Kind::Emptyable if text.trim().is_empty() && refused_empty() => Value::Null,
        // What is no number is left to the operation's own types to refuse.
        Kind::Number => text.trim().parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
        _ => Value::String(text.to_owned()),
    }
}

/// The fields as they stand, right or wrong.
pub(super) fn values(id: &str, fields: &[FieldSpec]) -> Map<String, Value> {
    let Some(data) = element(id).and_then(|form| FormData::new_with_form(&form).ok()) else { return Map::new() };
    fields.iter().map(|field| (field.name.to_owned(), read(&data, field).1)).collect()
}

/// The values ticked under a name.
pub(super) fn chosen(id: &str, name: &str) -> Vec<String> {
    let data = element(id).and_then(|form| FormData::new_with_form(&form).ok());
    data.map(|data| data.get_all(name).iter().filter_map(|v| v.as_string()).collect()).unwrap_or_default()
}

fn fault(field: &FieldSpec, text: &str, value: &Value, other: &impl Fn(&str) -> String) -> Option<String> {
    if let Some(wanted) = &field.exactly {
        return (text.trim() != wanted).then(|| format!("must be exactly “{wanted}”"));
    }
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    if empty {
        let missing = field.required && field.unless.is_none_or(|name| other(name).is_empty());
        return missing.then(|| "is required".to_owned());
    }
    // Both are as the browser writes them: day before hour, the longer time first.
    if let Some((name, called)) = field.after
        && text <= other(name).as_str()
    {
        return Some(format!("must be after {called}"));
    }
    field.check.and_then(|check| check(text).err())
}

/// What `<input type="datetime-local">` says, as RFC 3339.
fn utc(text: &str) -> String {
    match text.len() {
        0 => String::new(),
        16 => format!("{text}:00Z"),
        _ => format!("{text}Z"),
    }
}

/// Puts a value into a field's controls.
pub(super) fn fill(id: &str, field: &FieldSpec, value: &Value) {
    let Some(form) = element(id) else { return };
    let text = match (field.kind, value) {
        (Kind::Time, Value::String(text)) => text.chars().take(16).collect(),
        (_, Value::Number(number)) => number.to_string(),
        _ => value.as_str().unwrap_or_default().to_owned(),
    };
    let selector = format!("[name='{}']", field.name);
    let Ok(controls) = form.query_selector_all(&selector) else { return };
    for at in 0..controls.length() {
        let Some(control) = controls.get(at) else { continue };
        if let Some(input) = control.dyn_ref::<web_sys::HtmlInputElement>() {
            match (field.kind, value) {
                (Kind::Flag, _) => input.set_checked(value == &Value::Bool(true)),
                (Kind::List, Value::Array(list)) => {
                    let own = input.value();
                    input.set_checked(list.iter().any(|v| v.as_str() == Some(&own)));
                }
                _ if input.type_() == "radio" => input.set_checked(text == input.value()),
                _ => input.set_value(&text),
            }
        } else if let Some(select) = control.dyn_ref::<web_sys::HtmlSelectElement>() {
            select.set_value(&text);
        } else if let Some(area) = control.dyn_ref::<web_sys::HtmlTextAreaElement>() {
            area.set_value(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventify_core::kernel::text::{Email, NewPassword};

    #[test]
    fn types_check_their_fields() {
        assert!(rule::<Email>("asha@example.com").is_ok());
        assert_eq!(rule::<Email>("").unwrap_err(), "is required");
        assert!(rule::<NewPassword>("short").is_err());
    }

    #[test]
    fn numbers_are_whole_and_within_their_type() {
        struct Seats;
        impl TryFrom<i32> for Seats {
            type Error = String;
            fn try_from(seats: i32) -> Result<Self, String> {
                if (1..=1_000_000).contains(&seats) {
                    Ok(Seats)
                } else {
                    Err("must be between 1 and 1,000,000".to_owned())
                }
            }
        }
        assert!(integer::<Seats>(" 120 ").is_ok());
        assert_eq!(integer::<Seats>("12.5").unwrap_err(), "must be a whole number");
        assert_eq!(integer::<Seats>("0").unwrap_err(), "must be between 1 and 1,000,000");
    }

    #[test]
    fn a_field_is_checked_beside_the_others() {
        let said = |spec: &FieldSpec, text: &str, other: &str| {
            fault(spec, text, &Value::String(text.to_owned()), &|_: &str| other.to_owned())
        };
        let host = FieldSpec::new("host", "Host", Kind::Text).required(true).unless(Some("partner"));
        assert_eq!(said(&host, "", "").as_deref(), Some("is required"));
        assert_eq!(said(&host, "", "an id"), None);
        let end = FieldSpec::new("end_at", "Ends", Kind::Time).required(true).after(Some(("start_at", "the start")));
        assert_eq!(said(&end, "2026-12-05T19:00", "2026-12-05T19:00").as_deref(), Some("must be after the start"));
        assert_eq!(said(&end, "2026-12-05T19:00", "2026-12-05T09:30"), None);
        assert_eq!(said(&end, "2026-12-05T19:00", ""), None, "the start is asked for at its own field");
        assert!(host.is_judged_by("partner") && end.is_judged_by("start_at"));
        assert!(!host.is_judged_by("host") && !end.is_judged_by("end_at"));
    }

    #[test]
    fn what_its_type_refuses_empty_is_emptied_by_nothing() {
        use eventify_core::kernel::text::{Note, WebUrl};
        let of = |kind, check: Check| FieldSpec::new("logo_url", "Logo URL", kind).check(Some(check));
        let url = of(Kind::Emptyable, rule::<WebUrl>);
        assert_eq!((typed(&url, ""), typed(&url, " ")), (Value::Null, Value::Null));
        assert_eq!(typed(&url, "https://example.com/l.png"), "https://example.com/l.png");
        assert_eq!(typed(&of(Kind::Emptyable, rule::<Note>), ""), "");
        assert_eq!(typed(&FieldSpec::new("zone", "Time zone", Kind::Clearable), ""), Value::Null);
    }

    #[test]
    fn browser_times_are_utc() {
        assert_eq!(utc("2026-11-21T20:14"), "2026-11-21T20:14:00Z");
        assert_eq!(utc(""), "");
    }
}
