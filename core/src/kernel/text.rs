//! Text that cannot hold a bad value. `parse` is the validation, in forms and on the server alike.

use std::fmt;

/// Declares a text newtype: `name(min, max)` characters after trimming, and an optional rule.
#[macro_export]
macro_rules! text_type {
    ($($(#[$doc:meta])* $name:ident($min:literal, $max:literal, $example:literal $(, $rule:path)?)),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type))]
        #[cfg_attr(feature = "ssr", sqlx(transparent))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Trims and checks; the error says what would be right.
            pub fn parse(text: &str) -> Result<Self, String> {
                let text = text.trim();
                #[allow(unused_mut)]
                let mut text = text.to_owned();
                $crate::kernel::text::check_length(&text, $min, $max)?;
                $(text = $rule(text)?;)?
                Ok(Self(text))
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
        #[cfg(feature = "ssr")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "minLength": $min, "maxLength": $max, "examples": [$example],
                })
            }
        }
    )*};
}

/// Used by [`text_type!`]: length in characters, no control characters but line breaks and tabs.
pub fn check_length(text: &str, min: usize, max: usize) -> Result<(), String> {
    let length = text.chars().count();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
        return Err("must not contain control characters".to_owned());
    }
    match length {
        0 if min > 0 => Err("is required".to_owned()),
        n if n < min => Err(format!("must have at least {min} characters")),
        n if n > max => Err(format!("must have at most {max} characters, not {n}")),
        _ => Ok(()),
    }
}

fn email_rule(text: String) -> Result<String, String> {
    let text = text.to_lowercase();
    let wrong = || Err("must be an e-mail address such as name@example.com".to_owned());
    let Some((local, domain)) = text.rsplit_once('@') else {
        return wrong();
    };
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain_ok = domain.contains('.') && domain.split('.').all(label);
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    if domain_ok && local_ok { Ok(text) } else { wrong() }
}

fn phone_rule(text: String) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !" -().".contains(*c)).collect();
    let number = digits.strip_prefix('+').unwrap_or(&digits);
    if (6..=15).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit()) {
        Ok(digits)
    } else {
        Err("must be a phone number such as +91 98450 12345".to_owned())
    }
}

fn e164_rule(text: String) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !" -().".contains(*c)).collect();
    let number = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")).unwrap_or_default();
    let plain = number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
    if plain && (8..=15).contains(&number.len()) {
        Ok(format!("+{number}"))
    } else {
        Err("must be a phone number with its country's code, such as +91 98450 12345".to_owned())
    }
}

fn url_rule(text: String) -> Result<String, String> {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    match host {
        Some(host) if host.contains('.') && !text.contains(char::is_whitespace) => Ok(text),
        _ => Err("must be an address such as https://example.com/logo.png".to_owned()),
    }
}

fn code_rule(text: String) -> Result<String, String> {
    let ok = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if ok {
        Ok(text)
    } else {
        Err("must be lower-case letters, digits and underscores, starting with a letter".to_owned())
    }
}

text_type! {
    /// An e-mail address, in lower case.
    Email(3, 254, "asha.rao@example.com", email_rule),
    /// A phone number: digits, with `+` and the country's code where they were given.
    Phone(6, 30, "+919845012345", phone_rule),
    /// A phone number that people sign in with: E.164, `+` and the country's code.
    E164Phone(8, 30, "+919845012345", e164_rule),
    /// The address of something on the web, by https.
    WebUrl(12, 500, "https://example.com/logo.png", url_rule),
    /// A person's display name.
    PersonName(1, 120, "Asha Rao"),
    /// A short title or name of a thing.
    Title(1, 120, "Gate supervisor"),
    /// A line or two of explanation; may be empty.
    Note(0, 500, "Head office, second floor"),
    /// Why a consequential act was done.
    Reason(3, 500, "Left the company"),
    /// A stable word for programs.
    CodeWord(2, 60, "gate_supervisor", code_rule),
}

/// A password somebody typed: never logged, never shown, never stored as it is.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps what was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// What was typed; say why you need it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "password", "maxLength": 200, "examples": ["correct horse battery staple"],
        })
    }
}

/// A password somebody chooses: 12 to 200 characters, not among the usual ones.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NewPassword(String);

/// Fragments that make a password guessable however long it is.
const GUESSABLE: &[&str] = &["password", "passwort", "qwerty", "letmein", "eventify", "123456", "abcdef"];

impl NewPassword {
    /// Checks length, variety and the most guessable fragments.
    pub fn parse(text: &str) -> Result<Self, String> {
        let length = text.chars().count();
        if length < 12 {
            return Err("must have at least 12 characters".to_owned());
        }
        if length > 200 {
            return Err("must have at most 200 characters".to_owned());
        }
        let lower = text.to_lowercase();
        let mut rest = lower.clone();
        for fragment in GUESSABLE {
            rest = rest.replace(fragment, "");
        }
        let mut distinct: Vec<char> = lower.chars().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if rest.chars().count() < 8 || distinct.len() < 6 {
            return Err("is too easy to guess: use a few unrelated words".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
    /// What was chosen; only the hasher needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for NewPassword {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}
impl From<NewPassword> for String {
    fn from(value: NewPassword) -> String {
        value.0
    }
}
impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for NewPassword {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewPassword".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "password", "minLength": 12, "maxLength": 200,
            "examples": ["correct horse battery staple"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn emails() {
        for good in ["a@b.co", " Asha.Rao@Example.com ", "o'neil+x@mail.example.org"] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good.trim().to_lowercase());
        }
        for bad in ["", "a", "a@b", "@b.co", "a@.co", "a..b@c.de", "a b@c.de", "a@c_.de", "a@-c.de"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn phones_are_one_number_however_they_are_typed() {
        for good in ["+919845012345", " +91 98450-12345", "0091 (98450) 12345"] {
            assert_eq!(E164Phone::parse(good).unwrap().as_str(), "+919845012345");
        }
        for bad in
            ["", "9845012345", "+0919845012345", "+91 98450 1234x", "+1234567", "+1234567890123456", "++919845012345"]
        {
            assert!(E164Phone::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords() {
        assert!(NewPassword::parse("correct horse battery").is_ok());
        for bad in ["short", "passwordpassword", "aaaaaaaaaaaaaaaa", "password1234567"] {
            assert!(NewPassword::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Secret::new("x")), "\"…\"");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(text in ".{0,80}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
            }
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
            }
            if let Ok(phone) = E164Phone::parse(&text) {
                prop_assert_eq!(E164Phone::parse(phone.as_str()).unwrap(), phone);
            }
            let _ = CodeWord::parse(&text);
            let _ = NewPassword::parse(&text);
        }
    }
}
