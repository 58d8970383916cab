//! The board by keyboard: walking from bar to bar, and moving one.

use eventify::planning::{EntryKind, StageId};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{Hand, Moving, entry_id};
use crate::planning::edit::{STEP, Spot};
use crate::ui::dom;

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
                self.said.set(
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
