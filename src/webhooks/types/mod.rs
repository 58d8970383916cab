//! What webhooks sends and takes, on both sides of the wire.

use crate::id_type;
use crate::text_type;

mod deliveries;
mod endpoints;

pub use deliveries::*;
pub use endpoints::*;

id_type! {
    /// A webhook endpoint.
    WebhookEndpointId,
    /// One message to one endpoint.
    WebhookDeliveryId,
}

/// The word for every event there is, those to come as well.
pub const EVERY_EVENT: &str = "*";
/// The type of a test message; nobody needs to subscribe to it.
pub const TEST_EVENT: &str = "webhook.test";

fn kind_rule(text: String) -> Result<String, String> {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if text == EVERY_EVENT || (text.contains('.') && text.split('.').all(word)) {
        Ok(text)
    } else {
        Err("must be an event type such as partner.created, or * for every event".to_owned())
    }
}

text_type! {
    /// The type of an event, or `*` for every one.
    EventKind(1, 100, "partner.created", kind_rule),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_types_are_looked_at() {
        for good in ["*", "partner.created", "admin.action.logged", " role.changed "] {
            assert!(EventKind::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "partner", "partner.", ".x", "Partner.created", "partner.*", "**"] {
            assert!(EventKind::parse(bad).is_err(), "{bad}");
        }
    }
}
