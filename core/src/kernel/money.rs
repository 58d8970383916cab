//! Money: whole minor units and a currency. Never a float.

use serde::{Deserialize, Serialize};

use super::currencies::is_money;
use crate::text_type;

/// What comes in must be money. The browser reads what the server has, which may be older than this rule.
fn currency_rule(text: String) -> Result<String, String> {
    let text = text.to_uppercase();
    let taken = if cfg!(feature = "ssr") { is_money(&text) } else { is_letters(&text) };
    if taken { Ok(text) } else { Err("must be a currency's three letters, such as INR".to_owned()) }
}

fn is_letters(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

text_type! {
    /// A currency by its three letters (ISO 4217).
    Currency(3, 3, "INR", currency_rule),
}

impl Currency {
    /// As a row holds it: any three letters, for rows are read that were written when more was taken.
    #[cfg(feature = "ssr")]
    pub fn stored(letters: &str) -> crate::kernel::error::Result<Currency> {
        let fault = || crate::kernel::error::internal().internal(format!("{letters} is no currency"));
        is_letters(letters).then(|| Self(letters.to_owned())).ok_or_else(fault)
    }

    /// How many digits stand behind the point.
    pub fn digits(&self) -> u32 {
        match self.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }

    /// What is written before an amount: a sign where everybody knows it, otherwise the three letters and a blank.
    pub fn sign(&self) -> String {
        match self.as_str() {
            "INR" => "₹",
            "EUR" => "€",
            "GBP" => "£",
            "USD" => "$",
            "AUD" => "A$",
            "CAD" => "CA$",
            "SGD" => "S$",
            "JPY" => "¥",
            "CNY" => "CN¥",
            "KRW" => "₩",
            "VND" => "₫",
            letters => return format!("{letters}\u{a0}"),
        }
        .to_owned()
    }
}

/// An amount in one currency.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: paise, cents.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
}

#[cfg(feature = "ssr")]
impl Money {
    /// An amount as a row holds it, with its currency by its letters. Letters that are none are a fault of ours.
    pub fn stored(minor: i64, currency: &str) -> crate::kernel::error::Result<Money> {
        Ok(Money { minor, currency: Currency::stored(currency)? })
    }
}

impl Money {
    /// For programs: `1299.00`, without its currency.
    pub fn decimal(&self) -> String {
        let scale = 10_u64.pow(self.currency.digits());
        let (whole, rest) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.digits() as usize {
            0 => format!("{sign}{whole}"),
            width => format!("{sign}{whole}.{rest:0width$}"),
        }
    }

    /// For people, as they write it there: `₹1,29,900.50`, `€9.00`, `¥700`. Rupees without paise stand without a point.
    pub fn display(&self) -> String {
        let scale = 10_u64.pow(self.currency.digits());
        let (whole, rest) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        let coins = match self.currency.digits() as usize {
            0 => String::new(),
            _ if rest == 0 && self.currency.as_str() == "INR" => String::new(),
            width => format!(".{rest:0width$}"),
        };
        let minus = if self.minor < 0 { "−" } else { "" };
        format!("{minus}{}{}{coins}", self.currency.sign(), grouped(whole, self.currency.as_str() == "INR"))
    }

    /// What something costs: `Free`, or the amount.
    pub fn price(&self) -> String {
        if self.minor == 0 { "Free".to_owned() } else { self.display() }
    }
}

/// A count as people read it, in groups of three digits: `1,244`.
pub fn count(number: i64) -> String {
    let minus = if number < 0 { "−" } else { "" };
    format!("{minus}{}", grouped(number.unsigned_abs(), false))
}

/// A part of a whole for people, to the nearest whole percent: `67%`. What is not all never reads as all, and what is there
/// never as nothing: 999 of 1,000 seats are 99 %, one of them is 1 %.
pub fn share(part: i64, whole: i64) -> String {
    let (part, whole) = (i128::from(part.max(0)), i128::from(whole.max(0)));
    let nearest = (part * 200 + whole).checked_div(whole * 2).unwrap_or_default();
    let percent = if part > 0 && part < whole { nearest.clamp(1, 99) } else { nearest };
    format!("{percent}%")
}

/// Digits in groups of three; in India the groups above a thousand have two.
fn grouped(number: u64, lakhs: bool) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        let behind = digits.len() - at;
        let starts = if lakhs && behind > 3 { (behind - 3).is_multiple_of(2) } else { behind.is_multiple_of(3) };
        if at > 0 && starts {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An amount as people type it: `1,299.50`, `1 299`, `₹1,00,000`, `EUR 12`. Thousands are apart by commas, blanks or
/// apostrophes, coins by a point.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Amount {
    whole: String,
    /// What stands behind the point, without zeros at its end.
    rest: String,
    /// The currency that was typed with it, where it tells.
    currency: Option<String>,
}

