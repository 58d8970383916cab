//! access: staff, roles, sessions, second factor, api keys, allowlist. [000 §1, 003 §2.1, 002]

mod types;
pub use types::*;

pub mod operations;

#[cfg(feature = "ssr")]
pub mod authenticate;
#[cfg(feature = "ssr")]
pub mod challenge;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod end_users;
#[cfg(feature = "ssr")]
mod ending;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
pub mod keys;
#[cfg(feature = "ssr")]
pub mod links;
#[cfg(feature = "ssr")]
mod lockout;
#[cfg(feature = "ssr")]
pub mod one_time_code;
#[cfg(feature = "ssr")]
pub mod refresh;
#[cfg(feature = "ssr")]
mod reset_link;
#[cfg(feature = "ssr")]
pub mod scoped;
#[cfg(feature = "ssr")]
pub mod sessions;
#[cfg(feature = "ssr")]
mod sql;
#[cfg(feature = "ssr")]
pub mod start;
#[cfg(feature = "ssr")]
pub mod templates;
#[cfg(feature = "ssr")]
pub mod totp;
#[cfg(feature = "ssr")]
pub use sql::{Holder, NewToken, auth_token_insert, moment_told, staff_set_timezone};
#[cfg(all(feature = "ssr", feature = "testing"))]
pub use totp::code_at;

#[cfg(feature = "ssr")]
inventory::submit!(
    crate::kernel::areas::Area::new(
        "access",
        "Team members, their roles, sessions and second factor; API keys; the IP allowlist.",
    )
    .demo(10, |app| Box::pin(demo::seed(app)))
);
