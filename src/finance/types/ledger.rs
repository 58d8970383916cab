//! The ledger as it is read.

use operation::Validate;
use serde::Serialize;
use uuid::Uuid;

use super::{AccountId, JournalId, PeriodId, PostingId};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::partners::PartnerId;

wire_enum! {
    /// The type of an account.
    pub enum AccountKind {
        /// Money at a payment provider, on its way to the bank.
        ProviderClearing "provider_clearing" "Provider_Clearing",
        /// The amount owed to a partner.
        PartnerPayable "partner_payable" "Partner_Payable",
        /// The amount owed to a host.
        HostPayable "host_payable" "Host_Payable",
        /// Fees that were earned.
        PlatformFees "platform_fees" "Platform_Fees",
        /// Tax on fees, to be paid.
        TaxPayable "tax_payable" "Tax_Payable",
        /// Money that goes back to guests.
        RefundsPayable "refunds_payable" "Refunds_Payable",
        /// Money that is held until disputes are decided.
        DisputesHeld "disputes_held" "Disputes_Held",
        /// Money that is set aside for payouts.
        PayoutsInTransit "payouts_in_transit" "Payouts_In_Transit",
        /// Money that left our bank account, less what came there.
        Bank "bank" "Bank",
        /// Cash that was taken at the door.
        Cash "cash" "Cash",
        /// The fees that providers keep.
        ProviderFees "provider_fees" "Provider_Fees",
        /// Money received in a settlement that does not match the ledger yet.
        Suspense "suspense" "Suspense",
    }

    /// The type of a journal.
    pub enum JournalKind {
        /// A payment came in.
        Sale "sale" "Sale",
        /// Money is to go back.
        Refund "refund" "Refund",
        /// It was refunded.
        RefundPaid "refund_paid" "Refund_Paid",
        /// Money is held for a dispute.
        Dispute "dispute" "Dispute",
        /// The organiser gets it back.
        DisputeReleased "dispute_released" "Dispute_Released",
        /// It was returned to the guest.
        DisputeLost "dispute_lost" "Dispute_Lost",
        /// Money is set aside for a payout.
        Payout "payout" "Payout",
        /// It was paid out.
        PayoutPaid "payout_paid" "Payout_Paid",
        /// Tickets were sold for cash at the door.
        DoorSale "door_sale" "Door_Sale",
        /// The cash was handed back.
        DoorRefund "door_refund" "Door_Refund",
        /// Cash of door sales was paid into the bank.
        CashDeposit "cash_deposit" "Cash_Deposit",
        /// A provider sent to the bank what it held.
        Settlement "settlement" "Settlement",
        /// A settlement exception was resolved.
        SettlementResolved "settlement_resolved" "Settlement_Resolved",
    }

    /// The type of a posting.
    pub enum PostingLine {
        /// Payments from guests.
        Gross "gross" "Gross",
        /// The fee on it.
        Fee "fee" "Fee",
        /// The tax on the fee.
        FeeTax "fee_tax" "Fee_Tax",
        /// The amount to refund.
        Refund "refund" "Refund",
        /// The amount a provider holds or has sent.
        Settlement "settlement" "Settlement",
        /// The disputed amount.
        Dispute "dispute" "Dispute",
        /// The amount paid out.
        Payout "payout" "Payout",
    }
}

impl AccountKind {
    /// Whether it is something we have; else something we owe or have earned.
    pub fn is_asset(self) -> bool {
        matches!(self, AccountKind::ProviderClearing | AccountKind::Bank | AccountKind::Cash)
    }
}

