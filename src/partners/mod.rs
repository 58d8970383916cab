//! partners: organisations, their people, KYC documents and bank accounts. [000 §2]

mod types;
pub use types::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
mod activation;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
pub mod files;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod notices;
#[cfg(feature = "ssr")]
pub mod payees;
#[cfg(feature = "ssr")]
pub mod pdf;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod standing;
#[cfg(feature = "ssr")]
mod templates;
#[cfg(feature = "ssr")]
mod upload;

#[cfg(feature = "ssr")]
pub use standing::{answers_to, by_name, is_suspended, must_not_be_suspended};
#[cfg(feature = "ssr")]
pub use upload::safe_name;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new("partners", "Partners with their contacts, documents and bank accounts.")
        .words(&words::WORDS)
        .demo(30, |app| Box::pin(demo::seed(app)))
);
