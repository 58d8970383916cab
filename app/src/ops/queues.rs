//! How the queues stand: what waits in each, and for how long.

use eventify::kernel::queues::Queue;
use eventify::ops::{QueueFigures, QueueRow};
use leptos::prelude::*;

use crate::ui::{Loading, Stat, Stats, Tone, failed_part, note};

/// From so many seconds on a queue that should be fast is late.
const LATE: i64 = 60;

/// The figures once they are there.
pub fn when_loaded(data: Loading<QueueFigures>) -> AnyView {
    let shown = move || {
        Suspend::new(async move {
            match data.await {
                Ok(figures) => view(figures),
                Err(error) => failed_part(&error, move || data.refetch()),
            }
        })
    };
    let waiting = || view! { <div class="card" aria-busy="true"><span class="sr">"Loading"</span></div> };
    view! { <Transition fallback=waiting>{shown}</Transition> }.into_any()
}

fn view(figures: QueueFigures) -> AnyView {
    let unknown = (figures.unknown > 0).then(|| {
        let text = format!("{} jobs need a newer version of the server. They wait until it runs.", figures.unknown);
        note(Tone::Warning, "Jobs this version cannot run", view! { <p>{text}</p> }, None)
    });
    let stats = figures.queues.iter().fold(Stats::new(), |stats, row| stats.with(stat(row)));
    view! { {unknown}<section aria-label="Queues">{stats.view()}</section> }.into_any()
}

fn stat(row: &QueueRow) -> Stat {
    let stat = Stat::new(title(row.queue), format!("{} waiting", row.waiting));
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
        Queue::Mail => "Mail",
        Queue::Webhook => "Webhooks",
        Queue::Bulk => "Other work",
        Queue::Media => "Pictures",
    }
}
