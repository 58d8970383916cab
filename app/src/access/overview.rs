//! The first page after signing in.

use eventify::access::operations::activity_list as fetch_activity;
use eventify::access::{Activity, Me};
use leptos::prelude::*;

use super::shared::activity_list;
use crate::pages::PAGES;
use crate::ui::{PageHead, Tone, card, loaded, note};

/// Greeting, what needs attention, the ways on, and what happened to the own account.
pub fn overview() -> AnyView {
    let activity = Resource::new_blocking(|| (), |()| fetch_activity());
    loaded(activity, page)
}

fn page(activity: Vec<Activity>, me: Me) -> AnyView {
    let first = me.full_name.split_whitespace().next().unwrap_or_default().to_owned();
    let roles = if me.roles.is_empty() { "No role yet".to_owned() } else { me.roles.join(", ") };
    let recent = card(
        "overview-activity",
        "Your account lately",
        Some(view! { <a class="btn small quiet" href="/account/security">"Security"</a> }.into_any()),
        activity_list(activity, 6),
    );
    view! {
        <div class="page">
            <PageHead title=format!("Good to see you, {first}") subtitle=roles/>
            {attention(&me)}
            <div class="grid-2">
                {card("overview-ways", "Where to", None, ways(&me))}
                {recent}
            </div>
        </div>
    }
    .into_any()
}

/// What this person should see to.
fn attention(me: &Me) -> Option<AnyView> {
    let link = |label: &'static str| view! { <a class="btn small" href="/account/security">{label}</a> }.into_any();
    if me.two_factor_required {
        let text = "Your role asks for two-factor sign-in. Until you set it up, nothing else is open to you.";
        return Some(note(Tone::Warning, "Set up a second factor", text, Some(link("Set it up"))));
    }
    if !me.totp_enabled {
        let text = "A second factor keeps your account yours, even when somebody learns your password.";
        return Some(note(Tone::Info, "Protect your account", text, Some(link("Set it up"))));
    }
    None
}

fn ways(me: &Me) -> AnyView {
    let links = PAGES
        .iter()
        .filter(|page| page.in_menu && page.path != "/" && page.permission.is_none_or(|p| me.may_somewhere(p)));
    let links = links.map(|page| view! { <a class="btn" href=page.path>{page.icon.svg()}{page.title}</a> }.into_any());
    let own = view! { <a class="btn" href="/account">{crate::ui::Icon::USER.svg()}"Your account"</a> }.into_any();
    view! { <div class="row">{links.chain([own]).collect_view()}</div> }.into_any()
}
