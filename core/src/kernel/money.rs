//! Money: whole minor units and a currency. Never a float.

use serde::{Deserialize, Serialize};

use crate::text_type;

fn currency_rule(text: String) -> Result<String, String> {
    let text = text.to_uppercase();
    if text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text)
    } else {
        Err("must be a currency's three letters, such as INR".to_owned())
    }
}

text_type! {
    /// A currency by its three letters (ISO 4217).
    Currency(3, 3, "INR", currency_rule),
}

impl Currency {
    /// How many digits stand behind the point.
    pub fn digits(&self) -> u32 {
        match self.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }
}

/// An amount in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: paise, cents.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
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

    /// For people: `INR 1,299.00`.
    pub fn display(&self) -> String {
        let scale = 10_u64.pow(self.currency.digits());
        let (whole, rest) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        let digits = whole.to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.minor < 0 { "−" } else { "" };
        match self.currency.digits() {
            0 => format!("{} {sign}{grouped}", self.currency),
            width => format!("{} {sign}{grouped}.{rest:0width$}", self.currency, width = width as usize),
        }
    }
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

/// Signs and words that name one currency; others are only left out.
const SIGNS: [(&str, &str); 7] =
    [("₹", "INR"), ("Rs.", "INR"), ("Rs", "INR"), ("€", "EUR"), ("£", "GBP"), ("₩", "KRW"), ("₫", "VND")];

/// The digits, and the currency that was typed before or behind them.
fn without_sign(text: &str) -> (&str, Option<&'static str>) {
    for (sign, currency) in SIGNS {
        if let Some(digits) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (digits.trim(), Some(currency));
        }
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
        if sizes && groups.iter().all(|group| !group.is_empty()) && digits(&whole, 9) && digits(rest, 3) {
            Ok(Self { whole, rest: rest.trim_end_matches('0').to_owned(), currency: currency.map(str::to_owned) })
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
                0 => format!("must be a whole number: {currency} has no smaller coins"),
                _ => format!("must have at most {width} digits after the point in {currency}"),
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
    fn amounts_read_as_people_write_them() {
        let shown = |minor, currency: &str| Money { minor, currency: Currency::parse(currency).unwrap() }.display();
        assert_eq!(shown(129_900, "inr"), "INR 1,299.00");
        assert_eq!(shown(-5, "EUR"), "EUR −0.05");
        assert_eq!(shown(1_234_567, "JPY"), "JPY 1,234,567");
        assert_eq!(shown(1_234, "KWD"), "KWD 1.234");
        assert_eq!(shown(i64::MIN, "USD"), "USD −92,233,720,368,547,758.08");
        let plain = |minor, currency: &str| Money { minor, currency: Currency::parse(currency).unwrap() }.decimal();
        assert_eq!((plain(-129_900, "INR"), plain(7, "JPY")), ("-1299.00".to_owned(), "7".to_owned()));
        assert!(Currency::parse("EU1").is_err());
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
        assert_eq!(coins("7.9", "JPY").unwrap_err(), "must be a whole number: JPY has no smaller coins");
        assert_eq!(coins("7.505", "INR").unwrap_err(), "must have at most 2 digits after the point in INR");
        assert_eq!(coins("€5", "INR").unwrap_err(), "must be in INR, not EUR");
    }
}
