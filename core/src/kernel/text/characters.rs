//! Which characters a text may hold. Names of every script are right; what breaks a line, turns the direction of
//! what stands around it, or cannot be seen at all is not.

use std::borrow::Cow;

/// What says nothing at the ends of a text. Address books put marks of direction around what is copied.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || turns_direction(c) || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// What shows nothing by itself. Joiners belong to words of Hindi and Persian and to emoji, so beside others they
/// are welcome.
pub fn is_invisible(c: char) -> bool {
    is_blank(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200c}'..='\u{200f}' | '\u{2061}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Embeddings, overrides and isolates: they reach beyond the text they are in.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn breaks_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The text as it is kept: without blanks at its ends, every end of a line one character, and on the server in
/// normal form C (the browser is spared the tables of it).
pub fn read(text: &str) -> String {
    let text = text.trim_matches(is_blank);
    let text = match text.contains(['\r', '\u{2028}', '\u{2029}']) {
        true => Cow::Owned(text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n")),
        false => Cow::Borrowed(text),
    };
    #[cfg(feature = "ssr")]
    if !text.is_ascii() {
        return unicode_normalization::UnicodeNormalization::nfc(&*text).collect();
    }
    text.into_owned()
}

/// Checks length in characters, and the characters themselves.
pub fn check(text: &str, min: usize, max: usize, lines: bool) -> Result<(), String> {
    for c in text.chars() {
        match c {
            '\n' | '\t' if lines => {}
            _ if !lines && breaks_line(c) => return Err("must be on one line".to_owned()),
            _ if c.is_control() => return Err(format!("must not contain control characters (U+{:04X})", u32::from(c))),
            _ if turns_direction(c) => {
                return Err(format!("must not contain characters that turn the direction (U+{:04X})", u32::from(c)));
            }
            _ => {}
        }
    }
    match text.chars().count() {
        _ if min > 0 && text.chars().all(is_invisible) => Err("is required".to_owned()),
        n if n < min => Err(format!("must have at least {min} characters")),
        n if n > max => Err(format!("must have at most {max} characters, not {n}")),
        _ => Ok(()),
    }
}

/// The same characters as a pattern for JSON Schema.
#[cfg(feature = "ssr")]
pub fn pattern(lines: bool) -> &'static str {
    match lines {
        true => r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$",
        false => r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$",
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::text::{Note, PersonName, Title};

    #[test]
    fn names_are_one_line_that_can_be_seen_in_every_script() {
        let good = [
            "Asha Rao",
            "श्री राम",
            "क्\u{200d}ष",
            "می\u{200c}خواهم",
            "👩\u{200d}🔬 Lab",
            "❤\u{fe0f}",
            "Zoë",
            "李小龍",
            "عمر",
            "နေ\u{200b}ကောင်း",
        ];
        for good in good {
            assert_eq!(PersonName::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(PersonName::parse(" \u{feff}Asha\u{200b} ").unwrap().as_str(), "Asha");
        let bad = [
            "Al\r\nBcc: x",
            "a\nb",
            "a\u{2028}b",
            "a\u{85}b",
            "a\tb",
            "a\0b",
            "a\u{9b}b",
            "a\u{202e}b",
            "a\u{2066}b\u{2069} c",
        ];
        for bad in bad {
            assert!(PersonName::parse(bad).is_err() && Title::parse(bad).is_err(), "{bad:?}");
        }
        for blank in ["\u{200b}", "\u{feff}", "\u{3164}", "\u{2800}\u{2800}", "\u{200d}\u{fe0f}", "\u{e0041}", "\u{a0}"]
        {
            assert_eq!(PersonName::parse(blank).unwrap_err(), "is required", "{blank:?}");
        }
    }

    #[test]
    fn prose_has_lines_and_nothing_else_that_is_not_seen() {
        let read = |text: &str| Note::parse(text).map(String::from);
        assert_eq!(read("Doors 19:00\r\nShow 20:00\u{2028}End\t23:00").unwrap(), "Doors 19:00\nShow 20:00\nEnd\t23:00");
        for bad in ["a\u{b}b", "a\u{1b}[0m", "a\u{202e}b", "a\0b"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        assert_eq!(read("\u{200b}").unwrap(), "");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn normal_forms_are_one_text() {
        assert_eq!(PersonName::parse("Zu\u{308}rich").unwrap(), PersonName::parse("Zürich").unwrap());
    }
}
