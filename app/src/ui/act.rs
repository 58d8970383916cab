//! Buttons that do something: at once, or after a question.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use serde_json::{Map, Value};

use super::form::Typed;
use super::{Form, Icon, Shell, Submit, Toasts, dom};

/// A button that does something harmless at once. Made with [`submit`](super::submit) over
/// [`Nothing`](super::Nothing).
#[component]
pub fn Act(
    /// What the button says.
    label: &'static str,
    /// Its icon.
    icon: Icon,
    /// What it does.
    run: Submit,
    /// Its classes.
    #[prop(default = "btn")]
    class: &'static str,
) -> impl IntoView {
    let (busy, toasts, shell) = (RwSignal::new(false), Toasts::get(), Shell::get());
    let click = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let answer = run(Map::new());
        spawn_local(async move {
            let answer = answer.await;
            let _ = busy.try_set(false);
            let failure = format!("Couldn't {}", label.to_lowercase());
            match answer {
                Ok(()) => toasts.settled(&failure),
                Err(error) => toasts.failed(&failure, &error),
            }
        });
    };
    view! {
        <button
            class=class
            type="button"
            disabled=move || !shell.alive.get()
            aria-busy=move || busy.get().then_some("true")
            on:click=click
        >
            {icon.svg()}
            {label}
        </button>
    }
}

/// A button that asks before it acts: a dialog that names the thing and says what follows. The
/// children stand in the dialog: text, and fields where the act needs a reason or a choice. It opens
/// fresh each time: what was typed for the one before would be taken for this one.
#[component]
pub fn Confirm(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What the button says.
    label: &'static str,
    /// Its icon.
    icon: Icon,
    /// The question, naming the thing.
    #[prop(into)]
    title: String,
    /// What the button in the dialog says.
    confirm: &'static str,
    /// What the button that leaves all as it is says.
    #[prop(default = "Cancel")]
    keep: &'static str,
    /// What it does.
    run: Submit,
    /// Fields that nobody edits.
    #[prop(default = Value::Null)]
    extra: Value,
    /// Classes of the button that opens the dialog.
    #[prop(default = "btn")]
    class: &'static str,
    /// It takes something away.
    #[prop(default = true)]
    danger: bool,
    /// What must be typed first, where the act cannot be undone.
    #[prop(optional, into)]
    typed: Option<String>,
    /// In a row of a list, where the word alone says enough: the button is small, and this is its accessible name.
    #[prop(optional, into)]
    in_row: Option<String>,
    /// Without a button of its own: an entry of a menu opens it (see [`menu_act`](super::menu_act)).
    #[prop(optional)]
    in_menu: bool,
    /// Text and fields.
    children: Children,
) -> impl IntoView {
    let shell = Shell::get();
    let dialog = format!("{id}-dialog");
    let heading = format!("{dialog}-title");
    let opens = id.clone();
    opens_by_address(id.clone());
    let (shown, inner, named) = (dialog.clone(), dialog.clone(), heading.clone());
    let close = {
        let dialog = dialog.clone();
        move |_| dom::dialog(&dialog, false)
    };
    let run = closing(dialog.clone(), run);
    let class = if in_row.is_some() { "btn quiet small" } else { class };
    let button = (!in_menu).then(|| {
        view! {
            <button class=class type="button" aria-label=in_row aria-haspopup="dialog" disabled=move || !shell.alive.get() on:click=move |_| open_dialog(&opens)>
                {icon.svg()}
                {label}
            </button>
        }
    });
    view! {
        {button}
        <dialog class="dialog" id=shown aria-labelledby=named>
            <div class="dialog-head">
                <h2 id=heading>{title}</h2>
                <button class="btn square quiet" type="button" aria-label="Close" on:click=close>{Icon::X.svg()}</button>
            </div>
            <Form id=id submit=run label=confirm extra=extra guarded=false danger=danger dialog=inner keep=keep>
                {children()}
                {typed.map(|name| view! { <Typed name=name/> })}
            </Form>
        </dialog>
    }
}

/// A button that opens the dialog of a [`Confirm`] elsewhere on the page: what to do next, where a list is empty.
pub fn opens_dialog(id: &'static str, label: &'static str, icon: Icon) -> AnyView {
    let shell = Shell::get();
    view! {
        <button class="btn primary" type="button" aria-haspopup="dialog" disabled=move || !shell.alive.get() on:click=move |_| open_dialog(id)>
            {icon.svg()}
            {label}
        </button>
    }
    .into_any()
}

/// Opens the dialog of the [`Confirm`] with this id, fresh.
pub fn open_dialog(id: &str) {
    dom::reset(id);
    dom::dialog(&format!("{id}-dialog"), true);
}

/// An address that ends in `#` and the name of a dialog opens it, once.
fn opens_by_address(id: String) {
    let hash = use_location().hash;
    Effect::new(move |_| {
        hash.track();
        let id = id.clone();
        // The dialog may be on its way into the page just now.
        request_animation_frame(move || {
            if dom::take_fragment(&id) {
                open_dialog(&id);
            }
        });
    });
}

/// The same act, closing the dialog once it is done.
fn closing(dialog: String, run: Submit) -> Submit {
    Arc::new(move |fields| {
        let (answer, dialog) = (run(fields), dialog.clone());
        Box::pin(async move {
            answer.await?;
            dom::dialog(&dialog, false);
            Ok(())
        })
    })
}
