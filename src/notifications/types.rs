//! What notifications sends and takes, on both sides of the wire.

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

use crate::access::wire;
use crate::id_type;
use crate::kernel::page::Limit;
use crate::kernel::timestamp::Timestamp;

id_type! {
    /// A notification.
    NotificationId,
}

/// The most that one call marks by name.
const MOST: usize = 200;

/// How much it matters. [000 `notifications.type`]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeSeverity {
    /// Somebody has to see to it.
    Critical,
    /// Worth knowing.
    Info,
    /// Something went well.
    Success,
}

impl NoticeSeverity {
    /// The word on the wire and in the database.
    pub fn word(self) -> &'static str {
        match self {
            NoticeSeverity::Critical => "critical",
            NoticeSeverity::Info => "info",
            NoticeSeverity::Success => "success",
        }
    }
}

wire! {
    /// Something a person was told.
    pub struct Notification {
        pub id: NotificationId,
        /// What it is about, such as `dispute_opened`.
        #[serde(rename = "type")]
        pub kind: String,
        pub severity: NoticeSeverity,
        /// In a few words.
        pub title: String,
        /// The rest of it; may be empty.
        pub message: String,
        /// The kind of record it is about.
        pub reference_type: String,
        /// That record's id.
        pub reference_id: String,
        /// The page of it.
        pub href: Option<String>,
        pub is_read: bool,
        pub created_at: Timestamp,
    }

    /// Which notifications to list.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct NotificationFilter {
        /// Only those that were not read.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub unread: Option<bool>,
        /// From the page before.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        /// Rows on a page.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Which notifications were read.
    #[derive(Default)]
    #[serde(default, deny_unknown_fields)]
    pub struct ReadNotifications {
        /// These; all of the caller's if absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ids: Option<Vec<NotificationId>>,
    }

    /// How many notifications the caller has not read.
    #[derive(Copy, Default)]
    pub struct Unread {
        pub unread: i64,
    }
}

impl Validate for NotificationFilter {}

impl Validate for ReadNotifications {
    fn check(&self, errors: &mut FieldErrors) {
        if self.ids.as_ref().is_some_and(|ids| ids.is_empty() || ids.len() > MOST) {
            errors.entry("ids".to_owned()).or_default().push(format!("must be 1 to {MOST} ids; leave it out for all"));
        }
    }
}
