//! The seats of an event as the house is seen from above: rows around a stage, one square a seat, filled from the
//! front. It shows how full the event is, not who sits where.

use eventify_core::kernel::money::count;
use leptos::prelude::*;

/// No more squares than this are drawn: then one stands for several seats.
const MOST: i32 = 1_200;
const CENTRE: f64 = 200.0;
/// How far the stage's middle is above the picture.
const ABOVE: f64 = 24.0;
const INNER: f64 = 62.0;
const OUTER: f64 = 226.0;
/// Degrees, from the right.
const FROM: f64 = 28.0;
const TO: f64 = 152.0;
/// Width of an aisle.
const AISLE: f64 = 9.0;

/// Middle and direction of one square.
type Square = (f64, f64, f64);

/// Squares of a row, from its middle outwards.
fn row(radius: f64, pitch: f64) -> Vec<Square> {
    let third = (TO - FROM).to_radians() / 3.0;
    let gap = AISLE / radius;
    let mut angles = Vec::new();
    for block in 0..3 {
        let (from, width) = (FROM.to_radians() + f64::from(block) * third + gap / 2.0, third - gap);
        let count = (width * radius / pitch).floor();
        let step = if count > 0.0 { width / count } else { continue };
        let mut at = 0.5;
        while at < count {
            angles.push(from + at * step);
            at += 1.0;
        }
    }
    let middle = 90.0_f64.to_radians();
    angles.sort_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
    angles.into_iter().map(|a| (CENTRE + radius * a.cos(), radius * a.sin() - ABOVE, a)).collect()
}

/// So many squares, from the front row on; with the distance between two.
fn house(count: usize) -> (Vec<Square>, f64) {
    let mut pitch = 15.0;
    loop {
        let (mut squares, mut radius) = (Vec::new(), INNER);
        while radius <= OUTER && squares.len() < count {
            squares.extend(row(radius, pitch));
            radius += pitch * 1.12;
        }
        if squares.len() >= count || pitch < 2.0 {
            squares.truncate(count);
            return (squares, pitch);
        }
        pitch *= 0.96;
    }
}

fn path(squares: &[Square], length: f64) -> String {
    let mut path = String::with_capacity(squares.len() * 24);
    for (x, y, angle) in squares {
        // Along the row: at a right angle to the way to the stage.
        let (dx, dy) = (-angle.sin() * length, angle.cos() * length);
        path.push_str(&format!("M{:.1} {:.1}l{dx:.1} {dy:.1}", x - dx / 2.0, y - dy / 2.0));
    }
    path
}

/// How many squares each state gets where one stands for `each` seats: what there is at all is seen.
fn shares(states: &[(&'static str, &'static str, i32)], each: i32) -> Vec<usize> {
    let up =
        |seats: i32| usize::try_from(seats.max(0)).unwrap_or_default().div_ceil(usize::try_from(each).unwrap_or(1));
    states.iter().map(|(.., seats)| up(*seats)).collect()
}

/// The picture with its legend: class, name and number of seats of each state, from the front on.
pub fn seats(states: &[(&'static str, &'static str, i32)]) -> AnyView {
    let total: i32 = states.iter().map(|(.., seats)| *seats).sum();
    let each = (total + MOST - 1) / MOST;
    let shares = shares(states, each.max(1));
    let (squares, pitch) = house(shares.iter().sum());
    let bottom = squares.iter().map(|(_, y, _)| *y).fold(60.0, f64::max) + pitch;
    let (mut begin, length) = (0, pitch * 0.74);
    let drawn = states.iter().zip(&shares).map(|((class, ..), share)| {
        let part = &squares[begin..(begin + share).min(squares.len())];
        begin += share;
        view! { <path class=*class stroke-width=format!("{length:.1}") d=path(part, length)></path> }
    });
    let drawn = drawn.collect_view();
    let said: Vec<String> =
        states.iter().map(|(_, name, seats)| format!("{name} {}", count((*seats).into()))).collect();
    let keys = states.iter().zip(&said).map(|((class, ..), said)| {
        view! { <span class="key"><i class=format!("k {class}")></i>{said.clone()}</span> }
    });
    let keys = keys.collect_view();
    let several = (each > 1).then(|| view! { <span>{format!("One square is {each} seats")}</span> });
    view! {
        <figure class="seats">
            <svg viewBox=format!("0 0 400 {bottom:.0}") role="img" aria-label=format!("Seats: {}", said.join(", "))>
                <path class="stage" d="M176 6h48l-5 16h-38z"></path>
                {drawn}
            </svg>
            <figcaption>{keys}{several}</figcaption>
        </figure>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_a_seat_whatever_the_size() {
        for count in [0, 1, 7, 40, 263, 600, 1_200] {
            let (squares, pitch) = house(count);
            assert_eq!(squares.len(), count);
            assert!(pitch > 4.0, "{count}: squares of {pitch}");
            assert!(squares.iter().all(|(x, y, _)| (0.0..=400.0).contains(x) && *y <= OUTER), "{count}");
        }
    }

    #[test]
    fn what_there_is_at_all_is_seen() {
        let states = [("booked", "Booked", 1), ("held", "Held", 0), ("free", "Free", 9_999)];
        assert_eq!(shares(&states, 9), [1, 0, 1_111]);
    }
}
