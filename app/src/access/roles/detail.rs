//! One role: name, sign-in rule and permissions; and a new one.

use eventify::Error;
use eventify::access::operations::{
    permission_list, role_create, role_delete, role_get, role_set_permissions, role_update,
};
use eventify::access::{Me, NewRole, PermissionInfo, PermissionMatrixRow, Role, RoleId, RolePatch};
use eventify::kernel::error::not_found;
use eventify::kernel::permissions::{Permission, SUPER_ADMIN};
use eventify::kernel::text::{Note, Title};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::json;

use super::super::shared::{beyond, permission_groups};
use super::members;
use crate::ui::use_me;
use crate::ui::{
    Area, Confirm, Field, Flag, Form, Icon, Loading, Nothing, PageHead, PickMany, Toasts, Tone, badge, card, loaded,
    note, rule, submit, use_go,
};

/// The page of one role.
pub fn role_detail() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| id.parse::<RoleId>().ok()));
    let data = Loading::new(id, fetch);
    loaded(data, move |(role, known), me| page(data, role, &known, &me))
}

/// The role, and the permissions there are.
type Data = Loading<(Role, Vec<PermissionInfo>)>;

async fn fetch(id: Option<RoleId>) -> Result<(Role, Vec<PermissionInfo>), Error> {
    let (role, known) = futures::try_join!(role_get(id.ok_or_else(not_found)?), permission_list())?;
    Ok((role, known.items))
}

fn page(data: Data, role: Role, known: &[PermissionInfo], me: &Me) -> AnyView {
    let reachable = role.permissions.is_subset(&me.permissions);
    let editable = me.may(Permission::RolesManage) && reachable;
    let system = role.is_system.then(|| badge(Tone::Info, "System role"));
    let delete = (editable && !role.is_system).then(|| delete(&role));
    let body = match editable {
        true => view! {
            {card("role-about", "About", None, about(data, &role))}
            {card("role-allows", "Permissions", None, permissions(data, &role, known, me))}
        }
        .into_any(),
        false => read_only(&role, known, reachable),
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

fn saved(data: Data) -> impl Fn(Role) + Send + Sync + 'static {
    let (toasts, me) = (Toasts::get(), use_me());
    move |role| {
        toasts.done(format!("{} saved", role.name));
        data.refetch();
        // It may be one's own role.
        me.refetch();
    }
}

fn about(data: Data, role: &Role) -> AnyView {
    let (id, role) = (role.id, role.clone());
    let run = submit(move |input: RolePatch| role_update(id, input), saved(data));
    view! {
        <Form id="role" submit=run label="Save" extra=json!({ "version": role.version })>
            <Field name="name" label="Name" check={rule::<Title>} required=true value=role.name/>
            <Area name="description" label="Description" check={rule::<Note>} emptyable=true value=role.description/>
            <Flag name="requires_2fa" label="Requires a second factor" hint="Members can do nothing until they set one up." value=role.requires_2fa/>
        </Form>
    }
    .into_any()
}

fn permissions(data: Data, role: &Role, known: &[PermissionInfo], me: &Me) -> AnyView {
    if role.code == SUPER_ADMIN {
        return note(Tone::Info, "All permissions", "The permissions of Super Admin cannot be changed.", None);
    }
    let id = role.id;
    // What no operation asks for yet is not shown, and stays as it is.
    let unseen: Vec<Permission> =
        role.permissions.iter().filter(|held| known.iter().all(|shown| shown.id != **held)).copied().collect();
    let run = submit(
        move |mut input: PermissionMatrixRow| {
            input.permissions.extend(unseen.iter().copied());
            role_set_permissions(id, input)
        },
        saved(data),
    );
    let held: Vec<String> = role.permissions.iter().map(|p| p.code().to_owned()).collect();
    let (locked, groups) = (beyond(me, known), permission_groups(known));
    let reach = format!("Changes apply to {} right away. The audit log records them.", members(role.members));
    view! {
        <Form id="permissions" submit=run label="Save permissions" extra=json!({ "version": role.version })>
            <p class="muted">{reach}</p>
            <PickMany name="permissions" label="Permissions" groups=groups value=held locked=locked compared=true/>
        </Form>
    }
    .into_any()
}

fn read_only(role: &Role, known: &[PermissionInfo], reachable: bool) -> AnyView {
    let why = (!reachable)
        .then(|| note(Tone::Info, "", "You can't change this role: it has permissions you don't have.", None));
    let groups = permission_groups(known).into_iter().filter_map(|(group, options)| {
        let held = options.into_iter().filter(|(code, _)| role.permissions.iter().any(|p| p.code() == code));
        let items: Vec<_> = held.map(|(code, title)| view! { <li title=code>{title}</li> }).collect();
        (!items.is_empty()).then(|| view! { <div class="stack tight"><h3>{group}</h3><ul>{items}</ul></div> })
    });
    let list = view! { <div class="grid-2">{groups.collect_view()}</div> };
    let description = role.description.clone();
    view! {
        {why}
        <p>{description}</p>
        {role.requires_2fa.then(|| view! { <p>{badge(Tone::Info, "Requires a second factor")}</p> })}
        {card("role-allows", "Permissions", None, list)}
    }
    .into_any()
}

fn delete(role: &Role) -> AnyView {
    let (id, name, go, toasts) = (role.id, role.name.clone(), use_go(), Toasts::get());
    let run = submit(
        move |_: Nothing| role_delete(id),
        move |()| {
            toasts.done("Role deleted");
            go("/roles");
        },
    );
    view! {
        <Confirm id="role-delete" label="Delete" icon=Icon::TRASH title=format!("Delete the role {name}?") confirm="Delete role" run=run typed=name.clone() class="btn danger">
            <p>"Only a role that nobody has, or ever had, can be deleted."</p>
        </Confirm>
    }
    .into_any()
}

/// The form for a new role.
pub fn role_new() -> AnyView {
    let known = Loading::new(|| (), |()| permission_list());
    loaded(known, |known, me| new(&me, &known.items))
}

fn new(me: &Me, known: &[PermissionInfo]) -> AnyView {
    let (go, toasts, locked) = (use_go(), Toasts::get(), beyond(me, known));
    let groups = permission_groups(known);
    let run = submit(
        |input: NewRole| role_create(input),
        move |role: Role| {
            toasts.done(format!("{} created", role.name));
            go(&format!("/roles/{}", role.id));
        },
    );
    let form = view! {
        <Form id="new-role" submit=run label="Create role" cancel="/roles">
            <Field name="name" label="Name" check={rule::<Title>} required=true/>
            <Area name="description" label="Description" check={rule::<Note>}/>
            <Flag name="requires_2fa" label="Requires a second factor" hint="Members can do nothing until they set one up."/>
            <h3>"Permissions"</h3>
            <p class="muted">"You can only grant permissions you have."</p>
            <PickMany name="permissions" label="Permissions" groups=groups locked=locked/>
        </Form>
    };
    view! {
        <div class="page">
            <PageHead title="New role" crumbs=vec![("Roles".into(), "/roles".into())]/>
            {card("role-form", "Role", None, form)}
        </div>
    }
    .into_any()
}
