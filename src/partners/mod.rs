//! partners: organisations, their people, KYC documents and bank accounts. [000 §2]

mod types;
pub use types::*;

pub mod operations;

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
mod upload;

#[cfg(feature = "ssr")]
pub use standing::{answers_to, by_name, is_suspended, must_not_be_suspended};
#[cfg(feature = "ssr")]
pub use upload::safe_name;
