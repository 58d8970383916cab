//! Roles and permissions.

use std::collections::BTreeSet;

use operation::Validate;
use serde::Serialize;

use super::{RoleId, wire};
use crate::kernel::permissions::Permission;
use crate::kernel::sets::distinct;
use crate::kernel::text::{CodeWord, Note, Title};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// A role and what it allows.
    pub struct Role {
        pub id: RoleId,
        pub code: String,
        pub name: String,
        pub description: String,
        /// Ships with Eventify; cannot be deleted.
        pub is_system: bool,
        /// Its holders must sign in with a second factor.
        pub requires_2fa: bool,
        pub permissions: BTreeSet<Permission>,
        /// How many accounts hold it now.
        pub members: i64,
        pub version: i64,
        pub updated_at: Timestamp,
    }

    /// A role in a choice.
    pub struct RoleName {
        pub id: RoleId,
        pub name: String,
    }

    /// A new role.
    #[serde(deny_unknown_fields)]
    pub struct NewRole {
        /// Made from the name if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<CodeWord>,
        pub name: Title,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        #[serde(default)]
        pub requires_2fa: bool,
        #[serde(default, deserialize_with = "distinct")]
        pub permissions: BTreeSet<Permission>,
    }

    /// Changes to a role's name, description and sign-in rule.
    #[serde(deny_unknown_fields)]
    pub struct RolePatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<Title>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub requires_2fa: Option<bool>,
        pub version: i64,
    }

    /// The whole row of the permission matrix.
    #[serde(deny_unknown_fields)]
    pub struct PermissionMatrixRow {
        #[serde(deserialize_with = "distinct")]
        pub permissions: BTreeSet<Permission>,
        pub version: i64,
    }

    /// A permission of the catalogue.
    pub struct PermissionInfo {
        pub id: Permission,
        pub name: String,
        pub group: String,
    }
}
impl Validate for NewRole {}
impl Validate for RolePatch {}
impl Validate for PermissionMatrixRow {}
