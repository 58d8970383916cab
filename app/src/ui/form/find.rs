//! A field that names another record: typed by name, sent by id.

use std::time::Duration;

use eventify_core::search::operations::search;
use eventify_core::search::{Hit, HitKind, SearchQuery, SearchText};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::data::FieldSpec;
use super::fields::wrap;
use super::{FormState, Kind};
use crate::ui::dom;

/// Typing rests this long before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);

/// What is sent for words that name no record.
const UNKNOWN: &str = "?";

fn is_chosen(id: &str) -> Result<(), String> {
    if id == UNKNOWN { Err("choose one from the list".to_owned()) } else { Ok(()) }
}

/// How a hit stands in the list: two of one name differ in their detail.
fn shown(hit: &Hit) -> String {
    if hit.detail.is_empty() { hit.title.clone() } else { format!("{} · {}", hit.title, hit.detail) }
}

/// One record of this kind, by the beginnings of its words.
#[component]
pub fn Find(
    /// The field of the operation's input: an id.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// What is looked for.
    of: HitKind,
    /// Must be chosen.
    #[prop(default = true)]
    required: bool,
    /// This other field does as well.
    #[prop(optional)]
    unless: Option<&'static str>,
    /// A line of help.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// Told which one is chosen.
    #[prop(optional)]
    chooses: Option<Callback<Option<Uuid>>>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    form.register(FieldSpec::new(name, label, Kind::Text).required(required).check(Some(is_chosen)).unless(unless));
    let (text, found) = (RwSignal::new(String::new()), RwSignal::new(Vec::<Hit>::new()));
    let id = form.control(name);
    let (list, hidden) = (format!("{id}-list"), format!("{id}-value"));
    let chosen = {
        let hidden = hidden.clone();
        move |typed: &str| {
            // The one that was chosen, or the only one with the name that was typed.
            let hit = found.with_untracked(|hits| {
                let named = |hit: &&Hit| hit.title.to_lowercase() == typed.trim().to_lowercase();
                let only = hits.iter().find(named).filter(|_| hits.iter().filter(named).count() == 1);
                hits.iter().find(|hit| shown(hit) == typed).or(only).map(|hit| hit.id)
            });
            if let Some(input) = dom::by_id(&hidden).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
                let unknown = if typed.trim().is_empty() { "" } else { UNKNOWN };
                input.set_value(&hit.map_or_else(|| unknown.to_owned(), |id| id.to_string()));
            }
            if let Some(chooses) = chooses {
                chooses.run(hit);
            }
            hit.is_some()
        }
    };
    form.on_reset({
        let hidden = hidden.clone();
        move || {
            text.set(String::new());
            found.set(Vec::new());
            if let Some(input) = dom::by_id(&hidden).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
                input.set_value("");
            }
        }
    });
    let on_input = move |event: web_sys::Event| {
        let typed = event_target_value(&event);
        text.set(typed.clone());
        if chosen(&typed) {
            return;
        }
        let Ok(q) = SearchText::parse(&typed) else { return found.set(Vec::new()) };
        let chosen = chosen.clone();
        set_timeout(
            move || {
                // Somebody typed on meanwhile.
                if text.try_with_untracked(|now| *now != typed).unwrap_or(true) {
                    return;
                }
                let chosen = chosen.clone();
                spawn_local(async move {
                    let hits = search(SearchQuery { q: Some(q) }).await.map(|page| page.items).unwrap_or_default();
                    let hits = hits.into_iter().filter(|hit| hit.kind == of).collect();
                    if found.try_set(hits).is_none() {
                        // What was typed may be the whole name.
                        text.with_untracked(|now| chosen(now));
                    }
                });
            },
            PAUSE,
        );
    };
    let control = view! {
        <input
            id=id.clone()
            list=list.clone()
            autocomplete="off"
            required=required
            placeholder="Type a name"
            aria-invalid=move || form.error(name).map(|_| "true")
            aria-describedby=super::fields::described(form, name, hint.is_some())
            on:input=on_input
        />
        <datalist id=list>
            <For each=move || found.get() key=|hit| hit.id children=|hit| view! { <option value=shown(&hit)></option> }/>
        </datalist>
        <input type="hidden" id=hidden name=name/>
    };
    wrap(form, name, label.to_owned(), required, hint, control.into_any())
}
