//! Sent messages: every email, text message and push message from the moment it is queued, and why one did not arrive.

use eventify::Error;
use eventify::kernel::error::not_found;
use eventify::kernel::page::{Limit, Page};
use eventify::kernel::permissions::Permission::JobsManage;
use eventify::kernel::text::SearchText;
use eventify::notifications::kind_title;
use eventify::notify::operations::{message_get, message_list, message_retry};
use eventify::notify::{
    Channel, Delivery, DeliveryOutcome, DispatchStatus, MessageDetail, MessageFilter, MessageId, QueuedMessage,
};
use eventify::tickets::message_title;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::{
    Act, Bulk, Column, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, at, badge, card,
    listed, loaded, note, submit,
};

/// The messages, whether any has failed, and what was wrong with the address they were looked for by: then they are
/// those of everybody.
type Found = (Page<QueuedMessage>, bool, Option<Error>);

/// The list.
pub fn sent_messages() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Found> = listed(query, fetch);
    loaded(data, move |found, _| list(data, query.get_untracked(), found))
}

fn filter(query: &ListQuery) -> MessageFilter {
    MessageFilter {
        to: query.parsed::<SearchText>("to"),
        channel: query.parsed("channel"),
        status: query.parsed("status"),
        kind: None,
        cursor: query.text("cursor"),
        limit: query.parsed("limit"),
    }
}

async fn fetch(query: ListQuery) -> Result<Found, Error> {
    let filter = filter(&query);
    let limit = Limit::try_from(1).ok();
    let lost = MessageFilter { status: Some(DispatchStatus::Failed), limit, ..MessageFilter::default() };
    let (lost, found) = futures::join!(message_list(lost), message_list(filter.clone()));
    let lost = !lost?.items.is_empty();
    match found {
        Err(error) if error.for_field("to").is_some() => {
            Ok((message_list(MessageFilter { to: None, ..filter }).await?, lost, Some(error)))
        }
        answer => Ok((answer?, lost, None)),
    }
}

/// How it stands, with the way to what did not arrive.
fn verdict(lost: bool) -> AnyView {
    match lost {
        true => {
            let way = view! { <a class="btn small" href="/sent-messages?status=failed" data-noscroll="">"Show failed messages"</a> };
            note(
                Tone::Warning,
                "Some messages could not be sent",
                "Open one to see why, or retry them.",
                Some(way.into_any()),
            )
        }
        false => note(Tone::Success, "No message has failed", "In the last 90 days.", None),
    }
}

fn list(data: Loading<Found>, query: ListQuery, (page, lost, wrong): Found) -> AnyView {
    let channels = Channel::ALL.map(|one| (one.as_str().to_owned(), one.title().to_owned())).to_vec();
    let statuses = DispatchStatus::ALL.map(|one| (one.as_str().to_owned(), one.title().to_owned())).to_vec();
    let mut wanted = filter(&query);
    wanted.to = wanted.to.filter(|_| wrong.is_none());
    // One attempt each goes without saying.
    let tried_again = page.items.iter().any(|one| one.attempts > 1);
    let mut table = Table::new("List of messages", query)
        .counts("message", "messages")
        .csv("/admin/messages/export", &wanted)
        .by_day("-")
        .input("to", "search", "Whole email or phone number")
        .wrong(wrong)
        .select("channel", "Any channel", channels)
        .select("status", "Any status", statuses)
        .column(Column::head("Message", |one: &QueuedMessage| {
            let href = format!("/sent-messages/{}", one.id);
            let about = one.subject.clone().map(|subject| view! { <small dir="auto">{subject}</small> });
            view! { <a href=href>{words(&one.kind)}</a>{about}<small>{one.channel.title()}</small> }.into_any()
        }))
        .column(Column::new("To", |one: &QueuedMessage| view! { <bdi>{one.recipient.clone()}</bdi> }.into_any()))
        .column(Column::new("Status", |one: &QueuedMessage| view! { {status(one.status)}{why(one)} }.into_any()));
    if tried_again {
        table = table.column(Column::new("Attempts", attempts).number().low());
    }
    let table = table
        .column(Column::new("Queued", |one: &QueuedMessage| at(one.created_at)))
        .bulk_of_some(
            vec![retry_all()],
            |one| one.can_retry.then(|| (one.id.to_string(), words(&one.kind))),
            move || data.refetch(),
        )
        .empty("No messages yet", "Every email, text message and push message appears here once it is queued.", None)
        .page(page);
    view! {
        <div class="page">
            <PageHead
                title="Sent messages"
                subtitle="Emails, text messages and push messages of the last 90 days. Search an email or phone number to see its messages."
            />
            {verdict(lost)}
            {table}
        </div>
    }
    .into_any()
}

/// How often it was tried; once goes without saying.
fn attempts(one: &QueuedMessage) -> AnyView {
    (one.attempts > 1).then(|| one.attempts.to_string()).into_any()
}

