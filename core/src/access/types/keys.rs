//! Api keys, the allowlist and signing keys.

use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{AllowlistId, ApiKeyId, SigningKeyId, StaffId, wire};
use crate::kernel::page::Limit;
use crate::kernel::permissions::Permission;
use crate::kernel::sets::distinct;
use crate::kernel::text::{Note, Title};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// An api key, without its secret.
    pub struct ApiKey {
        pub id: ApiKeyId,
        pub key_name: String,
        /// The beginning of the key, to tell keys apart.
        pub key_prefix: String,
        /// Its permissions. It can use only those its creator has now.
        pub scope: BTreeSet<Permission>,
        /// Permissions the key cannot use at present, because its creator does not have them.
        pub lost: BTreeSet<Permission>,
        /// Works now: neither revoked nor expired, and its maker's account is active.
        pub active: bool,
        pub expires_at: Option<Timestamp>,
        pub created_by: StaffId,
        pub created_by_name: String,
        pub last_used_at: Option<Timestamp>,
        pub revoked_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// A new api key.
    #[serde(deny_unknown_fields)]
    pub struct NewApiKey {
        pub key_name: Title,
        #[serde(deserialize_with = "distinct")]
        pub scope: BTreeSet<Permission>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Timestamp>,
    }

    /// A key just made: the only time its secret is shown.
    pub struct CreatedApiKey {
        pub key: ApiKey,
        pub secret: String,
    }

    /// Page of the key list, newest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct ApiKeyFilter {
        /// Only keys that work, or only those that do not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub active: Option<bool>,
        /// Only keys this person made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub created_by: Option<StaffId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Addresses staff and keys may come from.
    pub struct AllowlistEntry {
        pub id: AllowlistId,
        /// Network in CIDR form.
        pub cidr: String,
        pub note: String,
        pub created_by_name: Option<String>,
        pub created_at: Timestamp,
    }

    /// The allowlist, and the address this request came from.
    pub struct Allowlist {
        /// If empty, every address is allowed.
        pub entries: Vec<AllowlistEntry>,
        pub your_address: String,
    }

    /// A network to allow.
    #[serde(deny_unknown_fields)]
    pub struct NewAllowlistEntry {
        /// An address or a network, such as 203.0.113.0/24.
        pub cidr: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<Note>,
    }

    /// A key that access tokens are signed with; its secret never leaves the server.
    pub struct SigningKeyInfo {
        pub id: SigningKeyId,
        /// New tokens are signed with it.
        pub signing: bool,
        pub created_at: Timestamp,
        pub signs_until: Timestamp,
        pub expires_at: Timestamp,
    }
}
impl Validate for NewApiKey {
    fn check(&self, errors: &mut FieldErrors) {
        if self.scope.is_empty() {
            errors.entry("scope".to_owned()).or_default().push("give at least one permission".to_owned());
        }
    }
}
impl Validate for ApiKeyFilter {}
impl Validate for NewAllowlistEntry {}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for AllowlistEntry {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("id", |e| e.id.to_string()),
        ("cidr", |e| e.cidr.clone()),
        ("note", |e| e.note.clone()),
        ("created_by_name", |e| e.created_by_name.clone().unwrap_or_default()),
        ("created_at", |e| e.created_at.rfc3339()),
    ];
}
