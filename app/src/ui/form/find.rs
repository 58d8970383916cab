//! A field that names another record: typed by name, sent by id.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::search::operations::search;
use eventify_core::search::{Hit, HitKind, SearchQuery, SearchText};
use leptos::ev::KeyboardEvent;
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
    if id == UNKNOWN { Err(super::words::NOT_CHOSEN.to_owned()) } else { Ok(()) }
}

/// How a hit stands in the field once it is chosen: two of one name differ in their detail.
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
    /// Where one that is not in the list is added, and what the link there says.
    #[prop(optional)]
    adds: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    form.register(
        FieldSpec::new(name, label, Kind::Text).required(required).check(Some(is_chosen)).unless(unless).chosen(),
    );
    let (text, found) = (RwSignal::new(String::new()), RwSignal::new(Vec::<Hit>::new()));
    let id = form.control(name);
    let (list, hidden) = (format!("{id}-list"), format!("{id}-value"));
    // Whether the list is shown, the entry that Enter takes, and that nothing has such a name.
    let (open, at, none) = (RwSignal::new(false), RwSignal::new(0), RwSignal::new(false));
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
            none.set(false);
            if let Some(input) = dom::by_id(&hidden).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
                input.set_value("");
            }
        }
    });
    let take: Arc<dyn Fn(usize) + Send + Sync> = {
        let (id, chosen) = (id.clone(), chosen.clone());
        Arc::new(move |at| {
            let Some(whole) = found.with_untracked(|hits| hits.get(at).map(shown)) else { return };
            if let Some(input) = dom::by_id(&id).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
                input.set_value(&whole);
            }
            chosen(&whole);
            text.set(whole);
            open.set(false);
            form.touched();
            form.mended(name);
        })
    };
    let option = {
        let id = id.clone();
        move |at: usize| format!("{id}-{at}")
    };
    let on_key = {
        let (take, option) = (take.clone(), option.clone());
        move |event: KeyboardEvent| {
            let (shown, count) = (open.get_untracked(), found.with_untracked(Vec::len));
            let step = match event.key().as_str() {
                "ArrowDown" => 1,
                "ArrowUp" => count.saturating_sub(1),
                "Enter" if shown => {
                    event.prevent_default();
                    return take(at.get_untracked());
                }
                // The dialog around it stays.
                "Escape" if shown => {
                    event.prevent_default();
                    event.stop_propagation();
                    return open.set(false);
                }
                _ => return,
            };
            if count == 0 {
                return;
            }
            event.prevent_default();
            match shown {
                true => at.update(|at| *at = (*at + step) % count),
                false => open.set(true),
            }
            if let Some(option) = dom::by_id(&option(at.get_untracked())) {
                option.scroll_into_view_with_bool(false);
            }
        }
    };
    let asked = id.clone();
    let on_input = move |event: web_sys::Event| {
        let typed = event_target_value(&event);
        text.set(typed.clone());
        none.set(false);
        if chosen(&typed) {
            return;
        }
        let Ok(q) = SearchText::parse(&typed) else {
            open.set(false);
            return found.set(Vec::new());
        };
        let (chosen, id) = (chosen.clone(), asked.clone());
        set_timeout(
            move || {
                // Somebody typed on meanwhile.
                if text.try_with_untracked(|now| *now != typed).unwrap_or(true) {
                    return;
                }
                let (chosen, id) = (chosen.clone(), id.clone());
                spawn_local(async move {
                    let hits = search(SearchQuery { q: Some(q) }).await.map(|page| page.items).unwrap_or_default();
                    let hits: Vec<Hit> = hits.into_iter().filter(|hit| hit.kind == of).collect();
                    let any = !hits.is_empty();
                    if text.try_with_untracked(|now| *now != typed).unwrap_or(true) {
                        return;
                    }
                    if found.try_set(hits).is_none() {
                        at.set(0);
                        open.set(any && dom::matches(&id, ":focus"));
                        none.set(!any);
                        // What was typed may be the whole name.
                        text.with_untracked(|now| chosen(now));
                    }
                });
            },
            PAUSE,
        );
    };
    let pick = option.clone();
    let options = move || {
        let entries = found.get().into_iter().enumerate().map(|(n, hit)| {
            let take = take.clone();
            let detail = (!hit.detail.is_empty()).then(|| view! { <small>{hit.detail.clone()}</small> });
            view! {
                <div role="option" id=pick(n) aria-selected=move || (at.get() == n).to_string() on:click=move |_| take(n)>
                    <span>{hit.title}</span>{detail}
                </div>
            }
        });
        entries.collect_view()
    };
    let control = view! {
        <div class="find">
            <input
                id=id.clone()
                role="combobox"
                aria-autocomplete="list"
                aria-expanded=move || open.get().to_string()
                aria-controls=list.clone()
                aria-activedescendant=move || open.get().then(|| option(at.get()))
                autocomplete="off"
                required=required
                placeholder="Type a name"
                aria-invalid=move || form.error(name).map(|_| "true")
                aria-describedby=super::fields::described(form, name, hint.is_some())
                on:input=on_input
                on:keydown=on_key
                on:blur=move |_| open.set(false)
            />
            // The field keeps the focus while one is clicked.
            <div class="find-list" id=list role="listbox" aria-label="Results" tabindex="-1" hidden=move || !open.get() on:mousedown=|event| event.prevent_default()>
                {options}
            </div>
            <div role="status">{move || none.get().then(|| view! { <p class="hint">"No matches"</p> })}</div>
        </div>
        <input type="hidden" id=hidden name=name/>
        {adds.map(|(path, words)| view! { <p class="hint"><a href=path target="_blank" rel="external noopener">{words}</a></p> })}
    };
    wrap(form, name, label.to_owned(), required, hint, control.into_any())
}
