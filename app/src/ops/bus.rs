//! The event bus: what was published, how it leaves, how far whoever listens within Eventify is, and what other systems
//! sent that could not be received.

use eventify::access::Me;
use eventify::audit::words::capital;
use eventify::bus::operations::{
    bus_consumer_list, bus_dead_letter_discard, bus_dead_letter_list, bus_dead_letter_retry, bus_event_list,
    bus_transport_get,
};
use eventify::bus::{BusTransport, ConsumerRow, DeadLetter, EventFilter, Published, TakenEvent, TransportKind};
use eventify::kernel::money::{Money, count};
use eventify::kernel::page::{Page, Paging};
use eventify::kernel::permissions::Permission;
use eventify::{Error, WORDS};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::sent;
use crate::ui::{
    Act, Column, Confirm, Facts, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, at, badge, card,
    failed_part, loaded, note, shown, submit, waiting_card, when_there,
};

/// So many messages that could not be received are shown at once; where the next ones begin stands in the URL.
const SHOWN: u32 = 20;
const LETTERS: &str = "letters";
/// Who is further behind than this is late.
const LATE: i64 = 1_000;

/// The page.
pub fn bus() -> AnyView {
    let query = ListQuery::current();
    let data = Loading::new(move || query.get(), fetch);
    let letters = Memo::new(move |_| query.with(|query| query.text(LETTERS)));
    let standing = Standing {
        transport: Loading::new(|| (), |()| bus_transport_get()),
        letters: Loading::new(
            move || letters.get(),
            |cursor| bus_dead_letter_list(Paging { cursor, ..Paging::first(SHOWN) }),
        ),
    };
    loaded(data, move |seen, me| list(query.get_untracked(), seen, standing, &me))
}

/// Events, and how far who listens within Eventify is with them.
type Seen = (Page<Published>, Vec<ConsumerRow>);

async fn fetch(query: ListQuery) -> Result<Seen, Error> {
    let (page, heard) = futures::try_join!(bus_event_list(filter(&query)), bus_consumer_list())?;
    Ok((page, heard.items))
}

