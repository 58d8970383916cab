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

/// An amount as people type it: digits, and perhaps a point with more of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Amount(String);

impl TryFrom<String> for Amount {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let amount = Self(text.trim().replace(',', ""));
        let (whole, rest) = amount.0.split_once('.').unwrap_or((&amount.0, "0"));
        let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if digits(whole, 9) && digits(rest, 3) { Ok(amount) } else { Err(NO_AMOUNT.to_owned()) }
    }
}

const NO_AMOUNT: &str = "must be an amount such as 499.50";

impl Amount {
    /// In this currency; what it has no coins for is cut off.
    pub fn in_currency(&self, currency: Currency) -> Money {
        let (whole, rest) = self.0.split_once('.').unwrap_or((&self.0, ""));
        let coins: String = rest.chars().chain("000".chars()).take(currency.digits() as usize).collect();
        Money { minor: format!("{whole}{coins}").parse().unwrap_or_default(), currency }
    }

    /// In this currency; refused where it has more digits than there are coins for.
    pub fn exactly_in(&self, currency: Currency) -> Result<Money, String> {
        let digits = self.0.split_once('.').map_or(0, |(_, rest)| rest.len());
        if digits > (currency.digits() as usize).max(1) {
            return Err(NO_AMOUNT.to_owned());
        }
        Ok(self.in_currency(currency))
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
        let coins = |text: &str, currency: &str| amount(text).unwrap().in_currency(Currency::parse(currency).unwrap());
        assert_eq!(coins("499", "INR").minor, 49_900);
        assert_eq!(coins("1,499.5", "INR").minor, 149_950);
        assert_eq!(coins("7.99", "JPY").minor, 7);
        assert_eq!(coins("1.234", "KWD").minor, 1_234);
        for bad in ["", "-1", "1.", "a", "1.2.3"] {
            assert!(amount(bad).is_err(), "{bad}");
        }
        let exactly = |text: &str, currency: &str| amount(text).unwrap().exactly_in(Currency::parse(currency).unwrap());
        assert_eq!(exactly("7.50", "INR").unwrap().minor, 750);
        assert_eq!(exactly("7.505", "INR").unwrap_err(), "must be an amount such as 499.50");
    }
}
