//! Time zones: the names people can choose from, what their clocks show and when, and how days are told in words.

mod types;

pub mod operations;

#[cfg(feature = "ssr")]
mod cache;
#[cfg(feature = "ssr")]
mod sql;

pub use types::*;

#[cfg(feature = "ssr")]
pub use cache::{must_be_known, names, zone, zone_of};

#[cfg(feature = "ssr")]
inventory::submit!(crate::kernel::areas::Area::new("zones", "Time zones, to choose from and to tell times by."));
