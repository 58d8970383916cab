//! The few things asked of the browser directly. They are called from event handlers and effects,
//! never while the server renders.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

/// The element with this id.
pub fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Calls a method without arguments, for the newer ones (`showModal`, `hidePopover`).
pub fn call(target: &JsValue, method: &str) {
    if let Ok(function) = Reflect::get(target, &method.into())
        && let Ok(function) = function.dyn_into::<Function>()
    {
        let _ = function.call0(target);
    }
}

/// Opens or closes the `<dialog>` with this id. What there is to fill in gets the focus.
pub fn dialog(id: &str, open: bool) {
    const FIELDS: &str = ".dialog-body :is(input:not([type='hidden']), select, textarea)";
    let Some(element) = by_id(id) else { return };
    if element.has_attribute("open") == open {
        return;
    }
    call(&element, if open { "showModal" } else { "close" });
    if open && let Ok(Some(field)) = element.query_selector(FIELDS) {
        let _ = field.unchecked_into::<HtmlElement>().focus();
    }
}

/// Whether the page's address ends in `#` and this. It does so no more then: what it asks for is done once.
pub fn take_fragment(name: &str) -> bool {
    let location = window().location();
    if location.hash().ok().as_deref().and_then(|hash| hash.strip_prefix('#')) != Some(name) {
        return false;
    }
    let (path, search) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or_default();
        let _ = history.replace_state_with_url(&state, "", Some(&format!("{path}{search}")));
    }
    true
}

/// Whether a dialog is open, or something is being moved.
pub fn in_use() -> bool {
    document().query_selector("dialog[open], [data-moving]").is_ok_and(|open| open.is_some())
}

/// Puts the fields of the form with this id back to what it came with; it hears of it by its `reset` event.
pub fn reset(id: &str) {
    if let Some(form) = by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlFormElement>().ok()) {
        form.reset();
    }
}

/// Moves the focus to the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = by_id(id) {
        let _ = element.focus();
    }
}

/// Presses the first button that matches, where there is one.
pub fn press(selector: &str) {
    if let Ok(Some(button)) = document().query_selector(selector) {
        button.unchecked_into::<HtmlElement>().click();
    }
}

/// Whether the element under this id matches a selector.
pub fn matches(id: &str, selector: &str) -> bool {
    by_id(id).is_some_and(|element| element.matches(selector).unwrap_or(false))
}

/// The nearest element around an event's target that matches.
pub fn closest(event: &web_sys::Event, selector: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok().flatten()
}

/// Asks for a script of ours, once for the whole visit.
pub fn script(name: &str) -> Option<Element> {
    let src = &address(name);
    if let Some(known) = document().query_selector(&format!("script[src='{src}']")).ok().flatten() {
        return Some(known);
    }
    let script = document().create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    script.set_attribute("src", src).ok()?;
    document().head()?.append_child(&script).ok()?;
    Some(script)
}

/// Where a script (`/live.js`) is: the page names them with their contents' hash.
fn address(name: &str) -> String {
    let named = document().query_selector("meta[name='scripts']").ok().flatten();
    let named = named.and_then(|named| named.get_attribute("content")).unwrap_or_default();
    let begin = format!("{}.", name.trim_end_matches(".js"));
    named.split(' ').find(|address| address.starts_with(&begin)).unwrap_or(name).to_owned()
}

/// Whether the server has something at an address just now.
pub async fn is_there(address: &str) -> bool {
    let answer = wasm_bindgen_futures::JsFuture::from(window().fetch_with_str(address)).await;
    answer.and_then(|answer| Reflect::get(&answer, &"ok".into())).is_ok_and(|ok| ok.is_truthy())
}

/// Copies text; the answer comes to `done`.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    // Absent where the page is not reached over TLS or from this machine.
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
    if clipboard.is_undefined() {
        return done(false);
    }
    let promise = window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        done(wasm_bindgen_futures::JsFuture::from(promise).await.is_ok());
    });
}

/// Listens on the whole document until the owner is cleaned up.
pub fn on_document(event: &'static str, handler: impl Fn(web_sys::Event) + 'static) {
    let closure = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::Event)>::new(handler);
    let function: Function = closure.into_js_value().unchecked_into();
    let _ = document().add_event_listener_with_callback(event, &function);
    let function = send_wrapper::SendWrapper::new(function);
    on_cleanup(move || {
        let _ = document().remove_event_listener_with_callback(event, &function);
    });
}
