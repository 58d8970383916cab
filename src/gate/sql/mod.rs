//! All SQL of the gate, by noun.

mod board;
mod conflicts;
mod demo;
mod devices;
mod door;
mod gates;
mod list;
mod people;
mod scans;
mod tallies;
mod updates;
mod world;

pub use board::*;
pub use conflicts::*;
pub use demo::*;
pub use devices::*;
pub use door::*;
pub use gates::*;
pub use list::*;
pub use people::*;
pub use scans::*;
pub use tallies::*;
pub use updates::*;
pub use world::*;

use eventify_gate::Moment;

use crate::kernel::timestamp::Timestamp;

/// As phones tell it.
pub fn moment(at: Timestamp) -> Moment {
    Moment((at.0.unix_timestamp_nanos() / 1_000_000) as i64)
}

/// As the database tells it.
pub fn timestamp(at: Moment) -> Timestamp {
    let nanos = i128::from(at.0) * 1_000_000;
    Timestamp(time::OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(Timestamp::MIN.0))
}
