//! What the site draws itself, all of it inline SVG without script or style: the mark, icons, the house from above, and
//! a cover for an event that has no picture.

use std::f64::consts::PI;
use std::fmt::Write;

use eventify::events::Event;
use eventify::kernel::crypto::sha256;
use maud::{Markup, PreEscaped, html};

use super::cover::COVER;
use super::meta;

/// The mark of Eventify.
pub fn mark() -> Markup {
    html! { svg .mark viewBox="0 0 24 24" aria-hidden="true" { path d="M5 5h14M5 12h8M5 19h14M18.9 12h.1"; } }
}

/// An icon on a grid of 24.
pub fn icon(path: &str) -> Markup {
    html! { svg .i viewBox="0 0 24 24" aria-hidden="true" { path d=(path); } }
}

pub const CALENDAR: &str = "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4";
pub const PIN: &str =
    "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.5C5 14.8 12 21 12 21zM12 12.2a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z";
pub const SHARE: &str = "M12 15V3M8 7l4-4 4 4M5 12v8h14v-8";
pub const SEARCH: &str = "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16.2 16.2 21 21";
pub const TICKET: &str = "M3 7h18v3.5a1.5 1.5 0 0 0 0 3V17H3v-3.5a1.5 1.5 0 0 0 0-3zM14 7v2M14 15v2M14 11v2";
pub const GUESTS: &str = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.6-4 4-6 8-6s7.4 2 8 6";
pub const BELL: &str = "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15zM10 21h4";
pub const ONWARDS: &str = "M9 5l7 7-7 7";

/// A number that is always the same for a text.
fn hash(text: &str) -> u32 {
    let [a, b, c, d, ..] = sha256(&[text.as_bytes()]);
    u32::from_be_bytes([a, b, c, d])
}

/// The hue of a title, in twelve steps.
pub fn hue(title: &str) -> u32 {
    hash(title) % 12
}

/// Whoever is meant, by two letters in a circle.
pub fn face(name: &str) -> Markup {
    let letters: String = name.split_whitespace().take(2).filter_map(|word| word.chars().next()).collect();
    html! { span .face data-hue=(hue(name)) aria-hidden="true" { (letters.to_uppercase()) } }
}

/// Somebody who is not named.
pub fn nobody() -> Markup {
    html! { span .face aria-hidden="true" { (icon(GUESTS)) } }
}

/// How many seats of which rows are lit: the first of them, and how many.
type Lit = &'static [(u32, u32, u32)];

/// A block of the house, as on the page where one signs in.
pub const BLOCK: Lit = &[(6, 85, 8), (7, 85, 8), (8, 85, 8), (9, 85, 8), (10, 85, 8)];
/// Two seats together and one apart.
pub const MINE: Lit = &[(4, 84, 2), (5, 87, 1)];

/// The house from above: rows around a stage in the corner, some seats lit.
pub fn seats(lit: Lit) -> Markup {
    let mut rows = String::new();
    for row in 0..18 {
        let opacity = 1.0 - f64::from(row) * 0.05;
        let _ = write!(
            rows,
            r#"<circle opacity="{opacity:.2}" cx="1200" cy="-20" r="{}" pathLength="212"/>"#,
            150 + 26 * row
        );
    }
    let mut lights = String::new();
    for (row, first, many) in lit {
        let seats = ".65 .35 ".repeat(*many as usize);
        let _ = write!(
            lights,
            r#"<circle cx="1200" cy="-20" r="{}" pathLength="212" stroke-dasharray="0 {first} {} 999"/>"#,
            150 + 26 * row,
            // The last gap ends the block.
            seats.trim_end().trim_end_matches(".35").trim_end(),
        );
    }
    html! {
        svg .seats .flip viewBox="0 0 1200 620" preserveAspectRatio="xMaxYMin slice" aria-hidden="true" fill="none" stroke-width="13" {
            g .rest stroke-dasharray=".65 .35" { (PreEscaped(rows)) }
            g .lit { (PreEscaped(lights)) }
        }
    }
}

/// Between two seats of the hall, as a part of both.
const GAP: f64 = 0.3;

