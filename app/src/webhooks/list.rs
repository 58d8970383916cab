//! The list of endpoints.

use eventify::kernel::page::Page;
use eventify::webhooks::operations::webhook_endpoint_list;
use eventify::webhooks::{EndpointStatus, WebhookEndpoint, WebhookEndpointFilter};
use leptos::prelude::*;

use super::{short, status_badge, status_title, told_of};
use crate::ui::{Column, Icon, ListQuery, Loading, PageHead, Table, at, loaded, own_zone};

/// The list.
pub fn webhooks() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), move |q| webhook_endpoint_list(filter(&q)));
    loaded(data, move |page, _| list(query.get_untracked(), page))
}

fn filter(q: &ListQuery) -> WebhookEndpointFilter {
    WebhookEndpointFilter { status: q.parsed("status"), cursor: q.text("cursor"), limit: q.parsed("limit") }
}

/// Why it is not as it should be, and since when.
fn why(endpoint: &WebhookEndpoint) -> Option<String> {
    let zone = own_zone();
    match (endpoint.status, endpoint.disabled_at, endpoint.failing_since) {
        (EndpointStatus::Disabled, Some(at), _) => {
            let since = format!("Since {}", zone.display_day(at));
            Some(endpoint.disabled_reason.as_ref().map_or(since.clone(), |reason| format!("{since}: {reason}")))
        }
        (EndpointStatus::Active, _, Some(at)) => Some(format!("Since {}", zone.display_here(at))),
        _ => None,
    }
}

fn new_button() -> AnyView {
    view! { <a class="btn primary" href="/webhooks/new">{Icon::PLUS.svg()}"New endpoint"</a> }.into_any()
}

fn list(query: ListQuery, page: Page<WebhookEndpoint>) -> AnyView {
    let statuses = EndpointStatus::ALL.iter().map(|s| (s.as_str().to_owned(), status_title(*s).to_owned())).collect();
    let nothing = "An endpoint is a URL of yours that receives events as they happen.";
    let wanted = filter(&query);
    let table = Table::new("Webhooks", query)
        .counts("endpoint", "endpoints")
        .csv("/webhooks/endpoints/export", &wanted)
        .select("status", "Any status", statuses)
        .column(Column::head("Endpoint", |e: &WebhookEndpoint| {
            let href = format!("/webhooks/{}", e.id);
            view! { <a href=href>{short(&e.url).to_owned()}</a><small>{e.description.clone()}</small> }.into_any()
        }))
        .column(Column::new("Status", |e: &WebhookEndpoint| {
            view! { {status_badge(e)}{why(e).map(|why| view! { <small>{why}</small> })} }.into_any()
        }))
        .column(Column::new("Events", |e: &WebhookEndpoint| {
            view! { <span title=e.event_types.join(", ")>{told_of(&e.event_types)}</span> }.into_any()
        }))
        .column(
            Column::new("Created", |e: &WebhookEndpoint| {
                let by = e.created_by_name.clone().map(|name| format!(" by {name}"));
                view! { {at(e.created_at)}{by} }.into_any()
            })
            .low(),
        )
        .empty("No endpoints yet", nothing, Some(new_button()))
        .page(page);
    let subtitle = "Send events to other systems as they happen.";
    view! { <div class="page"><PageHead title="Webhooks" subtitle=subtitle actions=new_button()/>{table}</div> }
        .into_any()
}
