//! finance: orders, payments, refunds, disputes and payouts, and the ledger that all of them are posted to. [004 §2.11, 003, 001 Finance]

mod types;
pub use types::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod bank_file;
#[cfg(feature = "ssr")]
mod budgeting;
#[cfg(feature = "ssr")]
mod bus;
#[cfg(feature = "ssr")]
mod capture;
#[cfg(feature = "ssr")]
mod checkout;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod demo_later;
#[cfg(feature = "ssr")]
mod disputing;
#[cfg(feature = "ssr")]
mod door;
#[cfg(feature = "ssr")]
mod evidence;
#[cfg(feature = "ssr")]
mod follow;
#[cfg(feature = "ssr")]
mod inbound;
#[cfg(feature = "ssr")]
mod invoicing;
#[cfg(feature = "ssr")]
mod jobs;
#[cfg(feature = "ssr")]
pub mod ledger;
#[cfg(feature = "ssr")]
mod looks;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod paying_out;
#[cfg(feature = "ssr")]
mod personal;
#[cfg(feature = "ssr")]
pub mod provider;
#[cfg(feature = "ssr")]
mod refunding;
#[cfg(feature = "ssr")]
mod settling;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
pub use sql::LEDGER_ENTRIES;
#[cfg(feature = "ssr")]
pub mod verify;
#[cfg(feature = "ssr")]
mod watching;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new(
        "finance",
        "Orders, payments, refunds, disputes, payouts, budgets, fees and the ledger.",
    )
    .words(&words::WORDS)
    .demo(100, |app| Box::pin(demo::seed(app)))
);
