//! The REST protocol behind `#[operation]`.
//!
//! An operation is one async function that is at once a Leptos server function (pages call it) and
//! a REST endpoint (programs call it). This crate holds what both sides of the wire share and what
//! knows nothing of Eventify: the [`Error`] that travels as RFC 9457 problem JSON, the [`Rest`]
//! protocol, and the deserialiser that merges path, query and body into typed arguments.

mod arguments;
mod client;
#[cfg(feature = "ssr")]
mod database;
mod error;
#[cfg(any(test, not(feature = "ssr")))]
mod fields;
mod plain;
mod protocol;
mod sent;

pub use arguments::{ArgumentNode, VERBATIM, parse_arguments};
pub use client::set_navigation_hook;
pub use error::{Error, FieldErrors, Validate, say};
#[cfg(not(feature = "ssr"))]
pub use fields::{Fields, Misread, from_json};
pub use operation_macros::{operation, record};
pub use protocol::{Answer, AnyAnswer, Delete, Get, HttpMethod, Json, Patch, Post, Put, Rest};

#[cfg(feature = "ssr")]
pub use database::Constraint;
#[cfg(feature = "ssr")]
pub use protocol::{BODY_LIMIT, BodyTooSlow, PathParams, problem_response};
pub use sent::json;
