//! What providers say they have sent to our bank, and what of it does not agree with our books.

use operation::Validate;
use serde::Serialize;

use super::{JournalId, PaymentId, ProviderName, SettlementId, SettlementLineId};
use crate::access::wire;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::text::Note;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// The type of a settlement line.
    pub enum SettlementKind {
        /// A guest paid.
        Payment "payment" "Payment",
        /// Money went back to a guest.
        Refund "refund" "Refund",
        /// Money went by a dispute that was lost, or came back from one.
        Dispute "dispute" "Dispute",
    }

    /// Why a settlement line does not match the ledger.
    pub enum SettlementException {
        /// We know of no such payment, refund or lost dispute.
        Unknown "unknown" "Unknown",
        /// The amount differs.
        AmountDiffers "amount_differs" "Amount_Differs",
        /// It was settled before.
        SettledTwice "settled_twice" "Settled_Twice",
        /// A payment came long ago, and no report names it.
        Missing "missing" "Missing",
    }
}

wire! {
    /// Money that a provider sent to our bank at once.
    pub struct Settlement {
        pub id: SettlementId,
        pub provider: ProviderName,
        /// The provider's ID.
        pub reference: String,
        /// The day the money was sent, such as `2026-11-24`.
        pub settled_on: String,
        /// Payments less refunds and lost disputes.
        pub amount: Money,
        /// The provider's fee.
        pub fee: Money,
        /// The amount paid into the bank.
        pub net: Money,
        pub lines: i64,
        /// Lines that do not agree with our books and are not resolved.
        pub exceptions: i64,
        /// Its ledger postings.
        pub journal_id: JournalId,
        pub imported_by_name: Option<String>,
        pub created_at: Timestamp,
    }

    /// A line of a settlement that does not agree with our books, or a payment that no settlement names.
    pub struct SettlementIssue {
        pub id: SettlementLineId,
        /// None where no settlement names the payment.
        pub settlement_id: Option<SettlementId>,
        pub settlement_reference: Option<String>,
        pub provider: ProviderName,
        pub kind: SettlementKind,
        /// The provider's name of the payment.
        pub reference: String,
        pub amount: Money,
        pub exception: SettlementException,
        /// The amount in the ledger, if it differs.
        pub expected: Option<Money>,
        /// The payment it is about, where it is known.
        pub payment_id: Option<PaymentId>,
        pub order_reference: Option<String>,
        pub payer_name: Option<String>,
        pub event_title: Option<String>,
        pub resolved_at: Option<Timestamp>,
        pub resolved_by_name: Option<String>,
        /// How it was resolved.
        pub note: Option<String>,
        pub created_at: Timestamp,
    }

    /// Filter and page of settlements, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct SettlementFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub provider: Option<ProviderName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Filter and page of exceptions, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct SettlementIssueFilter {
        /// Include resolved ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub resolved: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The provider of the report.
    #[serde(deny_unknown_fields)]
    pub struct SettlementQuery {
        pub provider: ProviderName,
    }

    /// The result of a report.
    pub struct SettlementReport {
        pub provider: ProviderName,
        /// The settlements in it that are new.
        pub settlements: Vec<Settlement>,
        /// Those that were imported before, left as they are.
        pub known: i64,
    }

    /// How an exception is resolved.
    #[serde(deny_unknown_fields)]
    pub struct SettlementResolution {
        /// What was found out, and who was asked.
        pub note: Note,
    }

    /// The balance a provider holds, with open exceptions.
    pub struct Reconciliation {
        pub providers: Vec<ProviderHolding>,
        /// Exceptions that are not resolved.
        pub exceptions: i64,
    }

    /// The balance of one provider in one currency.
    pub struct ProviderHolding {
        pub provider: ProviderName,
        /// The amount it should still send to our bank.
        pub held: Money,
        /// Payments that no settlement names yet.
        pub payments: i64,
        /// When the oldest of them was paid.
        pub oldest: Option<Timestamp>,
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::audit::Audited for SettlementReport {
    const OBJECT: &'static str = "settlement_report";
    fn audit_id(&self) -> String {
        self.provider.as_str().to_owned()
    }
}

impl Validate for SettlementFilter {}
impl Validate for SettlementIssueFilter {}
impl Validate for SettlementQuery {}
impl Validate for SettlementResolution {
    fn check(&self, errors: &mut operation::FieldErrors) {
        if self.note.as_str().trim().is_empty() {
            operation::say(errors, "note", "is required");
        }
    }
}
