//! What is not scanning: a typed code, a search, updates, an incident, gate and phone.

use eventify_gate::{Direction, LiveUpdate, SHORT_CODE, State, UpdateKind};
use maud::{Markup, html};

use super::scan::tone;
use super::signs::{icon, sign};
use super::{button, hold, screen};
use crate::state::{INCIDENTS, Live};
use crate::words::{Field, Sign};

/// Letters and digits that a short code may have: none that is taken for another.
const LETTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

pub fn type_code(live: &Live) -> Markup {
    let typed = &live.typed;
    let shown = match typed.char_indices().map(|(at, _)| at).collect::<Vec<_>>() {
        places if places.len() > 6 => {
            format!("{}-{}-{}", &typed[..places[3]], &typed[places[3]..places[6]], &typed[places[6]..])
        }
        places if places.len() > 3 => format!("{}-{}", &typed[..places[3]], &typed[places[3]..]),
        _ => typed.clone(),
    };
    let body = html! {
        p.hint.roomy { (SHORT_CODE) " letters and digits, printed under the QR. O counts as 0, I and L as 1." }
        output.typed.mono aria-label="Short code" aria-live="polite" { (shown) @if typed.is_empty() { span.muted { "–" } } }
        @if live.waits_for_network() {
            section.box.look.roomy { h2 { "Offline" } p { "A typed code is looked up in this phone’s list. It admits only if the list knows it; the name may be missing." } }
        }
    };
    html! {
        (screen(live, "Type code", None, body, Some(html! {
            div.pad {
                @for letter in LETTERS.chars() { (button("", "letter", &letter.to_string(), html! { (letter) })) }
                (button("w2", "delete", "", html! { "Delete" }))
                button.btn.main.w2 data-do="check" aria-disabled=(typed.chars().count() != SHORT_CODE) { "Check" }
            }
        })))
    }
}

pub fn search(live: &Live) -> Markup {
    let one = &live.search;
    let may_add = live.here().is_some_and(|(_, gate)| gate.adds_guests);
    let body = html! {
        label.field { span.sr { "Name, phone or email" }
            input data-in="q" data-enter="find" type="search" enterkeyhint="search" autocomplete="off" spellcheck="false" maxlength="100" placeholder="Name, phone or email" value=(one.q);
        }
        (button("wide", "find", "", html! { (icon("search")) @if one.busy { "Searching…" } @else { "Search" } }))
        @if let Some(said) = &one.said { p.wrong role="alert" { (said) } }
        @if !one.found.is_empty() {
            p.hint {
                (one.found.len()) @if one.found.len() == 1 { " guest" } @else { " guests" }
                ". Ask for the full name and the last 3 digits of the phone number."
                @if one.more { " There are more: type more letters." }
            }
            ul.list { @for (at, guest) in one.found.iter().enumerate() { li { (found(at, guest)) } } }
        }
        @if one.asked && !one.busy && one.found.is_empty() && one.said.is_none() {
            section.box { h2 { "Nobody found" } p { "Try the other spelling, the email, or the name of the person who paid." } }
        }
    };
    let foot = html! {
        p.hint { "Search needs the network: this phone holds no readable guest list. Every search is recorded." }
        div.row {
            @if may_add { button.btn data-do="go" data-arg="add_guest" { (icon("plus")) "Guest at the door" } }
            button.btn data-do="go" data-arg="type" { (icon("keys")) "Type code" }
        }
    };
    screen(live, "Search", None, body, Some(foot))
}

fn found(at: usize, guest: &eventify_gate::DoorGuest) -> Markup {
    let (shape, field, word) = match guest.status {
        State::Inside => (Sign::Tick, Field::Go, "In"),
        State::Outside => (Sign::Out, Field::Out, "Went out"),
        State::Revoked | State::Refunded => (Sign::Cross, Field::Stop, "Void"),
        State::Issued => (Sign::Mark, Field::Out, "Not in"),
    };
    html! {
        button.item data-do="found" data-arg=(at) {
            (sign(&shape, true, "m", tone(field), "bg"))
            b { (guest.name.as_deref().unwrap_or("No name")) }
            span.sub {
                (guest.ticket_type)
                @if let Some(ends) = &guest.phone_ends { " · …" (ends) }
                @if guest.party > 1 { " · party of " (guest.party) }
            }
            span.end { span.why {
                @if guest.party > 1 && guest.inside > 0 { (guest.inside) " of " (guest.party) " in" } @else { (word) }
            } }
        }
    }
}

pub fn add_guest(live: &Live) -> Markup {
    let (types, chosen) = (live.door_types(), live.door_type());
    let body = html! {
        label.field { "Name" input data-in="name" autocomplete="off" maxlength="120" value=(live.form.name); }
        label.field { "How many" input data-in="seats" inputmode="numeric" autocomplete="off" maxlength="2" placeholder="1" value=(live.form.seats); }
        @if types.len() > 1 {
            div.stack role="group" aria-label="Ticket type" {
                p.hint { "Ticket type" }
                div.chips {
                    @for (id, name) in &types {
                        button.chip aria-pressed=(chosen == Some(*id)) data-do="door_type" data-arg=(id) { (name) }
                    }
                }
            }
        }
        @if let Some(said) = &live.form.said { p.wrong role="alert" { (said) } }
    };
    let foot = html! {
        p.hint { "The guest is put on the list and admitted here. It is recorded with this gate." }
        button.btn.main.tall.wide data-do="add" aria-disabled=(live.form.busy) { "Add guest" }
    };
    screen(live, "Guest at the door", None, body, Some(foot))
}

