//! A guest's bank asks for money back. [002 E3.4]

use operation::{FieldErrors, Validate, say};
use serde::{Deserialize, Serialize};

use super::{DisputeId, EvidenceId, Journal, Payment, PaymentId, Refund};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::error::Error;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::{Reason, SearchText};
use crate::kernel::timestamp::Timestamp;
use crate::partners::words;

words! {
    /// Where a dispute stands.
    pub enum DisputeStatus {
        /// The money is held; evidence can be handed in.
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

    /// How a dispute ends.
    pub enum DisputeOutcome {
        /// The money stays.
        Won "won" "Won",
        /// The money goes back to the guest.
        Lost "lost" "Lost",
        /// The guest took it back.
        Withdrawn "withdrawn" "Withdrawn",
    }

    /// What evidence shows.
    pub enum EvidenceKind {
        /// What was sold.
        Receipt "receipt" "Receipt",
        /// What was written between guest and organiser.
        Correspondence "correspondence" "Correspondence",
        /// That the guest was there.
        Attendance "attendance" "Attendance",
        /// What the guest agreed to.
        Terms "terms" "Terms",
        /// Anything else.
        Other "other" "Other",
    }
}

/// What the form of an upload holds beside the file; read in `evidence`.
#[cfg(feature = "ssr")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it says what the form looks like")]
pub struct EvidenceForm {
    /// What the file shows.
    kind: EvidenceKind,
}

impl DisputeStatus {
    /// Those that are not decided yet.
    pub const OPEN: &'static [DisputeStatus] = &[DisputeStatus::Opened, DisputeStatus::UnderReview];

    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: DisputeStatus) -> Result<DisputeStatus, Error> {
        use DisputeStatus::{Lost, Opened, UnderReview, Withdrawn, Won};
        match (self, to) {
            (Opened, UnderReview) | (UnderReview, Won | Lost) | (Opened | UnderReview, Withdrawn) => Ok(to),
            _ => Err(Error::new("invalid_transition", 409, "That step is not possible from here")
                .detail(format!("The dispute is {} now.", self.word().replace('_', " ")))),
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
    /// A guest's bank asks for money back.
    pub struct Dispute {
        pub id: DisputeId,
        pub payment_id: PaymentId,
        pub order_reference: String,
        pub event_id: EventId,
        pub event_title: String,
        pub payer_name: Option<String>,
        /// What is asked for; it is held until the dispute is decided.
        pub amount: Money,
        /// Why, as the bank says.
        pub reason: String,
        pub status: DisputeStatus,
        /// What the provider calls it; absent where a colleague opened it.
        pub provider_ref: Option<String>,
        /// Until when evidence counts.
        pub due_at: Timestamp,
        /// How many files of evidence there are.
        pub evidence: i64,
        pub opened_by_name: Option<String>,
        pub submitted_at: Option<Timestamp>,
        pub closed_at: Option<Timestamp>,
        /// Nobody where the provider said so.
        pub closed_by_name: Option<String>,
        /// Why it was decided so.
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
        /// The files handed in, the first first.
        pub evidence: Vec<DisputeEvidence>,
        /// What of it stands in the ledger.
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
        /// How much is asked for, in minor units; all that is left of the payment if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub amount_minor: Option<i64>,
        /// Why, as the bank says.
        pub reason: Reason,
        /// Until when evidence counts.
        pub due_at: Timestamp,
    }

    /// What the bank has decided.
    #[serde(deny_unknown_fields)]
    pub struct DisputeDecision {
        /// How it ended.
        pub outcome: DisputeOutcome,
        /// Why, for whoever reads it later.
        pub note: Reason,
    }

    /// Payments that somebody has to look at: disputes by their deadlines, refunds that failed, and what is held.
    pub struct PaymentsAttention {
        /// Disputes that are not decided yet.
        pub disputes_open: i64,
        /// Of those, how many still lack evidence with less than a day left, or none.
        pub disputes_due: i64,
        /// What is held until they are decided, a line a currency.
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
