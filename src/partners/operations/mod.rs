//! The operations of partners, by noun.

mod activity;
mod bank_accounts;
mod contacts;
mod documents;
mod kyc;
mod partners;

pub use activity::*;
pub use bank_accounts::*;
pub use contacts::*;
pub use documents::*;
pub use kyc::*;
pub use partners::*;

#[cfg(feature = "ssr")]
mod rules;
