//! The tab of an event's money: what came in, what went back, and what the organiser is owed.

use eventify::events::{Event, EventStatus};
use eventify::finance::{BudgetDetail, DayRevenue, EventRevenue, TypeRevenue};
use eventify::kernel::money::{Money, count};
use eventify::tickets::{EventSummary, TypeSales};
use eventify::zones::day_in_short;
use leptos::prelude::*;

use super::head::Rights;
use super::nothing;
use crate::finance::{budget as plans, door};
use crate::ui::{
    Column, Facts, Icon, ListQuery, Stat, Stats, Table, Tone, card, card_flush, chart, folded, note, state,
};

/// The tab. `again` reads it anew.
pub fn tab(
    (event, summary): (&Event, &EventSummary),
    revenue: EventRevenue,
    planned: Option<&BudgetDetail>,
    rights: Rights,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    // What costs nothing and took nothing has no figures.
    if event.ticket_price.minor == 0 && revenue.types.is_empty() && revenue.days.is_empty() && revenue.cash.minor == 0 {
        let budget = budget(event, planned, rights);
        let nothing = state(Icon::INFO, "No paid tickets yet", "Revenue appears here once guests pay.", None);
        return view! { <div class="stack"><div class="card">{nothing}</div>{budget}</div> }.into_any();
    }
    let EventRevenue { types, days, chart: drawn, .. } = revenue.clone();
    let payments = format!("/payments?event_id={}", event.id);
    let ledger = format!("/ledger?event_id={}", event.id);
    let invoices = format!("/invoices?event_id={}", event.id);
    let links = view! {
        <a class="btn small quiet" href=payments>"Payments"</a>
        <a class="btn small quiet" href=invoices>"Invoices"</a>
        <a class="btn small quiet" href=ledger>"Ledger entries"</a>
    };
    view! {
        <div class="stack">
            {progress(&revenue)}
            {figures(&revenue, summary)}
            {card("money-sums", "How it adds up", Some(links.into_any()), sums(&revenue, summary).view())}
            {cash(event, &revenue, rights, again)}
            {drawn.map(|drawn| chart("money-chart", drawn))}
            {budget(event, planned, rights)}
            {card_flush("money-types", "By ticket type", None, by_type(event.status, types))}
            {(!days.is_empty()).then(|| folded("By day, with fees", by_day(days)))}
        </div>
    }
    .into_any()
}

/// What lies in the cash box of the door, and paying it into the bank; nothing where it is empty.
fn cash(
    event: &Event,
    revenue: &EventRevenue,
    rights: Rights,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> Option<AnyView> {
    let there = &revenue.cash;
    (there.minor != 0).then(|| {
        let pays_in = rights.pays_in.then(|| door::pay_in(event.id, there, again)).flatten();
        let facts = Facts::new().add("In the cash box", view! { <strong>{there.display()}</strong> });
        view! { {door::short(there)}{card("money-cash", "Cash at the door", pays_in, facts.view())} }.into_any()
    })
}

/// What was planned, beside what came of it.
fn budget(event: &Event, planned: Option<&BudgetDetail>, rights: Rights) -> Option<AnyView> {
    match planned {
        Some(detail) => {
            let href = format!("/budgets/{}", event.id);
            let label = if rights.plans_money { "Edit budget" } else { "Open budget" };
            let link = view! { <a class="btn small quiet" href=href>{label}</a> };
            Some(card_flush("money-budget", "Budget", Some(link.into_any()), plans::lines(detail, None)))
        }
        None if rights.plans_money => {
            let text = view! { <p class="muted">"Plan the event's income and costs, and compare them with what it brings in."</p> };
            let plan = plans::plan(event.id, &event.ticket_price.currency);
            Some(card("money-budget", "Budget", Some(plan), text))
        }
        None => None,
    }
}

/// An amount in the same currency.
fn like(other: &Money, minor: i64) -> Money {
    Money { minor, currency: other.currency.clone() }
}

/// What guests paid and was not refunded: an event's ticket income, wherever it is shown.
pub fn kept(revenue: &EventRevenue) -> Money {
    like(&revenue.gross, revenue.gross.minor - revenue.refunded.minor)
}

/// What was paid for the seats that are booked now.
pub fn booked(revenue: &EventRevenue, summary: &EventSummary) -> Money {
    let same = summary.income.iter().find(|paid| paid.currency == revenue.gross.currency);
    same.cloned().unwrap_or_else(|| like(&revenue.gross, 0))
}

/// What the column of it is called: who does not see the event's money sees what was paid for booked seats.
pub fn income_title(revenue: Option<&EventRevenue>) -> &'static str {
    if revenue.is_some() { "Income" } else { "Paid" }
}

/// The same of one ticket type: what its guests paid and was not refunded.
pub fn of_type(ticket_type: &TypeSales, revenue: Option<&EventRevenue>) -> Money {
    let sold = revenue.and_then(|all| all.types.iter().find(|one| one.ticket_type_id == ticket_type.ticket_type_id));
    sold.map_or_else(|| ticket_type.income.clone(), |sold| like(&sold.gross, sold.gross.minor - sold.refunded.minor))
}

/// What was refunded of one ticket type.
pub fn back_of_type(ticket_type: &TypeSales, revenue: Option<&EventRevenue>) -> Money {
    let sold = revenue.and_then(|all| all.types.iter().find(|one| one.ticket_type_id == ticket_type.ticket_type_id));
    sold.map_or_else(|| like(&ticket_type.income, 0), |sold| sold.refunded.clone())
}

