//! What webhooks tells the bus, and which of its records are audited.

use super::{WebhookDelivery, WebhookEndpoint, WebhookEndpointId};
use crate::kernel::audit::audited;
use crate::kernel::outbox::bus_events;

audited!(WebhookEndpoint "webhook_endpoint", WebhookDelivery "webhook_delivery");

bus_events! {
    "webhook_endpoint" endpoint_id: WebhookEndpointId;
    /// A webhook endpoint was created.
    EndpointCreated "webhook.endpoint_created" {}
    /// The URL, event types or secret of a webhook endpoint changed.
    EndpointChanged "webhook.endpoint_changed" {}
    /// A webhook endpoint was enabled.
    EndpointEnabled "webhook.endpoint_enabled" {}
    /// A webhook endpoint was disabled, by a team member or after failing for too long.
    EndpointDisabled "webhook.endpoint_disabled" { reason: String }
    /// A webhook endpoint was deleted.
    EndpointDeleted "webhook.endpoint_deleted" {}
}
