//! What people and events have in common: the list that both choose from.

use eventify::events::operations::{
    InterestPatch, InterestRecord, InterestUse, NewInterest, interest_create, interest_delete, interest_list_all,
    interest_update,
};
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{EventsManage, EventsRead};
use eventify::kernel::text::{Note, Title};
use leptos::prelude::*;
use serde_json::json;

use super::{afterwards, guarded};
use crate::ui::{
    Area, Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, PageHead, Table, Tone, badge, loaded, rule, submit,
};

type Data = Vec<InterestUse>;

/// The list, by name.
pub fn interests() -> AnyView {
    let data = Loading::new(|| (), |()| every(interest_list_all));
    loaded(data, move |list, me| guarded(&me, EventsRead, || page(data, list, me.may(EventsManage))))
}

fn page(data: Loading<Data>, list: Data, changes: bool) -> AnyView {
    let mut table = Table::new("Interests", ListQuery::default())
        .counts("interest", "interests")
        .csv("/interests/all/export", &())
        .column(Column::head("Name", name))
        .column(Column::new("URL name", |i: &InterestUse| view! { <code>{i.interest.slug.clone()}</code> }.into_any()))
        .column(Column::new("People", |i: &InterestUse| i.people.into_any()).number())
        .column(Column::new("Events", |i: &InterestUse| i.events.into_any()).number())
        .empty("No interests yet", "Add what your guests look for, such as Live music.", None);
    // Where all can be chosen nobody needs to be told so.
    if list.iter().any(|one| !one.interest.is_active) {
        table = table.column(Column::new("Status", state));
    }
    if changes {
        table = table.column(Column::actions(move |of: &InterestUse| actions(data, of)));
    }
    let add = changes.then(|| add(data)).into_any();
    let about = "Guests choose the interests they like, and find events by them.";
    view! { <div class="page"><PageHead title="Interests" subtitle=about actions=add/>{table.all(list)}</div> }
        .into_any()
}

fn name(of: &InterestUse) -> AnyView {
    let about = of.interest.description.clone();
    let about = (!about.is_empty()).then(|| view! { <small>{about}</small> });
    view! { {of.interest.name.clone()}{about} }.into_any()
}

fn state(of: &InterestUse) -> AnyView {
    match of.interest.is_active {
        true => badge(Tone::Success, "Active"),
        false => badge(Tone::Neutral, "Removed"),
    }
}

fn fields(now: Option<&InterestRecord>) -> AnyView {
    let text = |of: fn(&InterestRecord) -> &String| now.map(|i| of(i).clone()).unwrap_or_default();
    view! {
        <Field name="name" label="Name" check={rule::<Title>} required=true value=text(|i| &i.name)/>
        <Area name="description" label="Description" check={rule::<Note>} emptyable=true value=text(|i| &i.description)/>
    }
    .into_any()
}

fn add(data: Loading<Data>) -> AnyView {
    let run = submit(
        move |input: NewInterest| interest_create(input),
        afterwards::<_, InterestRecord>(data, "Interest added"),
    );
    view! {
        <Confirm id="interest-add" label="New interest" icon=Icon::PLUS title="New interest" confirm="Add interest" run=run danger=false class="btn primary">
            {fields(None)}
        </Confirm>
    }
    .into_any()
}

fn actions(data: Loading<Data>, of: &InterestUse) -> AnyView {
    let (now, id) = (of.interest.clone(), of.interest.id);
    let (name, version) = (now.name.clone(), now.version);
    let run =
        submit(move |input: InterestPatch| interest_update(id, input), afterwards::<_, InterestRecord>(data, "Saved"));
    let unused = of.people == 0 && of.events == 0;
    view! {
        <div class="row">
            <Confirm id=format!("interest-{id}") label="Edit" icon=Icon::EDIT title=format!("Change {name}") confirm="Save" run=run extra=json!({ "version": version }) danger=false in_row=format!("Edit {name}")>
                {fields(Some(&now))}
            </Confirm>
            {standing(data, &of.interest)}
            {unused.then(|| delete(data, &of.interest))}
        </div>
    }
    .into_any()
}

/// Takes it out of the list, or puts it back.
fn standing(data: Loading<Data>, now: &InterestRecord) -> AnyView {
    let (id, version, is_active) = (now.id, now.version, !now.is_active);
    let patch = move || InterestPatch { name: None, description: None, is_active: Some(is_active), version };
    let said = if is_active { "Restored" } else { "Removed" };
    let run = submit(move |_: Nothing| interest_update(id, patch()), afterwards::<_, InterestRecord>(data, said));
    let (label, icon, text) = match is_active {
        true => ("Restore", Icon::EYE, "People and events can choose it again."),
        false => ("Remove", Icon::X, "It can no longer be chosen. People and events that have it keep it."),
    };
    let title = format!("{label}: {}?", now.name);
    let named = format!("{label} {}", now.name);
    view! {
        <Confirm id=format!("interest-list-{id}") label=label icon=icon title=title confirm=label run=run danger=false in_row=named>
            <p>{text}</p>
        </Confirm>
    }
    .into_any()
}

fn delete(data: Loading<Data>, now: &InterestRecord) -> AnyView {
    let (id, name) = (now.id, now.name.clone());
    let run = submit(move |_: Nothing| interest_delete(id), afterwards::<_, ()>(data, "Deleted"));
    let named = format!("Delete {name}");
    view! {
        <Confirm id=format!("interest-gone-{id}") label="Delete" icon=Icon::TRASH title=format!("Delete {name}?") confirm="Delete" run=run in_row=named>
            <p>"Nobody has it, so nothing else changes."</p>
        </Confirm>
    }
    .into_any()
}
