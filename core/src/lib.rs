//! What every area is built on: the kernel that runs operations, and who may (access), what was done (audit), what
//! happened (bus), what is told (notify), what is left to do (ops), who runs it
//! (organisation), and what all lists share (search, views).
//!
//! Like `eventify`, which is built on it and shows all of it under its own name, the crate compiles twice: with the
//! feature `ssr` for the server, without it for the browser.

pub mod access;
pub mod audit;
pub mod bus;
pub mod notify;
pub mod ops;
pub mod organisation;
pub mod search;
pub mod views;
pub mod zones;

pub use eventify_kernel::*;
