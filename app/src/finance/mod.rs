//! Money: payments, refunds and the ledger.

mod journal;
mod ledger;
mod payment;
mod payments;
mod refund;

use eventify::finance::{JournalKind, OrderStatus, PaymentStatus, RefundStatus};
use leptos::prelude::*;

use crate::ui::{Tone, badge};
use journal::journal;
use ledger::ledger;
use payment::payment;
use payments::payments;

crate::ui::part!(finance: payments, payment, ledger, journal);

fn payment_title(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Initiated => "Not paid",
        PaymentStatus::Authorised => "Authorised",
        PaymentStatus::Captured => "Paid",
        PaymentStatus::Failed => "Failed",
        PaymentStatus::Disputed => "Disputed",
        PaymentStatus::Lost => "Lost",
    }
}

fn payment_badge(status: PaymentStatus) -> AnyView {
    let tone = match status {
        PaymentStatus::Initiated => Tone::Neutral,
        PaymentStatus::Authorised => Tone::Info,
        PaymentStatus::Captured => Tone::Success,
        PaymentStatus::Failed => Tone::Neutral,
        PaymentStatus::Disputed | PaymentStatus::Lost => Tone::Danger,
    };
    badge(tone, payment_title(status))
}

fn order_title(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Created => "Not paid",
        OrderStatus::Paid => "Paid",
        OrderStatus::PartiallyRefunded => "Partly refunded",
        OrderStatus::Refunded => "Refunded",
        OrderStatus::Failed => "Failed",
        OrderStatus::Expired => "Expired",
    }
}

fn refund_badge(status: RefundStatus) -> AnyView {
    let (tone, title) = match status {
        RefundStatus::Requested => (Tone::Info, "Requested"),
        RefundStatus::Processing => (Tone::Info, "On its way"),
        RefundStatus::Processed => (Tone::Success, "Sent"),
        RefundStatus::Failed => (Tone::Danger, "Failed"),
    };
    badge(tone, title)
}

fn journal_title(kind: JournalKind) -> &'static str {
    match kind {
        JournalKind::Sale => "Sale",
        JournalKind::Refund => "Refund",
        JournalKind::RefundPaid => "Refund sent",
    }
}
