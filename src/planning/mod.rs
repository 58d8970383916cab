//! planning: production, staffing and talent. What is built, who works and who appears, when and where; and one engine
//! that finds what clashes among them.  [001 Production, Staffing, Talent]

mod types;
pub use types::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod bus;
#[cfg(feature = "ssr")]
mod calendar;
#[cfg(feature = "ssr")]
mod checklist;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod engine;
#[cfg(feature = "ssr")]
mod entry;
#[cfg(feature = "ssr")]
mod follow;
#[cfg(feature = "ssr")]
mod judge;
#[cfg(feature = "ssr")]
mod links;
#[cfg(feature = "ssr")]
mod mails;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod reach;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod templates;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("planning", "Stages, production schedules, equipment, crew, talent and clashes.",)
        .words(&words::WORDS)
        .demo(90, |app| Box::pin(demo::seed(app)))
);
