//! finance: orders, payments, refunds, disputes and payouts, and the ledger that all of them are posted to. [004 §2.11, 003, 001 Finance]

#[path = "mod.rs"]
pub mod finance;

// What it is built on, so that a path is the same in every crate.
use area_events::events;
use area_partners::partners;
#[cfg(feature = "ssr")]
use area_people::people;
use area_tickets::tickets;
use eventify_core::*;
