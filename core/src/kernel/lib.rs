//! The kernel: what runs an operation, and the types that everything is said in. It knows nothing of who may do what, of
//! what was done or told: that is the platform on it, `eventify-core`, which registers itself (`kernel::components`).
//!
//! Like everything built on it the crate compiles twice: with the feature `ssr` for the server, without it for the browser.

#[path = "mod.rs"]
pub mod kernel;

pub use kernel::error::{Error, Result};
