//! Live data: a page says in a line what it listens to. `/live.js` holds one stream for all tabs of the browser; what a
//! tab listens to stands in `data-live` of its document, what was heard comes as an event of its window.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventify_core::bus::fits;
use eventify_core::kernel::timestamp::Timestamp;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::{Icon, dom, own_name};

const SCRIPT: &str = "/live.js";
/// The type by which a page hears that the line stands, every few seconds; nothing else comes with it.
pub const BEAT: &str = "beat";
/// Things that happen together are looked up together.
const GATHER: Duration = Duration::from_millis(400);

/// What a page hears.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Heard {
    /// The event's type, or the name of what is watched (`job`).
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of what it happened to.
    pub aggregate_id: String,
    /// What is to be known of it.
    pub payload: Value,
    /// When it happened; what is watched has no moment.
    pub at: Option<Timestamp>,
    /// The team member who did it.
    pub by: Option<String>,
    /// The stream was away for long: anything may have happened.
    pub anew: bool,
}

impl Default for Heard {
    fn default() -> Self {
        Self { kind: String::new(), aggregate_id: String::new(), payload: Value::Null, at: None, by: None, anew: false }
    }
}

type Listener = Arc<dyn Fn(&Heard) + Send + Sync>;

thread_local! {
    static LISTENERS: RefCell<Listeners> = RefCell::default();
}

#[derive(Default)]
struct Listeners {
    next: u32,
    all: BTreeMap<u32, (Vec<String>, Listener)>,
    started: bool,
}

/// Calls `heard` with each event of these types (`event.*`), or whenever what is watched is another than before
/// (`job:<id>`), until the owner is cleaned up. Only in the browser.
pub fn watch(types: &[&str], heard: impl Fn(&Heard) + Send + Sync + 'static) {
    watch_all(types.iter().map(|kind| (*kind).to_owned()).collect(), Arc::new(heard));
}

fn watch_all(types: Vec<String>, heard: Listener) {
    let own = StoredValue::new(None::<u32>);
    Effect::new(move |_| own.set_value(Some(add(types.clone(), heard.clone()))));
    on_cleanup(move || {
        if let Some(own) = own.try_get_value().flatten() {
            LISTENERS.with_borrow_mut(|listeners| listeners.all.remove(&own));
            say();
        }
    });
}

fn add(types: Vec<String>, heard: Listener) -> u32 {
    let (own, first) = LISTENERS.with_borrow_mut(|listeners| {
        listeners.next += 1;
        listeners.all.insert(listeners.next, (types, heard));
        (listeners.next, !std::mem::replace(&mut listeners.started, true))
    });
    if first {
        // For the life of the document.
        let _handle = window_event_listener_untyped("eventify-live", |event| {
            let detail = js_sys::Reflect::get(&event, &"detail".into()).ok().and_then(|detail| detail.as_string());
            if let Some(heard) = detail.and_then(|detail| serde_json::from_str(&detail).ok()) {
                tell(&heard);
            }
        });
    }
    say();
    if first {
        dom::script(SCRIPT);
    }
    own
}

/// Says what this tab listens to by now.
fn say() {
    let types: BTreeSet<String> =
        LISTENERS.with_borrow(|listeners| listeners.all.values().flat_map(|(types, _)| types.clone()).collect());
    let types: Vec<String> = types.into_iter().filter(|kind| kind != BEAT).collect();
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("data-live", &types.join(","));
    }
    if let Ok(event) = web_sys::Event::new("eventify-live-wants") {
        let _ = window().dispatch_event(&event);
    }
}

fn tell(heard: &Heard) {
    let listens = |types: &[String]| {
        heard.anew
            || types.iter().any(|own| match own.split_once(':') {
                Some((name, id)) => name == heard.kind && id == heard.aggregate_id,
                None => fits(own, &heard.kind),
            })
    };
    // Whoever hears may listen to something else by that.
    let told: Vec<_> = LISTENERS.with_borrow(|listeners| {
        listeners.all.values().filter(|(types, _)| listens(types)).map(|(_, told)| told.clone()).collect()
    });
    for told in told {
        told(heard);
    }
}

