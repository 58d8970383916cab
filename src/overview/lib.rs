//! overview: the figures somebody sees first, each only where the caller may see what it counts.

#[path = "mod.rs"]
pub mod overview;

// What it is built on, so that a path is the same in every crate.
use area_events::events;
#[cfg(feature = "ssr")]
use area_notifications::notifications;
use eventify_core::*;
