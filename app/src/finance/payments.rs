//! The list of payments.

use eventify::Error;
use eventify::finance::operations::{payment_list, payment_totals};
use eventify::finance::{Payment, PaymentFilter, PaymentStatus, PaymentSum, PaymentTotals};
use eventify::kernel::page::Page;
use eventify::zones::Zone;
use leptos::prelude::*;

use super::{payment_standing, payment_title, why_failed};
use crate::ui::{Clock, Column, ListQuery, Loading, PageHead, Stat, Stats, Table, Tone, at, loaded, own_zone, zone_of};

/// What the URL says where failed attempts are shown as well.
const ALL: &str = "all";

/// The list.
pub fn payments() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = Loading::new(move || query.get(), move |q| fetch(q, clock));
    loaded(data, move |(page, totals), _| list(query.get_untracked(), page, &totals))
}

async fn fetch(q: ListQuery, clock: Option<Clock>) -> Result<(Page<Payment>, PaymentTotals), Error> {
    let filter = filter(&q, &*zone_of(clock).await);
    let all = PaymentFilter { cursor: None, limit: None, ..filter.clone() };
    // The sums are not worth the list: a server of the version before has none.
    let totals = async { Ok(payment_totals(all).await.unwrap_or_default()) };
    futures::try_join!(payment_list(filter), totals)
}

fn filter(q: &ListQuery, zone: &Zone) -> PaymentFilter {
    PaymentFilter {
        q: q.parsed("q"),
        status: q.parsed::<PaymentStatus>("status").map(|status| vec![status]),
        event_id: q.parsed("event_id"),
        user_id: q.parsed("user_id"),
        order_id: None,
        refunded: q.parsed("refunded"),
        latest: (q.text("attempts").as_deref() != Some(ALL)).then_some(true),
        from: q.day("from", 0, zone),
        to: q.day("to", 1, zone),
        updated_since: None,
        cursor: q.clone().placed(zone).text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, page: Page<Payment>, totals: &PaymentTotals) -> AnyView {
    let statuses = [
        PaymentStatus::Captured,
        PaymentStatus::Disputed,
        PaymentStatus::Lost,
        PaymentStatus::Failed,
        PaymentStatus::Initiated,
        PaymentStatus::Authorised,
    ];
    let statuses = statuses.iter().map(|s| (s.as_str().to_owned(), payment_title(*s).to_owned())).collect();
    let wanted = filter(&query, &own_zone());
    let all = wanted.latest.is_none();
    let table = Table::new("Payments", query)
        .counts("payment", "payments")
        .by_day("-")
        .csv("/payments/export", &wanted)
        .views("payments")
        .search("Order or guest")
        .select("status", "Any status", statuses)
        .select(
            "refunded",
            "Refund: any",
            vec![("true".into(), "Refunded".into()), ("false".into(), "Not refunded".into())],
        )
        .select("attempts", "Attempts: latest", vec![(ALL.into(), "All".into())])
        .input("from", "date", "From")
        .input("to", "date", "To")
        .column(Column::head("Order", order))
        .column(Column::new("Guest", guest).said())
        .column(Column::new("Event", event).said().key("event"))
        .column(Column::new("Status", move |p: &Payment| status(p, all)).key("status"))
        .column(Column::new("Amount", amount).lead().key("amount"))
        .column(Column::new("Refunded", refunded).number().key("refunded"))
        .column(Column::new("Started", |p: &Payment| at(p.created_at)).key("created_at").low())
        .empty("No payments yet", "Payments appear here when guests buy tickets.", None)
        .page(page);
    let subtitle = match all {
        true => "Every attempt to pay for an order online. Amounts that were not paid are grey.",
        false => "Orders paid online, each with its latest attempt. Door sales are part of their event.",
    };
    view! { <div class="page"><PageHead title="Payments" subtitle=subtitle/><div class="stack">{sums(totals)}{table}</div></div> }.into_any()
}

/// What all payments of the filter come to, whatever page is shown: a figure for each currency, that of most payments first.
fn sums(totals: &PaymentTotals) -> Option<AnyView> {
    let mut sums: Vec<_> = totals.sums.iter().collect();
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.payments));
    let figure = |stats: Stats, sum: &&PaymentSum| {
        let stat = Stat::new(format!("Paid in {}", sum.paid.currency), sum.paid.display());
        stats.with(match sum.refunded.minor {
            0 => stat.trend(Tone::Neutral, "Nothing refunded"),
            _ => stat.trend(Tone::Neutral, format!("{} of it refunded", sum.refunded.display())),
        })
    };
    let stats = sums.iter().fold(Stats::new(), figure);
    (!stats.is_empty()).then(|| view! { <section aria-label="Totals">{stats.view()}</section> }.into_any())
}

fn order(payment: &Payment) -> AnyView {
    let href = format!("/payments/{}", payment.id);
    view! { <a href=href>{payment.order_reference.clone()}</a> }.into_any()
}

fn guest(payment: &Payment) -> AnyView {
    let name = payment.payer_name.clone().unwrap_or_else(|| "No name".to_owned());
    view! { <a href=format!("/users/{}", payment.user_id)>{name}</a> }.into_any()
}

fn event(payment: &Payment) -> AnyView {
    view! { <a href=format!("/events/{}?tab=money", payment.event_id)>{payment.event_title.clone()}</a> }.into_any()
}

fn status(payment: &Payment, all: bool) -> AnyView {
    view! { {payment_standing(payment)}{after(payment, all)}{why_failed(payment)} }.into_any()
}

/// Which attempt it was, where it was not the first: `Paid on attempt 6`; of an order that is not paid, `Tried 5 times`.
fn after(payment: &Payment, all: bool) -> Option<AnyView> {
    let said = match (payment.attempt, payment.captured_at) {
        (..=1, _) => return None,
        (number, Some(_)) => format!("Paid on attempt {number}"),
        (number, None) if all => format!("Attempt {number}"),
        (number, None) => format!("Tried {number} times"),
    };
    Some(view! { <small>{said}</small> }.into_any())
}

fn refunded(payment: &Payment) -> AnyView {
    match payment.refunded.minor {
        0 => ().into_any(),
        _ => payment.refunded.display().into_any(),
    }
}

/// What was to be paid; in grey where no money came by this attempt.
fn amount(payment: &Payment) -> AnyView {
    let amount = payment.amount.display();
    match payment.status {
        PaymentStatus::Initiated | PaymentStatus::Authorised | PaymentStatus::Failed => {
            view! { <span class="muted">{amount}</span> }.into_any()
        }
        PaymentStatus::Captured | PaymentStatus::Disputed | PaymentStatus::Lost => amount.into_any(),
    }
}
