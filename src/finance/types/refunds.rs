//! Money that goes back. [003 refunds]

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{PaymentId, RefundId};
use crate::access::wire;
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::Money;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::tickets::TicketId;

wire_enum! {
    /// Status of a refund.
    pub enum RefundStatus {
        /// Noted, and about to be sent to the provider.
        Requested "requested" "Requested",
        /// The provider has it.
        Processing "processing" "Processing",
        /// The money went back.
        Processed "processed" "Processed",
        /// The provider could not send it.
        Failed "failed" "Failed",
    }
}

impl RefundStatus {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            RefundStatus::Requested => "Requested",
            RefundStatus::Processing => "In progress",
            RefundStatus::Processed => "Sent",
            RefundStatus::Failed => "Failed",
        }
    }

    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: RefundStatus) -> Result<RefundStatus, Error> {
        use RefundStatus::{Failed, Processed, Processing, Requested};
        match (self, to) {
            (Requested, Processing)
            | (Requested | Processing, Processed | Failed)
            | (Failed, Requested | Processed) => Ok(to),
            _ => Err(is_now("refund", self.as_str())),
        }
    }
}

wire! {
    /// Money that goes back to who paid.
    pub struct Refund {
        pub id: RefundId,
        pub payment_id: PaymentId,
        pub amount: Money,
        pub reason: String,
        pub status: RefundStatus,
        /// Why the provider could not send it.
        pub failure_reason: Option<String>,
        /// Nobody where Eventify paid back by itself.
        pub requested_by_name: Option<String>,
        pub processed_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// Pays back.
    #[serde(deny_unknown_fields)]
    pub struct NewRefund {
        /// How much, in minor units; all that is left, or what the tickets cost, if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub amount_minor: Option<i64>,
        /// Which tickets it is for: they are void then. Paying all back voids every ticket of the order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_ids: Option<Vec<TicketId>>,
        /// The reason; sent to the guest if tickets are voided.
        pub reason: Reason,
    }
}
impl Validate for NewRefund {
    fn check(&self, errors: &mut FieldErrors) {
        if self.amount_minor.is_some_and(|minor| minor <= 0) {
            say(errors, "amount_minor", "must be more than 0");
        }
        if self.ticket_ids.as_ref().is_some_and(|ids| ids.is_empty() || ids.len() > 100) {
            say(errors, "ticket_ids", "must be 1 to 100 tickets");
        }
    }
}
