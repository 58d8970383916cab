//! The live board: who is in, how fast they come, which gate and phone needs somebody. Made for the wall of a control
//! room too (`?screen=wall`).

use std::time::Duration;

use eventify::Error;
use eventify::access::Me;
use eventify::events::{EventId, Zone};
use eventify::gate::operations::{checkin_conflict_list, gate_board};
use eventify::gate::{Conflict, ConflictFilter, GateBoard, Reason};
use eventify::kernel::permissions::Permission::{LivePost, TicketsManage};
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::arrivals::Arrivals;
use super::signs::{Sign, bar, reason_title};
use super::{Of, devices, updates};
use crate::ui::{Icon, ListQuery, Loading, PageHead, Tone, ago, badge, id_of_path, live, loaded, state};

/// Nothing heard for so long: what is shown may be old.
const STALE: f64 = 5_000.0;

/// What the board is made of.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Data {
    of: Of,
    figures: GateBoard,
    /// Those that nobody has resolved, where this person may see them.
    conflicts: Vec<Conflict>,
}

/// The page.
pub fn board() -> AnyView {
    let (id, query) = (id_of_path::<EventId>(), ListQuery::current());
    let data: Loading<Data> = Resource::new_blocking(move || id.get(), fetch);
    if let Some(id) = id.get() {
        live::follow_one(&["live.*"], id, move || data.refetch());
    }
    loaded(data, move |record, me| page(record, &me, query.with_untracked(|query| query.text("screen").is_some())))
}

async fn fetch(id: Option<EventId>) -> Result<Data, Error> {
    let of = Of::load(id).await?;
    let id = of.event.id;
    let open = ConflictFilter { open: Some(true), ..ConflictFilter::default() };
    let conflicts = match checkin_conflict_list(id, open).await {
        Ok(page) => page.items,
        Err(error) if error.status() == 403 => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Data { figures: gate_board(id).await?, conflicts, of })
}

fn page(record: Data, me: &Me, wall: bool) -> AnyView {
    let Data { of, figures, conflicts } = record;
    let (event, zone, now) = (&of.event, &of.zone, figures.as_of);
    let path = format!("/events/{}/board", event.id);
    let (href, label) = if wall { (path, "Leave full screen") } else { (format!("{path}?screen=wall"), "Full screen") };
    let acts = view! { <a class="btn" href=href data-noscroll="">{Icon::SCREEN.svg()}{label}</a> }.into_any();
    let minutes: Vec<_> = figures.minutes.iter().map(|minute| (minute.minute, minute.came_in)).collect();
    let expected: Vec<_> = figures.expected.iter().map(|minute| (minute.minute, minute.people)).collect();
    let arrivals =
        Arrivals { zone, start_at: event.start_at, now, minutes: &minutes, expected: &expected, whole: false };
    let posts = updates::Posts { any: of.may(me, LivePost) && !wall, supervises: of.may(me, TicketsManage) };
    view! {
        <div class="page board" class:wall=wall>
            <PageHead title=format!("Live board · {}", event.title) crumbs=of.crumbs() actions=acts/>
            {of.strip("/board", me)}
            {head(zone, now)}
            <div class="board-grid">
                {inside(&figures)}
                {pace(&arrivals, event.start_at, zone)}
                {needs(&of, &figures, &conflicts, of.may(me, TicketsManage))}
                {gates(&figures)}
                {refused(&figures)}
                {updates::feed_card(&of, figures.updates, posts)}
            </div>
        </div>
    }
    .into_any()
}

