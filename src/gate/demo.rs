//! The demo's gates.
