//! What is shown once, to be copied.

use leptos::prelude::*;

use super::{Icon, Shell, Toasts, dom};

/// Copies its text.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What the button says.
    #[prop(default = "Copy")]
    label: &'static str,
) -> impl IntoView {
    let (copied, toasts, shell) = (RwSignal::new(false), Toasts::get(), Shell::get());
    let copy = move |_| {
        dom::copy(&text, move |ok| {
            if ok {
                let _ = copied.try_set(true);
                toasts.done("Copied");
            } else {
                toasts.push(super::Tone::Warning, "Not copied".into(), "Select the text and copy it by hand.".into());
            }
        });
    };
    view! {
        <button class="btn small" type="button" disabled=move || !shell.alive.get() on:click=copy>
            {Icon::COPY.svg()}
            {move || if copied.get() { "Copied" } else { label }}
        </button>
    }
}

/// A secret with its button.
#[component]
pub fn Secret(
    /// The secret.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <div class="secret"><code>{text.clone()}</code><CopyButton text=text/></div> }
}

/// One-time codes with a button for all of them.
#[component]
pub fn Codes(
    /// The codes.
    codes: Vec<String>,
) -> impl IntoView {
    let all = codes.join("\n");
    let items = codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view();
    view! {
        <ol class="codes">{items}</ol>
        <div class="row"><CopyButton text=all label="Copy all"/></div>
    }
}
