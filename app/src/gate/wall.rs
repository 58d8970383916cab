//! The board on the wall of a control room: few things, each large enough to be read from across it, and no more of them
//! than the screen holds.

use eventify::gate::{Conflict, GateBoard, GateCount, LiveUpdate};
use eventify::kernel::money::{count, share};
use leptos::prelude::*;

use super::arrivals::Arrivals;
use super::signs::{bar, today};
use super::{devices, needs, updates};
use crate::events::Head;
use crate::ui::{Icon, PageHead, Tone, badge};

/// So many needs and gates fit in the height of a screen.
const NEEDS: usize = 3;
const GATES: usize = 4;

/// The whole screen; `head` is the clock.
pub fn page(of: &Head, board: &GateBoard, conflicts: &[Conflict], arrivals: &Arrivals<'_>, head: AnyView) -> AnyView {
    let event = &of.event;
    let leave = view! { <a class="btn" href=format!("/events/{}/board", event.id) data-noscroll="">{Icon::SCREEN.svg()}"Leave full screen"</a> };
    let (all, update) = (needs::of(of, board, conflicts, false), chosen(&board.updates));
    view! {
        <div class="page board wall">
            <PageHead title=format!("Live board · {}", event.title) actions=leave.into_any()/>
            {head}
            {figures(of, board, arrivals)}
            <div class="wall-parts">
                {needed(all)}
                {gates(board, arrivals)}
                {said(of, update)}
            </div>
        </div>
    }
    .into_any()
}

fn figures(of: &Head, board: &GateBoard, arrivals: &Arrivals<'_>) -> AnyView {
    let tickets = i64::from(board.tickets);
    let (now, due) = arrivals.rate();
    let out = board.came_in - board.inside;
    let (here, left) = today(board, &of.zone, of.event.start_at);
    let more = format!("of {} tickets · {}", count(tickets), share(here, tickets));
    let left = left.map(|left| format!(". {left}")).unwrap_or_default();
    let pace = match (due, arrivals.last()) {
        (0, Some(last)) => format!("last at {}", of.zone.clock(last)),
        (due, _) => format!("{} expected", count(due)),
    };
    let figure = |label: &'static str, value: i64, more: String| {
        view! { <div><dt>{label}</dt><dd>{count(value)}</dd><dd class="more">{more}</dd></div> }
    };
    view! {
        <section class="wall-figs" aria-label="Counts">
            <dl>
                {figure("Inside now", here, more)}
                {figure("Arrivals per minute", now, pace)}
                {figure("Out", out, format!("of {} admitted{left}", count(board.came_in)))}
                {figure("Refused", board.refused, format!("of {} scans", count(board.scans)))}
            </dl>
            {bar("Inside", here, tickets, "go")}
        </section>
    }
    .into_any()
}

fn part(id: &'static str, class: &'static str, title: &'static str, body: AnyView) -> AnyView {
    view! { <section class=class aria-labelledby=id><h2 id=id>{title}</h2>{body}</section> }.into_any()
}

fn needed(all: Vec<needs::Need>) -> AnyView {
    match all.is_empty() {
        true => part(
            "wall-needs",
            "card",
            "Needs you",
            view! { <p class="calm">{Icon::CHECK.svg()}"Nothing"</p> }.into_any(),
        ),
        false => part("wall-needs", "card needs", "Needs you", needs::list(all, NEEDS)),
    }
}

/// Who came in at which gate; where these leave room, how fast they come.
fn gates(board: &GateBoard, arrivals: &Arrivals<'_>) -> AnyView {
    let left = board.gates.len().saturating_sub(GATES);
    let rows: Vec<_> = board.gates.iter().take(GATES).map(|one| gate(board, one)).collect();
    let left = (left > 0).then(|| view! { <p class="left">{format!("and {left} more")}</p> });
    let pace = (rows.len() <= GATES / 2 && arrivals.drawn()).then(|| view! { <h2>"Arrivals"</h2>{arrivals.view()} });
    let body = match rows.is_empty() {
        true => view! { <p class="calm">"No gates yet"</p> }.into_any(),
        false => view! { <ul class="wall-gates" role="list">{rows}</ul>{left}{pace} }.into_any(),
    };
    part("wall-gates", "card", "Admitted by gate", body)
}

fn gate(board: &GateBoard, gate: &GateCount) -> AnyView {
    let (tone, phones) = phones(board, gate);
    let name = if gate.name.is_empty() { "No gate".to_owned() } else { gate.name.clone() };
    view! { <li><span><bdi>{name}</bdi>{badge(tone, phones)}</span><b>{count(gate.came_in)}</b></li> }.into_any()
}

/// How many phones of a gate are well.
pub fn phones(board: &GateBoard, gate: &GateCount) -> (Tone, String) {
    let own: Vec<_> = board.devices.iter().filter(|device| Some(device.gate_id) == gate.gate_id).collect();
    let well = own.iter().filter(|device| matches!(devices::health(device).0, Tone::Success | Tone::Info)).count();
    match (own.len(), well) {
        (0, _) => (Tone::Neutral, "No phones".to_owned()),
        (all, well) if all == well => (Tone::Success, format!("{all} online")),
        (all, well) => (Tone::Warning, format!("{well} of {all} online")),
    }
}

/// The one that is shown in full: an incident that is open, else the latest.
fn chosen(updates: &[LiveUpdate]) -> Option<&LiveUpdate> {
    updates.iter().max_by_key(|update| (updates::is_open_incident(update), updates::at(update)))
}

/// The longer it is, the smaller it is written: all of it has to be there.
fn scale(text: &str) -> &'static str {
    match text.chars().count() {
        ..=60 => "large",
        61..=160 => "middle",
        _ => "small",
    }
}

fn said(of: &Head, update: Option<&LiveUpdate>) -> AnyView {
    let body = match update {
        None => view! { <p class="calm">"No updates yet"</p> }.into_any(),
        Some(update) => {
            let by = [update.author.clone(), update.gate.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let when = of.zone.clock(updates::at(update));
            let by = if by.is_empty() { when } else { format!("{when} · {by}") };
            view! { <p class="wall-said" data-scale=scale(&update.body) dir="auto">{update.body.clone()}</p><p class="left">{by}</p> }.into_any()
        }
    };
    part("wall-update", "card", "Latest update", body)
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn a_long_update_is_written_smaller_not_cut() {
        let of = |length| scale(&"a".repeat(length));
        assert_eq!([of(0), of(60), of(61), of(160), of(500)], ["large", "large", "middle", "middle", "small"]);
    }
}
