//! Disputes by their deadlines, and what they hold.

use eventify::Error;
use eventify::finance::operations::{dispute_list, payments_attention};
use eventify::finance::{Dispute, DisputeFilter, DisputeStatus, PaymentsAttention};
use eventify::kernel::page::Page;
use leptos::prelude::*;

use super::dispute::lacking;
use super::dispute_badge;
use crate::ui::{Column, ListQuery, Loading, PageHead, Table, Tone, at, loaded, note, now};

/// The list, with what needs somebody.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Data {
    attention: PaymentsAttention,
    disputes: Page<Dispute>,
}

/// The list.
pub fn disputes() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), fetch);
    loaded(data, move |record, _| list(query.get_untracked(), record))
}

async fn fetch(query: ListQuery) -> Result<Data, Error> {
    Ok(Data { attention: payments_attention().await?, disputes: dispute_list(filter(&query)).await? })
}

fn filter(q: &ListQuery) -> DisputeFilter {
    DisputeFilter {
        q: q.parsed("q"),
        status: q.parsed::<DisputeStatus>("status").map(|status| vec![status]),
        event_id: q.parsed("event_id"),
        payment_id: None,
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

fn list(query: ListQuery, record: Data) -> AnyView {
    let Data { attention, disputes } = record;
    let statuses = DisputeStatus::ALL.iter().map(|s| (s.as_str().to_owned(), s.title().to_owned())).collect();
    let wanted = filter(&query);
    let table = Table::new("Disputes", query)
        .counts("dispute", "disputes")
        .csv("/disputes/export", &wanted)
        .search("Order, name, phone or email")
        .select("status", "Any status", statuses)
        .column(Column::head("Order", order).key("order_reference"))
        .column(Column::new("Reason", |d: &Dispute| d.reason.clone().into_any()).key("reason"))
        .column(Column::new("Status", |d: &Dispute| dispute_badge(d.status)).key("status"))
        .column(Column::new("Amount", |d: &Dispute| d.amount.display().into_any()).number().key("amount"))
        .column(Column::new("Evidence", due).said().key("due_at"))
        .empty("No disputes", "Disputes appear here when a guest's bank asks for a payment back.", None)
        .page(disputes);
    let held = attention.held.iter().map(|money| money.display()).collect::<Vec<_>>().join(" and ");
    let subtitle = match attention.disputes_open {
        0 => "Nothing is disputed now.".to_owned(),
        1 => format!("1 open dispute holds {held}."),
        many => format!("{many} open disputes hold {held}."),
    };
    let due = (attention.disputes_due > 0).then(|| {
        // They are listed by their deadlines: what is overdue comes first.
        let late = attention.disputes.iter().filter(|dispute| is_overdue(dispute)).count();
        let late = i64::try_from(late).unwrap_or_default().min(attention.disputes_due);
        let tone = if late > 0 { Tone::Danger } else { Tone::Warning };
        let title = lacking(late, attention.disputes_due - late);
        note(tone, &title, "Without evidence the bank decides for the guest.", None)
    });
    view! { <div class="page"><PageHead title="Disputes" subtitle=subtitle/><div class="stack">{due}{table}</div></div> }
        .into_any()
}

/// Whether evidence is missing after its deadline.
fn is_overdue(dispute: &Dispute) -> bool {
    dispute.status == DisputeStatus::Opened && dispute.due_at < now()
}

/// By when evidence is due, or that there is nothing left to hand in.
fn due(dispute: &Dispute) -> AnyView {
    match (dispute.closed_at, dispute.submitted_at) {
        (Some(closed), _) => view! { <span class="muted">"Decided "{at(closed)}</span> }.into_any(),
        (None, Some(submitted)) => view! { <span class="muted">"Submitted "{at(submitted)}</span> }.into_any(),
        (None, None) if is_overdue(dispute) => {
            view! { <span class="late">"Overdue since "{at(dispute.due_at)}</span> }.into_any()
        }
        (None, None) => view! { "Due "{at(dispute.due_at)} }.into_any(),
    }
}

fn order(dispute: &Dispute) -> AnyView {
    let href = format!("/disputes/{}", dispute.id);
    let about = match &dispute.payer_name {
        Some(name) => format!("{name} · {}", dispute.event_title),
        None => dispute.event_title.clone(),
    };
    view! { <a href=href>{dispute.order_reference.clone()}</a><small>{about}</small> }.into_any()
}
