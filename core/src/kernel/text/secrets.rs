//! Passwords, as they are typed and as they are chosen.

use std::fmt;

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
