//! The operations of people, by noun.

mod email;
mod me;
mod pictures;
mod privacy;
mod privacy_requests;
mod second_factor;
mod sessions;
mod sign_in;
mod users;
mod wallets;

pub use email::*;
pub use me::*;
pub use pictures::*;
pub use privacy::*;
pub use privacy_requests::*;
pub use second_factor::*;
pub use sessions::*;
pub use sign_in::*;
pub use users::*;
pub use wallets::*;

#[cfg(feature = "ssr")]
pub(super) mod rules;
