//! What others may see, and what somebody asks of its own data. [002 privacy_settings, 003 privacy_requests]

use operation::Validate;
use serde::{Deserialize, Serialize};

use super::{EndUserId, PrivacyRequestId};
use crate::access::wire;
use crate::kernel::page::Limit;
use crate::kernel::text::{Note, Reason};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// Who is allowed.
    pub enum Visibility {
        /// Anyone.
        Everyone "everyone" "Everyone",
        /// People who go to the same events.
        Attendees "attendees" "Attendees",
        /// No one.
        Nobody "nobody" "Nobody",
    }

    /// A request about one's own data.
    pub enum PrivacyRequestType {
        /// A copy of all of it.
        Export "export" "Export",
        /// Erasure of the data. Records that must be kept by law are anonymised.
        Erasure "erasure" "Erasure",
    }
}

/// The status of a privacy request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema, sqlx::Type))]
#[cfg_attr(feature = "ssr", sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PrivacyRequestStatus {
    /// Filed.
    #[serde(rename = "requested", alias = "open")]
    Open,
    /// Being worked on.
    #[serde(rename = "in_progress", alias = "running")]
    Running,
    /// Done.
    Completed,
    /// Not done; the answer says why.
    Rejected,
    /// Withdrawn by the person.
    Withdrawn,
}

impl PrivacyRequestStatus {
    /// All of them, in order.
    pub const ALL: &'static [PrivacyRequestStatus] = &[
        PrivacyRequestStatus::Open,
        PrivacyRequestStatus::Running,
        PrivacyRequestStatus::Completed,
        PrivacyRequestStatus::Rejected,
        PrivacyRequestStatus::Withdrawn,
    ];
    /// The word in the database.
    pub fn stored(self) -> &'static str {
        match self {
            PrivacyRequestStatus::Open => "open",
            PrivacyRequestStatus::Running => "running",
            PrivacyRequestStatus::Completed => "completed",
            PrivacyRequestStatus::Rejected => "rejected",
            PrivacyRequestStatus::Withdrawn => "withdrawn",
        }
    }
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PrivacyRequestStatus::Open => "requested",
            PrivacyRequestStatus::Running => "in_progress",
            other => other.stored(),
        }
    }
}

wire! {
    /// The privacy settings.
    pub struct PrivacySettings {
        pub profile_visibility: Visibility,
        pub show_location: bool,
        pub show_age: bool,
        /// Whether others can see which events the user attends.
        pub show_attendance: bool,
        pub invites_from: Visibility,
        /// Consent to news and offers.
        pub marketing: bool,
        /// Consent to the measuring of use.
        pub analytics: bool,
        pub version: i64,
    }

    /// Changes to it.
    #[serde(deny_unknown_fields)]
    pub struct PrivacyPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub profile_visibility: Option<Visibility>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub show_location: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub show_age: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub show_attendance: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invites_from: Option<Visibility>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub marketing: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub analytics: Option<bool>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// A request about one's own data.
    pub struct PrivacyRequest {
        pub id: PrivacyRequestId,
        pub user_id: EndUserId,
        pub request_type: PrivacyRequestType,
        pub status: PrivacyRequestStatus,
        pub requested_at: Timestamp,
        pub completed_at: Option<Timestamp>,
        /// The organisation's response.
        pub answer: Option<String>,
        pub version: i64,
    }

    /// The same with whose it is, for staff.
    pub struct PrivacyRequestItem {
        pub request: PrivacyRequest,
        /// Empty once erased.
        pub user_name: String,
    }

    /// Files a request.
    #[serde(deny_unknown_fields)]
    pub struct NewPrivacyRequest {
        pub request_type: PrivacyRequestType,
    }

    /// Runs a request.
    #[serde(deny_unknown_fields)]
    pub struct PrivacyRun {
        /// The message to the person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub answer: Option<Note>,
    }

    /// Rejects a request.
    #[serde(deny_unknown_fields)]
    pub struct PrivacyRejection {
        /// The person reads it.
        pub answer: Reason,
    }

    /// A link to an export. Anyone who has it can download the file until it expires.
    pub struct ExportLink {
        /// Path and query on this server.
        pub url: String,
        pub expires_at: Timestamp,
    }

    /// The parameters of an export link.
    #[serde(deny_unknown_fields)]
    pub struct ExportQuery {
        /// Seconds since 1970.
        pub expires: i64,
        pub signature: String,
    }

    /// Filter and page of the list of requests, oldest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct PrivacyRequestFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<PrivacyRequestStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub request_type: Option<Vec<PrivacyRequestType>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }
}
impl Validate for PrivacyPatch {}
impl Validate for NewPrivacyRequest {}
impl Validate for PrivacyRun {}
impl Validate for PrivacyRejection {}
impl Validate for ExportQuery {}
impl Validate for PrivacyRequestFilter {}
