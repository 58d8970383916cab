//! tickets: seats, guests, and the tickets they show. [004 §2.8–2.10, 003 §2.4]

#[path = "mod.rs"]
pub mod tickets;

// What it is built on, so that a path is the same in every crate.
use area_events::events;
#[cfg(feature = "ssr")]
use area_partners::partners;
#[cfg(feature = "ssr")]
use area_people::people;
use eventify_core::*;
