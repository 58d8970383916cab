//! The crew, and the link of each to their own shifts.

use eventify::access::Me;
use eventify::kernel::money::Currency;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::{StaffingManage, StaffingRead};
use eventify::planning::operations::{crew_link_get, crew_link_renew, crew_list};
use eventify::planning::{CrewFilter, CrewLink, CrewMember};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::member;
use crate::events::{afterwards, guarded};
use crate::ui::{
    Column, Confirm, Icon, ListQuery, Loading, Nothing, PageHead, Secret, Shell, Table, Toasts, loaded, open_dialog,
    submit,
};

/// The list, by name.
pub fn crew() -> AnyView {
    let query = ListQuery::current();
    let filter = |q: ListQuery| CrewFilter {
        q: q.word("q"),
        skill: q.word("skill"),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    };
    let data: Loading<Page<CrewMember>> = Resource::new_blocking(move || query.get(), move |q| crew_list(filter(q)));
    loaded(data, move |page, me| guarded(&me, StaffingRead, || list(data, query.get_untracked(), page, &me)))
}

fn list(data: Loading<Page<CrewMember>>, query: ListQuery, page: Page<CrewMember>, me: &Me) -> AnyView {
    let mut table = Table::new("Crew", query)
        .counts("person", "people")
        .by_letter("")
        .search("Name, email or phone")
        .input("skill", "text", "Skill")
        .column(
            Column::head("Name", |one: &CrewMember| {
                view! { <a href=format!("/crew/{}", one.id)><bdi>{one.full_name.clone()}</bdi></a><small>{one.area.clone()}</small> }.into_any()
            })
            .key("name"),
        )
        .column(Column::new("Skills", |one: &CrewMember| one.skills.join(", ").into_any()).key("skills"))
        .column(Column::new("Email", |one: &CrewMember| one.email.clone().into_any()).key("email"))
        .column(Column::new("Phone", |one: &CrewMember| one.phone.clone().into_any()).key("phone"))
        .column(Column::new("Rate per hour", |one: &CrewMember| one.rate.display().into_any()).key("rate").number())
        .empty("No crew yet", "People you can give shifts to appear here.", None);
    if me.may(StaffingManage) {
        table = table.column(Column::actions(move |one: &CrewMember| link(data, one)));
    }
    let currency = page.items.first().map(|one| one.rate.currency.clone()).or_else(|| Currency::parse("INR").ok());
    let add = currency.filter(|_| me.may(StaffingManage)).map(|currency| member::add(data, currency));
    view! { <div class="page"><PageHead title="Crew" actions=add.into_any()/>{table.page(page)}</div> }.into_any()
}

/// The link of somebody to their own shifts: to be copied, or made anew where the one before got into other hands.
fn link(data: Loading<Page<CrewMember>>, one: &CrewMember) -> AnyView {
    let (id, name, dialog) = (one.id, one.full_name.clone(), format!("crew-link-{}", one.id));
    let (shell, toasts, url) = (Shell::get(), Toasts::get(), RwSignal::new(None::<String>));
    let opens = dialog.clone();
    let open = move |_| {
        let opens = opens.clone();
        spawn_local(async move {
            match crew_link_get(id).await {
                Ok(link) => {
                    let _ = url.try_set(Some(link.url));
                    open_dialog(&opens);
                }
                Err(error) => toasts.failed("Couldn't show the link", &error),
            }
        });
    };
    let run = submit(move |_: Nothing| crew_link_renew(id), afterwards::<_, CrewLink>(data, "Link replaced"));
    let label = format!("The link of {name}");
    view! {
        <button class="btn small" type="button" aria-haspopup="dialog" aria-label=label disabled=move || !shell.alive.get() on:click=open>"Link"</button>
        <Confirm id=dialog label="Replace link" icon=Icon::EDIT title=format!("The link of {name}") confirm="Replace link" keep="Close" run=run in_menu=true>
            <p>"Whoever has it sees these shifts and answers offers, without signing in. A new link ends this one."</p>
            {move || url.get().map(|url| view! { <Secret text=url/> })}
        </Confirm>
    }
    .into_any()
}
