//! What access sends and takes, on both sides of the wire.

use operation::FieldErrors;

use crate::id_type;
use crate::kernel::text::Secret;

mod keys;
mod password;
mod roles;
mod sessions;
mod sign_in;
mod team;

pub use crate::kernel::ids::{ApiKeyId, EndUserId, EndUserSessionId, GateDeviceId, SessionId, StaffId};
pub use keys::*;
pub use password::*;
pub use roles::*;
pub use sessions::*;
pub use sign_in::*;
pub use team::*;

id_type! {
    /// A role.
    RoleId,
    /// An assignment of a role to a staff account.
    AssignmentId,
    /// A device staff signed in with.
    DeviceId,
    /// An entry of the IP allowlist.
    AllowlistId,
    /// A signing key; tokens carry it as `kid`.
    SigningKeyId,
}

/// Declares a wire type: serde on both sides, JSON Schema on the server.
#[macro_export]
macro_rules! wire {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[::operation::record]
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}
pub use crate::wire;

/// Something that was typed must be there, and not be a book.
pub fn required(errors: &mut FieldErrors, field: &str, secret: &Secret) {
    let length = secret.expose().chars().count();
    let message = match length {
        0 => "is required",
        n if n > 200 => "must have at most 200 characters",
        _ => return,
    };
    errors.entry(field.to_owned()).or_default().push(message.to_owned());
}
