//! gate: who comes in. Gates, the phones at them, scans, what they disagree on, and live updates.

#[path = "mod.rs"]
pub mod gate;

// What it is built on, so that a path is the same in every crate.
use area_events::events;
#[cfg(feature = "ssr")]
use area_people::people;
use area_tickets::tickets;
use eventify_core::*;
