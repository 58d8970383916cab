//! webhooks: what happened, told to integrators' servers by the Standard Webhooks specification.

#[path = "mod.rs"]
pub mod webhooks;

// What it is built on, so that a path is the same in every crate.
use eventify_core::*;
