//! people: end users, who buy and attend: signing in by phone, profiles, bans, privacy. [000 §3, 004 §2.1, 002]

#[path = "mod.rs"]
pub mod people;

// What it is built on, so that a path is the same in every crate.
use eventify_core::*;