/// A hall with a mark for each seat, or for a like share of them where there are very many; those that are taken are lit.
pub fn house(taken: i32, seats: i32) -> Markup {
    let (taken, seats) = (f64::from(taken.clamp(0, seats.max(0))), f64::from(seats.max(1)));
    let marks = seats.min(600.0);
    // Rows are added until each seat has about as much room as it is long.
    let radius = |row: usize| 44.0 + 20.0 * row as f64;
    let room = |rows: usize| (0..rows).map(|row| PI * radius(row) / 17.0).sum::<f64>();
    let rows = (1..20).find(|rows| room(*rows) >= marks).unwrap_or(20);
    let (whole, middle) = (room(rows), radius(rows));
    let (mut paths, mut left, mut lit) = (String::new(), marks, (taken / seats * marks).round());
    for row in 0..rows {
        let fair = (marks * (room(row + 1) - room(row)) / whole).round();
        let many = if row + 1 == rows { left } else { fair.min(left) };
        left -= many;
        let mine = lit.min(many);
        lit -= mine;
        let at = |part: f64| {
            let angle = PI * (1.0 - part);
            (middle + radius(row) * angle.cos(), middle - radius(row) * angle.sin())
        };
        for (class, first, count) in [("taken", 0.0, mine), ("rest", mine, many - mine)] {
            if count >= 1.0 {
                // It ends with the mark of its last seat: a gap more, and the next mark would begin as a sliver.
                let length = count - GAP;
                let ((x, y), (to_x, to_y), radius) = (at(first / many), at((first + length) / many), radius(row));
                let _ = write!(
                    paths,
                    r#"<path class="{class}" d="M{x:.1} {y:.1}A{radius} {radius} 0 0 1 {to_x:.1} {to_y:.1}" pathLength="{length:.1}"/>"#
                );
            }
        }
    }
    html! {
        svg .house viewBox={ "0 0 " (2.0 * middle) " " (middle + 4.0) } aria-hidden="true" fill="none" stroke-width="12"
            stroke-dasharray=".7 .3" {
            (PreEscaped(paths))
        }
    }
}

/// A colour of that hue, as old browsers know it.
fn colour(hue: f64, saturation: f64, lightness: f64) -> String {
    let chroma = saturation * lightness.min(1.0 - lightness);
    let part = |n: f64| {
        let k = (n + hue / 30.0) % 12.0;
        let value = lightness - chroma * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round()
    };
    format!("#{:02x}{:02x}{:02x}", part(0.0) as u8, part(8.0) as u8, part(4.0) as u8)
}

/// The patterns a cover can have, each of one colour; `{id}` names what they define.
const PATTERNS: [fn(&str, u32) -> String; 7] = [dots, waves, sunrise, tiles, bars, hills, rows];

fn filled(id: &str, size: (u32, u32), inside: &str) -> String {
    let (wide, high) = size;
    format!(
        r#"<pattern id="{id}" width="{wide}" height="{high}" patternUnits="userSpaceOnUse">{inside}</pattern><path fill="url(#{id})" d="M0 0h1200v630H0z"/>"#
    )
}

