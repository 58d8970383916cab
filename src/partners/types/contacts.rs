//! People at a partner.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use crate::kernel::wire_enum::wire_enum;

use super::{ContactId, PartnerId};
use crate::access::{StaffId, wire};
use crate::kernel::patch::Patch;
use crate::kernel::text::{Email, PersonName, Phone};
use crate::kernel::timestamp::Timestamp;

wire_enum! {
    /// Whether a contact can sign in.
    pub enum ContactAccess {
        /// Was never invited, or its access was revoked.
        None "none" "None",
        /// Has not accepted the invitation yet.
        Invited "invited" "Invited",
        /// Signs in and sees its partner.
        Active "active" "Active",
    }
}

wire! {
    /// A person at a partner.
    pub struct PartnerContact {
        pub id: ContactId,
        pub partner_id: PartnerId,
        pub name: String,
        pub email: String,
        pub phone: Option<String>,
        /// Exactly one contact of a partner is.
        pub is_primary: bool,
        /// The account it signs in with, once invited; for staff alone.
        pub user_id: Option<StaffId>,
        pub access: ContactAccess,
        /// When it was last invited to sign in.
        pub invited_at: Option<Timestamp>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new contact.
    #[serde(deny_unknown_fields)]
    pub struct NewContact {
        pub name: PersonName,
        pub email: Email,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phone: Option<Phone>,
        /// Takes the place of the primary contact.
        #[serde(default)]
        pub is_primary: bool,
        /// Mail an invitation to sign in.
        #[serde(default)]
        pub invite: bool,
    }

    /// Changes to a contact.
    #[serde(deny_unknown_fields)]
    pub struct ContactPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<PersonName>,
        /// Only before the contact was invited: afterwards it signs in with this address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<Email>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub phone: Patch<Phone>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}
impl Validate for NewContact {}
impl Validate for ContactPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.name.is_none() && self.email.is_none() && self.phone.is_absent() {
            errors.entry("name".to_owned()).or_default().push("change at least one field".to_owned());
        }
    }
}
