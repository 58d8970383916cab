//! One colleague: account, roles, sessions and activity.

use eventify::access::{Me, StaffId, StaffStatus};
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use super::super::shared::{activity_list, status_badge};
use super::data::{Data, Tab, fetch};
use super::overview::{self, role_of};
use super::{actions, assignments, sessions};
use crate::ui::{ListQuery, Loading, PageHead, card, id_of_path, loaded, tabs, use_me};

/// The page of one colleague.
pub fn team_detail() -> AnyView {
    let (id, query) = (id_of_path::<StaffId>(), ListQuery::current());
    let tab = move || query.with(|query| query.text("tab"));
    let me = use_me();
    let data = Loading::new(move || (id.get(), tab()), move |(id, tab)| fetch(id, tab, me));
    loaded(data, move |record, me| page(data, record, &me))
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
        Tab::Overview { latest, acts } => overview::tab(&staff, latest, acts, now),
        Tab::Roles(list) => {
            let open = staff.status != StaffStatus::Inactive;
            let add = (manages && open).then(|| actions::assign_at(data, &staff, &roles, me));
            assignments::tab(data, &staff, list, manages, add)
        }
        Tab::Sessions(list) => sessions::tab(data, &staff, list, manages),
        Tab::Activity(list) => card("staff-activity", "Sign-ins and account", None, activity_list(list, 100)),
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
