//! All SQL of webhooks, by noun.

mod deliveries;
mod endpoints;
mod sending;

pub use deliveries::*;
pub use endpoints::*;
pub use sending::*;
