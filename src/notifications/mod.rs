//! notifications: what people are told inside Eventify, each once. [000 notifications, 004 §2.12]
//!
//! A consumer of the bus turns what happened into a row for each person whom it concerns: team members who may see to it,
//! and guests and hosts whose own it is. Who wants it by email, or shown by a browser, gets it so too, after their quiet hours
//! and unless they have read it by then. The bell of the Command Center looks at how many are unread.

mod types;
pub use types::*;

pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod consumer;
#[cfg(feature = "ssr")]
mod jobs;
#[cfg(feature = "ssr")]
mod personal;
#[cfg(feature = "ssr")]
mod push;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod templates;

#[cfg(feature = "ssr")]
pub use sql::unread;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("notifications", "The notifications of the caller.").words(&words::WORDS)
);
