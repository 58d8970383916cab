//! What partners are owed, paid out in batches. [000 Financials]

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{PayoutBatchId, PayoutId};
use crate::access::{StaffId, wire};
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::Limit;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::partners::PartnerId;

wire_enum! {
    /// Status of a payout batch.
    pub enum PayoutBatchStatus {
        /// Prepared; another person has to approve it.
        Draft "draft" "Draft",
        /// Approved: the money is set aside.
        Approved "approved" "Approved",
        /// The bank has it.
        Processing "processing" "Processing",
        /// Everybody is paid.
        Done "done" "Done",
        /// It was not approved.
        Discarded "discarded" "Discarded",
    }

    /// Status of a payout.
    pub enum PayoutStatus {
        /// To be paid.
        Pending "pending" "Pending",
        /// The bank has sent it.
        Paid "paid" "Paid",
        /// The bank could not send it.
        Failed "failed" "Failed",
    }

    /// Why a partner is not paid.
    pub enum PayoutExclusionReason {
        /// The partner is suspended.
        Suspended "suspended" "Suspended",
        /// The partner has not accepted the invitation.
        NotActive "not_active" "Not_Active",
        /// The partner's documents are not verified.
        NotVerified "not_verified" "Not_Verified",
        /// There is no verified bank account in this currency.
        NoBankAccount "no_bank_account" "No_Bank_Account",
        /// It is less than the batch's minimum.
        BelowMinimum "below_minimum" "Below_Minimum",
    }
}

impl PayoutBatchStatus {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            PayoutBatchStatus::Draft => "Needs approval",
            PayoutBatchStatus::Approved => "Approved",
            PayoutBatchStatus::Processing => "At the bank",
            PayoutBatchStatus::Done => "Paid",
            PayoutBatchStatus::Discarded => "Discarded",
        }
    }

    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: PayoutBatchStatus) -> Result<PayoutBatchStatus, Error> {
        use PayoutBatchStatus::{Approved, Discarded, Done, Draft, Processing};
        match (self, to) {
            (Draft, Approved | Discarded) | (Approved, Processing) | (Processing, Done) => Ok(to),
            _ => Err(is_now("batch", self.as_str())),
        }
    }
}

impl PayoutExclusionReason {
    /// What such partners are.
    pub fn in_words(self) -> &'static str {
        match self {
            PayoutExclusionReason::Suspended => "suspended",
            PayoutExclusionReason::NotActive => "not active yet",
            PayoutExclusionReason::NotVerified => "not verified",
            PayoutExclusionReason::NoBankAccount => "without a verified bank account",
            PayoutExclusionReason::BelowMinimum => "owed less than the minimum",
        }
    }
}

impl PayoutStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: PayoutStatus) -> Result<PayoutStatus, Error> {
        use PayoutStatus::{Failed, Paid, Pending};
        match (self, to) {
            (Pending, Paid | Failed) | (Failed, Pending) => Ok(to),
            _ => Err(is_now("payout", self.as_str())),
        }
    }
}

wire! {
    /// Payouts that are approved and sent together.
    pub struct PayoutBatch {
        pub id: PayoutBatchId,
        /// The reference of the batch.
        pub reference: String,
        pub status: PayoutBatchStatus,
        /// The sum of its payouts.
        pub amount: Money,
        /// Partners who are owed less wait.
        pub minimum: Money,
        /// How many partners it pays.
        pub payouts: i64,
        /// How many of those the bank could not pay.
        pub failed: i64,
        pub prepared_by: Option<StaffId>,
        pub prepared_by_name: Option<String>,
        pub approved_by_name: Option<String>,
        pub approved_at: Option<Timestamp>,
        pub processing_at: Option<Timestamp>,
        pub done_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// The payout of one partner.
    pub struct Payout {
        pub id: PayoutId,
        pub batch_id: PayoutBatchId,
        pub partner_id: PartnerId,
        pub partner_name: String,
        /// The account holder's name.
        pub holder_name: String,
        /// The last four digits of the account number.
        pub last_four: String,
        pub amount: Money,
        /// The bank's reference.
        pub end_to_end_id: String,
        pub status: PayoutStatus,
        /// Why the bank could not send it.
        pub failure_reason: Option<String>,
        pub paid_at: Option<Timestamp>,
    }

    /// A partner who is owed something and was left out.
    pub struct PayoutExclusion {
        pub partner_id: PartnerId,
        pub partner_name: String,
        /// The amount owed.
        pub amount: Money,
        pub reason: PayoutExclusionReason,
    }

    /// A batch with everybody in it, and who was left out.
    pub struct PayoutBatchDetail {
        pub batch: PayoutBatch,
        pub payouts: Vec<Payout>,
        pub left_out: Vec<PayoutExclusion>,
    }

    /// Filter and page of batches, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct PayoutFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<PayoutBatchStatus>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Prepares a batch.
    #[serde(deny_unknown_fields)]
    pub struct NewPayoutBatch {
        /// In which currency; the organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
        /// Partners who are owed less wait, in minor units; 1 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub minimum_minor: Option<i64>,
    }

    /// The bank's result of a payout.
    #[serde(deny_unknown_fields)]
    pub struct PayoutChange {
        /// `paid`, `failed`, or `pending` to try again.
        pub status: PayoutStatus,
        /// Needed where it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<Reason>,
    }
}

impl Validate for PayoutFilter {}
impl Validate for NewPayoutBatch {
    fn check(&self, errors: &mut FieldErrors) {
        if self.minimum_minor.is_some_and(|minor| minor <= 0) {
            say(errors, "minimum_minor", "must be more than 0");
        }
    }
}
impl Validate for PayoutChange {
    fn check(&self, errors: &mut FieldErrors) {
        if self.status == PayoutStatus::Failed && self.reason.is_none() {
            say(errors, "reason", "is required if it failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        use PayoutBatchStatus::*;
        let allowed = [(Draft, Approved), (Draft, Discarded), (Approved, Processing), (Processing, Done)];
        for from in PayoutBatchStatus::ALL {
            for to in PayoutBatchStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
        let allowed = [
            (PayoutStatus::Pending, PayoutStatus::Paid),
            (PayoutStatus::Pending, PayoutStatus::Failed),
            (PayoutStatus::Failed, PayoutStatus::Pending),
        ];
        for from in PayoutStatus::ALL {
            for to in PayoutStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
