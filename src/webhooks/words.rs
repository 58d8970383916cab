//! What people call the records of webhooks, what is done to them, and the work behind it.

use super::DeliveryStatus;
use crate::audit::words::Area;
use crate::kernel::wording::titled;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[("webhook_endpoint", "Webhook"), ("webhook_delivery", "Webhook message")],
    values: &[("webhook_delivery", "status", titled!(DeliveryStatus))],
    actions: &[
        ("webhook_delivery.redelivered", "sent a webhook message again"),
        ("webhook_endpoint.created", "added the webhook {}"),
        ("webhook_endpoint.deleted", "deleted the webhook {}"),
        ("webhook_endpoint.given_up", "switched off the webhook {|that kept failing}"),
        ("webhook_endpoint.redelivered", "sent the failed messages of the webhook {} again"),
        ("webhook_endpoint.secret_rotated", "replaced the secret of the webhook {}"),
        ("webhook_endpoint.status_changed", "changed the status of the webhook {}"),
        ("webhook_endpoint.status_changed:active", "switched on the webhook {}"),
        ("webhook_endpoint.status_changed:disabled", "switched off the webhook {}"),
        ("webhook_endpoint.tested", "sent a test message to the webhook {}"),
        ("webhook_endpoint.updated", "changed <details>[ of the webhook {}]"),
    ],
    jobs: &[("webhook.deliver", "Deliver webhook"), ("webhook.sweep", "Clear old webhook deliveries")],
    listeners: &[("webhooks.fan_out", "Webhooks", "Queues messages to webhook endpoints")],
    ..Area::NONE
};
