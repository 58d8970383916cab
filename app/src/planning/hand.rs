//! What moves bars on the board: a pointer that drags, and the same by keyboard. A step is looked at (a dry run) before
//! it is session, read out, and can be undone; nothing is written before it is saved.

use eventify::planning::{Clash, EntryKind, Plan, PlanEntry, Severity, StageId};
use eventify::zones::Zone;
use leptos::ev::{MouseEvent, PointerEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::edit::{Change, Changes, Spot, send};
use crate::ui::{Toasts, dom};

mod keys;

/// From so many pixels on it is a drag; under that it is a click.
pub const STILL: i32 = 4;

/// A bar on its way.
#[derive(Clone, PartialEq)]
struct Moving {
    entry: Uuid,
    kind: EntryKind,
    title: String,
    from: Spot,
    to: Spot,
    drag: Option<Drag>,
}

/// How it is dragged.
#[derive(Clone, Copy, PartialEq)]
struct Drag {
    x: i32,
    minutes_per_pixel: f64,
    end_only: bool,
    moved: bool,
}

/// Whose entries may be moved.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Rights {
    pub production: bool,
    pub talent: bool,
    pub crew: bool,
}

impl Rights {
    pub fn may(self, kind: EntryKind) -> bool {
        match kind {
            EntryKind::Production | EntryKind::Equipment => self.production,
            EntryKind::Talent => self.talent,
            EntryKind::Crew => self.crew,
        }
    }
}

/// What outlives that the plan is read again.
#[derive(Clone, Copy)]
pub struct PlanSession {
    /// What is not saved yet.
    pub changes: RwSignal<Changes>,
    /// What is read out.
    pub said: RwSignal<String>,
    /// Which bar gets the focus once the plan is drawn.
    arrives: StoredValue<Option<Arrives>>,
}

/// Where the focus goes.
#[derive(Clone, Copy)]
enum Arrives {
    /// Where it was.
    At(Uuid),
    /// To what is on now, or comes next.
    Now,
}

impl PlanSession {
    pub fn new() -> PlanSession {
        PlanSession {
            changes: RwSignal::new(Changes::default()),
            said: RwSignal::new(String::new()),
            arrives: StoredValue::new(None),
        }
    }
}

/// All that the board knows while somebody works on it.
#[derive(Clone, Copy)]
pub struct Hand {
    /// As it is kept.
    pub plan: StoredValue<Plan>,
    zone: StoredValue<Zone>,
    pub rights: Rights,
    pub session: PlanSession,
    moving: RwSignal<Option<Moving>>,
    pub busy: RwSignal<bool>,
    /// A drag has just ended: the click that follows it opens nothing.
    dragged: StoredValue<bool>,
    toasts: Toasts,
}

fn entry_id(element: &Element) -> Option<Uuid> {
    element.get_attribute("data-entry")?.parse().ok()
}

impl Hand {
    pub fn new(plan: Plan, zone: Zone, rights: Rights, session: PlanSession) -> Hand {
        Hand {
            plan: StoredValue::new(plan),
            zone: StoredValue::new(zone),
            rights,
            session,
            moving: RwSignal::new(None),
            busy: RwSignal::new(false),
            dragged: StoredValue::new(false),
            toasts: Toasts::get(),
        }
    }

    /// The plan as it would be.
    pub fn shown(self) -> Plan {
        self.plan.with_value(|plan| self.session.changes.with(|changes| changes.applied(plan)))
    }

    /// The hours of an entry while it moves, for all to see.
    pub fn hours_on_the_way(self, id: Uuid) -> Option<String> {
        self.on_the_way(id).map(|spot| format!("{}{}", self.hours(&spot), self.stage(spot.stage)))
    }

    /// Whether a bar is on its way.
    pub fn is_moving(self) -> bool {
        self.moving.with(Option::is_some)
    }

    /// Where an entry is drawn while it moves.
    pub fn on_the_way(self, id: Uuid) -> Option<Spot> {
        self.moving.with(|moving| moving.as_ref().filter(|moving| moving.entry == id).map(|moving| moving.to))
    }

    fn entry(self, id: Uuid) -> Option<PlanEntry> {
        self.plan.with_value(|plan| plan.entries.iter().find(|entry| entry.id == id).cloned())
    }

    /// An entry as it stands now, if it may be moved: what is over stays.
    pub fn movable(self, id: Uuid) -> Option<(PlanEntry, Spot)> {
        let entry = self.entry(id)?;
        let over = matches!(entry.status.as_str(), "done" | "out" | "returned" | "checked_in");
        if over || !self.rights.may(entry.kind) {
            return None;
        }
        let spot = self.session.changes.with_untracked(|changes| changes.spot(id)).unwrap_or_else(|| Spot::of(&entry));
        Some((entry, spot))
    }

    fn hours(self, spot: &Spot) -> String {
        self.zone.with_value(|zone| format!("{} to {}", zone.clock(spot.starts_at), zone.clock(spot.ends_at)))
    }

