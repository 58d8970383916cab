//! The HTML document around the application, and what the browser is permitted to load for it.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::files::Files;
use crate::theme::Theme;
use crate::ui::Brand;

/// The whole document.
pub fn shell(files: &Files, brand: &Brand) -> impl IntoView + use<> {
    let theme = Theme::of_request();
    provide_context(theme);
    provide_context(brand.clone());
    policy();
    let style = files.address("/pkg/eventify.css").to_owned();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // Links carry tokens, so other sites learn nothing; our own forms must still say where they come from
                // (with "no-referrer" browsers send "Origin: null").
                <meta name="referrer" content="same-origin"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=style/>
                {colours(brand)}
                // The browser's half reads it too.
                <meta name="application-name" content=brand.name.clone() data-logo=brand.logo.clone()/>
                {scripts(files)}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Pages on which one signs in: forms that need a few lines of script and no WASM.
const DOOR: [&str; 3] = ["/sign-in", "/sign-in/code", "/forgot-password"];

fn at_the_door() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| DOOR.contains(&parts.uri.path()))
}

/// Where one signs in it looks as the organisation's own pages do; behind that the colours are Eventify's.
fn colours(brand: &Brand) -> Option<AnyView> {
    let style = brand.style.clone().filter(|_| at_the_door())?;
    Some(view! { <link rel="stylesheet" href=style/> }.into_any())
}

/// What makes the page come alive. At the door that is `/door.js`, which fetches the rest while nothing else is done.
fn scripts(files: &Files) -> AnyView {
    if at_the_door() {
        let (door, next) = (files.address("/door.js").to_owned(), files.behind_the_door());
        return view! { <script src=door defer data-next=next></script> }.into_any();
    }
    if let Some(split) = files.split() {
        provide_context(split);
    }
    let [script, wasm] = files.main().map(str::to_owned);
    let start = START.replace("SCRIPT", &format!("{script:?}")).replace("WASM", &format!("{wasm:?}"));
    view! {
        // What `ui::dom::script` asks for.
        <meta name="scripts" content=files.scripts()/>
        <link rel="modulepreload" href=script crossorigin=""/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=""/>
        <script type="module" nonce=use_nonce()>{start}</script>
    }
    .into_any()
}

/// Brings the page to life. What it is made of went with its version, if another one answers meanwhile: then the page comes
/// anew, of that one, once.
const START: &str = "
    const anew = 'eventify-anew';
    const main = await import(SCRIPT)
        .then(async (main) => (await main.default({ module_or_path: WASM }), main))
        .catch(async (lost) => {
            const answers = await fetch('/healthz').then((answer) => answer.ok, () => false);
            if (!answers || sessionStorage.getItem(anew)) throw lost;
            sessionStorage.setItem(anew, 'once');
            location.reload();
        });
    if (main) {
        sessionStorage.removeItem(anew);
        main.hydrate();
    }
";

/// Scripts run only with this page's nonce; nothing is loaded from elsewhere.
fn policy() {
    if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<leptos_axum::ResponseOptions>()) {
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
