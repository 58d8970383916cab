//! A verdict: the whole screen, told by colour, edge, sign, word and sound.

use eventify_gate::{Direction, Reason};
use maud::{Markup, html};

use super::signs::{icon, mark, notes, sign};
use crate::signals::Signal;
use crate::state::{Attempt, Live, REFUSED, Verdict};
use crate::words::Field;

/// Gate and direction, who decided, and how it sounds.
pub fn top(live: &Live, by_server: bool, signal: Option<Signal>) -> Markup {
    let gate = live.here().map(|(_, gate)| gate.name.as_str()).unwrap_or_default();
    let gate = gate.split(" · ").next().unwrap_or(gate);
    let way = if live.settings.direction == Direction::In { "In" } else { "OUT" };
    html! {
        div.v-top {
            span { (gate) " · " (way) }
            span { (mark(if by_server { "dot" } else { "ring" })) (if by_server { "Online" } else { "Offline" }) }
            @if let Some(signal) = signal {
                button data-do="again" aria-label={ "Sound: " (signal.described()) ". Tap to hear again" } { (notes(signal)) }
            } @else { span {} }
        }
    }
}

pub fn next(words: &str) -> Markup {
    html! { p.v-next { (icon("next")) (words) } }
}

/// The server is being asked.
pub fn checking(live: &Live, attempt: &Attempt) -> Markup {
    let own = attempt.own.as_ref();
    // Who it is may be shown while the verdict is open; not where the phone would stop it.
    let known = own.filter(|own| {
        own.verdict.result != eventify_gate::Outcome::Rejected || own.verdict.reason == Some(Reason::AlreadyRedeemed)
    });
    let seconds = live.decide_after() / 1000.0;
    html! {
        main.v.v-ask.busy data-key={ "asking-" (attempt.nonce) } {
            (top(live, true, None))
            div.v-main {
                svg.v-sign viewBox="0 0 200 200" aria-hidden="true" {
                    circle.line-tone cx="100" cy="100" r="88" stroke-width="14" opacity=".45" {}
                    path.line-tone.turns d="M100 12a88 88 0 0 1 88 88" stroke-width="16" {}
                    g.fill-tone { circle cx="60" cy="100" r="13" {} circle cx="100" cy="100" r="13" {} circle cx="140" cy="100" r="13" {} }
                }
                h1 { "Checking" }
                @if let Some(own) = known {
                    @if let Some(name) = &own.facts.name { p.v-name { (name) } }
                    @if let Some(kind) = &own.facts.kind { p.v-type.muted { (kind) } }
                }
                p.v-note {
                    @if own.is_some() { "Asking the server. Without an answer in " (seconds) " seconds this phone decides from its own list." }
                    @else { "Asking the server." }
                }
            }
            div.v-foot {
                p.v-next { "Wait for the sign before the guest walks" }
                button.btn.wide data-do="back" { "Back to scan" }
            }
        }
    }
}

pub fn verdict(live: &Live, verdict: &Verdict) -> Markup {
    let card = &verdict.card;
    let field = match card.field {
        Field::Go => "v-go",
        Field::Look => "v-look",
        Field::Elsewhere => "v-else",
        Field::Stop => "v-stop",
        Field::Out => "v-out",
    };
    let is_long = card.title.chars().count() > 8;
    html! {
        main class={ "v " (field) } data-key={ "verdict-" (verdict.nonce) } data-touch data-verdict=(card.title) {
            @if card.runs { div.v-bar { i.stands[!verdict.runs] {} } }
            (top(live, card.by_server, Some(card.signal)))
            div.v-main role="alert" {
                (sign(&card.sign, card.by_server, "v-sign", "k", "f"))
                h1.long[is_long] { (card.title) }
                @if let Some(act) = &card.act { p.v-do { (act) } }
                @if let Some(name) = &card.name { p.v-name { (name) } }
                @if let Some(kind) = &card.kind { p.v-type { (kind) } }
                @if !card.uses.is_empty() {
                    div.two {
                        @for (at, one) in card.uses.iter().enumerate() {
                            div.first[at == 0] { b { (one.at) } span { (one.where_by) } em { (one.what) } }
                        }
                    }
                }
                @if let Some(note) = &card.note { p.v-note { (note) } }
            }
            @if let Some(band) = &card.band {
                div.v-band { (icon("wait")) span { @for (at, line) in band.lines().enumerate() { @if at > 0 { br; } (line) } } }
            }
            (foot(live, verdict))
        }
    }
}

fn foot(live: &Live, verdict: &Verdict) -> Markup {
    let card = &verdict.card;
    if card.runs {
        return html! {
            div.v-foot {
                (next("Ready for the next ticket"))
                div.row {
                    button.btn data-do="undo" { (icon("undo")) "Undo" }
                    // A touch has stopped the bar: the screen stays until it is left.
                    @if !verdict.runs { button.btn.solid data-do="next" { "Back to scan" } }
                }
            }
        };
    }
    let is_next = live.mono - verdict.since >= REFUSED;
    html! {
        div.v-foot {
            @if card.unused_ticket.is_some() {
                button.btn.wide.tall data-do="unused" { span { "Open the unused ticket" small { "Same order, not in yet. Both showed one code?" } } }
            }
            div.row {
                @if card.search { button.btn data-do="go" data-arg="search" { (icon("search")) "Search" } }
                @else if card.can_force { button.btn data-do="supervisor" { "Supervisor" } }
                button.btn.solid data-do="next" { "Back to scan" }
            }
            // The room is kept, so that nothing moves under a thumb.
            @if is_next { (next("Next ticket can be scanned")) } @else { p.v-next { "" } }
        }
    }
}
