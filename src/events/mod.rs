//! events: hosting. Events, their places, organisers, images, questions and streams.
//! [004 §2.2–2.7, 003 §2.4, 001]

mod types;
pub use types::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod asked;
#[cfg(feature = "ssr")]
mod bus;
#[cfg(feature = "ssr")]
pub mod calendar;
#[cfg(feature = "ssr")]
pub mod counters;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod hooks;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
mod personal;
#[cfg(feature = "ssr")]
pub mod pictures;
#[cfg(feature = "ssr")]
pub mod records;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
pub use sql::{EVENT_TABLES, host_for_guests, select};

#[cfg(feature = "ssr")]
pub use asked::questions;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("events", "Events with their venues, organisers, pictures, questions and streams.")
        .words(&words::WORDS)
        .demo(60, |app| Box::pin(demo::seed(app)))
);
