//! Roles: the matrix of what each allows.

mod detail;

use eventify::access::Role;
use eventify::access::operations::role_list;
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use super::shared::permission_groups;
use crate::ui::{Icon, PageHead, loaded};

pub use detail::{role_detail, role_new};

/// All roles beside each other.
pub fn roles_matrix() -> AnyView {
    let roles = Resource::new_blocking(|| (), |()| async { role_list().await.map(|page| page.items) });
    loaded(roles, |roles, me| {
        let new = me.may(Permission::RolesManage).then(|| {
            view! { <a class="btn primary" href="/roles/new">{Icon::PLUS.svg()}"New role"</a> }
        });
        view! {
            <div class="page">
                <PageHead
                    title="Roles"
                    subtitle="What each role allows. Open one to change it."
                    actions=new.into_any()
                />
                {matrix(&roles)}
            </div>
        }
        .into_any()
    })
}

/// People, in words.
pub fn people(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

fn matrix(roles: &[Role]) -> AnyView {
    let heads = roles.iter().map(|role| {
        let href = format!("/roles/{}", role.id);
        view! { <th scope="col"><a href=href>{role.name.clone()}</a><small>{people(role.members)}</small></th> }
    });
    let width = (roles.len() + 1).to_string();
    let groups = permission_groups().into_iter().map(|(group, options)| {
        let rows = options.iter().map(|(code, title)| row(roles, code, title)).collect_view();
        view! { <tbody><tr class="matrix-group"><th scope="rowgroup" colspan=width.clone()>{group}</th></tr>{rows}</tbody> }
    });
    view! {
        <div class="matrix">
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

fn row(roles: &[Role], code: &str, title: &str) -> AnyView {
    let permission = Permission::parse(code).ok();
    let cells = roles.iter().map(|role| {
        let held = permission.is_some_and(|p| role.permissions.contains(&p));
        let label = format!("{}: {title}", role.name);
        view! {
            <td>
                <label class="tick">
                    <input type="checkbox" checked=held disabled aria-label=label/>
                    <span>{role.name.clone()}</span>
                </label>
            </td>
        }
    });
    view! { <tr><th scope="row">{title.to_owned()}<code>{code.to_owned()}</code></th>{cells.collect_view()}</tr> }
        .into_any()
}
