//! Text that cannot hold a bad value. `parse` is the validation, in forms and on the server alike.

mod characters;
mod counted;
#[cfg(feature = "ssr")]
mod masked;
mod phone;
mod secrets;

#[cfg(feature = "ssr")]
pub use characters::pattern;
pub use characters::{check, read};
pub use counted::{counted, lasting};
#[cfg(feature = "ssr")]
pub use masked::{mask_within, masked};
pub use phone::{grouped, is_phone_mark};
pub use secrets::{NewPassword, Secret};

use phone::{e164_rule, phone_rule};

/// Declares a text newtype: `name(min, max)` characters after trimming, and an optional rule. It is one line, unless
/// `lines` is said behind it. Behind `;` stands what its JSON schema says more exactly: a format, a pattern.
#[macro_export]
macro_rules! text_type {
    ($(
        $(#[$doc:meta])*
        $name:ident($min:literal, $max:literal, $example:literal $(, $rule:path)? $(; $key:literal = $value:literal)?)
        $($lines:ident)?
    ),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type))]
        #[cfg_attr(feature = "ssr", sqlx(transparent))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Trims and checks; the error says what would be right.
            pub fn parse(text: &str) -> Result<Self, String> {
                #[allow(unused_mut)]
                let mut text = $crate::kernel::text::read(text);
                $crate::kernel::text::check(&text, $min, $max, $crate::text_type!(@lines $($lines)?))?;
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
                #[allow(unused_mut)]
                let mut schema = schemars::json_schema!({
                    "type": "string", "minLength": $min, "maxLength": $max, "examples": [$example],
                    "pattern": $crate::kernel::text::pattern($crate::text_type!(@lines $($lines)?)),
                });
                $(schema.insert($key.to_owned(), $value.into());)?
                schema
            }
        }
    )*};
    (@lines) => { false };
    (@lines lines) => { true };
}

fn email_rule(text: String) -> Result<String, String> {
    let text = text.to_lowercase();
    let wrong = || Err("must be an email address such as name@example.com".to_owned());
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
        && local
            .chars()
            .all(|c| c.is_alphanumeric() && !characters::is_invisible(c) || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    if domain_ok && local_ok { Ok(text) } else { wrong() }
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

fn clock_rule(text: String) -> Result<String, String> {
    let part = |part: &str, most: u8| part.len() == 2 && part.parse().is_ok_and(|number: u8| number <= most);
    match text.split_once(':') {
        Some((hours, minutes)) if part(hours, 23) && part(minutes, 59) => Ok(text),
        _ => Err("must be a time such as 22:00".to_owned()),
    }
}

fn timezone_rule(text: String) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    // A place, not a word of many meanings; and none of the folders with other ways to count.
    let names_a_place = text.contains('/') && !["posix/", "right/"].iter().any(|folder| text.starts_with(folder));
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins && text.chars().all(plain) && (names_a_place || text == "UTC") {
        Ok(text)
    } else {
        Err("must be the name of a time zone such as Asia/Kolkata".to_owned())
    }
}

fn endpoint_rule(text: String) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match rest.and_then(|rest| rest.split(['/', '?', '#']).next()) {
        Some(host) if !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace) => Ok(text),
        _ => Err("must be an address such as https://example.com/hooks/eventify".to_owned()),
    }
}

text_type! {
    /// An email address, in lower case.
    Email(3, 254, "asha.rao@example.com", email_rule; "format" = "email"),
    /// A phone number: digits, with `+` and the country's code where they were given.
    Phone(6, 30, "+919845012345", phone_rule; "pattern" = "^[+(]?[0-9][0-9 ().-]+$"),
    /// A phone number that people sign in with: E.164, `+` and the country's code.
    E164Phone(8, 30, "+919845012345", e164_rule; "pattern" = "^[+][1-9][0-9 ().-]+$"),
    /// The address of something on the web, by https.
    WebUrl(12, 500, "https://example.com/logo.png", url_rule; "pattern" = "^https://[^ ]+$"),
    /// Where messages are sent; the server looks closer at it.
    EndpointUrl(1, 2000, "https://example.com/hooks/eventify", endpoint_rule),
    /// A person's display name.
    PersonName(1, 120, "Asha Rao"),
    /// A short title or name of a thing.
    Title(1, 120, "Gate supervisor"),
    /// A line or two of explanation; may be empty.
    Note(0, 500, "Head office, second floor") lines,
    /// Why a consequential act was done.
    Reason(3, 500, "Left the company") lines,
    /// What somebody typed to find something.
    SearchText(0, 100, "nord"),
    /// A word that a list is narrowed by, as the record has it.
    FilterWord(1, 200, "partner.created"),
    /// A name of the time zone database.
    TimeZone(1, 60, "Asia/Kolkata", timezone_rule; "pattern" = "^(UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+)+)$"),
    /// A time of day, hours and minutes of 24.
    ClockTime(5, 5, "22:00", clock_rule; "pattern" = "^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    /// A stable word for programs.
    CodeWord(2, 60, "gate_supervisor", code_rule; "pattern" = "^[a-z][a-z0-9_]*$"),
}

/// A letter or digit for each byte, none of which is easily mistaken for another: five bits of each count.
pub fn letters(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKMNPQRSTVWXYZ0123456789";
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
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
    fn addresses_that_messages_are_sent_to() {
        for good in ["https://example.com", "http://localhost:9/x?y", "https://[2606:4700::1]/"] {
            assert!(EndpointUrl::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "example.com", "ftp://example.com", "https://", "https://a b/", "https://u:p@example.com/"] {
            assert!(EndpointUrl::parse(bad).is_err(), "{bad}");
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