wire! {
    /// One posting, with its journal and account.
    pub struct LedgerEntry {
        pub id: PostingId,
        pub journal_id: JournalId,
        pub journal_kind: JournalKind,
        /// What happened.
        pub description: String,
        pub account_id: AccountId,
        pub account_kind: AccountKind,
        /// The name of the account.
        pub account: String,
        pub partner_id: Option<PartnerId>,
        pub user_id: Option<EndUserId>,
        pub event_id: Option<EventId>,
        pub event_title: Option<String>,
        pub line: PostingLine,
        /// Above zero a debit, below a credit.
        pub amount: Money,
        /// The balance of the account after it: debits minus credits.
        pub balance: Money,
        /// Its place within the account, from 1.
        pub position: i64,
        pub created_at: Timestamp,
    }

    /// Postings that belong together.
    pub struct Journal {
        pub id: JournalId,
        pub kind: JournalKind,
        /// What happened.
        pub description: String,
        /// The source: `payment`, `refund`, `dispute`, `payout`, `door_sale`,
        /// `cash_deposit` or `settlement`.
        pub object_type: String,
        pub object_id: Uuid,
        /// The payment it is about.
        pub payment_id: Option<super::PaymentId>,
        /// The dispute it is about.
        pub dispute_id: Option<super::DisputeId>,
        /// The batch of the payout it is about.
        pub payout_batch_id: Option<super::PayoutBatchId>,
        pub event_id: Option<EventId>,
        pub event_title: Option<String>,
        /// The day it counts for.
        pub booked_on: String,
        pub created_at: Timestamp,
        /// They add up to nothing in each currency.
        pub entries: Vec<LedgerEntry>,
    }

    /// Filter and page of postings, the latest first.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct LedgerFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub account_id: Option<AccountId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub account_kind: Option<AccountKind>,
        /// Only in accounts of organisers, which are what partners and hosts are owed: of each sale there is one such
        /// posting of what guests paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub organisers: Option<bool>,
        /// Only what is this of its journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub line: Option<PostingLine>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub event_id: Option<EventId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub journal_id: Option<JournalId>,
        /// Posted at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// Posted before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// An account with its balance.
    pub struct LedgerAccount {
        pub id: AccountId,
        pub kind: AccountKind,
        /// The name of the account.
        pub name: String,
        pub partner_id: Option<PartnerId>,
        pub user_id: Option<EndUserId>,
        /// The sum of its postings: debits less credits.
        pub balance: Money,
        pub postings: i64,
    }

    /// Filter and page of accounts, by their kind.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct LedgerAccountFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub kind: Option<AccountKind>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// The balance of all accounts of one type in one currency.
    pub struct LedgerBalance {
        pub kind: AccountKind,
        /// How many accounts there are.
        pub accounts: i64,
        pub postings: i64,
        /// The sum of their balances: debits less credits.
        pub balance: Money,
    }

    /// A closed month of the books.
    pub struct AccountingPeriod {
        pub id: PeriodId,
        /// Such as `2026-10`.
        pub month: String,
        pub closed_at: Timestamp,
        pub closed_by_name: Option<String>,
    }

    /// Closes a month.
    #[serde(deny_unknown_fields)]
    pub struct ClosePeriod {
        /// The year.
        pub year: i32,
        /// The month, from 1 to 12.
        pub month: u8,
    }
}
impl Validate for LedgerFilter {}
impl Validate for LedgerAccountFilter {}
impl Validate for ClosePeriod {
    fn check(&self, errors: &mut operation::FieldErrors) {
        if !(1..=12).contains(&self.month) {
            errors.entry("month".to_owned()).or_default().push("must be between 1 and 12".to_owned());
        }
        if !(2000..=2999).contains(&self.year) {
            errors.entry("year".to_owned()).or_default().push("must be a year such as 2026".to_owned());
        }
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for LedgerEntry {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("created_at", |e| e.created_at.rfc3339()),
        ("journal_id", |e| e.journal_id.to_string()),
        ("journal_kind", |e| e.journal_kind.as_str().to_owned()),
        ("description", |e| e.description.clone()),
        ("account", |e| e.account.clone()),
        ("account_kind", |e| e.account_kind.as_str().to_owned()),
        ("event", |e| e.event_title.clone().unwrap_or_default()),
        ("line", |e| e.line.as_str().to_owned()),
        ("currency", |e| e.amount.currency.to_string()),
        ("amount", |e| e.amount.decimal()),
        ("balance", |e| e.balance.decimal()),
        ("id", |e| e.id.to_string()),
    ];
}
