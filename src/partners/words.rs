//! What people call the records of partners, what is done to them, and the work behind it.

use crate::audit::words::Area;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[
        ("partner", "Partner"),
        ("partner_contact", "Partner contact"),
        ("partner_document", "Document"),
        ("partner_bank_account", "Bank account"),
    ],
    actions: &[
        ("partner.bank_account_added", "added the bank account {}"),
        ("partner.bank_account_reviewed", "reviewed the bank account {}"),
        ("partner.bank_account_reviewed:rejected", "rejected the bank account {}"),
        ("partner.bank_account_reviewed:verified", "approved the bank account {}"),
        ("partner.contact_added", "added[ the contact] {|a contact}"),
        ("partner.contact_invited", "invited {|a contact} to sign in"),
        ("partner.contact_made_primary", "made {|a contact} the primary contact"),
        ("partner.contact_removed", "removed {|a contact}"),
        ("partner.contact_updated", "changed {|a contact}: <details>"),
        ("partner.contact_updated:own", "changed their own <contact details>"),
        ("partner.created", "added {|this partner}"),
        ("partner.document_reviewed", "reviewed {|a document}"),
        ("partner.document_reviewed:rejected", "rejected {|a document}"),
        ("partner.document_reviewed:verified", "approved {|a document}"),
        ("partner.document_uploaded", "uploaded a document: {|now replaced}"),
        ("partner.joined", "activated {|this partner}: its contact accepted the invitation"),
        ("partner.status_changed", "changed the status of {|this partner}"),
        ("partner.status_changed:active", "activated {|this partner}"),
        ("partner.status_changed:suspended", "suspended {|this partner}"),
        ("partner.updated", "changed <the details>[ of {}]"),
    ],
    jobs: &[("partners.sweep_files", "Clear unused partner files")],
    listeners: &[("partners.activation", "Partner activation", "Activates a partner when its first team member joins")],
    ..Area::NONE
};
