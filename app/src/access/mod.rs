//! The way in, one's own account, the team, roles, keys and the allowlist.

mod account;
mod allowlist;
mod door;
mod keys;
mod links;
mod overview;
mod roles;
mod security;
mod shared;
mod team;

pub use account::Account;
pub use allowlist::IpAllowlist;
pub use door::{NotFound, SignIn, SignInCode};
pub use keys::{KeyList, KeyNew};
pub use links::{AcceptInvitation, ForgotPassword, ResetPassword};
pub use overview::Overview;
pub use roles::{RoleDetail, RoleList, RoleNew};
pub use security::Security;
pub use team::{TeamDetail, TeamEdit, TeamInvite, TeamList};
