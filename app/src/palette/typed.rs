//! What somebody means by what they typed.

use eventify::kernel::text::is_phone_mark;

/// How many letters and digits a ticket's short code has.
const CODE: usize = 10;
/// So many digits are a phone number, or the better part of one.
const DIGITS: usize = 5;

/// What was typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// Words to find records and pages by.
    Words(String),
    /// A phone number, or part of one.
    Phone(String),
    /// A ticket's short code, written as tickets show it.
    Ticket {
        code: String,
        /// The ticket is to be cancelled.
        cancel: bool,
    },
    /// Somebody to invite or to add: an email, a phone number or a name.
    Invite(String),
}

impl Typed {
    /// Reads it.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default().to_lowercase();
        let rest: Vec<&str> = words.filter(|word| !word.eq_ignore_ascii_case("ticket")).collect();
        if matches!(first.as_str(), "invite" | "add") && !rest.is_empty() {
            let named = rest.iter().filter(|word| !word.eq_ignore_ascii_case("guest"));
            return Typed::Invite(named.copied().collect::<Vec<_>>().join(" "));
        }
        let asked = matches!(first.as_str(), "cancel" | "ticket");
        let code = if asked { code_of(&rest.concat(), true) } else { code_of(text, false) };
        if let Some(code) = code {
            return Typed::Ticket { code, cancel: first == "cancel" };
        }
        if is_number(text) { Typed::Phone(text.to_owned()) } else { Typed::Words(text.to_owned()) }
    }
}

/// Whether it is a phone number, or the better part of one.
pub fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= DIGITS && text.chars().all(|c| c.is_ascii_digit() || is_phone_mark(c))
}

/// The code that a word may be as well: of forty tickets one has a code without a digit.
pub fn may_be_code(text: &str) -> Option<String> {
    code_of(text.trim(), true)
}

/// A code, unless it may as well be a word or a number; where a ticket was named it is none of these.
fn code_of(text: &str, named: bool) -> Option<String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let fits = plain.len() == CODE && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ' '));
    let (digit, letter) = (plain.bytes().any(|b| b.is_ascii_digit()), plain.bytes().any(|b| b.is_ascii_alphabetic()));
    (fits && (named || digit && letter || text.as_bytes().get(CODE / 2) == Some(&b'-') && letter))
        .then(|| format!("{}-{}", &plain[..CODE / 2], &plain[CODE / 2..]))
}

/// The beginning or the end of a ticket's short code: a digit among letters, and not all of it.
pub fn is_part_of_code(text: &str) -> bool {
    let text = text.trim_start_matches("cancel ").trim_start_matches("ticket ").trim();
    let plain: Vec<char> = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let fits = plain.len() >= DIGITS - 1 && plain.len() < CODE && plain.iter().all(char::is_ascii_alphanumeric);
    fits && plain.iter().any(char::is_ascii_digit) && plain.iter().any(char::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_as_it_is_meant() {
        let ticket = |cancel| Typed::Ticket { code: "4EX8H-Q2KTV".to_owned(), cancel };
        for text in ["4EX8H-Q2KTV", "4ex8hq2ktv", " ticket 4EX8H Q2KTV"] {
            assert_eq!(Typed::read(text), ticket(false), "{text}");
        }
        for text in ["cancel ticket 4EX8H-Q2KTV", "Cancel 4ex8hq2ktv"] {
            assert_eq!(Typed::read(text), ticket(true), "{text}");
        }
        for text in ["+91 98450", "98450 12345", "9000010011", "(098) 450-12345"] {
            assert_eq!(Typed::read(text), Typed::Phone(text.to_owned()), "{text}");
        }
        for text in ["harbour", "Bandstands", "4321", "cancel the night", "invite", "4EX8H"] {
            assert_eq!(Typed::read(text), Typed::Words(text.to_owned()), "{text}");
        }
        for (text, whom) in [
            ("invite ana@example.com", "ana@example.com"),
            ("Invite guest Rohit Sen", "Rohit Sen"),
            ("add +91 98450 12345", "+91 98450 12345"),
            ("add guest", ""),
        ] {
            assert_eq!(Typed::read(text), Typed::Invite(whom.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_word_may_be_a_code() {
        assert_eq!(may_be_code("wzeawazqnj ").as_deref(), Some("WZEAW-AZQNJ"));
        assert_eq!(may_be_code("harbour"), None);
        assert_eq!(may_be_code("ten, at ten"), None);
    }

    #[test]
    fn half_a_code_is_known_for_one() {
        for text in ["qjbw2", "4EX8H", "cancel ticket 4ex8h-q2"] {
            assert!(is_part_of_code(&text.to_lowercase()), "{text}");
        }
        for text in ["harbour", "4321", "4EX8H-Q2KTV", "b12", "ana@2"] {
            assert!(!is_part_of_code(&text.to_lowercase()), "{text}");
        }
    }
}
