//! planning: production, staffing and talent.

#[path = "mod.rs"]
pub mod planning;

// What it is built on, so that a path is the same in every crate.
use area_events::events;
use area_gate::gate;
use area_partners::partners;
#[cfg(feature = "ssr")]
use area_tickets::tickets;
use eventify_core::*;
