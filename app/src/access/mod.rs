//! The way in, one's own account, the team, roles, keys and the allowlist.

mod account;
mod allowlist;
mod door;
mod keys;
mod links;
mod overview;
mod roles;
mod security;
pub(crate) mod shared;
mod team;

pub use door::not_found;

use crate::notifications::notifications;
use account::account;
use allowlist::ip_allowlist;
use door::{sign_in, sign_in_code};
use keys::{key_list, key_new};
use links::{accept_invitation, forgot_password, reset_password};
use overview::{by_event, overview};
use roles::{role_detail, role_new, roles_matrix};
use security::security;
use team::{team_detail, team_edit, team_invite, team_list};

crate::ui::bundles! {
    way_in: sign_in, sign_in_code, accept_invitation, forgot_password, reset_password;
    overview: overview, by_event;
    notifications: notifications;
    account: account;
    security: security;
    team: team_list, team_invite, team_detail, team_edit;
    roles: roles_matrix, role_new, role_detail;
    api_keys: key_list, key_new;
    ip_allowlist: ip_allowlist;
}
