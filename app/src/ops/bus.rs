//! The event bus: what was published, how it leaves, how far whoever listens within Eventify is, and what other systems
//! sent that could not be taken in.

use eventify::access::Me;
use eventify::bus::operations::{
    bus_consumer_list, bus_dead_letter_discard, bus_dead_letter_list, bus_dead_letter_retry, bus_event_list,
    bus_transport_get,
};
use eventify::bus::{BusTransport, ConsumerRow, DeadLetter, EventFilter, Published, TakenEvent, TransportKind};
use eventify::kernel::page::{Page, Paging};
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use crate::ui::{
    Act, Column, Confirm, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, at, badge, card,
    failed_part, loaded, note, submit,
};

/// So many messages that could not be taken in are shown at once; where the next ones begin stands in the URL.
const SHOWN: u32 = 20;
const LETTERS: &str = "letters";
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
    let letters = Memo::new(move |_| query.with(|query| query.text(LETTERS)));
    let standing = Standing {
        transport: Resource::new_blocking(|| (), |()| bus_transport_get()),
        consumers: Resource::new_blocking(|| (), |()| bus_consumer_list()),
        letters: Resource::new_blocking(
            move || letters.get(),
            |cursor| bus_dead_letter_list(Paging { cursor, ..Paging::first(SHOWN) }),
        ),
    };
    loaded(data, move |page, me| list(query.get_untracked(), page, standing, &me))
}

/// What stands above the list.
#[derive(Clone, Copy)]
struct Standing {
    transport: Loading<BusTransport>,
    consumers: Loading<Page<ConsumerRow>>,
    letters: Loading<Page<DeadLetter>>,
}

fn list(query: ListQuery, page: Page<Published>, standing: Standing, me: &Me) -> AnyView {
    let here = query.clone();
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
    let may = me.may(Permission::JobsManage);
    let Standing { transport, consumers, letters } = standing;
    let shown = move || {
        let here = here.clone();
        Suspend::new(async move {
            let leaves = match transport.await {
                Ok(transport) => leaving(transport),
                Err(error) => failed_part(&error, move || transport.refetch()),
            };
            let hear = match consumers.await {
                Ok(rows) => listeners(rows),
                Err(error) => failed_part(&error, move || consumers.refetch()),
            };
            let left = match letters.await {
                Ok(rows) => dead_letters(letters, rows, &here, may),
                Err(error) => failed_part(&error, move || letters.refetch()),
            };
            view! { {left}{leaves}{hear} }.into_any()
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

/// How events leave the database, how many wait for it, and what went wrong.
fn leaving(transport: BusTransport) -> AnyView {
    let BusTransport { kind, waiting, servers, forwarded } = transport;
    let state = match waiting {
        LATE.. => badge(Tone::Warning, "Behind"),
        _ => badge(Tone::Success, "Up to date"),
    };
    let postgres = format!("PostgreSQL LISTEN/NOTIFY · {}", behind(waiting));
    let postgres = view! { <li class="row spread"><span>{postgres}</span>{state}</li> };
    let (failing, nats) = match (kind, forwarded) {
        (TransportKind::Postgres, _) => (None, None),
        (TransportKind::Nats, forwarded) => {
            let (failing, said, state) = match &forwarded {
                Some(row) => (failing(row, "NATS JetStream"), behind(row.lag), standing(row)),
                None => (None, "Not connected yet".to_owned(), badge(Tone::Neutral, "Starting")),
            };
            let said = format!("NATS JetStream at {} · {said}", servers.join(", "));
            (failing, Some(view! { <li class="row spread"><span>{said}</span>{state}</li> }))
        }
    };
    let lines = view! { <ul class="views">{postgres}{nats}</ul> };
    view! { {failing}{card("bus-transport", "Transport", None, lines)} }.into_any()
}

/// What other systems sent and Eventify refused; nothing where there is none.
fn dead_letters(data: Loading<Page<DeadLetter>>, rows: Page<DeadLetter>, here: &ListQuery, may: bool) -> AnyView {
    if rows.items.is_empty() && !here.any(&[LETTERS]) {
        return ().into_any();
    }
    let toasts = Toasts::get();
    let lines = rows.items.into_iter().map(|letter| {
        let id = letter.id;
        let acts = may.then(|| {
            let retry = submit(
                move |_: Nothing| bus_dead_letter_retry(id),
                move |done: TakenEvent| {
                    toasts.done(if done.taken { "Message taken in" } else { "Already taken in: nothing changed" });
                    data.refetch();
                },
            );
            let discard = submit(
                move |_: Nothing| bus_dead_letter_discard(id),
                move |()| {
                    toasts.done("Message discarded");
                    data.refetch();
                },
            );
            view! {
                <div class="row">
                    <Act label="Retry" icon=Icon::REFRESH run=retry class="btn small"/>
                    <Confirm id=format!("discard-{id}") label="Discard" icon=Icon::TRASH title="Discard this message?" confirm="Discard message" keep="Keep message" run=discard class="btn small quiet">
                        <p>"What it tells will not be taken in, unless the other system sends it again."</p>
                    </Confirm>
                </div>
            }
        });
        view! {
            <li class="stack tight">
                <div class="row spread"><b class="mono"><bdi>{letter.subject}</bdi></b>{at(letter.received_at)}</div>
                <p dir="auto">{letter.error}</p>
                <details><summary>"Message"</summary><pre tabindex="0">{letter.body}</pre></details>
                {acts}
            </li>
        }
    });
    let newest =
        here.any(&[LETTERS]).then(|| view! { <a class="btn small" href=here.href(LETTERS, None)>"Newest"</a> });
    let older = rows.next_cursor.map(|next| {
        view! { <a class="btn small" rel="next" href=here.href(LETTERS, Some(&next))>"Older messages"</a> }
    });
    let lines = view! {
        <p>"Other systems sent these over NATS. They are kept for 30 days."</p>
        <ul class="stack">{lines.collect_view()}</ul>
        <div class="row">{newest}{older}</div>
    };
    card("bus-dead-letters", "Messages that could not be taken in", None, lines)
}

/// How many events wait.
fn behind(waiting: i64) -> String {
    match waiting {
        0 => "Nothing waits".to_owned(),
        1 => "1 event waits".to_owned(),
        many => format!("{many} events wait"),
    }
}

fn standing(row: &ConsumerRow) -> AnyView {
    match (row.failures, row.lag) {
        (1.., _) => badge(Tone::Danger, "Failing"),
        (_, LATE..) => badge(Tone::Warning, "Behind"),
        _ => badge(Tone::Success, "Up to date"),
    }
}

/// What went wrong, if something did.
fn failing(row: &ConsumerRow, name: &str) -> Option<AnyView> {
    let why = row.last_error.clone().unwrap_or_default();
    let title = format!("{name} has failed {} times at its next event", row.failures);
    let text = view! { <p dir="auto">{why}</p><p>"It is tried again by itself. Nothing is skipped."</p> };
    (row.failures > 0).then(|| note(Tone::Danger, &title, text, None))
}

fn listeners(rows: Page<ConsumerRow>) -> AnyView {
    let failing = rows.items.iter().filter_map(|row| failing(row, &named(&row.name))).collect_view();
    let lines = rows.items.iter().map(|row| {
        let said = format!("{} · {}", named(&row.name), behind(row.lag));
        view! { <li class="row spread"><span>{said}</span>{standing(row)}</li> }
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
