//! End users as staff see them. [000 End Users]

use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{BanId, BirthDate, EndUserId, EndUserSession, Gender, Interest, Picture, PrivacyRequest, PrivacySettings};
use crate::access::{Activity, wire};
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::sets::distinct;
use crate::kernel::text::{Reason, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

/// Most end users one call bans.
pub const MOST_BANNED: usize = 200;

wire_enum! {
    /// Status of an end user. An expired ban no longer counts.
    pub enum UserStatus {
        /// May sign in.
        Active "active" "Active",
        /// May not, for now or for good.
        Banned "banned" "Banned",
        /// Asked to be erased; nothing personal is left.
        Erased "erased" "Erased",
    }

    /// The result for one record.
    pub enum BanResult {
        /// Banned now.
        Banned "banned" "Banned",
        /// There is no such end user.
        NotFound "not_found" "Not_Found",
        /// Erased: nobody is left to be banned.
        Erased "erased" "Erased",
    }
}

wire! {
    /// An end user, as lists show it.
    pub struct User {
        pub id: EndUserId,
        /// Empty until one was given, and once erased.
        pub full_name: String,
        /// Absent once erased.
        pub phone: Option<String>,
        pub email: Option<String>,
        /// The email address was confirmed by a link that was mailed there.
        pub email_verified: bool,
        pub location: String,
        pub status: UserStatus,
        /// When the current ban ends, if it does.
        pub banned_until: Option<Timestamp>,
        /// Lifetime value.
        pub total_spent: Money,
        pub totp_enabled: bool,
        pub last_login_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// One ban, present or past.
    pub struct Ban {
        pub id: BanId,
        pub reason: String,
        /// For good where there is none.
        pub until: Option<Timestamp>,
        pub banned_by_name: Option<String>,
        pub created_at: Timestamp,
        pub lifted_at: Option<Timestamp>,
        pub lifted_by_name: Option<String>,
    }

    /// An end user with all that staff may know.
    pub struct UserDetail {
        pub user: User,
        pub bio: String,
        pub birth_date: Option<BirthDate>,
        pub gender: Option<Gender>,
        pub is_verified: bool,
        pub pictures: Vec<Picture>,
        pub interests: Vec<Interest>,
        /// The privacy settings.
        pub privacy: PrivacySettings,
        /// Newest first.
        pub bans: Vec<Ban>,
        /// Those that are open.
        pub sessions: Vec<EndUserSession>,
        pub privacy_requests: Vec<PrivacyRequest>,
        /// The latest activity of the account, newest first; at most 100 entries.
        pub activity: Vec<Activity>,
    }

    /// Order of the list of end users; `-` is descending.
    #[derive(Copy, Eq, Default)]
    pub enum UserSort {
        #[default]
        #[serde(rename = "-created")]
        CreatedDesc,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "name")]
        Name,
        #[serde(rename = "-name")]
        NameDesc,
        #[serde(rename = "spent")]
        Spent,
        #[serde(rename = "-spent")]
        SpentDesc,
        #[serde(rename = "last_login")]
        LastLogin,
        #[serde(rename = "-last_login")]
        LastLoginDesc,
    }

    /// Filter, order and page of the list of end users.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct UserFilter {
        /// Part of the name, phone or email.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        /// All but the erased if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<UserStatus>>,
        /// Spent at least so much, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub min_spent: Option<i64>,
        /// Signed up at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub joined_from: Option<Timestamp>,
        /// Signed up before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub joined_to: Option<Timestamp>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sort: Option<UserSort>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Bans.
    #[serde(deny_unknown_fields)]
    pub struct BanInput {
        /// The end user reads it.
        pub reason: Reason,
        /// For good if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub until: Option<Timestamp>,
    }

    /// Bans many.
    #[serde(deny_unknown_fields)]
    pub struct BulkBan {
        /// At most 200.
        #[serde(deserialize_with = "distinct")]
        pub ids: BTreeSet<EndUserId>,
        pub reason: Reason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub until: Option<Timestamp>,
    }

    /// The result for one of them.
    pub struct BanOutcome {
        pub id: EndUserId,
        pub result: BanResult,
    }

    /// Lifts a ban, or takes the second factor away.
    #[serde(deny_unknown_fields)]
    pub struct UserReason {
        pub reason: Reason,
    }
}
impl Validate for UserFilter {}
impl Validate for BanInput {}
impl Validate for UserReason {}
impl Validate for BulkBan {
    fn check(&self, errors: &mut FieldErrors) {
        let message = match self.ids.len() {
            0 => "choose at least one".to_owned(),
            n if n > MOST_BANNED => format!("must be at most {MOST_BANNED}, not {n}"),
            _ => return,
        };
        errors.entry("ids".to_owned()).or_default().push(message);
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for User {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<User>] = &[
        ("id", |u| u.id.to_string()),
        ("full_name", |u| u.full_name.clone()),
        ("phone", |u| u.phone.clone().unwrap_or_default()),
        ("email", |u| u.email.clone().unwrap_or_default()),
        ("location", |u| u.location.clone()),
        ("status", |u| u.status.as_str().to_owned()),
        ("banned_until", |u| u.banned_until.map(|at| at.rfc3339()).unwrap_or_default()),
        ("currency", |u| u.total_spent.currency.to_string()),
        ("spent", |u| u.total_spent.decimal()),
        ("totp_enabled", |u| u.totp_enabled.to_string()),
        ("last_login_at", |u| u.last_login_at.map(|at| at.rfc3339()).unwrap_or_default()),
        ("created_at", |u| u.created_at.rfc3339()),
        ("updated_at", |u| u.updated_at.rfc3339()),
    ];
}