/// The clock of the event, and whether the line stands.
fn head(zone: &Zone, as_of: Timestamp) -> AnyView {
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

/// To the second.
pub(super) fn hour(zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
}

/// 6214 as people read it.
fn grouped(n: i64) -> String {
    let digits = n.abs().to_string();
    let parts: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    format!("{}{}", if n < 0 { "−" } else { "" }, parts.join(","))
}

fn inside(board: &GateBoard) -> AnyView {
    let tickets = i64::from(board.tickets);
    let share = (board.inside * 100).checked_div(tickets).unwrap_or_default();
    let types = board.types.iter().map(|kind| {
        view! {
            <li>
                <span>{kind.name.clone()}</span>
                {bar(&kind.name, kind.came_in, kind.tickets.into(), "go")}
                <b>{grouped(kind.came_in)}<small>{format!(" / {}", grouped(kind.tickets.into()))}</small></b>
            </li>
        }
    });
    let types = types.collect_view();
    view! {
        <section class="card" aria-labelledby="inside">
            <header class="card-head"><h2 id="inside">"Inside now"</h2></header>
            <div class="card-body stack inside">
                <div><b>{grouped(board.inside)}</b><p>{format!("of {} tickets · {share}%", grouped(tickets))}</p></div>
                {bar("Inside", board.inside, tickets, "go")}
                <p>{format!("{} in, {} out", grouped(board.came_in), grouped(board.came_in - board.inside))}</p>
                <h3>"Admitted of sold, by ticket type"</h3>
                <ul class="shares" role="list">{types}</ul>
            </div>
        </section>
    }
    .into_any()
}

fn pace(arrivals: &Arrivals<'_>, start_at: Timestamp, zone: &Zone) -> AnyView {
    let (now, due) = arrivals.rate();
    // On another day the hour alone would be today's.
    let same_day = zone.local(start_at).date() == zone.local(arrivals.now).date();
    let start = if same_day { format!("at {}", zone.clock(start_at)) } else { zone.brief(start_at) };
    let starts = if arrivals.now < start_at { "starts" } else { "started" };
    let said = format!(" a minute now, {due} expected. The event {starts} {start}.");
    view! {
        <section class="card wide" aria-labelledby="arrivals">
            <header class="card-head"><h2 id="arrivals">"Arrivals per minute"</h2>
                <div class="actions"><span class="key"><i class="k booked"></i>"Scanned"</span><span class="key">"┄ Expected"</span></div>
            </header>
            <div class="card-body stack">
                <p class="pace"><b>{now}</b>{said}</p>
                {arrivals.view()}
            </div>
        </section>
    }
    .into_any()
}

/// What somebody has to see to: incidents, admissions that disagree, phones that are not well.
fn needs(of: &Of, board: &GateBoard, conflicts: &[Conflict], resolves: bool) -> AnyView {
    let (zone, now) = (&of.zone, board.as_of);
    let incidents = board.updates.iter().filter(|update| updates::is_open_incident(update)).map(|update| {
        let by = [update.author.clone(), update.gate.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let at = updates::at(update);
        need(Icon::ALERT.svg(), format!("Incident: {}", update.body), format!("{by}, {}", zone.clock(at)), ago(at, now))
    });
    let twice = conflicts.iter().map(|conflict| {
        let name = conflict.guest.clone().unwrap_or_else(|| "No name".to_owned());
        let title = format!("{}: {name}", super::conflicts::kind_title(conflict));
        let lead = match resolves {
            true => {
                view! { <a href=format!("/events/{}/conflicts#{}", of.event.id, conflict.id)>{title}</a> }.into_any()
            }
            false => title.into_any(),
        };
        need(Sign::Look.svg(), lead, super::conflicts::in_short(conflict, zone), ago(conflict.created_at, now))
    });
    let phones = board.devices.iter().filter_map(|device| {
        let (tone, word) = devices::health(device);
        let said = format!("{} at {}: {}", device.name, device.gate, word.to_lowercase());
        let waiting = match device.queued {
            0 => String::new(),
            n => format!("{n} scans waiting when last heard"),
        };
        matches!(tone, Tone::Warning | Tone::Danger)
            .then(|| need(Icon::SCREEN.svg(), said, waiting, ago(device.last_seen_at, now)))
    });
    let all: Vec<_> = incidents.chain(twice).chain(phones).collect();
    let count = all.len();
    let body = match count {
        0 => state(Icon::CHECK, "Nothing needs you", "Incidents, conflicts and phones in trouble appear here.", None),
        _ => view! { <ul role="list">{all}</ul> }.into_any(),
    };
    let class = if count > 0 { "card needs" } else { "card" };
    view! {
        <section class=class aria-labelledby="needs">
            <header class="card-head"><h2 id="needs">"Needs you"</h2><small>{format!("{count} open")}</small></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}

fn need(sign: AnyView, title: impl IntoAny, more: String, ago: String) -> AnyView {
    view! { <li>{sign}<span><strong>{title.into_any()}</strong><small>{more}</small></span><span class="muted nowrap">{ago}</span></li> }.into_any()
}

fn gates(board: &GateBoard) -> AnyView {
    let rows = board.gates.iter().map(|gate| {
        let own: Vec<_> = board.devices.iter().filter(|device| Some(device.gate_id) == gate.gate_id).collect();
        let well = own.iter().filter(|device| matches!(devices::health(device).0, Tone::Success | Tone::Info)).count();
        let (tone, phones) = match (own.len(), well) {
            (0, _) => (Tone::Neutral, "No phones".to_owned()),
            (all, well) if all == well => (Tone::Success, format!("{all} online")),
            (all, well) => (Tone::Warning, format!("{well} of {all} online")),
        };
        let waiting: i32 = own.iter().map(|device| device.queued).sum();
        view! {
            <tr>
                <th scope="row">{if gate.name.is_empty() { "No gate".to_owned() } else { gate.name.clone() }}</th>
                <td class="num" data-label="Admitted"><div>{grouped(gate.came_in)}</div></td>
                <td class="num" data-label="Out"><div>{grouped(gate.went_out)}</div></td>
                <td class="num" data-label="Refused"><div>{grouped(gate.refused)}</div></td>
                <td data-label="Phones"><div>{badge(tone, phones)}</div></td>
                <td class="num" data-label="Scans waiting"><div>{waiting}</div></td>
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
        let drawn = bar(&title, row.count, most, sign.word());
        view! { <li><span>{sign.svg()}{title}</span>{drawn}<b>{grouped(row.count)}</b></li> }
    });
    let rows: Vec<_> = rows.collect();
    let body = match rows.is_empty() {
        true => state(Icon::CHECK, "No refusals", "Refused scans appear here by reason.", None),
        false => view! { <ul class="shares" role="list">{rows}</ul> }.into_any(),
    };
    view! {
        <section class="card" aria-labelledby="board-refused">
            <header class="card-head"><h2 id="board-refused">"Refused"</h2><small>{format!("{} of {} scans", grouped(board.refused), grouped(board.scans))}</small></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_figures_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 6_214, 1_234_567, -1_200].map(grouped),
            ["0", "999", "1,000", "6,214", "1,234,567", "−1,200"]
        );
    }
}
