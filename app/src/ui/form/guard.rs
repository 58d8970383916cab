//! Asks before typed changes are left behind.

use leptos::ev;
use leptos::prelude::*;

use crate::ui::dom;

const QUESTION: &str = "Leave without saving your changes?";

/// While the signal says so, closing the page or following a link asks first.
pub(super) fn guard(dirty: RwSignal<bool>) {
    Effect::new(move |_| {
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if dirty.try_get_untracked() == Some(true) {
                event.prevent_default();
            }
        });
        on_cleanup(move || unload.remove());
        // The router listens on the window, so the document hears of a click before it does.
        dom::on_document("click", move |event| {
            let leaves = dom::closest(&event, "a[href]").is_some_and(|link| {
                let elsewhere = link.get_attribute("href").is_some_and(|href| !href.starts_with('#'));
                elsewhere && !link.has_attribute("target") && !link.has_attribute("download")
            });
            if leaves && !event.default_prevented() && dirty.try_get_untracked() == Some(true) {
                if window().confirm_with_message(QUESTION).unwrap_or(true) {
                    dirty.set(false);
                } else {
                    event.prevent_default();
                }
            }
        });
    });
}
