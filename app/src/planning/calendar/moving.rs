//! Moving events in the calendar, to another day or another venue: a pointer that drags, and the same by keyboard. It is
//! looked at what would become of the event's plan, asked, and only then moved; and it can be moved back.

use eventify::events::{Event, EventId, EventStatus, VenueId};
use eventify::planning::MoveCheck;
use eventify::zones::{Zone, day_in_short};
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use time::{Date, Duration};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{Lane, Seen, read, word};
use crate::planning::hand::STILL;
use crate::ui::{Loading, Toasts, dom};

mod asking;

/// The dialog that asks.
const DIALOG: &str = "calendar-move";
const FAILED: &str = "Couldn't move it";

/// Where an event is: the day it begins on, and the lane of its venue.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    day: Date,
    lane: usize,
}

impl Spot {
    /// So many days later, as far as there are days.
    fn later(self, days: i64) -> Spot {
        let day = self.day.checked_add(Duration::days(days)).and_then(|day| read(&word(day)));
        Spot { day: day.unwrap_or(self.day), ..self }
    }
}

/// An event on its way.
#[derive(Clone, PartialEq)]
struct Moving {
    event: EventId,
    from: Spot,
    to: Spot,
    drag: Option<Drag>,
}

/// How it is dragged.
#[derive(Clone, Copy, PartialEq)]
struct Drag {
    at: (i32, i32),
    /// How many days after its first one it was taken.
    into: i64,
    moved: bool,
}

/// What is asked before an event moves.
#[derive(Clone)]
struct Asked {
    event: Event,
    zone: Zone,
    /// Another venue, and what it is called.
    venue: Option<(VenueId, String)>,
    check: MoveCheck,
}

/// An event that was moved, as it was and as it is.
#[derive(Clone)]
struct Moved {
    before: Event,
    after: Event,
    zone: Zone,
    entries: i64,
}

/// What outlives that the calendar is read again.
#[derive(Clone, Copy)]
pub struct EventMoves {
    moved: RwSignal<Option<Moved>>,
    /// Which event gets the focus once it is drawn.
    arrives: StoredValue<Option<EventId>>,
}

impl EventMoves {
    pub fn new() -> EventMoves {
        EventMoves { moved: RwSignal::new(None), arrives: StoredValue::new(None) }
    }
}

/// All that the calendar knows while somebody moves an event.
#[derive(Clone, Copy)]
pub struct Mover {
    data: Loading<Seen>,
    moves: EventMoves,
    lanes: StoredValue<Vec<Lane>>,
    moving: RwSignal<Option<Moving>>,
    /// The cell it would come to, and what is said there.
    target: Memo<Option<(String, usize, String)>>,
    asked: RwSignal<Option<Asked>>,
    /// What is read out.
    said: RwSignal<String>,
    busy: RwSignal<bool>,
    /// A drag has just ended: the click that follows it opens nothing.
    dragged: StoredValue<bool>,
    /// What a pointer is pressed on. Nothing is drawn anew for it before it moves: a click needs its link to stay.
    pressed_on: StoredValue<Option<Moving>>,
    toasts: Toasts,
}

impl Mover {
    pub fn new(data: Loading<Seen>, moves: EventMoves, lanes: Vec<Lane>) -> Mover {
        let moving = RwSignal::new(None::<Moving>);
        let lanes = StoredValue::new(lanes);
        let target = Memo::new(move |_| {
            let to =
                moving.with(|moving| moving.as_ref().filter(|moving| moving.from != moving.to).map(|one| one.to))?;
            let day = word(to.day);
            Some((day.clone(), to.lane, day_in_short(&day)))
        });
        Mover {
            data,
            moves,
            lanes,
            moving,
            target,
            asked: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            busy: RwSignal::new(false),
            dragged: StoredValue::new(false),
            pressed_on: StoredValue::new(None),
            toasts: Toasts::get(),
        }
    }

    /// What a cell says while an event would come to it.
    pub fn target_at(self, day: &str, lane: usize) -> Option<String> {
        self.target.with(|target| {
            let (there, at, said) = target.as_ref()?;
            (there == day && *at == lane).then(|| said.clone())
        })
    }

    /// Whether something is on its way.
    pub fn is_moving(self) -> bool {
        self.moving.with(Option::is_some)
    }

    /// An event that may be moved, where it is: what has begun or is cancelled stays.
    fn movable(self, link: &Element) -> Option<(EventId, Spot)> {
        let id: EventId = link.closest("[data-event]").ok().flatten()?.get_attribute("data-event")?.parse().ok()?;
        self.lanes.with_value(|lanes| {
            lanes.iter().enumerate().find_map(|(lane, one)| {
                let event = one.events.iter().find(|event| event.event_id == id)?;
                let open = matches!(event.status, EventStatus::Draft | EventStatus::Published);
                Some((id, Spot { day: read(&event.first_day).filter(|_| open)?, lane }))
            })
        })
    }

    fn named(self, lane: usize) -> String {
        self.lanes.with_value(|lanes| lanes.get(lane).map(|lane| lane.name.clone())).unwrap_or_default()
    }

    /// Only a venue that is known can be moved to; where it is it can stay.
    fn can_be_in(self, from: usize, lane: usize) -> bool {
        lane == from || self.lanes.with_value(|lanes| lanes.get(lane).is_some_and(|lane| lane.venue.is_some()))
    }

    fn say_where(self) {
        if let Some(moving) = self.moving.get_untracked() {
            self.said.set(format!("{}, {}.", day_in_short(&word(moving.to.day)), self.named(moving.to.lane)));
        }
    }

    fn change(self, to: impl FnOnce(&Moving) -> Spot) {
        self.moving.update(|moving| {
            if let Some(moving) = moving {
                moving.to = to(moving);
            }
        });
        self.say_where();
    }

