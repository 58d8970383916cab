//! What the browser loads: it brings the server-rendered Command Center to life.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script Leptos puts into the page. What the page needs is loaded first, so that
/// everything is there when it comes alive; if that fails, the page stays what the server sent.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    if app::pages::preload_here().await.is_ok() {
        leptos::mount::hydrate_body(app::App);
    }
}
