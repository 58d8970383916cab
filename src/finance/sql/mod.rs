//! All SQL of finance, by noun.

mod accounts;
mod budgets;
mod demo;
mod disputes;
mod door;
mod entries;
mod fees;
mod invoices;
mod names;
mod orders;
mod payments;
mod payouts;
mod refunds;
mod revenue;
mod settlements;
mod signals;
mod wallets;
mod webhooks;

pub use accounts::*;
pub use budgets::*;
pub use demo::*;
pub use disputes::*;
pub use door::*;
pub use entries::*;
pub use fees::*;
pub use invoices::*;
pub use names::*;
pub use orders::*;
pub use payments::*;
pub use payouts::*;
pub use refunds::*;
pub use revenue::*;
pub use settlements::*;
pub use signals::*;
pub use wallets::*;
pub use webhooks::*;
