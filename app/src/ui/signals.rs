//! What the whole application shares: whether it is alive, online and signed in, and how to move on.

use std::cell::Cell;
use std::sync::Arc;

use eventify_core::Error;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::SessionGate;

/// Signals of the application as a whole.
#[derive(Clone, Copy)]
pub struct Shell {
    /// False until the page answers to clicks: buttons that need it wait.
    pub alive: RwSignal<bool>,
    /// The browser has no network.
    pub offline: RwSignal<bool>,
    /// The last call did not reach the server.
    pub unreachable: RwSignal<bool>,
}

thread_local! {
    /// The hook for failed calls is a plain function; it finds the signals here.
    static HOOKED: Cell<Option<(Shell, SessionGate)>> = const { Cell::new(None) };
}

impl Shell {
    /// Creates the signals and, in the browser, keeps them true.
    pub fn provide() {
        let shell =
            Self { alive: RwSignal::new(false), offline: RwSignal::new(false), unreachable: RwSignal::new(false) };
        let gate = SessionGate::new();
        provide_context(shell);
        provide_context(gate);
        // Effects run in the browser only, once hydration is done.
        Effect::new(move |_| {
            shell.alive.set(true);
            if let Some(html) = document().document_element() {
                // For tests, which must not click before this.
                let _ = html.set_attribute("data-alive", "");
            }
            shell.offline.set(!window().navigator().on_line());
            HOOKED.set(Some((shell, gate)));
            operation::set_navigation_hook(react);
            for (event, offline) in [("online", false), ("offline", true)] {
                let handle = window_event_listener_untyped(event, move |_| {
                    shell.offline.set(offline);
                    shell.unreachable.set(false);
                });
                on_cleanup(move || handle.remove());
            }
            let handle = window_event_listener(ev::keydown, |event| {
                super::menu::keys(&event);
                if event.key() == "Escape" {
                    close_menus(None);
                }
            });
            on_cleanup(move || handle.remove());
            // A link in a menu leads away from it, even where the page stays.
            super::dom::on_document("click", |event| {
                let leads_away = super::dom::closest(&event, "a[href]").is_some();
                close_menus(if leads_away { None } else { super::dom::closest(&event, "details.menu") });
            });
        });
    }

    /// The signals; outside the application (tests of single parts) all is well.
    pub fn get() -> Self {
        use_context::<Self>().unwrap_or_else(|| Self {
            alive: RwSignal::new(true),
            offline: RwSignal::new(false),
            unreachable: RwSignal::new(false),
        })
    }
}

/// Closes every open menu but the one clicked in.
fn close_menus(but: Option<web_sys::Element>) {
    let Ok(open) = document().query_selector_all("details.menu[open]") else { return };
    for at in 0..open.length() {
        let Some(menu) = open.get(at) else { continue };
        let menu: web_sys::Element = wasm_bindgen::JsCast::unchecked_into(menu);
        if but.as_ref() != Some(&menu) {
            let _ = menu.remove_attribute("open");
        }
    }
}

/// Called with every failed call.
fn react(error: &Error) {
    let Some((shell, gate)) = HOOKED.get() else { return };
    if error.is_unreachable() {
        shell.unreachable.set(true);
    } else if matches!(error.code(), "session_expired" | "unauthenticated") {
        gate.ask();
    }
}

/// Goes to another page of ours.
pub type Go = Arc<dyn Fn(&str) + Send + Sync>;

/// How to go to another page from a callback.
pub fn use_go() -> Go {
    let navigate = use_navigate();
    Arc::new(move |path| navigate(path, NavigateOptions::default()))
}
