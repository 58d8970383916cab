//! people: end users, who buy and attend: signing in by phone, profiles, bans, privacy. [000 §3, 004 §2.1, 002]

mod types;
pub use types::*;

pub mod errors;
pub mod operations;
pub mod words;

#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod email_proof;
#[cfg(feature = "ssr")]
pub mod erasure;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
mod flags;
#[cfg(feature = "ssr")]
mod links;
#[cfg(feature = "ssr")]
mod looks;
#[cfg(feature = "ssr")]
mod otp;
#[cfg(feature = "ssr")]
pub mod personal;
#[cfg(feature = "ssr")]
mod pictures;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
mod templates;
#[cfg(feature = "ssr")]
mod upkeep;
#[cfg(feature = "ssr")]
mod wallets;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new(
        "people",
        "Users: sign-in by phone, profiles, pictures, bans and privacy requests."
    )
    .words(&words::WORDS)
    .demo(40, |app| Box::pin(demo::seed(app)))
);
