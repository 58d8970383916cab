//! What partners tells the bus, and which of its records are audited.

use super::{
    BankAccount, BankAccountId, ContactId, DocumentId, DocumentType, Partner, PartnerContact, PartnerDocument,
    PartnerId, PartnerStatus, Verification,
};
use crate::bus::audiences;
use crate::kernel::audit::audited;
use crate::kernel::error::constraints;
use crate::kernel::outbox::bus_events;

audited!(Partner "partner", PartnerContact "partner_contact", PartnerDocument "partner_document",
         BankAccount "partner_bank_account");

constraints! {
    "partner_contacts_email" "email" "already_exists" "Another contact of this partner has this email address.";
}

audiences! {
    "partner." PartnersRead;
}

bus_events! {
    "partner" partner_id: PartnerId;
    /// A partner was created.
    PartnerCreated "partner.created" {}
    /// The name, type or logo of a partner changed.
    PartnerChanged "partner.changed" {}
    /// A partner joined, was suspended or was activated.
    PartnerStatusChanged "partner.status_changed" { status: PartnerStatus }
    /// A partner's contact was added, changed, invited, made primary or removed.
    ContactChanged "partner.contact_changed" { contact_id: ContactId }
    /// A partner's document was uploaded.
    DocumentUploaded "partner.document_uploaded" { document_id: DocumentId, document_type: DocumentType }
    /// A partner's document was approved or rejected.
    DocumentReviewed "partner.document_reviewed" { document_id: DocumentId, decision: Verification }
    /// The verification status of a partner changed.
    VerificationChanged "partner.verification_changed" { verification_status: Verification }
    /// A partner's bank account was added.
    BankAccountAdded "partner.bank_account_added" { bank_account_id: BankAccountId }
    /// A partner's bank account was approved or rejected.
    BankAccountReviewed "partner.bank_account_reviewed" { bank_account_id: BankAccountId, decision: Verification }
}