fn dots(id: &str, seed: u32) -> String {
    let r = 12 + seed % 12;
    filled(id, (80, 80), &format!(r#"<circle cx="20" cy="20" r="{r}"/><circle cx="60" cy="60" r="{}"/>"#, 30 - r / 2))
}

fn waves(id: &str, seed: u32) -> String {
    let high = 18 + seed % 14;
    let path =
        format!(r#"<path fill="none" stroke="currentColor" stroke-width="16" d="M-10 40q35-{high} 70 0t70 0t70 0"/>"#);
    filled(id, (140, 56), &path)
}

fn sunrise(_: &str, seed: u32) -> String {
    let x = 300 + seed % 7 * 100;
    let rings: String = (1..10).map(|ring| format!(r#"<circle cx="{x}" cy="640" r="{}"/>"#, 90 + ring * 66)).collect();
    format!(r#"<circle cx="{x}" cy="640" r="100"/><g fill="none" stroke="currentColor" stroke-width="34">{rings}</g>"#)
}

fn tiles(id: &str, seed: u32) -> String {
    let shapes = [
        "M0 0h105a105 105 0 0 1-105 105z",
        "M105 0v105h-105a105 105 0 0 1 105-105z",
        "M0 105v-105a105 105 0 0 1 105 105z",
    ];
    let inside: String = [(0, 0), (105, 0), (0, 105), (105, 105)]
        .iter()
        .zip(0..)
        .map(|((x, y), n)| match (seed >> (2 * n)) % 4 {
            3 => format!(r#"<circle cx="{}" cy="{}" r="34"/>"#, x + 52, y + 52),
            shape => format!(r#"<path transform="translate({x} {y})" d="{}"/>"#, shapes[shape as usize]),
        })
        .collect();
    filled(id, (210, 210), &inside)
}

fn bars(_: &str, seed: u32) -> String {
    let mut path = String::new();
    for bar in 0..17_u32 {
        let half = 40 + (seed.rotate_left(bar * 3) % 210);
        let _ = write!(path, "M{} {}v{}", 40 + bar * 70, 315 - half, 2 * half);
    }
    format!(r#"<path fill="none" stroke="currentColor" stroke-width="32" stroke-linecap="round" d="{path}"/>"#)
}

fn hills(_: &str, seed: u32) -> String {
    let (sun, low) = (200 + seed % 9 * 100, 380 + seed % 80);
    format!(
        r#"<circle cx="{sun}" cy="210" r="110"/><path opacity=".55" d="M0 {low}q300-150 600-20t600-40V630H0z"/><path d="M0 510q260-120 560-10t640-50V630H0z"/>"#
    )
}

fn rows(_: &str, seed: u32) -> String {
    let x = if seed.is_multiple_of(2) { 0 } else { 1200 };
    let rings: String = (0..14)
        .map(|ring| format!(r#"<circle cx="{x}" cy="660" r="{0}" pathLength="{1}"/>"#, 160 + ring * 84, 40 + ring * 20))
        .collect();
    format!(r#"<g fill="none" stroke="currentColor" stroke-width="50" stroke-dasharray=".7 .3">{rings}</g>"#)
}

/// A cover in two colours, always the same for a title.
pub fn drawn(title: &str) -> Markup {
    let (seed, hue) = (hash(title), f64::from(hue(title)) * 30.0);
    // The second colour is a neighbour or from across the circle; the ground is pale, full or deep.
    let other = (hue + [340.0, 40.0, 180.0][(seed >> 8) as usize % 3]) % 360.0;
    let (ground, figure) = match (seed >> 12) % 3 {
        0 => (colour(hue, 0.7, 0.82), colour(other, 0.6, 0.24)),
        1 => (colour(hue, 0.6, 0.5), colour(other, 0.8, 0.88)),
        _ => (colour(hue, 0.55, 0.2), colour(other, 0.75, 0.72)),
    };
    let pattern = PATTERNS[(seed >> 16) as usize % PATTERNS.len()](&format!("c{seed:x}"), seed);
    html! {
        svg .cover viewBox={ "0 0 " (COVER.0) " " (COVER.1) } preserveAspectRatio="xMidYMid slice" aria-hidden="true" color=(figure)
            fill=(figure) {
            path fill=(ground) d="M0 0h1200v630H0z" {}
            (PreEscaped(pattern))
        }
    }
}

/// How wide a cover stands, so that a browser takes no larger file than it shows.
#[derive(Clone, Copy)]
pub enum Wide {
    /// As wide as the page or its main column.
    Page,
    /// A card of several.
    Card,
    /// A square beside a line.
    Line,
}

impl Wide {
    pub fn sizes(self) -> &'static str {
        match self {
            Wide::Page => "(min-width: 60rem) 44rem, 100vw",
            Wide::Card => "(min-width: 40rem) 22rem, 92vw",
            Wide::Line => "8rem",
        }
    }
}

/// A picture in each of its widths.
pub fn widths(picture: &str) -> String {
    let smaller = [("tiny", 160), ("compact", 320), ("small", 480), ("medium", 800)];
    let mut all: String = smaller.iter().map(|(size, width)| format!("{picture}?size={size} {width}w, ")).collect();
    let _ = write!(all, "{picture} 1200w");
    all
}

/// The event's picture, or one that is drawn for it. The first on a page loads at once.
pub fn cover(event: &Event, first: bool, wide: Wide) -> Markup {
    match meta::picture("", event) {
        Some(picture) => html! {
            img .cover src=(picture) alt="" width=(COVER.0) height=(COVER.1) decoding="async"
                srcset=(widths(&picture)) sizes=(wide.sizes())
                loading=[(!first).then_some("lazy")] fetchpriority=[first.then_some("high")];
        },
        None => drawn(&event.title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_drawn_from_its_title_alone_and_stays_small() {
        let titles: Vec<String> = (0..200).map(|n| format!("Evening {n}")).collect();
        let covers: std::collections::BTreeSet<String> =
            titles.iter().map(|title| drawn(title).into_string()).collect();
        assert!(covers.len() > 180, "{} of 200 differ", covers.len());
        for cover in &covers {
            assert!(cover.len() < 1300 && !cover.contains("style="), "{} bytes: {cover}", cover.len());
        }
        assert_eq!(drawn("Evening 1").into_string(), drawn("Evening 1").into_string());
        // What somebody writes never gets into the drawing.
        assert!(!drawn("<script>").into_string().contains("script"));
        assert_eq!((colour(0.0, 1.0, 0.5).as_str(), colour(240.0, 1.0, 0.5).as_str()), ("#ff0000", "#0000ff"));
    }

    #[test]
    fn the_house_has_a_mark_for_each_seat() {
        let marks = |taken, seats| {
            let svg = house(taken, seats).into_string();
            let count = |class: &str| -> f64 {
                svg.split(&format!("class=\"{class}\""))
                    .skip(1)
                    .filter_map(|path| path.split("pathLength=\"").nth(1))
                    .filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok())
                    // The gap after the last seat is left out.
                    .map(f64::ceil)
                    .sum()
            };
            (count("taken") as i32, count("rest") as i32)
        };
        for (taken, seats) in [(0, 1), (1, 1), (3, 12), (12, 12), (248, 600), (599, 600), (7, 80)] {
            assert_eq!(marks(taken, seats), (taken, seats - taken), "{taken} of {seats}");
        }
        assert_eq!(marks(2500, 5000), (300, 300));
        assert_eq!(marks(9, 0).0, 0, "no capacity is no fault");
    }
}
