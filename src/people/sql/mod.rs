//! All SQL of people, by noun.

mod bans;
mod erasure;
mod otps;
mod pictures;
mod privacy;
mod profiles;
mod users;
mod wallets;

pub use bans::*;
pub use erasure::*;
pub use otps::*;
pub use pictures::*;
pub use privacy::*;
pub use profiles::*;
pub use users::*;
pub use wallets::*;
