//! A guest's bank asks for money back. [002 E3.4]

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{DisputeId, EvidenceId, Journal, Payment, PaymentId, Refund};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::{Reason, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// Status of a dispute.
    pub enum DisputeStatus {
        /// The money is held; evidence can be submitted.
        Opened "opened" "Opened",
        /// The evidence is with the bank.
        UnderReview "under_review" "Under_Review",
        /// The money stays.
        Won "won" "Won",
        /// The money went back to the guest.
        Lost "lost" "Lost",
        /// The guest took it back.
        Withdrawn "withdrawn" "Withdrawn",
    }

    /// The outcome of a dispute.
    pub enum DisputeOutcome {
        /// The money stays.
        Won "won" "Won",
        /// The money goes back to the guest.
        Lost "lost" "Lost",
        /// The guest took it back.
        Withdrawn "withdrawn" "Withdrawn",
    }

    /// The type of evidence.
    pub enum EvidenceKind {
        /// Sales.
        Receipt "receipt" "Receipt",
        /// The messages between guest and organiser.
        Correspondence "correspondence" "Correspondence",
        /// That the guest was there.
        Attendance "attendance" "Attendance",
        /// The terms the guest agreed to.
        Terms "terms" "Terms",
        /// Anything else.
        Other "other" "Other",
    }
}

/// The form fields of an upload, besides the file.
#[cfg(feature = "ssr")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it says what the form looks like")]
pub struct EvidenceForm {
    /// The type of file.
    kind: EvidenceKind,
}

impl DisputeStatus {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            DisputeStatus::Opened => "Needs evidence",
            DisputeStatus::UnderReview => "Under review",
            DisputeStatus::Won => "Won",
            DisputeStatus::Lost => "Lost",
            DisputeStatus::Withdrawn => "Withdrawn",
        }
    }

    /// Those that are not decided yet.
    pub const OPEN: &'static [DisputeStatus] = &[DisputeStatus::Opened, DisputeStatus::UnderReview];

    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: DisputeStatus) -> Result<DisputeStatus, Error> {
        use DisputeStatus::{Lost, Opened, UnderReview, Withdrawn, Won};
        match (self, to) {
            (Opened, UnderReview) | (UnderReview, Won | Lost) | (Opened | UnderReview, Withdrawn) => Ok(to),
            _ => Err(is_now("dispute", self.as_str())),
        }
    }

    /// Whether it is not decided yet.
    pub fn is_open(self) -> bool {
        DisputeStatus::OPEN.contains(&self)
    }
}

impl From<DisputeOutcome> for DisputeStatus {
    fn from(outcome: DisputeOutcome) -> DisputeStatus {
        match outcome {
            DisputeOutcome::Won => DisputeStatus::Won,
            DisputeOutcome::Lost => DisputeStatus::Lost,
            DisputeOutcome::Withdrawn => DisputeStatus::Withdrawn,
        }
    }
}

wire! {
    /// A guest disputed a payment with their bank.
    pub struct Dispute {
        pub id: DisputeId,
        pub payment_id: PaymentId,
        pub order_reference: String,
        pub event_id: EventId,
        pub event_title: String,
        pub payer_name: Option<String>,
        /// The disputed amount, which is held until the dispute is decided.
        pub amount: Money,
        /// The reason given by the bank.
        pub reason: String,
        pub status: DisputeStatus,
        /// The provider's reference; absent if a team member opened it.
        pub provider_ref: Option<String>,
        /// Deadline for evidence.
        pub due_at: Timestamp,
        /// How many files of evidence there are.
        pub evidence: i64,
        pub opened_by_name: Option<String>,
        pub submitted_at: Option<Timestamp>,
        pub closed_at: Option<Timestamp>,
        /// Nobody where the provider said so.
        pub closed_by_name: Option<String>,
        /// The reason for the decision.
        pub note: Option<String>,
        pub created_at: Timestamp,
    }

    /// A file that speaks for the organiser.
    pub struct DisputeEvidence {
        pub id: EvidenceId,
        pub dispute_id: DisputeId,
        pub kind: EvidenceKind,
        pub file_name: String,
        /// As the file's own bytes say: PDF, PNG or JPEG.
        pub media_type: String,
        pub size_bytes: i64,
        pub added_by_name: Option<String>,
        pub created_at: Timestamp,
    }

    /// A dispute with everything that belongs to it.
    pub struct DisputeDetail {
        pub dispute: Dispute,
        pub payment: Payment,
        /// The files submitted, oldest first.
        pub evidence: Vec<DisputeEvidence>,
        /// Its ledger entries.
        pub journals: Vec<Journal>,
    }

    /// Filter and page of disputes, the one that is due first first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct DisputeFilter {
        /// The order's reference, or part of the payer's name, phone or email.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<DisputeStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub payment_id: Option<PaymentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// A dispute that the provider has not told us of by itself.
    #[serde(deny_unknown_fields)]
    pub struct NewDispute {
        /// The disputed amount, in minor units; all that is left of the payment if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub amount_minor: Option<i64>,
        /// The reason given by the bank.
        pub reason: Reason,
        /// Deadline for evidence.
        pub due_at: Timestamp,
    }

    /// The bank's decision.
    #[serde(deny_unknown_fields)]
    pub struct DisputeDecision {
        /// How it ended.
        pub outcome: DisputeOutcome,
        /// The reason, for later reference.
        pub note: Reason,
    }

    /// Payments that need attention: disputes by deadline, failed refunds, and held amounts.
    pub struct PaymentsAttention {
        /// Disputes that are not decided yet.
        pub disputes_open: i64,
        /// How many of those still need evidence with less than a day left, or none.
        pub disputes_due: i64,
        /// The amounts held until they are decided, one row per currency.
        pub held: Vec<Money>,
        /// The disputes that are due first.
        pub disputes: Vec<Dispute>,
        pub refunds_open: i64,
        pub refunds_failed: i64,
        /// The latest refunds that the provider could not send.
        pub failed_refunds: Vec<Refund>,
    }
}

impl Validate for DisputeFilter {}
impl Validate for DisputeDecision {}
impl Validate for NewDispute {
    fn check(&self, errors: &mut FieldErrors) {
        if self.amount_minor.is_some_and(|minor| minor <= 0) {
            say(errors, "amount_minor", "must be more than 0");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DisputeStatus::*;
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        let allowed = [
            (Opened, UnderReview),
            (UnderReview, Won),
            (UnderReview, Lost),
            (Opened, Withdrawn),
            (UnderReview, Withdrawn),
        ];
        for from in DisputeStatus::ALL {
            for to in DisputeStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
