//! What of the ledger is somebody's own, seen from their side, and what guests and partners paid and got. [002]

use operation::Validate;
use serde::{Deserialize, Serialize};

use super::{AccountId, Dispute, FraudSignal, JournalId, JournalKind, Payout, PostingId, PostingLine};
use crate::access::{EndUserId, wire};
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::page::Limit;
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;

wire! {
    /// What a partner or a host is owed in one currency: an account of the ledger, seen from their side.
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
        /// When it was opened.
        pub created_at: Timestamp,
        /// When something came or left last.
        pub updated_at: Timestamp,
    }

    /// What came to a wallet or left it.
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
        /// What the wallet held after it.
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

    /// What an end user paid and got back.
    pub struct UserMoney {
        pub user_id: EndUserId,
        /// A line a currency.
        pub sums: Vec<UserSums>,
        /// What they are owed as a host.
        pub wallets: Vec<LedgerWallet>,
        /// What their banks asked back, the latest 50.
        pub disputes: Vec<Dispute>,
        /// What looks wrong, the latest 50.
        pub signals: Vec<FraudSignal>,
    }

    /// What an end user paid and got back, in one currency.
    pub struct UserSums {
        /// What came of their payments.
        pub paid: Money,
        /// What went back.
        pub refunded: Money,
        /// What is on its way back, or could not be sent.
        pub refunding: Money,
        /// What their banks ask back now.
        pub disputed: Money,
        /// What their banks took back.
        pub lost: Money,
        /// What was paid and neither went back nor will.
        pub kept: Money,
        /// Payments that came.
        pub payments: i64,
    }

    /// What a partner sold, was charged and got.
    pub struct PartnerMoney {
        pub partner_id: PartnerId,
        /// A line a currency.
        pub sums: Vec<PartnerSums>,
        /// The latest 50.
        pub payouts: Vec<Payout>,
        /// The latest 50 of all currencies.
        pub transactions: Vec<WalletTransaction>,
    }

    /// What a partner sold, was charged and got, in one currency.
    pub struct PartnerSums {
        /// The wallet these add up in.
        pub wallet_id: AccountId,
        /// What guests paid.
        pub sold: Money,
        /// What went back to them.
        pub refunded: Money,
        /// The fee, less what was given back of it.
        pub fee: Money,
        /// The tax on the fee.
        pub fee_tax: Money,
        /// What is held for disputes or was lost by them.
        pub disputed: Money,
        /// What was set aside for payouts, or paid out.
        pub paid_out: Money,
        /// What is owed now: sold, less all of the others.
        pub owed: Money,
    }
}

impl Validate for WalletFilter {}
