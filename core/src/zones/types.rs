//! The clocks of a place: what they show at a moment, and which moment people mean by what they show. The same rule
//! on every face; the server gets a zone's changes from the database, the browser gets them from the server.

use operation::Validate;
use serde::Serialize;
use time::formatting::Formattable;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::access::wire;
use crate::kernel::text::TimeZone;
use crate::kernel::timestamp::Timestamp;

/// How many hours at most an evening takes: what ends the next day within them is still one evening.
const NIGHT: i64 = 12;

wire! {
    /// A time zone, with every change of its clocks from 2010 to 2060.
    pub struct Zone {
        /// Its name in the time zone database.
        pub name: String,
        /// In order; the first says how the clocks stood in the beginning.
        pub changes: Vec<ZoneChange>,
    }

    /// From then on the clocks of a zone are so far from UTC.
    pub struct ZoneChange {
        pub since: Timestamp,
        /// Seconds to add to UTC.
        pub offset_seconds: i32,
        /// Its abbreviation, such as IST; a number if it has none.
        pub abbreviation: String,
    }

    /// The time zone.
    #[serde(deny_unknown_fields)]
    pub struct ZoneQuery {
        pub timezone: TimeZone,
    }
}
impl Validate for ZoneQuery {}

wire! {
    /// The time zone someone reads times in.
    #[serde(deny_unknown_fields)]
    pub struct OwnZone {
        /// The time zone the reader lives by.
        pub timezone: TimeZone,
    }
}
impl Validate for OwnZone {}

impl ZoneChange {
    fn offset(&self) -> UtcOffset {
        UtcOffset::from_whole_seconds(self.offset_seconds).unwrap_or(UtcOffset::UTC)
    }

    /// `IST (GMT+5:30)`; the number alone where there is no word.
    fn label(&self) -> String {
        let has_word = self.abbreviation.starts_with(|c: char| c.is_ascii_alphabetic());
        let minutes = self.offset_seconds / 60;
        if minutes == 0 && has_word {
            return self.abbreviation.clone();
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        let distance = match (minutes.abs() / 60, minutes.abs() % 60) {
            (hours, 0) => format!("GMT{sign}{hours}"),
            (hours, rest) => format!("GMT{sign}{hours}:{rest:02}"),
        };
        if has_word { format!("{} ({distance})", self.abbreviation) } else { distance }
    }
}

/// What a field for a day and a time holds: what a clock shows.
pub fn wall_of_field(text: &str) -> Result<PrimitiveDateTime, String> {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let minutes = text.get(..16).unwrap_or(text);
    PrimitiveDateTime::parse(minutes, form).map_err(|_| match text {
        "" => "is required".to_owned(),
        _ => "must be a day and a time".to_owned(),
    })
}

impl Zone {
    fn change(&self, moment: Timestamp) -> Option<&ZoneChange> {
        let after = self.changes.partition_point(|change| change.since <= moment);
        self.changes.get(after.saturating_sub(1))
    }

    /// The moment as the clocks there show it. At the very ends of the calendar it stays in UTC.
    pub fn local(&self, moment: Timestamp) -> OffsetDateTime {
        let offset = self.change(moment).map_or(UtcOffset::UTC, ZoneChange::offset);
        moment.0.checked_to_offset(offset).unwrap_or(moment.0)
    }

    /// The moment at which the clocks there show this. Of one that comes twice it is the first; one that the clocks
    /// jump over is refused.
    pub fn moment(&self, wall: PrimitiveDateTime) -> Result<Timestamp, String> {
        let shown = |at: &OffsetDateTime| {
            let there = self.local(Timestamp(*at));
            PrimitiveDateTime::new(there.date(), there.time()) == wall
        };
        let mut offsets: Vec<i32> = self.changes.iter().map(|change| change.offset_seconds).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let candidates = offsets.iter().filter_map(|offset| {
            wall.assume_utc()
                .checked_sub(Duration::seconds((*offset).into()))
                .filter(|at| (Timestamp::MIN..=Timestamp::MAX).contains(&Timestamp(*at)))
        });
        match candidates.filter(shown).min() {
            Some(moment) => Ok(Timestamp(moment)),
            None => Err(self.skipped(wall)),
        }
    }

