//! The first tab of a colleague: the account, and what it did last.

use std::iter::repeat;

use eventify::access::{Activity, Staff, StaffStatus};
use eventify::audit::AuditRow;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::super::shared::activity_list;
use super::data::LATEST;
use crate::audit::acts;
use crate::ui::{Facts, Icon, Tone, ago, at, at_or, badge, card, here, state};

/// The tab.
pub fn tab(staff: &Staff, latest: Vec<Activity>, acts: Option<Vec<AuditRow>>, now: Timestamp) -> AnyView {
    let since = since(staff, now);
    let factor = match staff.totp_enabled {
        true => badge(Tone::Success, "On"),
        // As in the list: whoever can sign in with a password alone.
        false => badge(if staff.status == StaffStatus::Active { Tone::Warning } else { Tone::Neutral }, "Off"),
    };
    let all = latest.len() >= LATEST as usize;
    let all = all.then(|| {
        view! { <a class="btn small quiet" href=format!("/team/{}?tab=activity", staff.id)>"All activity"</a> }
            .into_any()
    });
    let latest = card("staff-latest", "Sign-ins and account", all, activity_list(latest, LATEST as usize));
    let acts = acts.map(|rows| done_by(staff, &rows));
    let account = Facts::new()
        .add("Email", view! { <a href=format!("mailto:{}", staff.email)>{staff.email.clone()}</a> })
        .add("Role", role_of(staff))
        .add("Second factor", factor)
        .maybe("Sign-in slowed until (wrong passwords)", staff.locked_until.map(at))
        .maybe("API keys", (!staff.api_keys.is_empty()).then(|| staff.api_keys.join(", ").into_any()));
    let glance =
        Facts::new().add("Last active", at_or(staff.last_active_at, "Never")).add(since.0, since.1).id(staff.id);
    view! {
        <div class="detail">
            <div class="stack">{card("staff-account", "Account", None, account.view())}{acts}{latest}</div>
            <aside aria-label="At a glance">{card("staff-glance", "At a glance", None, glance.view())}</aside>
        </div>
    }
    .into_any()
}

/// What they did, newest first.
fn done_by(staff: &Staff, rows: &[AuditRow]) -> AnyView {
    if rows.is_empty() {
        let text = "What they change appears here.";
        return card("staff-acts", "Latest changes", None, state(Icon::CLOCK, "Nothing yet", text, None));
    }
    let all = format!("/audit?actor_id={}", staff.id);
    let all = view! { <a class="btn small quiet" href=all>"All changes"</a> }.into_any();
    card("staff-acts", "Latest changes", Some(all), acts(rows))
}

/// What the account may do: its role everywhere, else those it holds somewhere, with when they end.
pub fn role_of(staff: &Staff) -> String {
    let ends = staff.scoped_roles_end.iter().copied().chain(repeat(None));
    let scoped = staff.scoped_roles.iter().zip(ends).map(|(role, end)| match end {
        Some(end) => format!("{role} until {}", here(end)),
        None => role.clone(),
    });
    match &staff.role_name {
        Some(role) => role.clone(),
        None if staff.scoped_roles.is_empty() => "No role".to_owned(),
        None => scoped.collect::<Vec<_>>().join(", "),
    }
}

/// When they came, or, who has not come yet, how long ago they were invited.
fn since(staff: &Staff, now: Timestamp) -> (&'static str, AnyView) {
    match staff.status {
        StaffStatus::Invited => {
            let exact = here(staff.created_at);
            let said = ago(staff.created_at, now);
            ("Invited", view! { <time datetime=staff.created_at.rfc3339() title=exact>{said}</time> }.into_any())
        }
        _ => ("Joined", at(staff.created_at)),
    }
}
