//! A list by keyboard, and from record to record without going back to it.

use leptos::ev::KeyboardEvent;
use leptos::html::Section;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::Serialize;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::ui::{Icon, dom, use_go};

/// A list that was looked at, kept for this tab: where it was and what it led to.
#[operation::record]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Trail {
    list: String,
    records: Vec<String>,
    next: Option<String>,
}

const TRAIL: &str = "eventify-list";

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// So many lists are remembered.
const TRAILS: usize = 8;

impl Trail {
    /// The path of the list.
    fn path(&self) -> &str {
        self.list.split('?').next().unwrap_or_default()
    }
    /// All that is remembered, the latest first.
    fn all() -> Vec<Trail> {
        let kept = storage().and_then(|storage| storage.get_item(TRAIL).ok()?);
        kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }
    /// The latest list that leads to this path. A record has lists of its own on its tabs: they do not stand
    /// between it and the list it was opened from.
    fn to(path: &str) -> Option<Trail> {
        Trail::all().into_iter().find(|trail| trail.place(path).is_some())
    }
    fn place(&self, path: &str) -> Option<usize> {
        self.records.iter().position(|record| record.split('?').next() == Some(path))
    }
    fn save(self) {
        if self.records.is_empty() {
            return;
        }
        let mut all = Trail::all();
        all.retain(|trail| trail.path() != self.path());
        all.insert(0, self);
        all.truncate(TRAILS);
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&all)) {
            let _ = storage.set_item(TRAIL, &text);
        }
    }
}

fn links(section: &Element) -> Vec<HtmlElement> {
    let Ok(list) = section.query_selector_all("tbody th a") else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}

/// The first thing of each row that can be opened or pressed.
fn stops(section: &Element) -> Vec<HtmlElement> {
    let Ok(rows) = section.query_selector_all("tbody tr") else { return Vec::new() };
    let stop = |row: Element| {
        let first = |what: &str| row.query_selector(what).ok().flatten();
        first("th a, td a[href]").or_else(|| first("button:not(:disabled), input:not(:disabled)"))
    };
    let rows = (0..rows.length()).filter_map(|at| rows.get(at)?.dyn_into::<Element>().ok());
    rows.filter_map(stop).filter_map(|stop| stop.dyn_into().ok()).collect()
}

/// Remembers which records a page's table leads to, for the way from one to the next.
pub(super) fn remember(section: NodeRef<Section>, list: String, next: Option<String>) {
    Effect::new(move |_| {
        let Some(element) = section.get() else { return };
        let own = list.split('?').next().unwrap_or_default().to_owned();
        let records = links(&element).into_iter().filter_map(|link| link.get_attribute("href"));
        let records = records.filter(|href| leads_on(&own, href)).collect();
        Trail { list: list.clone(), records, next: next.clone() }.save();
    });
}

/// Whether a link of the list at this path leads to a record, and not to another part of the page the list stands on.
fn leads_on(list: &str, href: &str) -> bool {
    let path = href.split('?').next().unwrap_or_default();
    list != path && !list.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
}

/// Makes a table answer to keys: `/` searches, `j` and `k` (or the arrows, once in the list) go from row to row,
/// `x` ticks. Of several tables on a page it is the first, or the one the focus is in.
pub(super) fn follow(section: NodeRef<Section>) {
    Effect::new(move |_| {
        if section.get().is_none() {
            return;
        }
        dom::on_document("keydown", move |event| {
            if let (Some(event), Some(section)) = (event.dyn_ref::<KeyboardEvent>(), section.get_untracked()) {
                pressed(event, &section);
            }
        });
    });
}

/// Whether keys are meant for this table.
fn is_meant(section: &HtmlElement, focused: Option<&Element>) -> bool {
    match focused.and_then(|focused| focused.closest(".datatable").ok().flatten()) {
        Some(other) => section.is_same_node(Some(&other)),
        None => document()
            .query_selector(".datatable")
            .ok()
            .flatten()
            .is_some_and(|first| section.is_same_node(Some(&first))),
    }
}

