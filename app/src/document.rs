//! The HTML document around the application, and what the browser is permitted to load for it.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::theme::Theme;

/// The whole document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = Theme::of_request();
    provide_context(theme);
    policy();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.word()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // Links carry tokens, so other sites learn nothing; our own forms must still say where they come from
                // (with "no-referrer" browsers send "Origin: null").
                <meta name="referrer" content="same-origin"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href="/pkg/eventify.css"/>
                {scripts(options)}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Pages on which one signs in: forms that need a few lines of script and no WASM.
#[cfg(feature = "ssr")]
const DOOR: [&str; 3] = ["/sign-in", "/sign-in/code", "/forgot-password"];

/// What makes the page come alive. At the door that is `/door.js`, which fetches the rest while nothing else is done.
fn scripts(options: LeptosOptions) -> AnyView {
    #[cfg(feature = "ssr")]
    if use_context::<http::request::Parts>().is_some_and(|parts| DOOR.contains(&parts.uri.path())) {
        return view! { <script src="/door.js" defer></script> }.into_any();
    }
    view! { <HydrationScripts options/> }.into_any()
}

/// Scripts run only with this page's nonce; nothing is loaded from elsewhere.
fn policy() {
    #[cfg(feature = "ssr")]
    if let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<leptos_axum::ResponseOptions>()) {
        let policy = format!(
            "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
             object-src 'none'"
        );
        if let Ok(value) = http::HeaderValue::from_str(&policy) {
            response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
        }
    }
}
