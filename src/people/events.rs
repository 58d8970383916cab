//! What people tells the bus, and which of its records are audited.

use super::{EndUserId, PrivacyRequest, User};
use crate::kernel::audit::audited;
use crate::kernel::outbox::bus_events;
use crate::kernel::timestamp::Timestamp;

audited!(User "end_user", PrivacyRequest "privacy_request");

bus_events! {
    "end_user" user_id: EndUserId;
    /// A user signed in for the first time.
    UserCreated "user.created" {}
    /// The profile of a user changed.
    ProfileUpdated "profile.updated" {}
    /// A user was erased: delete their personal data.
    ProfileDeleted "profile.deleted" {}
    /// A user account was flagged for review.
    UserFlagged "user.flagged" { reason: String }
    /// A user was banned; permanently where there is no end.
    UserBanned "user.banned" { until: Option<Timestamp> }
    /// A ban was lifted early.
    UserUnbanned "user.unbanned" {}
}
