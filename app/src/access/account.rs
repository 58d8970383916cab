//! One's own profile.

use eventify::access::MePatch;
use eventify::access::operations::me_update;
use eventify::kernel::text::PersonName;
use leptos::prelude::*;
use serde_json::json;

use crate::frame::use_me;
use crate::ui::Tone;
use crate::ui::{Facts, Field, Form, Loading, PageHead, Toasts, at, at_or, badge, card, loaded, rule, submit};

/// Name, address and roles; the name can be changed.
pub fn account() -> AnyView {
    let me: Loading<_> = use_me();
    loaded(me, |me, _| page(me))
}

fn page(me: eventify::access::Me) -> AnyView {
    let (reload, toasts) = (use_me(), Toasts::get());
    let run = submit(
        |input: MePatch| me_update(input),
        move |()| {
            reload.refetch();
            toasts.done("Saved");
        },
    );
    let form = view! {
        <Form id="account" submit=run label="Save" extra=json!({ "version": me.version })>
            <Field name="full_name" label="Full name" check={rule::<PersonName>} required=true value=me.full_name.clone() autocomplete="name"/>
        </Form>
    };
    let factor = match me.totp_enabled {
        true => badge(Tone::Success, "On"),
        false => badge(Tone::Warning, "Off"),
    };
    let facts = Facts::new()
        .add("Email", me.email.clone())
        .add("Roles", if me.roles.is_empty() { "None".to_owned() } else { me.roles.join(", ") })
        .add("Second factor", factor)
        .add("Password", view! { "changed "{at_or(me.password_changed_at, "never")} })
        .add("This session", view! { "ends "{at(me.session_expires_at)} });
    let security = view! { <a class="btn small quiet" href="/account/security">"Security"</a> }.into_any();
    view! {
        <div class="page narrow">
            <PageHead title="Your account" subtitle=me.email.clone()/>
            {card("account-name", "Profile", None, form)}
            {card("account-facts", "Account", Some(security), facts.view())}
        </div>
    }
    .into_any()
}
