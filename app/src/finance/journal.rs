//! One journal: what happened, and its postings in two columns that must agree.

use eventify::Error;
use eventify::finance::operations::ledger_journal_get;
use eventify::finance::{AccountKind, Journal, JournalId, LedgerEntry, PostingLine};
use eventify::kernel::error::not_found;
use eventify::kernel::money::Money;
use eventify::zones::day_in_list;
use leptos::prelude::*;

use super::journal_title;
use crate::ui::{Facts, Loading, PageHead, Tone, at, badge, card, card_flush, id_of_path, loaded};

/// The page of one journal.
pub fn journal() -> AnyView {
    let id = id_of_path::<JournalId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |journal, _| page(&journal))
}

async fn fetch(id: Option<JournalId>) -> Result<Journal, Error> {
    ledger_journal_get(id.ok_or_else(not_found)?).await
}

fn page(journal: &Journal) -> AnyView {
    let crumbs = vec![("Ledger".to_owned(), "/ledger".to_owned())];
    let mark = badge(Tone::Neutral, journal_title(journal.kind));
    let event = journal.event_id.zip(journal.event_title.clone()).map(|(id, title)| {
        view! { <a href=format!("/events/{id}?tab=money")>{title}</a> }
    });
    let payment = journal.payment_id.map(|id| view! { <a href=format!("/payments/{id}")>"View payment"</a> });
    let dispute = journal.dispute_id.map(|id| view! { <a href=format!("/disputes/{id}")>"View dispute"</a> });
    let payout = journal.payout_batch_id.map(|id| view! { <a href=format!("/payouts/{id}")>"View payout"</a> });
    let facts = Facts::new()
        .maybe("Dispute", dispute)
        .maybe("Payout", payout)
        .maybe("Payment", payment)
        .maybe("Settlement", settlement(journal))
        .maybe("Door sale", at_door(journal))
        .maybe("Event", event)
        .add("Posted", at(journal.created_at))
        .add("Booked on", day_in_list(&journal.booked_on))
        .id(journal.id);
    view! {
        <div class="page">
            <PageHead title=journal.description.clone() crumbs=crumbs badge=mark/>
            <div class="detail">
                <div class="stack">{card_flush("journal-entries", "Entries", None, entries(journal))}</div>
                <aside aria-label="Details">{card("journal-details", "Details", None, facts.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

/// Where the settlements are listed, of what one brought to the bank or what of one was cleared up.
fn settlement(journal: &Journal) -> Option<AnyView> {
    (journal.object_type == "settlement")
        .then(|| view! { <a href="/reconciliation?tab=settlements">"View settlements"</a> }.into_any())
}

/// The event's sales at the door, of what was sold, refunded or paid to the bank there.
fn at_door(journal: &Journal) -> Option<AnyView> {
    let event = journal.event_id.filter(|_| matches!(journal.object_type.as_str(), "door_sale" | "cash_deposit"))?;
    Some(view! { <a href=format!("/events/{event}/door-sales")>"View door sales"</a> }.into_any())
}

fn entries(journal: &Journal) -> AnyView {
    let rows = journal.entries.iter().map(row).collect_view();
    let side = |of: fn(i64) -> i64| {
        let minor = journal.entries.iter().map(|entry| of(entry.amount.minor)).sum::<i64>();
        let first = journal.entries.first();
        first.map(|one| Money { minor, currency: one.amount.currency.clone() }.display())
    };
    let (debits, credits) = (side(|minor| minor.max(0)), side(|minor| (-minor).max(0)));
    view! {
        <table class="table">
            <caption class="sr">"Entries of this journal"</caption>
            <thead><tr><th scope="col">"Account"</th><th scope="col" class="num">"Debit"</th><th scope="col" class="num">"Credit"</th></tr></thead>
            <tbody>{rows}</tbody>
            <tfoot><tr><th scope="row">"Total"</th><td class="num">{debits}</td><td class="num">{credits}</td></tr></tfoot>
        </table>
    }
    .into_any()
}

fn row(entry: &LedgerEntry) -> AnyView {
    let (debit, credit) = sides(&entry.amount);
    let href = format!("/ledger?account_id={}", entry.account_id);
    let why = why(entry.account_kind, entry.line);
    view! {
        <tr>
            <th scope="row"><a href=href>{entry.account.clone()}</a><small>{why}</small></th>
            <td data-label="Debit" class="num">{debit}</td>
            <td data-label="Credit" class="num">{credit}</td>
        </tr>
    }
    .into_any()
}

/// A posting as a debit or as a credit.
pub fn sides(amount: &Money) -> (Option<String>, Option<String>) {
    let shown = Money { minor: amount.minor.abs(), currency: amount.currency.clone() }.display();
    if amount.minor < 0 { (None, Some(shown)) } else { (Some(shown), None) }
}

/// What a posting is, in words.
pub fn why(kind: AccountKind, line: PostingLine) -> &'static str {
    match (kind, line) {
        (AccountKind::Bank, _) => "Money in our bank account",
        (AccountKind::Cash, _) => "Cash at the door",
        (AccountKind::ProviderFees, _) => "Kept by the payment provider",
        (AccountKind::Suspense, _) => "Not matched with a payment yet",
        (AccountKind::DisputesHeld, _) => "Held until the dispute is decided",
        (AccountKind::PayoutsInTransit, _) => "Set aside for the payout",
        (_, PostingLine::Dispute) => "Disputed by the guest's bank",
        (_, PostingLine::Payout) => "Paid out to the partner",
        (AccountKind::ProviderClearing, _) => "Money at the payment provider",
        (_, PostingLine::Gross) => "What the guest paid",
        (AccountKind::PlatformFees, _) => "Our booking fee",
        (AccountKind::TaxPayable, _) => "Tax on our booking fee",
        (_, PostingLine::Fee) => "Booking fee charged",
        (_, PostingLine::FeeTax) => "Tax on the booking fee charged",
        (AccountKind::RefundsPayable, PostingLine::Settlement) => "Refund sent to the guest",
        (_, PostingLine::Refund | PostingLine::Settlement) => "Refund to the guest",
    }
}
