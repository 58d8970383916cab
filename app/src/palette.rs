//! The command palette: pages, actions and records from one line. Ctrl-K (⌘K) opens it.

use std::time::Duration;

use eventify::access::Me;
use eventify::search::operations::search;
use eventify::search::{Hit, HitKind, SearchQuery, SearchText};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::pages::PAGES;
use crate::ui::{Go, Icon, dom, use_go};

const DIALOG: &str = "palette";
const INPUT: &str = "palette-input";
/// Typing rests this long before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);

/// One line of the list.
#[derive(Clone, PartialEq)]
struct Entry {
    group: &'static str,
    icon: Icon,
    title: String,
    detail: String,
    href: String,
}

/// The button in the bar. Without script it is not shown.
pub fn palette_button() -> AnyView {
    view! {
        <button class="palette-open" type="button" aria-haspopup="dialog" on:click=|_| open()>
            {Icon::SEARCH.svg()}<span>"Search or jump to…"</span><kbd>"Ctrl K"</kbd>
        </button>
    }
    .into_any()
}

fn open() {
    dom::dialog(DIALOG, true);
    dom::focus(INPUT);
}

/// The dialog, for what this person may see.
pub fn palette(me: &Me) -> AnyView {
    let (places, go) = (places(me), use_go());
    let (text, found, chosen) = (RwSignal::new(String::new()), RwSignal::new(Vec::<Hit>::new()), RwSignal::new(0));
    let entries = Memo::new(move |_| {
        let typed = text.get().to_lowercase();
        let fits = |entry: &&Entry| typed.split_whitespace().all(|word| entry.title.to_lowercase().contains(word));
        let hits = found.get();
        places.iter().filter(fits).cloned().chain(hits.iter().map(record)).collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        let typed = text.get();
        chosen.set(0);
        match SearchText::parse(&typed) {
            Ok(q) => set_timeout(move || ask(q, typed, text, found), PAUSE),
            Err(_) => found.set(Vec::new()),
        }
    });
    Effect::new(move |_| {
        dom::on_document("keydown", |event| {
            let event: KeyboardEvent = event.unchecked_into();
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                open();
            }
        });
    });
    let on_key = move |event: KeyboardEvent| {
        let count = entries.with(Vec::len);
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => count.saturating_sub(1),
            "Enter" => {
                event.prevent_default();
                if let Some(option) = dom::by_id(&format!("pal-{}", chosen.get_untracked())) {
                    option.click();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if count > 0 {
            chosen.update(|at| *at = (*at + step) % count);
            if let Some(option) = dom::by_id(&format!("pal-{}", chosen.get_untracked())) {
                option.scroll_into_view_with_bool(false);
            }
        }
    };
    let closed = move |_| {
        text.set(String::new());
        found.set(Vec::new());
    };
    view! {
        <dialog class="palette" id=DIALOG aria-label="Command palette" on:close=closed>
            <div class="palette-search">
                {Icon::SEARCH.svg()}
                <input
                    id=INPUT
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="pal-list"
                    aria-autocomplete="list"
                    aria-activedescendant=move || entries.with(|e| !e.is_empty()).then(|| format!("pal-{}", chosen.get()))
                    aria-label="Search pages, records and actions"
                    placeholder="Search pages, records, actions"
                    autocomplete="off"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=on_key
                />
                <kbd>"Esc"</kbd>
            </div>
            <div class="palette-list" id="pal-list" role="listbox" aria-label="Results" tabindex="-1">
                {move || list(&entries.get(), chosen, &go)}
            </div>
            <div class="palette-foot" aria-hidden="true">
                <span><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" choose"</span>
                <span><kbd>"Enter"</kbd>" open"</span>
                <span><kbd>"Esc"</kbd>" close"</span>
            </div>
        </dialog>
    }
    .into_any()
}

/// Asks the server, unless more was typed meanwhile; an answer to an older question is dropped.
fn ask(q: SearchText, typed: String, text: RwSignal<String>, found: RwSignal<Vec<Hit>>) {
    let still = move || text.try_get_untracked().is_some_and(|now| now == typed);
    if still() {
        spawn_local(async move {
            if let Ok(hits) = search(SearchQuery { q: Some(q) }).await
                && still()
            {
                found.set(hits.items);
            }
        });
    }
}

fn list(entries: &[Entry], chosen: RwSignal<usize>, go: &Go) -> AnyView {
    let options = entries.iter().enumerate().map(|(at, entry)| {
        let first = at == 0 || entries[at - 1].group != entry.group;
        let group = first.then(|| view! { <div class="palette-group" role="presentation">{entry.group}</div> });
        let (icon, title, href, go) = (entry.icon, entry.title.clone(), entry.href.clone(), go.clone());
        let detail = (!entry.detail.is_empty()).then(|| view! { <small>{entry.detail.clone()}</small> });
        let visit = move |_| {
            dom::dialog(DIALOG, false);
            go(&href);
        };
        view! {
            {group}
            <div
                role="option"
                id=format!("pal-{at}")
                aria-selected=move || if chosen.get() == at { "true" } else { "false" }
                on:click=visit
            >
                {icon.svg()}<span>{title}</span>{detail}
            </div>
        }
    });
    match entries.is_empty() {
        true => view! { <p class="palette-group" role="status">"Nothing found"</p> }.into_any(),
        false => options.collect_view().into_any(),
    }
}

/// The pages this person may open, then what they may begin.
fn places(me: &Me) -> Vec<Entry> {
    let allowed = || PAGES.iter().filter(|p| !p.path.contains('{') && p.permission.is_none_or(|p| me.may_somewhere(p)));
    let entry = |group, icon| {
        move |page: &crate::pages::PageMeta| Entry {
            group,
            icon,
            title: page.title.to_owned(),
            detail: page.group.to_owned(),
            href: page.path.to_owned(),
        }
    };
    let pages = allowed().filter(|page| page.in_menu).map(|page| entry("Pages", page.icon)(page));
    let actions = allowed().filter(|page| !page.in_menu).map(entry("Actions", Icon::CHEVRON_RIGHT));
    pages.chain(actions).collect()
}

fn record(hit: &Hit) -> Entry {
    let (group, icon, folder) = match hit.kind {
        HitKind::Staff => ("Team", Icon::USER, "/team"),
        HitKind::Partner => ("Partners", Icon::BUILDING, "/partners"),
        HitKind::Event => ("Events", Icon::CALENDAR, "/events"),
        HitKind::Venue => ("Venues", Icon::PLACE, "/venues"),
        HitKind::User => ("Users", Icon::USER, "/users"),
        HitKind::Role => ("Roles", Icon::SHIELD, "/roles"),
    };
    Entry { group, icon, title: hit.title.clone(), detail: hit.detail.clone(), href: format!("{folder}/{}", hit.id) }
}
