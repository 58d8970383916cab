//! notifications: what people are told inside Eventify, each once. [000 notifications, 004 §2.12]

#[path = "mod.rs"]
pub mod notifications;

// What it is built on, so that a path is the same in every crate.
#[cfg(feature = "ssr")]
use area_people::people;
use eventify_core::*;
