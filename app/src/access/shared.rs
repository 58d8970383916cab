//! What several pages of this area show alike.

use eventify::Error;
use eventify::access::operations::role_list;
use eventify::access::{Activity, Me, PermissionInfo, Role, Session, StaffStatus};
use eventify::kernel::permissions::{Permission, SUPER_ADMIN, scope_of};
use eventify::search::HitKind;
use leptos::prelude::*;

use crate::ui::{Entry, Field, Find, Icon, Loading, Options, Tone, at, badge, by_own_clock, state, timeline};

/// An account's status as a badge.
pub fn status_badge(status: StaffStatus) -> AnyView {
    let tone = match status {
        StaffStatus::Invited => Tone::Info,
        StaffStatus::Active => Tone::Success,
        StaffStatus::Inactive => Tone::Neutral,
    };
    badge(tone, status_title(status))
}

/// An account's status in a word.
pub fn status_title(status: StaffStatus) -> &'static str {
    match status {
        StaffStatus::Invited => "Invited",
        StaffStatus::Active => "Active",
        StaffStatus::Inactive => "Inactive",
    }
}

/// The permissions there are in their groups, for checkboxes.
pub fn permission_groups(known: &[PermissionInfo]) -> Vec<(String, Options)> {
    let option = |permission: &PermissionInfo| (permission.id.code().to_owned(), permission.name.clone());
    let groups = known.chunk_by(|one, next| one.group == next.group);
    groups.map(|group| (group[0].group.clone(), group.iter().map(option).collect())).collect()
}

/// What somebody cannot give or take, as they do not hold it.
pub fn beyond(me: &Me, known: &[PermissionInfo]) -> Vec<String> {
    known.iter().filter(|permission| !me.may(permission.id)).map(|permission| permission.id.code().to_owned()).collect()
}

/// All roles, for who may see them; whoever may not still sees the page, without what needs them.
pub async fn visible_roles(me: Loading<Me>) -> Result<Vec<Role>, Error> {
    match me.await?.may(Permission::RolesRead) {
        true => Ok(role_list().await?.items),
        false => Ok(Vec::new()),
    }
}

/// Roles as choices: those that reach no further than the caller's own permissions.
pub fn role_choices(roles: &[Role], me: &eventify::access::Me) -> Vec<(String, String, String)> {
    let within = roles.iter().filter(|role| role.permissions.is_subset(&me.permissions));
    within.map(|role| (role.id.to_string(), role.name.clone(), role.description.clone())).collect()
}

/// Where a role is to hold: an event, a partner, or, left empty, everywhere.
pub fn where_it_holds() -> AnyView {
    view! {
        <Find name="event_id" label="Only at the event" of=HitKind::Event required=false hint="Required for Gate Staff and Gate Supervisor"/>
        <Find name="partner_id" label="Only at the partner" of=HitKind::Partner required=false hint="Leave both empty for a role that applies everywhere"/>
        <Field name="expires_at" label=by_own_clock("Until") kind="datetime-local" hint="Leave empty to keep the role until you remove it. For a role at an event or partner."/>
    }
    .into_any()
}

/// What can be said of where each role holds: of those that need an event or a partner that one, of most either; of whoever
/// may do everything nothing, as they may do it everywhere.
pub fn role_parts(roles: &[Role]) -> Vec<(String, &'static str)> {
    let part = |role: &Role| match scope_of(&role.code) {
        Some("event_id") => Some("event"),
        Some("partner_id") => Some("partner"),
        Some(_) => None,
        None => (role.code != SUPER_ADMIN).then_some("any"),
    };
    roles.iter().filter_map(|role| Some((role.id.to_string(), part(role)?))).collect()
}

/// The same, each part shown with the roles that need it.
pub fn where_roles_hold() -> AnyView {
    view! {
        <div class="of-part" data-part="event">
            <Find name="event_id" label="Event" of=HitKind::Event required=false hint="The role applies to this event only. Required for gate roles."/>
        </div>
        <div class="of-part" data-part="partner">
            <Find name="partner_id" label="Partner" of=HitKind::Partner required=false hint="The role applies to this partner only. Required for partner roles."/>
        </div>
        <div class="of-part" data-part="until">
            <Field name="expires_at" label=by_own_clock("Until") kind="datetime-local" hint="For a role at an event or partner. Leave empty to keep it until you remove it."/>
        </div>
        <p class="of-part muted" data-part="everywhere">"Without an event or a partner, the role applies everywhere."</p>
    }
    .into_any()
}

