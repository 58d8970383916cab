//! Links to the parts of a record. The chosen one is always in view, also where the strip is wider than the screen.

use leptos::html::Nav;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Icon;

/// `(key, label, count)`: the key is `?tab=`; one that begins with a slash is a page of its own.
pub type Tab = (&'static str, &'static str, Option<i64>);

/// The tabs of a record; the first is the default.
pub fn tabs(label: &str, path: &str, current: &str, tabs: &[Tab]) -> AnyView {
    tabs_with_more(label, path, current, tabs, &[])
}

/// The same with those that are needed rarely behind “More”, which opens without script; the one that is chosen stands
/// among the others.
pub fn tabs_with_more(label: &str, path: &str, current: &str, often: &[Tab], rare: &[Tab]) -> AnyView {
    let (here, hidden): (Vec<Tab>, Vec<Tab>) = rare.iter().copied().partition(|(key, ..)| *key == current);
    let first = often.first().map(|(key, ..)| *key).unwrap_or_default();
    let link = |(key, label, count): Tab| {
        let href = match key {
            // A page of its own below the record.
            key if key.starts_with('/') => format!("{path}{key}"),
            key if key == first => path.to_owned(),
            key => format!("{path}?tab={key}"),
        };
        let here = (key == current).then_some("page");
        let count = count.map(|n| view! { " "<span class="count">{n}</span> });
        view! { <li><a href=href aria-current=here data-noscroll="">{label}{count}</a></li> }
    };
    let links = often.iter().copied().chain(here).map(link).collect_view();
    let more = (!hidden.is_empty()).then(|| {
        view! {
            <details class="menu" name="page">
                <summary>"More"{Icon::CHEVRON_DOWN.svg()}</summary>
                <div class="menu-panel"><ul role="list">{hidden.into_iter().map(link).collect_view()}</ul></div>
            </details>
        }
    });
    let strip = NodeRef::<Nav>::new();
    Effect::new(move |_| {
        if let Some(strip) = strip.get() {
            show_current(&strip);
        }
    });
    view! { <nav class="tabs" aria-label=label.to_owned() node_ref=strip><ul>{links}</ul>{more}</nav> }.into_any()
}

/// Scrolls the strip, and nothing else, until the chosen tab is in its middle: browsers that know
/// `scroll-initial-target` have done so already, but only for a strip that came with the page.
fn show_current(strip: &HtmlElement) {
    let found = |selector: &str| strip.query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    if let (Some(list), Some(tab)) = (found("ul"), found("ul > li > [aria-current]")) {
        // The list is positioned: the tab's place is counted from its edge.
        list.set_scroll_left(tab.offset_left() - (list.client_width() - tab.offset_width()) / 2);
    }
}
