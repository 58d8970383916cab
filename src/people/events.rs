//! What people tells the bus, and which of its records are audited.

use serde::Serialize;

use super::{EndUserId, PrivacyRequest, User};
use crate::kernel::audit::Audited;
use crate::kernel::outbox::{BusEvent, EventType};
use crate::kernel::timestamp::Timestamp;

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
audited!(User "end_user", PrivacyRequest "privacy_request");

macro_rules! user_event {
    ($(#[doc = $doc:literal] $name:ident $type:literal { $($field:ident: $field_type:ty),* })*) => {$(
        #[doc = $doc]
        #[derive(Serialize)]
        pub struct $name {
            pub user_id: EndUserId,
            $(pub $field: $field_type,)*
        }
        impl BusEvent for $name {
            const TYPE: &'static str = $type;
            const AGGREGATE: &'static str = "end_user";
            fn aggregate_id(&self) -> String {
                self.user_id.to_string()
            }
        }
        inventory::submit!(EventType::of::<$name>($doc));
    )*};
}
user_event! {
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
