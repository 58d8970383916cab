//! What an endpoint is, and what it is told of.

use eventify::webhooks::{EVERY_EVENT, WebhookEndpoint, WebhookEventType};
use leptos::prelude::*;

use crate::ui::{Facts, at, card};

/// The tab.
pub fn tab(endpoint: &WebhookEndpoint, types: &[WebhookEventType]) -> AnyView {
    let facts = Facts::new()
        .add("URL", view! { <span class="mono">{endpoint.url.clone()}</span> })
        .add("Description", Some(endpoint.description.clone()).filter(|d| !d.is_empty()).unwrap_or("None".into()))
        .maybe("Old secret signs until", endpoint.old_secret_until.map(at))
        .add("Created", at(endpoint.created_at))
        .maybe("Created by", endpoint.created_by_name.clone())
        .add("Changed", at(endpoint.updated_at))
        .id(endpoint.id);
    let told = if endpoint.event_types.iter().any(|kind| kind == EVERY_EVENT) {
        view! { <p>"Every event, including future types."</p> }.into_any()
    } else {
        let item = |kind: &String| {
            let means = types.iter().find(|event| event.kind == *kind).map(|event| event.description.clone());
            view! { <li><code>{kind.clone()}</code>" "{means}</li> }
        };
        view! { <ul>{endpoint.event_types.iter().map(item).collect_view()}</ul> }.into_any()
    };
    view! {
        <div class="detail">
            <div class="stack">{card("webhook-types", "Events to send", None, told)}</div>
            <aside aria-label="At a glance">{card("webhook-facts", "At a glance", None, facts.view())}</aside>
        </div>
    }
    .into_any()
}
