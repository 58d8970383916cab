//! What one was told as a list: what is still to be seen to first, the urgent before all, each with what to do; then the
//! rest by day. What came several times of one event is one line that opens.

use std::cmp::Reverse;

use eventify::kernel::page::Page;
use eventify::kernel::timestamp::Timestamp;
use eventify::notifications::operations::notification_read;
use eventify::notifications::{NoticeSeverity, Notification, NotificationId, ReadNotifications};
use eventify::zones::day_in_words;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::{Column, ListQuery, Table, Tone, ago, badge, card_flush, long, own_zone};

/// Notifications of one kind about one event; most are alone.
struct Told {
    first: Notification,
    more: Vec<Notification>,
}

impl Told {
    fn count(&self) -> usize {
        1 + self.more.len()
    }

    fn all(&self) -> impl Iterator<Item = &Notification> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The page of all of them: their own where they have one, else the list that theirs are in.
    fn href(&self) -> Option<String> {
        let href = self.first.href.as_deref()?;
        let shared = self.more.iter().all(|one| one.href.as_deref() == Some(href));
        let list = href.rsplit_once('/').map(|(list, _)| list).filter(|list| !shared && !list.is_empty());
        Some(list.unwrap_or(href).to_owned())
    }

    /// What to do, as the link to it says.
    fn act(&self) -> &'static str {
        match self.first.kind.as_str() {
            "dispute_opened" => "Add evidence",
            "gate_conflict" => "Decide",
            "event_request" => "Answer",
            "document_uploaded" | "payouts_prepared" => "Review",
            "user_flagged" => "Check account",
            "plan_changed" => "Check your part",
            _ => "Open",
        }
    }

    /// What several of them are: `11 tickets admitted twice · Riverside Food Weekend`.
    fn title(&self) -> String {
        let twice = self.all().all(|one| one.title.contains("Ticket admitted twice"));
        let what = match self.first.kind.as_str() {
            "dispute_opened" => "disputed payments",
            "gate_conflict" if twice => "tickets admitted twice",
            "gate_conflict" => "admissions to check",
            "event_request" => "requests to join",
            "document_uploaded" => "documents uploaded",
            "payouts_prepared" => "payout batches prepared",
            "user_flagged" => "flagged accounts",
            "plan_changed" => "changes of your part in the plan",
            _ => "notifications",
        };
        let event = self.first.event.as_ref().map(|event| format!(" · {event}")).unwrap_or_default();
        format!("{} {what}{event}", self.count())
    }
}

/// Those that are alike as one, where the first of them stands.
fn together<K: PartialEq>(items: Vec<Notification>, alike: impl Fn(&Notification) -> K) -> Vec<Told> {
    let mut all: Vec<(K, Told)> = Vec::new();
    for one in items {
        let key = (alike(&one), one.kind.clone(), one.event.clone(), (one.settled, one.outcome.clone()));
        let same = |told: &Told, of: &K| {
            let (first, (settled, outcome)) = (&told.first, &key.3);
            (of, &first.kind, &first.event, first.settled, &first.outcome)
                == (&key.0, &key.1, &key.2, *settled, outcome)
        };
        match all.iter_mut().find(|(of, told)| same(told, of)) {
            Some((_, told)) => told.more.push(one),
            None => all.push((key.0, Told { first: one, more: Vec::new() })),
        }
    }
    all.into_iter().map(|(_, told)| told).collect()
}

/// The urgent first, then by when it is due, then the latest.
fn by_urgency(mut items: Vec<Notification>) -> Vec<Notification> {
    items.sort_by_key(|one| {
        (one.severity != NoticeSeverity::Critical, one.due_at.is_none(), one.due_at, Reverse(one.created_at))
    });
    items
}

/// What is still to be seen to.
pub fn open(items: Vec<Notification>, as_of: Timestamp) -> Option<AnyView> {
    if items.is_empty() {
        return None;
    }
    let table = Table::new("Open notifications", ListQuery::default())
        .counts("notification", "notifications")
        .column(Column::head("Notification", move |told: &Told| line(told, as_of)))
        .column(Column::new("Status", |told: &Told| mark(&told.first, true)))
        .column(Column::new("When", move |told: &Told| when(&told.first, as_of)))
        .column(Column::actions(act))
        .all(together(by_urgency(items), |_| ()));
    Some(card_flush("notifications-open", "To do", None, table))
}

/// The day of it, by the reader's clock, in words.
fn day(one: &Notification) -> String {
    day_in_words(own_zone().field(one.created_at).get(..10).unwrap_or_default())
}

/// All else, by day.
pub fn rest(query: ListQuery, page: Page<Notification>, as_of: Timestamp) -> AnyView {
    let Page { items, next_cursor, total_estimate } = page;
    let page = Page { items: together(items, day), next_cursor, total_estimate };
    Table::new("List of notifications", query)
        .counts("notification", "notifications")
        .under(|told: &Told| day(&told.first))
        .column(Column::head("Notification", move |told: &Told| line(told, as_of)))
        .column(Column::new("Status", |told: &Told| mark(&told.first, false)))
        .column(Column::new("When", move |told: &Told| when(&told.first, as_of)))
        .empty("No notifications yet", "Requests, disputes, approvals and changes that concern you appear here.", None)
        .page(page)
}

/// What follows a link marks as read; left unread if it cannot be said: it is there again.
fn follow(ids: Vec<NotificationId>) -> impl Fn(leptos::ev::MouseEvent) + Clone {
    move |_| {
        let ids = ids.clone();
        if !ids.is_empty() {
            spawn_local(async move {
                let _ = notification_read(ReadNotifications { ids: Some(ids) }).await;
            });
        }
    }
}

