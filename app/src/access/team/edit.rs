//! Inviting a colleague, and changing name or address.

use eventify::access::operations::{role_list, staff_create, staff_get, staff_update};
use eventify::access::{InviteInput, Me, Role, Staff, StaffId, StaffPatch};
use eventify::kernel::error::not_found;
use eventify::kernel::text::{Email, PersonName};
use leptos::prelude::*;
use serde_json::json;

use super::super::shared::{role_choices, role_parts, where_roles_hold};
use crate::ui::{
    Field, Form, Loading, PageHead, PickOne, Toasts, card, id_of_path, loaded, parameter, rule, submit, use_go,
    with_moment,
};

/// The form to invite a colleague.
pub fn team_invite() -> AnyView {
    let roles = Loading::new(|| (), |()| async { role_list().await.map(|page| page.items) });
    loaded(roles, |roles, me| invite(&roles, &me))
}

fn invite(roles: &[Role], me: &Me) -> AnyView {
    let (go, toasts) = (use_go(), Toasts::get());
    let (parts, known) = (role_parts(roles), role_parts(roles));
    let run = submit(
        with_moment(
            "expires_at",
            |input: &mut InviteInput| &mut input.expires_at,
            move |input| staff_create(held(input, &known)),
        ),
        move |staff: Staff| {
            toasts.done(format!("Invitation sent to {}", staff.email));
            go(&format!("/team/{}", staff.id));
        },
    );
    let choices = role_choices(roles, me);
    let form = view! {
        <Form id="invite" submit=run label="Send invitation" cancel="/team">
            <div class="form-grid">
                <Field name="full_name" label="Full name" check={rule::<PersonName>} required=true/>
                <Field name="email" label="Email" kind="email" check={rule::<Email>} required=true value=parameter("email").unwrap_or_default() hint="The invitation is sent here and is valid for 7 days"/>
            </div>
            <PickOne name="role_id" label="Role" options=choices parts=parts/>
            // Where a role holds is asked for with the role that needs it.
            <div class="form-grid">{where_roles_hold()}</div>
        </Form>
    };
    let crumbs = vec![("Team".to_owned(), "/team".to_owned())];
    view! {
        <div class="page narrow">
            <PageHead title="Invite team member" crumbs=crumbs subtitle="You can only assign roles within your own permissions."/>
            {card("invite-form", "Team member", None, form)}
        </div>
    }
    .into_any()
}

/// Without what was chosen for another role before, and is not shown any more.
fn held(mut input: InviteInput, parts: &[(String, &'static str)]) -> InviteInput {
    let role = input.role_id.to_string();
    let part = parts.iter().find(|(of, _)| *of == role).map(|(_, part)| *part);
    input.event_id = input.event_id.filter(|_| matches!(part, Some("event" | "any")));
    input.partner_id = input.partner_id.filter(|_| matches!(part, Some("partner" | "any")));
    input.expires_at = input.expires_at.filter(|_| part.is_some());
    input
}

/// The form for name and address.
pub fn team_edit() -> AnyView {
    let id = id_of_path::<StaffId>();
    let fetch = |id: Option<StaffId>| async move { staff_get(id.ok_or_else(not_found)?).await };
    let staff = Loading::new(move || id.get(), fetch);
    loaded(staff, |staff, _| edit(staff))
}

fn edit(staff: Staff) -> AnyView {
    let (go, toasts, path, id) = (use_go(), Toasts::get(), format!("/team/{}", staff.id), staff.id);
    let back = path.clone();
    let run = submit(
        move |input: StaffPatch| staff_update(id, input),
        move |_: Staff| {
            toasts.done("Saved");
            go(&back);
        },
    );
    let crumbs = vec![("Team".to_owned(), "/team".to_owned()), (staff.full_name.clone(), path.clone())];
    let title = format!("Edit {}", staff.full_name);
    let form = view! {
        <Form id="staff" submit=run label="Save changes" cancel=path extra=json!({ "version": staff.version })>
            <Field name="full_name" label="Full name" check={rule::<PersonName>} required=true value=staff.full_name/>
            <Field name="email" label="Email" kind="email" check={rule::<Email>} required=true value=staff.email hint="They sign in with the new address from then on"/>
        </Form>
    };
    view! {
        <div class="page narrow">
            <PageHead title=title crumbs=crumbs/>
            {card("staff-form", "Account", None, form)}
        </div>
    }
    .into_any()
}
