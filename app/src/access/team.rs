//! Staff accounts.

mod actions;
mod assignments;
mod data;
mod detail;
mod edit;
mod overview;
mod sessions;

use eventify::Error;
use eventify::access::operations::{role_names, staff_list};
use eventify::access::{Me, RoleName, Staff, StaffFilter, StaffStatus};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use super::shared::{status_badge, status_title};
use crate::ui::use_me;
use crate::ui::{Column, Icon, ListQuery, Loading, PageHead, Table, Tone, at_or, badge, listed, loaded};

pub use detail::team_detail;
pub use edit::{team_edit, team_invite};

type Data = (Page<Staff>, Vec<RoleName>);

/// The list of colleagues.
pub fn team_list() -> AnyView {
    let query = ListQuery::current();
    let me = use_me();
    let data = listed(query, move |q| fetch(q, me));
    loaded(data, move |data, me| list(query.get_untracked(), data, &me))
}

fn filter(q: &ListQuery) -> StaffFilter {
    StaffFilter {
        q: q.parsed("q"),
        status: q.parsed::<StaffStatus>("status").map(|status| vec![status]),
        role_id: q.parsed("role_id"),
        updated_since: None,
        sort: q.parsed("sort"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

async fn fetch(q: ListQuery, me: Loading<Me>) -> Result<Data, Error> {
    let page = staff_list(filter(&q)).await?;
    let roles = if me.await?.may(Permission::RolesRead) { role_names().await?.items } else { Vec::new() };
    Ok((page, roles))
}

fn list(query: ListQuery, (page, roles): Data, me: &Me) -> AnyView {
    let invite = me.may(Permission::StaffManage).then(|| {
        view! { <a class="btn primary" href="/team/invite">{Icon::PLUS.svg()}"Invite team member"</a> }.into_any()
    });
    let statuses = StaffStatus::ALL.map(|s| (s.as_str().to_owned(), status_title(s).to_owned())).to_vec();
    let roles: Vec<_> = roles.into_iter().map(|role| (role.id.to_string(), role.name)).collect();
    let wanted = filter(&query);
    let mut table = Table::new("Team", query)
        .sorted("name")
        .by_letter("name")
        .by_day("last_active")
        .search("Name or email")
        .select("status", "Any status", statuses)
        .csv("/admin/users/export", &wanted)
        .views("team")
        .counts("team member", "team members");
    if !roles.is_empty() {
        table = table.select("role_id", "Any role", roles);
    }
    let table = table
        .column(Column::head("Name", name_cell).sort("name").key("name"))
        .column(Column::new("Status", |s: &Staff| status_badge(s.status)).key("status"))
        .column(Column::new("Role", role_cell).key("role"))
        .column(
            Column::new("Second factor", |s: &Staff| match s.totp_enabled {
                true => badge(Tone::Success, "On"),
                // Whoever can sign in with a password alone.
                false => badge(if s.status == StaffStatus::Active { Tone::Warning } else { Tone::Neutral }, "Off"),
            })
            .second()
            .key("second_factor")
            .low(),
        )
        .column(
            Column::new("Last active", |s: &Staff| at_or(s.last_active_at, "Never"))
                .sort("last_active")
                .key("last_active_at")
                .low(),
        )
        .empty("No team members yet", "Invite the people you run events with.", None)
        .page(page);
    match invite {
        Some(invite) => view! { <div class="page"><PageHead title="Team" actions=invite/>{table}</div> }.into_any(),
        None => view! { <div class="page"><PageHead title="Team"/>{table}</div> }.into_any(),
    }
}

fn name_cell(staff: &Staff) -> AnyView {
    let href = format!("/team/{}", staff.id);
    view! { <a href=href>{staff.full_name.clone()}</a><small>{staff.email.clone()}</small> }.into_any()
}

/// The role that holds everywhere, else the first that holds somewhere: `Partner (Marigold Halls)`.
fn role_cell(staff: &Staff) -> AnyView {
    let scoped = |role: &String| match role.rsplit_once(" at ") {
        Some((role, place)) => format!("{role} ({place})"),
        None => role.clone(),
    };
    let mut roles = staff.role_name.iter().cloned().chain(staff.scoped_roles.iter().map(scoped));
    let first = roles.next().unwrap_or_else(|| "No role".to_owned());
    let all = staff.scoped_assignments + i64::from(staff.role_name.is_some());
    let more = (all > 1).then(|| {
        let rest = roles.collect::<Vec<_>>().join(", ");
        view! { " "<span class="tag" title=rest>{format!("+{}", all - 1)}</span> }
    });
    view! { {first}{more} }.into_any()
}
