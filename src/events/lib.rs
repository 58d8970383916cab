//! events: hosting. Events, their places, organisers, images, questions and streams.

#[path = "mod.rs"]
pub mod events;

// What it is built on, so that a path is the same in every crate.
use area_partners::partners;
use area_people::people;
use eventify_core::*;
