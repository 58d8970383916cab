//! A menu of further acts: what is needed rarely, or takes something away.

use leptos::prelude::*;

use super::{Icon, Shell, dom, open_dialog};

/// The menu; `label` says of what. Entries are made by [`menu_act`], or are list items of their own.
pub fn menu(label: impl Into<String>, entries: Vec<AnyView>) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    view! {
        <details class="menu" name="page">
            <summary class="btn square" aria-label=label.into()>{Icon::DOTS.svg()}</summary>
            <div class="menu-panel"><ul role="list">{entries}</ul></div>
        </details>
    }
    .into_any()
}

/// An entry that opens the dialog of a [`Confirm`](super::Confirm) that has no button of its own.
pub fn menu_act(dialog: impl Into<String>, label: impl Into<String>, icon: Icon, danger: bool) -> AnyView {
    let (dialog, label, shell) = (dialog.into(), label.into(), Shell::get());
    let open = move |event: leptos::ev::MouseEvent| {
        if let Some(menu) = dom::closest(&event, "details") {
            let _ = menu.remove_attribute("open");
        }
        open_dialog(&dialog);
    };
    view! {
        <li class:danger=danger>
            <button type="button" aria-haspopup="dialog" disabled=move || !shell.alive.get() on:click=open>{icon.svg()}{label}</button>
        </li>
    }
    .into_any()
}
