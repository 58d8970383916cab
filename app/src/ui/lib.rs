//! The kit that pages are made of. It knows nothing of the pages there are, nor of the app: those are given by context.

#![recursion_limit = "256"]

#[path = "mod.rs"]
pub mod ui;
