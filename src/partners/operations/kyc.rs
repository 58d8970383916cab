//! The review of documents. [000 Partner Management]

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::partners::{KycOutcome, KycQueueFilter, KycQueueItem, KycReview, PartnerId};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{forbidden, invalid_transition},
    },
    crate::partners::{Decision, Verification, events::DocumentReviewed, notices, sql},
};

/// List documents waiting for review
///
/// Oldest first.
#[operation(GET "/kyc/queue", staff = KycReview, scoped)]
pub async fn kyc_queue(db: &mut Reader, query: KycQueueFilter) -> Result<Page<KycQueueItem>> {
    sql::kyc_queue(db, &query).await
}

/// Approve or reject a document
///
/// The partner becomes verified when all required documents (company_reg, pan, cheque) are approved, and rejected when
/// one is rejected; its contacts are notified by email. The person who uploaded a document cannot approve it. A
/// decision is final: to replace a rejected document, upload a new one.
#[operation(POST "/partners/{id}/kyc/review", staff = KycReview, scoped, errors(invalid_transition))]
pub async fn partner_kyc_review(tx: &mut Tx, id: PartnerId, input: KycReview) -> Result<KycOutcome> {
    let partner = sql::partner_lock(tx, id).await?;
    rules::house_only(tx)?;
    let before = sql::document_find(tx.conn(), id, input.document_id).await?;
    if before.superseded_at.is_some() {
        return Err(invalid_transition().detail("It was replaced by a newer document."));
    }
    if before.status != Verification::Pending {
        return Err(invalid_transition().detail(format!("The document is {} already.", before.status.as_str())));
    }
    if input.decision == Decision::Verified {
        let uploader = sql::document_uploader(tx.conn(), before.id).await?;
        if uploader.is_some() && uploader == tx.caller.person() {
            return Err(forbidden().detail("You uploaded this document: someone else must approve it."));
        }
    }
    let (now, by, decision) = (tx.now, tx.actor(), Verification::from(input.decision));
    let reason = input.reason.as_ref().map(|reason| reason.as_str());
    let shown = reason.filter(|_| decision == Verification::Rejected);
    sql::document_review(tx.conn(), before.id, decision, shown, by, now).await?;
    let verification = rules::verify(tx, &partner).await?;
    let document = sql::document_find(tx.conn(), id, before.id).await?;
    let partner = sql::partner_find(tx, id).await?;
    let entry = tx.audit("partner.document_reviewed", &before, &document);
    if let Some(reason) = reason {
        entry.reason(reason);
    }
    if let Some(state) = verification {
        entry.note("verification_status", state);
    }
    notices::reviewed(tx, &partner, &document, verification == Some(Verification::Verified)).await?;
    tx.emit(&DocumentReviewed { partner_id: id, document_id: document.id, decision });
    Ok(KycOutcome { document, partner })
}
