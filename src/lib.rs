//! Eventify's domain: what it can do, written once as operations.
//!
//! The crate compiles twice. With the feature `ssr` it is the server's half: SQL, jobs and the
//! operations' bodies. Without it, it is what the browser needs: types, validation, pure rules and
//! thin stubs that call the same operations over HTTP. No views live here.

pub mod access;
pub mod audit;
pub mod bus;
pub mod events;
pub mod kernel;
pub mod notify;
pub mod ops;
pub mod overview;
pub mod partners;
pub mod people;
pub mod search;
pub mod tickets;
pub mod views;
pub mod webhooks;

pub use kernel::error::{Error, Result};

#[cfg(all(test, feature = "ssr"))]
mod order;
