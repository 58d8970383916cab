//! What can be done to a colleague's account.

use eventify::access::operations::{
    assignment_add, assignment_close, staff_invite_again, staff_reactivate, staff_reset_second_factor, staff_revoke,
    staff_sessions_revoke, staff_set_role,
};
use eventify::access::{
    AssignInput, Assignment, Count, Me, Reactivation, RevokeQuery, Role, RoleChange, Staff, StaffId, StaffStatus,
};
use eventify::kernel::permissions::scope_of;
use eventify::kernel::text::Reason;
use eventify::search::HitKind;
use leptos::prelude::*;
use serde_json::json;

use super::super::shared::{role_choices, where_it_holds};
use super::data::Data;
use crate::ui::{
    Act, Area, Confirm, Field, Find, Icon, Loading, Nothing, Options, Pick, Submit, Toasts, by_own_clock, menu,
    menu_act, rule, submit, with_moment,
};

/// The buttons that make sense for this account now.
pub fn of(data: Loading<Data>, staff: &Staff, roles: &[Role], me: &Me) -> AnyView {
    let own = staff.id == me.id;
    let named = |(id, name, _)| (id, name);
    let choices: Options = role_choices(roles, me).into_iter().map(named).collect();
    let everywhere: Vec<Role> = roles.iter().filter(|role| scope_of(&role.code).is_none()).cloned().collect();
    let everywhere: Options = role_choices(&everywhere, me).into_iter().map(named).collect();
    let edit = format!("/team/{}/edit", staff.id);
    let (active, invited) = (staff.status == StaffStatus::Active, staff.status == StaffStatus::Invited);
    let (changes, resets, revokes) = (active || invited, staff.totp_enabled && !own, !own && (active || invited));
    // What takes something away is not on stage.
    let entries = [
        changes.then(|| menu_act("staff-role", "Change role…", Icon::SHIELD, false)),
        resets.then(|| menu_act("staff-factor", "Reset second factor…", Icon::REFRESH, true)),
        revokes.then(|| menu_act("staff-revoke", "Revoke access…", Icon::TRASH, true)),
    ];
    view! {
        <a class="btn" href=edit>{Icon::EDIT.svg()}"Edit"</a>
        {invited.then(|| invite_again(staff))}
        {menu(format!("More for {}", staff.full_name), entries.into_iter().flatten().collect())}
        {changes.then(|| change_role(data, staff, everywhere.clone()))}
        {resets.then(|| reset_factor(data, staff))}
        {revokes.then(|| revoke(data, staff))}
        {(staff.status == StaffStatus::Inactive).then(|| reactivate(data, staff, choices.clone()))}
    }
    .into_any()
}

/// Says so, and shows the account as it now is.
fn afterwards<T: 'static>(data: Loading<Data>, said: String) -> impl Fn(T) + Send + Sync + 'static {
    let toasts = Toasts::get();
    move |_| {
        toasts.done(said.clone());
        data.refetch();
    }
}

fn invite_again(staff: &Staff) -> AnyView {
    let (id, toasts, email) = (staff.id, Toasts::get(), staff.email.clone());
    let run: Submit = submit(
        move |_: Nothing| staff_invite_again(id),
        move |()| toasts.done(format!("A new invitation is on its way to {email}")),
    );
    view! { <Act label="Send invitation again" icon=Icon::MAIL run=run/> }.into_any()
}

fn change_role(data: Loading<Data>, staff: &Staff, choices: Options) -> AnyView {
    let (id, name) = (staff.id, staff.full_name.clone());
    let run =
        submit(move |input: RoleChange| staff_set_role(id, input), afterwards::<Staff>(data, "Role changed".into()));
    let current = staff.role_id.map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Confirm id="staff-role" label="Change role" icon=Icon::SHIELD title=format!("Change the role of {name}") confirm="Change role" run=run in_menu=true extra=json!({ "version": staff.version }) danger=false>
            <p>"The new role applies everywhere right away. The current one stays in the history."</p>
            <Pick name="role_id" label="Role" options=choices required=true value=current/>
        </Confirm>
    }
    .into_any()
}

/// Gives a further role that holds at one event or one partner alone.
pub fn assign_at(data: Loading<Data>, staff: &Staff, roles: &[Role], me: &Me) -> AnyView {
    view! {
        <div class="row">
            {assign(data, staff, roles, me, HitKind::Event, "event", "event_id")}
            {assign(data, staff, roles, me, HitKind::Partner, "partner", "partner_id")}
        </div>
    }
    .into_any()
}

