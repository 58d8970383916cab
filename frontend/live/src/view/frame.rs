//! Framed screens: nothing happens without the steward.

use eventify_gate::Reason;
use maud::{Markup, html};

use super::hold;
use super::signs::{icon, person, sign};
use super::verdict::top;
use crate::signals::Signal;
use crate::state::{Forcing, Frame, Live, REASONS};
use crate::words::{Sign, guests};

pub fn frame(live: &Live, frame: &Frame) -> Markup {
    let facts = &frame.facts;
    let is_party = frame.total > 1 && !frame.is_unknown();
    // One of a party whose others are in: the party is still told, though there is but one to admit.
    let is_last = facts.party > 1
        && facts.inside > 0
        && !is_party
        && !frame.is_unknown()
        && !frame.is_found
        && facts.reason != Some(Reason::NotInside);
    let is_look = !is_party || frame.has_notes();
    let title = match facts.reason {
        Some(Reason::NotInList) => "Not in the list".to_owned(),
        _ if frame.is_found => "Admit?".to_owned(),
        _ if is_last && !frame.has_notes() => format!("{} of {} left", frame.total, facts.party),
        _ if is_party && !frame.has_notes() => format!("{} to admit", frame.total),
        _ => "Check first".to_owned(),
    };
    html! {
        main.v.v-ask.look[is_look] data-key={ "frame-" (frame.since) } data-verdict=(title) {
            (top(live, facts.by_server, Some(Signal::Look)))
            div.v-main role="alert" {
                @if is_party || is_last { (pips(facts.party, facts.inside)) }
                @else { (sign(&Sign::Mark, facts.by_server, "v-sign", "tone", "tone-ink")) }
                h1.long { (title) }
                @if let Some(act) = doing(live, frame, is_party || is_last) { p.v-do { (act) } }
                @if let Some(name) = &facts.name { p.v-name { (name) } }
                p.v-type.muted { (kind(live, frame)) }
                @if frame.is_unknown() {
                    p.panel-note {
                        small { "This event’s rule while offline" }
                        "A supervisor decides. The ticket may have been sold after "
                        (facts.list_from.map(|from| live.clock(from)).unwrap_or_default()) "."
                    }
                }
                @if let Some(note) = &facts.note { p.panel-note { small { "Note from the organiser" } (note) } }
                @for (at, (question, answer)) in facts.questions.iter().enumerate() {
                    div.ask { span.muted { (question) } b { (answer) } }
                    button.tick role="checkbox" aria-checked=(frame.ticks[at]) data-do="tick" data-arg=(at) {
                        span.box {} "I have checked: " (question)
                    }
                }
            }
            div.v-foot { (foot(frame, is_party)) }
        }
    }
}

fn pips(party: u16, inside: u16) -> Markup {
    html! {
        @if party <= 8 {
            div.pips role="img" aria-label={ (inside) " of " (party) " inside" } {
                @for at in 0..party { (person(at < inside)) }
            }
        }
    }
}

fn doing(live: &Live, frame: &Frame, is_party: bool) -> Option<String> {
    let facts = &frame.facts;
    match facts.reason {
        Some(Reason::NotInList) => Some("Genuine code, but this phone has no newer list".into()),
        Some(Reason::NotInside) => Some("Was not scanned in".into()),
        _ if frame.is_found => Some(if live.waits_for_network() {
            "Needs the network: found by name".into()
        } else {
            "Compare the name with the guest’s ID".into()
        }),
        _ if is_party && facts.inside == 0 => Some(format!("Party of {}", facts.party)),
        _ if is_party => {
            let are = if facts.inside == 1 { "is" } else { "are" };
            Some(format!("Party of {} · {} {are} already in", facts.party, facts.inside))
        }
        _ => None,
    }
}

