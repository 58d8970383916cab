//! One role: name, sign-in rule and permissions.

use eventify::access::{Me, PermissionInfo, Role, RoleId};
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::data::{Data, fetch};
use super::edit::{about, permissions};
use super::{actions, allows, members};
use crate::ui::{Loading, PageHead, Tone, badge, card, loaded};

/// The page of one role.
pub fn role_detail() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| id.parse::<RoleId>().ok()));
    let data = Loading::new(id, fetch);
    loaded(data, move |(role, known), me| page(data, role, &known, &me))
}

fn page(data: Loading<Data>, role: Role, known: &[PermissionInfo], me: &Me) -> AnyView {
    let reachable = role.permissions.is_subset(&me.permissions);
    let editable = me.may(Permission::RolesManage) && reachable;
    let system = role.is_system.then(|| badge(Tone::Info, "System role"));
    let delete = (editable && !role.is_system).then(|| actions::delete(&role));
    let body = match editable {
        true => view! {
            {card("role-about", "About", None, about(data, &role))}
            {card("role-allows", "Permissions", None, permissions(data, &role, known, me))}
        }
        .into_any(),
        false => allows::read_only(&role, known, reachable),
    };
    let head = (vec![("Roles".to_owned(), "/roles".to_owned())], members(role.members));
    view! {
        <div class="page">
            <PageHead title=role.name.clone() crumbs=head.0 badge=system.into_any() subtitle=head.1 actions=delete.into_any()/>
            {body}
        </div>
    }
    .into_any()
}
