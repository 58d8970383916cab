//! Where messages go.

use std::collections::BTreeSet;

use operation::{FieldErrors, Validate};
use serde::Serialize;

use crate::kernel::wire_enum::wire_enum;

use super::{EVERY_EVENT, EventKind, WebhookEndpointId};
use crate::access::wire;
use crate::kernel::error::{Result, invalid_transition};
use crate::kernel::page::Limit;
use crate::kernel::permissions::Permission;
use crate::kernel::sets::{distinct, distinct_if_any};
use crate::kernel::text::EndpointUrl;
use crate::kernel::text::{Note, Reason};
use crate::kernel::timestamp::Timestamp;

wire_enum! {
    /// Whether messages are sent to an endpoint.
    pub enum EndpointStatus {
        /// Messages are sent.
        Active "active",
        /// No messages are sent; missed events can be sent later.
        Disabled "disabled",
    }
}

impl EndpointStatus {
    /// Where a change leads; 409 `invalid_transition` where it is there already.
    pub fn next(self, to: EndpointStatus) -> Result<EndpointStatus> {
        if self == to {
            return Err(invalid_transition().detail(format!("The endpoint is {} already.", self.as_str())));
        }
        Ok(to)
    }
}

wire! {
    /// A webhook endpoint, without its secret.
    #[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
    pub struct WebhookEndpoint {
        pub id: WebhookEndpointId,
        pub url: String,
        pub description: String,
        /// The event types it receives; `*` alone means every event.
        pub event_types: Vec<String>,
        pub status: EndpointStatus,
        pub disabled_at: Option<Timestamp>,
        pub disabled_reason: Option<String>,
        /// No attempt has succeeded since the one at this time failed.
        pub failing_since: Option<Timestamp>,
        /// Until then, messages are also signed with the previous secret.
        pub old_secret_until: Option<Timestamp>,
        pub created_by_name: Option<String>,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Filter and page of the list of endpoints, newest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct WebhookEndpointFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<EndpointStatus>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// A new endpoint.
    #[serde(deny_unknown_fields)]
    pub struct NewWebhookEndpoint {
        /// https, and on the public internet.
        pub url: EndpointUrl,
        /// The owner and purpose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        /// The events to send: types, or `*` for every event.
        #[serde(deserialize_with = "distinct")]
        pub event_types: BTreeSet<EventKind>,
    }

    /// An endpoint with its secret: the only time this one is shown.
    pub struct WebhookEndpointSecret {
        pub endpoint: WebhookEndpoint,
        /// The signing secret of the messages.
        pub secret: String,
    }

    /// Changes to an endpoint.
    #[serde(deny_unknown_fields)]
    pub struct WebhookEndpointPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub url: Option<EndpointUrl>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "distinct_if_any")]
        pub event_types: Option<BTreeSet<EventKind>>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// Enables or disables an endpoint.
    #[serde(deny_unknown_fields)]
    pub struct WebhookStatusChange {
        pub status: EndpointStatus,
        /// Why it is disabled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
        /// As read, where the caller wants to be sure; a stale one gets 409.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub version: Option<i64>,
    }

    /// A type of event that endpoints can be told of.
    pub struct WebhookEventType {
        #[serde(rename = "type")]
        pub kind: String,
        /// What has happened.
        pub description: String,
        /// The permission needed to receive it, also by an endpoint.
        pub permission: Permission,
    }
}

/// Something is chosen, and not every event beside some of them.
fn some_or_all(errors: &mut FieldErrors, types: &BTreeSet<EventKind>) {
    let message = match types.len() {
        0 => "choose at least one event type",
        1 => return,
        _ if types.iter().all(|kind| kind.as_str() != EVERY_EVENT) => return,
        _ => "must be * alone, or types without it",
    };
    errors.entry("event_types".to_owned()).or_default().push(message.to_owned());
}

impl Validate for WebhookEndpointFilter {}
impl Validate for NewWebhookEndpoint {
    fn check(&self, errors: &mut FieldErrors) {
        some_or_all(errors, &self.event_types);
    }
}
impl Validate for WebhookEndpointPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if let Some(types) = &self.event_types {
            some_or_all(errors, types);
        }
        if self.url.is_none() && self.description.is_none() && self.event_types.is_none() {
            errors.entry("url".to_owned()).or_default().push("change at least one field".to_owned());
        }
    }
}
impl Validate for WebhookStatusChange {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_stands_alone() {
        let fault = |types: &[&str]| {
            let types = types.iter().map(|kind| EventKind::parse(kind).unwrap()).collect();
            let mut errors = FieldErrors::new();
            some_or_all(&mut errors, &types);
            !errors.is_empty()
        };
        assert!(!fault(&["*"]) && !fault(&["role.changed"]) && !fault(&["role.changed", "staff.joined"]));
        assert!(fault(&[]) && fault(&["*", "role.changed"]));
    }

    #[test]
    fn an_endpoint_is_not_set_to_what_it_is() {
        use EndpointStatus::{Active, Disabled};
        assert_eq!(Active.next(Disabled).unwrap(), Disabled);
        assert_eq!(Disabled.next(Active).unwrap(), Active);
        assert!(Active.next(Active).is_err() && Disabled.next(Disabled).is_err());
    }
}
