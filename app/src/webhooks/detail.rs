//! One endpoint: its log, or what it is.

use eventify::webhooks::WebhookEndpointId;
use leptos::prelude::*;

use super::data::{Asked, Data, Tab, fetch};
use super::{actions, log, notes, settings, short, status_badge};
use crate::ui::{ListQuery, Loading, PageHead, id_of_path, loaded, tabs};

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

fn page(data: Loading<Data>, query: ListQuery, record: Data, revealed: RwSignal<Option<String>>) -> AnyView {
    let Data { endpoint, types, tab } = record;
    let path = format!("/webhooks/{}", endpoint.id);
    let (key, body) = match tab {
        Tab::Log(page) => ("log", log::table(&endpoint, query, &types, page)),
        Tab::Settings => ("settings", settings::tab(&endpoint, &types)),
    };
    let strip = tabs("Endpoint", &path, key, &[("log", "Log", None), ("settings", "Settings", None)]);
    let crumbs = vec![("Webhooks".to_owned(), "/webhooks".to_owned())];
    let buttons = actions::of(data, &endpoint, revealed);
    let head = (short(&endpoint.url).to_owned(), endpoint.description.clone(), status_badge(&endpoint));
    view! {
        <div class="page">
            <PageHead title=head.0 crumbs=crumbs badge=head.2 subtitle=head.1 actions=buttons/>
            {move || revealed.get().map(|secret| notes::shown_once(secret, revealed))}
            {notes::standing(&endpoint)}
            {strip}
            {body}
        </div>
    }
    .into_any()
}