/// Why the income is not what was paid for the seats that are booked: `includes ₹10,800 kept from cancelled bookings`.
pub fn difference(kept: &Money, booked: &Money, refunded: &Money) -> String {
    let mut said = Vec::new();
    if refunded.minor > 0 {
        said.push(format!("after {} refunded", refunded.display()));
    }
    if kept.minor > booked.minor {
        said.push(format!("includes {} kept from cancelled bookings", like(kept, kept.minor - booked.minor).display()));
    }
    if said.is_empty() { "paid by guests, before fees".to_owned() } else { said.join(" · ") }
}

/// What is taken away, with its sign; nothing where nothing is.
fn less(money: &Money) -> Option<String> {
    (money.minor > 0).then(|| like(money, -money.minor).display())
}

/// The few figures most people come for.
fn figures(revenue: &EventRevenue, summary: &EventSummary) -> AnyView {
    let (kept, booked) = (kept(revenue), booked(revenue, summary));
    let why = difference(&kept, &booked, &revenue.refunded);
    let fees = like(&revenue.fee, revenue.fee.minor + revenue.fee_tax.minor);
    Stats::new()
        .with(Stat::new("Ticket income", kept.display()).trend(Tone::Neutral, why))
        .with(Stat::new("Fees and tax", fees.display()))
        .with(Stat::new("Owed to the organiser", revenue.net.display()))
        .with(Stat::new("Paid orders", revenue.orders))
        .view()
}

fn sums(revenue: &EventRevenue, summary: &EventSummary) -> Facts {
    let (kept, booked) = (kept(revenue), booked(revenue, summary));
    let cancelled = like(&kept, kept.minor - booked.minor);
    Facts::new()
        .add("Paid by guests", revenue.gross.display())
        .maybe("Refunded", less(&revenue.refunded))
        .add("Ticket income", view! { <strong>{kept.display()}</strong> })
        .of_which("of which kept from cancelled bookings", (cancelled.minor > 0).then(|| cancelled.display()))
        .of_which("of which tax", (revenue.tax.minor > 0).then(|| revenue.tax.display()))
        .maybe("Disputed", less(&revenue.disputed))
        .maybe("Booking fee", less(&revenue.fee))
        .maybe("Tax on the fee", less(&revenue.fee_tax))
        .add("Owed to the organiser", view! { <strong>{revenue.net.display()}</strong> })
}

/// Refunds that are on their way, or could not be sent.
fn progress(revenue: &EventRevenue) -> Option<AnyView> {
    let said = |number: i64, one: &str, many: &str| {
        if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
    };
    if revenue.refunds_failed > 0 {
        let text = "Open the payment to see why, and send the refund again.";
        let title = said(revenue.refunds_failed, "refund could not be sent", "refunds could not be sent");
        return Some(note(Tone::Danger, &title, text, None));
    }
    (revenue.refunds_open > 0).then(|| {
        let title = said(revenue.refunds_open, "refund in progress", "refunds in progress");
        let text =
            format!("{} of {} orders are refunded in full.", count(revenue.refunded_orders), count(revenue.orders));
        note(Tone::Info, &title, text, None)
    })
}

fn by_type(status: EventStatus, types: Vec<TypeRevenue>) -> AnyView {
    let yet = ("No paid tickets yet", "Revenue appears here once guests pay.");
    let empty = nothing(status, yet, ("No paid tickets", "Nobody paid for a ticket."));
    Table::new("Revenue by ticket type", ListQuery::default())
        .counts("ticket type", "ticket types")
        .column(Column::head("Ticket type", |t: &TypeRevenue| t.ticket_type.clone().into_any()))
        .column(Column::new("Paid tickets", |t: &TypeRevenue| count(t.seats).into_any()).number())
        .column(Column::new("Paid", |t: &TypeRevenue| t.gross.display().into_any()).number())
        .column(Column::new("Refunded", |t: &TypeRevenue| t.refunded.display().into_any()).number())
        .column(Column::new("Fee", |t: &TypeRevenue| t.fee.display().into_any()).number().low())
        .column(Column::new("Tax included", |t: &TypeRevenue| t.tax.display().into_any()).number().low())
        .empty(empty.0, empty.1, None)
        .all(types)
}

fn by_day(days: Vec<DayRevenue>) -> AnyView {
    Table::new("Revenue by day", ListQuery::default())
        .counts("day", "days")
        .column(Column::head("Day", |d: &DayRevenue| day_in_short(&d.day).into_any()))
        .column(Column::new("Paid", |d: &DayRevenue| d.gross.display().into_any()).number())
        .column(Column::new("Refunded", |d: &DayRevenue| d.refunded.display().into_any()).number())
        .column(Column::new("Fee and tax", |d: &DayRevenue| d.fee.display().into_any()).number().low())
        .column(Column::new("Owed to the organiser", |d: &DayRevenue| d.net.display().into_any()).number())
        .empty("No payments yet", "Each day with payments appears here.", None)
        .all(days)
}

#[cfg(test)]
mod tests {
    use eventify::kernel::money::{Currency, Money};

    use super::difference;

    #[test]
    fn income_says_why_it_is_not_what_booked_seats_paid() {
        let rupees = |minor| Money { minor, currency: Currency::parse("INR").unwrap() };
        let of = |kept, booked, refunded| difference(&rupees(kept), &rupees(booked), &rupees(refunded));
        assert_eq!(of(29_520_000, 28_440_000, 0), "includes ₹10,800 kept from cancelled bookings");
        assert_eq!(of(28_440_000, 28_440_000, 90_000), "after ₹900 refunded");
        assert_eq!(of(28_440_000, 28_440_000, 0), "paid by guests, before fees");
    }
}
