//! Every key there is, on one sheet. `?` opens it, and so does the account's menu.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::ui::{Icon, dom, plain_key};

const DIALOG: &str = "shortcuts";

/// Keys, and what they do.
type Line = (&'static [&'static str], &'static str);

/// Keys and what they do, by where they work. Keys of one line all do it.
const SHEET: &[(&str, &[Line])] = &[
    (
        "Everywhere",
        &[
            (&["Ctrl K", "⌘ K"], "Search, open a page or act"),
            (&["?"], "Show this list"),
            (&["Esc"], "Close a dialog or menu"),
            (&["↑", "↓", "Home", "End"], "Move through an open menu"),
        ],
    ),
    (
        "Lists",
        &[
            (&["/"], "Search the list"),
            (&["J", "↓"], "Next row"),
            (&["K", "↑"], "Previous row"),
            (&["Enter"], "Open the row"),
            (&["X"], "Select the row, where rows can be selected"),
        ],
    ),
    ("Guest panel", &[(&["J"], "Next guest"), (&["K"], "Previous guest"), (&["Esc"], "Close the panel")]),
    (
        "Planning board",
        &[
            (&["←", "→"], "Next or previous bar of the lane"),
            (&["↑", "↓"], "Lane above or below"),
            (&["M"], "Move the bar; then arrows by 5 minutes, with Shift by 30, with Alt its end"),
            (&["Enter"], "Open the bar, or keep where it was moved"),
            (&["N"], "Add to the lane"),
            (&["Del"], "Remove the bar"),
            (&["C"], "Next clash"),
            (&["T"], "Go to now"),
            (&["Ctrl Z", "Ctrl Shift Z"], "Undo, redo"),
        ],
    ),
    (
        "Calendar",
        &[
            (&["←", "→"], "Previous or next event"),
            (&["Enter"], "Open its plan, or ask to move it here"),
            (&["M"], "Move the event; then arrows by a day or to another venue, with Shift by a week"),
        ],
    ),
    ("Records", &[(&["["], "Previous in the list it was opened from"), (&["]"], "Next in that list")]),
    (
        "Document review",
        &[(&["N"], "Next document"), (&["P"], "Previous document"), (&["A"], "Approve"), (&["R"], "Reject")],
    ),
];

/// Opens the sheet.
pub fn open() {
    dom::dialog(DIALOG, true);
}

/// The sheet, closed, and its key.
pub fn sheet() -> AnyView {
    Effect::new(move |_| {
        dom::on_document("keydown", |event| {
            if event.dyn_ref::<KeyboardEvent>().and_then(plain_key).as_deref() == Some("?") {
                event.prevent_default();
                open();
            }
        });
    });
    let groups = SHEET.iter().map(|(place, lines)| {
        let lines = lines.iter().map(|(keys, does)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
            view! { <div><dt>{keys}</dt><dd>{*does}</dd></div> }
        });
        view! { <section><h3>{*place}</h3><dl class="facts">{lines.collect_view()}</dl></section> }
    });
    let groups = groups.collect_view();
    view! {
        <dialog class="dialog wide" id=DIALOG aria-labelledby="shortcuts-title">
            <div class="dialog-head">
                <h2 id="shortcuts-title">"Keyboard shortcuts"</h2>
                <button class="btn square quiet" type="button" aria-label="Close" on:click=|_| dom::dialog(DIALOG, false)>
                    {Icon::X.svg()}
                </button>
            </div>
            <div class="dialog-body shortcuts">{groups}</div>
        </dialog>
    }
    .into_any()
}
