//! Api keys, the allowlist and signing keys.

use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};

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
        /// How the key begins, to tell keys apart.
        pub key_prefix: String,
        /// What it was given. It reaches no further than its maker does now.
        pub scope: BTreeSet<Permission>,
        /// What of it the key cannot do at present, because its maker cannot.
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
        /// Empty: every address is let in.
        pub entries: Vec<AllowlistEntry>,
        pub your_address: String,
    }

    /// A network to let in.
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
