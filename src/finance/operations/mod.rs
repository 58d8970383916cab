//! The operations of finance, by noun.

mod disputes;
mod fees;
mod ledger;
mod payments;
mod payouts;
mod refunds;
mod webhooks;

pub use disputes::*;
pub use fees::*;
pub use ledger::*;
pub use payments::*;
pub use payouts::*;
pub use refunds::*;
pub use webhooks::*;