fn kind(live: &Live, frame: &Frame) -> String {
    let facts = &frame.facts;
    let kind = facts.kind.clone().unwrap_or_else(|| "Ticket".into());
    if frame.is_unknown() {
        let Some(from) = facts.list_from else { return kind };
        let age = crate::words::span(live.at().0 - from.0);
        return format!("{kind} · list is from {}, {age} old", live.clock(from));
    }
    if let Some(first) = &facts.first {
        let gate = first.gate.as_deref().map(|gate| format!(", {gate}")).unwrap_or_default();
        return format!("{kind} · first one {}{gate}", live.clock(first.at));
    }
    let is_in = if facts.state == Some(eventify_gate::State::Inside) { "inside" } else { "not in yet" };
    format!("{kind} · {} · {is_in}", guests(facts.party.max(1)))
}

fn foot(frame: &Frame, is_party: bool) -> Markup {
    let n = frame.total;
    if frame.is_unknown() {
        return html! {
            button.btn.tall.wide data-do="leave" { "Do not admit" }
            p.v-next.quiet { "A supervisor can admit it from another phone that is online, or by the printed list" }
        };
    }
    let off = !frame.may_admit();
    if !is_party {
        let word = if frame.facts.reason == Some(Reason::NotInside) { "Let out" } else { "Admit" };
        return html! {
            button.btn.go.tall.wide data-do="admit" data-arg="1" aria-disabled=(off) { (word) }
            button.btn.wide data-do="leave" { @if frame.is_found { "Back" } @else { "Do not admit" } }
        };
    }
    html! {
        button.btn.go.tall.wide data-do="admit" data-arg=(n) aria-disabled=(off) { "Admit all " (guests(n)) }
        @if n > 2 {
            div.step {
                button data-do="fewer" aria-label="One fewer" aria-disabled=(frame.step <= 1) { (icon("minus")) }
                button.btn data-do="admit" data-arg=(frame.step) aria-disabled=(off) { "Admit " (frame.step) " of " (n) }
                button data-do="more" aria-label="One more" aria-disabled=(frame.step + 1 >= n) { (icon("plus")) }
            }
            button.btn.wide data-do="leave" { "Not now" }
        } @else {
            div.row {
                button.btn data-do="admit" data-arg="1" aria-disabled=(off) { "Admit 1 of " (n) }
                button.btn data-do="leave" { "Not now" }
            }
        }
        p.v-next.quiet { "Scanning the same code again admits 1 guest" }
    }
}

/// A supervisor lets in what was refused.
pub fn force(live: &Live, forcing: &Forcing) -> Markup {
    let name = forcing.card_name.as_deref();
    html! {
        main.v.v-ask.stop data-key="force" data-verdict="Admit anyway?" {
            (top(live, live.network.is_online(), Some(Signal::Stop)))
            div.v-main.scrolls {
                h1.plain { "Admit anyway?" }
                p.v-type {
                    @if let Some(name) = name { b { (name) } ": " }
                    @if !forcing.wrong.is_empty() { (forcing.wrong) ". " }
                    "One more person is counted inside, under the supervisor’s name."
                }
                fieldset.pick {
                    legend { "Reason" }
                    @for (at, (label, seen)) in REASONS.iter().enumerate() {
                        button.choice role="radio" aria-checked=(at == forcing.reason) data-do="force_reason" data-arg=(at) {
                            span.box {} span { (label) @if !seen.is_empty() { small { (seen) } } }
                        }
                    }
                }
                @if forcing.reason == REASONS.len() - 1 {
                    label.field { "Why" textarea data-in="other" maxlength="500" { (forcing.other) } }
                }
                @if !live.is_supervisor() {
                    label.field { "Supervisor PIN" input.pin data-in="pin" type="password" inputmode="numeric" autocomplete="off" maxlength="12"; }
                }
                @if let Some(said) = &forcing.said { p.wrong role="alert" { (said) } }
            }
            div.v-foot {
                (hold("stop wide tall", "force", html! { span { "Hold to admit" small { "1.5 seconds" } } }))
                button.btn.wide data-do="back" { "Do not admit" }
            }
        }
    }
}
