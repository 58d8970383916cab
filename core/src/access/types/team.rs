//! Staff accounts and their assignments.

use operation::{FieldErrors, Validate};
use serde::Serialize;
use uuid::Uuid;

use super::{AssignmentId, RoleId, StaffId, wire};
use crate::kernel::page::Limit;
use crate::kernel::text::{Email, PersonName, Reason, SearchText};
use crate::kernel::timestamp::Timestamp;

wire! {
    /// Status of an account.
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
        /// Roles within one event or partner, such as "Gate Staff at Neon Nights"; the first five.
        pub scoped_roles: Vec<String>,
        /// When each of these ends; null for one that stays until it is removed.
        #[serde(default)]
        pub scoped_roles_end: Vec<Option<Timestamp>>,
        /// How many of those are open.
        pub scoped_assignments: i64,
        /// The names of the api keys it made that work. They end with the account.
        pub api_keys: Vec<String>,
        pub totp_enabled: bool,
        /// Until then, sign-ins from unknown devices are slowed down because of many wrong passwords.
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
        /// Part of the name or email.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
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
        /// The role holds within this event alone, from the first moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<Uuid>,
        /// The role holds within this partner alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<Uuid>,
        /// When the role ends; permanent if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Timestamp>,
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

    /// The role of the reactivated account.
    #[serde(deny_unknown_fields)]
    pub struct Reactivation {
        pub role_id: RoleId,
        /// The role holds within this event alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<Uuid>,
        /// The role holds within this partner alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<Uuid>,
        /// When the role ends; permanent if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Timestamp>,
        pub version: i64,
    }

    /// Why access is revoked.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct RevokeQuery {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }

    /// A current or past role assignment.
    pub struct Assignment {
        pub id: AssignmentId,
        pub user_id: StaffId,
        pub role_id: RoleId,
        pub role_name: String,
        pub event_id: Option<Uuid>,
        pub partner_id: Option<Uuid>,
        pub talent_id: Option<Uuid>,
        /// The name of the event or partner.
        pub scope_name: Option<String>,
        pub assigned_by_name: Option<String>,
        pub assigned_at: Timestamp,
        /// When it ends by itself.
        pub expires_at: Option<Timestamp>,
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
        /// When the role ends; permanent if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub expires_at: Option<Timestamp>,
    }
}
impl Validate for StaffFilter {}
impl Validate for InviteInput {
    fn check(&self, errors: &mut FieldErrors) {
        one_place(errors, self.event_id, self.partner_id, self.expires_at);
    }
}
impl Validate for Reactivation {
    fn check(&self, errors: &mut FieldErrors) {
        one_place(errors, self.event_id, self.partner_id, self.expires_at);
    }
}
fn one_place(errors: &mut FieldErrors, event: Option<Uuid>, partner: Option<Uuid>, until: Option<Timestamp>) {
    if until.is_some() && event.or(partner).is_none() {
        let message = "is for a role at one event or partner: choose which".to_owned();
        errors.entry("expires_at".to_owned()).or_default().push(message);
    }
    if event.is_some() && partner.is_some() {
        let message = "give an event or a partner, not both".to_owned();
        errors.entry("partner_id".to_owned()).or_default().push(message);
    }
}
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
    pub fn as_str(self) -> &'static str {
        match self {
            StaffStatus::Invited => "invited",
            StaffStatus::Active => "active",
            StaffStatus::Inactive => "inactive",
        }
    }
    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for Staff {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Staff>] = &[
        ("id", |s| s.id.to_string()),
        ("name", |s| s.full_name.clone()),
        ("email", |s| s.email.clone()),
        ("status", |s| s.status.as_str().to_owned()),
        ("role", |s| s.role_name.clone().unwrap_or_default()),
        ("scoped_roles", |s| s.scoped_roles.join(", ")),
        ("scoped_assignments", |s| s.scoped_assignments.to_string()),
        ("second_factor", |s| s.totp_enabled.to_string()),
        ("last_active_at", |s| s.last_active_at.map(|at| at.rfc3339()).unwrap_or_default()),
        ("created_at", |s| s.created_at.rfc3339()),
        ("updated_at", |s| s.updated_at.rfc3339()),
    ];
}
