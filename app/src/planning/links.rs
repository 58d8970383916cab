//! Links to a plan for people without an account: who has one, what it shows, and that it works no longer.

use eventify::access::Me;
use eventify::events::EventId;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::ProductionManage;
use eventify::planning::operations::{plan_link_add, plan_link_list, plan_link_revoke};
use eventify::planning::{NewPlanLink, PlanLinkShown, PlanTitle};
use leptos::prelude::*;

use super::SHARE;
use crate::events::{Head, afterwards, guarded, head};
use crate::ui::{
    Column, Confirm, CopyButton, Field, Flag, Icon, ListQuery, Loading, Nothing, Table, id_of_path, loaded, rule,
    submit,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    head: Head,
    links: Vec<PlanLinkShown>,
}

/// The page.
pub fn links() -> AnyView {
    let id = id_of_path::<EventId>();
    let counts = head::counts(id);
    let data: Loading<Data> = Loading::new(
        move || id.get(),
        move |id| async move {
            let event = id.ok_or_else(not_found)?;
            let links = every(|page| plan_link_list(event, page));
            let (head, links) = futures::try_join!(Head::load(id, counts), links)?;
            Ok(Data { head, links })
        },
    );
    loaded(data, move |record, me| guarded(&me, ProductionManage, || page(data, record, &me)))
}

fn page(data: Loading<Data>, record: Data, me: &Me) -> AnyView {
    let (id, zone) = (record.head.event.id, record.head.zone.clone());
    let add = submit(
        move |input: NewPlanLink| plan_link_add(id, input),
        afterwards::<_, PlanLinkShown>(data, "Link created"),
    );
    let actions = view! {
        <Confirm id="link-add" label="Create link" icon=Icon::PLUS title="Create a link to this plan" confirm="Create link" run=add danger=false class="btn primary">
            <Field name="name" label="Who is it for?" check={rule::<PlanTitle>} required=true hint="Such as Sound company. You can revoke it later"/>
            <Flag name="shows_crew" label="Show who works" hint="Names of the crew with their roles and hours"/>
        </Confirm>
    };
    let table = Table::new("Links", ListQuery::default())
        .counts("link", "links")
        .column(Column::head("For", |one: &PlanLinkShown| view! { <bdi>{one.link.name.clone()}</bdi> }.into_any()))
        .column(Column::new("Shows", |one: &PlanLinkShown| {
            let shows = if one.link.shows_crew { "What is confirmed, and who works" } else { "What is confirmed" };
            shows.into_any()
        }))
        .column(Column::new("Page", |one: &PlanLinkShown| address(&one.url, "Open")))
        .column(Column::new("Calendar", |one: &PlanLinkShown| address(&one.calendar_url, "Subscribe")))
        .column(Column::new("Created", move |one: &PlanLinkShown| zone.brief(one.link.created_at).into_any()).low())
        .column(Column::actions(move |one: &PlanLinkShown| revoke(data, one)))
        .empty("No links yet", "Anyone with a link sees the confirmed entries, without notes or amounts.", None)
        .all(record.links);
    view! {
        <div class="page event-page">
            {super::head(&record.head, SHARE, None, me, actions.into_any())}
            {table}
        </div>
    }
    .into_any()
}

fn address(url: &str, label: &'static str) -> AnyView {
    view! {
        <span class="row"><a href=url.to_owned() rel="external noreferrer" target="_blank" title=url.to_owned()>{label}</a><CopyButton text=url/></span>
    }
    .into_any()
}

fn revoke(data: Loading<Data>, one: &PlanLinkShown) -> AnyView {
    let (id, name) = (one.link.id, one.link.name.clone());
    let run = submit(move |_: Nothing| plan_link_revoke(id), afterwards::<_, ()>(data, "Link revoked"));
    view! {
        <Confirm id=format!("link-{id}") label="Revoke" icon=Icon::TRASH title=format!("Revoke the link of {name}?") confirm="Revoke link" keep="Keep link" run=run in_row=format!("Revoke the link of {name}")>
            <p>"It stops working at once, and so does the calendar."</p>
        </Confirm>
    }
    .into_any()
}
