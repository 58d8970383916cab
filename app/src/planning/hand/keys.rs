//! The board by keyboard: walking from bar to bar, and moving one.

use eventify::planning::{EntryKind, StageId};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{Arrives, Hand, Moving, entry_id};
use crate::planning::edit::{STEP, Spot};
use crate::ui::{dom, now, open_dialog, plain_key, use_go};

impl Hand {
    /// A key on the board.
    pub fn key(self, event: &KeyboardEvent) {
        let shift = event.shift_key();
        if event.ctrl_key() || event.meta_key() {
            match event.key().as_str() {
                "z" if !shift => self.undo(),
                "z" | "Z" | "y" => self.redo(),
                _ => return,
            }
            return event.prevent_default();
        }
        let moving = self.moving.with_untracked(Option::is_some);
        let taken = if moving { self.move_key(event) } else { self.walk_key(event) };
        if taken {
            event.prevent_default();
        }
    }

    fn move_key(self, event: &KeyboardEvent) -> bool {
        let by = if event.shift_key() { 30 } else { STEP };
        let end_only = event.alt_key();
        match event.key().as_str() {
            "ArrowLeft" => self.change(|moving| moving.to.later(-by, end_only)),
            "ArrowRight" => self.change(|moving| moving.to.later(by, end_only)),
            "ArrowUp" => self.change(|moving| Spot { stage: self.next_stage(moving, -1), ..moving.to }),
            "ArrowDown" => self.change(|moving| Spot { stage: self.next_stage(moving, 1), ..moving.to }),
            "Enter" => self.keep(),
            "Escape" => self.give_up(),
            "Tab" => {
                self.give_up();
                return false;
            }
            _ => return false,
        }
        true
    }

    fn next_stage(self, moving: &Moving, by: isize) -> Option<StageId> {
        if !matches!(moving.kind, EntryKind::Production | EntryKind::Talent) {
            return moving.to.stage;
        }
        let stages: Vec<StageId> = self.plan.with_value(|plan| plan.stages.iter().map(|stage| stage.id).collect());
        let at = stages.iter().position(|stage| Some(*stage) == moving.to.stage);
        let next = at.map_or(0, |at| at.saturating_add_signed(by).min(stages.len().saturating_sub(1)));
        stages.get(next).copied().or(moving.to.stage)
    }

    fn walk_key(self, event: &KeyboardEvent) -> bool {
        let Some(bar) = dom::closest(event, ".plan-track > li") else { return false };
        match event.key().as_str() {
            "ArrowLeft" => beside(&bar, false),
            "ArrowRight" => beside(&bar, true),
            "ArrowUp" => over(&bar, false),
            "ArrowDown" => over(&bar, true),
            "m" | "M" => {
                let Some(id) = entry_id(&bar) else { return false };
                if !self.start(id, None) {
                    return false;
                }
                self.session.said.set(
                    "Moving. Left and right 5 minutes, with Shift 30, with Alt the end alone; up and down another stage; \
                     Enter keeps, Escape goes back."
                        .to_owned(),
                );
            }
            _ => return false,
        }
        true
    }
}

/// The entry whose bar has the focus.
fn focused_entry() -> Option<Uuid> {
    let at = is_browser().then(document)?.active_element()?;
    entry_id(&at.closest(".plan-track > [data-entry]").ok().flatten()?)
}

