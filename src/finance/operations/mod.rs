//! The operations of finance, by noun.

mod fees;
mod ledger;
mod payments;
mod refunds;
mod webhooks;

pub use fees::*;
pub use ledger::*;
pub use payments::*;
pub use refunds::*;
pub use webhooks::*;
