//! One endpoint: its log, or what it is.

use eventify::Error;
use eventify::kernel::error::not_found;
use eventify::webhooks::operations::{webhook_delivery_list, webhook_endpoint_get, webhook_event_types};
use eventify::webhooks::{EVERY_EVENT, WebhookEndpoint, WebhookEndpointId, WebhookEventType};
use leptos::prelude::*;

use super::data::{Data, Tab};
use super::{actions, log, short, status_badge};
use crate::ui::{Facts, ListQuery, Loading, PageHead, Secret, Tone, at, card, id_of_path, loaded, note, tabs};

/// The page of one endpoint.
pub fn webhook() -> AnyView {
    let (id, query) = (id_of_path::<WebhookEndpointId>(), ListQuery::current());
    // Outside of what is loaded, so that loading it anew does not hide the secret.
    let revealed = RwSignal::new(None::<String>);
    // Not the path: going elsewhere must not ask once more for an endpoint that was just deleted.
    let asked = Memo::new(move |before: Option<&Asked>| match (before, id.get(), query.get()) {
        (_, Some(id), query) if query.path().ends_with(&id.to_string()) => Some((id, query)),
        (Some(before), ..) => before.clone(),
        (None, ..) => None,
    });
    let data = Loading::new(move || asked.get(), fetch);
    loaded(data, move |record, _| page(data, query.get_untracked(), record, revealed))
}

/// Which endpoint, and what of it.
type Asked = Option<(WebhookEndpointId, ListQuery)>;

async fn fetch(asked: Asked) -> Result<Data, Error> {
    let (id, query) = asked.ok_or_else(not_found)?;
    let endpoint = webhook_endpoint_get(id).await?;
    let types = webhook_event_types().await?.items;
    let tab = match query.text("tab").as_deref() {
        Some("settings") => Tab::Settings,
        _ => Tab::Log(webhook_delivery_list(log::filter(id, &query)).await?),
    };
    Ok(Data { endpoint, types, tab })
}

fn page(data: Loading<Data>, query: ListQuery, record: Data, revealed: RwSignal<Option<String>>) -> AnyView {
    let Data { endpoint, types, tab } = record;
    let path = format!("/webhooks/{}", endpoint.id);
    let (key, body) = match tab {
        Tab::Log(page) => ("log", log::table(&endpoint, query, &types, page)),
        Tab::Settings => ("settings", settings(&endpoint, &types)),
    };
    let strip = tabs("Endpoint", &path, key, &[("log", "Log", None), ("settings", "Settings", None)]);
    let crumbs = vec![("Webhooks".to_owned(), "/webhooks".to_owned())];
    let buttons = actions::of(data, &endpoint, revealed);
    let head = (short(&endpoint.url).to_owned(), endpoint.description.clone(), status_badge(&endpoint));
    view! {
        <div class="page">
            <PageHead title=head.0 crumbs=crumbs badge=head.2 subtitle=head.1 actions=buttons/>
            {move || revealed.get().map(|secret| shown_once(secret, revealed))}
            {standing(&endpoint)}
            {strip}
            {body}
        </div>
    }
    .into_any()
}

fn shown_once(secret: String, revealed: RwSignal<Option<String>>) -> AnyView {
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

fn standing(endpoint: &WebhookEndpoint) -> Option<AnyView> {
    if let Some(since) = endpoint.disabled_at {
        let why = endpoint.disabled_reason.clone().unwrap_or_default();
        let text = view! { <p>{why}" Since "{at(since)}" nothing is sent. Missed events can be sent later."</p> };
        return Some(note(Tone::Danger, "This endpoint is disabled", text, None));
    }
    let since = endpoint.failing_since?;
    let text = view! { <p>"No attempt has succeeded since "{at(since)}". After five days it is disabled."</p> };
    Some(note(Tone::Warning, "This endpoint is failing", text, None))
}

fn settings(endpoint: &WebhookEndpoint, types: &[WebhookEventType]) -> AnyView {
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
