//! Every page of the Command Center, once: the menu, the guards and the tests read it from here.

use eventify::kernel::permissions::Permission;

use crate::ui::Icon;

/// A page somebody must be signed in for.
pub struct PageMeta {
    /// Its path, as axum writes patterns.
    pub path: &'static str,
    /// What the menu calls it.
    pub title: &'static str,
    /// The menu's section.
    pub group: &'static str,
    /// The menu's icon.
    pub icon: Icon,
    /// What it takes to see it; nothing but signing in if absent.
    pub permission: Option<Permission>,
    /// Whether the menu shows it.
    pub in_menu: bool,
}

const fn page(
    path: &'static str,
    title: &'static str,
    group: &'static str,
    icon: Icon,
    permission: Option<Permission>,
) -> PageMeta {
    PageMeta { path, title, group, icon, permission, in_menu: true }
}
/// Reached from another page.
const fn below(path: &'static str, title: &'static str, permission: Option<Permission>) -> PageMeta {
    PageMeta { path, title, group: "", icon: Icon::HOME, permission, in_menu: false }
}

use Permission::*;

/// All of them, in the menu's order.
pub const PAGES: &[PageMeta] = &[
    page("/", "Overview", "Run", Icon::HOME, None),
    page("/team", "Team", "People", Icon::USERS, Some(StaffRead)),
    below("/team/invite", "Invite", Some(StaffManage)),
    below("/team/{id}", "Colleague", Some(StaffRead)),
    below("/team/{id}/edit", "Edit", Some(StaffManage)),
    page("/roles", "Roles", "People", Icon::SHIELD, Some(RolesRead)),
    below("/roles/new", "New role", Some(RolesManage)),
    below("/roles/{id}", "Role", Some(RolesRead)),
    page("/api-keys", "API keys", "People", Icon::KEY, Some(ApikeysManage)),
    below("/api-keys/new", "New API key", Some(ApikeysManage)),
    page("/ip-allowlist", "IP allowlist", "House", Icon::NETWORK, Some(SecurityManage)),
    page("/audit", "Audit log", "House", Icon::AUDIT, Some(AuditRead)),
    below("/audit/{id}", "Audit entry", Some(AuditRead)),
    page("/jobs", "Jobs", "House", Icon::JOBS, Some(JobsManage)),
    below("/jobs/{id}", "Job", Some(JobsManage)),
    below("/account", "Your account", None),
    below("/account/security", "Security", None),
];

/// Pages that need nobody to be signed in.
pub const PUBLIC_PAGES: &[&str] =
    &["/sign-in", "/sign-in/code", "/accept-invitation", "/forgot-password", "/reset-password"];
