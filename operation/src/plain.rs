//! What is wrong with a value, as a person would say it: serde says it in the words of Rust.

use serde_json::Value;

/// A message of serde's in plain words; one of our own stays as it is.
pub fn in_plain_words(message: String) -> String {
    if message.starts_with("missing field") {
        "is required".to_owned()
    } else if message.starts_with("unknown field") {
        unknown_field(&message)
    } else {
        known_words(&message).or_else(|| plain_words(&message)).unwrap_or(message)
    }
}

/// That there is no such field, and which there are.
fn unknown_field(message: &str) -> String {
    // Between backticks stands every second part; the first of them is what was sent.
    let known: Vec<&str> = match message.split_once("`, expected ") {
        Some((_, known)) => known.split('`').skip(1).step_by(2).collect(),
        None => Vec::new(),
    };
    match known.as_slice() {
        [] => "is not a known field: there are none here".to_owned(),
        known => format!("is not a known field: there are {}", known.join(", ")),
    }
}

/// What a word must be, where the message says that it is none that is known.
fn known_words(message: &str) -> Option<String> {
    let (_, known) = message.strip_prefix("unknown variant")?.rsplit_once("`, expected ")?;
    // Between backticks stands every second part.
    let words: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    Some(one_of(&words))
}

/// The words that can be sent, as they are written in answers: other ways to write one are not named.
pub fn one_of(words: &[&str]) -> String {
    let plain = |word: &str| word.bytes().all(|byte| !byte.is_ascii_uppercase());
    let other = |word: &str| !plain(word) && words.iter().any(|one| plain(one) && one.eq_ignore_ascii_case(word));
    let words: Vec<&str> = words.iter().copied().filter(|word| !other(word)).collect();
    match words.as_slice() {
        [] => "is not known here".to_owned(),
        [only] => format!("must be {only}"),
        [words @ .., last] => format!("must be {} or {last}", words.join(", ")),
    }
}

/// What was expected and what came instead, as a person would say it; none for what is said in our own words already.
fn plain_words(message: &str) -> Option<String> {
    if message.starts_with("UUID parsing failed") {
        return Some("must be an id (a UUID)".to_owned());
    }
    let (wrong, expected) = message.strip_prefix("invalid ")?.rsplit_once(", expected ")?;
    let expected = match expected {
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" => "a whole number from -128 to 127".to_owned(),
        "i16" => "a whole number from -32768 to 32767".to_owned(),
        "i32" => "a whole number from -2147483648 to 2147483647".to_owned(),
        "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" => "text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "a UUID string" | "a formatted UUID string" => "an id (a UUID)".to_owned(),
        expected if expected.starts_with("struct ") => "an object".to_owned(),
        expected => expected.to_owned(),
    };
    let came = wrong.strip_prefix("type: ").and_then(|came| {
        let kinds = [
            ("string", "text"),
            ("integer", "a number"),
            ("floating point", "a number"),
            ("boolean", "true or false"),
            ("map", "an object"),
            ("sequence", "a list"),
            ("null", "null"),
            ("unit value", "null"),
        ];
        kinds.into_iter().find(|(start, _)| came.starts_with(start)).map(|(_, kind)| kind)
    });
    Some(match came {
        // A number where another kind of number is asked for.
        Some(came) if came != "a number" || !expected.contains("number") => format!("must be {expected}, not {came}"),
        _ => format!("must be {expected}"),
    })
}

/// What a value of JSON is called.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_plain_is_said_anew() {
        let ours = "must be a date, as in 2026-11-25".to_owned();
        assert_eq!(in_plain_words(ours.clone()), ours);
        let id = "UUID parsing failed: invalid length: expected length 32 for simple format, found 3".to_owned();
        assert_eq!(in_plain_words(id), "must be an id (a UUID)");
        assert_eq!(in_plain_words("missing field `city`".to_owned()), "is required");
        let none = "unknown field `a`, there are no fields".to_owned();
        assert_eq!(in_plain_words(none), "is not a known field: there are none here");
    }
}
