//! One's own profile: name, and the clock times are read by.

use eventify::access::MePatch;
use eventify::access::operations::me_update;
use eventify::kernel::text::PersonName;
use eventify::zones::OwnZone;
use eventify::zones::operations::{own_zone_set, time_zone_list};
use leptos::prelude::*;
use serde_json::json;

use crate::ui::Tone;
use crate::ui::use_me;
use crate::ui::{
    Clock, Facts, Field, Form, Loading, PageHead, Pick, Toasts, at, at_or, badge, card, loaded, own_zone, rule, submit,
    zones,
};

/// Name, address and roles; the name and the time zone can be changed.
pub fn account() -> AnyView {
    let all_zones = Loading::new(|| (), |()| time_zone_list());
    loaded(all_zones, |all_zones, me| page(me, all_zones.items))
}

/// By which clocks times are told, but for those of events.
fn clock(all_zones: Vec<String>) -> AnyView {
    let (me, toasts, clock) = (use_me(), Toasts::get(), Clock::get());
    let run = submit(
        |input: OwnZone| own_zone_set(input),
        move |()| {
            me.refetch();
            if let Some(clock) = clock {
                clock.refetch();
            }
            toasts.done("Time zone saved");
        },
    );
    view! {
        <Form id="clock" submit=run label="Save time zone">
            <Pick name="timezone" label="Time zone" options=zones(all_zones) required=true value=own_zone().name.clone() hint="Times are shown in this zone. Event times are shown in the event's zone."/>
        </Form>
    }
    .into_any()
}

fn page(me: eventify::access::Me, zones: Vec<String>) -> AnyView {
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
        .add("Password changed", at_or(me.password_changed_at, "Never"))
        .add("Session ends", at(me.session_expires_at));
    let security = view! { <a class="btn small quiet" href="/account/security">"Security"</a> }.into_any();
    view! {
        <div class="page">
            <PageHead title="Your account" subtitle=me.email.clone()/>
            <div class="detail">
                <div class="stack">
                    {card("account-name", "Profile", None, form)}
                    {card("account-clock", "Time", None, clock(zones))}
                </div>
                <aside aria-label="At a glance">{card("account-facts", "Account", Some(security), facts.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}
