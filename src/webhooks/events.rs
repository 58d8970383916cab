//! What webhooks tells the bus, and which of its records are audited.

use serde::Serialize;

use super::{WebhookDelivery, WebhookEndpoint, WebhookEndpointId};
use crate::kernel::audit::Audited;
use crate::kernel::outbox::{BusEvent, EventType};

impl Audited for WebhookEndpoint {
    const OBJECT: &'static str = "webhook_endpoint";
    fn audit_id(&self) -> String {
        self.id.to_string()
    }
}
impl Audited for WebhookDelivery {
    const OBJECT: &'static str = "webhook_delivery";
    fn audit_id(&self) -> String {
        self.id.to_string()
    }
}

macro_rules! webhook_event {
    ($(#[doc = $doc:literal] $name:ident $type:literal { $($field:ident: $field_type:ty),* })*) => {$(
        #[doc = $doc]
        #[derive(Serialize)]
        pub struct $name {
            pub endpoint_id: WebhookEndpointId,
            $(pub $field: $field_type,)*
        }
        impl BusEvent for $name {
            const TYPE: &'static str = $type;
            const AGGREGATE: &'static str = "webhook_endpoint";
            fn aggregate_id(&self) -> String {
                self.endpoint_id.to_string()
            }
        }
        inventory::submit!(EventType::of::<$name>($doc));
    )*};
}
webhook_event! {
    /// A webhook endpoint was made.
    EndpointCreated "webhook.endpoint_created" {}
    /// Address, event types or secret of a webhook endpoint changed.
    EndpointChanged "webhook.endpoint_changed" {}
    /// A webhook endpoint was enabled.
    EndpointEnabled "webhook.endpoint_enabled" {}
    /// A webhook endpoint was disabled, by a person or after failing for too long.
    EndpointDisabled "webhook.endpoint_disabled" { reason: String }
    /// A webhook endpoint was deleted.
    EndpointDeleted "webhook.endpoint_deleted" {}
}
