//! The roster of performers, speakers and VIPs. Whoever is bound to artists of their own reads no list: it is their own
//! schedule, checklist and documents that stand here.

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission::{TalentManage, TalentRead};
use eventify::planning::operations::{talent_add, talent_list};
use eventify::planning::{NewTalent, StageTitle, Talent, TalentFilter, TalentKind};
use leptos::prelude::*;

use super::artist::{self, Record};
use super::pieces::{Reader, call};
use super::roster::kind;
use crate::events::{afterwards, guarded};
use crate::ui::use_me;
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, PageHead, Pick, Table, loaded, opens_dialog, rule, state, submit,
};

/// The roster, or what is one's own of it.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Seen {
    page: Page<Talent>,
    own: Vec<Record>,
}

fn filter(query: &ListQuery) -> TalentFilter {
    TalentFilter {
        q: query.parsed("q"),
        kind: None,
        updated_since: None,
        cursor: query.text("cursor"),
        limit: query.parsed("limit"),
    }
}

async fn fetch(me: Loading<Me>, query: ListQuery) -> Result<Seen, Error> {
    let me = me.await?;
    let page = talent_list(filter(&query)).await?;
    let own = match me.may(TalentRead) {
        true => Vec::new(),
        false => futures::future::try_join_all(page.items.iter().map(|one| artist::of(one.clone()))).await?,
    };
    Ok(Seen { page, own })
}

/// The list, by name; for artists their own page.
pub fn talent() -> AnyView {
    let (me, query) = (use_me(), ListQuery::current());
    let data: Loading<Seen> = Loading::new(move || query.get(), move |q| fetch(me, q));
    loaded(data, move |seen, me| {
        guarded(&me, TalentRead, || match me.may(TalentRead) {
            true => list(data, query.get_untracked(), seen.page, &me),
            false => own(data, seen.own),
        })
    })
}

fn own(data: Loading<Seen>, records: Vec<Record>) -> AnyView {
    let empty = records.is_empty().then(|| {
        state(Icon::TICKET, "Nothing here yet", "When you are booked, your schedule and checklist appear here.", None)
    });
    let shown: Vec<_> = records.into_iter().map(|record| artist::view(data, record, Reader::Own)).collect();
    view! { <div class="page"><PageHead title="My schedule"/>{empty}{shown}</div> }.into_any()
}

fn list(data: Loading<Seen>, query: ListQuery, page: Page<Talent>, me: &Me) -> AnyView {
    let wanted = filter(&query);
    let first = me.may(TalentManage).then(|| opens_dialog("talent-new", "Add talent", Icon::PLUS));
    let mut table = Table::new("Talent", query)
        .counts("person", "people")
        .csv("/talent/export", &wanted)
        .by_letter("")
        .search("Name or agent")
        .column(
            Column::head("Name", |one: &Talent| {
                view! { <a href=format!("/talent/{}", one.id)><bdi>{one.stage_name.clone()}</bdi></a> }.into_any()
            })
            .key("stage_name"),
        )
        .column(Column::new("Kind", |one: &Talent| kind(one.kind).into_any()).key("kind"))
        .empty("No talent yet", "Performers, speakers and VIPs appear here.", first);
    // What nobody has told is no column.
    if page.items.iter().any(|one| one.contact_name.is_some()) {
        table = table.column(Column::new("Contact", contact).key("contact_name"));
    }
    if page.items.iter().any(|one| one.agent.is_some()) {
        table = table.column(Column::new("Agent", |one: &Talent| one.agent.clone().into_any()).key("agent"));
    }
    let table = table.column(Column::new("Fee", fee).key("fee").number()).page(page);
    let add = me.may(TalentManage).then(|| add(data));
    let subtitle = "Everyone who appears at your events, with their fee, checklist and documents.";
    view! { <div class="page"><PageHead title="Talent" subtitle=subtitle actions=add.into_any()/>{table}</div> }
        .into_any()
}

/// What they cost; nobody reads a zero as an agreement.
fn fee(one: &Talent) -> AnyView {
    match one.fee.minor {
        0 => view! { <span class="muted">"No fee"</span> }.into_any(),
        _ => one.fee.display().into_any(),
    }
}

/// Who answers for them, and how to reach them.
fn contact(one: &Talent) -> AnyView {
    let reach = match (&one.contact_phone, &one.contact_email) {
        (Some(phone), _) => Some(call(phone.clone())),
        (None, Some(email)) => Some(email.clone().into_any()),
        (None, None) => None,
    };
    // Nothing at all where nobody is known: a list on a phone leaves an empty cell out, with its label.
    if one.contact_name.is_none() && reach.is_none() {
        return ().into_any();
    }
    // Whoever answers for themselves is named in the row already.
    let name = one.contact_name.clone().filter(|name| !one.stage_name.ends_with(name.as_str()));
    if name.is_none() {
        return reach.into_any();
    }
    view! { <bdi>{name}</bdi>{reach.map(|reach| view! { <small>{reach}</small> })} }.into_any()
}

fn add(data: Loading<Seen>) -> AnyView {
    let run = submit(move |input: NewTalent| talent_add(input), afterwards::<_, Talent>(data, "Talent added"));
    let kinds = TalentKind::ALL.iter().map(|one| (one.as_str().to_owned(), kind(*one).to_owned())).collect();
    view! {
        <Confirm id="talent-new" label="Add talent" icon=Icon::PLUS title="Add talent" confirm="Add talent" run=run danger=false class="btn primary">
            <Field name="stage_name" label="Name on stage" check={rule::<StageTitle>} required=true/>
            <Pick name="kind" label="Kind" options=kinds value="performer" required=true/>
            <Field name="agent" label="Agent"/>
        </Confirm>
    }
    .into_any()
}
