//! The operations of events, by noun.

mod calendar;
mod co_hosts;
mod events;
mod images;
mod interests;
mod lifecycle;
mod questions;
mod streams;
mod venues;

pub use calendar::*;
pub use co_hosts::*;
pub use events::*;
pub use images::*;
pub use interests::*;
pub use lifecycle::*;
pub use questions::*;
pub use streams::*;
pub use venues::*;

#[cfg(feature = "ssr")]
pub mod changes;

#[cfg(feature = "ssr")]
pub(super) use changes::slug;
