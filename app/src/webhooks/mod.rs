//! Webhooks: where events are sent, and what came of it.

mod actions;
mod data;
mod delivery;
mod detail;
mod edit;
mod list;
mod log;
mod notes;
mod settings;

use eventify::webhooks::{DeliveryStatus, EVERY_EVENT, EndpointStatus, WebhookEndpoint};
use leptos::prelude::*;

use crate::ui::{Tone, badge};
use delivery::webhook_delivery;
use detail::webhook;
use edit::{webhook_edit, webhook_new};
use list::webhooks;

crate::ui::bundles! {
    webhooks: webhooks, webhook, webhook_new, webhook_edit, webhook_delivery;
}

fn status_title(status: EndpointStatus) -> &'static str {
    match status {
        EndpointStatus::Active => "Active",
        EndpointStatus::Disabled => "Disabled",
    }
}

/// Whether it is sent to, and whether that works.
fn status_badge(endpoint: &WebhookEndpoint) -> AnyView {
    match (endpoint.status, endpoint.failing_since) {
        (EndpointStatus::Disabled, _) => badge(Tone::Neutral, "Disabled"),
        (EndpointStatus::Active, Some(_)) => badge(Tone::Warning, "Failing"),
        (EndpointStatus::Active, None) => badge(Tone::Success, "Active"),
    }
}

fn delivery_badge(status: DeliveryStatus) -> AnyView {
    let tone = match status {
        DeliveryStatus::Pending => Tone::Info,
        DeliveryStatus::Delivered => Tone::Success,
        DeliveryStatus::Failed => Tone::Danger,
    };
    badge(tone, status.title())
}

/// An address without what all of them begin with.
fn short(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

/// What an endpoint is told of, in a few words: the first two, and how many more.
fn told_of(types: &[String]) -> String {
    match types {
        [one] if one == EVERY_EVENT => "Every event".to_owned(),
        [first, second, _, ..] => format!("{first}, {second} and {} more", types.len() - 2),
        few => few.join(", "),
    }
}
