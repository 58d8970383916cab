//! Signs and icons. A solid sign: the server said so. A broken one: this phone did.

use maud::{Markup, PreEscaped, html};

use crate::words::Sign;

/// The sign of a verdict; `ink` and `ground` name its two colours.
pub fn sign(sign: &Sign, by_server: bool, class: &str, ink: &str, ground: &str) -> Markup {
    let shape = match sign {
        Sign::Tick if by_server => html! { circle cx="100" cy="100" r="96" class={ "fill-" (ink) } {} (tick(ground)) },
        Sign::Tick => {
            html! { circle class={ "broken line-" (ink) } cx="100" cy="100" r="88" stroke-width="16" stroke-dasharray="52 17.1" {} (tick(ink)) }
        }
        Sign::Twice => html! {
            path class={ (body(by_server, ink)) } stroke-width="12" stroke-dasharray=[dash(by_server)] d="M100 8a16 16 0 0 1 14 8l82 146a16 16 0 0 1-14 24H18a16 16 0 0 1-14-24L86 16a16 16 0 0 1 14-8z" {}
            text class={ "sign-text fill-" (if by_server { ground } else { ink }) } x="100" y="162" font-size="84" text-anchor="middle" { "2×" }
        },
        Sign::Arrow(letter) => html! {
            path class={ (body(by_server, ink)) } stroke-width="12" stroke-dasharray=[dash(by_server)] stroke-linejoin="round" d="M8 26h106l78 74-78 74H8z" {}
            text class={ "sign-text fill-" (if by_server { ground } else { ink }) } x="84" y="146" font-size=(if letter.chars().count() > 1 { "92" } else { "128" }) text-anchor="middle" { (letter) }
        },
        Sign::Clock => html! {
            rect class={ (body(by_server, ink)) } stroke-width="12" stroke-dasharray=[dash(by_server)] x="8" y="8" width="184" height="184" rx="22" {}
            path class={ "line-" (if by_server { ground } else { ink }) } stroke-width="22" d="M100 48v56l38 24" {}
        },
        Sign::Cross => html! {
            path class={ (body(by_server, ink)) } stroke-width="12" stroke-dasharray=[dash(by_server)] d="M60 6h80l54 54v80l-54 54H60L6 140V60z" {}
            path class={ "line-" (if by_server { ground } else { ink }) } stroke-width="22" d="m66 66 68 68M134 66l-68 68" {}
        },
        Sign::Out => html! {
            path class={ (body(by_server, ink)) } stroke-width="12" stroke-dasharray=[dash(by_server)] d="M194 26v148H84L6 100l78-74z" {}
            path class={ "line-" (if by_server { ground } else { ink }) } stroke-width="22" d="M150 100H66m28-30-30 30 30 30" {}
        },
        Sign::Mark => html! {
            path class={ (body(by_server, ink)) } stroke-width="12" stroke-dasharray=[dash(by_server)] d="M100 6l94 94-94 94L6 100z" {}
            path class={ "line-" (if by_server { ground } else { ink }) } stroke-width="22" d="M100 54v56M100 144v.5" {}
        },
    };
    html! { svg class=(class) viewBox="0 0 200 200" aria-hidden="true" { (shape) } }
}

fn body(by_server: bool, ink: &str) -> String {
    if by_server { format!("fill-{ink}") } else { format!("line-{ink}") }
}

fn dash(by_server: bool) -> Option<&'static str> {
    (!by_server).then_some("46 15")
}

fn tick(colour: &str) -> Markup {
    html! { path class={ "line-" (colour) } stroke-width="22" d="m54 104 32 32 60-66" {} }
}

/// The marks of the line that says what is guaranteed.
pub fn mark(name: &str) -> Markup {
    html! {
        svg.dot viewBox="0 0 20 20" aria-hidden="true" {
            @match name {
                "dot" => { circle cx="10" cy="10" r="8" fill="currentColor" {} }
                "ring" => { circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="3.5" stroke-dasharray="5.8 3.6" {} }
                _ => { path d="M5 5l10 10M15 5 5 15" fill="none" stroke="currentColor" stroke-width="3.5" {} }
            }
        }
    }
}

/// Heights of notes, as they are heard.
pub fn notes(signal: crate::signals::Signal) -> Markup {
    use crate::signals::Signal;
    let bars: &[(u8, u8, u8)] = match signal {
        Signal::Admitted => &[(2, 20, 10), (16, 8, 10)],
        Signal::AdmittedOffline => &[(2, 18, 8), (13, 8, 8), (24, 18, 8)],
        Signal::Out | Signal::Low => &[(12, 12, 14)],
        Signal::Look => &[(2, 13, 5), (15, 13, 5), (28, 13, 5)],
        Signal::Already => &[(4, 13, 10), (22, 13, 10)],
        Signal::Elsewhere => &[(4, 6, 10), (20, 20, 12)],
        Signal::Stop => &[(2, 22, 34)],
    };
    html! {
        svg.snd viewBox="0 0 38 30" aria-hidden="true" {
            @for (x, y, width) in bars { rect x=(x) y=(y) width=(width) height="8" rx="2" {} }
        }
    }
}

