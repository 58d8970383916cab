//! A new role, and changing one.

use eventify::access::operations::{permission_list, role_create, role_set_permissions, role_update};
use eventify::access::{Me, NewRole, PermissionInfo, PermissionMatrixRow, Role, RolePatch};
use eventify::kernel::permissions::{Permission, SUPER_ADMIN};
use eventify::kernel::text::{Note, Title};
use leptos::prelude::*;
use serde_json::json;

use super::super::shared::{beyond, permission_groups};
use super::data::Data;
use super::members;
use crate::ui::{
    Area, Field, Flag, Form, Loading, PageHead, PickMany, Toasts, Tone, card, loaded, note, rule, submit, use_go,
    use_me,
};

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

fn saved(data: Loading<Data>) -> impl Fn(Role) + Send + Sync + 'static {
    let (toasts, me) = (Toasts::get(), use_me());
    move |role| {
        toasts.done(format!("{} saved", role.name));
        data.refetch();
        // It may be one's own role.
        me.refetch();
    }
}

/// Its name, and what it asks of its members.
pub fn about(data: Loading<Data>, role: &Role) -> AnyView {
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

/// What it allows.
pub fn permissions(data: Loading<Data>, role: &Role, known: &[PermissionInfo], me: &Me) -> AnyView {
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
