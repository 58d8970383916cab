//! Rate limits. Coarse ones per process (governor); those that protect a person are counted in
//! PostgreSQL, so that they hold over all processes.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use axum::http::{HeaderName, HeaderValue};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use sqlx::PgConnection;
use time::Duration;

use super::error::{Result, rate_limited};
use super::request::Request;
use super::timestamp::Timestamp;

/// How costly an operation is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Ordinary reads and writes.
    Standard,
    /// Costs a password hash or a mail: a twentieth of the standard rate.
    Costly,
}

type Keyed = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// The limits of one process.
pub struct Limiter {
    standard: Keyed,
    costly: Keyed,
    standard_limit: u32,
}

impl Limiter {
    /// `per_minute` requests for each caller and class.
    pub fn new(per_minute: u32) -> Self {
        let keyed = |n: u32| {
            let n = NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_minute(n)).with_middleware::<StateInformationMiddleware>()
        };
        Self { standard: keyed(per_minute), costly: keyed(costly(per_minute)), standard_limit: per_minute }
    }

    /// Counts one call and tells the caller where it stands, in the answer's headers.
    pub fn check(&self, class: RateClass, subject: &str, request: &Request) -> Result<()> {
        let (limiter, limit) = match class {
            RateClass::Standard => (&self.standard, self.standard_limit),
            RateClass::Costly => (&self.costly, costly(self.standard_limit)),
        };
        let subject = subject.to_owned();
        let outcome = limiter.check_key(&subject);
        let remaining = outcome.as_ref().map_or(0, |state| state.remaining_burst_capacity());
        let wait = outcome.err().map(|not_until| not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1);
        let number = |name: &'static str, n: u64| {
            request.answer_header(HeaderName::from_static(name), HeaderValue::from(n));
        };
        number("ratelimit-limit", limit.into());
        number("ratelimit-remaining", remaining.into());
        number("ratelimit-reset", wait.unwrap_or(u64::from(remaining < limit)));
        match wait {
            None => Ok(()),
            Some(seconds) => Err(rate_limited().retry_after(seconds)),
        }
    }

    /// Forgets callers that have been quiet; run now and then.
    pub fn sweep(&self) {
        self.standard.retain_recent();
        self.costly.retain_recent();
    }
}

fn costly(per_minute: u32) -> u32 {
    (per_minute / 20).max(5)
}

/// What every limit counts an address as: an IPv4 address itself, the /64 of an IPv6 one, which is the least that one
/// line is given. A mapped address (`::ffff:a.b.c.d`) is the IPv4 address it stands for.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// Counts one occurrence for `subject` in the present window and answers how many there were.
pub async fn count(db: &mut PgConnection, name: &str, subject: &str, window: Duration, now: Timestamp) -> Result<i32> {
    let start = window_start(window, now);
    let count = sqlx::query_scalar!(
        "insert into rate_counters (name, subject, window_start, count) values ($1, $2, $3, 1)
         on conflict (name, subject, window_start) do update set count = rate_counters.count + 1
         returning count",
        name,
        subject,
        start.0,
    )
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// How many occurrences the present window has.
pub async fn counted(
    db: &mut PgConnection,
    name: &str,
    subject: &str,
    window: Duration,
    now: Timestamp,
) -> Result<i32> {
    let start = window_start(window, now);
    let count = sqlx::query_scalar!(
        "select count from rate_counters where name = $1 and subject = $2 and window_start = $3",
        name,
        subject,
        start.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(count.unwrap_or(0))
}

/// Seconds until the present window ends.
pub fn window_remaining(window: Duration, now: Timestamp) -> u64 {
    let end = window_start(window, now).0 + window;
    (end - now.0).whole_seconds().max(1).unsigned_abs()
}

fn window_start(window: Duration, now: Timestamp) -> Timestamp {
    let seconds = window.whole_seconds().max(1);
    let start = now.0.unix_timestamp().div_euclid(seconds) * seconds;
    Timestamp(time::OffsetDateTime::from_unix_timestamp(start).unwrap_or(now.0))
}
