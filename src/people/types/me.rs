//! An end user's own profile. [004 USER_PROFILE]

use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use time::macros::format_description;

use super::{EndUserId, InterestId, Picture};
use crate::access::wire;
use crate::kernel::patch::Patch;
use crate::kernel::sets::distinct_if_any;
use crate::kernel::text::{Email, PersonName, Secret};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::text_type;

text_type! {
    /// What somebody says about itself.
    Bio(0, 1000, "Listens to anything with a bass line.") lines,
    /// Where somebody lives, as it says itself.
    Place(0, 120, "Bengaluru"),
}

wire_enum! {
    /// The stated type.
    pub enum Gender {
        /// A woman.
        Female "female" "Female",
        /// A man.
        Male "male" "Male",
        /// Neither.
        NonBinary "non_binary" "Non_Binary",
        /// Does not say.
        Undisclosed "undisclosed" "Undisclosed",
    }
}

/// Most interests one may have.
pub const MOST_INTERESTS: usize = 20;

/// The day somebody was born: `1994-03-21`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type))]
#[cfg_attr(feature = "ssr", sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct BirthDate(time::Date);

impl BirthDate {
    /// Reads a day; nobody alive was born before 1900.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a day such as 1994-03-21".to_owned();
        let day = time::Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).map_err(|_| wrong())?;
        if day.year() >= 1900 { Ok(Self(day)) } else { Err(wrong()) }
    }
    /// Whether this day is past by then.
    pub fn is_before(self, now: Timestamp) -> bool {
        self.0 < now.0.date()
    }
}
impl std::fmt::Display for BirthDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.format(format_description!("[year]-[month]-[day]")).unwrap_or_default())
    }
}
impl std::fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl TryFrom<String> for BirthDate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}
impl From<BirthDate> for String {
    fn from(day: BirthDate) -> String {
        day.to_string()
    }
}
#[cfg(feature = "ssr")]
impl schemars::JsonSchema for BirthDate {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BirthDate".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date", "examples": ["1994-03-21"] })
    }
}

wire! {
    /// Something that people and events have in common.
    pub struct Interest {
        pub id: InterestId,
        pub name: String,
        /// Its slug in URLs.
        pub slug: String,
        pub description: String,
    }

    /// A profile as its owner sees it.
    pub struct MyProfile {
        pub id: EndUserId,
        /// The sign-in credentials.
        pub phone: String,
        pub email: Option<String>,
        /// The email address was confirmed by a link that was mailed there.
        pub email_verified: bool,
        /// When the latest emailed link expires; absent if there is none.
        pub email_link_expires_at: Option<Timestamp>,
        /// Empty until one was given.
        pub name: String,
        pub bio: String,
        pub location: String,
        pub birth_date: Option<BirthDate>,
        pub gender: Option<Gender>,
        /// In the order they are shown.
        pub pictures: Vec<Picture>,
        pub interests: Vec<Interest>,
        /// The phone was proven by a code.
        pub is_verified: bool,
        pub totp_enabled: bool,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Changes to the own profile.
    #[serde(deny_unknown_fields)]
    pub struct MyProfilePatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<PersonName>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub email: Patch<Email>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub bio: Option<Bio>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub location: Option<Place>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub birth_date: Patch<BirthDate>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub gender: Patch<Gender>,
        /// All of them; at most twenty.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "distinct_if_any")]
        pub interests: Option<BTreeSet<InterestId>>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}
wire! {
    /// The token of a link that was mailed to an address.
    #[serde(deny_unknown_fields)]
    pub struct EmailLink {
        pub token: Secret,
    }

    /// The address a link confirms.
    pub struct EmailConfirmation {
        /// The address it was mailed to.
        pub email: String,
        /// The end of the account's phone number, for its owner to recognise.
        pub phone_ends: String,
        pub expires_at: Timestamp,
    }
}
impl Validate for EmailLink {}
impl Validate for MyProfilePatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.interests.as_ref().is_some_and(|interests| interests.len() > MOST_INTERESTS) {
            let message = format!("must be at most {MOST_INTERESTS}");
            errors.entry("interests".to_owned()).or_default().push(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(BirthDate::parse(" 1994-03-21 ").unwrap().to_string(), "1994-03-21");
        for bad in ["", "1994-3-21", "21.03.1994", "1994-02-30", "1899-12-31", "1994-03-21T00:00:00Z"] {
            assert!(BirthDate::parse(bad).is_err(), "{bad}");
        }
    }
}
