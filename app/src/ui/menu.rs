//! A menu of further acts: what is needed rarely, or takes something away.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{Icon, Shell, dom, open_dialog};

const MENU: &str = "details.menu";
/// What the keys go through.
const ENTRIES: &str =
    ".menu-panel :is(a[href], button:not([disabled]), input:not([disabled], [type='hidden']), select)";

/// Closes a menu. Its button has the focus then: a dialog that is opened next gives it back there.
fn close(menu: &Element) {
    let _ = menu.remove_attribute("open");
    if let Ok(Some(button)) = menu.query_selector("summary") {
        let _ = button.unchecked_into::<HtmlElement>().focus();
    }
}

fn entries(menu: &Element) -> Vec<HtmlElement> {
    let Ok(found) = menu.query_selector_all(ENTRIES) else { return Vec::new() };
    let all = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<HtmlElement>().ok());
    // One that a narrow screen alone has cannot be gone to on a wide one.
    all.filter(|entry| entry.offset_width() > 0).collect()
}

/// Keys of whichever menu has the focus: arrows, Home and End go through its entries, Escape closes it.
pub fn keys(event: &KeyboardEvent) {
    let Some(menu) = dom::closest(event, MENU).filter(|_| !event.default_prevented()) else { return };
    let typing = dom::closest(event, "input:not([type='checkbox'], [type='radio']), select, textarea").is_some();
    let (open, key) = (menu.has_attribute("open"), event.key());
    if key == "Escape" && open {
        event.prevent_default();
        return close(&menu);
    }
    if typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    if !open && matches!(key.as_str(), "ArrowDown" | "ArrowUp") {
        let _ = menu.set_attribute("open", "");
    }
    let entries = entries(&menu);
    let here = document().active_element();
    let here = entries.iter().position(|entry| here.as_ref() == Some(entry.as_ref()));
    if let Some(entry) = next(&key, here, entries.len()).and_then(|at| entries.get(at)) {
        event.prevent_default();
        let _ = entry.focus();
    }
}

/// Which of so many entries a key leads to: round and round.
fn next(key: &str, here: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (key, here) {
        ("ArrowDown", None) | ("Home", Some(_)) => Some(0),
        ("ArrowUp", None | Some(0)) | ("End", Some(_)) => Some(last),
        ("ArrowDown", Some(at)) => Some(if at == last { 0 } else { at + 1 }),
        ("ArrowUp", Some(at)) => Some(at - 1),
        _ => None,
    }
}

/// The menu; `label` says of what. Entries are made by [`menu_act`], or are list items of their own.
pub fn menu(label: impl Into<String>, entries: Vec<AnyView>) -> AnyView {
    let label = label.into();
    opened(view! { <summary class="btn square" aria-label=label>{Icon::DOTS.svg()}</summary> }.into_any(), entries)
}

/// The same with words on its button, for acts of one kind: `Add`, with what can be added.
pub fn menu_named(label: &'static str, icon: Icon, class: &'static str, entries: Vec<AnyView>) -> AnyView {
    let button = view! { <summary class=class>{icon.svg()}{label}{Icon::CHEVRON_DOWN.svg()}</summary> };
    opened(button.into_any(), entries)
}

fn opened(button: AnyView, entries: Vec<AnyView>) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    view! {
        <details class="menu" name="page">
            {button}
            <div class="menu-panel"><ul role="list">{entries}</ul></div>
        </details>
    }
    .into_any()
}

/// An entry that opens the dialog of a [`Confirm`](super::Confirm) that has no button of its own.
pub fn menu_act(dialog: impl Into<String>, label: impl Into<String>, icon: Icon, danger: bool) -> AnyView {
    let (dialog, label, shell) = (dialog.into(), label.into(), Shell::get());
    let open = move |event: leptos::ev::MouseEvent| {
        if let Some(menu) = dom::closest(&event, MENU) {
            close(&menu);
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

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn keys_go_round_a_menu() {
        assert_eq!(next("ArrowDown", None, 3), Some(0));
        assert_eq!(next("ArrowDown", Some(2), 3), Some(0));
        assert_eq!((next("ArrowUp", None, 3), next("ArrowUp", Some(0), 3)), (Some(2), Some(2)));
        assert_eq!((next("Home", Some(2), 3), next("End", Some(0), 3)), (Some(0), Some(2)));
        assert_eq!((next("End", None, 3), next("ArrowDown", None, 0), next("x", Some(1), 3)), (None, None, None));
    }
}
