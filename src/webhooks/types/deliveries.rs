//! The log of what was sent.

use operation::Validate;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::kernel::wire_enum::wire_enum;

use super::{WebhookDeliveryId, WebhookEndpointId};
use crate::access::wire;
use crate::kernel::error::{Result, invalid_transition};
use crate::kernel::page::Limit;
use crate::kernel::text::FilterWord;
use crate::kernel::timestamp::Timestamp;

wire_enum! {
    /// Status of a message.
    pub enum DeliveryStatus {
        /// Waits to be sent, or to be sent again.
        Pending "pending",
        /// The endpoint took it.
        Delivered "delivered",
        /// Failed after the last attempt.
        Failed "failed",
    }
}

impl DeliveryStatus {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "Waiting",
            DeliveryStatus::Delivered => "Delivered",
            DeliveryStatus::Failed => "Failed",
        }
    }

    /// Sent again by a person; 409 `invalid_transition` while it waits to be sent anyway. `lost` when its time
    /// has long come and nobody sent it, as its job was cancelled.
    pub fn again(self, lost: bool) -> Result<DeliveryStatus> {
        match self {
            DeliveryStatus::Pending if !lost => {
                Err(invalid_transition().detail("The message is already waiting to be sent."))
            }
            _ => Ok(DeliveryStatus::Pending),
        }
    }
}

wire! {
    /// One message to one endpoint.
    #[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
    pub struct WebhookDelivery {
        pub id: WebhookDeliveryId,
        pub endpoint_id: WebhookEndpointId,
        pub endpoint_url: String,
        /// The event's id on the bus; the header `webhook-id` is `msg_` and this.
        pub event_id: Uuid,
        #[serde(rename = "type")]
        pub event_type: String,
        /// When the event happened.
        pub event_at: Timestamp,
        /// It was sent to try the endpoint out.
        pub is_test: bool,
        pub status: DeliveryStatus,
        pub attempts: i32,
        pub next_attempt_at: Option<Timestamp>,
        pub delivered_at: Option<Timestamp>,
        /// HTTP status of the last answer.
        pub last_status: Option<i32>,
        /// The last error.
        pub last_error: Option<String>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// Filter and page of the log, newest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct WebhookDeliveryFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub endpoint_id: Option<WebhookEndpointId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<DeliveryStatus>,
        /// Only this type of event.
        #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
        pub event_type: Option<FilterWord>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// One attempt to send a message.
    #[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
    pub struct WebhookAttempt {
        pub number: i32,
        pub at: Timestamp,
        /// HTTP status, if there was an answer.
        pub status_code: Option<i32>,
        pub latency_ms: i32,
        /// The first 4 KiB of the answer.
        pub response_body: Option<String>,
        /// Why it does not count as delivered.
        pub error: Option<String>,
    }

    /// A message with what was sent and what came of it.
    pub struct WebhookDeliveryDetail {
        pub delivery: WebhookDelivery,
        /// The body that is sent; absent where the caller may not see events of this type.
        pub payload: Option<Value>,
        /// The newest first.
        pub attempts: Vec<WebhookAttempt>,
    }

    /// Sends what failed or was missed.
    #[serde(deny_unknown_fields)]
    pub struct RedeliverSince {
        /// Messages that were made, and events that were published, at or after this time.
        pub since: Timestamp,
    }

    /// What to resend.
    pub struct Redelivered {
        /// How many are now waiting to be sent; at most 500 per request, oldest first.
        pub queued: i64,
        /// There are more: call again.
        pub more: bool,
    }
}
impl Validate for WebhookDeliveryFilter {}
impl Validate for RedeliverSince {}

#[cfg(test)]
mod tests {
    use super::DeliveryStatus::{Delivered, Failed, Pending};

    #[test]
    fn what_waits_is_not_queued_twice() {
        assert!(Delivered.again(false).is_ok() && Failed.again(false).is_ok() && Pending.again(true).is_ok());
        assert!(Pending.again(false).is_err());
    }
}