/// A person: inside, or still to come.
pub fn person(is_in: bool) -> Markup {
    html! {
        svg class=[is_in.then_some("in")] viewBox="0 0 60 96" aria-hidden="true" {
            @if is_in {
                circle cx="30" cy="18" r="15" fill="currentColor" {} path d="M4 94V66a26 26 0 0 1 52 0v28z" fill="currentColor" {}
            } @else {
                circle cx="30" cy="19" r="13" fill="none" stroke="currentColor" stroke-width="6" {}
                path d="M7 91V67a23 23 0 0 1 46 0v24z" fill="none" stroke="currentColor" stroke-width="6" stroke-linejoin="round" {}
            }
        }
    }
}

/// An icon of the app.
pub fn icon(name: &str) -> Markup {
    let path = match name {
        "back" => r#"<path d="M15 5 8 12l7 7"/>"#,
        "down" => r#"<path d="m6 9 6 6 6-6"/>"#,
        "in" => r#"<path d="M4 12h12M11 7l5 5-5 5M20 4v16"/>"#,
        "out" => r#"<path d="M20 12H8M13 7l-5 5 5 5M4 4v16"/>"#,
        "camera" => r#"<path d="M4 8h3l2-3h6l2 3h3v11H4z"/><circle cx="12" cy="13" r="3.5"/>"#,
        "flip" => r#"<path d="M4 8h3l2-3h6l2 3h3v11H4z"/><path d="M9 14a3 3 0 0 1 5-2.2M15 13a3 3 0 0 1-5 2.2"/>"#,
        "torch" => r#"<path d="M8 3h8v4l-2 3v10a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1V10L8 7z"/><path d="M12 13v2"/>"#,
        "keys" => r#"<rect x="3" y="6" width="18" height="12" rx="2"/><path d="M7 10h.01M11 10h.01M15 10h2M7 14h10"/>"#,
        "search" => r#"<circle cx="11" cy="11" r="6.5"/><path d="m16 16 5 5"/>"#,
        "updates" | "info" => r#"<path d="M4 5h16v11H9l-5 4z"/><path d="M8 9h8M8 12.5h5"/>"#,
        "incident" => r#"<path d="M12 3v3M5 6l2 2M19 6l-2 2M6 17v-4a6 6 0 0 1 12 0v4M4 20h16"/>"#,
        "undo" => r#"<path d="M8 5 4 9l4 4"/><path d="M4 9h10a5.5 5.5 0 0 1 0 11H9"/>"#,
        "next" => r#"<path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16"/>"#,
        "wait" => r#"<path d="M7 3h10M7 21h10M8 3c0 5 8 5 8 9s-8 4-8 9M16 3c0 5-8 5-8 9"/>"#,
        "minus" => r#"<path d="M5 12h14"/>"#,
        "plus" => r#"<path d="M12 5v14M5 12h14"/>"#,
        "person" => r#"<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>"#,
        "save" => r#"<path d="M5 4h11l3 3v13H5z"/><path d="M8 4v5h7V4M8 20v-6h8v6"/>"#,
        "home" => r#"<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>"#,
        "schedule" => r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>"#,
        "warning" => r#"<path d="M12 4 2.5 20h19zM12 10v5M12 17.5v.5"/>"#,
        "sun" => {
            r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M18.400 5.600 17 7M7 17l-1.400 1.400"/>"#
        }
        "sound" => r#"<path d="M4 9v6h4l5 4V5L8 9z"/><path d="M16.500 9a4 4 0 0 1 0 6M19 6.500a8 8 0 0 1 0 11"/>"#,
        "Medical" => r#"<path d="M9 3h6v6h6v6h-6v6H9v-6H3V9h6z"/>"#,
        "Crowd pressure" | "headcount" => {
            r#"<circle cx="12" cy="7" r="3"/><circle cx="5" cy="9" r="2"/><circle cx="19" cy="9" r="2"/><path d="M7 20c0-5 2-7 5-7s5 2 5 7M1.500 18c0-3 1-5 3.500-5M22.500 18c0-3-1-5-3.500-5"/>"#
        }
        "Security" => r#"<path d="M12 3 4 6v6c0 5 4 8 8 9 4-1 8-4 8-9V6z"/>"#,
        "Fire or smoke" => {
            r#"<path d="M12 3c1 4 6 6 6 11a6 6 0 0 1-12 0c0-2 1-4 2.500-5 .5 2 1.500 3 2.500 3 0-3-1-6 1-9z"/>"#
        }
        "Equipment" => r#"<path d="M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4"/>"#,
        "Lost or found" => r#"<path d="M5 8h14l1 13H4zM9 8V6a3 3 0 0 1 6 0v2"/>"#,
        _ => "",
    };
    html! { svg.i viewBox="0 0 24 24" aria-hidden="true" { (PreEscaped(path)) } }
}

/// The brackets around what the camera looks for.
pub fn brackets() -> Markup {
    html! {
        svg.brk viewBox="0 0 100 100" aria-hidden="true" {
            path d="M2 22V8a6 6 0 0 1 6-6h14M78 2h14a6 6 0 0 1 6 6v14M98 78v14a6 6 0 0 1-6 6H78M22 98H8a6 6 0 0 1-6-6V78" {}
        }
    }
}

/// Eventify's mark and name.
pub fn brand() -> Markup {
    html! {
        span.brand {
            svg viewBox="0 0 24 24" aria-hidden="true" {
                path d="M4 5h16M4 12h9M4 19h16" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" {}
                circle cx="20" cy="12" r="1.6" fill="currentColor" {}
            }
            "Eventify Live"
        }
    }
}
