//! What finance sends and takes, on both sides of the wire.

use crate::id_type;

mod budgets;
mod disputes;
mod door;
mod fees;
mod gst;
mod invoices;
mod ledger;
mod payments;
mod payouts;
mod refunds;
mod revenue;
mod settlements;
mod signals;
mod wallets;

pub use budgets::*;
pub use disputes::*;
pub use door::*;
pub use fees::*;
pub use gst::*;
pub use invoices::*;
pub use ledger::*;
pub use payments::*;
pub use payouts::*;
pub use refunds::*;
pub use revenue::*;
pub use settlements::*;
pub use signals::*;
pub use wallets::*;

id_type! {
    /// An account of the ledger.
    AccountId,
    /// A journal: postings that belong together and add up to nothing.
    JournalId,
    /// One line of a journal.
    PostingId,
    /// A month of the books that was closed.
    PeriodId,
    /// What a guest pays for.
    PaymentOrderId,
    /// An attempt to pay an order.
    PaymentId,
    /// Money that goes back.
    RefundId,
    /// What was sold at the door.
    DoorSaleId,
    /// Cash that was paid into the bank.
    CashDepositId,
    /// Money that a provider sent to our bank at once.
    SettlementId,
    /// A payment, refund or dispute in a settlement.
    SettlementLineId,
    /// Something unusual about a person's payments that should be checked.
    FraudSignalId,
    /// What an organiser is charged.
    FeeScheduleId,
    /// A guest disputed a payment with their bank.
    DisputeId,
    /// A file of evidence.
    EvidenceId,
    /// Payouts that are approved together.
    PayoutBatchId,
    /// The payout of one partner.
    PayoutId,
    /// What an event is planned to bring in and to cost.
    BudgetId,
    /// One line of a budget.
    BudgetLineId,
    /// What a guest paid, and what of it is tax.
    InvoiceId,
    /// What went back of an invoice.
    CreditNoteId,
}
