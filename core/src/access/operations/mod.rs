//! The operations of access, by noun.

mod api_keys;
mod password;
mod roles;
mod second_factor;
mod security;
mod sessions;
mod sign_in;
mod team;

pub use api_keys::*;
pub use password::*;
pub use roles::*;
pub use second_factor::*;
pub use security::*;
pub use sessions::*;
pub use sign_in::*;
pub use team::*;

#[cfg(feature = "ssr")]
mod rules;
