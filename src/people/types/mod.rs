//! What people sends and takes, on both sides of the wire.

use crate::id_type;

mod me;
mod pictures;
mod privacy;
mod sign_in;
mod users;
mod wallets;

pub use crate::access::{EndUserId, EndUserSession, EndUserSessionId};
pub use me::*;
pub use pictures::*;
pub use privacy::*;
pub use sign_in::*;
pub use users::*;
pub use wallets::*;

id_type! {
    /// A picture of a profile.
    PictureId,
    /// An interest people and events have.
    InterestId,
    /// A linked wallet.
    WalletId,
    /// A request about one's own data.
    PrivacyRequestId,
    /// One ban of one end user.
    BanId,
}
