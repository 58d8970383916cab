//! The operations of finance, by noun.

mod budgets;
mod disputes;
mod door;
mod fees;
mod invoices;
mod ledger;
mod payments;
mod payouts;
mod refunds;
mod settlements;
mod signals;
mod wallets;
mod webhooks;

pub use budgets::*;
pub use disputes::*;
pub use door::*;
pub use fees::*;
pub use invoices::*;
pub use ledger::*;
pub use payments::*;
pub use payouts::*;
pub use refunds::*;
pub use settlements::*;
pub use signals::*;
pub use wallets::*;
pub use webhooks::*;
