//! Views of a list that a person has kept: filter, order and columns under a name.

use eventify_core::Error;
use eventify_core::kernel::text::Title;
use eventify_core::views::operations::{view_delete, view_list, view_save};
use eventify_core::views::{NewView, SavedView, ViewFilter, ViewId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::ui::{Confirm, Field, Icon, ListQuery, Toasts, rule, submit};

const NOT_REMOVED: &str = "Couldn't remove the view";

/// The menu; its views are asked for when it is opened.
pub(super) fn menu(list: &'static str, query: &ListQuery) -> AnyView {
    let views = RwSignal::new(None::<Result<Vec<SavedView>, Error>>);
    let toasts = Toasts::get();
    let load = move || {
        spawn_local(async move {
            let answer = view_list(ViewFilter { list: list.to_owned() }).await.map(|page| page.items);
            let _ = views.try_set(Some(answer));
        });
    };
    let forget = move |id: ViewId| {
        spawn_local(async move {
            match view_delete(id).await {
                Ok(()) => {
                    toasts.settled(NOT_REMOVED);
                    load();
                }
                Err(error) => toasts.failed(NOT_REMOVED, &error),
            }
        });
    };
    let save = submit(
        |input: NewView| view_save(input),
        move |view: SavedView| {
            toasts.done(format!("Saved as {}", view.name));
            load();
        },
    );
    let (path, now) = (query.path().to_owned(), query.state());
    let entries = move || match views.get() {
        None => view! { <p class="muted">"Loading…"</p> }.into_any(),
        Some(Err(error)) => view! { <p class="error">{error.message().to_owned()}</p> }.into_any(),
        Some(Ok(views)) if views.is_empty() => {
            view! { <p class="muted">"No saved views yet. Filter and sort the list, then save it here."</p> }.into_any()
        }
        Some(Ok(views)) => {
            let row = |saved: SavedView| {
                let href = format!("{path}{}", saved.query);
                let here = (saved.query == now).then_some("true");
                let label = format!("Remove the view {}", saved.name);
                view! {
                    <li class="row spread">
                        <a href=href aria-current=here>{saved.name}</a>
                        <button class="btn small quiet square" type="button" aria-label=label on:click=move |_| forget(saved.id)>
                            {Icon::TRASH.svg()}
                        </button>
                    </li>
                }
            };
            view! { <ul role="list" class="views">{views.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    };
    let extra = json!({ "list": list, "query": query.state() });
    // The list as everybody finds it is no view.
    let save = (!query.state().is_empty()).then(|| {
        view! {
            <Confirm id=format!("view-{list}") label="Save this view" icon=Icon::PLUS title="Save this view" confirm="Save" run=save extra=extra class="btn small" danger=false>
                <p>"Filter, order and columns as they are now. A view of the same name is replaced."</p>
                <Field name="name" label="Name" check={rule::<Title>} required=true/>
            </Confirm>
        }
    });
    view! {
        <details class="menu" name="table" on:toggle=move |_| if views.get_untracked().is_none() { load() }>
            <summary class="btn" title="Views"><span>"Views"</span>{Icon::CHEVRON_DOWN.svg()}</summary>
            <div class="menu-panel">
                <div class="menu-body">
                    {entries}
                    {save}
                </div>
            </div>
        </details>
    }
    .into_any()
}