    fn give_up(self) {
        if let Some(Moving { drag: Some(drag), .. }) = self.moving.get_untracked() {
            self.dragged.set_value(drag.moved);
        }
        self.moving.set(None);
        self.said.set("Back where it was.".to_owned());
    }

    // The keyboard.

    /// A key on an event. Answers whether it was meant.
    pub fn key(self, event: &KeyboardEvent) -> bool {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return false;
        }
        let Some(Moving { from, to, .. }) = self.moving.get_untracked() else {
            return event.key().eq_ignore_ascii_case("m") && self.start(event);
        };
        let by = if event.shift_key() { 7 } else { 1 };
        match event.key().as_str() {
            "ArrowLeft" => self.change(|moving| moving.to.later(-by)),
            "ArrowRight" => self.change(|moving| moving.to.later(by)),
            "ArrowUp" => self.change(|_| Spot { lane: self.next_lane(from.lane, to.lane, false), ..to }),
            "ArrowDown" => self.change(|_| Spot { lane: self.next_lane(from.lane, to.lane, true), ..to }),
            "Enter" => self.ask(),
            "Escape" => self.give_up(),
            "Tab" => {
                self.give_up();
                return false;
            }
            _ => return false,
        }
        true
    }

    fn start(self, event: &KeyboardEvent) -> bool {
        let Some(link) = dom::closest(event, ".cal-event a") else { return false };
        let Some((id, from)) = self.movable(&link).filter(|_| !self.busy.get_untracked()) else {
            self.said.set("Live, ended and cancelled events can't be moved.".to_owned());
            return true;
        };
        self.moving.set(Some(Moving { event: id, from, to: from, drag: None }));
        self.said.set(
            "Moving. Left and right a day, with Shift a week; up and down another venue; Enter asks, Escape goes back."
                .to_owned(),
        );
        true
    }

    /// The lane above or below in which it can be.
    fn next_lane(self, from: usize, at: usize, down: bool) -> usize {
        let count = self.lanes.with_value(Vec::len);
        let mut all: Vec<usize> = (0..count).filter(|lane| self.can_be_in(from, *lane)).collect();
        if !down {
            all.reverse();
        }
        let beyond = |lane: &usize| if down { *lane > at } else { *lane < at };
        all.into_iter().find(beyond).unwrap_or(at)
    }

    // The pointer.

    pub fn pressed(self, event: &PointerEvent) {
        self.dragged.set_value(false);
        // A finger scrolls the calendar.
        if event.button() != 0 || event.pointer_type() == "touch" || self.busy.get_untracked() {
            return;
        }
        let Some((id, from)) = dom::closest(event, ".cal-event").and_then(|link| self.movable(&link)) else { return };
        let into = under(event).map_or(0, |(day, _)| (day - from.day).whole_days());
        let drag = Drag { at: (event.client_x(), event.client_y()), into, moved: false };
        event.prevent_default();
        self.pressed_on.set_value(Some(Moving { event: id, from, to: from, drag: Some(drag) }));
    }

    pub fn dragged_to(self, event: &PointerEvent) {
        let moving = self.moving.get_untracked().or_else(|| self.pressed_on.get_value());
        let Some(Moving { event: id, drag: Some(drag), from, to }) = moving else { return };
        let by = (event.client_x() - drag.at.0).abs().max((event.client_y() - drag.at.1).abs());
        if !drag.moved && by < STILL {
            return;
        }
        // Only now: a click that is no drag is the link's.
        if !drag.moved {
            if let Some(region) = dom::closest(event, ".calendar-lanes") {
                let _ = region.set_pointer_capture(event.pointer_id());
            }
            self.pressed_on.set_value(None);
            self.moving.set(Some(Moving { event: id, from, to, drag: Some(Drag { moved: true, ..drag }) }));
        }
        let to = match under(event) {
            Some((day, lane)) if self.can_be_in(from.lane, lane) => Spot { day, lane }.later(-drag.into),
            // Where it cannot be it would go back.
            _ => from,
        };
        if self.moving.with_untracked(|moving| moving.as_ref().is_some_and(|moving| moving.to != to)) {
            self.change(|_| to);
        }
    }

    pub fn released(self) {
        self.pressed_on.set_value(None);
        let Some(Moving { drag: Some(drag), .. }) = self.moving.get_untracked() else { return };
        self.dragged.set_value(drag.moved);
        match drag.moved {
            true => self.ask(),
            false => self.moving.set(None),
        }
    }

    /// The click that ends a drag opens nothing.
    pub fn clicked(self, event: &MouseEvent) {
        if self.dragged.get_value() {
            self.dragged.set_value(false);
            event.prevent_default();
        }
    }
}

/// The day and the lane of the cell under the pointer; a bar lies over the cells of all its days, and the names over
/// those that were scrolled away.
fn under(event: &PointerEvent) -> Option<(Date, usize)> {
    let all = document().elements_from_point(event.client_x() as f32, event.client_y() as f32);
    let cell = all
        .iter()
        .filter_map(|one| one.dyn_into::<Element>().ok())
        .find(|one| one.matches("th, td").unwrap_or(false))?;
    Some((read(&cell.get_attribute("data-day")?)?, cell.get_attribute("data-lane")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(day: &str) -> Spot {
        Spot { day: read(day).expect("a day"), lane: 1 }
    }

    #[test]
    fn days_go_over_the_ends_of_months_and_not_out_of_the_calendar() {
        assert_eq!(spot("2026-12-31").later(1), spot("2027-01-01"));
        assert_eq!(spot("2026-03-01").later(-1), spot("2026-02-28"));
        assert_eq!(spot("2199-12-31").later(1), spot("2199-12-31"), "what cannot be typed is not moved to");
    }
}
