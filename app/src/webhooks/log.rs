//! What was sent to an endpoint.

use eventify::kernel::page::Page;
use eventify::webhooks::{
    DeliveryStatus, TEST_EVENT, WebhookDelivery, WebhookDeliveryFilter, WebhookEndpoint, WebhookEndpointId,
    WebhookEventType,
};
use leptos::prelude::*;

use super::delivery_badge;
use crate::ui::{Column, ListQuery, Table, at};

/// What the URL asks for.
pub fn filter(endpoint: WebhookEndpointId, q: &ListQuery) -> WebhookDeliveryFilter {
    WebhookDeliveryFilter {
        endpoint_id: Some(endpoint),
        status: q.parsed("status"),
        event_type: q.parsed("type"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// The log.
pub fn table(
    endpoint: &WebhookEndpoint,
    query: ListQuery,
    types: &[WebhookEventType],
    page: Page<WebhookDelivery>,
) -> AnyView {
    let statuses = DeliveryStatus::ALL.iter().map(|s| (s.as_str().to_owned(), s.title().to_owned())).collect();
    let test = (TEST_EVENT.to_owned(), TEST_EVENT.to_owned());
    let kinds = types.iter().map(|event| (event.kind.clone(), event.kind.clone())).chain([test]).collect();
    let base = format!("/webhooks/{}/deliveries", endpoint.id);
    let name = move |d: &WebhookDelivery| {
        view! { <a href=format!("{base}/{}", d.id)>{d.event_type.clone()}</a><small>{at(d.created_at)}</small> }
            .into_any()
    };
    let answer = |d: &WebhookDelivery| match (d.last_status, d.last_error.clone()) {
        (_, Some(error)) => view! { <span class="muted">{error}</span> }.into_any(),
        (Some(status), None) => format!("Answered {status}").into_any(),
        (None, None) => view! { <span class="muted">"None yet"</span> }.into_any(),
    };
    let next = |d: &WebhookDelivery| match (d.next_attempt_at, d.delivered_at) {
        (Some(next), _) => view! { "Next attempt "{at(next)} }.into_any(),
        (None, Some(delivered)) => at(delivered),
        (None, None) => view! { <span class="muted">"Not delivered"</span> }.into_any(),
    };
    let wanted = filter(endpoint.id, &query);
    Table::new("Messages", query)
        .counts("message", "messages")
        .csv("/webhooks/deliveries/export", &wanted)
        .select("status", "Any status", statuses)
        .select("type", "Any type", kinds)
        .column(Column::head("Event", name))
        .column(Column::new("Status", |d: &WebhookDelivery| delivery_badge(d.status)))
        .column(Column::new("Last response", answer))
        .column(Column::new("Attempts", |d: &WebhookDelivery| d.attempts.to_string().into_any()).number())
        .column(Column::new("Delivered", next).low())
        .empty("No messages yet", "Messages are kept here for 30 days. Send a test to see it work.", None)
        .page(page)
}
