//! What the business did in a range of time, beside the range before it. [000 Dashboard]

use operation::{FieldErrors, Validate};
use serde::Serialize;
use time::Duration;
use uuid::Uuid;

use crate::access::wire;
use crate::events::{EventId, TimeZone};
use crate::kernel::chart::Chart;
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::timestamp::Timestamp;

/// Of how long the figures are if nothing is said.
const USUALLY: Duration = Duration::days(30);
/// What figures are added up from: quarter hours in UTC, which the days of every time zone are made of.
pub const BUCKET: Duration = Duration::minutes(15);
/// Of how long they may be.
const MOST_DAYS: i64 = 400;

wire! {
    /// The date range. `from` and `to` are widened to whole quarter hours.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct DashboardRange {
        /// Start of the range; 30 days before `to` if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// End of the range; now if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
    }

    /// The date range and time zone of a chart. `from` and `to` are widened to whole quarter hours.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct ChartRange {
        /// Start of the range; 30 days before `to` if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// End of the range; now if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
        /// Days are those of this zone; the organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub timezone: Option<TimeZone>,
    }

    /// A number, and the same of the range before, which is as long.
    #[derive(Copy)]
    pub struct Compared {
        pub now: i64,
        pub before: i64,
    }

    /// Payments in one currency.
    pub struct RevenueFigures {
        pub currency: String,
        /// Ticket sales.
        pub gross: Money,
        /// The part that was refunded or is being refunded.
        pub refunded: Money,
        /// The fees earned, without their tax.
        pub fees: Money,
        /// `gross` of the range before.
        pub gross_before: Money,
        /// `refunded` of the range before.
        pub refunded_before: Money,
        /// `fees` of the range before.
        pub fees_before: Money,
    }

    /// The key figures. Figures the caller may not see are absent.
    pub struct DashboardMetrics {
        pub from: Timestamp,
        pub to: Timestamp,
        /// Start of the previous range, which ends at `from`.
        pub before: Timestamp,
        /// By currency, as the ledger has it.
        pub revenue: Option<Vec<RevenueFigures>>,
        /// Tickets that were issued.
        pub tickets: Option<Compared>,
        /// Guests admitted at gates; re-entries count again.
        pub let_in: Option<Compared>,
        /// Guests and hosts who signed up.
        pub new_users: Option<Compared>,
        /// Events that began and were not cancelled.
        pub events: Option<Compared>,
        /// Partners that are active now.
        pub active_partners: Option<i64>,
    }

    /// One day's money.
    pub struct RevenueDay {
        /// Such as `2026-11-24`.
        pub day: String,
        pub gross: Money,
        pub refunded: Money,
        pub fees: Money,
    }

    /// Every day of a range, in one currency.
    pub struct RevenueSeries {
        pub currency: String,
        pub days: Vec<RevenueDay>,
        /// The same, drawn.
        pub chart: Chart,
    }

    /// Revenue by day.
    pub struct RevenueChart {
        pub from: Timestamp,
        pub to: Timestamp,
        /// The zone whose days they are.
        pub timezone: TimeZone,
        /// The currency with the most orders first.
        pub series: Vec<RevenueSeries>,
    }

    /// A range, and the page of what is listed of it. `from` and `to` are widened to whole quarter hours.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct DashboardEventsQuery {
        /// Start of the range; 30 days before `to` if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// End of the range; now if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
        /// The `next_cursor` of the previous page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// How many rows it holds at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The key figures of one event in a range.
    pub struct DashboardEvent {
        pub event_id: EventId,
        pub title: String,
        /// When it begins.
        pub start_at: Timestamp,
        /// The day of that, by its own clocks.
        pub event_date: String,
        /// It started in the range and was not cancelled.
        pub held: bool,
        /// Tickets that were issued for it.
        pub tickets: i64,
        /// Guests admitted at its gates; re-entries count again.
        pub let_in: i64,
    }

    /// One action.
    pub struct DashboardActivity {
        pub id: Uuid,
        pub created_at: Timestamp,
        /// Who did it.
        pub by: String,
        /// The action, as the rest of a sentence that starts with the actor: `verified Marigold Halls’ PAN`.
        pub text: String,
        /// The page of what it was done to.
        pub href: Option<String>,
    }
}

/// A range whose ends are known, with the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Where the range before begins.
    pub before: Timestamp,
    /// Where the range begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
}

impl Span {
    /// The range that was asked for, as it stands now, in whole buckets. One that begins later than now is empty.
    ///
    /// # Errors
    /// `invalid_input` where it is longer than may be.
    pub fn of(from: Option<Timestamp>, to: Option<Timestamp>, now: Timestamp) -> Result<Span> {
        let to = to.unwrap_or_else(|| from.map_or(now, |from| from.max(now)));
        if from.is_some_and(|from| to.0 - from.0 > Duration::days(MOST_DAYS)) {
            return Err(invalid_input().field("from", format!("must be within {MOST_DAYS} days of `to`")));
        }
        let to = bucket_of(to.plus(BUCKET - Duration::MICROSECOND));
        let from = from.map_or_else(|| to.plus(-USUALLY), bucket_of);
        let length = to.0 - from.0;
        Ok(Span { before: from.plus(-length), from, to })
    }
}

/// Where the bucket begins that this time lies in.
pub fn bucket_of(time: Timestamp) -> Timestamp {
    let seconds = time.0.unix_timestamp().rem_euclid(BUCKET.whole_seconds());
    time.plus(-(Duration::seconds(seconds) + Duration::nanoseconds(time.0.nanosecond().into())))
}

fn check(from: Option<Timestamp>, to: Option<Timestamp>, errors: &mut FieldErrors) {
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        errors.entry("to".to_owned()).or_default().push("must be later than `from`".to_owned());
    }
}

impl Validate for DashboardRange {
    fn check(&self, errors: &mut FieldErrors) {
        check(self.from, self.to, errors);
    }
}

impl Validate for DashboardEventsQuery {
    fn check(&self, errors: &mut FieldErrors) {
        check(self.from, self.to, errors);
    }
}

impl Validate for ChartRange {
    fn check(&self, errors: &mut FieldErrors) {
        check(self.from, self.to, errors);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn the_range_before_is_as_long_and_ends_where_it_begins() {
        let now = at("2026-11-26T00:00:00Z");
        let usual = Span::of(None, None, now).unwrap();
        assert_eq!((usual.before, usual.from, usual.to), (at("2026-09-27T00:00:00Z"), at("2026-10-27T00:00:00Z"), now));
        let week = Span::of(Some(at("2026-11-19T00:00:00Z")), None, now).unwrap();
        assert_eq!(week.before, at("2026-11-12T00:00:00Z"));
        // One that begins later than now is empty, not upside down.
        let later = Span::of(Some(at("2027-01-01T00:00:00Z")), None, now).unwrap();
        assert_eq!((later.from, later.to), (at("2027-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")));
        // Ends lie on quarter hours.
        let odd = Span::of(Some(at("2026-11-25T10:07:01Z")), None, at("2026-11-25T11:15:00.000001Z")).unwrap();
        let quarters = ["2026-11-25T08:30:00Z", "2026-11-25T10:00:00Z", "2026-11-25T11:30:00Z"].map(at);
        assert_eq!([odd.before, odd.from, odd.to], quarters);
        assert!(Span::of(Some(at("2020-01-01T00:00:00Z")), None, now).is_err(), "years are too much");
    }
}
