//! All SQL of people, by noun.

mod bans;
mod erasure;
mod export;
mod otps;
mod pictures;
mod privacy;
mod profiles;
mod users;
mod wallets;

pub use bans::*;
pub use erasure::*;
pub use export::*;
pub use otps::*;
pub use pictures::*;
pub use privacy::*;
pub use profiles::*;
pub use users::*;
pub use wallets::*;