impl Hand {
    /// The keys that work wherever the focus is, unless somebody types, moves a bar or is asked something: to add, to the
    /// next clash, and to now, which may be on another day. Whoever came from there goes on to now; whoever was at a bar
    /// that is drawn anew stays there.
    pub fn keys_anywhere(self, elsewhere: Option<String>) {
        let (go, arrives) = (use_go(), self.session.arrives);
        // The plan of before still stands: this one is drawn in its place.
        if let Some(id) = focused_entry() {
            arrives.update_value(|arrives| _ = arrives.get_or_insert(Arrives::At(id)));
        }
        Effect::new(move |_| {
            match arrives.try_update_value(Option::take).flatten() {
                Some(Arrives::Now) => request_animation_frame(move || _ = self.to_now()),
                Some(Arrives::At(id)) => request_animation_frame(move || enter(bar_of(id))),
                None => (),
            }
            let (elsewhere, go) = (elsewhere.clone(), go.clone());
            dom::on_document("keydown", move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                let key = plain_key(event).filter(|_| self.moving.with_untracked(Option::is_none));
                let taken = match key.as_deref() {
                    Some("n" | "N") => self.add_here(event),
                    Some("c" | "C") => {
                        self.next_clash(dom::closest(event, ".plan-track > li").as_ref().and_then(entry_id))
                    }
                    Some("t" | "T") => match &elsewhere {
                        Some(day) if !self.is_on_now() => {
                            arrives.set_value(Some(Arrives::Now));
                            go(day);
                            true
                        }
                        _ => self.to_now(),
                    },
                    _ => false,
                };
                if taken {
                    event.prevent_default();
                }
            });
        });
    }

    /// Whether something that is drawn here is on now.
    fn is_on_now(self) -> bool {
        let now = now();
        self.plan.with_value(|plan| {
            let mut on = plan.entries.iter().filter(|entry| entry.starts_at <= now && now < entry.ends_at);
            on.any(|entry| bar_of(entry.id).is_some())
        })
    }

    /// Adds what the lane holds: a slot or an entry on a stage, a shift, equipment.
    fn add_here(self, event: &KeyboardEvent) -> bool {
        let group = dom::closest(event, ".plan-lane").and_then(|lane| lane.get_attribute("data-group"));
        let wanted: &[&str] = match group.as_deref() {
            Some("Crew") => &["plan-shift"],
            Some("Equipment") => &["plan-gear"],
            _ => &["plan-slot", "plan-entry", "plan-shift"],
        };
        // Who may not add it has no dialog for it.
        let there = wanted.iter().find(|id| dom::by_id(&format!("{id}-dialog")).is_some());
        if let Some(id) = there {
            open_dialog(id);
        }
        there.is_some()
    }

    /// The bar of the next clash after this one, round and round.
    fn next_clash(self, here: Option<Uuid>) -> bool {
        let all: Vec<Uuid> = self.plan.with_value(|plan| {
            let mut all: Vec<Uuid> = Vec::new();
            for clash in &plan.clashes {
                if !all.contains(&clash.entry.id) && bar_of(clash.entry.id).is_some() {
                    all.push(clash.entry.id);
                }
            }
            all
        });
        let after = here.and_then(|id| all.iter().position(|one| *one == id)).map_or(0, |at| at + 1);
        let Some(next) = all.get(after).or(all.first()).copied() else {
            self.session.said.set("No clashes on this day.".to_owned());
            return true;
        };
        let said = self.plan.with_value(|plan| {
            let clash = plan.clashes.iter().find(|clash| clash.entry.id == next);
            clash.map(|clash| format!("{}: {}.", clash.rule.label(), clash.sentence)).unwrap_or_default()
        });
        self.session.said.set(said);
        enter(bar_of(next));
        true
    }

    /// The bar that is on now, or comes next.
    fn to_now(self) -> bool {
        let now = now();
        let next = self.plan.with_value(|plan| {
            let later = plan.entries.iter().filter(|entry| entry.ends_at > now && bar_of(entry.id).is_some());
            later.min_by_key(|entry| entry.starts_at).map(|entry| entry.id)
        });
        match next {
            Some(id) => enter(bar_of(id)),
            None => self.session.said.set("Nothing on this day is on now or still to come.".to_owned()),
        }
        true
    }
}

/// The bar of an entry, where the board draws it.
fn bar_of(id: Uuid) -> Option<Element> {
    document().query_selector(&format!(".plan-track > [data-entry=\"{id}\"]")).ok().flatten()
}

fn enter(bar: Option<Element>) {
    let link = bar.and_then(|bar| bar.query_selector("a").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let _ = link.focus();
    }
}

fn beside(bar: &Element, next: bool) {
    enter(if next { bar.next_element_sibling() } else { bar.previous_element_sibling() });
}

/// The first bar of the next lane that has one.
fn over(bar: &Element, down: bool) {
    let Ok(Some(mut lane)) = bar.closest(".plan-lane") else { return };
    loop {
        let next = if down { lane.next_element_sibling() } else { lane.previous_element_sibling() };
        let Some(next) = next else { return };
        let found = next.query_selector(".plan-track > li").ok().flatten();
        if found.is_some() {
            return enter(found);
        }
        lane = next;
    }
}
