//! Paying back. [003 refunds]

use operation::operation;

use crate::finance::{NewRefund, PaymentId, Refund, RefundId};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::finance::{RefundStatus, jobs::SendRefund, refunding, sql},
    crate::kernel::context::{Db, Tx},
};

/// Refund a payment, whole or in part
///
/// Never more than came. The tickets it is for are void and their seats go to the waiting list; paying all back voids
/// every ticket of the order. Part of the fee goes back to the organiser with it.
#[operation(POST "/payments/{id}/refund", staff = PaymentsRefund, status = 201, idempotent,
    errors(invalid_transition, period_closed))]
pub async fn payment_refund(tx: &mut Tx, id: PaymentId, input: NewRefund) -> Result<Refund> {
    let by = tx.actor();
    let refund = refunding::refund(tx, id, &input, by).await?;
    let entry = tx.audit_created("payment.refunded", &refund);
    entry.reason(input.reason.as_str());
    Ok(refund)
}

/// Send a refund again that the provider could not send
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
