//! The crew, and the link of each to their own shifts.

use eventify::access::Me;
use eventify::kernel::money::Currency;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::{StaffingManage, StaffingRead};
use eventify::planning::operations::crew_list;
use eventify::planning::{CrewFilter, CrewMember};
use leptos::prelude::*;

use super::member::{self, copy_link};
use super::pieces::call;
use crate::events::guarded;
use crate::ui::{Column, Icon, ListQuery, Loading, PageHead, Table, loaded, opens_dialog};

/// The list, by name.
pub fn crew() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Page<CrewMember>> = Loading::new(move || query.get(), move |q| crew_list(filter(&q)));
    loaded(data, move |page, me| guarded(&me, StaffingRead, || list(data, query.get_untracked(), page, &me)))
}

fn filter(q: &ListQuery) -> CrewFilter {
    CrewFilter {
        q: q.parsed("q"),
        skill: q.parsed("skill"),
        updated_since: None,
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(data: Loading<Page<CrewMember>>, query: ListQuery, page: Page<CrewMember>, me: &Me) -> AnyView {
    let wanted = filter(&query);
    let first = me.may(StaffingManage).then(|| opens_dialog("crew-new", "Add crew member", Icon::PLUS));
    let mut table = Table::new("Crew", query)
        .counts("person", "people")
        .csv("/staff/export", &wanted)
        .by_letter("")
        .search("Name, email or phone")
        .input("skill", "text", "Skill")
        .column(
            Column::head("Name", |one: &CrewMember| {
                view! { <a href=format!("/crew/{}", one.id)><bdi>{one.full_name.clone()}</bdi></a><small>{one.area.clone()}</small> }.into_any()
            })
            .key("full_name"),
        )
        .column(Column::new("Skills", |one: &CrewMember| one.skills.join(", ").into_any()).key("skills"))
        .empty("No crew yet", "People who can be given shifts appear here.", first);
    // What nobody has told is no column.
    if page.items.iter().any(|one| one.phone.is_some()) {
        table =
            table.column(Column::new("Phone", |one: &CrewMember| one.phone.clone().map(call).into_any()).key("phone"));
    }
    if page.items.iter().any(|one| one.email.is_some()) {
        table = table.column(Column::new("Email", |one: &CrewMember| one.email.clone().into_any()).key("email").low());
    }
    table = table
        .column(Column::new("Rate per hour", |one: &CrewMember| one.rate.display().into_any()).key("rate").number());
    if me.may(StaffingManage) {
        table = table.column(Column::actions(|one: &CrewMember| copy_link(one, "btn small")));
    }
    let currency = page.items.first().map(|one| one.rate.currency.clone()).or_else(|| Currency::parse("INR").ok());
    let add = currency.filter(|_| me.may(StaffingManage)).map(|currency| member::add(data, currency));
    let subtitle = "Each crew member has a link to their own shifts, where they answer offers without signing in.";
    view! { <div class="page"><PageHead title="Crew" subtitle=subtitle actions=add.into_any()/>{table.page(page)}</div> }
        .into_any()
}
