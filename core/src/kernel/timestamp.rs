//! Points in time: UTC, RFC 3339 on the wire.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::macros::{datetime, format_description};
use time::{Duration, OffsetDateTime, UtcOffset};

/// A point in time in UTC, to the microsecond. What comes from outside lies between 1900 and 9998, so that a zone,
/// a day or an event's length more or less never leaves the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type))]
#[cfg_attr(feature = "ssr", sqlx(transparent))]
pub struct Timestamp(pub OffsetDateTime);

impl Timestamp {
    /// The first that is taken.
    pub const MIN: Timestamp = Timestamp(datetime!(1900-01-01 00:00:00 UTC));
    /// The last that is taken.
    pub const MAX: Timestamp = Timestamp(datetime!(9998-12-31 23:59:59.999999 UTC));

    /// RFC 3339, as on the wire.
    pub fn rfc3339(self) -> String {
        self.utc().format(&Rfc3339).unwrap_or_default()
    }
    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Result<Self, String> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "must be a time such as 2026-11-21T20:14:00Z")?;
        let at = at.checked_to_offset(UtcOffset::UTC).map(Self::from);
        at.filter(|at| (Self::MIN..=Self::MAX).contains(at))
            .ok_or_else(|| "must be between the years 1900 and 9998".to_owned())
    }
    /// So much later, or earlier; at most the last or the first there is.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by)).clamp(Self::MIN, Self::MAX)
    }
    /// For staff, where nothing says whose clocks are meant: `21 Nov 2026, 20:14 UTC`. What guests read of an event is
    /// told by its own clocks (`events::Zone`).
    pub fn display_utc(self) -> String {
        let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        self.utc().format(&format).unwrap_or_default()
    }
    /// For people, the day alone.
    pub fn display_day(self) -> String {
        let format = format_description!("[day padding:none] [month repr:short] [year]");
        self.utc().format(&format).unwrap_or_default()
    }
    fn utc(self) -> OffsetDateTime {
        self.0.checked_to_offset(UtcOffset::UTC).unwrap_or(self.0)
    }
}
impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
impl From<OffsetDateTime> for Timestamp {
    fn from(value: OffsetDateTime) -> Self {
        let value = Self(value).utc();
        Self(value.replace_microsecond(value.microsecond()).unwrap_or(value))
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "date-time", "examples": ["2026-11-21T20:14:00Z"],
            "description": "RFC 3339, from 1900 to 9998; kept in UTC to the microsecond.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_utc_to_the_microsecond_and_within_the_calendar() {
        let read = |text: &str| serde_json::from_value::<Timestamp>(text.into()).map(Timestamp::rfc3339);
        assert_eq!(read("2026-11-21T20:14:00+05:30").unwrap(), "2026-11-21T14:44:00Z");
        assert_eq!(read("2026-11-21T20:14:00.123456789Z").unwrap(), "2026-11-21T20:14:00.123456Z");
        assert_eq!(read("1900-01-01T00:00:00Z").unwrap(), "1900-01-01T00:00:00Z");
        for bad in
            ["9999-12-31T23:59:59-23:59", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00+23:59"]
        {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains("between the years 1900 and 9998"), "{bad}: {error}");
        }
        assert!(read("2026-02-30T00:00:00Z").unwrap_err().to_string().contains("must be a time such as"));
    }

    #[test]
    fn what_people_read_is_utc_and_sums_stay_within_the_calendar() {
        let local = Timestamp(datetime!(2026-11-21 20:14:00 +05:30));
        assert_eq!(
            (local.display_utc().as_str(), local.display_day().as_str()),
            ("21 Nov 2026, 14:44 UTC", "21 Nov 2026")
        );
        assert_eq!(Timestamp::MAX.plus(Duration::DAY), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.plus(-Duration::MAX), Timestamp::MIN);
    }
}
