//! All SQL of access, by noun.

mod end_users;
mod gate_devices;
mod keys;
mod logins;
mod roles;
mod sessions;
mod team;
mod tokens;

pub use end_users::*;
pub use gate_devices::*;
pub use keys::*;
pub use logins::*;
pub use roles::*;
pub use sessions::*;
pub use team::*;
pub use tokens::*;
