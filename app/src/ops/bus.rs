//! The event bus: what was published, and how far whoever listens within Eventify is.

use eventify::bus::operations::{bus_consumer_list, bus_event_list};
use eventify::bus::{ConsumerRow, EventFilter, Published};
use eventify::kernel::page::Page;
use leptos::prelude::*;

use crate::ui::{Column, ListQuery, Loading, PageHead, Table, Tone, at, badge, card, failed_part, loaded, note};

/// Who is further behind than this is late.
const LATE: i64 = 1_000;

/// The page.
pub fn bus() -> AnyView {
    let query = ListQuery::current();
    let filter = |q: ListQuery| EventFilter {
        kind: q.word("type"),
        aggregate_type: None,
        aggregate_id: q.word("aggregate_id"),
        after: q.word("after"),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    };
    let data = Resource::new_blocking(move || query.get(), move |q| bus_event_list(filter(q)));
    let consumers = Resource::new_blocking(|| (), |()| bus_consumer_list());
    loaded(data, move |page, _| list(query.get_untracked(), page, consumers))
}

fn list(query: ListQuery, page: Page<Published>, consumers: Loading<Page<ConsumerRow>>) -> AnyView {
    let table = Table::new("List of events", query)
        .counts("event", "events")
        .input("type", "search", "Type, such as payment.*")
        .input("aggregate_id", "search", "Id of a record")
        .input("after", "number", "After sequence")
        .column(Column::head("Type", |one: &Published| {
            let payload = serde_json::to_string_pretty(&one.payload).unwrap_or_default();
            view! {
                <details>
                    <summary>{one.kind.clone()}</summary>
                    <pre tabindex="0">{payload}</pre>
                </details>
            }
            .into_any()
        }))
        .column(Column::new("Record", |one: &Published| {
            view! { {one.aggregate_type.replace('_', " ")}<small>{one.aggregate_id.clone()}</small> }.into_any()
        }))
        .column(Column::new("By", |one: &Published| one.by.clone().unwrap_or_else(|| "–".to_owned()).into_any()).low())
        .column(Column::new("Sequence", |one: &Published| one.seq.to_string().into_any()).number())
        .column(Column::new("When", |one: &Published| at(one.at)))
        .empty("No events yet", "Whatever happens in Eventify is published here for 30 days.", None)
        .page(page);
    let shown = move || {
        Suspend::new(async move {
            match consumers.await {
                Ok(rows) => listeners(rows),
                Err(error) => failed_part(&error, move || consumers.refetch()),
            }
        })
    };
    let waiting = || view! { <div class="card" aria-busy="true"><span class="sr">"Loading"</span></div> };
    view! {
        <div class="page">
            <PageHead title="Event bus" subtitle="What happened, in the order it was published."/>
            <Transition fallback=waiting>{shown}</Transition>
            {table}
            <p class="muted">
                "Programs listen at " <code>"/api/v1/bus/stream"</code>
                " and tell of their own events at " <code>"/api/v1/bus/events"</code> ". "
                <a href="/api/v1/asyncapi.json" rel="external">"All types as AsyncAPI"</a>
            </p>
        </div>
    }
    .into_any()
}

fn listeners(rows: Page<ConsumerRow>) -> AnyView {
    let failing = rows.items.iter().filter(|row| row.failures > 0).map(|row| {
        let why = row.last_error.clone().unwrap_or_default();
        let title = format!("{} has failed {} times at its next event", named(&row.name), row.failures);
        note(
            Tone::Danger,
            &title,
            view! { <p dir="auto">{why}</p><p>"It is tried again by itself. Nothing is skipped."</p> },
            None,
        )
    });
    let failing = failing.collect_view();
    let lines = rows.items.iter().map(|row| {
        let state = match (row.failures, row.lag) {
            (1.., _) => badge(Tone::Danger, "Failing"),
            (_, LATE..) => badge(Tone::Warning, "Behind"),
            _ => badge(Tone::Success, "Up to date"),
        };
        let behind = match row.lag {
            0 => "Nothing waits".to_owned(),
            1 => "1 event waits".to_owned(),
            many => format!("{many} events wait"),
        };
        view! { <li class="row spread"><span>{format!("{} · {behind}", named(&row.name))}</span>{state}</li> }
    });
    let lines = view! { <ul class="views">{lines.collect_view()}</ul> };
    view! { {failing}{card("bus-listeners", "Listeners", None, lines)} }.into_any()
}

/// `ticket_upkeep` → `Ticket upkeep`.
fn named(name: &str) -> String {
    let mut words = name.replace(['_', '.'], " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}
