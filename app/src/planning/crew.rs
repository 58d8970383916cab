//! The crew, and the link of each to their own shifts.

use eventify::access::Me;
use eventify::kernel::money::Currency;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::{StaffingManage, StaffingRead};
use eventify::kernel::text::grouped;
use eventify::planning::operations::{crew_link_get, crew_link_renew, crew_list};
use eventify::planning::{CrewFilter, CrewLink, CrewMember};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::member;
use crate::events::{afterwards, guarded};
use crate::ui::{
    Column, Confirm, Icon, ListQuery, Loading, Nothing, PageHead, Shell, Table, Toasts, Tone, dom, loaded, submit,
};

/// The list, by name.
pub fn crew() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Page<CrewMember>> = Loading::new(move || query.get(), move |q| crew_list(filter(&q)));
    loaded(data, move |page, me| guarded(&me, StaffingRead, || list(data, query.get_untracked(), page, &me)))
}

fn filter(q: &ListQuery) -> CrewFilter {
    CrewFilter { q: q.word("q"), skill: q.word("skill"), cursor: q.text("cursor"), limit: q.word("limit") }
}

fn list(data: Loading<Page<CrewMember>>, query: ListQuery, page: Page<CrewMember>, me: &Me) -> AnyView {
    let wanted = filter(&query);
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
        .empty("No crew yet", "People who can be given shifts appear here.", None);
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

/// A number that a phone calls.
pub fn call(number: String) -> AnyView {
    let href = format!("tel:{number}");
    view! { <a class="nowrap" href=href>{grouped(&number)}</a> }.into_any()
}

/// Copies the link of somebody to their own shifts: whoever has it sees them and answers offers, without signing in.
pub fn copy_link(one: &CrewMember, class: &'static str) -> AnyView {
    let (id, name) = (one.id, one.full_name.clone());
    let (shell, toasts) = (Shell::get(), Toasts::get());
    let label = format!("Copy shift link of {name}");
    let copy = move |_| {
        let name = name.clone();
        spawn_local(async move {
            match crew_link_get(id).await {
                Ok(CrewLink { url, .. }) => dom::copy(&url.clone(), move |copied| match copied {
                    true => toasts.done(format!("Link to {name}’s shifts copied. Send it to them")),
                    false => toasts.push(Tone::Warning, "Not copied".to_owned(), format!("Copy it by hand: {url}")),
                }),
                Err(error) => toasts.failed("Couldn't copy the link", &error),
            }
        });
    };
    view! {
        <button class=class type="button" aria-label=label.clone() title=label disabled=move || !shell.alive.get() on:click=copy>{Icon::COPY.svg()}"Copy shift link"</button>
    }
    .into_any()
}

/// Makes the link anew, where the one before got into other hands; a menu opens it.
pub fn replace_link<D>(data: Loading<D>, one: &CrewMember) -> AnyView
where
    D: 'static,
{
    let (id, name) = (one.id, one.full_name.clone());
    let run = submit(move |_: Nothing| crew_link_renew(id), afterwards::<_, CrewLink>(data, "Link replaced"));
    view! {
        <Confirm id="crew-link" label="Replace link" icon=Icon::REFRESH title=format!("Replace the link of {name}?") confirm="Replace link" keep="Keep link" run=run in_menu=true>
            <p>"The link they have stops working at once, and so does its calendar. Send them the new one."</p>
        </Confirm>
    }
    .into_any()
}
