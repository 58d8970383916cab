//! What the screen shows, as a function of the app's state. Touches are named by `data-do` (and `data-arg`), fields by
//! `data-in`, things to be held by `data-hold`; `data-key` tells an element from another in its place.

mod frame;
mod lists;
mod pair;
mod scan;
mod signs;
mod tools;
mod verdict;

use maud::{Markup, html};

use crate::state::promise::{Promise, Tone};
use crate::state::{Front, Live, Screen};
use signs::{icon, mark};

/// Everything within `#app`.
pub fn page(live: &Live) -> Markup {
    match &live.front {
        Front::Asking(attempt) if live.mono - attempt.since < crate::state::CHECKING => under(live),
        Front::Asking(attempt) => verdict::checking(live, attempt),
        Front::Verdict(verdict) => verdict::verdict(live, verdict),
        Front::Frame(one) => frame::frame(live, one),
        Front::Force(forcing) => frame::force(live, forcing),
        Front::Nothing => under(live),
    }
}

fn under(live: &Live) -> Markup {
    match live.screen {
        Screen::Starting => html! {},
        Screen::Pair => pair::pair(live),
        Screen::Ready => pair::ready(live),
        Screen::Scan => scan::scan(live),
        Screen::Type => tools::type_code(live),
        Screen::Search => tools::search(live),
        Screen::AddGuest => tools::add_guest(live),
        Screen::Updates => tools::updates(live),
        Screen::Post => tools::post(live),
        Screen::Incident => tools::incident(live),
        Screen::Queue => lists::queue(live),
        Screen::Last => lists::last(live),
        Screen::Gate => tools::gate(live),
        Screen::Promises => lists::promises(live),
    }
}

/// A screen beside scanning: its title, the way back, what is guaranteed, what it is about, and what can be done.
fn screen(live: &Live, title: &str, small: Option<String>, body: Markup, foot: Option<Markup>) -> Markup {
    html! {
        main.app data-key=(title) {
            header.title {
                button.back data-do="back" aria-label="Back" { (icon("back")) }
                h1 { (title) }
                @if let Some(small) = small { small { (small) } }
            }
            (promise(live))
            div.body { (body) (hint(live)) }
            @if let Some(foot) = foot { footer.foot { (foot) } }
        }
    }
}

/// What is guaranteed now: the worst that is true.
fn promise(live: &Live) -> Markup {
    promise_line(&live.promise(), live.device.is_some())
}

fn promise_line(promise: &Promise, leads: bool) -> Markup {
    let class = match promise.tone {
        Tone::Good => "promise",
        Tone::Off => "promise off",
        Tone::Bad => "promise bad",
    };
    let dot = match promise.tone {
        Tone::Good => mark("dot"),
        Tone::Off => mark("ring"),
        Tone::Bad => mark("x"),
    };
    let text = html! {
        span {
            (promise.line)
            @if let Some(more) = &promise.more {
                // What belongs to the line itself stands in its letters.
                @if promise.line.ends_with(':') { br; (more) } @else { small { (more) } }
            }
        }
    };
    html! {
        @if leads {
            @let go = matches!(promise.leads, "queue" | "promises" | "pair");
            button class=(class) data-do=(if go { "go" } else { promise.leads }) data-arg=(promise.leads) {
                (dot) (text) @if promise.tone != Tone::Good { (icon("down")) }
            }
        } @else {
            div class=(class) { (dot) (text) }
        }
    }
}

/// A word in passing.
fn hint(live: &Live) -> Markup {
    html! { @if let Some((text, _)) = &live.hint { p.hint-now role="status" { (text) } } }
}

fn button(class: &str, act: &str, arg: &str, label: Markup) -> Markup {
    html! { button class={ "btn " (class) } data-do=(act) data-arg=(arg) { (label) } }
}

/// A thing that is held for a moment, so that a wet glove does not do it.
fn hold(class: &str, act: &str, label: Markup) -> Markup {
    html! { button class={ "btn hold " (class) } data-hold=(act) { (label) span.fill {} } }
}
