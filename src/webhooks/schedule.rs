//! When a message is tried again, and when we stop.

use time::Duration;

use crate::kernel::timestamp::Timestamp;

/// Pauses after each failed attempt; after the attempt that follows the last, the message is given up.
/// Together with the first attempt a little more than a day.
const PAUSES: &[Duration] = &[
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(10),
];

/// An endpoint that answered nothing for so long is disabled when the next message is given up.
pub const FAILING: Duration = Duration::days(5);
/// And so is one for which so many messages in a row were given up.
pub const EXHAUSTED: i32 = 10;
/// How long the others wait after one attempt ran into its time limit, so that an endpoint that hangs
/// does not keep every worker waiting.
const HOLD: Duration = Duration::seconds(30);

/// The most an endpoint may ask to be left alone.
const MOST_ASKED: Duration = Duration::hours(1);

/// When to try again after the n-th failed attempt; `None` when that was the last. A fifth more or less
/// by chance, so that what failed together is not tried together.
pub fn next(attempts: i32, now: Timestamp, chance: u8) -> Option<Timestamp> {
    let at = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let pause = PAUSES.get(at)?;
    Some(Timestamp(now.0 + *pause * (0.8 + 0.4 * f64::from(chance) / 255.0)))
}

/// Until when an endpoint that hung is left alone.
pub fn held_until(now: Timestamp) -> Timestamp {
    Timestamp(now.0 + HOLD)
}

/// Until when an endpoint is left alone that asked for so many seconds; it cannot ask for more than an hour.
pub fn asked_for(seconds: u32, now: Timestamp) -> Timestamp {
    Timestamp(now.0 + Duration::seconds(seconds.into()).min(MOST_ASKED))
}

/// When a message is sent that met a held endpoint: after it, and not all at once.
pub fn after_hold(held_until: Timestamp, chance: u8) -> Timestamp {
    Timestamp(held_until.0 + HOLD * (f64::from(chance) / 255.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_attempts_over_about_a_day() {
        let start = Timestamp::parse("2026-11-21T20:00:00Z").unwrap();
        let mut now = start;
        let mut attempts = 1;
        while let Some(next) = next(attempts, now, 127) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!(attempts, 8);
        let hours = (now.0 - start.0).whole_hours();
        assert!((24..30).contains(&hours), "{hours} hours");
    }

    #[test]
    fn pauses_vary_by_a_fifth() {
        let now = Timestamp::parse("2026-11-21T20:00:00Z").unwrap();
        let pause = |chance| (next(2, now, chance).unwrap().0 - now.0).whole_seconds();
        assert_eq!((pause(0), pause(255)), (240, 360));
        assert_eq!(next(0, now, 0), None);
    }
}
