//! Phone numbers: one person, one number, however it is written.

use super::{E164Phone, Phone};

/// The country of numbers that people type without its code, where a form takes them so.
const HOME: &str = "91";

/// What people and address books put between digits: blanks of every kind, dashes, dots, brackets, and marks of
/// direction that come along from a contact.
pub fn is_phone_mark(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '+' | '-' | '.' | '(' | ')' | '/' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{2212}' | '\u{feff}' | '\u{ff0b}')
}

/// Digits, with `+` in front where the country's code is there.
fn digits(text: &str) -> Option<String> {
    // `+44 (0)7700 …`: the zero is for whoever dials within the country.
    let text = text.replace('\u{ff0b}', "+").replace("(0)", "");
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '+' if plain.is_empty() => plain.push('+'),
            '+' => return None,
            c if c.is_ascii_digit() => plain.push(c),
            c if is_phone_mark(c) => {}
            _ => return None,
        }
    }
    match plain.strip_prefix("00") {
        Some(abroad) => Some(format!("+{abroad}")),
        None => Some(plain),
    }
}

/// How many digits the country's code has, of a number that begins with it.
fn code_length(number: &str) -> usize {
    let two = number.get(..2).unwrap_or_default();
    match two.as_bytes() {
        [b'1' | b'7', _] => 1,
        b"20" | b"27" | b"36" | b"39" | b"81" | b"82" | b"84" | b"86" | b"98" => 2,
        [b'3', b'0'..=b'4'] | [b'4', b'0' | b'1' | b'3'..=b'9'] | [b'5', b'1'..=b'8'] | [b'6', b'0'..=b'6'] => 2,
        [b'9', b'0'..=b'5'] => 2,
        _ => 3,
    }
}

/// The number abroad, without the zero that is dialled within most countries; where it belongs to the number it
/// stays. The same rule stands in the migration `text`.
fn without_trunk(number: &str) -> String {
    let (code, rest) = number.split_at(code_length(number).min(number.len()));
    let rest = match code {
        // Italy, San Marino, the Vatican, Côte d'Ivoire, Gabon, Congo, Benin; North America and Russia have no zero.
        "39" | "378" | "379" | "225" | "241" | "242" | "229" | "1" | "7" => rest,
        "36" => rest.strip_prefix("06").unwrap_or(rest),
        _ => Some(rest.trim_start_matches('0')).filter(|rest| rest.len() >= 6).unwrap_or(rest),
    };
    format!("+{code}{rest}")
}

/// A number with or without its country's code.
pub(super) fn phone_rule(text: String) -> Result<String, String> {
    let wrong = || "must be a phone number such as +91 98450 12345".to_owned();
    let plain = digits(&text).ok_or_else(wrong)?;
    if plain.starts_with('+') {
        return e164_rule(plain).map_err(|_| wrong());
    }
    if (6..=15).contains(&plain.len()) { Ok(plain) } else { Err(wrong()) }
}

/// A number with its country's code.
pub(super) fn e164_rule(text: String) -> Result<String, String> {
    let plain = digits(&text);
    let number = plain.as_deref().and_then(|plain| plain.strip_prefix('+')).unwrap_or_default();
    let number = if number.starts_with('0') { String::new() } else { without_trunk(number) };
    if (9..=16).contains(&number.len()) {
        Ok(number)
    } else {
        Err("must be a phone number with its country code, such as +91 98450 12345".to_owned())
    }
}

impl Phone {
    /// With its country's code, if that is known from where it was given.
    pub fn given_in(self, zone: &str) -> String {
        E164Phone::given(&self, zone).map_or_else(|_| self.into(), String::from)
    }
}

impl E164Phone {
    /// Reads what a person typed into a form: ten digits without a country's code, with or without the zero in
    /// front, are a number of India.
    pub fn typed(text: &str) -> Result<Self, String> {
        let plain = digits(&super::read(text)).unwrap_or_default();
        let within = plain.strip_prefix('0').unwrap_or(&plain);
        match within.len() {
            10 if !plain.starts_with('+') => Self::parse(&format!("+{HOME}{within}")),
            12 if plain.starts_with(HOME) => Self::parse(&format!("+{plain}")),
            _ => Self::parse(text),
        }
    }

    /// A number as it was given for something in this time zone: in India, ten digits are enough.
    pub fn given(phone: &Phone, zone: &str) -> Result<Self, String> {
        if matches!(zone, "Asia/Kolkata" | "Asia/Calcutta") {
            Self::typed(phone.as_str())
        } else {
            Self::parse(phone.as_str())
        }
    }

    /// Each way in which a guest list may hold this number: with its country's code, with or without `+`, and as it is
    /// dialled within the country.
    pub fn written(&self) -> Vec<String> {
        let digits = self.as_str().trim_start_matches('+');
        let (code, rest) = digits.split_at(code_length(digits).min(digits.len()));
        let trunk = match code {
            "36" => "06",
            "7" => "8",
            _ => "0",
        };
        vec![format!("+{digits}"), digits.to_owned(), rest.to_owned(), format!("{trunk}{rest}")]
    }
}

