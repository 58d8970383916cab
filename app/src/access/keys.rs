//! Keys for programs.

use eventify::access::operations::{api_key_create, api_key_list, api_key_revoke, permission_list};
use eventify::access::{ApiKey, ApiKeyFilter, CreatedApiKey, Me, NewApiKey, PermissionInfo};
use eventify::kernel::page::Page;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Title;
use leptos::prelude::*;

use super::shared::{beyond, permission_groups};
use crate::ui::{
    Column, Confirm, Field, Form, Icon, ListQuery, Loading, Nothing, PageHead, PickMany, Secret, Table, Toasts, Tone,
    at, at_or, badge, by_own_clock, loaded, note, rule, submit, with_moment,
};

/// The list of keys.
pub fn key_list() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| api_key_list(filter(&q)));
    loaded(data, move |page, _| list(query.get_untracked(), data, page))
}

fn filter(q: &ListQuery) -> ApiKeyFilter {
    ApiKeyFilter {
        active: q.text("active").map(|word| word == "yes"),
        created_by: None,
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn new_button() -> AnyView {
    view! { <a class="btn primary" href="/api-keys/new">{Icon::PLUS.svg()}"New API key"</a> }.into_any()
}

fn list(query: ListQuery, data: Loading<Page<ApiKey>>, page: Page<ApiKey>) -> AnyView {
    let works = vec![("yes".to_owned(), "Active".to_owned()), ("no".to_owned(), "Inactive".to_owned())];
    let wanted = filter(&query);
    let table = Table::new("API keys", query)
        .counts("API key", "API keys")
        .csv("/admin/api-keys/export", &wanted)
        .select("active", "Any status", works)
        .column(Column::head("Name", |k: &ApiKey| {
            view! { {k.key_name.clone()}<small><code>{k.key_prefix.clone()}"…"</code></small> }.into_any()
        }))
        .column(Column::new("Status", state_badge))
        .column(Column::new("Permissions", |k: &ApiKey| {
            let count = match k.scope.len() - k.lost.len() {
                1 => "1 permission".to_owned(),
                n => format!("{n} permissions"),
            };
            let held = codes(k.scope.difference(&k.lost));
            let lost = (k.active && !k.lost.is_empty()).then(|| {
                let text = format!("Lost with {}’s role: {}", k.created_by_name, codes(&k.lost));
                view! { <small>{text}</small> }
            });
            view! { <span title=held>{count}</span>{lost} }.into_any()
        }))
        .column(Column::new("Last used", |k: &ApiKey| at_or(k.last_used_at, "never")))
        .column(Column::new("Expires", |k: &ApiKey| at_or(k.expires_at, "never")).low())
        .column(
            Column::new("Created", |k: &ApiKey| {
                view! { {at(k.created_at)}" by "{k.created_by_name.clone()} }.into_any()
            })
            .low(),
        )
        .column(Column::actions(move |k: &ApiKey| if k.active { revoke(data, k) } else { ().into_any() }))
        .empty("No API keys yet", "An API key lets a program act with the permissions you choose.", Some(new_button()))
        .page(page);
    view! { <div class="page"><PageHead title="API keys" actions=new_button()/>{table}</div> }.into_any()
}

fn codes<'p>(permissions: impl IntoIterator<Item = &'p Permission>) -> String {
    permissions.into_iter().map(|p| p.code()).collect::<Vec<_>>().join(", ")
}

fn state_badge(key: &ApiKey) -> AnyView {
    match (key.revoked_at, key.active) {
        (Some(_), _) => badge(Tone::Danger, "Revoked"),
        (None, true) => badge(Tone::Success, "Active"),
        (None, false) => badge(Tone::Neutral, "Inactive"),
    }
}

fn revoke(data: Loading<Page<ApiKey>>, key: &ApiKey) -> AnyView {
    let (id, name, toasts) = (key.id, key.key_name.clone(), Toasts::get());
    let run = submit(
        move |_: Nothing| api_key_revoke(id),
        move |key: ApiKey| {
            toasts.done(format!("{} revoked", key.key_name));
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("key-{id}") label="Revoke" icon=Icon::TRASH title=format!("Revoke {name}?") confirm="Revoke key" run=run typed=name.clone() in_row=format!("Revoke {name}")>
            <p>"Programs that use it lose access at once. This cannot be undone."</p>
        </Confirm>
    }
    .into_any()
}

/// A new key; its secret is shown once.
pub fn key_new() -> AnyView {
    let known = Loading::new(|| (), |()| permission_list());
    loaded(known, |known, me| {
        let made = RwSignal::new(None::<CreatedApiKey>);
        let body = move || match made.get() {
            Some(created) => shown_once(created),
            None => form(made, &me, &known.items),
        };
        let crumbs = vec![("API keys".to_owned(), "/api-keys".to_owned())];
        view! { <div class="page"><PageHead title="New API key" crumbs=crumbs/>{body}</div> }.into_any()
    })
}

fn form(made: RwSignal<Option<CreatedApiKey>>, me: &Me, known: &[PermissionInfo]) -> AnyView {
    let run = submit(
        with_moment("expires_at", |input: &mut NewApiKey| &mut input.expires_at, api_key_create),
        move |created| made.set(Some(created)),
    );
    let (locked, groups) = (beyond(me, known), permission_groups(known));
    view! {
        <Form id="key" submit=run label="Create API key" cancel="/api-keys">
            <div class="form-grid">
                <Field name="key_name" label="Name" check={rule::<Title>} required=true hint="The program that uses it"/>
                <Field name="expires_at" label=by_own_clock("Expires") kind="datetime-local" hint="Leave empty if it never expires"/>
            </div>
            <h2>"Permissions"</h2>
            <p class="muted">"You can only grant permissions you have. If you lose one, the key loses it too."</p>
            <PickMany name="scope" label="Permissions" groups=groups locked=locked required=true/>
        </Form>
    }
    .into_any()
}

fn shown_once(created: CreatedApiKey) -> AnyView {
    let text = "It is shown only once: we store a fingerprint of it, not the key.";
    view! {
        {note(Tone::Warning, "Copy the key now", text, None)}
        <Secret text=created.secret/>
        <div class="row"><a class="btn primary" href="/api-keys">"Done, I've saved it"</a></div>
    }
    .into_any()
}