fn unread<'n>(all: impl Iterator<Item = &'n Notification>) -> Vec<NotificationId> {
    all.filter(|one| !one.is_read).map(|one| one.id).collect()
}

/// One, or several that open.
fn line(told: &Told, as_of: Timestamp) -> AnyView {
    if told.more.is_empty() {
        return single(&told.first, as_of);
    }
    let all: Vec<_> = told.all().map(|one| view! { <li>{single(one, as_of)}</li> }).collect();
    view! {
        <details class="told">
            <summary><strong><bdi>{told.title()}</bdi></strong></summary>
            <ul role="list">{all}</ul>
        </details>
    }
    .into_any()
}

/// What was told, leading to what it is about; whoever follows it has read it.
fn single(one: &Notification, as_of: Timestamp) -> AnyView {
    let title = match one.is_read {
        true => view! { <bdi>{one.title.clone()}</bdi> }.into_any(),
        false => view! { <strong><bdi>{one.title.clone()}</bdi></strong> }.into_any(),
    };
    let title = match one.href.clone() {
        Some(href) => view! { <a href=href on:click=follow(unread(std::iter::once(one)))>{title}</a> }.into_any(),
        None => title,
    };
    let due = one.due_at.map(|due| due_in(due, as_of));
    let more = [due, Some(one.says().to_owned())].into_iter().flatten().filter(|part| !part.is_empty());
    let more = more.collect::<Vec<_>>().join(" · ");
    let more = (!more.is_empty()).then(|| view! { <small dir="auto">{more}</small> });
    view! { {title}{more} }.into_any()
}

/// How long there is.
fn due_in(due: Timestamp, now: Timestamp) -> String {
    let hours = (due.0 - now.0).whole_hours();
    if due > now { format!("Due in {}", long(hours)) } else { format!("Overdue by {}", long(-hours)) }
}

fn mark(one: &Notification, is_open: bool) -> AnyView {
    match (is_open, one.severity) {
        _ if one.settled => done(one.outcome.as_deref()),
        (true, NoticeSeverity::Critical) => badge(Tone::Danger, "Urgent"),
        _ if !one.is_read => badge(Tone::Info, "New"),
        (true, _) => badge(Tone::Neutral, "Open"),
        (false, _) => ().into_any(),
    }
}

/// How it ended: a dispute was won or lost, all else is done.
fn done(outcome: Option<&str>) -> AnyView {
    match outcome {
        Some("won") => badge(Tone::Success, "Won"),
        Some("lost") => badge(Tone::Danger, "Lost"),
        Some("withdrawn") => badge(Tone::Success, "Withdrawn"),
        Some("under_review") => badge(Tone::Info, "Under review"),
        _ => badge(Tone::Success, "Done"),
    }
}

fn when(one: &Notification, as_of: Timestamp) -> AnyView {
    view! { <time datetime=one.created_at.rfc3339()>{ago(one.created_at, as_of)}</time> }.into_any()
}

/// What to do about it.
fn act(told: &Told) -> AnyView {
    let Some(href) = told.href() else { return ().into_any() };
    let said = if told.more.is_empty() { told.first.title.clone() } else { told.title() };
    let act = told.act();
    view! {
        <a class="btn small" href=href aria-label=format!("{act}: {said}") on:click=follow(unread(told.all()))>{act}</a>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, severity: &str, minute: u8, due: Option<&str>) -> Notification {
        let json = serde_json::json!({
            "id": format!("01a21cc0-cd44-7771-965f-20037b8c99{minute:02}"), "type": kind, "severity": severity,
            "title": format!("Guest {minute} · Ticket admitted twice at Jazz"), "message": "", "reference_type": "",
            "reference_id": "", "href": format!("/{kind}/{minute}"), "is_read": false, "settled": false, "event": "Jazz",
            "due_at": due, "created_at": format!("2026-11-27T12:{minute:02}:00Z"),
        });
        serde_json::from_value(json).expect("a notification")
    }

    #[test]
    fn the_urgent_come_first_and_what_is_due_before_what_is_not() {
        let all = vec![
            told("event_request", "info", 50, None),
            told("gate_conflict", "critical", 40, None),
            told("dispute_opened", "critical", 10, Some("2026-12-01T00:00:00Z")),
            told("gate_conflict", "critical", 41, None),
        ];
        let order: Vec<_> = by_urgency(all).iter().map(|one| one.created_at.0.minute()).collect();
        assert_eq!(order, [10, 41, 40, 50]);
    }

    #[test]
    fn what_came_several_times_of_one_event_is_one_line() {
        let mut all = vec![told("gate_conflict", "critical", 1, None), told("event_request", "info", 2, None)];
        all.extend([told("gate_conflict", "critical", 3, None), told("gate_conflict", "critical", 4, None)]);
        let lines = together(all, |_| ());
        assert_eq!(lines.iter().map(Told::count).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(lines[0].title(), "3 tickets admitted twice · Jazz");
        assert_eq!(lines[0].href().as_deref(), Some("/gate_conflict"), "the list that they are in");
        assert_eq!(lines[1].href().as_deref(), Some("/event_request/2"));
    }

    #[test]
    fn it_is_said_how_long_there_is() {
        let at = |text: &str| Timestamp::parse(text).expect("a time");
        let due = at("2026-11-28T12:00:00Z");
        assert_eq!(due_in(due, at("2026-11-27T18:00:00Z")), "Due in 18 hours");
        assert_eq!(due_in(due, at("2026-11-28T15:00:00Z")), "Overdue by 3 hours");
    }
}
