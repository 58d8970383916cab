//! What one was told: the bell of the bar, and the page of all of it.

use eventify::Error;
use eventify::access::Me;
use eventify::kernel::page::Page;
use eventify::kernel::timestamp::Timestamp;
use eventify::notifications::operations::{notification_list, notification_read, notification_unread};
use eventify::notifications::{NoticeSeverity, Notification, NotificationFilter, ReadNotifications, Unread};
use eventify::overview::Waiting;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{
    Act, Column, Icon, ListQuery, Loading, PageHead, Table, Tone, ago, badge, live, loaded, now, submit, tabs,
};

/// The bell, with how many are unread; `again` counts what waits once something new is told.
pub fn bell(me: &Me, waiting: &Waiting, again: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    live::follow(&[&format!("notifications:{}", me.id)], again);
    let unread = waiting.notifications.unwrap_or(0);
    let count = (unread > 0).then(|| view! { <span class="count" aria-hidden="true">{unread.min(99)}</span> });
    let said = if unread > 0 { format!("Notifications, {unread} unread") } else { "Notifications".to_owned() };
    view! {
        <a class="btn square quiet bell" href="/notifications" title="Notifications" aria-label=said>
            {Icon::BELL.svg()}
            {count}
        </a>
    }
    .into_any()
}

/// What the page is made of.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Told {
    page: Page<Notification>,
    unread: i64,
    as_of: Timestamp,
}

/// The page.
pub fn notifications() -> AnyView {
    let query = ListQuery::current();
    let data: Loading<Told> = Resource::new_blocking(move || query.get(), fetch);
    loaded(data, move |told, _| page(data, query.get_untracked(), told))
}

async fn fetch(query: ListQuery) -> Result<Told, Error> {
    let filter = NotificationFilter {
        unread: (query.text("tab").as_deref() == Some("unread")).then_some(true),
        cursor: query.text("cursor"),
        limit: query.word("limit"),
    };
    let (page, unread) = futures::try_join!(notification_list(filter), notification_unread())?;
    Ok(Told { page, unread: unread.unread, as_of: now() })
}

fn page(data: Loading<Told>, query: ListQuery, told: Told) -> AnyView {
    let Told { page, unread, as_of } = told;
    let current = if query.text("tab").as_deref() == Some("unread") { "unread" } else { "all" };
    let strip = tabs(
        "Notifications",
        "/notifications",
        current,
        &[("all", "All", None), ("unread", "Unread", Some(unread).filter(|n| *n > 0))],
    );
    let all = (unread > 0).then(|| {
        let run = submit(notification_read, move |_: Unread| data.refetch());
        view! { <Act label="Mark all as read" icon=Icon::CHECK run=run/> }.into_any()
    });
    let table = Table::new("List of notifications", query)
        .counts("notification", "notifications")
        .column(Column::head("Notification", line))
        .column(Column::new("Status", mark))
        .column(Column::new("When", move |one: &Notification| when(one, as_of)))
        .empty("Nothing yet", "What needs you or concerns you is told here.", None)
        .page(page);
    view! {
        <div class="page">
            <PageHead title="Notifications" actions=all.into_any()/>
            {strip}
            {table}
        </div>
    }
    .into_any()
}

/// What was told, leading to what it is about; whoever follows it has read it.
fn line(one: &Notification) -> AnyView {
    let (id, read) = (one.id, one.is_read);
    let follow = move |_| {
        if !read {
            spawn_local(async move {
                // Left unread if it cannot be said: it is there again.
                let _ = notification_read(ReadNotifications { ids: Some(vec![id]) }).await;
            });
        }
    };
    let title = match read {
        true => view! { <bdi>{one.title.clone()}</bdi> }.into_any(),
        false => view! { <strong><bdi>{one.title.clone()}</bdi></strong> }.into_any(),
    };
    let title = match one.href.clone() {
        Some(href) => view! { <a href=href on:click=follow>{title}</a> }.into_any(),
        None => title,
    };
    let more = (!one.message.is_empty()).then(|| view! { <small dir="auto">{one.message.clone()}</small> });
    view! { {title}{more} }.into_any()
}

fn mark(one: &Notification) -> AnyView {
    match (one.is_read, one.severity) {
        (true, _) => ().into_any(),
        (false, NoticeSeverity::Critical) => badge(Tone::Danger, "Urgent"),
        (false, _) => badge(Tone::Info, "New"),
    }
}

fn when(one: &Notification, as_of: Timestamp) -> AnyView {
    view! { <time datetime=one.created_at.rfc3339()>{ago(one.created_at, as_of)}</time> }.into_any()
}
