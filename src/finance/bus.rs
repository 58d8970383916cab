//! What finance tells the bus, which of its records are audited, and what its constraints mean.

use super::{AccountingPeriod, FeeSchedule, PaymentId, Refund, RefundId};
use crate::events::EventId;
use crate::kernel::audit::audited;
use crate::kernel::error::constraints;
use crate::kernel::money::Money;
use crate::kernel::outbox::bus_events;

audited!(Refund "refund", FeeSchedule "fee_schedule", AccountingPeriod "accounting_period");

constraints! {
    "payments_refunded" "amount_minor" "invalid_transition" "More would go back than came.";
    "payment_order_lines_refunded" "amount_minor" "invalid_transition" "More would go back than came.";
    "payment_order_lines_reservation" "reservation_ids" "already_in_order" "Some of these seats are in another order.";
    "ledger_journals_open_period" "month" "period_closed" "This month of the books is closed.";
    "accounting_periods_month" "month" "period_closed" "This month is closed already.";
    "fee_schedules_partner_id_fkey" "partner_id" "unknown_reference" "There is no such partner.";
    "fee_schedules_event_id_fkey" "event_id" "unknown_reference" "There is no such event.";
}

bus_events! {
    "payment" payment_id: PaymentId;
    /// A guest began to pay.
    PaymentInitiated "payment.initiated" { event_id: EventId, amount: Money }
    /// A payment came in.
    PaymentCaptured "payment.captured" { event_id: EventId, amount: Money }
    /// A payment did not work.
    PaymentFailed "payment.failed" { event_id: EventId }
    /// Money is to go back to a guest.
    RefundRequested "refund.requested" { event_id: EventId, refund_id: RefundId, amount: Money }
    /// Money went back to a guest.
    RefundProcessed "refund.processed" { event_id: EventId, refund_id: RefundId, amount: Money }
    /// Money could not be sent back.
    RefundFailed "refund.failed" { event_id: EventId, refund_id: RefundId }
}
