//! What access tells the bus, and which of its records are audited.

use serde::Serialize;

use super::{AllowlistEntry, ApiKey, Assignment, Device, Role, SessionId, SigningKeyInfo, Staff, StaffId};
use super::{EndUserId, EndUserSessionId};
use crate::kernel::audit::Audited;
use crate::kernel::outbox::{BusEvent, EventType};

macro_rules! audited {
    ($($type:ident $object:literal),*) => {$(
        impl Audited for $type {
            const OBJECT: &'static str = $object;
            fn audit_id(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}
audited!(Staff "staff", Role "role", Assignment "role_assignment", ApiKey "api_key", Device "device",
         AllowlistEntry "ip_allowlist", SigningKeyInfo "signing_key");

macro_rules! staff_event {
    ($(#[doc = $doc:literal] $name:ident $type:literal { $($field:ident: $field_type:ty),* })*) => {$(
        #[doc = $doc]
        #[derive(Serialize)]
        pub struct $name {
            pub user_id: StaffId,
            $(pub $field: $field_type,)*
        }
        impl BusEvent for $name {
            const TYPE: &'static str = $type;
            const AGGREGATE: &'static str = "staff";
            fn aggregate_id(&self) -> String {
                self.user_id.to_string()
            }
        }
        inventory::submit!(EventType::of::<$name>($doc));
    )*};
}
staff_event! {
    /// A staff account was made.
    StaffInvited "staff.invited" {}
    /// Somebody accepted the invitation.
    StaffJoined "staff.joined" {}
    /// Name, e-mail, role or status changed.
    StaffChanged "staff.changed" {}
    /// One session was ended, or all (`None`).
    SessionInvalidated "session.invalidated" { session_id: Option<SessionId>, reason: &'static str }
}

/// One session of an end user was ended, or all (`None`).
#[derive(Serialize)]
pub struct EndUserSessionInvalidated {
    pub user_id: EndUserId,
    pub session_id: Option<EndUserSessionId>,
    pub reason: &'static str,
}
impl BusEvent for EndUserSessionInvalidated {
    const TYPE: &'static str = "session.invalidated";
    const AGGREGATE: &'static str = "end_user";
    fn aggregate_id(&self) -> String {
        self.user_id.to_string()
    }
}
inventory::submit!(EventType::of::<EndUserSessionInvalidated>("A session was ended, or all of somebody's."));

/// A role or its permissions changed.
#[derive(Serialize)]
pub struct RoleChanged {
    pub role_id: super::RoleId,
}
impl BusEvent for RoleChanged {
    const TYPE: &'static str = "role.changed";
    const AGGREGATE: &'static str = "role";
    fn aggregate_id(&self) -> String {
        self.role_id.to_string()
    }
}
inventory::submit!(EventType::of::<RoleChanged>("A role or its permissions changed."));
