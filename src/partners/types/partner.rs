//! Partners themselves.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use crate::kernel::wire_enum::wire_enum;

use super::{ContactId, PartnerId};
use crate::access::wire;
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::Limit;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Email, PersonName, Phone, Reason, SearchText, Title, WebUrl};
use crate::kernel::timestamp::Timestamp;

wire_enum! {
    /// The type of a partner.
    pub enum PartnerType {
        /// Has a place.
        Venue "venue" "Venue",
        /// Puts events on.
        Promoter "promoter" "Promoter",
        /// Pays to be seen.
        Sponsor "sponsor" "Sponsor",
        /// Sells things or services.
        Vendor "vendor" "Vendor",
    }

    /// Status of a partner.
    pub enum PartnerStatus {
        /// Its primary contact has not accepted the invitation yet.
        Invited "invited" "Invited",
        /// Works with us.
        Active "active" "Active",
        /// Cannot be paid out, publish events, or change its own records.
        Suspended "suspended" "Suspended",
    }

    /// The verification status of a partner, document or bank account.
    pub enum Verification {
        /// Not all is reviewed yet.
        Pending "pending" "Pending",
        /// In order.
        Verified "verified" "Verified",
        /// Something is not in order.
        Rejected "rejected" "Rejected",
    }
}

impl PartnerStatus {
    /// Where a change leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: PartnerStatus) -> Result<PartnerStatus, Error> {
        use PartnerStatus::{Active, Invited, Suspended};
        match (self, to) {
            (Invited | Suspended, Active) | (Active, Suspended) => Ok(to),
            _ => Err(is_now("partner", self.as_str())),
        }
    }
}

wire! {
    /// A partner, as lists and its own page show it.
    pub struct Partner {
        pub id: PartnerId,
        pub name: String,
        #[serde(rename = "type")]
        pub kind: PartnerType,
        pub status: PartnerStatus,
        pub logo_url: Option<String>,
        /// Follows from the required documents.
        pub verification_status: Verification,
        pub settlement_currency: Currency,
        /// Its earnings so far.
        pub total_revenue: Money,
        /// The amount we owe it; negative if it owes us.
        pub open_balance: Money,
        /// When it became active for the first time.
        pub joined_at: Option<Timestamp>,
        pub suspended_at: Option<Timestamp>,
        pub suspension_reason: Option<String>,
        pub primary_contact_id: Option<ContactId>,
        pub primary_contact_name: Option<String>,
        pub primary_contact_email: Option<String>,
        /// How many documents wait for review.
        pub pending_documents: i64,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Order of the list of partners; `-` is descending.
    #[derive(Copy, Eq, Default)]
    pub enum PartnerSort {
        #[default]
        #[serde(rename = "name")]
        Name,
        #[serde(rename = "-name")]
        NameDesc,
        #[serde(rename = "joined_at")]
        Joined,
        #[serde(rename = "-joined_at")]
        JoinedDesc,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "-created")]
        CreatedDesc,
    }

    /// Filter, order and page of the list of partners.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct PartnerFilter {
        /// Part of the name, or of the primary contact's name or email.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<PartnerStatus>>,
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<Vec<PartnerType>>,
        #[serde(default, alias = "verification_status", skip_serializing_if = "Option::is_none")]
        pub verification: Option<Vec<Verification>>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sort: Option<PartnerSort>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// A new partner; its primary contact is invited by mail.
    #[serde(deny_unknown_fields)]
    pub struct NewPartner {
        pub name: Title,
        #[serde(rename = "type")]
        pub kind: PartnerType,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub logo_url: Option<WebUrl>,
        /// The organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub settlement_currency: Option<Currency>,
        pub contact_name: PersonName,
        pub contact_email: Email,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub contact_phone: Option<Phone>,
    }

    /// Changes to a partner.
    #[serde(deny_unknown_fields)]
    pub struct PartnerPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<Title>,
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<PartnerType>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub logo_url: Patch<WebUrl>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// Suspends or activates.
    #[serde(deny_unknown_fields)]
    pub struct PartnerStatusChange {
        pub status: PartnerStatus,
        /// Needed to suspend.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
        /// As read, where the caller wants to be sure; a stale one gets 409.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub version: Option<i64>,
    }
}
impl Validate for PartnerFilter {}
impl Validate for NewPartner {}
impl Validate for PartnerPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.name.is_none() && self.kind.is_none() && self.logo_url.is_absent() {
            errors.entry("name".to_owned()).or_default().push("change at least one field".to_owned());
        }
    }
}
impl Validate for PartnerStatusChange {
    fn check(&self, errors: &mut FieldErrors) {
        if self.status == PartnerStatus::Suspended && self.reason.is_none() {
            errors.entry("reason".to_owned()).or_default().push("is required to suspend".to_owned());
        }
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for Partner {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Partner>] = &[
        ("id", |p| p.id.to_string()),
        ("name", |p| p.name.clone()),
        ("type", |p| p.kind.as_str().to_owned()),
        ("status", |p| p.status.as_str().to_owned()),
        ("verification", |p| p.verification_status.as_str().to_owned()),
        ("contact_name", |p| p.primary_contact_name.clone().unwrap_or_default()),
        ("contact_email", |p| p.primary_contact_email.clone().unwrap_or_default()),
        ("currency", |p| p.settlement_currency.to_string()),
        ("revenue", |p| p.total_revenue.decimal()),
        ("balance", |p| p.open_balance.decimal()),
        ("pending_documents", |p| p.pending_documents.to_string()),
        ("joined_at", |p| p.joined_at.map(|at| at.rfc3339()).unwrap_or_default()),
        ("created_at", |p| p.created_at.rfc3339()),
        ("updated_at", |p| p.updated_at.rfc3339()),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        use PartnerStatus::*;
        let allowed = [(Invited, Active), (Active, Suspended), (Suspended, Active)];
        for from in PartnerStatus::ALL {
            for to in PartnerStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn the_specifications_spelling_is_taken() {
        let kind: PartnerType = serde_json::from_str("\"Promoter\"").unwrap();
        assert_eq!(serde_json::to_string(&kind).unwrap(), "\"promoter\"");
    }
}
