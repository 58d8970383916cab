//! webhooks: what happened, told to integrators' servers by the Standard Webhooks specification.
//!
//! A consumer of the bus makes one delivery for each event and endpoint, a job sends it, and what came
//! of every attempt is kept. [002 Notifications Backbone]

mod types;
pub use types::*;

pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod deliver;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod fan_out;
#[cfg(feature = "ssr")]
mod giving_up;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod schedule;
#[cfg(feature = "ssr")]
mod signing;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod sweep;
#[cfg(feature = "ssr")]
mod templates;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("webhooks", "Endpoints that receive events, and the log of messages sent to them.")
        .fields(include_str!("fields.tsv"))
        .words(&words::WORDS)
        .demo(50, |app| Box::pin(demo::seed(app)))
);
