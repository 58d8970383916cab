//! Moving events in the calendar, to another day or another venue: a pointer that drags, and the same by keyboard. It is
//! looked at what would become of the event's plan, asked, and only then moved; and it can be moved back.

use eventify::Error;
use eventify::events::operations::{event_get, event_reschedule};
use eventify::events::{City, Event, EventId, EventStatus, PlaceText, Reschedule, VenueId, Zone, day_in_short};
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::patch::Patch;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::operations::plan_move_check;
use eventify::planning::{MoveCheck, MoveQuery, Severity};
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use time::{Date, Duration, PrimitiveDateTime};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{Lane, Seen, read, word};
use crate::events::{clock, place};
use crate::planning::clashes;
use crate::planning::hand::STILL;
use crate::ui::{Confirm, Icon, Loading, Nothing, Toasts, Tone, dom, note, now, open_dialog, submit};

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
pub struct Kept {
    moved: RwSignal<Option<Moved>>,
    /// Which event gets the focus once it is drawn.
    arrives: StoredValue<Option<EventId>>,
}

impl Kept {
    pub fn new() -> Kept {
        Kept { moved: RwSignal::new(None), arrives: StoredValue::new(None) }
    }
}

/// All that the calendar knows while somebody moves an event.
#[derive(Clone, Copy)]
pub struct Mover {
    data: Loading<Seen>,
    kept: Kept,
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
    pub fn new(data: Loading<Seen>, kept: Kept, lanes: Vec<Lane>) -> Mover {
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
            kept,
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
        let into = cell(event).map_or(0, |(day, _)| (day - from.day).whole_days());
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
        let under = document().element_from_point(event.client_x() as f32, event.client_y() as f32);
        let to = match under.as_ref().and_then(spot_of) {
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

    // Asking and moving.

    /// Looks at what would become of it, and asks.
    fn ask(self) {
        let Some(Moving { event, from, to, .. }) = self.moving.get_untracked() else { return };
        self.moving.set(None);
        if from == to {
            self.said.set("Back where it was.".to_owned());
            return;
        }
        let venue = (from.lane != to.lane)
            .then(|| {
                self.lanes.with_value(|lanes| Some((lanes.get(to.lane)?.venue?, lanes.get(to.lane)?.name.clone())))
            })
            .flatten();
        self.busy.set(true);
        spawn_local(async move {
            let answer = looked(event, (to.day - from.day).whole_days(), venue).await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(asked) => {
                    self.toasts.settled(FAILED);
                    let _ = self.asked.try_set(Some(asked));
                    request_animation_frame(|| open_dialog(DIALOG));
                }
                Err(error) => {
                    let _ = self.said.try_set(format!("Not possible: {} Back where it was.", error.message()));
                    self.toasts.failed(FAILED, &error);
                }
            }
        });
    }

    /// The dialog that asks, once there is something to ask.
    pub fn dialog(self) -> AnyView {
        (move || self.asked.get().map(|asked| self.question(asked))).into_any()
    }

    fn question(self, asked: Asked) -> AnyView {
        let Asked { event, zone, venue, check } = asked;
        let end_at = ends(&event, check.start_at);
        let there = venue.as_ref().map_or_else(|| place(&event), |(_, name)| name.clone());
        let before = format!("{}, {}", zone.display_span(event.start_at, event.end_at), place(&event));
        let after = format!("{}, {there}", zone.display_span(check.start_at, end_at));
        let along = match check.entries {
            0 => "Its plan is empty.".to_owned(),
            1 => "1 entry of its plan moves with it.".to_owned(),
            n => format!("{n} entries of its plan move with it."),
        };
        let told = match event.status.is_open() {
            true => "Guests with an email or phone are notified. Ticket sales move with it.",
            false => "Nobody is notified while it is a draft. Ticket sales move with it.",
        };
        let shared = (!check.same_venue.is_empty()).then(|| {
            let text = format!("{} is there at that time.", check.same_venue.join(", "));
            note(Tone::Warning, "Same venue", text, None)
        });
        let pencilled = check.clashes.iter().any(|clash| clash.severity == Severity::MustFix);
        let pencilled = pencilled.then(|| view! { <p>"What must be fixed becomes pencilled."</p> });
        let change = Reschedule {
            start_at: check.start_at,
            end_at,
            venue_id: venue.map_or(Patch::Absent, |(id, _)| Patch::Value(id)),
            venue_text: Patch::Absent,
            city: None,
            version: event.version,
        };
        let (id, title, entries, clocks) = (event.id, format!("Move {}?", event.title), check.entries, zone.clone());
        let run = submit(
            move |_: Nothing| event_reschedule(id, change.clone()),
            move |after: Event| self.came(Moved { before: event.clone(), after, zone: clocks.clone(), entries }),
        );
        view! {
            <Confirm id=DIALOG label="Move" icon=Icon::CALENDAR title=title confirm="Move event" keep="Keep it there" run=run danger=false in_menu=true>
                <dl class="facts">
                    <div><dt>"From"</dt><dd><bdi>{before}</bdi></dd></div>
                    <div><dt>"To"</dt><dd><bdi>{after}</bdi></dd></div>
                </dl>
                <p>{along}" "{told}</p>
                {shared}
                {clashes::list(&zone, &check.clashes)}
                {pencilled}
            </Confirm>
        }
        .into_any()
    }

    fn came(self, moved: Moved) {
        self.toasts.done(format!("{} moved", moved.after.title));
        self.kept.arrives.set_value(Some(moved.after.id));
        self.kept.moved.set(Some(moved));
        self.data.refetch();
    }

    /// Moves it back where it was.
    fn undo(self, moved: Moved) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let answer = match back(&moved) {
                Ok(change) => event_reschedule(moved.after.id, change).await,
                Err(error) => Err(error),
            };
            let _ = self.busy.try_set(false);
            match answer {
                Ok(event) => {
                    self.toasts.settled("Couldn't move it back");
                    self.toasts.done(format!("{} is back where it was", event.title));
                    self.kept.arrives.set_value(Some(event.id));
                    self.kept.moved.set(None);
                    self.data.refetch();
                }
                Err(error) => self.toasts.failed("Couldn't move it back", &error),
            }
        });
    }

    /// What is read out, and the bar at the foot: what was moved, and the way back.
    pub fn foot(self) -> AnyView {
        let bar = move || {
            let moved = self.kept.moved.get()?;
            let of =
                |event: &Event| format!("{}, {}", moved.zone.display_span(event.start_at, event.end_at), place(event));
            let along = match moved.entries {
                0 => String::new(),
                1 => " 1 entry of its plan moved with it.".to_owned(),
                n => format!(" {n} entries of its plan moved with it."),
            };
            let again = if moved.after.status.is_open() { " Undo notifies the guests again." } else { "" };
            let small = format!("From {} to {}.{along}{again}", of(&moved.before), of(&moved.after));
            let title = format!("{} moved", moved.after.title);
            Some(view! {
                <section class="plan-unsaved" aria-label="What was moved">
                    <div><strong><bdi>{title}</bdi></strong><small>{small}</small></div>
                    <div class="row">
                        <button class="btn" type="button" disabled=move || self.busy.get() on:click=move |_| self.undo(moved.clone())>"Undo"</button>
                        <button class="btn" type="button" on:click=move |_| self.kept.moved.set(None)>"Close"</button>
                    </div>
                </section>
            })
        };
        view! { <p class="sr" role="status">{move || self.said.get()}</p>{bar} }.into_any()
    }

    /// The event that came, once it is drawn.
    pub fn arrive(self) {
        let Some(id) = self.kept.arrives.try_update_value(Option::take).flatten() else { return };
        let found = document().query_selector(&format!("[data-event='{id}'] a")).ok().flatten();
        if let Some(link) = found.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let _ = link.focus();
        }
    }
}