/// What an entry of the account's activity means.
fn actions_title(action: &str) -> String {
    let known = match action {
        "login" | "login.succeeded" => "Signed in",
        "login.failed" => "Sign-in failed",
        "logout" => "Signed out",
        "password.changed" => "Password changed",
        "password.reset" => "Password reset by email link",
        "password.reset_requested" => "Password reset link requested",
        "invitation.accepted" => "Invitation accepted",
        "totp.enabled" => "Second factor turned on",
        "totp.disabled" => "Second factor turned off",
        "totp.reset" | "totp.reset_by_admin" => "Second factor reset by an administrator",
        "recovery_code.used" => "A recovery code was used",
        "recovery_codes.renewed" => "New recovery codes",
        "session.revoked" => "A session was ended",
        "sessions.revoked" => "All other sessions were ended",
        "session.refresh_reused" => "An old session token was used again; the session was ended",
        "device.trust" => "A device's trust was changed",
        "device.removed" => "A device was removed",
        "email.changed" => "Email changed",
        "email.verified" => "Email confirmed",
        "banned" => "Banned",
        "unbanned" => "The ban was lifted",
        "otp.spent" => "Too many wrong codes; the code no longer works",
        "privacy_request.filed" => "A privacy request was filed",
        "privacy_request.withdrawn" => "A privacy request was withdrawn",
        "wallet.added" => "A wallet was linked",
        "wallet.removed" => "A wallet was removed",
        "device.new" => "First sign-in from a new device",
        _ => "",
    };
    if known.is_empty() { action.replace(['.', '_'], " ") } else { known.to_owned() }
}

fn action_tone(action: &str) -> Tone {
    match action {
        "banned" => Tone::Danger,
        "login.failed"
        | "session.refresh_reused"
        | "totp.disabled"
        | "totp.reset"
        | "totp.reset_by_admin"
        | "otp.spent" => Tone::Warning,
        "login" | "login.succeeded" | "totp.enabled" | "invitation.accepted" | "unbanned" => Tone::Success,
        _ => Tone::Neutral,
    }
}

/// What happened to an account lately.
pub fn activity_list(activities: Vec<Activity>, most: usize) -> AnyView {
    if activities.is_empty() {
        return state(Icon::CLOCK, "Nothing yet", "What happens to this account appears here.", None);
    }
    let entries = activities.into_iter().take(most).map(|activity| {
        let meta = activity.ip_address.map(|ip| view! { "from "<code>{ip}</code> }.into_any());
        let text = view! { <span>{actions_title(&activity.action)}</span> }.into_any();
        Entry { tone: action_tone(&activity.action), at: activity.created_at, text, meta, more: None }
    });
    timeline(entries.collect())
}

/// Browser and system out of what a browser calls itself; the whole of it if unknown.
pub fn browser(user_agent: &str) -> String {
    let has = |word: &str| user_agent.contains(word);
    let browser = match () {
        _ if has("Edg/") => "Edge",
        _ if has("Firefox/") => "Firefox",
        _ if has("Chrome/") => "Chrome",
        _ if has("Safari/") => "Safari",
        _ => return if user_agent.is_empty() { "Unknown program".to_owned() } else { user_agent.to_owned() },
    };
    let system = match () {
        _ if has("Android") => "Android",
        _ if has("iPhone") || has("iPad") => "iOS",
        _ if has("Windows") => "Windows",
        _ if has("Mac OS") => "macOS",
        _ if has("Linux") => "Linux",
        _ => "an unknown system",
    };
    format!("{browser} on {system}")
}

/// The cell that names a session.
pub fn session_name(session: &Session) -> AnyView {
    let here = session.current.then(|| badge(Tone::Success, "This device"));
    let ip = session.ip_address.clone().unwrap_or_default();
    view! { {browser(&session.user_agent)}" "{here}<small>{ip}</small> }.into_any()
}

/// When a session was opened, and used last.
pub fn session_times(session: &Session) -> (AnyView, AnyView) {
    (at(session.created_at), at(session.last_seen_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser("curl/8"), "curl/8");
        assert_eq!(browser(""), "Unknown program");
    }

    #[test]
    fn every_permission_stands_in_one_group() {
        let info = |p: &Permission| PermissionInfo { id: *p, name: p.title().to_owned(), group: p.group().to_owned() };
        let groups = permission_groups(&Permission::ALL.iter().map(info).collect::<Vec<_>>());
        assert_eq!(groups.iter().map(|(_, options)| options.len()).sum::<usize>(), Permission::ALL.len());
        let mut names: Vec<_> = groups.iter().map(|(group, _)| group).collect();
        names.dedup();
        assert_eq!(names.len(), groups.len());
    }
}