const NO_AMOUNT: &str = "must be an amount such as 499.50";
const TOO_MUCH: &str = "must be less than 1,000,000,000";

/// Signs and words that name one currency; others are only left out.
const SIGNS: [(&str, &str); 11] = [
    ("₹", "INR"),
    ("Rs.", "INR"),
    ("Rs", "INR"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("A$", "AUD"),
    ("CA$", "CAD"),
    ("S$", "SGD"),
    ("CN¥", "CNY"),
    ("₩", "KRW"),
    ("₫", "VND"),
];

/// The digits, and the currency that was typed before or behind them.
fn without_sign(text: &str) -> (&str, Option<String>) {
    for (sign, currency) in SIGNS {
        if let Some(digits) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (digits.trim(), Some(currency.to_owned()));
        }
    }
    let letters =
        |part: Option<&str>| part.and_then(|part| Currency::parse(part).ok()).map(|one| one.as_str().to_owned());
    if let Some(currency) = letters(text.get(..3)) {
        return (text[3..].trim(), Some(currency));
    }
    if let Some(at) = text.len().checked_sub(3).filter(|at| text.is_char_boundary(*at))
        && let Some(currency) = letters(text.get(at..))
    {
        return (text[..at].trim(), Some(currency));
    }
    (text.trim_start_matches(['$', '¥', '¤']).trim_end_matches(['$', '¥', '¤']).trim(), None)
}

impl TryFrom<String> for Amount {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let (number, currency) = without_sign(text.trim());
        let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
        let groups: Vec<&str> = whole.split([',', ' ', '\'', '’', '\u{a0}', '\u{2009}', '\u{202f}']).collect();
        let sizes = groups.iter().enumerate().all(|(at, group)| match group.len() {
            _ if groups.len() == 1 => true,
            size if at == 0 => size <= 3,
            // A lakh is 1,00,000.
            size => size == 3 || size == 2 && at + 1 < groups.len(),
        });
        let whole = groups.concat();
        let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let well_formed = sizes && groups.iter().all(|group| !group.is_empty());
        if well_formed && digits(&whole, usize::MAX) && digits(rest, 3) && whole.trim_start_matches('0').len() > 9 {
            return Err(TOO_MUCH.to_owned());
        }
        if well_formed && digits(&whole, 9) && digits(rest, 3) {
            Ok(Self { whole, rest: rest.trim_end_matches('0').to_owned(), currency })
        } else {
            Err(NO_AMOUNT.to_owned())
        }
    }
}

impl Amount {
    /// In this currency; refused where it has more digits than there are coins for, or was typed in another one.
    pub fn exactly_in(&self, currency: &Currency) -> Result<Money, String> {
        if let Some(typed) = self.currency.as_deref().filter(|typed| *typed != currency.as_str()) {
            return Err(format!("must be in {currency}, not {typed}"));
        }
        let width = currency.digits() as usize;
        if self.rest.len() > width {
            return Err(match width {
                0 => format!("must be a whole number in {currency}"),
                _ => format!("must have at most {width} decimals in {currency}"),
            });
        }
        let minor = format!("{}{:0<width$}", self.whole, self.rest).parse().map_err(|_| NO_AMOUNT.to_owned())?;
        Ok(Money { minor, currency: currency.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_counts_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 6_214, 1_234_567, -1_200].map(count),
            ["0", "999", "1,000", "6,214", "1,234,567", "−1,200"]
        );
    }

