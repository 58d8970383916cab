//! What a partner is told: a mail to its primary contact, and to everybody who signs in for it.

use super::templates::{
    BankAccountRejected, BankAccountVerified, DocumentApproved, DocumentRejected, PartnerFacts, PartnerReactivated,
    PartnerSuspended, PartnerVerified,
};
use super::{BankAccount, Partner, PartnerDocument, PartnerId, PartnerStatus, Verification, sql};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::notify::{self, Template};

async fn tell<M: Into<Template>>(tx: &mut Tx, partner: PartnerId, mail: impl Fn(String) -> M) -> Result<()> {
    for contact in sql::contacts_to_tell(tx.conn(), partner).await? {
        notify::mail(tx, &contact.email, mail(contact.name));
    }
    Ok(())
}

fn facts(partner: &Partner) -> PartnerFacts {
    PartnerFacts { id: partner.id.0, name: partner.name.clone() }
}

/// A document was decided on. The last one that was needed makes the partner verified, which says it all.
pub async fn reviewed(tx: &mut Tx, partner: &Partner, document: &PartnerDocument, verified: bool) -> Result<()> {
    let reason = document.rejection_reason.clone().unwrap_or_default();
    tell(tx, partner.id, |name| {
        let (partner, document_title) = (facts(partner), document.kind.title().to_owned());
        match document.status {
            Verification::Rejected => {
                let reason = reason.clone();
                Template::from(DocumentRejected { name, partner, document: document_title, reason })
            }
            _ if verified => PartnerVerified { name, partner }.into(),
            _ => DocumentApproved { name, partner, document: document_title }.into(),
        }
    })
    .await
}

/// The partner was suspended, or is not any more.
pub async fn stands_otherwise(tx: &mut Tx, before: &Partner, after: &Partner) -> Result<()> {
    let reason = after.suspension_reason.clone().unwrap_or_default();
    match (before.status, after.status) {
        (_, PartnerStatus::Suspended) => {
            let mail = |name| PartnerSuspended { name, partner: facts(after), reason: reason.clone() };
            tell(tx, after.id, mail).await
        }
        (PartnerStatus::Suspended, _) => {
            tell(tx, after.id, |name| PartnerReactivated { name, partner: facts(after) }).await
        }
        _ => Ok(()),
    }
}

/// A bank account was decided on.
pub async fn account_reviewed(tx: &mut Tx, partner: &Partner, account: &BankAccount) -> Result<()> {
    let reason = account.rejection_reason.clone().unwrap_or_default();
    tell(tx, partner.id, |name| {
        let (partner, last_four) = (facts(partner), account.last_four.clone());
        match account.status {
            Verification::Rejected => {
                Template::from(BankAccountRejected { name, partner, last_four, reason: reason.clone() })
            }
            _ => BankAccountVerified { name, partner, last_four }.into(),
        }
    })
    .await
}
