//! gate: who comes in. Gates, the phones at them, scans with and without a network, what they disagree on, and what is
//! told while an event goes on. [001 Live, 003 §2.4]
//!
//! What a scan comes to says `eventify-gate`, the same crate as on the phones; here it is asked, kept and told.

mod types;
pub use types::*;

pub use eventify_gate::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod answers;
#[cfg(feature = "ssr")]
mod bus;
#[cfg(feature = "ssr")]
mod conflicts;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod personal;
#[cfg(feature = "ssr")]
mod pins;
#[cfg(feature = "ssr")]
mod reach;
#[cfg(feature = "ssr")]
mod scans;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod stays;
#[cfg(feature = "ssr")]
mod syncs;
#[cfg(feature = "ssr")]
pub mod tally;
#[cfg(feature = "ssr")]
pub mod verify;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("gate", "Gates, the phones at them, scans, conflicts, and live updates.")
        .words(&words::WORDS)
        .demo(80, |app| Box::pin(demo::seed(app)))
);
