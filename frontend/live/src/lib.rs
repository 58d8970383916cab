//! Eventify Live: the gate on a phone, with and without a network.
//!
//! [`state::Live`] is a pure state machine: an event goes in, effects come out, and what the screen shows is a function
//! of it ([`view`]). The browser's part (`public/live/*.js`) turns touches, codes and answers into events and carries out
//! the effects. What a ticket comes to is decided by `eventify_gate`, the same rules as the server's.

pub mod effect;
pub mod event;
pub mod signals;
pub mod state;
pub mod view;
pub mod wedge;
pub mod words;

#[cfg(target_family = "wasm")]
mod entry;