fn filter(q: &ListQuery) -> EventFilter {
    EventFilter {
        kind: q.parsed("type"),
        aggregate_type: None,
        aggregate_id: q.parsed("aggregate_id"),
        after: q.parsed("after"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

/// What it happened to: its page, where it has one of its own, and its id.
fn record(one: &Published) -> AnyView {
    let name = in_words(&one.aggregate_type);
    let name = match page_of(&one.aggregate_type) {
        Some(path) => view! { <a href=format!("{path}/{}", one.aggregate_id)>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    view! { {name}" "<code>{one.aggregate_id.clone()}</code> }.into_any()
}

/// Where the pages of such records are.
fn page_of(aggregate_type: &str) -> Option<&'static str> {
    match aggregate_type {
        "event" => Some("/events"),
        "payment" => Some("/payments"),
        "dispute" => Some("/disputes"),
        "partner" => Some("/partners"),
        "user" => Some("/users"),
        "venue" => Some("/venues"),
        _ => None,
    }
}

/// What people look for in its data: a name, a sum, what became of it.
fn gist(payload: &Value) -> String {
    let word = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
    let named = ["title", "name", "full_name", "reference"].iter().find_map(|key| word(key));
    let amount =
        payload.get("amount").and_then(|amount| Money::deserialize(amount).ok()).map(|amount| amount.display());
    let seats = payload
        .get("seats")
        .and_then(Value::as_i64)
        .map(|n| if n == 1 { "1 seat".to_owned() } else { format!("{n} seats") });
    // A logged action has a sentence of its own.
    let acted = word("action").filter(|action| WORDS.known(action));
    let acted = acted.map(|action| capital(&WORDS.said(&action, None, None, &[]).text()));
    let became = ["status", "channel", "action", "kind"].iter().find_map(|key| word(key)).map(|word| became(&word));
    [named, amount, seats, acted.or(became)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What became of it, as the pages call it.
fn became(word: &str) -> String {
    match word {
        "sms" => "SMS".to_owned(),
        "dead" => "Failed".to_owned(),
        "retry" => "Will retry".to_owned(),
        word => sent::words(word),
    }
}

/// Whom the event of this number has reached, or is still on its way to.
fn delivered(seq: i64, rows: &[ConsumerRow]) -> String {
    let waiting: Vec<_> = rows.iter().filter(|row| row.position < seq).map(|row| title(&row.name)).collect();
    match waiting.as_slice() {
        [] => "All listeners".to_owned(),
        [_] | [_, _] => format!("Waiting for {}", joined(&waiting)),
        many => format!("Waiting for {} listeners", many.len()),
    }
}

/// What happened, in a line.
fn happened(kind: &str, payload: &Value) -> String {
    match gist(payload) {
        gist if gist.is_empty() => in_words(kind),
        gist if kind == "admin.action.logged" => format!("Audit log: {gist}"),
        gist => format!("{}: {gist}", in_words(kind)),
    }
}

/// What stands above the list.
#[derive(Clone, Copy)]
struct Standing {
    transport: Loading<BusTransport>,
    letters: Loading<Page<DeadLetter>>,
}

fn list(query: ListQuery, (page, heard): Seen, standing: Standing, me: &Me) -> AnyView {
    let (here, wanted, rows) = (query.clone(), filter(&query), heard.clone());
    let table = Table::new("List of events", query)
        .counts("event", "events")
        .csv("/bus/events/export", &wanted)
        .input("type", "search", "Type, such as payment.*")
        .input("aggregate_id", "search", "Record ID")
        .column(Column::head("What", |one: &Published| {
            let payload = serde_json::to_string_pretty(&one.payload).unwrap_or_default();
            let facts = Facts::new()
                .add("Type", view! { <code>{one.kind.clone()}</code> })
                .add("Sequence", one.seq.to_string())
                .add("Record", record(one));
            view! {
                <details>
                    <summary>{happened(&one.kind, &one.payload)}</summary>
                    {facts.view()}
                    <pre tabindex="0">{payload}</pre>
                </details>
            }
            .into_any()
        }))
        .column(
            Column::new("By", |one: &Published| one.by.clone().unwrap_or_else(|| "Eventify".to_owned()).into_any())
                .said(),
        )
        .column(Column::new("When", |one: &Published| at(one.at)).said())
        .column(Column::new("Delivered to", move |one: &Published| delivered(one.seq, &rows).into_any()).said())
        .empty("No events yet", "Everything that happens in Eventify is published here for 30 days.", None)
        .page(page);
    let may = me.may(Permission::JobsManage);
    let Standing { transport, letters } = standing;
    let standing = when_there(waiting_card, move || {
        let (here, heard) = (here.clone(), heard.clone());
        async move {
            let (leaves, left) = (transport.await, letters.await);
            shown(move || {
                let verdict = match (&leaves, &left) {
                    (Ok(leaves), Ok(left)) => Some(verdict(leaves, &heard, left)),
                    _ => None,
                };
                let hear = match leaves {
                    Ok(transport) => listeners(&transport, &heard),
                    Err(error) => failed_part(&error, move || transport.refetch()),
                };
                let left = match left {
                    Ok(rows) => dead_letters(letters, rows, &here, may),
                    Err(error) => failed_part(&error, move || letters.refetch()),
                };
                view! { {verdict}{left}{hear} }.into_any()
            })
        }
    });
    view! {
        <div class="page">
            <PageHead title="Event bus" subtitle="Every change in Eventify is published here and sent to the listeners below."/>
            {standing}
            {table}
            <p class="muted">
                "Other systems receive events at " <code>"/api/v1/bus/stream"</code>
                " and send their own to " <code>"/api/v1/bus/events"</code> ". "
                <a href="/api/v1/asyncapi.json" rel="external">"All types as AsyncAPI"</a>
            </p>
        </div>
    }
    .into_any()
}

/// How it all stands, in a sentence.
fn verdict(transport: &BusTransport, rows: &[ConsumerRow], letters: &Page<DeadLetter>) -> AnyView {
    let (tone, title, text) = verdict_in_words(transport, rows, letters.items.len());
    note(tone, &title, text, None)
}

fn verdict_in_words(transport: &BusTransport, rows: &[ConsumerRow], letters: usize) -> (Tone, String, String) {
    let all: Vec<&ConsumerRow> = rows.iter().chain(&transport.forwarded).collect();
    let failing: Vec<_> = all.iter().filter(|row| row.failures > 0).map(|row| title(&row.name)).collect();
    let late: Vec<_> = all.iter().filter(|row| row.lag >= LATE).map(|row| title(&row.name)).collect();
    let waiting = format!("{}.", unpublished(transport.waiting));
    if !failing.is_empty() {
        let text = "Each is retried automatically from the event it stopped at. No event is skipped.";
        return (Tone::Danger, format!("Failing: {}", joined(&failing)), text.to_owned());
    }
    if transport.waiting >= LATE {
        return (Tone::Warning, "Publishing is behind".to_owned(), waiting);
    }
    if !late.is_empty() {
        let text = "Nothing is lost: events are kept for 30 days and received in order.".to_owned();
        return (Tone::Warning, format!("Behind: {}", joined(&late)), text);
    }
    let text = match transport.waiting {
        0 => format!("Publishing and all {} listeners are up to date.", all.len()),
        _ => format!("All {} listeners are up to date. {waiting}", all.len()),
    };
    match letters {
        0 => (Tone::Success, "Every event is delivered".to_owned(), text),
        _ => (Tone::Warning, "Messages from other systems need a decision".to_owned(), text),
    }
}

/// `A`, `A and B`, `A, B and C`.
fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
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
                    toasts.done(if done.taken { "Message received" } else { "Received before, nothing changed" });
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
                        <p>"It won't be received unless the other system sends it again."</p>
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
    card("bus-dead-letters", "Messages that could not be received", None, lines)
}

/// How many events are still to be published.
fn unpublished(waiting: i64) -> String {
    match waiting {
        1 => "1 event waiting to be published".to_owned(),
        many => format!("{} events waiting to be published", count(many)),
    }
}

/// How far behind somebody is; the mark says it where nothing is left.
fn behind(lag: i64) -> Option<String> {
    match lag {
        0 => None,
        1 => Some("1 event behind".to_owned()),
        many => Some(format!("{} events behind", count(many))),
    }
}

fn standing(row: &ConsumerRow) -> AnyView {
    match (row.failures, row.lag) {
        (1.., _) => badge(Tone::Danger, "Failing"),
        (_, LATE..) => badge(Tone::Warning, "Behind"),
        _ => badge(Tone::Success, "Up to date"),
    }
}

/// How events leave the database, and who receives them.
fn listeners(transport: &BusTransport, rows: &[ConsumerRow]) -> AnyView {
    let published = match transport.waiting {
        LATE.. => badge(Tone::Warning, "Behind"),
        _ => badge(Tone::Success, "Up to date"),
    };
    let publishing = (transport.waiting > 0).then(|| unpublished(transport.waiting));
    let publishing = line(
        "Publishing",
        "Sends every event from the database to the listeners".to_owned(),
        publishing,
        None,
        published,
    );
    let nats = (transport.kind == TransportKind::Nats).then(|| {
        let to = format!("Forwards events to {}", transport.servers.join(", "));
        match &transport.forwarded {
            Some(row) => listener(row, to),
            None => line("NATS", to, Some("Not connected yet".to_owned()), None, badge(Tone::Neutral, "Starting")),
        }
    });
    let receive: Vec<_> = rows.iter().map(|row| listener(row, purpose(&row.name).to_owned())).collect();
    let lines = view! { <ul class="bus-lines" role="list">{publishing}{nats}{receive}</ul> };
    card("bus-listeners", "Publishing and listeners", None, lines)
}

fn listener(row: &ConsumerRow, purpose: String) -> AnyView {
    let fault = (row.failures > 0).then(|| {
        let times = if row.failures == 1 { "once".to_owned() } else { format!("{} times", row.failures) };
        format!("Failed {times} at its next event: {}", row.last_error.clone().unwrap_or_default())
    });
    line(&title(&row.name), purpose, behind(row.lag), fault, standing(row))
}

fn line(name: &str, purpose: String, lag: Option<String>, fault: Option<String>, state: AnyView) -> AnyView {
    let purpose = (!purpose.is_empty()).then(|| view! { <small>{purpose}</small> });
    let fault = fault.map(|why| view! { <small class="error" dir="auto">{why}</small> });
    let lag = lag.map(|lag| view! { <span class="muted">{lag}</span> });
    view! { <li><span><strong>{name.to_owned()}</strong>{purpose}{fault}</span>{lag}{state}</li> }.into_any()
}

/// What a listener is called; one that only a newer server knows by its own words.
fn title(name: &str) -> String {
    match name {
        "nats" => "NATS".to_owned(),
        name => WORDS.listener(name).map_or_else(|| in_words(name), |(title, _)| title.to_owned()),
    }
}

/// What it does with events.
fn purpose(name: &str) -> &'static str {
    WORDS.listener(name).map_or("", |(_, purpose)| purpose)
}

/// `ticket_upkeep` → `Ticket upkeep`.
pub fn in_words(name: &str) -> String {
    let mut words = name.replace(['_', '.'], " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use eventify::kernel::timestamp::Timestamp;

    use super::*;

    fn row(name: &str, lag: i64, failures: i32) -> ConsumerRow {
        ConsumerRow { name: name.to_owned(), position: 0, lag, failures, last_error: None, updated_at: Timestamp::MIN }
    }

    #[test]
    fn the_worst_is_what_the_page_says_first() {
        let transport =
            |waiting| BusTransport { kind: TransportKind::Postgres, waiting, servers: Vec::new(), forwarded: None };
        let said = |waiting, rows: &[ConsumerRow], letters| verdict_in_words(&transport(waiting), rows, letters).1;
        let (well, late) = (row("notifications", 0, 0), row("partners.activation", LATE, 0));
        let failing = row("notify.security", 3, 2);
        assert_eq!(said(0, std::slice::from_ref(&well), 0), "Every event is delivered");
        assert_eq!(said(0, std::slice::from_ref(&well), 2), "Messages from other systems need a decision");
        assert_eq!(said(0, &[well.clone(), late.clone()], 0), "Behind: Partner activation");
        assert_eq!(said(LATE, &[well], 0), "Publishing is behind");
        assert_eq!(said(0, &[late, failing], 0), "Failing: Security emails");
        assert_eq!(in_words("ticket_upkeep.now"), "Ticket upkeep now");
    }

    #[test]
    fn an_event_says_who_still_waits_for_it() {
        let at = |name: &str, position| ConsumerRow { position, ..row(name, 0, 0) };
        let rows = [at("notify.security", 7), at("partners.activation", 5)];
        assert_eq!(delivered(5, &rows), "All listeners");
        assert_eq!(delivered(6, &rows), "Waiting for Partner activation");
        assert_eq!(delivered(8, &rows), "Waiting for Security emails and Partner activation");
        assert_eq!(delivered(8, &[at("a", 1), at("b", 1), at("c", 1)]), "Waiting for 3 listeners");
    }

    #[test]
    fn of_the_data_what_people_look_for_is_shown() {
        let refund = serde_json::json!({ "amount": { "currency": "INR", "minor": 360_000 }, "refund_id": "01a2" });
        assert_eq!(gist(&refund), "₹3,600");
        let sent = serde_json::json!({ "attempt": 1, "channel": "sms", "kind": "one_time_code" });
        assert_eq!(gist(&sent), "SMS");
        assert_eq!(gist(&serde_json::json!({ "kind": "one_time_code" })), "Sign-in code");
        assert_eq!(gist(&serde_json::json!({ "status": "dead" })), "Failed");
        assert_eq!(gist(&serde_json::json!({ "title": "Open Mic", "seats": 1 })), "Open Mic · 1 seat");
        assert_eq!(gist(&serde_json::json!({})), "");
        assert_eq!(happened("payment.refunded", &refund), "Payment refunded: ₹3,600");
        let logged = serde_json::json!({ "action": "partner.created" });
        assert!(happened("admin.action.logged", &logged).starts_with("Audit log: "));
        assert!(!happened("admin.action.logged", &logged).contains("partner.created"), "in words");
        assert_eq!(happened("event.changed", &serde_json::json!({})), "Event changed");
    }
}
