//! Eventify's domain: what it can do, written once as operations.
//!
//! The crate compiles twice. With the feature `ssr` it is the server's half: SQL, jobs and the
//! operations' bodies. Without it, it is what the browser needs: types, validation, pure rules and
//! thin stubs that call the same operations over HTTP. No views live here.
//!
//! What the areas here are built on is a crate of its own, `eventify-core`, so that a change in an area compiles without
//! it; everybody names its parts as if they stood here.

pub mod events;
pub mod finance;
pub mod gate;
pub mod notifications;
pub mod overview;
pub mod partners;
pub mod people;
pub mod planning;
pub mod tickets;
pub mod webhooks;

pub use eventify_core::{Error, Result, access, audit, bus, kernel, notify, ops, organisation, search, views};
pub use eventify_core::{id_type, text_type};

/// What every area calls its own, for people.
pub static WORDS: audit::words::Words = audit::words::Words(&[
    &events::words::WORDS,
    &tickets::words::WORDS,
    &gate::words::WORDS,
    &planning::words::WORDS,
    &partners::words::WORDS,
    &people::words::WORDS,
    &finance::words::WORDS,
    &webhooks::words::WORDS,
    &notifications::words::WORDS,
    &overview::words::WORDS,
    &audit::words::house::WORDS,
]);

#[cfg(all(test, feature = "ssr"))]
mod order;
#[cfg(all(test, feature = "ssr"))]
mod sentences;
