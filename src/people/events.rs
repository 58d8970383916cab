//! What people tells the bus, and which of its records are audited.

use super::{EndUserId, PrivacyRequest, User};
use crate::kernel::audit::audited;
use crate::kernel::outbox::bus_events;
use crate::kernel::timestamp::Timestamp;

audited!(User "end_user", PrivacyRequest "privacy_request");

bus_events! {
    "end_user" user_id: EndUserId;
    /// Somebody signed in for the first time.
    UserCreated "user.created" {}
    /// Name, pictures, interests or what else others see changed.
    ProfileUpdated "profile.updated" {}
    /// Somebody was erased: whoever holds something personal of it blanks that.
    ProfileDeleted "profile.deleted" {}
    /// Something about an account asks for a look.
    UserFlagged "user.flagged" { reason: &'static str }
    /// Banned; for good without an end.
    UserBanned "user.banned" { until: Option<Timestamp> }
    /// A ban was lifted before its time.
    UserUnbanned "user.unbanned" {}
}
