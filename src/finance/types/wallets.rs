//! What of the ledger is somebody's own, seen from their side, and what guests and partners paid and got. [002]

use operation::Validate;
use serde::Serialize;

use super::{
    AccountId, Dispute, FraudSignal, JournalId, JournalKind, Payout, PayoutExclusionReason, PostingId, PostingLine,
};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;

wire! {
    /// The amount owed to a partner or host in one currency: a ledger account, seen from their side.
    pub struct LedgerWallet {
        /// The account's.
        pub id: AccountId,
        /// Whose it is; none once a host was erased.
        pub owner_name: Option<String>,
        pub partner_id: Option<PartnerId>,
        pub user_id: Option<EndUserId>,
        /// Above zero it is theirs, below they owe it.
        pub balance: Money,
        pub transactions: i64,
        /// Why a partner cannot be paid it out now; absent if a payout is possible.
        #[serde(default)]
        pub payout_block: Option<PayoutExclusionReason>,
        /// When it was opened.
        pub created_at: Timestamp,
        /// When something came or left last.
        pub updated_at: Timestamp,
    }

    /// A wallet transaction.
    pub struct WalletTransaction {
        /// The posting's.
        pub id: PostingId,
        pub wallet_id: AccountId,
        pub journal_id: JournalId,
        pub kind: JournalKind,
        /// What happened.
        pub description: String,
        pub event_id: Option<EventId>,
        pub event_title: Option<String>,
        pub line: PostingLine,
        /// Above zero it came, below it left.
        pub amount: Money,
        /// The balance of the wallet after it.
        pub balance: Money,
        pub created_at: Timestamp,
    }

    /// Filter and page of wallets.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct WalletFilter {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        /// Only those that hold or owe something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub open: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// An end user's payments and refunds.
    pub struct UserMoney {
        pub user_id: EndUserId,
        /// A line a currency.
        pub sums: Vec<UserSums>,
        /// What they are owed as a host.
        pub wallets: Vec<LedgerWallet>,
        /// What their banks asked back, the latest 50.
        pub disputes: Vec<Dispute>,
        /// The latest 50 fraud signals.
        pub signals: Vec<FraudSignal>,
    }

    /// An end user's payments and refunds in one currency.
    pub struct UserSums {
        /// What came of their payments.
        pub paid: Money,
        /// Refunds.
        pub refunded: Money,
        /// Refunds in progress or failed.
        pub refunding: Money,
        /// What their banks ask back now.
        pub disputed: Money,
        /// What their banks took back.
        pub lost: Money,
        /// The amount paid that was not and will not be refunded.
        pub kept: Money,
        /// Payments that came.
        pub payments: i64,
    }

    /// A partner's sales, fees and payouts.
    pub struct PartnerMoney {
        pub partner_id: PartnerId,
        /// A line a currency.
        pub sums: Vec<PartnerSums>,
        /// The latest 50.
        pub payouts: Vec<Payout>,
        /// The latest 50 of all currencies.
        pub transactions: Vec<WalletTransaction>,
    }

    /// A partner's sales, fees and payouts in one currency.
    pub struct PartnerSums {
        /// The wallet these add up in.
        pub wallet_id: AccountId,
        /// Payments from guests.
        pub sold: Money,
        /// What went back to them.
        pub refunded: Money,
        /// The fee, less what was given back of it.
        pub fee: Money,
        /// The tax on the fee.
        pub fee_tax: Money,
        /// What is held for disputes or was lost by them.
        pub disputed: Money,
        /// Amounts reserved for payouts or paid out.
        pub paid_out: Money,
        /// The amount owed now: sales minus all of the others.
        pub owed: Money,
    }
}

impl Validate for WalletFilter {}
