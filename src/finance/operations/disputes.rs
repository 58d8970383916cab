//! Disputes: what guests' banks ask back. [002 E3.4]

use operation::{Answer, operation};

use crate::finance::{
    Dispute, DisputeDecision, DisputeDetail, DisputeEvidence, DisputeFilter, DisputeId, EvidenceId, NewDispute,
    PaymentId, PaymentsAttention,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::finance::{
        DisputeStatus, EvidenceForm,
        disputing::{self, Raised},
        evidence::{self, Received},
        sql,
    },
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{not_found, try_again},
        files,
        page::Limit,
        timestamp::Timestamp,
    },
};

/// List payments that need attention
///
/// Disputes by deadline, the money held for them, and refunds that the provider could not send.
#[operation(GET "/admin/payments", staff = FinanceRead)]
pub async fn payments_attention(db: &mut Reader) -> Result<PaymentsAttention> {
    let soon = Timestamp(db.now.0 + time::Duration::DAY);
    let (disputes_open, disputes_due, held) = sql::disputes_open(db.conn(), soon).await?;
    let (refunds_open, refunds_failed, failed_refunds) = sql::refunds_failed(db.conn(), 20).await?;
    let open = DisputeFilter {
        status: Some(DisputeStatus::OPEN.to_vec()),
        limit: Limit::try_from(20).ok(),
        ..DisputeFilter::default()
    };
    let disputes = sql::dispute_list(db, &open).await?.items;
    Ok(PaymentsAttention { disputes_open, disputes_due, held, disputes, refunds_open, refunds_failed, failed_refunds })
}

/// List disputes
///
/// By deadline, the earliest first.
#[operation(GET "/disputes", staff = FinanceRead)]
pub async fn dispute_list(db: &mut Reader, query: DisputeFilter) -> Result<Page<Dispute>> {
    sql::dispute_list(db, &query).await
}

/// Get a dispute with its payment, evidence and ledger entries
#[operation(GET "/disputes/{id}", staff = FinanceRead)]
pub async fn dispute_get(db: &mut Reader, id: DisputeId) -> Result<DisputeDetail> {
    let dispute = sql::dispute_find(db.conn(), id).await?;
    let payment = sql::payment_find(db.conn(), dispute.payment_id).await?;
    let evidence = sql::evidence_list(db.conn(), id).await?;
    let journals = sql::journals_of_dispute(db.conn(), id).await?;
    Ok(DisputeDetail { dispute, payment, evidence, journals })
}

/// Open a dispute manually
///
/// For disputes that the provider has not reported. The disputed amount is held from the organiser's balance until the
/// dispute is decided, and the payment cannot be refunded in the meantime.
#[operation(POST "/payments/{id}/disputes", staff = DisputesManage, status = 201, idempotent,
    errors(invalid_transition, period_closed))]
pub async fn dispute_open(tx: &mut Tx, id: PaymentId, input: NewDispute) -> Result<Dispute> {
    let (event, payment) = disputing::locked(tx, id).await?;
    let raised = Raised {
        minor: input.amount_minor,
        reason: input.reason.as_str(),
        due_at: input.due_at,
        provider_ref: None,
        by: tx.actor(),
    };
    let dispute = disputing::open(tx, &event, &payment, &raised).await?;
    tx.audit_created("dispute.opened", &dispute);
    Ok(dispute)
}

/// Add evidence to a dispute
///
/// Send multipart/form-data with the fields `kind` (receipt, correspondence, attendance, terms or other) and `file` (a
/// PDF, PNG or JPEG, detected from its content, of at most 20 MiB unless configured otherwise). Only possible until the
/// evidence is submitted.
#[operation(POST "/disputes/{id}/evidence", staff = DisputesManage, status = 201, body = multipart(EvidenceForm),
    errors(invalid_transition))]
pub async fn dispute_evidence_add(cx: &RequestContext, id: DisputeId) -> Result<DisputeEvidence> {
    {
        let mut db = cx.reader().await?;
        let dispute = sql::dispute_find(db.conn(), id).await?;
        dispute.status.next(DisputeStatus::UnderReview)?;
    }
    let received = evidence::receive(cx, id).await?;
    let file_id = received.file.id;
    let kept = cx.write(|tx| Box::pin(keep(tx, id, received))).await;
    if kept.is_err() {
        files::discard(cx.app(), file_id).await;
    }
    kept
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, id: DisputeId, received: Received) -> Result<DisputeEvidence> {
    let payment = sql::dispute_find(tx.conn(), id).await?.payment_id;
    disputing::locked(tx, payment).await?;
    sql::dispute_find(tx.conn(), id).await?.status.next(DisputeStatus::UnderReview)?;
    let (now, by, new) = (tx.now, tx.actor(), EvidenceId::new());
    if !files::keep(tx.conn(), received.file.id, now).await? {
        return Err(try_again().detail("The upload took too long; send it again."));
    }
    let file = (received.kind, received.file_name.as_str(), &received.file);
    sql::evidence_insert(tx.conn(), new, id, file, by, now).await?;
    let kept = sql::evidence_list(tx.conn(), id).await?.into_iter().find(|one| one.id == new).ok_or_else(not_found)?;
    tx.audit_created("dispute.evidence_added", &kept);
    Ok(kept)
}

/// Download an evidence file
#[operation(GET "/disputes/{id}/evidence/{evidence_id}/file", staff = FinanceRead, answer = File)]
pub async fn dispute_evidence_file(cx: &RequestContext, id: DisputeId, evidence_id: EvidenceId) -> Result<Answer> {
    let file = {
        let mut db = cx.reader().await?;
        sql::evidence_file(db.conn(), id, evidence_id).await?
    };
    let body = cx.app().storage.read(&file.storage_key).await?.ok_or_else(not_found)?;
    Ok(Answer { response: file.response(true, body)? })
}

/// Submit the evidence of a dispute
///
/// Sends the evidence to the bank. Nothing can be added afterwards.
#[operation(POST "/disputes/{id}/submit", staff = DisputesManage, errors(invalid_transition))]
pub async fn dispute_submit(tx: &mut Tx, id: DisputeId) -> Result<Dispute> {
    let by = tx.actor();
    let (before, after) = disputing::submit(tx, id, by).await?;
    tx.audit("dispute.submitted", &before, &after);
    Ok(after)
}

/// Record the bank's decision on a dispute
///
/// If won or withdrawn, the organiser gets the held amount back. If lost, the amount goes to the guest, and the tickets
/// are voided if nothing is left of the payment. What is left can still be refunded or disputed.
#[operation(POST "/disputes/{id}/decide", staff = DisputesManage, errors(invalid_transition, period_closed))]
pub async fn dispute_decide(tx: &mut Tx, id: DisputeId, input: DisputeDecision) -> Result<Dispute> {
    let payment = sql::dispute_find(tx.conn(), id).await?.payment_id;
    let (event, payment) = disputing::locked(tx, payment).await?;
    let (by, to) = (tx.actor(), DisputeStatus::from(input.outcome));
    let note = (to, Some(input.note.as_str()));
    let (before, after) = disputing::close(tx, (&event, &payment), id, note, by).await?;
    tx.audit("dispute.decided", &before, &after).reason(input.note.as_str());
    Ok(after)
}
