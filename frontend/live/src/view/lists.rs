//! What waits, what was not taken, what was scanned last, and what is guaranteed.

use eventify_gate::{Outcome, Reason};
use maud::{Markup, html};

use super::scan::tone;
use super::signs::{icon, sign};
use super::{button, promise_line, screen};
use crate::state::queue::{Status, StoredScan};
use crate::state::{Live, Past, WHY};
use crate::words::{Field, Sign};

pub fn queue(live: &Live) -> Markup {
    let waiting: Vec<&StoredScan> = live.queue.waiting().collect();
    let refused: Vec<&StoredScan> = live.queue.unseen().collect();
    let small = match refused.len() {
        0 => waiting.len().to_string(),
        n => format!("{} + {n} refused", waiting.len()),
    };
    let oldest = waiting.first().map(|row| live.clock(row.at));
    let body = html! {
        @if !refused.is_empty() {
            section.box.stop {
                h2 { (refused.len()) @if refused.len() == 1 { " scan" } @else { " scans" } " the server refused" }
                p { "They stay here until someone has seen them." (inside(&refused)) }
                ul.list { @for row in &refused { li { (kept(live, row)) } } }
                button.btn.wide data-do="seen" { @if refused.len() == 1 { "Mark as seen" } @else { "Mark all as seen" } }
            }
        }
        @if waiting.is_empty() {
            p.muted { "No scans are waiting." }
        } @else {
            div.between { h2 { (waiting.len()) " waiting for the network" } span.muted { "oldest " (oldest.unwrap_or_default()) } }
            ul.list { @for row in waiting.iter().rev().take(100) { li { (kept(live, row)) } } }
        }
        @for report in &live.reports { section.box { h2 { "Report waiting" } p { (report.body) } } }
    };
    let foot = html! {
        p.hint { "StoredScan on this phone, even if you restart or update. Names show until the app closes." }
        button.btn.main.wide data-do="try" aria-disabled=(live.network.busy) {
            "Try now" @if live.network.offline_since().is_some() { span.light { " · " (live.network.seconds(live.mono)) " s" } }
        }
    };
    screen(live, "Waiting", Some(small), body, Some(foot))
}

/// What became of those whom the phone had let in.
fn inside(refused: &[&StoredScan]) -> String {
    match refused.iter().filter(|row| row.admitted > 0).count() {
        0 => String::new(),
        all if all == refused.len() => " The guests are inside.".to_owned(),
        1 => " For 1 of them, the guests are inside.".to_owned(),
        some => format!(" For {some} of them, the guests are inside."),
    }
}

/// How an attempt looks in a list.
fn look(row: &StoredScan) -> (Sign, Field, &'static str) {
    match (row.result, row.reason) {
        (Outcome::Admitted, _) if row.direction == eventify_gate::Direction::Out => {
            (Sign::Out, Field::Out, "out, offline")
        }
        (Outcome::Admitted, _) => (Sign::Tick, Field::Go, "admitted offline"),
        (Outcome::Look, _) => (Sign::Mark, Field::Look, "looked at, not admitted"),
        (_, Some(Reason::AlreadyRedeemed)) => (Sign::Twice, Field::Look, "already used"),
        (_, Some(Reason::WrongGate)) => (Sign::Arrow("→".into()), Field::Elsewhere, "sent to another gate"),
        (_, Some(Reason::NotYetValid)) => (Sign::Clock, Field::Elsewhere, "too early"),
        _ => (Sign::Cross, Field::Stop, "stopped"),
    }
}

