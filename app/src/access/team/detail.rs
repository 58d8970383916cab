//! One colleague: account, roles, sessions and activity.

use std::iter::repeat;

use eventify::Error;
use eventify::access::operations::{assignment_close, assignment_list, staff_activity, staff_get, staff_sessions};
use eventify::access::{Activity, Assignment, Me, Session, Staff, StaffId, StaffStatus};
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Paging, every};
use eventify::kernel::permissions::Permission;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::super::shared::{activity_list, session_name, session_times, status_badge, visible_roles};
use super::actions;
use super::data::{Data, Tab};
use crate::ui::use_me;
use crate::ui::{
    Column, Confirm, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, ago, at, at_or, badge,
    card, here, id_of_path, loaded, note, now, submit, tabs,
};

/// So much of the activity stands on the overview.
const LATEST: u32 = 6;

/// The page of one colleague.
pub fn team_detail() -> AnyView {
    let (id, query) = (id_of_path::<StaffId>(), ListQuery::current());
    let tab = move || query.with(|query| query.text("tab"));
    let me = use_me();
    let data = Loading::new(move || (id.get(), tab()), move |(id, tab)| fetch(id, tab, me));
    loaded(data, move |record, me| page(data, record, &me))
}

async fn fetch(id: Option<StaffId>, tab: Option<String>, me: Loading<Me>) -> Result<Data, Error> {
    let (id, now) = (id.ok_or_else(not_found)?, now());
    let staff = staff_get(id).await?;
    let tab = match tab.as_deref() {
        Some("roles") => Tab::Roles(every(|page| assignment_list(id, page)).await?),
        Some("sessions") => Tab::Sessions(every(|page| staff_sessions(id, page)).await?),
        Some("activity") => Tab::Activity(staff_activity(id, Paging::most()).await?.items),
        _ => Tab::Overview(staff_activity(id, Paging::first(LATEST)).await?.items),
    };
    // Needed to give another role; whoever may not see roles cannot give them either.
    Ok(Data { staff, roles: visible_roles(me).await?, tab, now })
}

fn page(data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let Data { staff, roles, tab, now } = record;
    let (path, manages) = (format!("/team/{}", staff.id), me.may(Permission::StaffManage));
    let items = [
        ("overview", "Overview", None),
        ("roles", "Roles", Some(staff.scoped_assignments).filter(|n| *n > 0)),
        ("sessions", "Sessions", None),
        ("activity", "Activity", None),
    ];
    let strip = tabs(&staff.full_name, &path, tab.key(), &items);
    let body = match tab {
        Tab::Overview(latest) => overview(&staff, latest, now),
        Tab::Roles(list) => {
            let open = staff.status != StaffStatus::Inactive;
            let add = (manages && open).then(|| actions::assign_at(data, &staff, &roles, me));
            assignments(data, &staff, list, manages, add)
        }
        Tab::Sessions(list) => sessions(data, &staff, list, manages),
        Tab::Activity(list) => card("staff-activity", "Activity", None, activity_list(list, 100)),
    };
    let subtitle = format!("{} · {}", staff.email, role_of(&staff));
    let buttons = if manages { actions::of(data, &staff, &roles, me) } else { ().into_any() };
    let crumbs = vec![("Team".to_owned(), "/team".to_owned())];
    view! {
        <div class="page">
            <PageHead title=staff.full_name.clone() crumbs=crumbs badge=status_badge(staff.status) subtitle=subtitle actions=buttons/>
            {strip}
            {body}
        </div>
    }
    .into_any()
}

/// What the account may do: its role everywhere, else those it holds somewhere, with when they end.
fn role_of(staff: &Staff) -> String {
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

fn overview(staff: &Staff, latest: Vec<Activity>, now: Timestamp) -> AnyView {
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
    let latest = card("staff-latest", "Latest activity", all, activity_list(latest, LATEST as usize));
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
            <div class="stack">{card("staff-account", "Account", None, account.view())}{latest}</div>
            <aside aria-label="At a glance">{card("staff-glance", "At a glance", None, glance.view())}</aside>
        </div>
    }
    .into_any()
}

fn assignments(
    data: Loading<Data>,
    staff: &Staff,
    list: Vec<Assignment>,
    manages: bool,
    add: Option<AnyView>,
) -> AnyView {
    let staff = staff.id;
    let hint = "The main role applies everywhere. Others apply to one event or partner. Past roles are kept.";
    let table = Table::new("Roles", ListQuery::default())
        .counts("role", "roles")
        .column(Column::head("Role", |a: &Assignment| a.role_name.clone().into_any()))
        .column(Column::new("Where", scope))
        .column(Column::new("Status", |a: &Assignment| match (a.revoked_at, a.expires_at) {
            (None, None) => badge(Tone::Success, "Active"),
            (None, Some(until)) => {
                view! { {badge(Tone::Success, "Active")}<small>"until "{at(until)}</small> }.into_any()
            }
            (Some(_), _) => badge(Tone::Neutral, "Ended"),
        }))
        .column(Column::new("Assigned", |a: &Assignment| by(at(a.assigned_at), a.assigned_by_name.clone())))
        .column(
            Column::new("Ended", |a: &Assignment| match a.revoked_at {
                Some(time) => by(at(time), a.revoked_by_name.clone()),
                None => ().into_any(),
            })
            .low(),
        )
        .column(Column::actions(move |a: &Assignment| {
            let scoped = a.event_id.or(a.partner_id).or(a.talent_id).is_some();
            if manages && scoped && a.revoked_at.is_none() { close(data, staff, a) } else { ().into_any() }
        }))
        .empty("No roles", "This account has no permissions.", None)
        .all(list);
    view! { {note(Tone::Info, "", hint, None)}{add.map(|add| view! { <div class="row">{add}</div> })}{table} }
        .into_any()
}

fn scope(assignment: &Assignment) -> AnyView {
    let (what, href) = match (assignment.event_id, assignment.partner_id, assignment.talent_id) {
        (Some(id), ..) => ("Event", format!("/events/{id}")),
        (_, Some(id), _) => ("Partner", format!("/partners/{id}")),
        (.., Some(id)) => return format!("Talent {id}").into_any(),
        _ => return "Everywhere".into_any(),
    };
    let name = assignment.scope_name.clone().unwrap_or_else(|| what.to_owned());
    view! { <a href=href>{name}</a><small>{what}</small> }.into_any()
}

fn by(time: AnyView, name: Option<String>) -> AnyView {
    view! { {time}{name.map(|name| format!(" by {name}"))} }.into_any()
}

fn close(data: Loading<Data>, staff: StaffId, assignment: &Assignment) -> AnyView {
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

fn sessions(data: Loading<Data>, staff: &Staff, list: Vec<Session>, manages: bool) -> AnyView {
    let end = (manages && !list.is_empty()).then(|| actions::end_sessions(data, staff));
    let table = Table::new("Open sessions", ListQuery::default())
        .counts("session", "sessions")
        .column(Column::head("Device", session_name))
        .column(Column::new("Verified with 2FA", |s: &Session| if s.mfa { "Yes" } else { "No" }.into_any()).low())
        .column(Column::new("Signed in", |s: &Session| session_times(s).0).low())
        .column(Column::new("Last used", |s: &Session| session_times(s).1))
        .empty("No open sessions", "Nobody is signed in to this account.", None)
        .all(list);
    view! { {end.map(|end| view! { <div class="row">{end}</div> })}{table} }.into_any()
}
