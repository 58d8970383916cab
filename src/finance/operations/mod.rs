//! The operations of finance, by noun.

mod budgets;
mod disputes;
mod fees;
mod invoices;
mod ledger;
mod payments;
mod payouts;
mod refunds;
mod webhooks;

pub use budgets::*;
pub use disputes::*;
pub use fees::*;
pub use invoices::*;
pub use ledger::*;
pub use payments::*;
pub use payouts::*;
pub use refunds::*;
pub use webhooks::*;
