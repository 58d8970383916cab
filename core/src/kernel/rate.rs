//! Rate limits. Coarse ones per process (governor); those that protect a person are counted in
//! PostgreSQL, so that they hold over all processes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Mutex;

use axum::http::{HeaderName, HeaderValue};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use sqlx::PgConnection;
use time::Duration;

use super::caller::Caller;
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

/// How many callers one network without credentials counts as: behind an address may be all the guests of a venue.
const CROWD: u32 = 5;
/// How much of a caller's share one network may send of what is not recognised.
const STRANGERS: u32 = 4;
const MINUTE: Duration = Duration::MINUTE;

/// One limit, for each subject.
struct Bucket {
    keyed: Keyed,
    limit: u32,
}

impl Bucket {
    fn new(limit: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN));
        Self { keyed: RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>(), limit }
    }
}

/// What was not recognised within the present minute, by whom it counts for.
#[derive(Default)]
struct Unrecognised {
    minute: Option<Timestamp>,
    counts: HashMap<String, u32>,
}

/// The limits of one process.
pub struct Limiter {
    standard: Bucket,
    costly: Bucket,
    crowd: Bucket,
    costly_crowd: Bucket,
    unrecognised: Mutex<Unrecognised>,
    tolerated: u32,
}

impl Limiter {
    /// `per_minute` requests for each caller and class.
    pub fn new(per_minute: u32) -> Self {
        let costly = (per_minute / 20).max(5);
        Self {
            standard: Bucket::new(per_minute),
            costly: Bucket::new(costly),
            crowd: Bucket::new(per_minute.saturating_mul(CROWD)),
            costly_crowd: Bucket::new(costly.saturating_mul(CROWD)),
            unrecognised: Mutex::default(),
            tolerated: (per_minute / STRANGERS).max(5),
        }
    }

    /// Counts one call and tells the caller where it stands, in the answer's headers.
    pub fn check(&self, class: RateClass, caller: &Caller, request: &Request) -> Result<()> {
        let Bucket { keyed, limit } = match (class, caller) {
            (RateClass::Standard, Caller::Anonymous) => &self.crowd,
            (RateClass::Costly, Caller::Anonymous) => &self.costly_crowd,
            (RateClass::Standard, _) => &self.standard,
            (RateClass::Costly, _) => &self.costly,
        };
        let limit = *limit;
        let outcome = keyed.check_key(&caller.subject(request.ip));
        let remaining = outcome.as_ref().map_or(0, |state| state.remaining_burst_capacity());
        // By the limiter's own clock: making one asks the processor what it is, which takes long on virtual machines.
        let wait = outcome.err().map(|not_until| not_until.wait_time_from(keyed.clock().now()).as_secs() + 1);
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

    /// Whether credentials of this subject are looked up at all: not when too many were not recognised.
    pub fn may_be_recognised(&self, subject: &str, now: Timestamp) -> Result<()> {
        self.unrecognised(subject, now, 0)
    }

    /// Counts a credential that was not recognised.
    pub fn not_recognised(&self, subject: &str, now: Timestamp) -> Result<()> {
        self.unrecognised(subject, now, 1)
    }

    fn unrecognised(&self, subject: &str, now: Timestamp, more: u32) -> Result<()> {
        let minute = window_start(MINUTE, now);
        let Ok(mut seen) = self.unrecognised.lock() else { return Ok(()) };
        if seen.minute != Some(minute) {
            *seen = Unrecognised { minute: Some(minute), counts: HashMap::new() };
        }
        let count = seen.counts.get(subject).copied().unwrap_or(0);
        if count >= self.tolerated {
            return Err(rate_limited()
                .detail("Too many invalid tokens or keys came from your network.")
                .retry_after(window_remaining(MINUTE, now)));
        }
        if more > 0 {
            seen.counts.insert(subject.to_owned(), count + more);
        }
        Ok(())
    }

    /// Forgets callers that have been quiet; run now and then.
    pub fn sweep(&self) {
        for bucket in [&self.standard, &self.costly, &self.crowd, &self.costly_crowd] {
            bucket.keyed.retain_recent();
        }
    }
}

/// What every limit counts an address as: an IPv4 address itself, the /64 of an IPv6 one, which is the least that one
/// line is given. A mapped address (`::ffff:a.b.c.d`) is the IPv4 address it stands for.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// The same as PostgreSQL writes networks.
pub fn network_cidr(address: IpAddr) -> String {
    let network = network(address);
    format!("{network}/{}", if network.is_ipv4() { 32 } else { 64 })
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

/// Takes one occurrence back that turned out to be none.
pub async fn uncount(db: &mut PgConnection, name: &str, subject: &str, window: Duration, now: Timestamp) -> Result<()> {
    let start = window_start(window, now);
    sqlx::query!(
        "update rate_counters set count = count - 1
         where name = $1 and subject = $2 and window_start = $3 and count > 0",
        name,
        subject,
        start.0,
    )
    .execute(db)
    .await?;
    Ok(())
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
    (window_end(window, now).0 - now.0).whole_seconds().max(1).unsigned_abs()
}

/// When the present window ends.
pub fn window_end(window: Duration, now: Timestamp) -> Timestamp {
    Timestamp(window_start(window, now).0 + window)
}

fn window_start(window: Duration, now: Timestamp) -> Timestamp {
    let seconds = window.whole_seconds().max(1);
    let start = now.0.unix_timestamp().div_euclid(seconds) * seconds;
    Timestamp(time::OffsetDateTime::from_unix_timestamp(start).unwrap_or(now.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_network() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:198.51.100.7", "198.51.100.7"));
        assert!(!same("198.51.100.7", "198.51.100.8"));
        assert_eq!(network_cidr("2001:db8:1:2:3::9".parse().unwrap()), "2001:db8:1:2::/64");
        assert_eq!(network_cidr("::ffff:198.51.100.7".parse().unwrap()), "198.51.100.7/32");
        let near = "2001:db8:1:2::7".parse().unwrap();
        assert_eq!(Caller::Anonymous.subject(near), "ip:2001:db8:1:2::");
    }
}
