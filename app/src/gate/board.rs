//! The live board: who is in, how fast they come, which gate and phone needs somebody. Made for the wall of a control
//! room too (`?screen=wall`).

use std::time::Duration;

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::gate::operations::{checkin_conflict_list, gate_board};
use eventify::gate::{Conflict, ConflictFilter, GateBoard, Reason};
use eventify::kernel::money::{count, share};
use eventify::kernel::permissions::Permission::{LivePost, TicketsManage};
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::Zone;
use leptos::prelude::*;

use super::arrivals::Arrivals;
use super::signs::{Sign, bar, hour, reason_title, today};
use super::{needs, updates, wall};
use crate::events::Head;
use crate::events::head::{self, Counts};
use crate::ui::{Icon, ListQuery, Loading, badge, id_of_path, live, loaded, state};

/// Nothing heard for so long: what is shown may be old.
const STALE: f64 = 5_000.0;

/// What the board is made of.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    of: Head,
    figures: GateBoard,
    /// Those that nobody has resolved, where this person may see them.
    conflicts: Vec<Conflict>,
}

/// The page.
pub fn board() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let counts = head::counts(id);
    let walled = move || query.with(|query| query.text("screen").is_some());
    // The screen is read with it: whoever turns to the other gets the page anew.
    let data: Loading<Data> = Loading::new(move || (id.get(), walled()), move |(id, _)| fetch(id, counts));
    if let Some(id) = id.get() {
        live::follow_one(&["live.*", "event.status_changed"], id, move || data.refetch());
    }
    loaded(data, move |record, me| page(record, &me, untrack(walled)))
}

async fn fetch(id: Option<EventId>, counts: Loading<Counts>) -> Result<Data, Error> {
    let of = Head::load(id, counts).await?;
    let id = of.event.id;
    let open = ConflictFilter { open: Some(true), ..ConflictFilter::default() };
    let conflicts = match checkin_conflict_list(id, open).await {
        Ok(page) => page.items,
        Err(error) if error.status() == 403 => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Data { figures: gate_board(id).await?, conflicts, of })
}

fn page(record: Data, me: &Me, walled: bool) -> AnyView {
    let Data { of, figures, conflicts } = record;
    let (event, zone, now) = (&of.event, &of.zone, figures.as_of);
    let minutes: Vec<_> = figures.minutes.iter().map(|minute| (minute.minute, minute.came_in)).collect();
    let expected: Vec<_> = figures.expected.iter().map(|minute| (minute.minute, minute.people)).collect();
    let arrivals =
        Arrivals { zone, start_at: event.start_at, now, minutes: &minutes, expected: &expected, whole: false };
    if walled {
        return wall::page(&of, &figures, &conflicts, &arrivals, clock_line(zone, now));
    }
    let href = format!("/events/{}/board?screen=wall", event.id);
    let acts = view! { <a class="btn" href=href data-noscroll="">{Icon::SCREEN.svg()}"Full screen"</a> }.into_any();
    let resolves = of.may(me, TicketsManage);
    let posts = updates::Posts { any: of.may(me, LivePost), supervises: resolves };
    view! {
        <div class="page event-page board">
            {super::head(&of, head::BOARD, me, Some(acts))}
            {clock_line(zone, now)}
            <div class="board-grid">
                {needs::card(needs::of(&of, &figures, &conflicts, resolves), &of, resolves)}
                {inside(&figures, zone, event.start_at)}
                {pace(&arrivals, event.start_at, zone)}
                {gates(&figures)}
                {refused(&figures)}
                {updates::feed_card(&of, figures.updates, posts)}
            </div>
        </div>
    }
    .into_any()
}

