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

/// The way in.
pub mod way_in {
    use super::door::{sign_in, sign_in_code};
    use super::links::{accept_invitation, forgot_password, reset_password};

    crate::ui::bundle!(way_in: sign_in, sign_in_code, accept_invitation, forgot_password, reset_password);
}

/// What concerns one's own account.
pub mod own {
    use super::account::account;
    use super::overview::{by_event, overview};
    use super::security::security;
    use crate::notifications::notifications;

    crate::ui::bundle!(own: overview, by_event, notifications, account, security);
}

/// Colleagues.
pub mod colleagues {
    use super::team::{team_detail, team_edit, team_invite, team_list};

    crate::ui::bundle!(team: team_list, team_invite, team_detail, team_edit);
}

/// What people and programs may do, and from where.
pub mod rights {
    use super::allowlist::ip_allowlist;
    use super::keys::{key_list, key_new};
    use super::roles::{role_detail, role_new, roles_matrix};

    crate::ui::bundle!(rights: roles_matrix, role_new, role_detail, key_list, key_new, ip_allowlist);
}
