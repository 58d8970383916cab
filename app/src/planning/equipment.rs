//! The catalogue of equipment.

use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::ProductionRead;
use eventify::planning::operations::equipment_list;
use eventify::planning::{Equipment, EquipmentFilter};
use leptos::prelude::*;

use crate::events::guarded;
use crate::ui::{Column, ListQuery, PageHead, Table, loaded};

/// The list, by name.
pub fn equipment() -> AnyView {
    let query = ListQuery::current();
    let filter = |q: ListQuery| EquipmentFilter { q: q.word("q"), cursor: q.text("cursor"), limit: q.word("limit") };
    let data = Resource::new_blocking(move || query.get(), move |q| equipment_list(filter(q)));
    loaded(data, move |page, me| guarded(&me, ProductionRead, || list(query.get_untracked(), page)))
}

fn list(query: ListQuery, page: Page<Equipment>) -> AnyView {
    let table = Table::new("Equipment", query)
        .counts("kind", "kinds")
        .search("Name or category")
        .column(Column::head("Name", |one: &Equipment| view! { <bdi>{one.name.clone()}</bdi> }.into_any()).key("name"))
        .column(Column::new("Category", |one: &Equipment| one.category.clone().into_any()).key("category"))
        .column(Column::new("Owned", |one: &Equipment| one.units_owned.to_string().into_any()).key("owned").number())
        .column(Column::new("Usable", |one: &Equipment| one.units_usable.to_string().into_any()).key("usable").number())
        .empty("No equipment yet", "What events can be given appears here.", None)
        .page(page);
    view! { <div class="page"><PageHead title="Equipment"/>{table}</div> }.into_any()
}