/// The day and the lane of the cell around this.
fn spot_of(element: &Element) -> Option<(Date, usize)> {
    let cell = element.closest("td[data-day]").ok().flatten()?;
    Some((read(&cell.get_attribute("data-day")?)?, cell.get_attribute("data-lane")?.parse().ok()?))
}

fn cell(event: &PointerEvent) -> Option<(Date, usize)> {
    spot_of(&dom::closest(event, "td[data-day]")?)
}

/// When it would end: it takes as long as it did.
fn ends(event: &Event, start_at: Timestamp) -> Timestamp {
    start_at.plus(event.end_at.0 - event.start_at.0)
}

/// The same hour so many days later, by the clocks there.
fn days_later(event: &Event, zone: &Zone, days: i64) -> Result<Timestamp, Error> {
    let there = zone.local(event.start_at);
    let wrong = |message: &str| invalid_input().detail(format!("The start {message}."));
    let day = there.date().checked_add(Duration::days(days)).ok_or_else(|| wrong("is too far away"))?;
    zone.moment(PrimitiveDateTime::new(day, there.time())).map_err(|message| wrong(&message))
}

/// What would become of an event: refused where something published holds the venue, or where it would be over.
async fn looked(id: EventId, days: i64, venue: Option<(VenueId, String)>) -> Result<Asked, Error> {
    let event = event_get(id).await?;
    let zone = clock::zone(&event).await?;
    let start_at = days_later(&event, &zone, days)?;
    if event.status.is_open() && ends(&event, start_at) <= now() {
        return Err(invalid_input().detail("It is published: it can only move to a time that is still to come."));
    }
    let venue_id = venue.as_ref().map(|(id, _)| *id);
    let check = plan_move_check(id, MoveQuery { start_at, venue_id }).await?;
    match check.same_venue.first().filter(|_| event.status.is_open()) {
        Some(other) => Err(invalid_input().detail(format!("“{other}” is there at that time."))),
        None => Ok(Asked { event, zone, venue, check }),
    }
}

/// The way back: what was changed, as it was.
fn back(Moved { before, after, .. }: &Moved) -> Result<Reschedule, Error> {
    let mut change = Reschedule {
        start_at: before.start_at,
        end_at: before.end_at,
        venue_id: Patch::Absent,
        venue_text: Patch::Absent,
        city: None,
        version: after.version,
    };
    if before.venue_id != after.venue_id {
        let gone = |_| not_found();
        change.venue_id = before.venue_id.map_or(Patch::Null, Patch::Value);
        change.venue_text = match &before.venue_text {
            Some(text) => Patch::Value(PlaceText::parse(text).map_err(gone)?),
            None => Patch::Absent,
        };
        change.city = (!before.city.is_empty()).then(|| City::parse(&before.city).map_err(gone)).transpose()?;
    }
    Ok(change)
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
