//! All SQL of access, by noun.

mod keys;
mod roles;
mod sessions;
mod team;
mod tokens;

pub use keys::*;
pub use roles::*;
pub use sessions::*;
pub use team::*;
pub use tokens::*;
