//! What partners tells the bus, and which of its records are audited.

use operation::Constraint;
use serde::Serialize;

use super::{
    BankAccount, BankAccountId, ContactId, DocumentId, DocumentType, Partner, PartnerContact, PartnerDocument,
    PartnerId, PartnerStatus, Verification,
};
use crate::kernel::audit::Audited;
use crate::kernel::outbox::{BusEvent, EventType};

macro_rules! audited {
    ($($type:ident $object:literal),*) => {$(
        impl Audited for $type {
            const OBJECT: &'static str = $object;
            fn audit_id(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}
audited!(Partner "partner", PartnerContact "partner_contact", PartnerDocument "partner_document",
         BankAccount "partner_bank_account");

inventory::submit!(Constraint {
    name: "partner_contacts_email",
    field: "email",
    code: "already_exists",
    message: "Another contact of this partner has this e-mail address.",
});

macro_rules! partner_event {
    ($(#[doc = $doc:literal] $name:ident $type:literal { $($field:ident: $field_type:ty),* })*) => {$(
        #[doc = $doc]
        #[derive(Serialize)]
        pub struct $name {
            pub partner_id: PartnerId,
            $(pub $field: $field_type,)*
        }
        impl BusEvent for $name {
            const TYPE: &'static str = $type;
            const AGGREGATE: &'static str = "partner";
            fn aggregate_id(&self) -> String {
                self.partner_id.to_string()
            }
        }
        inventory::submit!(EventType::of::<$name>($doc));
    )*};
}
partner_event! {
    /// A partner was made.
    PartnerCreated "partner.created" {}
    /// Name, type or logo changed.
    PartnerChanged "partner.changed" {}
    /// It joined, was suspended or activated.
    PartnerStatusChanged "partner.status_changed" { status: PartnerStatus }
    /// A contact came, changed, was invited, became primary, or went.
    ContactChanged "partner.contact_changed" { contact_id: ContactId }
    /// A document was uploaded.
    DocumentUploaded "partner.document_uploaded" { document_id: DocumentId, document_type: DocumentType }
    /// A document was reviewed.
    DocumentReviewed "partner.document_reviewed" { document_id: DocumentId, decision: Verification }
    /// What the documents come to has changed.
    VerificationChanged "partner.verification_changed" { verification_status: Verification }
    /// A bank account was added.
    BankAccountAdded "partner.bank_account_added" { bank_account_id: BankAccountId }
    /// A bank account was reviewed.
    BankAccountReviewed "partner.bank_account_reviewed" { bank_account_id: BankAccountId, decision: Verification }
}
