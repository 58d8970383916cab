use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id_type;
use crate::kernel::page::Limit;
use crate::kernel::permissions::Permission;
use crate::kernel::text::{CodeWord, Email, NewPassword, Note, PersonName, Reason, Secret, Title};
use crate::kernel::timestamp::Timestamp;

id_type! {
    /// A staff account.
    StaffId,
    /// A role.
    RoleId,
    /// An assignment of a role to a staff account.
    AssignmentId,
    /// A staff session.
    SessionId,
    /// A device staff signed in with.
    DeviceId,
    /// An api key.
    ApiKeyId,
    /// An entry of the IP allowlist.
    AllowlistId,
    /// A signing key; tokens carry it as `kid`.
    SigningKeyId,
}

/// Declares a wire type: serde on both sides, JSON Schema on the server.
macro_rules! wire {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}

// Signing in ------------------------------------------------------------------------------------

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

    /// E-mail and password.
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
        /// Remember this device as the person's own.
        #[serde(default)]
        pub trust_device: bool,
    }

    /// What signing in answers: tokens, cookies, or a challenge for the second factor.
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
        /// Exchange it at `/auth/refresh`; each works once.
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
        /// What the caller may do everywhere.
        pub permissions: BTreeSet<Permission>,
        /// What it may do within one event, partner or talent.
        pub scopes: Vec<ScopedPermissions>,
        pub roles: Vec<String>,
        pub totp_enabled: bool,
        /// A role asks for a second factor: nothing but setting one up is permitted until then.
        pub two_factor_required: bool,
        pub session_id: SessionId,
        pub session_expires_at: Timestamp,
        pub password_changed_at: Option<Timestamp>,
        pub version: i64,
    }

    /// What a scoped assignment allows.
    pub struct ScopedPermissions {
        pub event_id: Option<Uuid>,
        pub partner_id: Option<Uuid>,
        pub talent_id: Option<Uuid>,
        pub permissions: BTreeSet<Permission>,
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

fn required(errors: &mut FieldErrors, field: &str, secret: &Secret) {
    let length = secret.expose().chars().count();
    let message = match length {
        0 => "is required",
        n if n > 200 => "must have at most 200 characters",
        _ => return,
    };
    errors.entry(field.to_owned()).or_default().push(message.to_owned());
}

// Passwords, invitations, second factor -----------------------------------------------------------

wire! {
    /// Asks for a reset link.
    #[serde(deny_unknown_fields)]
    pub struct ForgotInput {
        pub email: Email,
    }

    /// A new password, by the mailed link.
    #[serde(deny_unknown_fields)]
    pub struct ResetInput {
        pub token: Secret,
        pub password: NewPassword,
    }

    /// A new password, knowing the old one.
    #[serde(deny_unknown_fields)]
    pub struct ChangePasswordInput {
        pub current_password: Secret,
        pub new_password: NewPassword,
    }

    /// Accepts an invitation.
    #[serde(deny_unknown_fields)]
    pub struct AcceptInput {
        pub token: Secret,
        pub full_name: PersonName,
        pub password: NewPassword,
    }

    /// Shows what an invitation is for.
    #[serde(deny_unknown_fields)]
    pub struct InvitationQuery {
        pub token: Secret,
    }

    /// An open invitation.
    pub struct Invitation {
        pub email: String,
        pub full_name: String,
        pub role: Option<String>,
        pub expires_at: Timestamp,
    }

    /// A new authenticator seed; shown once, on until confirmed with a first code.
    pub struct TotpEnrolment {
        /// The seed in base 32, to type.
        pub secret: String,
        /// For authenticators that take links.
        pub otpauth_url: String,
        /// The same as a QR code, SVG.
        pub qr_svg: String,
    }

    /// A code of the authenticator.
    #[serde(deny_unknown_fields)]
    pub struct CodeInput {
        pub code: Secret,
    }

    /// Password and code, for turning the second factor off.
    #[serde(deny_unknown_fields)]
    pub struct DisableTotpInput {
        pub password: Secret,
        pub code: Secret,
    }

    /// Ten codes that each stand in for the authenticator once; shown once.
    pub struct RecoveryCodes {
        pub codes: Vec<String>,
    }
}
impl Validate for ForgotInput {}
impl Validate for InvitationQuery {}
impl Validate for ResetInput {}
impl Validate for AcceptInput {}
impl Validate for ChangePasswordInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "current_password", &self.current_password);
        if self.current_password.expose() == self.new_password.expose() {
            let message = "must differ from the current password".to_owned();
            errors.entry("new_password".to_owned()).or_default().push(message);
        }
    }
}
impl Validate for CodeInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "code", &self.code);
    }
}
impl Validate for DisableTotpInput {
    fn check(&self, errors: &mut FieldErrors) {
        required(errors, "password", &self.password);
        required(errors, "code", &self.code);
    }
}

