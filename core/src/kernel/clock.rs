//! Time and randomness, in one place, so that tests can fix them.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::timestamp::Timestamp;

/// The server's clock. Tests may move it; the product never does.
#[derive(Debug, Default)]
pub struct Clock {
    offset_micros: AtomicI64,
}

impl Clock {
    /// Now, to the microsecond (what PostgreSQL keeps).
    #[allow(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
    pub fn now(&self) -> Timestamp {
        let now = OffsetDateTime::now_utc() + Duration::microseconds(self.offset_micros.load(Ordering::Relaxed));
        let micros = now.microsecond();
        Timestamp(now.replace_microsecond(micros).unwrap_or(now))
    }

    /// Shows this moment now, and runs on; for tests.
    pub fn set(&self, moment: Timestamp) {
        self.advance(moment.0 - self.now().0);
    }

    /// Moves the clock; for tests.
    pub fn advance(&self, by: Duration) {
        self.offset_micros.fetch_add(by.whole_microseconds() as i64, Ordering::Relaxed);
    }
}

/// A new UUIDv7.
#[allow(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
pub fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// Random bytes from the system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random generator works");
    bytes
}
