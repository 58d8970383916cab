//! What people tells the bus, and which of its records are audited.

use super::{EndUserId, PrivacyRequest, User};
use crate::bus::audiences;
use crate::kernel::audit::audited;
use crate::kernel::outbox::bus_events;
use crate::kernel::timestamp::Timestamp;

audited!(User "end_user", PrivacyRequest "privacy_request");

audiences! {
    "user." UsersRead;
    "profile." UsersRead;
}

bus_events! {
    "end_user" user_id: EndUserId;
    /// A user signed in for the first time.
    UserCreated "user.created" {}
    /// A user's profile changed.
    ProfileUpdated "profile.updated" {}
    /// A user's personal data was erased. Delete your copy of it.
    ProfileDeleted "profile.deleted" {}
    /// A user account was flagged for review.
    UserFlagged "user.flagged" { reason: String }
    /// A user was banned, permanently if no end is given.
    UserBanned "user.banned" { until: Option<Timestamp> }
    /// A user's ban was lifted early.
    UserUnbanned "user.unbanned" {}
}
