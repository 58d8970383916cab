//! Scanning: where one stands, what is guaranteed, the camera, the counters, the last scan, the tools.

use eventify_gate::Direction;
use maud::{Markup, html};

use super::signs::{brackets, icon, sign};
use super::{hint, promise};
use crate::event::Camera;
use crate::state::Live;
use crate::words::Field;

pub fn scan(live: &Live) -> Markup {
    html! {
        main.app data-key="scan" {
            h1.sr { "Scan" }
            (top(live))
            (promise(live))
            (eye(live, false))
            (tally(live))
            (last(live))
            (dock(live))
        }
    }
}

fn top(live: &Live) -> Markup {
    let (event, gate) = live.here().map_or(("", ""), |(event, gate)| (event.title.as_str(), gate.name.as_str()));
    let (dir, word) = match live.settings.direction {
        Direction::In => ("in", "In"),
        Direction::Out => ("out", "Out"),
    };
    html! {
        header.top {
            button.here data-do="go" data-arg="gate" {
                span { b { (gate) } span { (event) } } i.sr { ": gate, phone and settings" } (icon("down"))
            }
            button.dir.hold data-dir=(dir) data-hold="direction" aria-label={ "Direction: " (dir) ". Hold to change" } {
                (icon(dir)) (word) span.fill {}
            }
        }
    }
}

/// The camera's picture, and what is to be said of it.
pub fn eye(live: &Live, small: bool) -> Markup {
    let is_on = live.camera == Camera::On;
    html! {
        section.eye.small[small] aria-label="Camera" {
            div.picture data-video data-keep {}
            (brackets())
            @if is_on && live.cameras > 1 {
                button.flip data-do="flip" { (icon("flip")) span { "Switch" i.sr { " camera" } } }
            }
            @match live.camera {
                Camera::On => p.say { (say(live)) },
                Camera::Off | Camera::Starting => button.say.wide data-do="camera" { (icon("camera")) "Tap to turn the camera on" },
                Camera::Taken => button.say.wide data-do="camera" { (icon("camera")) "Camera was taken. Tap to turn on" },
                Camera::None => p.say.wide { "No camera here. Use a hand-held scanner or type the code" },
                Camera::Denied => div.say.wide {
                    b { "The camera is blocked" }
                    ol { li { "Tap the sign left of the address" } li { "Open Permissions, allow Camera" } li { "Come back and tap here" } }
                    button.btn data-do="camera" { "Try again" }
                },
            }
            @if is_on && live.has_torch {
                button.torch data-do="torch" aria-pressed=(live.settings.torch) { (icon("torch")) "Torch" }
            }
        }
    }
}

fn say(live: &Live) -> Markup {
    html! {
        @if let Some((hint, _)) = &live.hint { (hint) }
        @else if !live.sound { button.btn.quiet data-do="sound" { "Sound is off: tap to turn on" } }
        @else { "Point at the code" }
    }
}

/// With a plus where others may know of more.
fn inside(live: &Live) -> String {
    let Some(list) = &live.list else { return "–".into() };
    let more = if live.waits_for_network() { "+" } else { "" };
    format!("{}{more}", grouped(list.people()))
}

pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn tally(live: &Live) -> Markup {
    html! {
        section.tally aria-label="Counters" {
            div { b { (inside(live)) } span { "inside, event" } }
            div { b { (grouped(live.tally.admitted as usize)) } span { "in, this phone" } }
            div { b { (live.per_minute()) } span { "a minute here" } }
        }
    }
}

/// The colour of a field, as a mark on the app's own ground.
pub fn tone(field: Field) -> &'static str {
    match field {
        Field::Go => "go",
        Field::Look => "look",
        Field::Elsewhere => "else",
        Field::Stop => "stop",
        Field::Out => "text",
    }
}

fn last(live: &Live) -> Markup {
    html! {
        @if live.update_waits {
            section.last aria-label="New version" {
                p { b { "New version ready" } small { "Scans that wait stay" } }
                button.undo data-do="update" { "Update" }
            }
        } @else if let Some(past) = live.past.front() {
            section.last aria-label="Last scan" {
                button data-do="go" data-arg="last" {
                    (sign(&past.card.sign, past.card.by_server, "m", tone(past.card.field), "bg"))
                    span {
                        b { (past.card.name.as_deref().unwrap_or(&past.card.title)) }
                        small { (live.clock(past.at)) " · " (past.card.short) @if !past.card.by_server && past.checkin.is_none() { " · waiting" } }
                    }
                }
                @if matches!(past.card.field, Field::Go | Field::Out) && past.undone.is_none() {
                    button.undo data-do="go" data-arg="last" { "Undo" }
                }
            }
        } @else {
            section.last aria-label="Last scan" { p { b { "Ready for the first ticket" } small { "Your last scan appears here" } } }
        }
    }
}

fn dock(live: &Live) -> Markup {
    let new = live.updates.iter().filter(|one| one.seq > live.seen).count();
    let tool = |to: &str, name: &str, label: &str| html! { button data-do="go" data-arg=(to) { (icon(name)) (label) } };
    html! {
        @if live.camera != Camera::On { (hint(live)) }
        nav.dock aria-label="Tools" {
            (tool("type", "keys", "Type code"))
            (tool("search", "search", "Search"))
            button data-do="go" data-arg="updates" {
                (icon("updates")) "Updates"
                @if new > 0 { span.n { (new) span.sr { " new" } } }
            }
            (tool("incident", "incident", "Incident"))
        }
    }
}