fn kept(live: &Live, row: &StoredScan) -> Markup {
    let (shape, field, word) = look(row);
    let name = live.names.get(&row.nonce).cloned().or_else(|| {
        let short = row.tags.first().map(|tag| tag[..6].to_uppercase());
        Some(format!("Ticket {}", short?))
    });
    let name = name.unwrap_or_else(|| "Unknown code".into());
    html! {
        div.item data-status=(row.nonce) {
            (sign(&shape, false, "m", tone(field), "bg"))
            b { (name) @if row.admitted > 1 && !live.names.contains_key(&row.nonce) { " + " (row.admitted - 1) } }
            span.sub {
                @if let Some(why) = &row.why {
                    span.why { (why) } ", " (word) " " (live.clock(row.at))
                    @if row.status == Status::Conflict { ". Conflict opened" }
                } @else {
                    @if let Some(kind) = &row.kind { (kind) " · " } (word)
                    @if live.queue.sending.contains(&row.nonce) { " · sending" }
                }
            }
            span.end { (live.clock(row.at)) }
        }
    }
}

pub fn last(live: &Live) -> Markup {
    let body = html! {
        @if live.past.is_empty() {
            p.muted { "No scans yet. The last 20 of this phone appear here until the app closes." }
        } @else {
            @if let Some(past) = live.past.get(live.open) { (opened(live, past)) }
            ul.list {
                @for (at, past) in live.past.iter().enumerate().filter(|(at, _)| *at != live.open) {
                    li {
                        button.item data-do="open" data-arg=(at) {
                            (sign(&past.card.sign, past.card.by_server, "m", tone(past.card.field), "bg"))
                            b { (title(live, past)) }
                            span.sub { (past.card.short) }
                            span.end { (live.clock(past.at)) }
                        }
                    }
                }
            }
        }
    };
    screen(live, "Last scans", Some("this phone".into()), body, None)
}

fn title(live: &Live, past: &Past) -> String {
    live.names.get(&past.nonce).cloned().or_else(|| past.card.name.clone()).unwrap_or_else(|| past.card.title.clone())
}

fn opened(live: &Live, past: &Past) -> Markup {
    let gate = live.here().map(|(_, gate)| gate.name.clone()).unwrap_or_default();
    let by = live.device.as_ref().map(|device| device.state.name.clone()).unwrap_or_default();
    let way = if past.direction == eventify_gate::Direction::In { "in" } else { "out" };
    let undo = live.undo_hint(past);
    html! {
        section.box {
            div.head {
                (sign(&past.card.sign, past.card.by_server, "m", tone(past.card.field), "panel"))
                div { b.name { (title(live, past)) } p { (past.card.kind.as_deref().unwrap_or(&past.card.title)) } }
            }
            dl.facts {
                dt { "When" } dd { (live.clock(past.at)) }
                dt { "Gate" } dd { (gate) ", " (way) }
                dt { "By" } dd { "you, " (by) }
                dt { "Checked" } dd { @if past.card.by_server { "live by the server" } @else { "by this phone" } }
                @if !past.short.is_empty() { dt { "Code" } dd.mono { (past.short) } }
            }
            @match undo {
                Ok(until) => {
                    div.chips {
                        @for why in WHY {
                            button.chip aria-pressed=(live.form.reason == why) data-do="why" data-arg=(why) { (why) }
                        }
                    }
                    @if let Some(said) = &live.form.said { p.wrong role="alert" { (said) } }
                    (button("wide", "annul", "", html! { (icon("undo")) span { "Undo admission" small { (until) } } }))
                }
                Err(why) => { @if !why.is_empty() { p.why { (why) } } }
            }
        }
    }
}

pub fn promises(live: &Live) -> Markup {
    let body = html! {
        div.lines { @for promise in live.promises() { (promise_line(&promise, false)) } }
        section.box {
            h2 { "How to read it" }
            p { "Filled dot: the server answers for every ticket. Broken ring: this phone decides, and the server checks later." }
        }
        section.box {
            h2 { "Storage" }
            p {
                @if live.persisted == Some(true) { "Protected: your phone will not delete waiting scans." }
                @else { "Not protected: your phone may delete waiting scans when it runs low on space." }
            }
            @if live.persisted != Some(true) { button.btn.wide data-do="persist" { "Protect storage" } }
        }
    };
    screen(live, "What is guaranteed now", None, body, None)
}
