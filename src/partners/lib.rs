//! partners: organisations, their people, KYC documents and bank accounts. [000 §2]

#[path = "mod.rs"]
pub mod partners;

// What it is built on, so that a path is the same in every crate.
use eventify_core::*;
