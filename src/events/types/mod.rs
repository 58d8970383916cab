//! What events sends and takes, on both sides of the wire.

use crate::{id_type, text_type};

mod event;
mod filter;
mod parts;
mod venue;

pub use event::*;
pub use filter::*;
pub use parts::*;
pub use venue::*;

pub use crate::kernel::text::TimeZone;

id_type! {
    /// An event.
    EventId,
    /// A place.
    VenueId,
    /// A picture of an event.
    EventImageId,
    /// Somebody who organises beside the host.
    CoHostId,
    /// A question that guests are asked.
    QuestionId,
    /// A stream of an event.
    StreamId,
}

fn day_rule(text: String) -> Result<String, String> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    match time::Date::parse(&text, form) {
        Ok(day) if (1..10_000).contains(&day.year()) => Ok(text),
        _ => Err("must be a day such as 2026-11-21".to_owned()),
    }
}

fn percent_rule(text: String) -> Result<String, String> {
    let wrong = || Err("must be a percentage from 0 to 100 with at most two decimals, such as 18 or 12.5".to_owned());
    let (whole, rest) = text.split_once('.').unwrap_or((text.as_str(), "0"));
    let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 3) || !digits(rest, 2) {
        return wrong();
    }
    let hundredths = whole.parse().unwrap_or(u32::MAX / 1000) * 100 + format!("{rest:0<2}").parse().unwrap_or(0);
    if hundredths <= 10_000 { Ok(text) } else { wrong() }
}

fn gst_rule(text: String) -> Result<String, String> {
    let text = text.to_uppercase();
    if text.len() == 15 && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Ok(text)
    } else {
        Err("must be a GST number of 15 letters and digits".to_owned())
    }
}

text_type! {
    /// What an event is called.
    EventTitle(3, 120, "Monsoon Jazz on the Terrace"),
    /// Party, picnic, travel …
    Mood(2, 40, "Concert"),
    /// What an event is about; may be empty.
    Description(0, 20_000, "Three quartets, one terrace, doors at seven.") lines,
    /// A place that is not among the venues.
    PlaceText(2, 300, "Cubbon Park, bandstand"),
    /// A city.
    City(2, 80, "Bengaluru"),
    /// A postal address; may be empty.
    Address(0, 300, "12 Mill Road"),
    /// A day of the calendar.
    Day(10, 10, "2026-11-21", day_rule; "format" = "date"),
    /// A percentage with at most two decimals.
    Percent(1, 6, "18.00", percent_rule),
    /// A GST number.
    GstNumber(15, 15, "29ABCDE1234F1Z5", gst_rule),
    /// An event's word in addresses.
    EventSlug(1, 200, "monsoon-jazz-on-the-terrace-2f6c1a5d8e90"),
    /// Who carries a stream.
    StreamProvider(2, 40, "youtube"),
    /// What a guest is asked.
    QuestionLabel(2, 200, "Anything you cannot eat?"),
    /// One of the answers that can be chosen.
    QuestionOption(1, 80, "Vegetarian"),
}

/// A percentage as people write it: `12.50` is `12.5%`, `18.00` is `18%`.
pub fn percent_in_words(percent: &str) -> String {
    let plain = if percent.contains('.') { percent.trim_end_matches('0').trim_end_matches('.') } else { percent };
    format!("{plain}%")
}

/// Seats: 1 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct Seats(i32);

impl Seats {
    /// How many.
    pub fn count(self) -> i32 {
        self.0
    }
}
impl TryFrom<i32> for Seats {
    type Error = String;
    fn try_from(count: i32) -> Result<Self, String> {
        if (1..=1_000_000).contains(&count) {
            Ok(Self(count))
        } else {
            Err("must be between 1 and 1,000,000".to_owned())
        }
    }
}
impl From<Seats> for i32 {
    fn from(seats: Seats) -> i32 {
        seats.0
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Seats {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seats".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": 1_000_000, "examples": [120] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_people_type() {
        for good in ["0", "5", "18.00", "12.5", "100", "100.00"] {
            assert!(Percent::parse(good).is_ok(), "{good}");
            assert!(!percent_in_words(good).contains(".0"), "{good}");
        }
        for bad in ["100.01", "-1", "1e1", "12.345", ".5", "a", "999"] {
            assert!(Percent::parse(bad).is_err(), "{bad}");
        }
        for good in ["Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(TimeZone::parse(good).is_ok(), "{good}");
        }
        for bad in ["IST", "EST", "localtime", "Factory", "posixrules", "right/UTC", "posix/Asia/Kolkata", "'; drop"] {
            assert!(TimeZone::parse(bad).is_err(), "{bad}");
        }
        assert!(Seats::try_from(0).is_err());
    }
}
