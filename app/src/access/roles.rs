//! Roles: the matrix of what each allows.

mod actions;
mod allows;
mod data;
mod detail;
mod edit;

use eventify::access::operations::{permission_list, role_list};
use eventify::access::{PermissionInfo, Role};
use eventify::kernel::permissions::{Permission, SUPER_ADMIN};
use leptos::prelude::*;

use crate::ui::{Icon, Loading, PageHead, export, loaded};

pub use detail::role_detail;
pub use edit::role_new;

/// All roles beside each other.
pub fn roles_matrix() -> AnyView {
    let fetch = || async { futures::try_join!(role_list(), permission_list()) };
    let data = Loading::new(|| (), move |()| fetch());
    loaded(data, |(roles, known), me| {
        let (roles, known) = (roles.items, known.items);
        let new = me.may(Permission::RolesManage).then(|| {
            view! { <a class="btn primary" href="/roles/new">{Icon::PLUS.svg()}"New role"</a> }
        });
        let actions = view! { {export("/admin/roles/export")}{new} };
        view! {
            <div class="page">
                <PageHead
                    title="Roles"
                    subtitle="What each role allows. Open a role to change it."
                    actions=actions.into_any()
                />
                {matrix(&roles, &known)}
            </div>
        }
        .into_any()
    })
}

/// Members, in words.
pub fn members(count: i64) -> String {
    if count == 1 { "1 member".to_owned() } else { format!("{count} members") }
}

/// Said of a role that allows nothing there is by now.
fn without(role: &Role, known: &[PermissionInfo]) -> Option<AnyView> {
    let none = known.iter().all(|permission| !role.permissions.contains(&permission.id));
    none.then(|| view! { <small>"No access yet"</small> }.into_any())
}

fn matrix(roles: &[Role], known: &[PermissionInfo]) -> AnyView {
    let heads = roles.iter().map(|role| {
        let href = format!("/roles/{}", role.id);
        view! { <th scope="col"><a href=href>{role.name.clone()}</a><small>{members(role.members)}</small>{without(role, known)}</th> }
    });
    // Where the table has no room for its heads.
    let links = roles.iter().map(|role| {
        let href = format!("/roles/{}", role.id);
        view! { <li><a href=href>{role.name.clone()}</a>" "<small>{members(role.members)}</small>{without(role, known)}</li> }
    });
    let groups = known.chunk_by(|one, next| one.group == next.group).map(|group| {
        // What tells roles apart comes first.
        let (same, differing): (Vec<_>, Vec<_>) = group.iter().partition(|permission| same(roles, permission));
        let rows = differing.into_iter().chain(same).map(|permission| row(roles, permission)).collect_view();
        view! { <tbody>{group_row(roles, group)}{rows}</tbody> }
    });
    view! {
        <div class="matrix">
            <div class="matrix-tools">
                <label class="check"><input type="checkbox" class="everything" autocomplete="off"/><span>"Show all permissions"</span></label>
                <label class="check"><input type="checkbox" class="differing" autocomplete="off"/><span>"Only differences"<small>"Hides rows that are the same for all roles but Super Admin"</small></span></label>
                <span class="matrix-hint muted">{format!("{} roles. Scroll sideways to see them all.", roles.len())}</span>
            </div>
            <ul class="matrix-roles" role="list">{links.collect_view()}</ul>
            <div class="matrix-scroll" role="region" tabindex="0" aria-label="Permissions by role">
                <table>
                    <thead><tr><th scope="col">"Permission"</th>{heads.collect_view()}</tr></thead>
                    {groups.collect_view()}
                </table>
            </div>
        </div>
    }
    .into_any()
}

/// A group's name, which unfolds it, and how much of it each role allows.
fn group_row(roles: &[Role], group: &[PermissionInfo]) -> AnyView {
    let name = group.first().map(|permission| permission.group.clone()).unwrap_or_default();
    let label = format!("Show the permissions of {name}");
    let cells = roles.iter().map(|role| {
        let held = group.iter().filter(|permission| role.permissions.contains(&permission.id)).count();
        let text = if held == group.len() { "All".to_owned() } else { format!("{held} of {}", group.len()) };
        match (role.code.as_str(), held) {
            (_, 0) => view! { <td><span class="none" aria-hidden="true">"–"</span><span class="sr">"None"</span></td> }
                .into_any(),
            // Where there is no room it goes without saying.
            (SUPER_ADMIN, _) => view! { <td class="all">{text}</td> }.into_any(),
            (_, n) if n == group.len() => {
                view! { <td class="all some" data-label=role.name.clone()>{text}</td> }.into_any()
            }
            _ => view! { <td class="some" data-label=role.name.clone()>{text}</td> }.into_any(),
        }
    });
    view! {
        <tr class="matrix-group">
            <th scope="row">
                <label><input type="checkbox" class="unfold" aria-label=label autocomplete="off"/>{name}</label>
            </th>
            {cells.collect_view()}
        </tr>
    }
    .into_any()
}

/// Whether all roles but Super Admin have it, or none has.
fn same(roles: &[Role], permission: &PermissionInfo) -> bool {
    let mut others =
        roles.iter().filter(|role| role.code != SUPER_ADMIN).map(|role| role.permissions.contains(&permission.id));
    let first = others.next();
    others.all(|held| Some(held) == first)
}

fn row(roles: &[Role], permission: &PermissionInfo) -> AnyView {
    let same = same(roles, permission).then_some("");
    let cells = roles.iter().map(|role| match role.permissions.contains(&permission.id) {
        true => view! { <td class="held" data-label=role.name.clone()>{Icon::CHECK.svg()}<span class="sr">"Allowed"</span></td> }.into_any(),
        false => view! { <td><span class="none" aria-hidden="true">"·"</span><span class="sr">"Not allowed"</span></td> }.into_any(),
    });
    view! { <tr data-same=same><th scope="row" title=permission.id.code()>{permission.name.clone()}</th>{cells.collect_view()}</tr> }
        .into_any()
}
