//! What finance tells the bus, which of its records are audited, and what its constraints mean.

use super::sql;
use super::{
    AccountingPeriod, Budget, BudgetLine, CashDeposit, Dispute, DisputeEvidence, DisputeId, DisputeStatus, DoorSale,
    FeeSchedule, FraudSignal, PaymentId, Payout, PayoutBatch, PayoutBatchId, PayoutId, Refund, RefundId,
    SettlementIssue,
};
use crate::bus::audiences;
use crate::events::records::EventRecords;
use crate::events::{ActivityOf, EventId};
use crate::kernel::audit::audited;
use crate::kernel::error::constraints;
use crate::kernel::money::Money;
use crate::kernel::outbox::bus_events;
use crate::kernel::permissions::Permission;
use crate::partners::PartnerId;

audited!(Refund "refund", FeeSchedule "fee_schedule", AccountingPeriod "accounting_period", Dispute "dispute",
         DisputeEvidence "dispute_evidence", PayoutBatch "payout_batch", Payout "payout", Budget "budget", BudgetLine "budget_line",
         DoorSale "door_sale", CashDeposit "cash_deposit", FraudSignal "fraud_signal", SettlementIssue "settlement_exception");

inventory::submit!(
    EventRecords::of_kinds(
        ActivityOf::Money,
        Permission::FinanceRead,
        &["dispute", "door_sale", "cash_deposit", "budget", "budget_line", "fee_schedule"],
    )
    .and(|db, event| Box::pin(sql::refunds_of_event(db, event)))
);

constraints! {
    "payments_refunded" "amount_minor" "invalid_transition" "The refund would exceed the payment.";
    "payment_order_lines_refunded" "amount_minor" "invalid_transition" "The refund would exceed the payment.";
    "payment_order_lines_reservation" "reservation_ids" "already_in_order" "Some of these seats are in another order.";
    "ledger_journals_open_period" "month" "period_closed" "This month of the books is closed.";
    "accounting_periods_month" "month" "period_closed" "This month is closed already.";
    "fee_schedules_partner_id_fkey" "partner_id" "unknown_reference" "There is no such partner.";
    "budgets_event" "event_id" "already_exists" "This event has a budget already.";
    "budget_lines_ledger" "source" "already_exists" "Another line already uses this source.";
    "disputes_open" "payment_id" "invalid_transition" "The payment is disputed already.";
    "payout_batches_draft" "currency" "already_exists" "Another batch in this currency is waiting for approval.";
    "payout_batches_other_person" "approved_by" "forbidden" "Someone else must approve it.";
    "fee_schedules_event_id_fkey" "event_id" "unknown_reference" "There is no such event.";
}

audiences! {
    "payment." FinanceRead;
    "refund." FinanceRead;
    "dispute." FinanceRead;
    "payout." FinanceRead;
}

bus_events! {
    "payment" payment_id: PaymentId;
    /// A guest started a payment.
    PaymentInitiated "payment.initiated" { event_id: EventId, amount: Money }
    /// A payment succeeded.
    PaymentCaptured "payment.captured" { event_id: EventId, amount: Money }
    /// A payment failed.
    PaymentFailed "payment.failed" { event_id: EventId }
    /// A refund was requested.
    RefundRequested "refund.requested" { event_id: EventId, refund_id: RefundId, amount: Money }
    /// A refund succeeded.
    RefundProcessed "refund.processed" { event_id: EventId, refund_id: RefundId, amount: Money }
    /// A refund failed.
    RefundFailed "refund.failed" { event_id: EventId, refund_id: RefundId }
}

bus_events! {
    "dispute" dispute_id: DisputeId;
    /// A guest disputed a payment with their bank.
    DisputeOpened "dispute.opened" { payment_id: PaymentId, event_id: EventId, amount: Money }
    /// The evidence of a dispute was submitted, or the dispute was decided.
    DisputeUpdated "dispute.updated" { payment_id: PaymentId, event_id: EventId, status: DisputeStatus }
}

bus_events! {
    "payout_batch" batch_id: PayoutBatchId;
    /// A payout batch was prepared and needs approval.
    PayoutsPrepared "payout.prepared" { amount: Money }
}

bus_events! {
    "payout" payout_id: PayoutId;
    /// A payout to a partner was paid.
    PayoutPaid "payout.paid" { batch_id: PayoutBatchId, partner_id: PartnerId, amount: Money }
}