    /// The same of what a form has sent as if it were UTC.
    pub fn moment_typed(&self, wall: Timestamp) -> Result<Timestamp, String> {
        self.moment(PrimitiveDateTime::new(wall.0.date(), wall.0.time()))
    }

    fn skipped(&self, wall: PrimitiveDateTime) -> String {
        let hour = format_description!("[hour]:[minute]");
        let jump = self.changes.windows(2).find_map(|pair| {
            let at = |change: &ZoneChange| {
                let there = pair[1].since.0.checked_to_offset(change.offset())?;
                Some(PrimitiveDateTime::new(there.date(), there.time()))
            };
            at(&pair[0]).zip(at(&pair[1])).filter(|(from, to)| (*from..*to).contains(&wall))
        });
        match jump.and_then(|(from, to)| from.format(&hour).ok().zip(to.format(&hour).ok())) {
            Some((from, to)) => {
                format!("does not exist in {} that day: the clocks go forward from {from} to {to}", self.name)
            }
            None => "is too far away".to_owned(),
        }
    }

    /// For people: `Sat 5 Dec 2026, 19:30 IST (GMT+5:30)`.
    pub fn display(&self, moment: Timestamp) -> String {
        format!("{} {}", day_and_hour(self.local(moment)), self.label(moment))
    }

    /// In short, for lists: `Sat 5 Dec, 19:30 IST`.
    pub fn brief(&self, moment: Timestamp) -> String {
        let form = format_description!("[weekday repr:short] [day padding:none] [month repr:short], [hour]:[minute]");
        let label = self.label(moment);
        let word = label.split(' ').next().unwrap_or_default();
        format!("{} {word}", self.local(moment).format(&form).unwrap_or_default())
    }

    /// The days of what lasts over several: `Fri 27 – Sun 29 Nov`, `Mon 30 Nov – Wed 2 Dec`. None of what is over when the
    /// night is, and a midnight ends the day before it.
    pub fn days(&self, from: Timestamp, to: Timestamp) -> Option<String> {
        let (first, last) = (self.local(from), self.last_day(from, to)?);
        let full = format_description!("[weekday repr:short] [day padding:none] [month repr:short]");
        let start = match first.month() == last.month() {
            true => first.format(format_description!("[weekday repr:short] [day padding:none]")),
            false => first.format(full),
        };
        Some(format!("{} – {}", start.unwrap_or_default(), last.format(full).unwrap_or_default()))
    }

    /// The last day there of what lasts over several.
    pub fn last_day(&self, from: Timestamp, to: Timestamp) -> Option<OffsetDateTime> {
        let last = self.local(Timestamp(to.0 - Duration::SECOND));
        let several = last.date() > self.local(from).date() && (to.0 - from.0).whole_hours() >= NIGHT;
        several.then_some(last)
    }

    /// In short, for lists: when it begins or, of what lasts over several days, these and the hour:
    /// `Fri 27 – Sun 29 Nov, from 12:00 IST`.
    pub fn brief_span(&self, from: Timestamp, to: Timestamp) -> String {
        let begins = self.brief(from);
        match (self.days(from, to), begins.split_once(", ")) {
            (Some(days), Some((_, hour))) => format!("{days}, from {hour}"),
            _ => begins,
        }
    }

    /// In full: when it begins or, of what lasts over several days, from when to when.
    pub fn display_days(&self, from: Timestamp, to: Timestamp) -> String {
        if self.last_day(from, to).is_some() { self.display_span(from, to) } else { self.display(from) }
    }

    /// From when to when: `Sat 5 Dec 2026, 19:30 – 23:00 IST (GMT+5:30)`. The clocks' distance is said twice where they
    /// change in between.
    pub fn display_span(&self, from: Timestamp, to: Timestamp) -> String {
        let (start, until) = (self.local(from), self.until(from, to));
        match (self.label(from), self.label(to)) {
            (one, same) if one == same => format!("{} – {until} {same}", day_and_hour(start)),
            (one, other) => format!("{} {one} – {until} {other}", day_and_hour(start)),
        }
    }

