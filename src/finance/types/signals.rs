//! What looks wrong about payments, and what came of it.

use operation::Validate;
use serde::Serialize;

use super::{FraudSignalId, PaymentId};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::page::Limit;
use crate::kernel::text::Note;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// By which rule a signal was found.
    pub enum FraudRule {
        /// Payment after payment of one person fails, as when stolen cards are tried out.
        ManyFailures "many_failures" "Many_Failures",
        /// One person pays many times within an hour.
        ManyPayments "many_payments" "Many_Payments",
        /// One person is paid back again and again.
        ManyRefunds "many_refunds" "Many_Refunds",
        /// Banks ask back more than one payment of one person.
        ManyDisputes "many_disputes" "Many_Disputes",
        /// A host pays for the host's own event.
        OwnEvent "own_event" "Own_Event",
    }

    /// The outcome of a fraud signal.
    pub enum FraudOutcome {
        /// Nothing was wrong.
        Dismissed "dismissed" "Dismissed",
        /// Something was wrong.
        Confirmed "confirmed" "Confirmed",
    }
}

impl FraudRule {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            FraudRule::ManyFailures => "Many failed payments",
            FraudRule::ManyPayments => "Many payments at once",
            FraudRule::ManyRefunds => "Many refunds",
            FraudRule::ManyDisputes => "Several disputes",
            FraudRule::OwnEvent => "Paid for an own event",
        }
    }

    /// From how many payments, refunds or disputes on it is told.
    pub fn threshold(self) -> i64 {
        match self {
            FraudRule::ManyFailures => 5,
            FraudRule::ManyPayments => 6,
            FraudRule::ManyRefunds => 3,
            FraudRule::ManyDisputes => 2,
            FraudRule::OwnEvent => 1,
        }
    }

    /// How far back it looks.
    pub fn within(self) -> time::Duration {
        match self {
            FraudRule::ManyFailures | FraudRule::ManyPayments => time::Duration::HOUR,
            FraudRule::ManyRefunds => time::Duration::days(30),
            FraudRule::ManyDisputes | FraudRule::OwnEvent => time::Duration::days(180),
        }
    }
}

wire! {
    /// Something unusual about a person's payments that should be checked.
    pub struct FraudSignal {
        pub id: FraudSignalId,
        pub rule: FraudRule,
        pub user_id: EndUserId,
        pub user_name: Option<String>,
        /// The payment at which it was found last.
        pub payment_id: PaymentId,
        pub order_reference: String,
        pub event_id: EventId,
        pub event_title: String,
        /// How many payments, refunds or disputes it is based on.
        pub evidence: i32,
        /// The outcome; absent while it is open.
        pub outcome: Option<FraudOutcome>,
        pub resolved_at: Option<Timestamp>,
        pub resolved_by_name: Option<String>,
        /// The finding.
        pub note: Option<String>,
        pub created_at: Timestamp,
    }

    /// Filter and page of fraud signals, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct FraudSignalFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rule: Option<FraudRule>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        /// Include resolved ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub resolved: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The outcome of a fraud signal.
    #[serde(deny_unknown_fields)]
    pub struct FraudResolution {
        pub outcome: FraudOutcome,
        /// The finding.
        pub note: Note,
    }
}

impl Validate for FraudSignalFilter {}
impl Validate for FraudResolution {
    fn check(&self, errors: &mut operation::FieldErrors) {
        if self.note.as_str().trim().is_empty() {
            operation::say(errors, "note", "is required");
        }
    }
}