/// A key meant for the page: no modifier, nobody typing, no dialog open.
pub fn plain_key(event: &KeyboardEvent) -> Option<String> {
    let target: Option<HtmlElement> = event.target().and_then(|t| t.dyn_into().ok());
    let typing = target.is_some_and(|t| {
        t.closest("select, textarea, dialog, [contenteditable], input:not([type='checkbox'])").ok().flatten().is_some()
    });
    let asked = document().query_selector("dialog[open]").ok().flatten().is_some();
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
    (!typing && !asked && !modified && !event.default_prevented()).then(|| event.key())
}

fn pressed(event: &KeyboardEvent, section: &HtmlElement) {
    let Some(key) = plain_key(event) else { return };
    let focused = document().active_element();
    if !is_meant(section, focused.as_ref()) {
        return;
    }
    // A record that is open beside the list has these keys for itself.
    if matches!(key.as_str(), "j" | "k") && document().query_selector("aside.panel").ok().flatten().is_some() {
        return;
    }
    let stops = stops(section);
    let focused = focused.filter(|e| section.contains(Some(e)));
    let row = focused.as_ref().and_then(|e| e.closest("tbody tr").ok().flatten());
    let here = row.as_ref().and_then(|row| stops.iter().position(|stop| row.contains(Some(stop))));
    let to = match (key.as_str(), here) {
        ("j", None) => Some(0),
        ("j" | "ArrowDown", Some(at)) => Some(at + 1),
        ("k" | "ArrowUp", Some(at)) => at.checked_sub(1),
        ("x", Some(_)) => {
            let found = row.and_then(|row| row.query_selector(".sel").ok().flatten());
            if let Some(tick) = found.and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
                tick.click();
            }
            None
        }
        ("/", _) => {
            if let Some(search) = section.query_selector("input[type='search']").ok().flatten() {
                event.prevent_default();
                let _ = search.unchecked_into::<HtmlElement>().focus();
            }
            None
        }
        _ => None,
    };
    if let Some(stop) = to.and_then(|at| stops.get(at)) {
        event.prevent_default();
        let _ = stop.focus();
    }
}

/// On a record's page: the one before and the one after in the list it was opened from (`[` and `]`).
#[component]
pub fn Siblings() -> impl IntoView {
    let (trail, path, go) = (RwSignal::new(None::<Trail>), use_location().pathname, use_go());
    Effect::new(move |_| trail.set(path.with(|path| Trail::to(path))));
    let around = Memo::new(move |_| {
        let trail = trail.get()?;
        let at = path.with(|path| trail.place(path))?;
        let before = at.checked_sub(1).map(|at| trail.records[at].clone());
        let after = trail.records.get(at + 1).cloned().or_else(|| trail.next.clone());
        Some((before, after, format!("{} of {}", at + 1, trail.records.len())))
    });
    Effect::new(move |_| {
        let go = go.clone();
        dom::on_document("keydown", move |event| {
            let Some((before, after, _)) = around.get_untracked() else { return };
            let key = event.dyn_ref::<KeyboardEvent>().and_then(plain_key);
            let to = match key.as_deref() {
                Some("[") => before,
                Some("]") => after,
                _ => None,
            };
            if let Some(to) = to {
                go(&to);
            }
        });
    });
    let step = |icon: Icon, label: &'static str, keys: &'static str, to: Option<String>| match to {
        Some(to) => {
            view! { <a href=to aria-label=label title=label aria-keyshortcuts=keys>{icon.svg()}</a> }.into_any()
        }
        None => view! { <span aria-hidden="true">{icon.svg()}</span> }.into_any(),
    };
    view! {
        <span class="siblings">
            {move || around.get().map(|(before, after, place)| view! {
                {step(Icon::CHEVRON_LEFT, "Previous in the list", "[", before)}
                <span>{place}</span>
                {step(Icon::CHEVRON_RIGHT, "Next in the list", "]", after)}
            })}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::leads_on;

    #[test]
    fn a_list_on_a_record_is_no_way_from_one_record_to_the_next() {
        assert!(leads_on("/events", "/events/1"));
        assert!(leads_on("/events", "/events/1?tab=guests"));
        assert!(leads_on("/", "/events/1"));
        assert!(leads_on("/events/1", "/users/2"));
        assert!(!leads_on("/events/1", "/events/1?tab=guests&guest=2"));
        assert!(!leads_on("/events/1/door-sales", "/events/1?tab=guests&guest=2"));
    }
}
