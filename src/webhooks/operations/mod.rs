//! The operations of webhooks, by noun.

mod deliveries;
mod endpoints;

pub use deliveries::*;
pub use endpoints::*;

#[cfg(feature = "ssr")]
mod rules;