/// A number as people read it: `+91 98450 12345`. What is no number with its country's code stays as it is.
pub fn grouped(number: &str) -> String {
    let Some(digits) = number.strip_prefix('+').filter(|n| n.bytes().all(|b| b.is_ascii_digit()) && n.len() >= 8)
    else {
        return number.to_owned();
    };
    let (code, rest) = digits.split_at(code_length(digits));
    let groups: &[usize] = match (code, rest.len()) {
        ("91", 10) => &[5, 5],
        ("1", 10) => &[3, 3, 4],
        ("44", 10) => &[4, 6],
        (_, 7) => &[3, 4],
        (_, 8) => &[4, 4],
        (_, 9) => &[3, 3, 3],
        (_, 10) => &[3, 3, 4],
        (_, 11) => &[3, 4, 4],
        (_, 12) => &[4, 4, 4],
        _ => &[],
    };
    let mut shown = format!("+{code}");
    let mut left = rest;
    for size in groups {
        let (group, more) = left.split_at(*size);
        shown = format!("{shown} {group}");
        left = more;
    }
    if left.is_empty() { shown } else { format!("{shown} {left}") }
}

#[cfg(test)]
mod tests {
    use super::super::{E164Phone, Phone};
    use super::grouped;

    #[test]
    fn a_number_is_one_however_it_is_written() {
        let writings = [
            "+447700123456",
            "+44 7700 123456",
            "+44 07700 123456",
            "+44 (0)7700 123456",
            "0044 (0) 7700-123456",
            "\u{202a}+44 7700 123456\u{202c}",
            "+44\u{a0}7700\u{a0}123456",
            "+44 7700\u{2013}123456",
            "\u{ff0b}44.7700.123456",
        ];
        for writing in writings {
            assert_eq!(E164Phone::parse(writing).unwrap().as_str(), "+447700123456", "{writing:?}");
            assert_eq!(Phone::parse(writing).unwrap().as_str(), "+447700123456", "{writing:?}");
        }
        for (writing, number) in [
            ("+91 0 98450 12345", "+919845012345"),
            ("+49 (0)30 1234567", "+49301234567"),
            ("+353 086 123 4567", "+353861234567"),
            ("+36 06 30 123 4567", "+36301234567"),
            // The zero is part of the number here.
            ("+39 06 1234 5678", "+390612345678"),
            ("+225 07 12 34 56 78", "+2250712345678"),
        ] {
            assert_eq!(E164Phone::parse(writing).unwrap().as_str(), number);
        }
        for bad in [
            "",
            "9845012345",
            "+0919845012345",
            "+91 98450 1234x",
            "+1234567",
            "+1234567890123456",
            "++919845012345",
            "+",
        ] {
            assert!(E164Phone::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn forms_take_numbers_of_the_country_at_home() {
        for writing in ["98450 12345", "098450-12345", "+91 98450 12345", "919845012345", "\u{202a}98450 12345\u{202c}"]
        {
            assert_eq!(E164Phone::typed(writing).unwrap().as_str(), "+919845012345", "{writing:?}");
        }
        for bad in ["", "12345", "98450 1234x", "498450123456"] {
            assert!(E164Phone::typed(bad).is_err(), "{bad}");
        }
        assert_eq!(Phone::parse("098450 12345").unwrap().as_str(), "09845012345");
    }

    #[test]
    fn ten_digits_are_enough_where_it_is_known_whose_they_are() {
        let given = |text: &str, zone: &str| Phone::parse(text).unwrap().given_in(zone);
        assert_eq!(given("098450 12345", "Asia/Kolkata"), "+919845012345");
        assert_eq!(given("+47 22 12 34 56", "Asia/Kolkata"), "+4722123456");
        assert_eq!(given("212 555 0123", "America/New_York"), "2125550123", "of any country");
        assert!(E164Phone::given(&Phone::parse("98450 12345").unwrap(), "Europe/Oslo").is_err());
    }

    #[test]
    fn a_number_is_found_in_each_way_a_list_holds_it() {
        for (number, listed) in [
            ("+919845012345", ["+91 98450 12345", "919845012345", "98450 12345", "098450 12345"]),
            ("+36301234567", ["+36 30 1234567", "36301234567", "30 123 4567", "06 30 123 4567"]),
            ("+79161234567", ["+7 916 123 4567", "79161234567", "916 123 4567", "8 916 123 4567"]),
        ] {
            let written = E164Phone::parse(number).unwrap().written();
            for way in listed {
                assert!(written.contains(&Phone::parse(way).unwrap().as_str().to_owned()), "{way}: {written:?}");
            }
        }
    }

    #[test]
    fn numbers_are_shown_in_groups() {
        for (number, shown) in [
            ("+919845012345", "+91 98450 12345"),
            ("+12125550123", "+1 212 555 0123"),
            ("+447700123456", "+44 7700 123456"),
            ("+353861234567", "+353 861 234 567"),
            ("+4930123456789012", "+49 30123456789012"),
            ("09845012345", "09845012345"),
            ("", ""),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }
}
