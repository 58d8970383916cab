//! organisation: who runs this installation: its name and brand, and what is assumed where nothing was said.

mod colour;
mod types;

pub mod operations;

#[cfg(feature = "ssr")]
mod cache;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod sql;

pub use colour::*;
pub use types::*;

#[cfg(feature = "ssr")]
pub use cache::{Remembered, current, known, logo, of};

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("organisation", "Who runs this installation: name, logo, colours and defaults.")
        .demo(20, |app| Box::pin(demo::seed(app)))
);
