//! What finance sends and takes, on both sides of the wire.

use crate::id_type;

mod fees;
mod ledger;
mod payments;
mod refunds;
mod revenue;

pub use fees::*;
pub use ledger::*;
pub use payments::*;
pub use refunds::*;
pub use revenue::*;

id_type! {
    /// An account of the ledger.
    AccountId,
    /// A journal: postings that belong together and add up to nothing.
    JournalId,
    /// One line of a journal.
    PostingId,
    /// A month of the books that was closed.
    PeriodId,
    /// What somebody pays for.
    PaymentOrderId,
    /// An attempt to pay an order.
    PaymentId,
    /// Money that goes back.
    RefundId,
    /// What an organiser is charged.
    FeeScheduleId,
}
