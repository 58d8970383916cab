//! What organisers are charged, and how amounts are shared out without losing a coin.

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::FeeScheduleId;
use crate::access::wire;
use crate::events::{EventId, Percent};
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;

/// A share of an amount in hundredths of a percent, to the nearest coin; half a coin is one more.
pub fn share(minor: i64, basis_points: i32) -> i64 {
    let exact = i128::from(minor) * i128::from(basis_points);
    i64::try_from((exact + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX)
}

/// The tax within a price that includes it, to the nearest coin.
pub fn tax_within(minor: i64, basis_points: i32) -> i64 {
    let whole = 10_000 + i128::from(basis_points);
    let before = (i128::from(minor) * 10_000 + whole / 2).div_euclid(whole);
    minor - i64::try_from(before).unwrap_or(minor)
}

/// What hangs on one amount: the event's tax within it, the organiser's fee and the tax on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charges {
    /// Within the amount.
    pub tax: i64,
    /// Of the amount.
    pub fee: i64,
    /// On the fee.
    pub fee_tax: i64,
}

/// What is charged, in hundredths of a percent.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// The event's tax.
    pub tax: i32,
    /// The organiser's fee.
    pub fee: i32,
    /// The tax on the fee.
    pub fee_tax: i32,
}

impl Charges {
    /// Of an amount, at these rates.
    pub fn of(minor: i64, rates: Rates) -> Charges {
        let fee = share(minor, rates.fee);
        Charges { tax: tax_within(minor, rates.tax), fee, fee_tax: share(fee, rates.fee_tax) }
    }
}

/// How much of a part belongs to what was paid back so far of the whole: nothing at first and all of it at the end, so
/// what several refunds give back of it always adds up.
pub fn part_of(part: i64, so_far: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    i64::try_from(i128::from(part) * i128::from(so_far) / i128::from(whole)).unwrap_or(part)
}

/// Shares an amount out over parts by their weights; what is shared adds up, and nobody gets more than the weight while
/// the amount is no more than all weights.
pub fn split(minor: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i64 = weights.iter().sum();
    let (mut seen, mut given) = (0, 0);
    let one = |weight: &i64| {
        seen += weight;
        let until_here = part_of(minor, seen, whole);
        let part = until_here - given;
        given = until_here;
        part
    };
    weights.iter().map(one).collect()
}

/// A percentage in hundredths of a percent: `12.5` is 1250.
pub fn basis_points(percent: &Percent) -> i32 {
    let (whole, rest) = percent.as_str().split_once('.').unwrap_or((percent.as_str(), ""));
    format!("{whole}{rest:0<2}").parse().unwrap_or_default()
}

/// Hundredths of a percent as a percentage: 1250 is `12.50`.
pub fn percent_of(basis_points: i32) -> String {
    format!("{}.{:02}", basis_points / 100, basis_points % 100)
}

wire! {
    /// The fee charged to an organiser.
    pub struct FeeSchedule {
        pub id: FeeScheduleId,
        /// The partner it holds for; for all, where neither a partner nor an event is named.
        pub partner_id: Option<PartnerId>,
        pub partner_name: Option<String>,
        /// The event it holds for.
        pub event_id: Option<EventId>,
        pub event_title: Option<String>,
        /// The fee in hundredths of a percent of what guests pay.
        pub fee_basis_points: i32,
        /// Tax on the fee, in hundredths of a percent of it.
        pub tax_basis_points: i32,
        pub created_at: Timestamp,
    }

    /// Sets what is charged from now on.
    #[serde(deny_unknown_fields)]
    pub struct NewFeeSchedule {
        /// Only for this partner's events.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
        /// Only for this event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        pub fee_basis_points: i32,
        #[serde(default)]
        pub tax_basis_points: i32,
    }
}

impl Validate for NewFeeSchedule {
    fn check(&self, errors: &mut FieldErrors) {
        for (field, points) in
            [("fee_basis_points", self.fee_basis_points), ("tax_basis_points", self.tax_basis_points)]
        {
            if !(0..=5_000).contains(&points) {
                say(errors, field, "must be between 0 and 5000 hundredths of a percent");
            }
        }
        if self.partner_id.is_some() && self.event_id.is_some() {
            say(errors, "event_id", "leave out the partner: the event has its own fee");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_to_the_nearest_coin() {
        for (minor, points, fee) in [
            (129_900, 500, 6_495),
            (1, 500, 0),
            (10, 500, 1),
            (700, 250, 18),
            (1_234, 1_800, 222),
            (0, 500, 0),
            (i64::MAX / 2, 5_000, i64::MAX / 4 + 1),
        ] {
            assert_eq!(share(minor, points), fee, "{minor} × {points}");
        }
        for (text, points) in [("5", 500), ("12.5", 1_250), ("0.05", 5), ("18.00", 1_800), ("0", 0)] {
            assert_eq!(basis_points(&Percent::parse(text).unwrap()), points, "{text}");
        }
        assert_eq!((&*percent_of(1_250), &*percent_of(5)), ("12.50", "0.05"));
        // ₹1,620 with 18 % GST in it, as the page says.
        assert_eq!(tax_within(162_000, 1_800), 24_712);
        assert_eq!((tax_within(700, 1_000), tax_within(1_234, 500), tax_within(999, 0)), (64, 59, 0));
    }

    #[test]
    fn what_is_shared_adds_up() {
        for (minor, weights) in [
            (100, vec![1, 1, 1]),
            (1, vec![5, 5, 5, 5]),
            (0, vec![3, 4]),
            (7_777, vec![1_000, 9_999, 1]),
            (10, vec![0, 7, 3]),
            (1_299_001, vec![129_900, 1_169_101]),
        ] {
            let parts = split(minor, &weights);
            assert_eq!(parts.iter().sum::<i64>(), minor, "{minor} over {weights:?}");
            let whole: i64 = weights.iter().sum();
            assert!(minor > whole || parts.iter().zip(&weights).all(|(part, weight)| part <= weight), "{parts:?}");
        }
        for (part, whole) in [(6_495, 129_900), (1, 3), (7, 1_234_567)] {
            let steps = [0, whole / 7, whole / 3, whole - 1, whole];
            let given: Vec<i64> = steps.iter().map(|so_far| part_of(part, *so_far, whole)).collect();
            assert!(given.is_sorted() && given[0] == 0 && given[4] == part, "{given:?}");
        }
    }
}