    /// The hours alone, where the day is said beside them: `19:30 – 23:00 IST (GMT+5:30)`, `22:00 – Sun 06:00 IST (GMT+5:30)`.
    pub fn display_hours(&self, from: Timestamp, to: Timestamp) -> String {
        let span = self.display_span(from, to);
        span.split_once(", ").map_or(span.clone(), |(_, hours)| hours.to_owned())
    }

    /// When it ends, beside when it begins: the hour, with its weekday where the night is over by then, and with the whole
    /// day where that is later still. A midnight ends the day before it.
    fn until(&self, from: Timestamp, to: Timestamp) -> String {
        let (start, end) = (self.local(from), self.local(to));
        let ends = self.local(Timestamp(to.0 - Duration::SECOND));
        if ends.date() <= start.date() {
            self.clock(to)
        } else if (to.0 - from.0).whole_hours() < NIGHT {
            end.format(format_description!("[weekday repr:short] [hour]:[minute]")).unwrap_or_default()
        } else {
            day_and_hour(end)
        }
    }

    /// The hour alone, where the day and whose clock it is are said beside it: `19:30`.
    pub fn clock(&self, moment: Timestamp) -> String {
        self.local(moment).format(format_description!("[hour]:[minute]")).unwrap_or_default()
    }

    /// For readers who live by these clocks and need not be told so: `5 Dec 2026, 19:30`; UTC is named.
    pub fn display_here(&self, moment: Timestamp) -> String {
        let form = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]");
        self.named(moment, self.local(moment).format(form).unwrap_or_default())
    }

    /// The day alone: `5 Dec 2026`.
    pub fn display_day(&self, moment: Timestamp) -> String {
        let form = format_description!("[day padding:none] [month repr:short] [year]");
        self.local(moment).format(form).unwrap_or_default()
    }

    /// For readers who live by these clocks: their own need no name, UTC does.
    fn named(&self, moment: Timestamp, here: String) -> String {
        if self.label(moment) == "UTC" { format!("{here} UTC") } else { here }
    }

    /// When a day such as `2026-12-05` begins there, so many days on: midnight, or the first hour that is shown.
    pub fn day_begins(&self, day: &str, later: i64) -> Option<Timestamp> {
        let midnight = wall_of_field(&format!("{day}T00:00")).ok()?.checked_add(Duration::days(later))?;
        let hours = (0..4).map(|hour| midnight.saturating_add(Duration::minutes(30 * hour)));
        hours.filter_map(|wall| self.moment(wall).ok()).next()
    }

    /// What a field for a day and a time begins with.
    pub fn field(&self, moment: Timestamp) -> String {
        self.local(moment).format(format_description!("[year]-[month]-[day]T[hour]:[minute]")).unwrap_or_default()
    }

    /// What people call the clocks there at this moment: `IST (GMT+5:30)`.
    pub fn label(&self, moment: Timestamp) -> String {
        self.change(moment).map_or_else(|| "UTC".to_owned(), ZoneChange::label)
    }
}

/// A day in this form; what is none as it is.
fn told(day: &str, text: &str, form: &(impl Formattable + ?Sized)) -> String {
    let wall = wall_of_field(&format!("{day}T00:00"));
    wall.ok().and_then(|wall| wall.format(form).ok()).unwrap_or_else(|| text.to_owned())
}

/// `2026-12-05` as people read it: `Saturday 5 December 2026`.
pub fn day_in_words(day: &str) -> String {
    told(day, day, format_description!("[weekday] [day padding:none] [month repr:long] [year]"))
}

/// `2026-12` as people read it: `December 2026`.
pub fn month_in_words(month: &str) -> String {
    told(&format!("{month}-01"), month, format_description!("[month repr:long] [year]"))
}

