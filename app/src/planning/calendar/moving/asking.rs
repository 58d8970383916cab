//! What comes of it when an event is put down elsewhere: it is looked at, asked, moved, and can be moved back.

use eventify::Error;
use eventify::events::operations::{event_get, event_reschedule};
use eventify::events::{City, Event, EventId, PlaceText, Reschedule, VenueId};
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::patch::Patch;
use eventify::kernel::timestamp::Timestamp;
use eventify::planning::MoveQuery;
use eventify::planning::operations::plan_move_check;
use eventify::zones::Zone;
use leptos::prelude::*;
use leptos::task::spawn_local;
use time::{Duration, PrimitiveDateTime};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{Asked, DIALOG, FAILED, Moved, Mover, Moving};
use crate::events::{clock, place};
use crate::planning::clashes;
use crate::ui::{Confirm, Icon, Nothing, now, open_dialog, submit};

impl Mover {
    /// Looks at what would become of it, and asks.
    pub(super) fn ask(self) {
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
        let (end_at, from) = (ends(&event, check.start_at), event.start_at);
        let there = venue.as_ref().map_or_else(|| place(&event), |(_, name)| name.clone());
        let before = format!("{}, {}", zone.display_span(event.start_at, event.end_at), place(&event));
        let after = format!("{}, {there}", zone.display_span(check.start_at, end_at));
        let told = match event.status.is_open() {
            true => "Guests with an email or phone are notified. Ticket sales move with it.",
            false => "Nobody is notified while it is a draft. Ticket sales move with it.",
        };
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
                <p>{told}</p>
                {clashes::along(&zone, from, &check)}
            </Confirm>
        }
        .into_any()
    }

    fn came(self, moved: Moved) {
        self.toasts.done(format!("{} moved", moved.after.title));
        self.moves.arrives.set_value(Some(moved.after.id));
        self.moves.moved.set(Some(moved));
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
                    self.moves.arrives.set_value(Some(event.id));
                    self.moves.moved.set(None);
                    self.data.refetch();
                }
                Err(error) => self.toasts.failed("Couldn't move it back", &error),
            }
        });
    }

    /// What is read out, and the bar at the foot: what was moved, and the way back.
    pub fn foot(self) -> AnyView {
        let bar = move || {
            let moved = self.moves.moved.get()?;
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
                        <button class="btn" type="button" on:click=move |_| self.moves.moved.set(None)>"Close"</button>
                    </div>
                </section>
            })
        };
        view! { <p class="sr" role="status">{move || self.said.get()}</p>{bar} }.into_any()
    }

    /// The event that came, once it is drawn.
    pub fn arrive(self) {
        let Some(id) = self.moves.arrives.try_update_value(Option::take).flatten() else { return };
        let found = document().query_selector(&format!("[data-event='{id}'] a")).ok().flatten();
        if let Some(link) = found.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let _ = link.focus();
        }
    }
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
