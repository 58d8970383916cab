//! Which addresses may reach the Command Center.

use eventify::access::operations::{allowlist, allowlist_add, allowlist_remove};
use eventify::access::{Allowlist, AllowlistEntry, NewAllowlistEntry};
use eventify::kernel::text::Note;
use leptos::prelude::*;

use crate::ui::{
    Column, Confirm, Field, Form, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, at, card, loaded,
    note, rule, submit,
};

/// The list, one's own address, and a form for more.
pub fn ip_allowlist() -> AnyView {
    let data = Loading::new(|| (), |()| allowlist());
    loaded(data, move |list, _| page(data, list))
}

fn page(data: Loading<Allowlist>, list: Allowlist) -> AnyView {
    let (toasts, address) = (Toasts::get(), list.your_address.clone());
    let standing = match list.entries.is_empty() {
        true => note(Tone::Info, "All networks are allowed", "Once you add a network, all others are blocked.", None),
        false => note(Tone::Success, "Only these networks are allowed", "Applies to team members and API keys.", None),
    };
    let run = submit(
        |input: NewAllowlistEntry| allowlist_add(input),
        move |entry: AllowlistEntry| {
            toasts.done(format!("{} is allowed", entry.cidr));
            data.refetch();
        },
    );
    let form = view! {
        <Form id="allow" submit=run label="Allow network" fresh=true>
            <p>"Your address is "<code>{address.clone()}</code>". The list must include it, so you can't lock yourself out."</p>
            <Field name="cidr" label="Address or network" required=true hint="Such as 203.0.113.7 or 203.0.113.0/24"/>
            <Field name="note" label="Note" check={rule::<Note>} hint="Whose network this is"/>
        </Form>
    };
    let table = |entries: Vec<AllowlistEntry>| {
        Table::new("IP allowlist", ListQuery::default())
            .counts("network", "networks")
            .csv("/admin/ip-allowlist/export", &())
            .column(Column::head("Network", |e: &AllowlistEntry| view! { <code>{e.cidr.clone()}</code> }.into_any()))
            .column(Column::new("Note", |e: &AllowlistEntry| e.note.clone().into_any()))
            .column(Column::new("Added by", |e: &AllowlistEntry| e.created_by_name.clone().into_any()).low())
            .column(Column::new("Added", |e: &AllowlistEntry| at(e.created_at)).low())
            .column(Column::actions(move |e: &AllowlistEntry| remove(data, e)))
            .all(entries)
    };
    // The notice says all there is to say of an empty list.
    let table = Some(list.entries).filter(|entries| !entries.is_empty()).map(table);
    view! {
        <div class="page narrow">
            <PageHead title="IP allowlist"/>
            {standing}
            {table}
            {card("allow-new", "Allow network", None, form)}
        </div>
    }
    .into_any()
}

fn remove(data: Loading<Allowlist>, entry: &AllowlistEntry) -> AnyView {
    let (id, cidr, toasts) = (entry.id, entry.cidr.clone(), Toasts::get());
    let run = submit(
        move |_: Nothing| allowlist_remove(id),
        move |()| {
            toasts.done("Removed");
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("allow-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove {cidr}?") confirm="Remove network" run=run in_row=format!("Remove {cidr}")>
            <p>"Team members and API keys on this network lose access at once, unless another entry includes them. Without entries, all networks are allowed."</p>
        </Confirm>
    }
    .into_any()
}