/// The clock of the event, and whether the line stands.
fn clock_line(zone: &Zone, as_of: Timestamp) -> AnyView {
    let (shown, heard) = (RwSignal::new(hour(zone, as_of)), RwSignal::new(None::<f64>));
    let stale = RwSignal::new(None::<String>);
    live::watch(&[live::BEAT, "live.*"], move |_| {
        let _ = heard.try_set(Some(js_sys::Date::now()));
    });
    let clocks = zone.clone();
    Effect::new(move |_| {
        // The browser's clock may be wrong: it goes on from what the server said.
        let (opened, clocks) = (js_sys::Date::now(), clocks.clone());
        let tick = move || {
            let now = js_sys::Date::now();
            let at =
                |then: f64| hour(&clocks, Timestamp(as_of.0 + Duration::from_millis((then - opened).max(0.0) as u64)));
            let last = heard.get_untracked().unwrap_or(opened);
            let _ = shown.try_set(at(now));
            let _ = stale.try_set((now - last > STALE).then(|| at(last)));
        };
        if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    let said = move || stale.get().map_or("Live".to_owned(), |last| format!("Last heard {last}"));
    view! {
        <div class="board-head" class:stale=move || stale.with(Option::is_some)>
            <span class="beat" role="status">{said}</span>
            <span class="sr">"Time at the event"</span>
            <time>{shown}</time>
        </div>
    }
    .into_any()
}

fn inside(board: &GateBoard, zone: &Zone, start_at: Timestamp) -> AnyView {
    let tickets = i64::from(board.tickets);
    let (here, left) = today(board, zone, start_at);
    let types = board.types.iter().map(|kind| {
        // What was added up is seconds older than what is unresolved.
        let settled = (kind.came_in - kind.unresolved).max(0);
        view! {
            <li>
                <span>{kind.name.clone()}</span>
                {bar(&kind.name, settled, kind.tickets.into(), "go")}
                <b>{count(settled)}<small>{format!(" / {}", count(kind.tickets.into()))}</small></b>
            </li>
        }
    });
    let types = types.collect_view();
    view! {
        <section class="card" aria-labelledby="inside">
            <header class="card-head"><h2 id="inside">"Inside now"</h2></header>
            <div class="card-body stack inside">
                <div><b>{count(here)}</b><p>{format!("of {} tickets · {}", count(tickets), share(here, tickets))}</p></div>
                {bar("Inside", here, tickets, "go")}
                {left.map(|left| view! { <p><strong>{left}"."</strong>" They are not counted above."</p> })}
                <p>{format!("Entries {} · Exits {}{}", count(board.came_in), count(board.came_in - board.inside), if board.inside_overnight > 0 { " on all days" } else { "" })}</p>
                {(board.unresolved > 0).then(|| view! { <p>{format!("{} of them on admissions to check", count(board.unresolved))}</p> })}
                <h3>"Admitted of sold, by ticket type"</h3>
                <ul class="shares" role="list">{types}</ul>
            </div>
        </section>
    }
    .into_any()
}

/// `at 18:00`; on another day the hour alone would be today's: `Fri 27 Nov, 12:00 IST`.
fn clock_of(zone: &Zone, at: Timestamp, now: Timestamp) -> String {
    match zone.local(at).date() == zone.local(now).date() {
        true => format!("at {}", zone.clock(at)),
        false => zone.brief(at),
    }
}

fn pace(arrivals: &Arrivals<'_>, start_at: Timestamp, zone: &Zone) -> AnyView {
    let (now, due) = arrivals.rate();
    let start = clock_of(zone, start_at, arrivals.now);
    let starts = if arrivals.now < start_at { "starts" } else { "started" };
    let last =
        arrivals.last().filter(|_| now == 0).map(|at| format!(" Last arrival {}.", clock_of(zone, at, arrivals.now)));
    let expected = if due > 0 { format!(", {} expected", count(due)) } else { String::new() };
    let said = format!(" a minute now{expected}. The event {starts} {start}.{}", last.unwrap_or_default());
    let drawn = arrivals.drawn();
    let body = match arrivals.last() {
        // Nothing to draw: a picture of nobody says less than words.
        None => {
            let text = format!("Each minute's admissions appear here. The event {starts} {start}.");
            state(Icon::USERS, "No arrivals yet", text, None)
        }
        Some(_) => {
            let said = match arrivals.at_rest() {
                Some(last) => {
                    let since = clock_of(zone, last, arrivals.now);
                    let since = since.strip_prefix("at ").unwrap_or(&since).to_owned();
                    let due = if due > 0 { format!(" {} a minute expected now.", count(due)) } else { String::new() };
                    let text = format!("No arrivals since {since}.");
                    view! { <strong>{text}</strong>{format!("{due} The event {starts} {start}.")} }.into_any()
                }
                None => view! { <b>{count(now)}</b>{said} }.into_any(),
            };
            view! { <p class="pace">{said}</p>{drawn.then(|| arrivals.view())} }.into_any()
        }
    };
    let keys = drawn.then(|| {
        let expected = arrivals.expects().then(|| view! { <span class="key">"┄ Expected"</span> });
        view! { <div class="actions"><span class="key"><i class="k booked"></i>"Scanned"</span>{expected}</div> }
    });
    view! {
        <section class="card wide" aria-labelledby="arrivals">
            <header class="card-head"><h2 id="arrivals">"Arrivals per minute"</h2>{keys}</header>
            <div class="card-body stack">{body}</div>
        </section>
    }
    .into_any()
}

fn gates(board: &GateBoard) -> AnyView {
    let rows = board.gates.iter().map(|gate| {
        let (tone, phones) = wall::phones(board, gate);
        let own = board.devices.iter().filter(|device| Some(device.gate_id) == gate.gate_id);
        let waiting: i32 = own.map(|device| device.queued).sum();
        view! {
            <tr>
                <th scope="row">{if gate.name.is_empty() { "No gate".to_owned() } else { gate.name.clone() }}</th>
                <td class="num" data-label="Admitted"><div>{count(gate.came_in)}</div></td>
                <td class="num" data-label="Out"><div>{count(gate.went_out)}</div></td>
                <td class="num" data-label="Refused"><div>{count(gate.refused)}</div></td>
                <td data-label="Phones"><div>{badge(tone, phones)}</div></td>
                <td class="num" data-label="Scans waiting"><div>{count(waiting.into())}</div></td>
            </tr>
        }
    });
    let rows: Vec<_> = rows.collect();
    let body = match rows.is_empty() {
        true => state(Icon::PLACE, "No gates yet", "Each gate appears here with its admissions and phones.", None),
        false => view! {
            <div class="datatable"><table class="table">
                <caption class="sr">"Gates"</caption>
                <thead><tr>
                    <th scope="col">"Gate"</th><th scope="col" class="num">"Admitted"</th><th scope="col" class="num">"Out"</th>
                    <th scope="col" class="num">"Refused"</th><th scope="col">"Phones"</th><th scope="col" class="num">"Scans waiting"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any(),
    };
    view! {
        <section class="card wide" aria-labelledby="board-gates">
            <header class="card-head"><h2 id="board-gates">"Gates"</h2></header>
            {body}
        </section>
    }
    .into_any()
}

fn refused(board: &GateBoard) -> AnyView {
    let most = board.refusals.iter().map(|row| row.count).max().unwrap_or_default();
    let rows = board.refusals.iter().map(|row| {
        // A reason that only a newer server knows is still told.
        let reason = Reason::parse(&row.reason);
        let sign = reason.map_or(Sign::Stop, Sign::of);
        let title = reason.map_or_else(|| row.reason.replace('_', " "), |reason| reason_title(reason).to_owned());
        let drawn = bar(&title, row.count, most, sign.as_str());
        view! { <li><span>{sign.svg()}{title}</span>{drawn}<b>{count(row.count)}</b></li> }
    });
    let rows: Vec<_> = rows.collect();
    let body = match rows.is_empty() {
        true => state(Icon::CHECK, "No refusals", "Refused scans appear here by reason.", None),
        false => view! { <ul class="shares" role="list">{rows}</ul> }.into_any(),
    };
    view! {
        <section class="card" aria-labelledby="board-refused">
            <header class="card-head"><h2 id="board-refused">"Refused"</h2><small>{format!("{} of {} scans", count(board.refused), count(board.scans))}</small></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}
