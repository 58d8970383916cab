//! Signing in and out, and who one is then.

use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::Serialize;
use uuid::Uuid;

use super::{SessionId, StaffId, required, wire};
use crate::kernel::permissions::Permission;
use crate::kernel::text::{Email, PersonName, Secret};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// How the caller keeps its session.
    #[derive(Copy, Default, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SessionKind {
        /// Tokens in the answer, for programs and apps.
        #[default]
        Token,
        /// HttpOnly cookies, for browsers.
        Cookie,
    }

    /// Email and password.
    #[serde(deny_unknown_fields)]
    pub struct LoginInput {
        pub email: Email,
        pub password: Secret,
        #[serde(default)]
        pub session: SessionKind,
    }

    /// The second factor.
    #[serde(deny_unknown_fields)]
    pub struct SecondFactorInput {
        /// From the answer to the first step.
        pub challenge: String,
        /// Six digits of the authenticator, or a recovery code.
        pub code: Secret,
        #[serde(default)]
        pub session: SessionKind,
        /// Ask for no second factor on this device for 30 days, or until the password changes.
        #[serde(default)]
        pub trust_device: bool,
    }

    /// The result of signing in: tokens, cookies, or a challenge for the second factor.
    pub struct LoginAnswer {
        /// True when a second factor must follow.
        pub mfa_required: bool,
        /// Send it with the code to `/auth/login/totp`, within five minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub challenge: Option<String>,
        /// Present for token sessions that are open now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tokens: Option<Tokens>,
    }

    /// Tokens of a session.
    pub struct Tokens {
        /// JWT for `Authorization: Bearer`.
        pub access_token: String,
        /// Always `Bearer`.
        pub token_type: String,
        /// Seconds the access token lives.
        pub expires_in: i64,
        /// Exchange it at `/auth/refresh`; it works until its successor was exchanged.
        pub refresh_token: String,
        /// When the session ends at the latest, unless refreshed.
        pub session_expires_at: Timestamp,
    }

    /// A refresh token, or nothing where it travels as a cookie.
    #[serde(deny_unknown_fields)]
    pub struct RefreshInput {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refresh_token: Option<Secret>,
    }

    /// The caller's own account.
    pub struct Me {
        pub id: StaffId,
        pub email: String,
        pub full_name: String,
        /// The caller's permissions for everything.
        pub permissions: BTreeSet<Permission>,
        /// Its permissions within one event, partner or talent.
        pub scopes: Vec<ScopedPermissions>,
        pub roles: Vec<String>,
        pub totp_enabled: bool,
        /// A role asks for a second factor: nothing but setting one up is permitted until then.
        pub two_factor_required: bool,
        pub session_id: SessionId,
        pub session_expires_at: Timestamp,
        pub password_changed_at: Option<Timestamp>,
        /// The time zone the caller reads times in, such as Asia/Kolkata; absent until the browser has sent it.
        pub timezone: Option<String>,
        /// Whether a PIN for gates is set.
        #[serde(default)]
        pub has_gate_pin: bool,
        pub version: i64,
    }

    /// The permissions of a scoped assignment.
    pub struct ScopedPermissions {
        pub event_id: Option<Uuid>,
        pub partner_id: Option<Uuid>,
        pub talent_id: Option<Uuid>,
        pub permissions: BTreeSet<Permission>,
        /// What it allows besides once the partner is no longer suspended.
        #[serde(default)]
        pub withheld: BTreeSet<Permission>,
    }

    /// Changes to the caller's own account.
    #[serde(deny_unknown_fields)]
    pub struct MePatch {
        pub full_name: PersonName,
        pub version: i64,
    }
}

impl Me {
    /// Whether the caller may do this everywhere.
    pub fn may(&self, permission: Permission) -> bool {
        !self.two_factor_required && self.permissions.contains(&permission)
    }
    /// Whether the caller may do this everywhere or at this partner.
    pub fn may_at_partner(&self, permission: Permission, partner: Uuid) -> bool {
        let mut scopes = self.scopes.iter().filter(|scope| scope.partner_id == Some(partner));
        self.may(permission) || !self.two_factor_required && scopes.any(|s| s.permissions.contains(&permission))
    }
    /// Whether the caller may do this anywhere at all.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        let mut scopes = self.scopes.iter();
        self.may(permission) || !self.two_factor_required && scopes.any(|s| s.permissions.contains(&permission))
    }
    /// Whether the caller could do this somewhere if no partner were suspended.
    pub fn is_withheld(&self, permission: Permission) -> bool {
        self.scopes.iter().any(|scope| scope.withheld.contains(&permission))
    }
    /// Whether this partner is suspended, for whoever works for it.
    pub fn is_suspended_at(&self, partner: Uuid) -> bool {
        self.scopes.iter().any(|scope| scope.partner_id == Some(partner) && !scope.withheld.is_empty())
    }
}

impl Validate for LoginInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "password", &self.password);
    }
}
impl Validate for SecondFactorInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "code", &self.code);
    }
}
impl Validate for RefreshInput {}
impl Validate for MePatch {}
