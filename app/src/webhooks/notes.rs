//! What the page of an endpoint says first: a new secret, or that nothing arrives.

use eventify::webhooks::WebhookEndpoint;
use leptos::prelude::*;

use crate::ui::{Secret, Tone, at, note};

/// The new secret, until it is said to be kept.
pub fn shown_once(secret: String, revealed: RwSignal<Option<String>>) -> AnyView {
    let text = "It is shown only once. For 24 hours messages are signed with the old secret as well.";
    view! {
        {note(Tone::Warning, "Copy the new secret now", text, None)}
        <Secret text=secret/>
        <div class="row">
            <button class="btn primary" type="button" on:click=move |_| revealed.set(None)>"Done, I've saved it"</button>
        </div>
    }
    .into_any()
}

/// That it is disabled, or why it soon will be.
pub fn standing(endpoint: &WebhookEndpoint) -> Option<AnyView> {
    if let Some(since) = endpoint.disabled_at {
        let why = endpoint.disabled_reason.clone().unwrap_or_default();
        let text = view! { <p>{why}" Since "{at(since)}" nothing is sent. Missed events can be sent later."</p> };
        return Some(note(Tone::Danger, "This endpoint is disabled", text, None));
    }
    let since = endpoint.failing_since?;
    let text = view! { <p>"No attempt has succeeded since "{at(since)}". After five days it is disabled."</p> };
    Some(note(Tone::Warning, "This endpoint is failing", text, None))
}
