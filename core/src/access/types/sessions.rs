//! Sessions, devices and what happened to an account.

use operation::Validate;
use serde::Serialize;
use uuid::Uuid;

use super::{DeviceId, EndUserSessionId, SessionId, wire};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// An open session.
    pub struct Session {
        pub id: SessionId,
        /// The one this request belongs to.
        pub current: bool,
        pub ip_address: Option<String>,
        /// Browser and system, as it named itself.
        pub user_agent: String,
        /// Opened with a second factor.
        pub mfa: bool,
        pub device_id: Option<DeviceId>,
        pub created_at: Timestamp,
        pub last_seen_at: Timestamp,
        pub expires_at: Timestamp,
    }

    /// An open session of an end user.
    pub struct EndUserSession {
        pub id: EndUserSessionId,
        /// The one this request belongs to.
        pub current: bool,
        pub ip_address: Option<String>,
        /// App or browser, as it named itself.
        pub user_agent: String,
        /// Opened with a second factor.
        pub mfa: bool,
        pub created_at: Timestamp,
        pub last_seen_at: Timestamp,
        pub expires_at: Timestamp,
    }

    /// A device used to sign in.
    pub struct Device {
        pub id: DeviceId,
        pub platform: String,
        /// Needs no second factor to sign in.
        pub trusted: bool,
        /// Until then, or until the password changes.
        pub trusted_until: Option<Timestamp>,
        pub risk_state: String,
        /// The one this request came from.
        pub current: bool,
        pub last_seen_at: Timestamp,
        pub created_at: Timestamp,
    }

    /// Trust a device for 30 days, or stop trusting it.
    #[serde(deny_unknown_fields)]
    pub struct DevicePatch {
        pub trusted: bool,
    }

    /// Something that happened to an account.
    pub struct Activity {
        pub id: Uuid,
        pub action: String,
        pub ip_address: Option<String>,
        pub metadata: serde_json::Value,
        pub created_at: Timestamp,
    }

    /// How many things an operation touched.
    pub struct Count {
        pub count: i64,
    }
}
impl Validate for DevicePatch {}
