//! The only way into the ledger: a journal, whole. That it adds up, that nothing of it changes later and that closed
//! months stay closed the database sees to.

use uuid::Uuid;

use super::sql::{self, NewPosting};
use super::{AccountId, AccountKind, JournalId, JournalKind, PostingLine, ProviderName};
use crate::access::EndUserId;
use crate::events::{Event, EventId};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};
use crate::partners::PartnerId;

/// Which account is meant; it is opened when it is first posted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// Money at a provider.
    Provider(&'static str),
    /// The amount owed to a partner.
    Partner(PartnerId),
    /// The amount owed to a host.
    Host(EndUserId),
    /// Fees that were earned.
    Fees,
    /// Tax on fees.
    Tax,
    /// Money that goes back to guests.
    Refunds,
    /// Money that is held until disputes are decided.
    Disputes,
    /// Money that is set aside for payouts.
    Payouts,
    /// Our own bank account.
    Bank,
    /// Cash that was taken at the door.
    Cash,
    /// What providers keep.
    ProviderFees,
    /// What came by a settlement and agrees with nothing yet.
    Suspense,
}

impl Account {
    /// What whoever organises the event is owed.
    pub fn of_organiser(event: &Event) -> Account {
        match (event.organizer_partner_id, event.host_user_id) {
            (Some(partner), _) => Account::Partner(partner),
            // One of the two is there: the database sees to it.
            (None, host) => Account::Host(host.unwrap_or(EndUserId(Uuid::nil()))),
        }
    }

    /// What it is for.
    pub fn kind(&self) -> AccountKind {
        match self {
            Account::Provider(_) => AccountKind::ProviderClearing,
            Account::Partner(_) => AccountKind::PartnerPayable,
            Account::Host(_) => AccountKind::HostPayable,
            Account::Fees => AccountKind::PlatformFees,
            Account::Tax => AccountKind::TaxPayable,
            Account::Refunds => AccountKind::RefundsPayable,
            Account::Disputes => AccountKind::DisputesHeld,
            Account::Payouts => AccountKind::PayoutsInTransit,
            Account::Bank => AccountKind::Bank,
            Account::Cash => AccountKind::Cash,
            Account::ProviderFees => AccountKind::ProviderFees,
            Account::Suspense => AccountKind::Suspense,
        }
    }
}

/// Postings that belong together, with what caused them.
pub struct Journal {
    kind: JournalKind,
    cause: (&'static str, Uuid),
    event: Option<EventId>,
    description: String,
    currency: Currency,
    postings: Vec<(Account, PostingLine, i64)>,
}

impl Journal {
    /// An empty one: of which kind, caused by what, of which event if of one, and what happened in words.
    pub fn new(
        kind: JournalKind,
        cause: (&'static str, Uuid),
        event: Option<EventId>,
        currency: &Currency,
        description: String,
    ) -> Journal {
        Journal { kind, cause, event, description, currency: currency.clone(), postings: Vec::new() }
    }

    /// This comes to an account. Nothing leaves nothing behind.
    pub fn debit(mut self, account: Account, line: PostingLine, minor: i64) -> Journal {
        if minor != 0 {
            self.postings.push((account, line, minor));
        }
        self
    }

    /// All of these: what comes above zero, what leaves below.
    pub fn lines(self, lines: impl IntoIterator<Item = (Account, PostingLine, i64)>) -> Journal {
        lines.into_iter().fold(self, |journal, (account, line, minor)| journal.debit(account, line, minor))
    }

    /// This leaves an account, or is owed by us.
    pub fn credit(self, account: Account, line: PostingLine, minor: i64) -> Journal {
        self.debit(account, line, -minor)
    }
}

/// What is posted of a sale: what came to the provider is the organiser's, less the fee and the tax on it.
pub fn sale(organiser: Account, provider: ProviderName, amounts: (i64, i64, i64)) -> [(Account, PostingLine, i64); 6] {
    sold(organiser, Account::Provider(provider.as_str()), amounts)
}

/// The same, wherever the money came to.
pub fn sold(
    organiser: Account,
    came_to: Account,
    (gross, fee, fee_tax): (i64, i64, i64),
) -> [(Account, PostingLine, i64); 6] {
    [
        (came_to, PostingLine::Settlement, gross),
        (organiser.clone(), PostingLine::Gross, -gross),
        (organiser.clone(), PostingLine::Fee, fee),
        (organiser, PostingLine::FeeTax, fee_tax),
        (Account::Fees, PostingLine::Fee, -fee),
        (Account::Tax, PostingLine::FeeTax, -fee_tax),
    ]
}

/// Posts a journal.
pub async fn post(tx: &mut Tx, journal: Journal) -> Result<JournalId> {
    let (id, now) = (JournalId::new(), tx.now);
    let mut postings = Vec::with_capacity(journal.postings.len());
    for (account, line, minor) in &journal.postings {
        let account = self::account(tx, account, &journal.currency).await?;
        let amount = Money { minor: *minor, currency: journal.currency.clone() };
        postings.push(NewPosting { account, line: *line, amount });
    }
    // Accounts are always taken in the same order, so that two journals never wait for each other crosswise.
    postings.sort_by_key(|posting: &NewPosting| posting.account);
    sql::journal_insert(tx.conn(), id, journal.kind, journal.cause, journal.event, &journal.description, now).await?;
    sql::postings_insert(tx.conn(), id, journal.event, &postings, now).await?;
    Ok(id)
}

/// The account of that currency, which is opened where there is none.
pub async fn account(tx: &mut Tx, account: &Account, currency: &Currency) -> Result<AccountId> {
    sql::account_open(tx.conn(), account, currency).await
}

/// The name of the account.
pub fn account_name(kind: AccountKind, of: Option<&str>) -> String {
    let of = of.unwrap_or_default();
    match kind {
        AccountKind::ProviderClearing => {
            let provider = ProviderName::ALL.iter().find(|provider| provider.as_str() == of);
            format!("Payments held by {}", provider.map_or(of, |provider| provider.title()))
        }
        AccountKind::PartnerPayable | AccountKind::HostPayable if of.is_empty() => "Owed to a former host".to_owned(),
        AccountKind::PartnerPayable | AccountKind::HostPayable => format!("Owed to {of}"),
        AccountKind::PlatformFees => "Booking fees earned".to_owned(),
        AccountKind::TaxPayable => "Tax on fees to pay".to_owned(),
        AccountKind::RefundsPayable => "Refunds in progress".to_owned(),
        AccountKind::DisputesHeld => "Held for disputes".to_owned(),
        AccountKind::PayoutsInTransit => "Payouts in progress".to_owned(),
        AccountKind::Bank => "Bank account".to_owned(),
        AccountKind::Cash => "Cash taken at the door".to_owned(),
        AccountKind::ProviderFees => "Provider fees".to_owned(),
        AccountKind::Suspense => "Settlement exceptions".to_owned(),
    }
}
