//! Hand-held scanners type like a keyboard, only faster than any person.

/// Keys of a scanner are no further apart than this.
const APART: f64 = 35.0;
/// So long a silence ends a scan that has no Enter or Tab.
const SILENCE: f64 = 60.0;
/// Fewer are somebody typing.
const LEAST: usize = 8;

/// Recognises a scanner among keys.
#[derive(Debug, Default)]
pub struct Wedge {
    typed: String,
    last: f64,
}

/// What a key was.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A person's, or the first of a scanner: the page may have it.
    Typing,
    /// A scanner's, in the middle of a code.
    Scanning,
    /// It ended a code, of which so many letters have landed in whatever has the focus.
    Code { text: String, landed: usize },
}

impl Wedge {
    /// A key went down at that moment.
    pub fn key(&mut self, key: &str, at: f64) -> Heard {
        if at - self.last > APART {
            self.typed.clear();
        }
        self.last = at;
        let ends = matches!(key, "Enter" | "Tab");
        if ends {
            let text = std::mem::take(&mut self.typed);
            return if text.chars().count() >= LEAST { scanned(text) } else { Heard::Typing };
        }
        // Shift and the like come between the letters.
        if key.chars().count() != 1 {
            return if self.typed.is_empty() { Heard::Typing } else { Heard::Scanning };
        }
        self.typed.push_str(key);
        if self.typed.chars().count() > 1 { Heard::Scanning } else { Heard::Typing }
    }

    /// Nothing came for a while: what was typed is a code, if it is long enough.
    pub fn silence(&mut self, at: f64) -> Option<Heard> {
        let is_over = !self.typed.is_empty() && at - self.last >= SILENCE;
        let text = is_over.then(|| std::mem::take(&mut self.typed))?;
        (text.chars().count() >= LEAST).then(|| scanned(text))
    }

    /// When to listen for silence.
    pub fn wake(&self) -> Option<f64> {
        (!self.typed.is_empty()).then_some(self.last + SILENCE)
    }
}

fn scanned(text: String) -> Heard {
    let landed = text.chars().count();
    Heard::Code { text, landed }
}

/// What a scanner that thinks of a US keyboard brings about on another one, and what it meant.
const LAYOUTS: [(&str, &str); 2] = [
    // German and its like: Y and Z change places, `-` and `_` lie elsewhere.
    ("yzYZß?", "zyZY-_"),
    // French: letters change places, digits are signs.
    ("qwazQWAZ&é\"'(-è_çà:)°,?", "azqwAZQW1234567890.-_mM"),
];

/// What codes begin with, before their body.
const PREFIXES: [&str; 2] = [eventify_gate::PREFIX, eventify_gate::PAIRING_PREFIX];
/// No other code that is scanned at a gate is as long as ours.
const LONG: usize = 150;

/// What the scanner may have meant, likeliest first: Caps Lock and other layouts are recognised by the fixed beginning of
/// a code. Which of them it was, its signature tells. Empty if it looks like one of ours on a layout nobody knows.
pub fn readings(text: &str) -> Vec<String> {
    let is_ours = |text: &String| PREFIXES.iter().any(|prefix| text.starts_with(prefix));
    let mut all = Vec::new();
    for text in [text.to_owned(), text.chars().map(swap_case).collect()] {
        let meant = LAYOUTS.map(|(typed, meant)| text.chars().map(|letter| translated(letter, typed, meant)).collect());
        all.extend(std::iter::once(text).chain(meant).filter(is_ours));
    }
    all.dedup();
    let is_foreign = text.len() > LONG && text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("EVF"));
    if all.is_empty() && !is_foreign {
        all.push(text.to_owned());
    }
    all
}

fn swap_case(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}

fn translated(letter: char, typed: &str, meant: &str) -> char {
    typed.chars().zip(meant.chars()).find(|(from, _)| *from == letter).map_or(letter, |(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_fast(wedge: &mut Wedge, text: &str, from: f64) -> f64 {
        let mut at = from;
        for letter in text.chars() {
            at += 10.0;
            wedge.key(&letter.to_string(), at);
        }
        at
    }

    #[test]
    fn fast_keys_are_a_scan_and_slow_ones_typing() {
        let mut wedge = Wedge::default();
        let at = type_fast(&mut wedge, "ABCD1234", 0.0);
        let code = Heard::Code { text: "ABCD1234".into(), landed: 8 };
        assert_eq!(wedge.key("Enter", at + 10.0), code);
        let mut at = 1000.0;
        for letter in "ABCD1234".chars() {
            at += 120.0;
            assert_eq!(wedge.key(&letter.to_string(), at), Heard::Typing);
        }
        assert_eq!(wedge.key("Enter", at + 120.0), Heard::Typing, "a person's Enter is a person's");
        let at = type_fast(&mut wedge, "ABCD123", 5000.0);
        assert_eq!(wedge.key("Enter", at + 5.0), Heard::Typing, "seven are too few");
    }

    #[test]
    fn silence_ends_a_scan_too() {
        let mut wedge = Wedge::default();
        let at = type_fast(&mut wedge, "ABCD12345", 0.0);
        assert_eq!(wedge.wake(), Some(at + 60.0));
        assert_eq!(wedge.silence(at + 30.0), None);
        assert_eq!(wedge.silence(at + 60.0), Some(Heard::Code { text: "ABCD12345".into(), landed: 9 }));
        assert_eq!(wedge.wake(), None);
    }

    #[test]
    fn shift_between_letters_does_not_break_a_scan() {
        let mut wedge = Wedge::default();
        for (at, key) in ["Shift", "E", "Shift", "V", "F", "1", ".", "a", "b", "c"].iter().enumerate() {
            wedge.key(key, at as f64 * 8.0);
        }
        assert_eq!(wedge.key("Enter", 85.0), Heard::Code { text: "EVF1.abc".into(), landed: 8 });
    }

    #[test]
    fn caps_lock_and_layouts_are_put_right() {
        let code = "EVF1.aZmQ-w_09";
        let through = |from: usize| -> String {
            let (typed, meant) = LAYOUTS[from];
            code.chars().map(|letter| translated(letter, meant, typed)).collect()
        };
        let capitals: String = code.chars().map(swap_case).collect();
        assert!(readings(&capitals).contains(&code.to_owned()));
        for layout in [0, 1] {
            assert_ne!(through(layout), code);
            assert!(readings(&through(layout)).contains(&code.to_owned()), "{}", through(layout));
        }
        assert_eq!(readings("https://example.org"), ["https://example.org"]);
        assert!(readings(&format!("EVF!{}", "x".repeat(220))).is_empty());
    }
}