fn assign(
    data: Loading<Data>,
    staff: &Staff,
    roles: &[Role],
    me: &Me,
    of: HitKind,
    what: &'static str,
    field: &'static str,
) -> AnyView {
    let (id, name) = (staff.id, staff.full_name.clone());
    let choices: Options = role_choices(roles, me).into_iter().map(|(id, name, _)| (id, name)).collect();
    let run = submit(
        with_moment(
            "expires_at",
            |input: &mut AssignInput| &mut input.expires_at,
            move |input| assignment_add(id, input),
        ),
        afterwards::<Assignment>(data, "Role assigned".into()),
    );
    let label = if of == HitKind::Event { "Assign event role" } else { "Assign partner role" };
    view! {
        <Confirm id=format!("staff-assign-{what}") label=label icon=Icon::PLUS title=format!("Assign a role to {name}") confirm="Assign role" run=run danger=false>
            <p>{format!("It applies to this {what} only, right away.")}</p>
            <Find name=field label=if of == HitKind::Event { "Event" } else { "Partner" } of=of/>
            <Pick name="role_id" label="Role" options=choices required=true/>
            <Field name="expires_at" label=by_own_clock("Until") kind="datetime-local" hint="Leave empty to keep the role until you remove it"/>
        </Confirm>
    }
    .into_any()
}

/// Ends a role that holds somewhere.
pub fn take_back(data: Loading<Data>, staff: StaffId, assignment: &Assignment) -> AnyView {
    let (id, name, toasts) = (assignment.id, assignment.role_name.clone(), Toasts::get());
    let run = submit(
        move |_: Nothing| assignment_close(staff, id),
        move |()| {
            toasts.done("Role removed");
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("assignment-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove the role {name}?") confirm="Remove role" run=run in_row=format!("Remove {name}")>
            <p>{format!("They lose the permissions of {name} there at once. The role stays in their history.")}</p>
        </Confirm>
    }
    .into_any()
}

fn reset_factor(data: Loading<Data>, staff: &Staff) -> AnyView {
    let (id, name) = (staff.id, staff.full_name.clone());
    let run = submit(
        move |_: Nothing| staff_reset_second_factor(id),
        afterwards::<Staff>(data, "Second factor reset".into()),
    );
    view! {
        <Confirm id="staff-factor" label="Reset second factor" icon=Icon::REFRESH title=format!("Reset the second factor of {name}?") confirm="Reset second factor" run=run in_menu=true>
            <p>"First make sure it is really them asking. All their sessions end. They sign in with their password only and set it up again."</p>
        </Confirm>
    }
    .into_any()
}

fn revoke(data: Loading<Data>, staff: &Staff) -> AnyView {
    let (id, name) = (staff.id, staff.full_name.clone());
    let run = submit(
        move |query: RevokeQuery| staff_revoke(id, query),
        afterwards::<Staff>(data, format!("{name} no longer has access")),
    );
    let keys = (!staff.api_keys.is_empty()).then(|| {
        let text = match staff.api_keys.as_slice() {
            [key] => format!("The API key {key} stops working, with every program that uses it."),
            keys => format!("These API keys stop working, with every program that uses them: {}.", keys.join(", ")),
        };
        view! { <p><strong>{text}</strong></p> }
    });
    view! {
        <Confirm id="staff-revoke" label="Revoke access" icon=Icon::TRASH title=format!("Revoke access of {name}?") confirm="Revoke access" run=run in_menu=true>
            <p>"All their sessions and roles end at once. Their past actions stay in the audit log."</p>
            {keys}
            <Area name="reason" label="Reason" check={rule::<Reason>} hint="Kept in the audit log"/>
        </Confirm>
    }
    .into_any()
}

fn reactivate(data: Loading<Data>, staff: &Staff, choices: Options) -> AnyView {
    let (id, name, email) = (staff.id, staff.full_name.clone(), staff.email.clone());
    let run = submit(
        with_moment(
            "expires_at",
            |input: &mut Reactivation| &mut input.expires_at,
            move |input| staff_reactivate(id, input),
        ),
        afterwards::<Staff>(data, format!("An invitation is on its way to {email}")),
    );
    view! {
        <Confirm id="staff-back" label="Reactivate" icon=Icon::REFRESH title=format!("Reactivate {name}?") confirm="Send invitation" run=run extra=json!({ "version": staff.version }) danger=false class="btn primary">
            <p>"They get an invitation and choose a new password."</p>
            <Pick name="role_id" label="Role" options=choices required=true/>
            {where_it_holds()}
        </Confirm>
    }
    .into_any()
}

/// Ends every session of the account.
pub fn end_sessions(data: Loading<Data>, staff: &Staff) -> AnyView {
    let (id, name, toasts) = (staff.id, staff.full_name.clone(), Toasts::get());
    let run = submit(
        move |_: Nothing| staff_sessions_revoke(id),
        move |Count { count }| {
            toasts.done(format!("{count} sessions ended"));
            data.refetch();
        },
    );
    view! {
        <Confirm id="staff-sessions" label="End all sessions" icon=Icon::LOGOUT title=format!("End all sessions of {name}?") confirm="End all sessions" run=run class="btn danger">
            <p>"They must sign in again everywhere."</p>
        </Confirm>
    }
    .into_any()
}
