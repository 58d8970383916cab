//! What the page of one endpoint is made of.

use eventify::Error;
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::webhooks::operations::{webhook_delivery_list, webhook_endpoint_get, webhook_event_types};
use eventify::webhooks::{WebhookDelivery, WebhookEndpoint, WebhookEndpointId, WebhookEventType};

use super::log;
use crate::ui::ListQuery;

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

/// Which endpoint, and what of it.
pub type Asked = Option<(WebhookEndpointId, ListQuery)>;

/// Reads what the URL asks for.
pub async fn fetch(asked: Asked) -> Result<Data, Error> {
    let (id, query) = asked.ok_or_else(not_found)?;
    let endpoint = webhook_endpoint_get(id).await?;
    let types = webhook_event_types().await?.items;
    let tab = match query.text("tab").as_deref() {
        Some("settings") => Tab::Settings,
        _ => Tab::Log(webhook_delivery_list(log::filter(id, &query)).await?),
    };
    Ok(Data { endpoint, types, tab })
}
