//! The roster of performers, speakers and VIPs.

use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::TalentRead;
use eventify::planning::operations::talent_list;
use eventify::planning::{Talent, TalentFilter, TalentKind};
use leptos::prelude::*;

use crate::events::guarded;
use crate::ui::{Column, ListQuery, PageHead, Table, loaded};

fn kind(kind: TalentKind) -> &'static str {
    match kind {
        TalentKind::Performer => "Performer",
        TalentKind::Speaker => "Speaker",
        TalentKind::Vip => "VIP",
    }
}

/// The list, by name.
pub fn talent() -> AnyView {
    let query = ListQuery::current();
    let filter =
        |q: ListQuery| TalentFilter { q: q.word("q"), kind: None, cursor: q.text("cursor"), limit: q.word("limit") };
    let data = Resource::new_blocking(move || query.get(), move |q| talent_list(filter(q)));
    loaded(data, move |page, me| guarded(&me, TalentRead, || list(query.get_untracked(), page)))
}

fn list(query: ListQuery, page: Page<Talent>) -> AnyView {
    let table = Table::new("Talent", query)
        .counts("artist", "artists")
        .search("Name or agent")
        .column(
            Column::head("Name", |one: &Talent| view! { <bdi>{one.stage_name.clone()}</bdi> }.into_any()).key("name"),
        )
        .column(Column::new("Kind", |one: &Talent| kind(one.kind).into_any()).key("kind"))
        .column(Column::new("Agent", |one: &Talent| one.agent.clone().into_any()).key("agent"))
        .column(Column::new("Contact", |one: &Talent| one.contact_name.clone().into_any()).key("contact"))
        .column(Column::new("Fee", |one: &Talent| one.fee.display().into_any()).key("fee").number())
        .empty("No talent yet", "Performers, speakers and VIPs appear here.", None)
        .page(page);
    view! { <div class="page"><PageHead title="Talent"/>{table}</div> }.into_any()
}
