//! The crew.

use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::StaffingRead;
use eventify::planning::operations::crew_list;
use eventify::planning::{CrewFilter, CrewMember};
use leptos::prelude::*;

use crate::events::guarded;
use crate::ui::{Column, ListQuery, PageHead, Table, loaded};

/// The list, by name.
pub fn crew() -> AnyView {
    let query = ListQuery::current();
    let filter = |q: ListQuery| CrewFilter {
        q: q.word("q"),
        skill: q.word("skill"),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    };
    let data = Resource::new_blocking(move || query.get(), move |q| crew_list(filter(q)));
    loaded(data, move |page, me| guarded(&me, StaffingRead, || list(query.get_untracked(), page)))
}

fn list(query: ListQuery, page: Page<CrewMember>) -> AnyView {
    let table = Table::new("Crew", query)
        .counts("person", "people")
        .search("Name, email or phone")
        .input("skill", "text", "Skill")
        .column(
            Column::head("Name", |one: &CrewMember| {
                view! { <bdi>{one.full_name.clone()}</bdi><small>{one.area.clone()}</small> }.into_any()
            })
            .key("name"),
        )
        .column(Column::new("Skills", |one: &CrewMember| one.skills.join(", ").into_any()).key("skills"))
        .column(Column::new("Email", |one: &CrewMember| one.email.clone().into_any()).key("email"))
        .column(Column::new("Phone", |one: &CrewMember| one.phone.clone().into_any()).key("phone"))
        .column(Column::new("Rate per hour", |one: &CrewMember| one.rate.display().into_any()).key("rate").number())
        .empty("No crew yet", "People you can give shifts to appear here.", None)
        .page(page);
    view! { <div class="page"><PageHead title="Crew"/>{table}</div> }.into_any()
}
