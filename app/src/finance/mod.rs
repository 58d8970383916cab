//! Money: payments, refunds, disputes, payouts and the ledger.

pub mod budget;
mod budgets;
pub mod dispute;
mod disputes;
pub mod door;
mod fees;
mod invoice;
mod invoices;
mod journal;
mod ledger;
mod months;
mod payment;
mod payments;
mod payout;
mod payouts;
mod raise;
mod reconcile;
mod refund;
mod signals;
pub mod tabs;
mod wallets;

use eventify::finance::{
    DisputeStatus, JournalKind, OrderStatus, Payment, PaymentStatus, Payout, PayoutBatchStatus, PayoutExclusionReason,
    PayoutStatus, RefundStatus,
};
use leptos::prelude::*;

use crate::ui::{Tone, badge};
use budget::budget;
use budgets::budgets;
use dispute::dispute;
use disputes::disputes;
use door::door;
use fees::fees;
use invoice::invoice;
use invoices::invoices;
use journal::journal;
use ledger::ledger;
use months::months;
use payment::payment;
use payments::payments;
use payout::payout;
use payouts::payouts;
use reconcile::reconcile;
use signals::signals;
use wallets::wallets;

crate::ui::bundles! {
    payments: payments, payment;
    disputes: disputes, dispute;
    payouts: payouts, payout;
    budgets: budgets, budget;
    invoices: invoices, invoice;
    ledger: ledger, months, journal;
    fees: fees;
    door_sales: door;
    reconciliation: reconcile;
    wallets: wallets;
    fraud_signals: signals;
}

/// Why a partner is not paid out.
fn exclusion_title(reason: PayoutExclusionReason) -> &'static str {
    match reason {
        PayoutExclusionReason::Suspended => "Suspended",
        PayoutExclusionReason::NotActive => "Invitation not accepted",
        PayoutExclusionReason::NotVerified => "Documents not verified",
        PayoutExclusionReason::NoBankAccount => "No verified bank account",
        PayoutExclusionReason::BelowMinimum => "Below the minimum",
    }
}

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

/// How a payment stands, with what went back of it.
fn payment_standing(payment: &Payment) -> AnyView {
    match (payment.status, payment.refunded.minor) {
        (PaymentStatus::Captured, 0) | (PaymentStatus::Disputed | PaymentStatus::Lost, _) => {
            payment_badge(payment.status)
        }
        (PaymentStatus::Captured, back) if back >= payment.amount.minor => badge(Tone::Neutral, "Refunded"),
        (PaymentStatus::Captured, _) => badge(Tone::Info, "Partly refunded"),
        _ => payment_badge(payment.status),
    }
}

/// Why it did not work, as staff read it.
fn why_failed(payment: &Payment) -> Option<AnyView> {
    payment.failure_reason.as_deref().map(|reason| view! { <small>{to_staff(reason)}</small> }.into_any())
}

/// What a provider tells the guest, told of the guest: `Your card was declined.` is `The card was declined`.
fn to_staff(reason: &str) -> String {
    let reason = reason.trim_end_matches('.').replace(" your ", " the ");
    match reason.strip_prefix("Your ") {
        Some(rest) => format!("The {rest}"),
        None => reason,
    }
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
    let tone = match status {
        RefundStatus::Requested | RefundStatus::Processing => Tone::Info,
        RefundStatus::Processed => Tone::Success,
        RefundStatus::Failed => Tone::Danger,
    };
    badge(tone, status.title())
}

fn journal_title(kind: JournalKind) -> &'static str {
    match kind {
        JournalKind::Sale => "Sale",
        JournalKind::Refund => "Refund",
        JournalKind::RefundPaid => "Refund sent",
        JournalKind::Dispute => "Dispute",
        JournalKind::DisputeReleased => "Dispute won",
        JournalKind::DisputeLost => "Dispute lost",
        JournalKind::Payout => "Payout",
        JournalKind::PayoutPaid => "Payout sent",
        JournalKind::DoorSale => "Door sale",
        JournalKind::DoorRefund => "Door refund",
        JournalKind::CashDeposit => "Cash paid in",
        JournalKind::Settlement => "Settlement",
        JournalKind::SettlementResolved => "Exception resolved",
    }
}

fn dispute_badge(status: DisputeStatus) -> AnyView {
    let tone = match status {
        DisputeStatus::Opened => Tone::Warning,
        DisputeStatus::UnderReview => Tone::Info,
        DisputeStatus::Won => Tone::Success,
        DisputeStatus::Lost => Tone::Danger,
        DisputeStatus::Withdrawn => Tone::Neutral,
    };
    badge(tone, status.title())
}

fn batch_badge(status: PayoutBatchStatus) -> AnyView {
    let tone = match status {
        PayoutBatchStatus::Draft => Tone::Warning,
        PayoutBatchStatus::Approved | PayoutBatchStatus::Processing => Tone::Info,
        PayoutBatchStatus::Done => Tone::Success,
        PayoutBatchStatus::Discarded => Tone::Neutral,
    };
    badge(tone, status.title())
}

/// How one payout stands, and why where it failed: the same word wherever it is shown.
fn payout_state(payout: &Payout) -> AnyView {
    let (tone, title) = match payout.status {
        PayoutStatus::Pending => (Tone::Info, "Pending"),
        PayoutStatus::Paid => (Tone::Success, "Paid"),
        PayoutStatus::Failed => (Tone::Danger, "Failed"),
    };
    let why = payout.failure_reason.clone().map(|reason| view! { <small>{reason}</small> });
    view! { {badge(tone, title)}{why} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::to_staff;

    #[test]
    fn what_a_guest_was_told_is_told_to_staff_of_the_guest() {
        assert_eq!(to_staff("Your card was declined."), "The card was declined");
        assert_eq!(to_staff("Payment failed as your bank is down."), "Payment failed as the bank is down");
        assert_eq!(to_staff("Insufficient funds"), "Insufficient funds");
    }
}