    fn stage(self, id: Option<StageId>) -> String {
        let find = |plan: &Plan| plan.stages.iter().find(|stage| Some(stage.id) == id).map(|stage| stage.name.clone());
        self.plan.with_value(find).map(|name| format!(", {name}")).unwrap_or_default()
    }

    fn say_where(self, spot: &Spot) {
        self.session.said.set(format!("{}{}.", self.hours(spot), self.stage(spot.stage)));
    }

    fn start(self, id: Uuid, drag: Option<Drag>) -> bool {
        // One is still being looked at: it would be taken for this one.
        if self.busy.get_untracked() {
            return false;
        }
        let Some((entry, spot)) = self.movable(id) else { return false };
        let moving = Moving { entry: id, kind: entry.kind, title: entry.title, from: spot, to: spot, drag };
        self.moving.set(Some(moving));
        true
    }

    fn change(self, to: impl FnOnce(&Moving) -> Spot) {
        self.moving.update(|moving| {
            if let Some(moving) = moving {
                moving.to = to(moving);
            }
        });
        if let Some(moving) = self.moving.get_untracked() {
            self.say_where(&moving.to);
        }
    }

    fn give_up(self) {
        // The button is still to be let go: that is no click on the bar.
        if let Some(Moving { drag: Some(drag), .. }) = self.moving.get_untracked() {
            self.dragged.set_value(drag.moved);
        }
        self.moving.set(None);
        self.session.said.set("Back where it was.".to_owned());
    }

    /// Looks at what the step would come to, and keeps it unless something confirmed is in its way.
    fn keep(self) {
        let Some(Moving { entry, kind, title, from, to, .. }) = self.moving.get_untracked() else { return };
        if from == to {
            self.moving.set(None);
            return;
        }
        let Some(known) = self.entry(entry) else { return };
        self.busy.set(true);
        spawn_local(async move {
            // Against what is saved, from where it is saved.
            let asked = Change { kind, id: entry, title: title.clone(), from: Spot::of(&known), to, clashes: 0 };
            let answer = send(&asked, known.version, true).await;
            let _ = self.busy.try_set(false);
            let found = match answer {
                Ok(found) => Ok(found),
                Err(error) => {
                    let named: Vec<Clash> = error
                        .current_record()
                        .and_then(|all| serde_json::from_value(all.clone()).ok())
                        .unwrap_or_default();
                    let waits = self.session.changes.with_untracked(|changes| changes.moves_all(&named, entry));
                    if waits { Ok(named) } else { Err(error) }
                }
            };
            match found {
                Ok(found) => {
                    let said = format!("{}{}. {}", self.hours(&to), self.stage(to.stage), tally(&found));
                    let change = Change { kind, id: entry, title, from, to, clashes: found.len() };
                    self.session.changes.update(|changes| changes.keep(change));
                    self.session.said.set(said);
                }
                Err(error) => {
                    self.session.said.set(format!("Not possible: {} Back where it was.", error.message()));
                    self.toasts.failed("Couldn't move it", &error);
                }
            }
            self.moving.set(None);
            focus(entry);
        });
    }

    pub fn undo(self) {
        if let Some(Some(change)) = self.session.changes.try_update(Changes::undo) {
            self.session.said.set(format!(
                "Undone: {} {}{}.",
                change.title,
                self.hours(&change.from),
                self.stage(change.from.stage)
            ));
            focus(change.id);
        }
    }

    pub fn redo(self) {
        if let Some(Some(change)) = self.session.changes.try_update(Changes::redo) {
            self.session.said.set(format!(
                "Again: {} {}{}.",
                change.title,
                self.hours(&change.to),
                self.stage(change.to.stage)
            ));
            focus(change.id);
        }
    }

    pub fn discard(self) {
        self.session.changes.update(Changes::discard);
        self.session.said.set("All changes discarded.".to_owned());
    }

    /// Saves one after the other; what could not be saved stays, and says why.
    pub fn save(self, saved: impl Fn() + 'static) {
        let all = self.session.changes.with_untracked(Changes::to_save);
        self.busy.set(true);
        spawn_local(async move {
            let mut done = 0;
            for change in &all {
                let version = self.entry(change.id).map_or(0, |entry| entry.version);
                match send(change, version, false).await {
                    Ok(_) => {
                        done += 1;
                        self.session.changes.update(|changes| changes.forget(change.id));
                    }
                    Err(error) => {
                        self.toasts.failed(&format!("Couldn't move {}", change.title), &error);
                        break;
                    }
                }
            }
            let _ = self.busy.try_set(false);
            if done > 0 {
                let said = if done == 1 { "1 change saved".to_owned() } else { format!("{done} changes saved") };
                self.toasts.done(said);
            }
            saved();
        });
    }

    // The pointer.

