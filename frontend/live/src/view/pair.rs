//! Pairing a phone with a gate, and what works once it is.

use maud::{Markup, html};

use super::scan::{eye, grouped, tone};
use super::signs::{brand, icon, sign};
use super::{hint, promise};
use crate::event::Camera;
use crate::state::Live;
use crate::words::{Field, Sign};

pub fn pair(live: &Live) -> Markup {
    html! {
        main.app.scroll data-key="pair" {
            header.title.plain {
                @if live.device.is_some() { button.back data-do="back" aria-label="Back" { (icon("back")) } }
                (brand())
            }
            @if live.device.is_some() || live.queue.unseen().count() > 0 { (promise(live)) }
            div.body {
                div.stack {
                    h1.big { "Pair this phone with a gate" }
                    p.muted { "A supervisor opens the event's gate in the Command Center, under Gates and phones, and shows a pairing code. It works once, for 10 minutes." }
                }
                @if let Some(said) = &live.pair_said { p.wrong role="alert" { (said) } }
                @if live.pair_busy { p role="status" { "Pairing…" } }
                (eye(live, true))
                @if live.camera != Camera::On && live.camera != Camera::None {
                    div.stack {
                        button.btn.main.tall.wide data-do="camera" { (icon("camera")) "Turn on camera" }
                        p.hint { "Your phone asks for permission. The camera only reads codes: no picture is kept or sent." }
                    }
                }
                div.stack {
                    label.field { "No camera? Type the code"
                        input.mono data-in="text" data-enter="pair" inputmode="text" autocapitalize="characters" autocomplete="off" spellcheck="false" placeholder="6E9MA-AMQKA" maxlength="120" value=(live.form.text);
                    }
                    button.btn.wide data-do="pair" aria-disabled=(live.pair_busy) { "Pair" }
                }
                (keeps(live))
                (hint(live))
            }
        }
    }
}

fn keeps(live: &Live) -> Markup {
    html! {
        section.box {
            h2 { (icon("save")) "What this phone keeps" }
            p { "The ticket list for one event, sealed: a name opens only when its own code is scanned. And scans that wait for the network." }
            p.why {
                @if live.persisted == Some(false) { "We ask your phone not to delete them. If it refuses, you will see it here and on the next screen." }
                @else { "Your phone will not delete them." }
            }
        }
    }
}

fn point(good: bool, what: &str, more: &str) -> Markup {
    let (field, shape) = if good { (Field::Go, Sign::Tick) } else { (Field::Look, Sign::Mark) };
    html! {
        li.item { (sign(&shape, true, "m", tone(field), "bg")) b { (what) } span.sub { (more) } }
    }
}

pub fn ready(live: &Live) -> Markup {
    let Some(device) = &live.device else { return html! {} };
    let state = &device.state;
    html! {
        main.app data-key="ready" {
            header.title.plain { (brand()) }
            div.body {
                div.stack {
                    p.muted { "Paired as “" (state.name) "”" }
                    h1.big { (state.gate.name) }
                    p { (state.event.title) }
                }
                ul.list { (tickets(live)) (opens(live)) (camera(live)) (sound(live)) (storage(live)) }
                @if live.persisted == Some(false) && live.can_install {
                    button.btn.wide data-do="install" { (icon("home")) "Add to home screen" }
                }
            }
            footer.foot { button.btn.main.tall.wide data-do="start" { "Start scanning" } }
        }
    }
}

fn tickets(live: &Live) -> Markup {
    match &live.list {
        Some(list) => {
            let (made, size) = (live.clock(list.made_at), size(live.list_bytes));
            let more = format!("List from {made}, {size}. Newer changes arrive automatically.");
            point(true, &format!("{} tickets ready offline", grouped(list.len())), &more)
        }
        None => {
            point(false, "Getting the ticket list", "Until it is here, this phone needs the network for every ticket.")
        }
    }
}

/// How large a file is: `340 KB`, `1.2 MB`.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        more => format!("{:.1} MB", more as f64 / 1_000_000.0),
    }
}

fn opens(live: &Live) -> Markup {
    if live.shell_kept {
        point(true, "Opens without a network", "The app is kept on this phone.")
    } else {
        point(false, "The app is not kept yet", "Stay online until this turns green.")
    }
}

fn camera(live: &Live) -> Markup {
    match live.camera {
        Camera::None => point(false, "No camera", "Hand-held scanners work: just scan. Or type the code."),
        Camera::Denied => point(false, "The camera is blocked", "Allow it for this site. Hand-held scanners work too."),
        Camera::Taken => point(false, "Another app uses the camera", "Close it. Hand-held scanners work too."),
        Camera::On => point(true, "Camera on", "Hand-held scanners work too: just scan."),
        // It is there; whether it may be used is known once it is turned on.
        Camera::Off | Camera::Starting => {
            point(true, "Camera found", "It turns on when you start. Hand-held scanners work too: just scan.")
        }
    }
}

fn sound(live: &Live) -> Markup {
    if live.sound {
        point(true, "Sound on", "Turn the volume up and the silent switch off.")
    } else {
        point(false, "Sound starts with your touch", "Turn the volume up and the silent switch off.")
    }
}

fn storage(live: &Live) -> Markup {
    if live.persisted == Some(true) {
        point(true, "Storage protected", "Waiting scans survive a full phone.")
    } else {
        let more = "This phone may delete waiting scans when it runs low on space. Add Eventify to the home screen to protect them.";
        point(false, "Storage is not protected", more)
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn no_list_is_nothing_long() {
        assert_eq!((size(900), size(340_200), size(1_240_000)), ("1 KB".into(), "341 KB".into(), "1.2 MB".into()));
    }
}