// Sessions, devices, activity ----------------------------------------------------------------------

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

    /// A device somebody signed in with.
    pub struct Device {
        pub id: DeviceId,
        pub platform: String,
        pub trusted: bool,
        pub risk_state: String,
        /// The one this request comes from.
        pub current: bool,
        pub last_seen_at: Timestamp,
        pub created_at: Timestamp,
    }

    /// Trust a device, or stop trusting it.
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

// Team ----------------------------------------------------------------------------------------------

wire! {
    /// Where an account stands.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum StaffStatus {
        /// Has not accepted the invitation yet.
        #[serde(alias = "Invited")]
        Invited,
        /// Works here.
        #[serde(alias = "Active")]
        Active,
        /// Access revoked; the account's history stays.
        #[serde(alias = "Inactive")]
        Inactive,
    }

    /// A staff account in a list.
    pub struct Staff {
        pub id: StaffId,
        pub email: String,
        pub full_name: String,
        pub status: StaffStatus,
        /// The open unscoped assignment.
        pub role_id: Option<RoleId>,
        pub role_name: Option<String>,
        /// How many scoped assignments are open besides.
        pub scoped_assignments: i64,
        pub totp_enabled: bool,
        pub locked_until: Option<Timestamp>,
        pub last_active_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Order of the team list; `-` is descending.
    #[derive(Copy, Eq, Default)]
    pub enum StaffSort {
        #[default]
        #[serde(rename = "name")]
        Name,
        #[serde(rename = "-name")]
        NameDesc,
        #[serde(rename = "email")]
        Email,
        #[serde(rename = "-email")]
        EmailDesc,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "-created")]
        CreatedDesc,
        #[serde(rename = "last_active")]
        LastActive,
        #[serde(rename = "-last_active")]
        LastActiveDesc,
    }

    /// Filter, order and page of the team list.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct StaffFilter {
        /// Part of the name or e-mail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub q: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<StaffStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role_id: Option<RoleId>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sort: Option<StaffSort>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// A new staff account; an invitation is mailed to it.
    #[serde(deny_unknown_fields)]
    pub struct InviteInput {
        pub email: Email,
        pub full_name: PersonName,
        pub role_id: RoleId,
    }

    /// Changes to a staff account.
    #[serde(deny_unknown_fields)]
    pub struct StaffPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub full_name: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// The account's new unscoped role.
    #[serde(deny_unknown_fields)]
    pub struct RoleChange {
        pub role_id: RoleId,
        pub version: i64,
    }

    /// Why access is revoked.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct RevokeQuery {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }

    /// A role somebody has or had.
    pub struct Assignment {
        pub id: AssignmentId,
        pub user_id: StaffId,
        pub role_id: RoleId,
        pub role_name: String,
        pub event_id: Option<Uuid>,
        pub partner_id: Option<Uuid>,
        pub talent_id: Option<Uuid>,
        pub assigned_by_name: Option<String>,
        pub assigned_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub revoked_by_name: Option<String>,
    }

    /// A further role, bound to exactly one event, partner or talent.
    #[serde(deny_unknown_fields)]
    pub struct AssignInput {
        pub role_id: RoleId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub talent_id: Option<Uuid>,
    }
}
impl Validate for StaffFilter {}
impl Validate for InviteInput {}
impl Validate for RoleChange {}
impl Validate for RevokeQuery {}
impl Validate for StaffPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.full_name.is_none() && self.email.is_none() {
            errors.entry("full_name".to_owned()).or_default().push("change at least one field".to_owned());
        }
    }
}
impl Validate for AssignInput {
    fn check(&self, errors: &mut FieldErrors) {
        let bound = [self.event_id, self.partner_id, self.talent_id].iter().flatten().count();
        if bound != 1 {
            let message = "give exactly one of event_id, partner_id and talent_id".to_owned();
            errors.entry("event_id".to_owned()).or_default().push(message);
        }
    }
}

impl StaffStatus {
    /// Every status, in order.
    pub const ALL: [StaffStatus; 3] = [StaffStatus::Invited, StaffStatus::Active, StaffStatus::Inactive];
    /// The word on the wire and in the database.
    pub fn word(self) -> &'static str {
        match self {
            StaffStatus::Invited => "invited",
            StaffStatus::Active => "active",
            StaffStatus::Inactive => "inactive",
        }
    }
    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

// Roles -----------------------------------------------------------------------------------------------

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
        #[serde(default)]
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

// Keys and allowlist --------------------------------------------------------------------------------

wire! {
    /// An api key, without its secret.
    pub struct ApiKey {
        pub id: ApiKeyId,
        pub key_name: String,
        /// How the key begins, to tell keys apart.
        pub key_prefix: String,
        pub scope: BTreeSet<Permission>,
        pub active: bool,
        pub expires_at: Option<Timestamp>,
        pub created_by_name: String,
        pub last_used_at: Option<Timestamp>,
        pub revoked_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// A new api key.
    #[serde(deny_unknown_fields)]
    pub struct NewApiKey {
        pub key_name: Title,
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
