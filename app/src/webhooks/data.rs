//! What the page of one endpoint is made of.

use eventify::kernel::page::Page;
use eventify::webhooks::{WebhookDelivery, WebhookEndpoint, WebhookEventType};

/// An endpoint and one tab.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    pub endpoint: WebhookEndpoint,
    pub types: Vec<WebhookEventType>,
    pub tab: Tab,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    Log(Page<WebhookDelivery>),
    Settings,
}
