//! What people call the records of finance, what is done to them, and the work behind it.

use super::{DisputeStatus, FraudRule, PayoutBatchStatus, ProviderName, RefundStatus};
use crate::audit::words::Area;
use crate::kernel::wording::titled;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[
        ("refund", "Refund"),
        ("fee_schedule", "Fees"),
        ("dispute", "Dispute"),
        ("payout_batch", "Payout batch"),
        ("payout", "Payout"),
        ("budget", "Budget"),
        ("budget_line", "Budget line"),
        ("fraud_signal", "Fraud signal"),
        ("settlement_report", "Settlement report"),
        ("settlement_exception", "Settlement exception"),
        ("door_sale", "Door sale"),
        ("cash_deposit", "Cash deposit"),
        ("dispute_evidence", "Evidence"),
        ("accounting_period", "Accounting period"),
    ],
    also: &[("payment", "Payment")],
    actions: &[
        ("accounting_period.closed", "closed an accounting period[ ({})]"),
        ("budget.created", "planned the budget[ of {}]"),
        ("budget_line.added", "added {|a line} to a budget"),
        ("budget_line.removed", "removed {|a line} from a budget"),
        ("budget_line.updated", "changed <details>[ of the budget line {}]"),
        ("cash_deposit.made", "deposited door cash at the bank[ ({})]"),
        ("dispute.decided", "recorded how a dispute[ of {}] ended"),
        ("dispute.evidence_added", "added evidence[ {}] to a dispute"),
        ("dispute.opened", "opened a dispute[ of {}]"),
        ("dispute.opened:own", "disputed a payment"),
        ("dispute.reference_added", "recorded the bank's reference of a dispute[ of {}]"),
        ("dispute.submitted", "sent the evidence of a dispute[ of {}]"),
        ("door_sale.made", "sold tickets at the door[ to {}]"),
        ("door_sale.refunded", "refunded a door sale[ to {}]"),
        ("fee_schedule.set", "set the fees[ for {}]"),
        ("fraud_signal.resolved", "resolved a fraud signal[ of {}]"),
        ("payment.refunded", "refunded a payment[ of {}]"),
        ("payout.changed", "changed a payout[ to {}]"),
        ("payout_batch.approved", "approved a payout batch[ ({})]"),
        ("payout_batch.discarded", "discarded a payout batch[ ({})]"),
        ("payout_batch.paid", "paid a payout batch[ ({})]"),
        ("payout_batch.prepared", "prepared a payout batch[ ({})]"),
        ("payout_batch.processed", "sent a payout batch[ ({})] to the bank"),
        ("refund.retried", "retried a refund[ to {}]"),
        ("settlement.imported", "imported a settlement report[ of {}]"),
        ("settlement_exception.resolved", "resolved an exception of a settlement[ ({})]"),
    ],
    values: &[
        ("dispute", "status", titled!(DisputeStatus)),
        ("fraud_signal", "rule", titled!(FraudRule)),
        ("payout_batch", "status", titled!(PayoutBatchStatus)),
        ("refund", "status", titled!(RefundStatus)),
        ("settlement_exception", "provider", titled!(ProviderName)),
        ("settlement_report", "provider", titled!(ProviderName)),
    ],
    jobs: &[
        ("finance.send_refund", "Send refund"),
        ("finance.refund_event", "Refund a cancelled event"),
        ("finance.look_for_missing", "Look for missing payments"),
    ],
    ..Area::NONE
};