pub fn updates(live: &Live) -> Markup {
    let new = live.updates.iter().filter(|one| one.seq > live.seen).count();
    let body = html! {
        @if live.updates.is_empty() { p.muted { "No updates yet. What the control room and other gates post appears here." } }
        ul.list { @for one in &live.updates { li.post.pin[one.pinned] { (update(live, one)) } } }
    };
    let foot = html! {
        div.chips.even {
            (chip("Line is long")) (chip("Need a steward"))
        }
        button.btn.main.wide data-do="go" data-arg="post" { (icon("plus")) "Post an update" }
    };
    screen(live, "Updates", (new > 0).then(|| format!("{new} new")), body, Some(foot))
}

fn chip(text: &str) -> Markup {
    html! { button.chip data-do="quick" data-arg=(text) { (text) } }
}

fn update(live: &Live, one: &LiveUpdate) -> Markup {
    let (name, word) = match one.kind {
        UpdateKind::Info => ("info", "Info"),
        UpdateKind::Warning => ("warning", "Warning"),
        UpdateKind::Incident => ("incident", "Incident"),
        UpdateKind::Schedule => ("schedule", "Schedule"),
        UpdateKind::Headcount => ("headcount", "Headcount"),
    };
    html! {
        (icon(name))
        b { (word) @if let Some(gate) = &one.gate { " · " (gate) } }
        p { (one.body) }
        small {
            @if one.pinned { "Pinned · " }
            @if let Some(author) = &one.author { (author) " · " }
            (live.clock(one.created_at))
        }
    }
}

pub fn post(live: &Live) -> Markup {
    let body = html! {
        label.field { "What should others know?" textarea data-in="text" maxlength="1000" { (live.form.text) } }
        @if let Some(said) = &live.form.said { p.wrong role="alert" { (said) } }
    };
    let foot = html! {
        p.hint { "Everybody who works at the event sees it, with this gate and the time." }
        button.btn.main.tall.wide data-do="post" aria-disabled=(live.form.busy) { "Post" }
    };
    screen(live, "Post an update", None, body, Some(foot))
}

pub fn incident(live: &Live) -> Markup {
    let (gate, device) =
        live.device.as_ref().map_or(("", ""), |one| (one.state.gate.name.as_str(), one.state.name.as_str()));
    let body = html! {
        div.grid3 role="group" aria-label="What is it?" {
            @for kind in INCIDENTS {
                button.tile aria-pressed=(live.form.kind == Some(kind)) data-do="incident" data-arg=(kind) { (icon(kind)) (kind) }
            }
        }
        label.field { "What do you see? (optional)" textarea data-in="text" maxlength="900" { (live.form.text) } }
        p.hint { "Sent with: " (gate) ", " (live.clock(live.at())) ", " (device) "." }
    };
    let foot = html! {
        @if live.waits_for_network() {
            section.box.look { p.why { "You are offline: use the radio. This report goes out when the network returns." } }
        }
        button.btn.stop.tall.wide data-do="send_incident" aria-disabled=(live.form.kind.is_none()) { (icon("incident")) "Send to control room" }
    };
    screen(live, "Incident", None, body, Some(foot))
}

pub fn gate(live: &Live) -> Markup {
    let Some(device) = &live.device else { return html! {} };
    let state = &device.state;
    let battery = live.battery.map(|percent| format!(" · {percent} % battery")).unwrap_or_default();
    let list =
        live.list.as_ref().map_or("No list yet".into(), |list| format!("List from {}", live.clock(list.made_at)));
    let storage = if live.persisted == Some(true) { "storage protected" } else { "storage not protected" };
    let clock = if live.network.is_clock_known && live.network.server_ahead.abs() > 60_000 {
        "clock is off, times are corrected"
    } else {
        "clock right"
    };
    let is_in = live.settings.direction == Direction::In;
    let body = html! {
        fieldset.pick {
            legend { "Direction" }
            div.row {
                button.choice role="radio" aria-checked=(is_in) data-do="in" { span.box {} "In" }
                button.choice role="radio" aria-checked=(!is_in) data-do="out" { span.box {} "Out" }
            }
        }
        label.field { "Steward's name" input data-in="staff" autocomplete="off" maxlength="80" placeholder="Your name" value=(live.settings.staff); }
        ul.list {
            li.item { (icon("sun")) b { "Day screen" } span.sub { "High contrast for sunlight" }
                span.end { (button("", "day", "", html! { @if live.settings.day { "Turn off" } @else { "Turn on" } })) } }
            li.item { (icon("sound")) b { "Sound" } span.sub { @if live.sound { "On" } @else { "Off" } }
                span.end { (button("", if live.sound { "again" } else { "sound" }, "", html! { @if live.sound { "Test" } @else { "Turn on" } })) } }
            li.item { (icon("save")) b { (state.name) (battery) } span.sub { (list) ", " (storage) ", " (clock) } span.end {} }
            li.item { (icon("wait")) b { "Waiting scans" } span.sub { (live.queue.count()) " waiting, " (live.queue.unseen().count()) " refused" }
                span.end { (button("", "go", "queue", html! { "Open" })) } }
            li.item { (icon("undo")) b { "Last scans" } span.sub { "On this phone" } span.end { (button("", "go", "last", html! { "Open" })) } }
        }
    };
    let foot = html! {
        (hold("wide", "unpair", html! { span { "Hold to unpair" small { @if live.queue.count() > 0 { "Waits until " (live.queue.count()) " scans are sent" } @else { "Erases the list from this phone" } } } }))
        p.hint { "Version " (live.version) }
    };
    screen(live, &state.gate.name, None, body, Some(foot))
}