    #[test]
    fn shares_are_rounded_and_neither_all_nor_nothing_by_that() {
        for (part, whole, said) in [
            (2, 3, "67%"),
            (1, 3, "33%"),
            (1, 2, "50%"),
            (1, 200, "1%"),
            (1, 250, "1%"),
            (249, 250, "99%"),
            (250, 250, "100%"),
            (0, 250, "0%"),
            (3, 2, "150%"),
            (0, 0, "0%"),
            (5, 0, "0%"),
            (-1, 4, "0%"),
        ] {
            assert_eq!(share(part, whole), said, "{part} of {whole}");
        }
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let shown = |minor, currency: &str| Money { minor, currency: Currency::parse(currency).unwrap() }.display();
        for (minor, currency, text) in [
            (90_000, "inr", "₹900"),
            (12_990_050, "INR", "₹1,29,900.50"),
            (18_630_000, "INR", "₹1,86,300"),
            (1_234_567_890_000, "INR", "₹12,34,56,78,900"),
            (-250_005, "INR", "−₹2,500.05"),
            (0, "INR", "₹0"),
            (900, "EUR", "€9.00"),
            (-5, "EUR", "−€0.05"),
            (700, "JPY", "¥700"),
            (1_234_567, "JPY", "¥1,234,567"),
            (1_234, "KWD", "KWD\u{a0}1.234"),
            (129_900, "CHF", "CHF\u{a0}1,299.00"),
            (i64::MIN, "USD", "−$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(shown(minor, currency), text);
        }
        let price = |minor| Money { minor, currency: Currency::parse("INR").unwrap() }.price();
        assert_eq!((price(0), price(90_000)), ("Free".to_owned(), "₹900".to_owned()));
        let plain = |minor, currency: &str| Money { minor, currency: Currency::parse(currency).unwrap() }.decimal();
        assert_eq!((plain(-129_900, "INR"), plain(7, "JPY")), ("-1299.00".to_owned(), "7".to_owned()));
        for wrong in ["EU1", "XXX", "XTS", "ABC", "EURO"] {
            assert!(Currency::parse(wrong).is_err(), "{wrong}");
        }
        // What a version before took is still read.
        assert_eq!(Money::stored(500, "XXX").unwrap().display(), "XXX 5.00".replace(' ', "\u{a0}"));
        assert!(Currency::stored("E1").is_err());
    }

    #[test]
    fn amounts_become_coins() {
        let amount = |text: &str| Amount::try_from(text.to_owned());
        let coins = |text: &str, currency: &str| {
            amount(text).and_then(|amount| amount.exactly_in(&Currency::parse(currency)?)).map(|money| money.minor)
        };
        for (text, currency, minor) in [
            ("499", "INR", 49_900),
            ("1,499.5", "INR", 149_950),
            ("₹2,500", "INR", 250_000),
            ("₹ 1,00,000.00", "INR", 10_000_000),
            ("Rs. 12", "INR", 1_200),
            ("12.50 €", "EUR", 1_250),
            ("INR 2500", "INR", 250_000),
            ("inr 2,500.50", "INR", 250_050),
            ("2,500 INR", "INR", 250_000),
            ("CHF\u{a0}1,299.00", "CHF", 129_900),
            ("S$5", "SGD", 500),
            ("1 234 567", "EUR", 123_456_700),
            ("1’234.5", "CHF", 123_450),
            ("$5", "USD", 500),
            ("¥7,900", "JPY", 7_900),
            ("7.00", "JPY", 7),
            ("1.234", "KWD", 1_234),
            ("1.2", "KWD", 1_200),
            ("0", "INR", 0),
        ] {
            assert_eq!(coins(text, currency), Ok(minor), "{text}");
        }
        for bad in
            ["", "-1", "1.", ".5", "a", "1.2.3", "1,5", "7,99", "1,2345", ",100", "1,,000", "1.234,56", "₹", "5€6"]
        {
            assert!(amount(bad).is_err(), "{bad}");
        }
        for (text, most) in
            [("999,999,999.99", true), ("1000000000", false), ("₹1,00,00,00,000", false), ("5,000,000,000.50", false)]
        {
            match most {
                true => assert_eq!(coins(text, "INR"), Ok(99_999_999_999)),
                false => assert_eq!(coins(text, "INR").unwrap_err(), "must be less than 1,000,000,000", "{text}"),
            }
        }
        assert_eq!(amount("1,0000000000").err().as_deref(), Some(NO_AMOUNT));
        assert_eq!(coins("7.9", "JPY").unwrap_err(), "must be a whole number in JPY");
        assert_eq!(coins("7.505", "INR").unwrap_err(), "must have at most 2 decimals in INR");
        assert_eq!(coins("€5", "INR").unwrap_err(), "must be in INR, not EUR");
        assert_eq!(coins("usd 5", "INR").unwrap_err(), "must be in INR, not USD");
        for (minor, currency) in
            [(12_990_050, "INR"), (0, "EUR"), (7, "JPY"), (1_234, "KWD"), (250, "SGD"), (-0, "USD")]
        {
            let money = Money { minor, currency: Currency::parse(currency).unwrap() };
            assert_eq!(coins(&money.display(), currency), Ok(minor), "what is shown can be typed");
        }
    }
}
