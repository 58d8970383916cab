//! What access tells the bus, and which of its records are audited.

use super::{AllowlistEntry, ApiKey, Assignment, Device, Role, RoleId, SessionId, SigningKeyInfo, Staff, StaffId};
use super::{EndUserId, EndUserSessionId};
use crate::bus::audiences;
use crate::kernel::audit::audited;
use crate::kernel::outbox::bus_events;

audited!(Staff "staff", Role "role", Assignment "role_assignment", ApiKey "api_key", Device "device",
         AllowlistEntry "ip_allowlist", SigningKeyInfo "signing_key");

audiences! {
    "staff." StaffRead;
    "session." StaffRead;
    "role." RolesRead;
}

bus_events! {
    "staff" user_id: StaffId;
    /// A team member was invited.
    StaffInvited "staff.invited" {}
    /// A team member accepted the invitation.
    StaffJoined "staff.joined" {}
    /// The name, email, role or status of a team member changed.
    StaffChanged "staff.changed" {}
    /// One or all sessions of an account ended.
    SessionInvalidated "session.invalidated" { session_id: Option<SessionId>, reason: &'static str }
}

bus_events! {
    "end_user" user_id: EndUserId;
    /// One or all sessions of an account ended.
    EndUserSessionInvalidated "session.invalidated" {
        session_id: Option<EndUserSessionId>, reason: &'static str
    }
}
bus_events! {
    "role" role_id: RoleId;
    /// A role or its permissions changed.
    RoleChanged "role.changed" {}
}
