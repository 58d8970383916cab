//! The ledger: what the accounts come to, and every posting.

use std::collections::BTreeMap;

use eventify::Error;
use eventify::finance::operations::{ledger_account_get, ledger_balance_list, ledger_entry_list};
use eventify::finance::{AccountKind, LedgerAccount, LedgerBalance, LedgerEntry, LedgerFilter, PostingLine};
use eventify::kernel::money::Money;
use eventify::kernel::page::Page;
use eventify::zones::Zone;
use leptos::prelude::*;

use super::journal::{sides, why};
use crate::ui::{Clock, Column, Icon, ListQuery, PageHead, Table, at, card_flush, listed, loaded, own_zone, zone_of};

/// Balances and postings.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    /// The one that is looked at.
    account: Option<LedgerAccount>,
    /// What all come to, where none is.
    balances: Vec<LedgerBalance>,
    entries: Page<LedgerEntry>,
}

/// The page.
pub fn ledger() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = listed(query, move |query| fetch(query, clock));
    loaded(data, move |record, _| page(query.get_untracked(), record))
}

async fn fetch(query: ListQuery, clock: Option<Clock>) -> Result<Data, Error> {
    let filter = filter(&query, &*zone_of(clock).await);
    let (account, balances) = match filter.account_id {
        Some(id) => (Some(ledger_account_get(id).await?), Vec::new()),
        None => (None, ledger_balance_list().await?.items),
    };
    Ok(Data { account, balances, entries: ledger_entry_list(filter).await? })
}

fn filter(q: &ListQuery, zone: &Zone) -> LedgerFilter {
    LedgerFilter {
        account_id: q.parsed("account_id"),
        account_kind: q.parsed("account_kind"),
        organisers: q.text("organisers").map(|text| text == "true"),
        line: q.parsed("line"),
        partner_id: q.parsed("partner_id"),
        event_id: q.parsed("event_id"),
        journal_id: None,
        from: q.day("from", 0, zone),
        to: q.day("to", 1, zone),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn line_title(line: PostingLine) -> &'static str {
    match line {
        PostingLine::Gross => "Paid by guests",
        PostingLine::Fee => "Booking fee",
        PostingLine::FeeTax => "Tax on the fee",
        PostingLine::Refund => "Refunded",
        PostingLine::Settlement => "Held or sent by a provider",
        PostingLine::Dispute => "Disputed",
        PostingLine::Payout => "Paid out",
    }
}

fn kind_title(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::ProviderClearing => "Payments held by providers",
        AccountKind::PartnerPayable => "Owed to partners",
        AccountKind::HostPayable => "Owed to hosts",
        AccountKind::PlatformFees => "Booking fees earned",
        AccountKind::TaxPayable => "Tax on fees to pay",
        AccountKind::RefundsPayable => "Refunds in progress",
        AccountKind::DisputesHeld => "Held for disputes",
        AccountKind::PayoutsInTransit => "Payouts in progress",
        AccountKind::Bank => "Bank account",
        AccountKind::Cash => "Cash taken at the door",
        AccountKind::ProviderFees => "Provider fees",
        AccountKind::Suspense => "Settlement exceptions",
    }
}

/// What we owe or have earned is above zero for people, as what we have is.
pub fn natural(kind: AccountKind, money: &Money) -> String {
    let minor = if kind.is_asset() { money.minor } else { -money.minor };
    Money { minor, currency: money.currency.clone() }.display()
}

fn page(query: ListQuery, record: Data) -> AnyView {
    let Data { account: one, balances: sums, entries } = record;
    let kinds = AccountKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_title(*kind).to_owned())).collect();
    let wanted = filter(&query, &own_zone());
    let lines = PostingLine::ALL.iter().map(|line| (line.as_str().to_owned(), line_title(*line).to_owned())).collect();
    let mut table = Table::new("Ledger entries", query)
        .counts("entry", "entries")
        .csv("/financials/entries/export", &wanted)
        .select("account_kind", "Any account", kinds)
        .select("organisers", "Any owner", vec![("true".to_owned(), "Partners and hosts".to_owned())])
        .select("line", "Line: any", lines)
        .input("from", "date", "From")
        .input("to", "date", "To");
    table = match &one {
        Some(_) => in_account(table),
        None => in_entries(table),
    };
    let table = table.empty("No entries yet", "Entries appear here once guests pay.", None).page(entries);
    let (title, crumbs) = match &one {
        Some(account) => (account.name.clone(), vec![("Ledger".to_owned(), "/ledger".to_owned())]),
        None => ("Ledger".to_owned(), Vec::new()),
    };
    let subtitle = match &one {
        Some(account) => format!("Balance {}", natural(account.kind, &account.balance)),
        None => "What we have, what we owe and what we earned. In each entry, debits equal credits.".to_owned(),
    };
    let balances = (!sums.is_empty()).then(|| card_flush("ledger-accounts", "Accounts", None, balances(&sums)));
    let months =
        one.is_none().then(|| view! { <a class="btn" href="/ledger/months">{Icon::LOCK.svg()}"Closed months"</a> });
    view! { <div class="page"><PageHead title=title crumbs=crumbs subtitle=subtitle actions=months.into_any()/><div class="stack">{balances}{table}</div></div> }
        .into_any()
}

/// Of all accounts: what belongs together stands under what caused it, debits beside credits.
fn in_entries(table: Table<LedgerEntry>) -> Table<LedgerEntry> {
    table
        .under_parts(heading)
        .column(Column::head("Account", account))
        .column(Column::new("Debit", |e: &LedgerEntry| sides(&e.amount).0.into_any()).side())
        .column(Column::new("Credit", |e: &LedgerEntry| sides(&e.amount).1.into_any()).side())
}

