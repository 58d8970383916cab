//! What can be done to a role.

use eventify::access::Role;
use eventify::access::operations::role_delete;
use leptos::prelude::*;

use crate::ui::{Confirm, Icon, Nothing, Toasts, submit, use_go};

/// Deletes one that nobody ever had.
pub fn delete(role: &Role) -> AnyView {
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
