//! Paying back. [003 refunds]

use operation::operation;

use crate::finance::{NewRefund, PaymentId, Refund, RefundId};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::finance::{RefundStatus, jobs::SendRefund, refunding, sql},
    crate::kernel::context::{Db, Tx},
};

/// Refund a payment, in full or in part
///
/// Cannot exceed the amount received. The selected tickets are voided and their seats offered to the waiting list; a
/// full refund voids all tickets of the order. The matching part of the fee is returned to the organiser.
#[operation(POST "/payments/{id}/refund", staff = PaymentsRefund, status = 201, idempotent,
    errors(invalid_transition, period_closed))]
pub async fn payment_refund(tx: &mut Tx, id: PaymentId, input: NewRefund) -> Result<Refund> {
    let by = tx.actor();
    let refund = refunding::refund(tx, id, &input, by).await?;
    let entry = tx.audit_created("payment.refunded", &refund);
    entry.reason(input.reason.as_str());
    Ok(refund)
}

/// Retry a failed refund
#[operation(POST "/refunds/{id}/retry", staff = PaymentsRefund, errors(invalid_transition))]
pub async fn refund_retry(tx: &mut Tx, id: RefundId) -> Result<Refund> {
    let (now, before) = (tx.now, sql::refund_lock(tx.conn(), id).await?);
    let to = before.status.next(RefundStatus::Requested)?;
    sql::refund_set_status(tx.conn(), id, to, before.failure_reason.as_deref(), now).await?;
    tx.enqueue(&SendRefund { refund: id });
    let after = sql::refund_find(tx.conn(), id).await?;
    tx.audit("refund.retried", &before, &after);
    Ok(after)
}
