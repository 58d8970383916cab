//! Eventify's domain: what it can do, written once as operations.
//!
//! The crate compiles twice. With the feature `ssr` it is the server's half: SQL, jobs and the
//! operations' bodies. Without it, it is what the browser needs: types, validation, pure rules and
//! thin stubs that call the same operations over HTTP. No views live here.
//!
//! Each area is a crate of its own, and so is what all are built on, `eventify-core`: a change compiles without what does
//! not stand on it. Everybody names their parts as if they stood here.

pub use area_events::events;
pub use area_finance::finance;
pub use area_gate::gate;
pub use area_notifications::notifications;
pub use area_overview::overview;
pub use area_partners::partners;
pub use area_people::people;
pub use area_planning::planning;
pub use area_tickets::tickets;
pub use area_webhooks::webhooks;

pub use eventify_core::{Error, Result, access, audit, bus, kernel, notify, ops, organisation, search, views, zones};
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
    &audit::words::platform::WORDS,
]);

#[cfg(all(test, feature = "ssr"))]
mod order;
#[cfg(all(test, feature = "ssr"))]
mod sentences;
