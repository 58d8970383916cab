//! The mails to a partner's people.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::samples::NAME;
use crate::notify::{MailAudience, Samples, Says, Template, Values, mails};
use crate::organisation::Organisation;

/// What a mail to a partner says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartnerFacts {
    /// The partner.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl PartnerFacts {
    fn values<const N: usize>(&self, name: &str, more: [(&'static str, String); N]) -> Values {
        let known = [("name", name.to_owned()), ("partner", self.name.clone()), ("id", self.id.to_string())];
        known.into_iter().chain(more).collect()
    }
}

mails! {
    /// A document of a partner was looked at, and more are needed.
    DocumentApproved "document_approved" {
        /// Whom it greets.
        name: String,
        /// Whose document.
        partner: PartnerFacts,
        /// Its name.
        document: String,
    }
    /// A document of a partner was rejected.
    DocumentRejected "document_rejected" {
        /// Whom it greets.
        name: String,
        /// Whose document.
        partner: PartnerFacts,
        /// Its name.
        document: String,
        /// Why.
        reason: String,
    }
    /// All documents that are needed are approved.
    PartnerVerified "partner_verified" {
        /// Whom it greets.
        name: String,
        /// Who is verified.
        partner: PartnerFacts,
    }
    /// A partner was suspended.
    PartnerSuspended "partner_suspended" {
        /// Whom it greets.
        name: String,
        /// Who.
        partner: PartnerFacts,
        /// Why.
        reason: String,
    }
    /// A partner is not suspended any more.
    PartnerReactivated "partner_reactivated" {
        /// Whom it greets.
        name: String,
        /// Who.
        partner: PartnerFacts,
    }
    /// A bank account of a partner was verified.
    BankAccountVerified "bank_account_verified" {
        /// Whom it greets.
        name: String,
        /// Whose account.
        partner: PartnerFacts,
        /// The end of its number.
        last_four: String,
    }
    /// A bank account of a partner was rejected.
    BankAccountRejected "bank_account_rejected" {
        /// Whom it greets.
        name: String,
        /// Whose account.
        partner: PartnerFacts,
        /// The end of its number.
        last_four: String,
        /// Why.
        reason: String,
    }
}

inventory::submit!(Samples { to: MailAudience::Partners, place: 70, mails: samples });

fn samples(_at: Timestamp) -> Vec<Template> {
    let name = || NAME.to_owned();
    let partner = || PartnerFacts { id: Uuid::nil(), name: "Harbour & Sons".to_owned() };
    let reason = || "The picture is blurred.\nPlease scan it again.".to_owned();
    let (document, last_four) = (|| "Company registration".to_owned(), || "0042".to_owned());
    vec![
        DocumentApproved { name: name(), partner: partner(), document: document() }.into(),
        DocumentRejected { name: name(), partner: partner(), document: document(), reason: reason() }.into(),
        PartnerVerified { name: name(), partner: partner() }.into(),
        PartnerSuspended { name: name(), partner: partner(), reason: reason() }.into(),
        PartnerReactivated { name: name(), partner: partner() }.into(),
        BankAccountVerified { name: name(), partner: partner(), last_four: last_four() }.into(),
        BankAccountRejected { name: name(), partner: partner(), last_four: last_four(), reason: reason() }.into(),
    ]
}

impl Says for DocumentApproved {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [("document", self.document.clone())])
    }
}

impl Says for DocumentRejected {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [("document", self.document.clone()), ("reason", self.reason.clone())])
    }
}

impl Says for PartnerVerified {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [])
    }
}

impl Says for PartnerSuspended {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [("reason", self.reason.clone())])
    }
}

impl Says for PartnerReactivated {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [])
    }
}

impl Says for BankAccountVerified {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [("last_four", self.last_four.clone())])
    }
}

impl Says for BankAccountRejected {
    fn values(&self, _app: &App, _house: &Organisation) -> Values {
        self.partner.values(&self.name, [("last_four", self.last_four.clone()), ("reason", self.reason.clone())])
    }
}