    pub fn pressed(self, event: &PointerEvent) {
        self.dragged.set_value(false);
        // A finger scrolls the board; the list below is for phones.
        if event.button() != 0 || event.pointer_type() == "touch" {
            return;
        }
        let (Some(bar), Some(track)) = (dom::closest(event, "[data-entry]"), dom::closest(event, ".plan-track")) else {
            return;
        };
        let columns: f64 = track.get_attribute("data-hours").and_then(|text| text.parse().ok()).unwrap_or(24.0) * 60.0;
        let minutes_per_pixel = columns / f64::from(track.client_width().max(1));
        let end_only = dom::closest(event, ".grip").is_some();
        let drag = Drag { x: event.client_x(), minutes_per_pixel, end_only, moved: false };
        if let Some(id) = entry_id(&bar)
            && self.start(id, Some(drag))
        {
            event.prevent_default();
            let _ = bar.set_pointer_capture(event.pointer_id());
        }
    }

    pub fn dragged_to(self, event: &PointerEvent) {
        let Some(Moving { drag: Some(drag), entry, kind, from, .. }) = self.moving.get_untracked() else { return };
        let by = event.client_x() - drag.x;
        let stage = if drag.end_only { from.stage } else { self.stage_under(event, kind).unwrap_or(from.stage) };
        if !drag.moved && by.abs() < STILL && stage == from.stage {
            return;
        }
        let minutes = (f64::from(by) * drag.minutes_per_pixel).round() as i64;
        let alt = event.alt_key() && !drag.end_only;
        self.change(|_| {
            let to = Spot { stage, ..from }.later(minutes, drag.end_only);
            if alt {
                to.fitted(&self.neighbours(entry, stage), self.changeover(stage))
            } else {
                to.snapped(drag.end_only)
            }
        });
        self.moving.update(|moving| {
            if let Some(Moving { drag: Some(drag), .. }) = moving {
                drag.moved = true;
            }
        });
    }

    pub fn released(self) {
        let Some(Moving { drag: Some(drag), .. }) = self.moving.get_untracked() else { return };
        self.dragged.set_value(drag.moved);
        match drag.moved {
            true => self.keep(),
            false => self.moving.set(None),
        }
    }

    /// Whether a click opens the bar: the one that ends a drag does not. Answers which.
    pub fn clicked(self, event: &MouseEvent) -> Option<Uuid> {
        let bar = dom::closest(event, "[data-entry]")?;
        let moved = self.dragged.get_value();
        self.dragged.set_value(false);
        if moved {
            event.prevent_default();
            return None;
        }
        let id = entry_id(&bar)?;
        self.movable(id)?;
        event.prevent_default();
        Some(id)
    }

    /// The stage whose lane is under the pointer, for what can be on one.
    fn stage_under(self, event: &PointerEvent, kind: EntryKind) -> Option<Option<StageId>> {
        if !matches!(kind, EntryKind::Production | EntryKind::Talent) {
            return None;
        }
        let under = document().element_from_point(event.client_x() as f32, event.client_y() as f32)?;
        let lane = under.closest("[data-stage]").ok().flatten()?;
        Some(lane.get_attribute("data-stage")?.parse().ok())
    }

    /// The hours of the others on a stage.
    fn neighbours(
        self,
        own: Uuid,
        stage: Option<StageId>,
    ) -> Vec<(eventify::kernel::timestamp::Timestamp, eventify::kernel::timestamp::Timestamp)> {
        let on_it = |entry: &&PlanEntry| {
            entry.id != own && stage.is_some() && entry.stage_id == stage && entry.kind != EntryKind::Equipment
        };
        let plan = untrack(|| self.shown());
        plan.entries.iter().filter(on_it).map(|entry| (entry.starts_at, entry.ends_at)).collect()
    }

    fn changeover(self, stage: Option<StageId>) -> i64 {
        let find = |plan: &Plan| plan.stages.iter().find(|one| Some(one.id) == stage).map(|one| one.changeover_minutes);
        self.plan.with_value(find).map_or(0, i64::from)
    }
}

/// `No clashes.`, or how many to look at.
fn tally(found: &[Clash]) -> String {
    let first = found.iter().find(|clash| clash.severity != Severity::Off);
    match (first, found.len()) {
        (None, _) => "No clashes.".to_owned(),
        (Some(clash), 1) => format!("{}: {}.", clash.severity.label(), clash.sentence),
        (Some(clash), n) => format!("{}: {}. {} more.", clash.severity.label(), clash.sentence, n - 1),
    }
}

/// Moves the focus to the bar of an entry, once it is drawn.
fn focus(id: Uuid) {
    request_animation_frame(move || {
        let found = document().query_selector(&format!("[data-entry='{id}'] a")).ok().flatten();
        if let Some(bar) = found.and_then(|bar| bar.dyn_into::<HtmlElement>().ok()) {
            let _ = bar.focus();
        }
    });
}
