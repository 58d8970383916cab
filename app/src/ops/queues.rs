//! How the queues stand: what waits in each, and for how long.

use eventify::kernel::money::count;
use eventify::kernel::queues::Queue;
use eventify::ops::{QueueFigures, QueueRow};
use leptos::prelude::*;

use crate::ui::{Loading, Stat, Stats, Tone, failed_part, note, shown, waiting_card, when_there};

/// From so many seconds on a queue that should be fast is late.
const LATE: i64 = 60;

/// The figures once they are there.
pub fn when_loaded(data: Loading<QueueFigures>) -> AnyView {
    when_there(waiting_card, move || async move {
        let figures = data.await;
        shown(move || match figures {
            Ok(figures) => view(figures),
            Err(error) => failed_part(&error, move || data.refetch()),
        })
    })
}

fn view(figures: QueueFigures) -> AnyView {
    let unknown = (figures.unknown > 0).then(|| {
        let text = format!("{} jobs need a newer version of the server. They wait until it runs.", figures.unknown);
        note(Tone::Warning, "Jobs this version cannot run", view! { <p>{text}</p> }, None)
    });
    // A queue in which nothing waits or runs is in the sentence already.
    let busy = figures.queues.iter().filter(|row| row.waiting > 0 || row.running > 0);
    let stats = busy.fold(Stats::new(), |stats, row| stats.with(stat(row)));
    let stats = (!stats.is_empty()).then(|| view! { <section aria-label="Queues">{stats.view()}</section> });
    view! { {verdict(&figures.queues)}{unknown}{stats} }.into_any()
}

/// How it all stands, in a sentence, with the way to what failed.
fn verdict(rows: &[QueueRow]) -> AnyView {
    let (tone, title, text) = verdict_in_words(rows);
    let failed = rows.iter().any(|row| row.dead > 0).then(|| {
        view! { <a class="btn small" href="/jobs?status=dead" data-noscroll="">"Show failed jobs"</a> }.into_any()
    });
    note(tone, &title, text, failed)
}

fn verdict_in_words(rows: &[QueueRow]) -> (Tone, String, String) {
    let sum = |figure: fn(&QueueRow) -> i64| rows.iter().map(figure).sum::<i64>();
    let failed = match sum(|row| row.dead) {
        0 => "none failed".to_owned(),
        1 => "1 failed and waits for a retry".to_owned(),
        many => format!("{} failed and wait for a retry", count(many)),
    };
    let text =
        format!("{} waiting, {} running, {failed}.", count(sum(|row| row.waiting)), count(sum(|row| row.running)));
    let late: Vec<_> = rows.iter().filter(|row| row.lag_seconds.is_some_and(|seconds| seconds >= LATE)).collect();
    match late.as_slice() {
        [] if sum(|row| row.dead) > 0 => (Tone::Warning, "Some jobs failed, the rest is on time".to_owned(), text),
        [] => (Tone::Success, "Background work is on time".to_owned(), text),
        [one] => (Tone::Warning, format!("Late: {}", title(one.queue)), text),
        several => (Tone::Warning, format!("{} queues are late", several.len()), text),
    }
}

fn stat(row: &QueueRow) -> Stat {
    let stat = Stat::new(title(row.queue), format!("{} waiting", count(row.waiting)));
    match row.lag_seconds {
        Some(seconds @ LATE..) => stat.trend(Tone::Danger, format!("Oldest waiting for {} min", seconds / 60)),
        _ if row.running > 0 => stat.trend(Tone::Success, format!("{} running", row.running)),
        _ => stat.trend(Tone::Success, "On time"),
    }
}

fn title(queue: Queue) -> &'static str {
    match queue {
        Queue::Urgent => "Sign-in emails",
        Queue::Text => "Codes by text message",
        Queue::Mail => "Other emails",
        Queue::Webhook => "Webhooks",
        Queue::Bulk => "Other work",
        Queue::Media => "Pictures",
    }
}

/// What a queue is called, by the word that its jobs have.
pub fn title_of(word: &str) -> String {
    Queue::ALL
        .iter()
        .find(|queue| queue.as_str() == word)
        .map_or_else(|| super::bus::in_words(word), |queue| title(*queue).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_is_said_before_what_failed() {
        let row = |queue, lag_seconds, dead| QueueRow {
            queue,
            slots: 4,
            running: 1,
            waiting: 2,
            later: 0,
            lag_seconds,
            dead,
        };
        let said = |rows: &[QueueRow]| verdict_in_words(rows).1;
        assert_eq!(said(&[row(Queue::Mail, Some(2), 0)]), "Background work is on time");
        assert_eq!(said(&[row(Queue::Mail, None, 3)]), "Some jobs failed, the rest is on time");
        assert_eq!(said(&[row(Queue::Text, Some(LATE), 3)]), "Late: Codes by text message");
        let text = verdict_in_words(&[row(Queue::Mail, None, 1)]).2;
        assert_eq!(text, "2 waiting, 1 running, 1 failed and waits for a retry.");
    }
}