/// A day, short: `Sat 5 Dec`.
pub fn day_in_short(day: &str) -> String {
    told(day, day, format_description!("[weekday repr:short] [day padding:none] [month repr:short]"))
}

/// A day, as lists tell days: `5 Dec 2026`.
pub fn day_in_list(day: &str) -> String {
    told(day, day, format_description!("[day padding:none] [month repr:short] [year]"))
}

fn day_and_hour(there: OffsetDateTime) -> String {
    let form =
        format_description!("[weekday repr:short] [day padding:none] [month repr:short] [year], [hour]:[minute]");
    there.format(&form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str, changes: &[(&str, i32, &str)]) -> Zone {
        let change = |(since, minutes, word): &(&str, i32, &str)| ZoneChange {
            since: Timestamp::parse(since).unwrap(),
            offset_seconds: minutes * 60,
            abbreviation: (*word).to_owned(),
        };
        Zone { name: name.to_owned(), changes: changes.iter().map(change).collect() }
    }
    fn new_york() -> Zone {
        let changes = [
            ("2010-01-01T00:00:00Z", -300, "EST"),
            ("2027-03-14T07:00:00Z", -240, "EDT"),
            ("2027-11-07T06:00:00Z", -300, "EST"),
        ];
        zone("America/New_York", &changes)
    }
    fn moment(zone: &Zone, wall: &str) -> Result<String, String> {
        zone.moment(wall_of_field(wall)?).map(Timestamp::rfc3339)
    }
    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_time_that_comes_twice_is_the_first_and_one_that_never_comes_is_refused() {
        let zone = new_york();
        assert_eq!(moment(&zone, "2027-11-07T01:30").unwrap(), "2027-11-07T05:30:00Z");
        assert_eq!(moment(&zone, "2027-11-07T02:00").unwrap(), "2027-11-07T07:00:00Z");
        assert_eq!(moment(&zone, "2027-03-14T03:00").unwrap(), "2027-03-14T07:00:00Z");
        for skipped in ["2027-03-14T02:00", "2027-03-14T02:30", "2027-03-14T02:59"] {
            let refused = moment(&zone, skipped).unwrap_err();
            assert!(refused.contains("the clocks go forward from 02:00 to 03:00"), "{refused}");
        }
        assert!(moment(&zone, "9998-12-31T23:30").is_err(), "it is in year 9999 in UTC");
        for bad in ["", "2026-11-28", "28.11.2026 19:00", "2026-11-28T19:0ü"] {
            assert!(wall_of_field(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_moment_is_found_again_by_what_the_clocks_show() {
        let zone = new_york();
        let mut at = at("2027-03-13T00:00:00Z");
        for _ in 0..500 {
            let shown = zone.local(at);
            let found = zone.moment(PrimitiveDateTime::new(shown.date(), shown.time())).unwrap();
            assert!(found == at || at.0 - found.0 == Duration::HOUR, "{at:?} {found:?}");
            at = Timestamp(at.0 + Duration::minutes(15));
        }
    }

    #[test]
    fn readers_are_told_their_own_hours_and_days_begin_by_them() {
        let kolkata = zone("Asia/Kolkata", &[("2010-01-01T00:00:00Z", 330, "IST")]);
        let late = at("2026-12-05T20:00:00Z");
        assert_eq!(kolkata.display_here(late), "6 Dec 2026, 01:30");
        assert_eq!(kolkata.display_day(late), "6 Dec 2026");
        let unknown = Zone { name: "UTC".to_owned(), changes: Vec::new() };
        assert_eq!(unknown.display_here(late), "5 Dec 2026, 20:00 UTC");
        assert_eq!(kolkata.day_begins("2026-12-06", 0), Some(at("2026-12-05T18:30:00Z")));
        assert_eq!(kolkata.day_begins("2026-12-06", 1), Some(at("2026-12-06T18:30:00Z")));
        // Midnight is what these clocks jump over.
        let beirut = [("2010-01-01T00:00:00Z", 120, "EET"), ("2027-03-27T22:00:00Z", 180, "EEST")];
        assert_eq!(zone("Asia/Beirut", &beirut).day_begins("2027-03-28", 0), Some(at("2027-03-27T22:00:00Z")));
        assert_eq!(kolkata.day_begins("yesterday", 0), None);
        assert_eq!(
            (day_in_words("2026-12-05").as_str(), day_in_short("2026-12-05").as_str()),
            ("Saturday 5 December 2026", "Sat 5 Dec")
        );
        assert_eq!(day_in_list("2026-12-05"), "5 Dec 2026");
    }

    #[test]
    fn times_are_told_with_their_zone_in_words() {
        let kolkata = zone("Asia/Kolkata", &[("2010-01-01T00:00:00Z", 330, "IST")]);
        let (from, to) = (at("2026-12-05T14:00:00Z"), at("2026-12-05T17:30:00Z"));
        assert_eq!(kolkata.display(from), "Sat 5 Dec 2026, 19:30 IST (GMT+5:30)");
        assert_eq!(kolkata.display_span(from, to), "Sat 5 Dec 2026, 19:30 – 23:00 IST (GMT+5:30)");
        assert_eq!(kolkata.field(from), "2026-12-05T19:30");
        assert_eq!(kolkata.brief(from), "Sat 5 Dec, 19:30 IST");
        let night = new_york().display_span(at("2027-11-07T01:00:00Z"), at("2027-11-07T08:00:00Z"));
        assert_eq!(night, "Sat 6 Nov 2027, 21:00 EDT (GMT-4) – Sun 03:00 EST (GMT-5)");
        // A night ends the next day, and says so; a midnight ends the day before it.
        let until = |end| kolkata.display_hours(at("2026-12-05T16:30:00Z"), at(end));
        assert_eq!(until("2026-12-06T00:30:00Z"), "22:00 – Sun 06:00 IST (GMT+5:30)");
        assert_eq!(until("2026-12-05T18:30:00Z"), "22:00 – 00:00 IST (GMT+5:30)");
        let turkish = zone("Europe/Istanbul", &[("2010-01-01T00:00:00Z", 180, "+03")]);
        assert_eq!(turkish.display(from), "Sat 5 Dec 2026, 17:00 GMT+3");
        assert_eq!(turkish.brief(from), "Sat 5 Dec, 17:00 GMT+3");
        let utc = zone("UTC", &[("2010-01-01T00:00:00Z", 0, "UTC")]);
        assert_eq!(utc.display(from), "Sat 5 Dec 2026, 14:00 UTC");
        let long = utc.display_span(from, at("2026-12-07T10:00:00Z"));
        assert_eq!(long, "Sat 5 Dec 2026, 14:00 – Mon 7 Dec 2026, 10:00 UTC");
    }

    #[test]
    fn what_lasts_over_several_days_is_told_with_both() {
        let kolkata = zone("Asia/Kolkata", &[("2010-01-01T00:00:00Z", 330, "IST")]);
        let span = |from, to| (kolkata.days(at(from), at(to)), kolkata.brief_span(at(from), at(to)));
        let (noon, days) = ("2026-11-27T06:30:00Z", "Fri 27 – Sun 29 Nov".to_owned());
        assert_eq!(span(noon, "2026-11-29T16:30:00Z"), (Some(days.clone()), format!("{days}, from 12:00 IST")));
        // To midnight, which is Sunday's; over a month's end; and a night that is one evening to whoever goes there.
        assert_eq!(span(noon, "2026-11-29T18:30:00Z").0, Some(days));
        assert_eq!(span(noon, "2026-12-01T06:30:00Z").0, Some("Fri 27 Nov – Tue 1 Dec".to_owned()));
        assert_eq!(span("2026-11-27T16:30:00Z", "2026-11-28T00:30:00Z"), (None, "Fri 27 Nov, 22:00 IST".to_owned()));
        assert_eq!(kolkata.display_days(at(noon), at("2026-11-27T12:30:00Z")), kolkata.display(at(noon)));
    }
}
