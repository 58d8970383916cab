//! Sent messages: every attempt at a mail or a text message, and why one did not arrive.

use eventify::kernel::page::Page;
use eventify::notify::operations::delivery_list;
use eventify::notify::{Channel, Delivery, DeliveryFilter, DeliveryOutcome};
use leptos::prelude::*;

use crate::ui::{Column, ListQuery, PageHead, Table, Tone, at, badge, loaded};

/// The list.
pub fn sent_messages() -> AnyView {
    let query = ListQuery::current();
    let filter = |q: ListQuery| DeliveryFilter {
        to: q.word("to"),
        channel: q.word("channel"),
        outcome: q.word("outcome"),
        kind: None,
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    };
    let data = Resource::new_blocking(move || query.get(), move |q| delivery_list(filter(q)));
    loaded(data, move |page, _| list(query.get_untracked(), page))
}

fn list(query: ListQuery, page: Page<Delivery>) -> AnyView {
    let channels = [Channel::Email, Channel::Sms].map(|one| (one.word().to_owned(), one.title().to_owned())).to_vec();
    let outcomes = DeliveryOutcome::ALL.map(|one| (one.word().to_owned(), one.title().to_owned())).to_vec();
    let table = Table::new("List of messages", query)
        .counts("message", "messages")
        .input("to", "search", "Whole email address or phone number")
        .select("channel", "Emails and texts", channels)
        .select("outcome", "Any status", outcomes)
        .column(Column::head("Message", |one: &Delivery| {
            let href = format!("/jobs/{}", one.job_id);
            view! { <a href=href>{words(&one.kind)}</a><small>{one.channel.title()}</small> }.into_any()
        }))
        .column(Column::new("To", |one: &Delivery| view! { <bdi>{one.recipient.clone()}</bdi> }.into_any()))
        .column(Column::new("Status", |one: &Delivery| {
            let tone = match one.outcome {
                DeliveryOutcome::Sent => Tone::Success,
                DeliveryOutcome::Retried | DeliveryOutcome::Postponed => Tone::Warning,
                DeliveryOutcome::Failed => Tone::Danger,
            };
            let why = one.reason.clone().map(|why| view! { <small dir="auto">{why}</small> });
            view! { {badge(tone, one.outcome.title())}{why} }.into_any()
        }))
        .column(Column::new("Attempt", |one: &Delivery| one.attempt.to_string().into_any()).number().low())
        .column(Column::new("When", |one: &Delivery| at(one.created_at)))
        .empty("No messages yet", "Every email and text message is listed here once it is on its way.", None)
        .page(page);
    view! {
        <div class="page">
            <PageHead
                title="Sent messages"
                subtitle="Emails and text messages of the last 90 days. Look for somebody's whole address to see what reached them."
            />
            {table}
        </div>
    }
    .into_any()
}

/// `tickets_issued` → `Tickets issued`.
fn words(kind: &str) -> String {
    let mut words = kind.replace('_', " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}
