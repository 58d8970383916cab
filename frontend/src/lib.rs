//! What the browser loads: it brings the server-rendered Command Center to life.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script Leptos puts into the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