/// Does it once for all that is heard within a moment; while a dialog is open or something is on its way to another
/// place it waits, for what is drawn anew would take it away, with all that was typed in it.
pub fn gathered(act: impl Fn() + Clone + Send + Sync + 'static) -> impl Fn() + Send + Sync + 'static {
    let waiting = Arc::new(AtomicBool::new(false));
    move || {
        if !waiting.swap(true, Ordering::Relaxed) {
            later(act.clone(), waiting.clone());
        }
    }
}

fn later(act: impl Fn() + 'static, waiting: Arc<AtomicBool>) {
    let now = move || match dom::in_use() {
        true => later(act, waiting),
        false => {
            waiting.store(false, Ordering::Relaxed);
            act();
        }
    };
    // Boxed: it calls itself.
    let now: Box<dyn FnOnce()> = Box::new(now);
    set_timeout(now, GATHER);
}

/// The text of this field of what is said, for [`newcomers`].
pub fn field(heard: &Heard, name: &str) -> Vec<String> {
    heard.payload[name].as_str().map(str::to_owned).into_iter().collect()
}

/// Loads what is shown again whenever one of these is heard.
pub fn follow(types: &[&str], again: impl Fn() + Clone + Send + Sync + 'static) {
    let again = gathered(again);
    watch(types, move |_| again());
}

/// The same of what happens to this one.
pub fn follow_one(types: &[&str], id: impl ToString, again: impl Fn() + Clone + Send + Sync + 'static) {
    let (id, again) = (id.to_string(), gathered(again));
    watch(types, move |heard| {
        if heard.anew || heard.aggregate_id == id {
            again();
        }
    });
}

/// A line over a list: "3 new guests", and what shows them. `new` answers what has come to this list by an event,
/// by id; `shown` are those that are there already.
pub fn newcomers(
    types: &[&str],
    noun: (&'static str, &'static str),
    shown: Vec<String>,
    new: impl Fn(&Heard) -> Vec<String> + Send + Sync + 'static,
    show: impl Fn() + Clone + Send + Sync + 'static,
) -> AnyView {
    let come = RwSignal::new(BTreeSet::<String>::new());
    watch(types, move |heard| {
        let more: Vec<_> = new(heard).into_iter().filter(|id| !shown.contains(id)).collect();
        if !more.is_empty() {
            let _ = come.try_update(|come| come.extend(more));
        }
    });
    let text = move || match come.with(BTreeSet::len) {
        0 => None,
        1 => Some(format!("1 new {}", noun.0)),
        n => Some(format!("{n} new {}", noun.1)),
    };
    line(Signal::derive(text), move || {
        come.update(BTreeSet::clear);
        show();
    })
}

/// Who changed what is shown: what one did oneself was in another tab.
fn changed_by(by: Option<&str>, own: Option<&str>) -> String {
    match by {
        Some(by) if Some(by) == own => "You changed this in another tab".to_owned(),
        Some(by) => format!("Changed by {by} just now"),
        None => "Changed just now".to_owned(),
    }
}

/// A line over an open record: "Changed by Meera Iyer just now", and what shows it. `seen` is when what is shown was
/// changed last.
pub fn changed(
    types: &[&str],
    id: String,
    seen: Timestamp,
    show: impl Fn() + Clone + Send + Sync + 'static,
) -> AnyView {
    let (said, own) = (RwSignal::new(None::<String>), own_name());
    watch(types, move |heard| {
        if heard.aggregate_id == id && heard.at.is_some_and(|at| at.0 > seen.0) {
            let own = own.try_get_value().flatten();
            let _ = said.try_set(Some(changed_by(heard.by.as_deref(), own.as_deref())));
        }
    });
    line(said.into(), move || {
        said.set(None);
        show();
    })
}

/// Said politely, without moving anything else while there is nothing to say.
fn line(text: Signal<Option<String>>, show: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    let said = move || {
        let show = show.clone();
        text.get().map(|text| {
            view! {
                <p class="news">
                    {Icon::REFRESH.svg()}
                    <span>{text}</span>
                    <button class="btn small" type="button" on:click=move |_| show()>"Show"</button>
                </p>
            }
        })
    };
    view! { <div class="news-line" role="status">{said}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::changed_by;

    #[test]
    fn what_one_did_oneself_was_in_another_tab() {
        assert_eq!(changed_by(Some("Asha Rao"), Some("Asha Rao")), "You changed this in another tab");
        assert_eq!(changed_by(Some("Meera Iyer"), Some("Asha Rao")), "Changed by Meera Iyer just now");
        assert_eq!(changed_by(None, Some("Asha Rao")), "Changed just now");
    }
}