fn retry_all() -> Bulk {
    Bulk::new("retry", "Retry", Icon::REFRESH, |id: MessageId, _: Nothing| message_retry(id))
        .done("queued again")
        .asks("Retry the selected messages?", || {
            view! { <p>"They are sent again, with all their attempts."</p> }.into_any()
        })
}

fn status(status: DispatchStatus) -> AnyView {
    let tone = match status {
        DispatchStatus::Sent => Tone::Success,
        DispatchStatus::Queued | DispatchStatus::Skipped | DispatchStatus::Cancelled => Tone::Neutral,
        DispatchStatus::Sending => Tone::Info,
        DispatchStatus::Retrying => Tone::Warning,
        DispatchStatus::Failed => Tone::Danger,
    };
    badge(tone, status.title())
}

/// Why it was not sent, or not yet, and when it will be tried.
fn why(one: &QueuedMessage) -> AnyView {
    let waits =
        matches!(one.status, DispatchStatus::Queued | DispatchStatus::Retrying) && one.not_before > one.created_at;
    let until = waits.then(|| view! { <small>"Scheduled for "{at(one.not_before)}</small> });
    let reason = one.reason.clone().map(|why| view! { <small dir="auto">{why}</small> });
    view! { {reason}{until} }.into_any()
}

/// One message.
pub fn sent_message() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| id.parse::<MessageId>().ok()));
    let fetch = |id: Option<MessageId>| async move { message_get(id.ok_or_else(not_found)?).await };
    let data = Loading::new(id, fetch);
    loaded(data, move |detail, me| page(data, detail, me.may(JobsManage)))
}

fn page(data: Loading<MessageDetail>, detail: MessageDetail, jobs: bool) -> AnyView {
    let MessageDetail { message, recipient_name, deliveries } = detail;
    let (id, toasts, title) = (message.id, Toasts::get(), words(&message.kind));
    let again = message.can_retry.then(|| {
        let run = submit(
            move |_: Nothing| message_retry(id),
            move |_: QueuedMessage| {
                toasts.done("Message queued again");
                data.refetch();
            },
        );
        view! { <Act label="Retry" icon=Icon::REFRESH run=run class="btn primary"/> }.into_any()
    });
    let job = message.job_id.filter(|_| jobs).map(|job| {
        let href = format!("/jobs/{job}");
        view! { <a href=href>"Show job"</a> }
    });
    let facts = Facts::new()
        .maybe("Subject", message.subject.clone().map(|subject| view! { <span dir="auto">{subject}</span> }))
        .add("Channel", message.channel.title())
        .maybe("Recipient", recipient_name.map(|name| view! { <bdi>{name}</bdi> }))
        .add("To", view! { <bdi>{message.recipient.clone()}</bdi> })
        .maybe("Attempts", (message.attempts > 0).then(|| message.attempts.to_string()))
        .add("Queued", at(message.created_at))
        .maybe("Scheduled for", (message.not_before > message.created_at).then(|| at(message.not_before)))
        .maybe("Reason", message.reason.clone().map(|why| view! { <span dir="auto">{why}</span> }))
        .maybe("Job", job);
    let none = match message.status {
        DispatchStatus::Skipped => ("Not sent", "It was no longer needed when it was due."),
        DispatchStatus::Cancelled => ("Not sent", "It was cancelled before the first attempt."),
        _ => ("No attempts yet", "Each attempt to send this message appears here."),
    };
    let attempts = Table::new("Attempts", ListQuery::of("/sent-messages", &[]))
        .counts("attempt", "attempts")
        .column(Column::head("Attempt", |one: &Delivery| one.attempt.to_string().into_any()))
        .column(Column::new("Status", |one: &Delivery| {
            let tone = match one.outcome {
                DeliveryOutcome::Sent => Tone::Success,
                DeliveryOutcome::Retried | DeliveryOutcome::Postponed => Tone::Warning,
                DeliveryOutcome::Failed => Tone::Danger,
            };
            let why = one.reason.clone().map(|why| view! { <small dir="auto">{why}</small> });
            view! { {badge(tone, one.outcome.title())}{why} }.into_any()
        }))
        .column(Column::new("When", |one: &Delivery| at(one.created_at)))
        .empty(none.0, none.1, None)
        .page(Page { items: deliveries, next_cursor: None, total_estimate: None });
    let crumbs = vec![("Sent messages".to_owned(), "/sent-messages".to_owned())];
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=status(message.status) actions=again.into_any()/>
            <div class="detail">
                <div class="stack">{attempts}</div>
                <aside aria-label="At a glance">{card("message-facts", "At a glance", None, facts.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

/// What a message is called: as the settings of notifications and the guest list call it, else by the words of its kind.
pub fn words(kind: &str) -> String {
    let own = match kind {
        "one_time_code" => Some("Sign-in code"),
        "new_device_sign_in" => Some("Sign-in on a new device"),
        "email_verification" => Some("Email confirmation"),
        _ => None,
    };
    let known = own.or_else(|| kind_title(kind)).or_else(|| message_title(kind));
    let mut words = known.map_or_else(|| kind.replace('_', " "), str::to_owned);
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}