/// Of one account: what came and went, and what it came to after each.
fn in_account(table: Table<LedgerEntry>) -> Table<LedgerEntry> {
    let amount = |e: &LedgerEntry| natural(e.account_kind, &e.amount).into_any();
    let balance = |e: &LedgerEntry| natural(e.account_kind, &e.balance).into_any();
    table
        .column(Column::head("Entry", entry))
        .column(Column::new("Amount", amount).number().said())
        .column(Column::new("Balance", balance).number())
        .column(Column::new("Posted", |e: &LedgerEntry| at(e.created_at)).said())
}

/// What belongs together among the accounts: what we have is what we owe and what we earned.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Have,
    Owe,
    Earned,
}

impl Side {
    const ALL: [Self; 3] = [Self::Have, Self::Owe, Self::Earned];

    fn of(kind: AccountKind) -> Self {
        match kind {
            AccountKind::PlatformFees | AccountKind::ProviderFees => Self::Earned,
            kind if kind.is_asset() => Self::Have,
            _ => Self::Owe,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Have => "What we have",
            Self::Owe => "What we owe",
            Self::Earned => "What we earned",
        }
    }

    /// Its title, and what all of it comes to in each currency.
    fn heading(self, sums: &[LedgerBalance]) -> String {
        let mut totals = BTreeMap::<&str, Money>::new();
        for sum in sums.iter().filter(|sum| Self::of(sum.kind) == self) {
            let currency = &sum.balance.currency;
            let none = || Money { minor: 0, currency: currency.clone() };
            let signed = if self == Self::Have { sum.balance.minor } else { -sum.balance.minor };
            totals.entry(currency.as_str()).or_insert_with(none).minor += signed;
        }
        let totals: Vec<_> = totals.values().map(Money::display).collect();
        format!("{}: {}", self.title(), totals.join(" · "))
    }
}

/// What one kind of account comes to, in each currency.
struct Sum {
    kind: AccountKind,
    balances: String,
    /// Of its side.
    heading: String,
}

/// What belongs to one kind of account stands in one row, what we have before what we owe.
fn by_kind(sums: &[LedgerBalance]) -> Vec<Sum> {
    let of = |kind: &AccountKind, heading: &str| {
        let some = sums.iter().filter(|sum| sum.kind == *kind && sum.balance.minor != 0);
        let balances: Vec<_> = some.map(|sum| natural(*kind, &sum.balance)).collect();
        let sum = Sum { kind: *kind, balances: balances.join(" · "), heading: heading.to_owned() };
        (!balances.is_empty()).then_some(sum)
    };
    let side = |side: Side| {
        let heading = side.heading(sums);
        let kinds = AccountKind::ALL.iter().filter(move |kind| Side::of(**kind) == side);
        kinds.filter_map(|kind| of(kind, &heading)).collect::<Vec<_>>()
    };
    Side::ALL.into_iter().flat_map(side).collect()
}

fn balances(sums: &[LedgerBalance]) -> AnyView {
    let name = |sum: &Sum| {
        let href = format!("/ledger?account_kind={}", sum.kind.as_str());
        view! { <a href=href>{kind_title(sum.kind)}</a> }.into_any()
    };
    Table::new("Balances by account", ListQuery::default())
        .counts("account", "accounts")
        .under(|sum: &Sum| sum.heading.clone())
        .column(Column::head("Account", name))
        .column(Column::new("Balance", |s: &Sum| s.balances.clone().into_any()).number().said())
        .all(by_kind(sums))
}

/// What caused the lines below it, which leads to all of them, and when.
fn heading(entry: &LedgerEntry) -> (String, AnyView) {
    let about = entry.event_title.as_ref().map(|title| format!(" · {title}"));
    let href = format!("/ledger/{}", entry.journal_id);
    let shown = view! {
        <div class="row spread">
            <span><a href=href>{entry.description.clone()}</a>{about}</span>
            <span class="posted">{at(entry.created_at)}</span>
        </div>
    };
    (entry.journal_id.to_string(), shown.into_any())
}

fn entry(entry: &LedgerEntry) -> AnyView {
    let href = format!("/ledger/{}", entry.journal_id);
    let event = entry.event_title.clone().map(|title| view! { <small>{title}</small> });
    view! { <a href=href>{entry.description.clone()}</a>{event} }.into_any()
}

/// The account, and what the posting is in it: one entry may post to an account several times.
fn account(entry: &LedgerEntry) -> AnyView {
    let href = format!("/ledger?account_id={}", entry.account_id);
    view! { <a href=href>{entry.account.clone()}</a><small>{why(entry.account_kind, entry.line)}</small> }.into_any()
}

#[cfg(test)]
mod tests {
    use eventify::kernel::money::Currency;

    use super::*;

    #[test]
    fn what_we_have_is_what_we_owe_and_what_we_earned() {
        let inr = |minor| Money { minor, currency: Currency::parse("INR").unwrap() };
        let sum = |kind, minor| LedgerBalance { kind, accounts: 1, postings: 1, balance: inr(minor) };
        let sums = [
            sum(AccountKind::ProviderClearing, 100_000),
            sum(AccountKind::PartnerPayable, -90_000),
            sum(AccountKind::PlatformFees, -12_000),
            sum(AccountKind::ProviderFees, 2_000),
        ];
        let said: Vec<_> = Side::ALL.map(|side| side.heading(&sums)).to_vec();
        assert_eq!(said, ["What we have: ₹1,000", "What we owe: ₹900", "What we earned: ₹100"]);
        assert_eq!(sides(&inr(-500)), (None, Some("₹5".to_owned())));
    }
}
