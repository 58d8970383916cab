//! The tab of an event's money: what came in, what went back, and what the organiser is owed.

use eventify::events::{Event, day_in_short};
use eventify::finance::{BudgetDetail, DayRevenue, EventRevenue, TypeRevenue};
use leptos::prelude::*;

use super::detail::Rights;
use crate::finance::{budget as plans, door};
use crate::ui::{Column, Facts, ListQuery, Table, Tone, card, card_flush, chart, note};

/// The tab. `again` reads it anew.
pub fn tab(
    event: &Event,
    revenue: EventRevenue,
    planned: Option<&BudgetDetail>,
    rights: Rights,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
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
            {card("money-sums", "Revenue", Some(links.into_any()), sums(&revenue).view())}
            {cash(event, &revenue, rights, again)}
            {drawn.map(|drawn| chart("money-chart", drawn))}
            {budget(event, planned, rights)}
            {card_flush("money-types", "By ticket type", None, by_type(types))}
            {card_flush("money-days", "By day", None, by_day(days))}
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
            let text =
                view! { <p class="muted">"What the event should bring in and cost, beside what came of it."</p> };
            let plan = plans::plan(event.id, &event.ticket_price.currency);
            Some(card("money-budget", "Budget", Some(plan), text))
        }
        None => None,
    }
}

fn sums(revenue: &EventRevenue) -> Facts {
    Facts::new()
        .add("Paid by guests", revenue.gross.display())
        .add("Refunded", revenue.refunded.display())
        .maybe("Disputed", (revenue.disputed.minor > 0).then(|| revenue.disputed.display()))
        .add("Booking fee", revenue.fee.display())
        .add("Tax on the fee", revenue.fee_tax.display())
        .add("Owed to the organiser", view! { <strong>{revenue.net.display()}</strong> })
        .maybe("GST included in what was kept", (revenue.tax.minor > 0).then(|| revenue.tax.display()))
        .add("Paid orders", revenue.orders.to_string())
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
        let title = said(revenue.refunds_open, "refund is on its way", "refunds are on their way");
        let text = format!("{} of {} orders are refunded in full.", revenue.refunded_orders, revenue.orders);
        note(Tone::Info, &title, text, None)
    })
}

fn by_type(types: Vec<TypeRevenue>) -> AnyView {
    Table::new("Revenue by ticket type", ListQuery::default())
        .counts("ticket type", "ticket types")
        .column(Column::head("Ticket type", |t: &TypeRevenue| t.ticket_type.clone().into_any()))
        .column(Column::new("Tickets", |t: &TypeRevenue| t.seats.to_string().into_any()).number())
        .column(Column::new("Paid", |t: &TypeRevenue| t.gross.display().into_any()).number())
        .column(Column::new("Refunded", |t: &TypeRevenue| t.refunded.display().into_any()).number())
        .column(Column::new("Fee", |t: &TypeRevenue| t.fee.display().into_any()).number().low())
        .column(Column::new("GST included", |t: &TypeRevenue| t.tax.display().into_any()).number().low())
        .empty("No paid tickets yet", "Revenue appears here once guests pay.", None)
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
